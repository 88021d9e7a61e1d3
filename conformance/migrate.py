#!/usr/bin/env python3
"""Loads files before and after `slotwise migrate` with the real releases and compares.

    python3 conformance/migrate.py [--count 1000] [--seed 1] [--from 1.17] [--to 1.20,2.3]
                                   [--binary target/release/slotwise]

Every option that the old release reads must have the same typed value in the new one, unless the
report says what became of its key (renamed: under the new key); every other entry must have the same
text; and the new file must set nothing else.
"""

import argparse
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import flink
from values import VALUES, options

FREE = ["s3.access-key", "s3.secret-key", "fs.oss.endpoint", "metrics.reporter.prom.port", "my.own.key", "containerized.master.env.A",
        "kubernetes.jobmanager.labels.team", "1", "true", "a b", "état", "a..b", "state", "state.backend.x"]  # fmt: skip
HEAPS = {"taskmanager.heap.size": "1g", "taskmanager.heap.mb": "2048", "jobmanager.heap.size": "1g", "jobmanager.heap.mb": "900"}
COMMENTS = ["# a comment", "", "   # indented: x", "#", "#### section ####"]


def right_value(chance, option):
    """A value that is mostly one that Flink takes."""
    kind = option["type"].split("<")[0]
    constants = option.get("enum") or []
    if constants:
        return chance.choice(constants)
    plain = {
        "Boolean": ["true", "false", "TRUE", "False"], "Integer": ["0", "1", "+7", "08", "8081"], "Long": ["1", "60000", "3000000000"],
        "Float": ["0.4", ".5", "1", "0.4f", "1e-3"], "Double": ["0.4", "1.50", "2"], "MemorySize": ["1g", "512 mb", "64kb", "1048576"],
        "Duration": ["10 s", "5 min", "100ms", "1 d", "60000", "1h"],
        "List": ["a", "a;b", "[a, b]", "'a;b';c", "a, b", "x: y;z", "- a", "1;2"],
        "Map": ["k:v", "k1:v1,k2:1.10", "k:'a,b'", "k: v", "{k: v}"],
        "String": ["x", "1.10", "true", "hdfs:///a", "a: b", "[a, b]", "it's", "'quoted'", "08", "-", "a\\b", "é\u00a0", "*", "&a b", "%", "null", "~", "{", "@x", "-Dx=\"a b\" -Dy"],
    }  # fmt: skip
    if chance.random() < 0.05:
        return chance.choice(VALUES[chance.choice(list(VALUES))])
    return chance.choice(plain.get(kind, plain["String"]))


def file_for(chance, known):
    lines = []
    for option in chance.sample(known, chance.randint(3, 16)):
        key, alternates = option["key"], option.get("deprecated_keys", []) + option.get("fallback_keys", [])
        if alternates and chance.random() < 0.5:
            key = chance.choice(alternates)
        value = right_value(chance, option)
        if value.strip():
            lines.append(f"{key}: {value}")
            if chance.random() < 0.05:
                lines.append(f"{key}: {right_value(chance, option) or 'x'}")
            if alternates and chance.random() < 0.1:
                lines.append(f"{chance.choice([option['key'], *alternates])}: {right_value(chance, option) or 'x'}")
    lines += [f"{key}: {chance.choice(VALUES['String'])}" for key in chance.sample(FREE, chance.randint(0, 3))]
    lines += [f"{key}: {value}" for key, value in HEAPS.items() if chance.random() < 0.05]
    chance.shuffle(lines)
    out = []
    for line in lines:
        if chance.random() < 0.3:
            out.append(chance.choice(COMMENTS))
        out.append(chance.choice([line, line, line, line + " # why", "  " + line, line + "   "]))
    if chance.random() < 0.1:
        out.append(chance.choice(["no separator", "key:value", "empty: ", "nested:"]))
    end = chance.choice(["\n", "\n", "\n", "\r\n"])
    return (end.join(out) + chance.choice([end, end, ""])).encode()


def migrate(binary, old, new, path):
    out = path.with_name("migrated")
    command = [binary, "migrate", "--from", f"flink-{old}", "--to", f"flink-{new}", "--format", "json", "--output", out, path]
    run = subprocess.run(command, capture_output=True, check=False)
    if run.returncode:
        return None, run.stderr.decode()
    return json.loads(run.stdout), out.read_bytes()


def differences(before, after, report, collections):
    """What differs and is not reported."""
    fates = {}
    for change in report["changes"]:
        fates.setdefault(change["key"], []).append(change)
    told = {key for key, changes in fates.items() if any(change["kind"] in ("dropped", "flagged", "rewritten") for change in changes)}
    renamed = {key: change["new_key"] for key, changes in fates.items() for change in changes if change["kind"] == "renamed"}
    # A key that is set twice is dropped once, and the other one stays.
    again = {key for key, changes in fates.items() if all("again" in change["reason"] for change in changes if change["kind"] == "dropped")}
    told -= {key for key in again if not any(change["kind"] in ("flagged", "rewritten") for change in fates[key])}
    values = lambda answer: {via: value for via, value in by_via(answer).items()}  # noqa: E731
    old, new = values(before), values(after)
    targets = set()
    for key, text in before["raw"].items():
        target = renamed.get(key, key)
        targets.add(target)
        if key in told:
            continue
        if target not in after["raw"]:
            yield f"{key}: {target} is not set"
        elif key in old and target in new:
            if any("ambiguous" in entry for entry in (*old[key].values(), *new[target].values())):
                continue
            if any("error" in entry for entry in (*old[key].values(), *new[target].values())):
                errors = lambda entries: any("error" in entry for entry in entries.values())  # noqa: E731
                if not errors(old[key]):
                    yield f"{key}: {new[target]}"
                continue
            mine, theirs = (sorted({json.dumps(entry["value"]) for entry in entries.values()}) for entries in (old[key], new[target]))
            if not set(theirs) <= set(mine) and not set(mine) <= set(theirs):
                yield f"{key}: {mine} became {theirs}"
        elif key in old and key not in new and target not in new:
            yield f"{key}: no longer read"
        elif key not in old and target in new:
            yield f"{key}: read now"
        elif after["raw"][target] != text and key not in collections:  # Of the latter the text may be another one.
            yield f"{key}: {text!r} became {after['raw'][target]!r}"
    for key in after["raw"]:
        if key not in targets:
            yield f"{key}: stray"


def by_via(answer):
    found = {}
    for option, entry in answer["read"].items():
        if entry["via"]:
            found.setdefault(entry["via"], {})[option] = entry
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--from", dest="old", default="1.17")
    parser.add_argument("--to", default="1.20,2.3")
    parser.add_argument("--binary", default="target/release/slotwise")
    arguments = parser.parse_args()
    old, wrong = arguments.old, 0
    known = [option for option in options(arguments.binary, old) if option["place"] == "file" and option["effective"] and option["evidence"] is None]
    collections = {option["key"] for option in known if option["type"].startswith(("List", "Map"))}
    chance = random.Random(f"{arguments.seed}/{old}")
    files = [file_for(chance, known) for _ in range(arguments.count)]
    before = flink.run(old, "Effective", [("flink-conf.yaml", data, ()) for data in files])
    for new in arguments.to.split(","):
        name = "config.yaml" if flink.minor(new) >= (2, 0) else "flink-conf.yaml"
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / str(number) / "flink-conf.yaml" for number in range(len(files))]
            for path, data in zip(paths, files):
                path.parent.mkdir()
                path.write_bytes(data)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                results = list(pool.map(lambda path: migrate(arguments.binary, old, new, path), paths))
        after = flink.run(new, "Effective", [(name, text if report else b"", ()) for report, text in results])
        counts = {"settings": 0, "reported": 0}
        shown = 0
        for data, (report, text), mine, theirs in zip(files, results, before, after):
            if report is None or "error" in mine or "error" in theirs:
                found = [f"{text if report is None else mine.get('error') or theirs.get('error')}"]
            else:
                counts["settings"] += len(mine["raw"])
                counts["reported"] += len({change["key"] for change in report["changes"]})
                found = list(differences(mine, theirs, report, collections))
            wrong += len(found)
            if found and shown < 10:
                shown += 1
                print(f"--- {old} -> {new}\n{data.decode()}\n--- becomes\n{text.decode() if isinstance(text, bytes) else text}\n---", *found, sep="\n")
        print(f"{old} -> {new}: {len(files)} files, {counts['settings']} settings, {counts['reported']} keys reported, {wrong} differences so far")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
