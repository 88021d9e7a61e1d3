#!/usr/bin/env python3
"""Whole-process speed of `slotwise check` beside what a user could run instead, on one file.

    speed.py [--runs 15] [--flink-home DIR]

Peers: Flink's own start-script calculation (BashJavaUtils, needs Java) and check-jsonschema (PyPI, with a schema made of `slotwise options`). All run in
turn in one loop, so that a noisy machine hits all alike; medians of CPU time (user + system) and wall
time, and the largest resident set. Then the file's statements repeated to 3,000 lines, and 10,000
files of 3 KB in one call.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FILE = ROOT / "fixtures/speed/flink-conf.yaml"
CACHE = Path(os.environ.get("SLOTWISE_PEERS_HOME", Path.home() / ".cache/slotwise/peers"))


def measure(command, **options):
    """CPU seconds, wall seconds and exit code of one whole process, children included."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    return usage.ru_utime + usage.ru_stime, wall, child.returncode


def peak(command, **options):
    """Peak MiB of a process. Its own usage would count this script, of which it is a fork, so GNU time
    forks it."""
    if not (gnu_time := shutil.which("time")):
        return float("nan")
    with tempfile.NamedTemporaryFile("r") as report:
        measure([gnu_time, "--quiet", "-f", "%M", "-o", report.name, *command], **options)
        return int(report.read()) / 1024


def compare(commands, runs):
    """Medians of every command, measured in turn."""
    samples = {name: [] for name in commands}
    for round_ in range(runs + 1):
        for name, (command, options) in commands.items():
            sample = measure(command, **options)
            if round_:  # The first round warms the page cache.
                samples[name].append(sample)
    return {
        name: (
            statistics.median(sample[0] for sample in rows),
            statistics.median(sample[1] for sample in rows),
            peak(commands[name][0], **commands[name][1]),
            rows[0][2],
        )
        for name, rows in samples.items()
    }


def table(title, results, base):
    print(f"\n{title}")
    print(f"{'':<34}{'CPU ms':>9}{'wall ms':>9}{'peak MiB':>10}{'x CPU':>8}{'x wall':>8}  exit")
    for name, (cpu, wall, peak_size, code) in results.items():
        ratio = cpu / max(results[base][0], 1e-4), wall / results[base][1]
        print(f"{name:<34}{cpu * 1e3:>9.1f}{wall * 1e3:>9.1f}{peak_size:>10.1f}{ratio[0]:>8.1f}{ratio[1]:>8.1f}  {code}")


def schema(slotwise, folder):
    """A JSON Schema of the flat keys, as a user of a generic validator would have it."""
    options = json.loads(subprocess.check_output([slotwise, "options", "--target", "flink-1.20", "--format", "json"]))
    keys = {option["key"]: {} for option in options}
    for option in options:
        for alias in option.get("deprecated_keys", []) + option.get("fallback_keys", []):
            keys[alias] = {}
        if option.get("enum"):
            keys[option["key"]] = {"enum": option["enum"]}
    path = folder / "schema.json"
    patterns = {"^metrics\\.reporter\\.": {}}
    path.write_text(json.dumps({"type": "object", "properties": keys, "patternProperties": patterns, "additionalProperties": False}))
    return path


def check_jsonschema():
    """The validator in a virtual environment of its own."""
    folder = CACHE / "check-jsonschema"
    if not (folder / "bin/check-jsonschema").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "check-jsonschema"], check=True)
    return folder / "bin/check-jsonschema"


def bash_java_utils(home, folder):
    """Flink's start-script calculation of the TaskManager's memory, as bin/taskmanager.sh calls it."""
    conf = folder / "conf"
    conf.mkdir()
    shutil.copy(FILE, conf / "flink-conf.yaml")
    steps = 'unset FLINK_TM_HEAP; . "$FLINK_BIN_DIR/config.sh" && parseTmArgsAndExportLogs && echo "$JVM_ARGS"'
    environment = dict(os.environ, FLINK_CONF_DIR=str(conf), FLINK_LOG_DIR=str(folder), FLINK_BIN_DIR=f"{home}/bin")
    # config.sh finds its home by the name of the script that runs.
    return ["bash", "-c", steps, f"{home}/bin/taskmanager.sh"], {"env": environment}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument("--flink-home", help="an unpacked Flink 1.20, for BashJavaUtils (left out without)")
    arguments.add_argument("--slotwise", default=ROOT / "target/release/slotwise", help="default: cargo build --release")
    options = arguments.parse_args()
    slotwise = str(options.slotwise)
    if not os.path.exists(slotwise):
        sys.exit(f"{slotwise}: no such file; run cargo build --release")

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        commands = {"slotwise check": ([slotwise, "check", str(FILE), "--target", "flink-1.20"], {})}
        validator = check_jsonschema()
        commands["check-jsonschema"] = ([str(validator), "--schemafile", str(schema(slotwise, folder)), str(FILE)], {})
        if options.flink_home:
            commands["BashJavaUtils (Flink 1.20)"] = bash_java_utils(options.flink_home, folder)
        table("60 lines", compare(commands, options.runs), "slotwise check")

        lines = FILE.read_text().splitlines()
        large = folder / "large.yaml"
        large.write_text("".join(f"{line}\n" for line in (lines * 51)[:3000]))
        distinct = folder / "distinct.yaml"
        statements = [line for line in lines if ": " in line]
        distinct.write_text("".join(f"metrics.reporter.r{i}.{statements[i % len(statements)]}\n" for i in range(3000)))
        commands = {
            "slotwise, every line repeated": ([slotwise, "check", str(large), "--target", "flink-1.20", "--dialect", "legacy", "-q"], {}),
            "slotwise, 3000 distinct keys": ([slotwise, "check", str(distinct), "--target", "flink-1.20", "--dialect", "legacy"], {}),
        }
        table("3,000 lines", compare(commands, options.runs), "slotwise, 3000 distinct keys")

        many = folder / "many"
        many.mkdir()
        text = FILE.read_text()
        for i in range(10_000):
            padded = text + f"metrics.scope.tm: host.{i}\n"
            (many / f"{i}.yaml").write_text(padded + "# " + "x" * (3071 - len(padded) - 2) + "\n")
        command = [slotwise, "check", "--target", "flink-1.20", "--dialect", "legacy", *sorted(map(str, many.iterdir()))]
        cpu, wall, code = min((measure(command) for _ in range(3)), key=lambda sample: sample[1])
        size = (many / "0.yaml").stat().st_size
        print(f"\n10,000 files of {size} bytes in one call: {10_000 / wall:,.0f} files/s, "
              f"CPU {cpu:.2f} s, wall {wall:.2f} s, peak {peak(command):.1f} MiB, exit {code}")


if __name__ == "__main__":
    main()
