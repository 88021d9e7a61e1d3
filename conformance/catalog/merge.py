#!/usr/bin/env python3
"""Merges the options of all releases into src/catalog/data/options.jsonl.

usage: merge.py DIR > options.jsonl

DIR holds one RELEASE.jsonl per minor release (1.10.jsonl ... 2.3.jsonl) as Extract.java writes
them. One line of the result is one definition of one key and the releases in which it held;
lines are sorted by key, then release. Where the classes of one release declare a key differently,
all declarations but the one that Flink's runtime reads carry "secondary".
"""

import json
import re
import sys
from pathlib import Path

RELEASES = ["1.10", "1.11", "1.12", "1.13", "1.14", "1.15", "1.16", "1.17", "1.18", "1.19", "1.20",
            "2.0", "2.1", "2.2", "2.3"]

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


def read(directory):
    """key -> release -> [(definition, class)], the primary one first."""
    keys = {}
    for release in RELEASES:
        rows = {}
        for line in (Path(directory) / f"{release}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
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


def main():
    out = []
    for key, by_release in sorted(read(sys.argv[1]).items()):
        primary = {r: d[:1] for r, d in by_release.items()}
        secondary = {r: d[1:] for r, d in by_release.items()}
        for which, rows in (("primary", primary), ("secondary", secondary)):
            for line in ranges(rows):
                first, last = RELEASES[line["first"]], RELEASES[line["last"]]
                row = {"key": key, "first": first, "last": last}
                if which == "secondary":
                    row["secondary"] = True
                row |= line["definition"]
                if line["place"]:
                    row["place"] = line["place"]
                out.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
