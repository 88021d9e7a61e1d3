#!/usr/bin/env python3
"""Writes the golden memory cases: configurations and what real Flink derives from them.

    python3 conformance/golden.py [RELEASE...]

Each case is a folder `fixtures/flink/RELEASE/CASE/` with the configuration file, `dynamic.txt` if there
are -D properties, and `expected.json` as `memory.py` turns Flink's answer into slotwise's shape. Never
edit these by hand.
"""

import json
import pathlib
import shutil
import sys

import flink
import memory

ROOT = pathlib.Path(__file__).parent.parent / "fixtures/flink"
TM, JM = "taskmanager.memory.", "jobmanager.memory."
PROCESS, FLINK, SLOTS = TM + "process.size", TM + "flink.size", "taskmanager.numberOfTaskSlots"
FINE = {TM + "task.heap.size": "500m", TM + "managed.size": "300m"}
NETWORK = {TM + "network.min": "32m", TM + "network.max": "2g"}

# Name, options, -D properties: one for each branch and each check.
CASES = {
    "stock-process": ({PROCESS: "1728m"}, {}),
    "process-with-slots": ({PROCESS: "4097m", SLOTS: "3"}, {}),
    "process-too-small": ({PROCESS: "449m"}, {}),
    "process-below-jvm": ({PROCESS: "300m"}, {}),
    "process-overhead-clamped": ({PROCESS: "20g", TM + "jvm-overhead.max": "900m"}, {}),
    "process-with-task-heap": ({PROCESS: "2g", TM + "task.heap.size": "700m", **NETWORK}, {}),
    "process-with-task-heap-network-outside": ({PROCESS: "2g", TM + "task.heap.size": "300m", TM + "network.max": "64m"}, {}),
    "process-managed-size": ({PROCESS: "2g", "taskmanager.memory.size": "300m"}, {}),
    "flink-only": ({FLINK: "1280m"}, {}),
    "flink-huge": ({FLINK: "60g", TM + "managed.fraction": "0.123456789"}, {}),
    "flink-and-process": ({FLINK: "1g", PROCESS: "1500m"}, {}),
    "flink-and-process-too-close": ({FLINK: "1g", PROCESS: "1g"}, {}),
    "flink-and-process-overhead-outside": ({FLINK: "1g", PROCESS: "3g"}, {}),
    "fine-grained": (FINE, {}),
    "fine-grained-with-flink": ({**FINE, FLINK: "1200m", **NETWORK}, {}),
    "fine-grained-over-flink": ({**FINE, FLINK: "900m"}, {}),
    "fine-grained-with-process": ({**FINE, PROCESS: "1600m", TM + "jvm-overhead.max": "800m"}, {}),
    "fine-grained-inverse-clamped": ({**FINE, TM + "network.fraction": "0.9"}, {}),
    "fraction-of-one": ({PROCESS: "2g", TM + "managed.fraction": "1.0"}, {}),
    "fraction-not-a-number": ({PROCESS: "2g", TM + "network.fraction": "a tenth"}, {}),
    "fraction-unused": ({FLINK: "1g", TM + "managed.size": "100m", TM + "managed.fraction": "zz"}, {}),
    "network-min-above-max": ({PROCESS: "2g", TM + "network.min": "200m", TM + "network.max": "100m"}, {}),
    "network-deprecated-keys": ({FLINK: "4g", "taskmanager.network.memory.min": "10m", TM + "network.max": "50m"}, {}),
    "network-segments": ({PROCESS: "2g", "taskmanager.network.numberOfBuffers": "100", TM + "segment-size": "64kb"}, {}),
    "network-segments-odd": ({PROCESS: "2g", "taskmanager.network.numberOfBuffers": "100", TM + "segment-size": "33k"}, {}),
    "network-fixed-by-dynamic-property": ({PROCESS: "2g"}, {TM + "network.min": "10m"}),
    "size-without-unit": ({PROCESS: "1811939328"}, {}),
    "size-with-fraction": ({PROCESS: "1.5g"}, {}),
    "size-overflow": ({FLINK: "9223372036854775807"}, {}),
    "slots-minus-one-with-cores": ({PROCESS: "2g", SLOTS: "-1", "taskmanager.cpu.cores": "2.5"}, {}),
    "slots-zero": ({PROCESS: "2g", SLOTS: "0"}, {}),
    "slots-zero-with-cores": ({PROCESS: "2g", SLOTS: "0", "taskmanager.cpu.cores": "2"}, {}),
    "legacy-heap": ({"taskmanager.heap.size": "1g", "jobmanager.heap.size": "1g"}, {}),
    "legacy-heap-with-process": ({"taskmanager.heap.mb": "1024", PROCESS: "2g", "jobmanager.heap.mb": "600", JM + "process.size": "1g"}, {}),
    "job-manager-process": ({JM + "process.size": "1600m", JM + "enable-jvm-direct-memory-limit": "true"}, {}),
    "job-manager-flink": ({JM + "flink.size": "1g", JM + "off-heap.size": "200m"}, {}),
    "job-manager-flink-is-off-heap": ({JM + "flink.size": "128m"}, {}),
    "job-manager-heap-and-flink": ({JM + "heap.size": "1g", JM + "flink.size": "1100m"}, {}),
    "job-manager-heap-and-flink-mismatch": ({JM + "heap.size": "1g", JM + "flink.size": "1100m", JM + "off-heap.size": "100m"}, {}),
    "dynamic-property-wins": ({PROCESS: "2g", SLOTS: "2"}, {PROCESS: "3g"}),
}  # fmt: skip

# Releases that answer as their neighbor does get one case of each kind only.
FULL = {"1.10", "1.11", "1.14", "1.20", "2.3"}
BASIC = {
    "stock-process", "process-with-slots", "process-too-small", "flink-huge", "flink-and-process-too-close", "fine-grained-with-flink",
    "network-segments", "network-fixed-by-dynamic-property", "legacy-heap-with-process", "job-manager-process",
}  # fmt: skip

PROVENANCE = """# Where these cases come from

Real Apache Flink {version}: its jars as PyPI packs them for the Python API (package `apache-flink`, from
1.13 on `apache-flink-libraries`), driven by `conformance/harness/Memory.java`.

Made by `python3 conformance/golden.py {release}`, which writes this folder anew. `expected.json` holds
Flink's own figures in bytes and the messages of its exceptions, in the shape of `slotwise memory
--format json`; nothing in it was computed by slotwise.
"""


def texts(release, options, index):
    """File name and text; releases that read both dialects take turns."""
    numbers = flink.minor(release)
    if numbers < (1, 19) or (numbers < (2, 0) and index % 2):
        return "flink-conf.yaml", "".join(f"{key}: {value}\n" for key, value in options.items())
    return "config.yaml", "".join(f"{key}: {value}\n" for key, value in options.items())


def main():
    for release in sys.argv[1:] or flink.RELEASES:
        folder = ROOT / release
        shutil.rmtree(folder, ignore_errors=True)
        cases = {name: case for name, case in CASES.items() if release in FULL or name in BASIC}
        requests = []
        for index, (options, dynamic) in enumerate(cases.values()):
            name, text = texts(release, options, index)
            requests.append((name, text.encode(), [f"{key}={value}" for key, value in dynamic.items()]))
        answers = flink.run(release, "Memory", requests)
        for case, (name, text, dynamic), answer in zip(cases, requests, answers):
            (folder / case).mkdir(parents=True)
            (folder / case / name).write_bytes(text)
            if dynamic:
                (folder / case / "dynamic.txt").write_text("".join(f"{line}\n" for line in dynamic))
            wanted = memory.expected(answer)
            (folder / case / "expected.json").write_text(json.dumps(wanted, indent=2, sort_keys=True) + "\n")
        (folder / "PROVENANCE.md").write_text(PROVENANCE.format(version=flink.RELEASES[release], release=release))
        print(release, len(cases))


if __name__ == "__main__":
    main()
