#!/usr/bin/env python3
"""Compares what slotwise says of option values with `Configuration.get` of real Flink.

    python3 conformance/values.py [--count 2000] [--seed 1] [--releases 1.10,…,2.3]
                                  [--binary target/release/slotwise]

Each file sets a dozen options of all types to values that are right, nearly right and wrong. For
every option, the decision and both messages must be the same (but for the Java class names in
messages about enums, which the catalog does not hold).
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import flink

VALUES = {
    "Boolean": ["true", "false", "TRUE", "False", "yes", "on", "1", "t", "true ", "tru e"],
    "Integer": ["0", "-1", "+7", "08", "2147483647", "2147483648", "-2147483649", "3.0", "1e1", "0x10", "1_000", "x", "1 ", "9223372036854775808", "0o7", "--1", "1,0"],
    "Float": ["0.4", ".5", "5.", "1e-50", "1e40", "0.4f", "0x1p-2", "NaN", "Infinity", "-1", "1", ".nan", ".inf", "-.inf", "1e400", "0,4", "40%", "1.2.3", "1e", ".", "99999999999999999999", "0.1d", "1..2", "-.5.", "3.5e38", "1.4e-45", "7e-46"],
    "MemorySize": ["1", "1b", "1 g", "64kb", "1G", "1.5g", "-1m", "1gib", "m", "1_0m", "8388608t", "8388607t", "9223372036854775808", "9223372036854775807", "1mm", "0x10", "1e9", "1073741824", "128 mebibytes", "10 %", "1m b", "+1m"],
    "Duration": ["10", "10 s", "5m", "5 min", "1h", "1 d", "100ms", "1us", "1µs", "PT5M", "pt1h", "P1D", "P1Y", "-1s", "1.5s", "-PT1S", "1w", "infinite", "9223372036854775807", "9223372036854775808", "9223372036854775807 d", "106751991167301 d", "P1DT2H", "PT-5S", "PT0.5S", "1M", "10 SECONDS", "PT", "P", "1 2 s", "99999999999999999999999 ns"],
    "List": ["a", "a;b", "a, b", "[a, b]", "'a;b';c", "'a", "'a'b", "a;;b", "[1, 2]", "1;2", "x;1", "[null]", "{a: b}", "[[a]]", "true", "10 s;5 min", "EXACTLY_ONCE", "\"a\"\"b\"", "[a", "STREAMING;x"],
    "Map": ["k:v", "k1:v1,k2:v2", "k:v,", "k:v:w", "k", "k:v,k:w", "'a:b':c", "{k: v}", "{k: null}", "{1: 2}", "[a]", "5", "a: b", "k:'v,w'", "'k", "{a: b, a: c}"],
    "String": ["x", "1", "true", "[a, b]", "{a: b}", "1.50", "0x1F", "'a", "a b"],
    "Enum": ["x", "", "1", "true"],
}  # fmt: skip
VALUES["Long"] = VALUES["Integer"]
VALUES["Double"] = VALUES["Float"]


def options(binary, release):
    """Keys with their types and constants, as slotwise lists them."""
    command = [binary, "options", "--target", f"flink-{release}", "--format", "json"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def value_for(chance, option):
    kind = option["type"].split("<")[0]
    constants = option.get("enum") or []
    if constants and chance.random() < 0.6:
        value = chance.choice(constants)
        return chance.choice([value, value.lower(), value.replace("_", "-"), value.title(), f"{value};{value}", f"[{value}]"])
    if chance.random() < 0.15:
        return chance.choice(VALUES[chance.choice(list(VALUES))])
    return chance.choice(VALUES.get(kind, VALUES["String"]))


def file_for(chance, dialect, known):
    lines = {}
    for option in chance.sample(known, 12):
        key, value = option["key"], value_for(chance, option)
        alternates = option.get("deprecated_keys", []) + option.get("fallback_keys", [])
        if alternates and chance.random() < 0.2:
            key = chance.choice(alternates)
        if dialect == "yaml":
            plain = value and not any(c in value for c in "'\"[]{}:,%#&*!|>@`") and value.strip() == value and not value.startswith(("-", "?", ".nan", "+")) and value not in ("~", "null")
            value = value if plain and chance.random() < 0.7 else json.dumps(value, ensure_ascii=False)
        lines[key] = f"{key}: {value}"
    return "\n".join(lines.values()).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="files for each release and dialect")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--releases", default="1.10,1.14,1.20,2.0,2.3")
    parser.add_argument("--binary", default="target/release/slotwise")
    arguments = parser.parse_args()
    compared = refusals = 0
    differences = []
    for release in arguments.releases.split(","):
        known = [option for option in options(arguments.binary, release) if option["place"] == "file" and option["effective"] and option["evidence"] is None]
        version = flink.minor(release)
        for dialect in (["legacy"] if version < (2, 0) else []) + (["yaml"] if version >= (1, 19) else []):
            chance = random.Random(f"{arguments.seed}/{release}/{dialect}")
            files = [file_for(chance, dialect, known) for _ in range(arguments.count)]
            name = "flink-conf.yaml" if dialect == "legacy" else "config.yaml"
            theirs = flink.run(release, "Get", [(name, data, ()) for data in files])
            with tempfile.TemporaryDirectory() as folder:
                paths = [pathlib.Path(folder) / str(number) / name for number in range(len(files))]
                for path, data in zip(paths, files):
                    path.parent.mkdir()
                    path.write_bytes(data)
                command = [arguments.binary, "config", "--format", "jsonl", "--dialect", dialect, "--target", f"flink-{release}", *map(str, paths)]
                output = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
            listed = {option["key"] for option in known}
            for data, mine, their in zip(files, map(json.loads, output.splitlines()), theirs, strict=True):
                if mine["error"] or "error" in their:
                    continue
                refused = {entry["option"]: entry for entry in mine["refused"]}
                for key, messages in their.items():
                    if key not in listed:
                        continue
                    compared += 1
                    refusals += messages is not None
                    entry = refused.get(key)
                    is_same = (entry is None) == (messages is None)
                    if is_same and entry:
                        is_same = entry["message"] == messages[0] and entry["cause"] in (None, messages[1])
                    if not is_same:
                        differences.append((release, dialect, key, data, messages, entry))
    for release, dialect, key, data, messages, entry in differences[:25]:
        line = next((line for line in data.decode().splitlines() if line.startswith(key + ":")), data.decode())
        print(f"--- {release} {dialect}: {line}\nflink:    {messages}\nslotwise: {entry and [entry['message'], entry['cause']]}")
    print(f"{compared} values compared, {refusals} of them refused by Flink, seed {arguments.seed}: {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
