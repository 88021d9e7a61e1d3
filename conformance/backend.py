#!/usr/bin/env python3
"""Compares what `slotwise memory` says of RocksDB with Flink's own classes.

    python3 conformance/backend.py [--count N] [--seed S] [--binary PATH] [RELEASE...]

Compared are the share of a slot's managed memory alone and beside Python, block cache, write buffer
manager, arena block and the limit it is checked against. The slot's size itself is `memory.py`'s task.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import flink

MB = 1 << 20


def configuration(chooser, release):
    """Options of one case, and the ratio and write buffer that it sets."""
    options = {
        "taskmanager.memory.process.size": f"{chooser.randint(700, 20000)}m",
        "taskmanager.numberOfTaskSlots": str(chooser.choice([1, 2, 3, 4, 7, 16])),
        "state.backend.type" if flink.minor(release) >= (1, 17) else "state.backend": "rocksdb",
    }
    if chooser.random() < 0.5:
        options["state.backend.rocksdb.memory.write-buffer-ratio"] = str(round(chooser.uniform(0.01, 0.99), 3))
    if chooser.random() < 0.5:
        options["state.backend.rocksdb.writebuffer.size"] = f"{chooser.randint(1, 400 << 20)}b"
    if chooser.random() < 0.3:
        options["state.backend.rocksdb.memory.fixed-per-slot"] = f"{chooser.randint(1, 3000 << 20)}b"
    if chooser.random() < 0.4 and flink.minor(release) >= (1, 12):
        names = ["DATAPROC", "PYTHON"] if flink.minor(release) < (1, 13) else ["OPERATOR", "STATE_BACKEND", "PYTHON", "DATAPROC"]
        names = chooser.sample(names, chooser.randint(1, len(names)))
        weights = [f"{name}:{chooser.choice([0, 1, 30, 70, 33, 99])}" for name in names]
        options["taskmanager.memory.managed.consumer-weights"] = ",".join(weights)
    return options


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="cases per release")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--binary", default="target/release/slotwise")
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    arguments = parser.parse_args()
    total = 0
    for release in arguments.releases or flink.RELEASES:
        name = "flink-conf.yaml" if flink.minor(release) < (1, 19) else "config.yaml"
        cases = []
        with tempfile.TemporaryDirectory() as scratch:
            for index in range(arguments.count):
                options = configuration(random.Random(f"{arguments.seed}/{release}/{index}"), release)
                path = pathlib.Path(scratch, str(index), name)
                path.parent.mkdir()
                quote = "'" if name == "config.yaml" else ""
                text = "".join(f"{key}: {quote}{value}{quote}\n" for key, value in options.items())
                path.write_text(text)
                cases.append((path, text, options))
            command = [arguments.binary, "memory", "--format", "jsonl", "--target", f"flink-{release}"]
            done = subprocess.run(command + [str(path) for path, *_ in cases], capture_output=True, check=True)
        ours = [json.loads(line) for line in done.stdout.splitlines()]
        ours = [(case, answer) for case, answer in zip(cases, ours, strict=True) if answer["backend"]]
        requests = []
        for (_, text, options), answer in ours:
            fixed = options.get("state.backend.rocksdb.memory.fixed-per-slot", "b").removesuffix("b")
            figures = {
                "slot": answer["slot"]["managed"],
                "budget": fixed or answer["backend"]["per_slot"],
                "ratio": options.get("state.backend.rocksdb.memory.write-buffer-ratio", "0.5"),
                "buffer": options.get("state.backend.rocksdb.writebuffer.size", f"{64 * MB}b").removesuffix("b"),
            }
            requests.append((name, text.encode(), [f"{key}={value}" for key, value in figures.items()]))
        differences = 0
        for ((_, text, options), answer), truth in zip(ours, flink.run(release, "Backend", requests)):
            if "error" in truth:
                raise RuntimeError(f"{text}{truth}")
            backend = answer["backend"]
            sane = truth.pop("sane", None)
            found = {key: backend.get(key) for key in truth}
            if backend["memory"] == "managed":
                found["alone"], found["beside_python"] = backend["per_slot"], backend["per_slot_beside_python"]
                truth["alone"] = backend["per_slot"] if truth["alone"] is None else truth["alone"]
            else:
                del found["alone"], truth["alone"], found["beside_python"], truth["beside_python"]
            warned = any(warning["kind"] == "arena-block-above-mutable-limit" for warning in backend["warnings"])
            if sane is not None and backend["write_buffer_manager_capacity"]:
                found["sane"], truth["sane"] = not warned, sane
            if found != truth:
                differences += 1
                if differences <= 3:
                    print(f"--- flink-{release}\n{text}  Flink    {truth}\n  slotwise {found}")
        total += differences
        print(f"flink-{release}: {len(ours)} cases, {differences} differences", flush=True)
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
