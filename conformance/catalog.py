#!/usr/bin/env python3
"""The option catalog against real Flink: extracts it, writes it, compares it.

    python3 conformance/catalog.py compare [--binary PATH] [RELEASE...]
    python3 conformance/catalog.py write > src/catalog/data/options.jsonl
    python3 conformance/catalog.py extract RELEASE

`extract` prints every option that one release declares, a line of JSON each, read out of its classes
by `harness/Options.java`. `compare` asks slotwise for the options of each release (default: all) and
prints every difference in key, type, constants, default or alternate keys, and every declaration
that is missing or too many. `write` merges all releases: one line is one definition of one key and
the releases in which it held; lines are sorted by key, then release. Where the classes of one release
declare a key differently, all declarations but the one that Flink's runtime reads carry "secondary".
After `write`, `UPDATE=1 cargo test generate` rewrites the tables that are compiled in.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import flink

RELEASES = list(flink.RELEASES)

# Classes whose options are properties of a table, catalog, module, format or hint in a SQL
# statement: such a key means nothing in a configuration file.
SQL_CLASSES = re.compile(
    r"^org\.apache\.flink\.(table\.(factories|filesystem|module|catalog|sinks|formats)\."
    r"|table\.connector\.source\.lookup\.|table\.(api\.config|planner\.hint)\.LookupJoinHint"
    r"|table\.api\.config\.(MLPredict|VectorSearch)|table\.runtime\.arrow\.|table\.utils\.python\."
    r"|connector\.(datagen|print|file\.table|base\.table)\.|formats\.)")
# Those of their keys that a configuration file does carry.
SQL_EXCEPTIONS = re.compile(r"^(table|sql-gateway|workflow-scheduler)\.")
# Read below a prefix that names an instance, such as metrics.reporter.NAME; older releases do not
# annotate them.
SUFFIX_CLASSES = re.compile(r"\.(InfluxdbReporterOptions|PrometheusPushGatewayReporterOptions"
                            r"|OpenTelemetryReporterOptions|ReporterSetup|GPUDriver|GPUDriverOptions)$")
# Keys that Flink writes for itself, between its processes or its operators.
INTERNAL_CLASSES = re.compile(r"\.StreamConfig$|Internal$|\.PythonDependencyUtils$")
INTERNAL_KEYS = re.compile(r"^(\$internal\.|internal\.|hidden\.|__)")


def place(row):
    """Where a user may write the key: in the file, below a prefix, in SQL, or nowhere."""
    key, class_name = row["key"], row["class"]
    if row.get("suffix") or SUFFIX_CLASSES.search(class_name):
        return "suffix"
    if class_name.endswith(".MetricOptions") and "." not in key:
        return "suffix"
    if SQL_CLASSES.match(class_name) and not SQL_EXCEPTIONS.match(key):
        return "sql"
    if "<" in key:
        return "pattern"
    if INTERNAL_CLASSES.search(class_name) or INTERNAL_KEYS.match(key):
        return "internal"
    return None


def definition(row):
    """What makes two rows the same definition."""
    result = {"type": row["type"]}
    for name in ("enum", "default"):
        if name in row:
            result[name] = row[name]
    for name, wanted in (("fallback_keys", False), ("deprecated_keys", True)):
        keys = [a["key"] for a in row["alternates"] if a["deprecated"] == wanted]
        if keys:
            result[name] = keys
    ordered = [a["deprecated"] for a in row["alternates"]]
    if ordered != sorted(ordered):
        raise SystemExit(f"{row['key']}: a deprecated key comes before a fallback key; keep the order")
    if row.get("deprecated"):
        result["deprecated"] = True
    return result


def rank(row):
    """Sorts the declaration that the runtime reads first."""
    return (bool(row.get("deprecated")), not row["public"], place(row) is not None,
            not row["jar"].startswith("flink-dist"), row["type"] == "String", row["class"],
            row["field"])


def same(definitions):
    """Whether they differ at most in the class, and in whether that class is deprecated."""
    cores = [{k: v for k, v in d.items() if k not in ("deprecated", "class")} for d in definitions]
    return all(core == cores[0] for core in cores)


def simple_class(row):
    return row["class"].rsplit(".", 1)[1]


def extract(release):
    """Every declaration of a release, as rows."""
    lib = flink.fetch(release)
    opt = sorted(lib.parent.glob("opt/*.jar")) + sorted(lib.parent.glob("plugins/*/*.jar"))
    if not opt:
        raise SystemExit(f"{lib.parent} has no opt folder; delete it, so that it is fetched again")
    with tempfile.TemporaryDirectory() as scratch:
        # Newer releases hide the planner in a jar within the jar that loads it.
        for loader in lib.glob("flink-table-planner-loader*.jar"):
            zipfile.ZipFile(loader).extract("flink-table-planner.jar", scratch)
            opt.insert(0, pathlib.Path(scratch) / "flink-table-planner.jar")
        path = os.pathsep.join([flink.class_path(release), *map(str, opt)])
        command = ["java", "-Xmx2g", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-Duser.language=en",
                   "-Duser.country=US", *flink.OPENS, "-cp", path, "Options"]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    failures = [line for line in done.stderr.splitlines() if line.startswith("org.apache.flink.")]
    if failures:
        # They extend classes of Hadoop, YARN or the SQL gateway, which the packages leave out.
        names = sorted(line.split(":")[0].rpartition(".")[2] for line in failures)
        print(f"{release}: not loaded: {', '.join(names)}", file=sys.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def declarations_by_key():
    """key -> release -> [(definition, place)], the primary one first."""
    keys = {}
    for release in RELEASES:
        rows = {}
        for row in extract(release):
            rows.setdefault(row["key"], []).append(row)
        for key, declarations in rows.items():
            declarations.sort(key=rank)
            found = [definition(row) | {"class": simple_class(row)} for row in declarations]
            if same(found):
                found = found[:1]
            keys.setdefault(key, {})[release] = [(d, place(declarations[0])) for d in found]
    return keys


def ranges(by_release):
    """Joins consecutive releases with the same definition; the newest release tells the place."""
    result = []
    for index, release in enumerate(RELEASES):
        for definition, where in by_release.get(release, []):
            for line in result:
                if line["last"] == index - 1 and line["definition"] == definition:
                    line["last"], line["place"] = index, where
                    break
            else:
                result.append({"first": index, "last": index, "definition": definition, "place": where})
    return result


def write():
    """Prints the data of all releases."""
    for key, by_release in sorted(declarations_by_key().items()):
        primary = {r: d[:1] for r, d in by_release.items()}
        secondary = {r: d[1:] for r, d in by_release.items()}
        for which, rows in (("primary", primary), ("secondary", secondary)):
            for line in ranges(rows):
                row = {"key": key, "first": RELEASES[line["first"]], "last": RELEASES[line["last"]]}
                if which == "secondary":
                    row["secondary"] = True
                row |= line["definition"]
                if line["place"]:
                    row["place"] = line["place"]
                print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


def comparable(key, value_type, constants, default, fallback_keys, deprecated_keys):
    return json.dumps([key, value_type, constants, default, fallback_keys, deprecated_keys], ensure_ascii=False)


def compare(release, binary):
    """The number of differences between a release and slotwise."""
    rows = extract(release)
    real = collections.defaultdict(set)
    for row in rows:
        alternates = [[a["key"] for a in row["alternates"] if a["deprecated"] == wanted] for wanted in (False, True)]
        text = comparable(row["key"], row["type"], row.get("enum"), row.get("default"), *alternates)
        real[row["key"]].add(text)
    command = [binary, "options", "--target", f"flink-{release}", "--format", "json"]
    ours = collections.defaultdict(set)
    effective = collections.Counter()
    for row in json.loads(subprocess.run(command, check=True, capture_output=True).stdout):
        text = comparable(row["key"], row["type"], row["enum"], row["default"], row["fallback_keys"], row["deprecated_keys"])
        ours[row["key"]].add(text)
        effective[row["key"]] += row["effective"]
    differences = 0
    for key in sorted(real.keys() | ours.keys()):
        for which, texts in (("Flink only", real[key] - ours[key]), ("slotwise only", ours[key] - real[key])):
            for text in sorted(texts):
                differences += 1
                print(f"{release} {which}: {text}")
        if effective[key] != 1:
            differences += 1
            print(f"{release} {key}: {effective[key]} effective declarations")
    print(f"{release}: {len(rows)} declarations of {len(real)} keys, {differences} differences")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["compare", "write", "extract"])
    parser.add_argument("--binary", default="target/release/slotwise")
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    arguments = parser.parse_intermixed_args()
    releases = arguments.releases or RELEASES
    if arguments.command == "write":
        write()
    elif arguments.command == "extract":
        for release in releases:
            for row in extract(release):
                print(json.dumps(row, ensure_ascii=False))
    elif sum(compare(release, arguments.binary) for release in releases):
        sys.exit(1)


if __name__ == "__main__":
    main()
