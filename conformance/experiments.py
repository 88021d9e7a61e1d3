#!/usr/bin/env python3
"""The figures of docs/simulator.md, made again: runs every experiment and compares its table.

    experiments.py [--write] [NAME ...]

Prints which tables differ from the page, and puts the new ones there with --write; the sentences
around a table are for a reader to check. All of them take half an hour. Exits with 1
if a table differs and was not written.
"""
import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/simulator.md"


def block(name):
    """The table of an experiment on the page."""
    return re.compile(rf"(### `{re.escape(name)}`:[^#]*?```text\n)(.*?)(```)", re.DOTALL)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", help="default: all that have a table on the page")
    arguments.add_argument("--write", action="store_true", help="put the new tables on the page")
    arguments.add_argument("--slotwise", default=ROOT / "target/release/slotwise", help="default: cargo build --release")
    options = arguments.parse_args()
    listed = subprocess.run([options.slotwise, "experiment"], capture_output=True, text=True, check=True).stdout
    names = options.names or [line.split()[0] for line in listed.splitlines()]
    different = 0
    for name in names:
        if not block(name).search(PAGE.read_text()):
            print(f"{name}: no table on the page")
            continue
        start = time.time()
        run = subprocess.run([options.slotwise, "experiment", name], capture_output=True, text=True, check=True)
        # The first line is the claim, which is the section's heading.
        table = run.stdout.split("\n", 2)[2].strip("\n") + "\n"
        # Others may have written meanwhile.
        text = PAGE.read_text()
        if block(name).search(text).group(2) == table:
            print(f"{name}: as on the page, {time.time() - start:.0f} s", flush=True)
            continue
        different += 1
        print(f"{name}: differs, {time.time() - start:.0f} s\n\n{table}", flush=True)
        if options.write:
            PAGE.write_text(block(name).sub(lambda match: match.group(1) + table + match.group(3), text))
    sys.exit(1 if different and not options.write else 0)


if __name__ == "__main__":
    main()
