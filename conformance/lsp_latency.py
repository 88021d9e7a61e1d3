#!/usr/bin/env python3
"""How long an editor waits for `slotwise lsp`, beside yaml-language-server with a schema of the
same options, measured by a client outside the process, in one run.

    lsp_latency.py [--edits 200] [--only nested] [--without-peer]

Files of 3,000 lines in both dialects, with few typos, hundreds and nothing but typos; every edit is
one character, typed or deleted at a random place of a value, and the next is sent once the
diagnostics of the last have come. The peer is installed from npm and gets the schema that the project
ships for `config.yaml`. Exits with 1 if a bound of the project is missed.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

from lsp import texts
from lsp.session import Session

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = Path(os.environ.get("SLOTWISE_PEERS_HOME", Path.home() / ".cache/slotwise/peers"))
# Read in both dialects.
RELEASE = "1.20"
TYPOS = 5
# Typos whose fixes are looked at.
MAX_ASKED = 100
HEADS = ["start", "open", "keystroke", "p99", "completion", "items", "hover", "peak", "found"]


def keystroke(text, randomness):
    """One character typed or deleted in a value: the change and the text after it."""
    lines = text.split("\n")
    while True:
        number = randomness.randrange(len(lines))
        if ": " in lines[number] and not lines[number].startswith("#"):
            break
    line = lines[number]
    column = randomness.randrange(line.index(": ") + 2, len(line) + 1)
    inserts = randomness.random() < 0.6 or column == len(line)
    character = randomness.choice("abcdefgm0123456789") if inserts else ""
    end = column if inserts else column + 1
    lines[number] = line[:column] + character + line[end:]
    change = {
        "range": {"start": {"line": number, "character": column}, "end": {"line": number, "character": end}},
        "text": character,
    }
    return change, "\n".join(lines)


def place(text, needle):
    """Line and column just behind the first `needle`."""
    before = text[:text.index(needle) + len(needle)]
    return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def measure(command, text, intended, edits, settings=None, rounds=5, name="flink-conf.yaml"):
    """Milliseconds of everything that a user waits for."""
    uri = f"file:///tmp/slotwise/{name}"
    starts, opens = [], []
    for _ in range(rounds):
        session = Session(command, settings=settings)
        starts.append(session.startup)
        if settings:
            session.notify("workspace/didChangeConfiguration", {"settings": settings})
        opens.append(session.open(uri, text)[0])
        session.close()
    session = Session(command, settings=settings)
    if settings:
        session.notify("workspace/didChangeConfiguration", {"settings": settings})
    _, found = session.open(uri, text)
    actions = fixes(session, uri, found, text, intended)
    document = {"textDocument": {"uri": uri}}
    key = {**document, "position": place(text, next(it for it in ["taskmanager.mem", "taskmanager"] if it in text))}
    completion = [session.timed("textDocument/completion", key) for _ in range(30)]
    hover = [session.timed("textDocument/hover", key)[0] for _ in range(30)]
    randomness = random.Random(1)
    strokes = []
    for _ in range(edits):
        change, text = keystroke(text, randomness)
        strokes.append(session.change(uri, [change])[0])
    items = completion[0][1]
    items = items.get("items", items) if isinstance(items, dict) else items or []
    result = {
        "start": statistics.median(starts) * 1e3,
        "open": statistics.median(opens) * 1e3,
        "keystroke": statistics.median(strokes) * 1e3,
        "p99": sorted(strokes)[int(len(strokes) * 0.99)] * 1e3,
        "completion": statistics.median(seconds for seconds, _ in completion) * 1e3,
        "items": len(items),
        "hover": statistics.median(hover) * 1e3,
        "peak": session.memory(),
        "found": len(found),
        "fixes": actions,
        "exit": session.close(),
    }
    return result


def fixes(session, uri, found, text, intended):
    """How many typos are told, how many quick fixes each has (the most of any), and for how many
    the preferred one, else the first, makes the line what was meant."""
    counts, right = [], 0
    lines = text.split("\n")
    for diagnostic in found:
        number = diagnostic["range"]["start"]["line"]
        # Ours by the rule's code, the peer's by what it says of keys that the schema lacks.
        is_unknown = diagnostic.get("code") == "FK001" or "not allowed" in str(diagnostic["message"])
        if not is_unknown or number not in intended or len(counts) == MAX_ASKED:
            continue
        actions = session.request("textDocument/codeAction", {
            "textDocument": {"uri": uri}, "range": diagnostic["range"],
            "context": {"diagnostics": [diagnostic], "only": ["quickfix"]},
        }) or []
        edits = [it for it in actions if it.get("edit") and "ignore" not in it["title"].lower()]
        counts.append(len(edits))
        best = next((it for it in edits if it.get("isPreferred")), edits[0] if edits else {})
        changes = best.get("edit", {}).get("changes", {}).get(uri, [])
        right += len(changes) == 1 and applied(lines, changes[0]) == (number, intended[number])
    return {"told": len(counts), "offered": max(counts, default=0), "right": right}


def applied(lines, change):
    """The line that a change is in, and what becomes of it."""
    start, end = change["range"]["start"], change["range"]["end"]
    line = lines[start["line"]]
    return start["line"], line[:start["character"]] + change["newText"] + line[end["character"]:]


def peer():
    """yaml-language-server in a folder of its own."""
    folder = CACHE / "yaml-language-server"
    program = folder / "node_modules/.bin/yaml-language-server"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", folder, "yaml-language-server"], check=True)
    return program


# Milliseconds and MiB; the promise of the project for 3,000 lines.
BOUNDS = {"start": 10, "open": 10, "keystroke": 3, "p99": 8, "completion": 2, "hover": 2, "peak": 40}
# How many times as fast as the peer a keystroke has to be.
TIMES = 100
# Name, dialect, and typos.
VARIANTS = {
    "flink-conf.yaml": ("flink-conf.yaml", texts.legacy, 5),
    "config.yaml, keys in full": ("config.yaml", texts.dotted, 5),
    "config.yaml, nested": ("config.yaml", texts.nested, 5),
    "flink-conf.yaml, 300 typos": ("flink-conf.yaml", texts.legacy, 300),
    "config.yaml, nested, 300 typos": ("config.yaml", texts.nested, 300),
    "flink-conf.yaml, 3,000 typos": ("flink-conf.yaml", texts.legacy, 3000),
    "config.yaml, nested, 3,000 typos": ("config.yaml", texts.nested, 3000),
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--edits", type=int, default=200)
    arguments.add_argument("--only", default="", help="only the variants whose names hold this text")
    arguments.add_argument("--without-peer", action="store_true")
    arguments.add_argument("--slotwise", default=ROOT / "target/release/slotwise", help="default: cargo build --release")
    options = arguments.parse_args()
    if not os.path.exists(options.slotwise):
        sys.exit(f"{options.slotwise}: no such file; run cargo build --release")
    ours = [str(options.slotwise), "lsp"]
    catalog = ["options", "--target", f"flink-{RELEASE}", "--format", "json"]
    catalog = json.loads(subprocess.check_output([options.slotwise, *catalog]))
    settings = {"slotwise": {"target": f"flink-{RELEASE}"}}
    theirs = [str(peer()), "--stdio"] if not options.without_peer else None
    schema = (ROOT / f"schemas/flink-{RELEASE}.schema.json").as_uri()
    their_settings = {"yaml": {
        "schemas": {schema: "*config.yaml"}, "validate": True, "completion": True, "hover": True,
        "schemaStore": {"enable": False}}}
    missed = []
    print("milliseconds, median\n")
    print(f"{'':<38}" + "".join(f"{head:>10}" for head in HEADS) + f"{'typos: told, fixes, right':>28}")
    for variant, (name, render, typo_count) in VARIANTS.items():
        if options.only not in variant:
            continue
        text, intended = texts.text(render, catalog, typo_count)
        row = measure(ours, text, intended, options.edits, settings, name=name)
        show(variant, row)
        missed += [f"{variant}: {head} {row[head]:.2f} > {bound}" for head, bound in BOUNDS.items() if row[head] > bound]
        if row["fixes"]["right"] < row["fixes"]["told"] or row["fixes"]["offered"] > 1:
            missed.append(f"{variant}: not one right fix for each typo")
        if theirs and name == "config.yaml" and typo_count == TYPOS:
            peer_row = measure(theirs, text, intended, max(15, options.edits // 10), their_settings, rounds=3, name=name)
            show("  yaml-language-server", peer_row)
            times = peer_row["keystroke"] / row["keystroke"]
            print(f"  a keystroke is {times:.0f} times as fast")
            if times < TIMES:
                missed.append(f"{variant}: only {times:.0f} times as fast as the peer")
    if missed:
        sys.exit("missed:\n  " + "\n  ".join(missed))


def show(name, row):
    cells = [f"{row[column]:>10.2f}" if isinstance(row[column], float) else f"{row[column]:>10}" for column in HEADS]
    typos = "{told} x {offered}, {right} right".format(**row["fixes"])
    print(f"{name:<38}" + "".join(cells) + f"{typos:>28}")


if __name__ == "__main__":
    main()
