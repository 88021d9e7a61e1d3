#!/usr/bin/env python3
"""How long an editor waits for `slotwise lsp`, beside yaml-language-server with a schema of the
same options, measured by a client outside the process, in one run.

    lsp_latency.py [--edits 200] [--without-peer]

A 63-line and a 3,000-line file with five typos; every edit is one character, typed or deleted at
a random place of a value, and the next is sent once the diagnostics of the last have come. The
peer is installed from npm. Exits with 1 if a bound of the project is missed.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lsp.session import Session

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FILE = ROOT / "fixtures/speed/flink-conf.yaml"
CACHE = Path(os.environ.get("SLOTWISE_PEERS_HOME", Path.home() / ".cache/slotwise/peers"))
TYPOS = 5


def texts():
    """A short file, and one of 3,000 lines with distinct keys; five keys of each have a typo."""
    lines = FILE.read_text().splitlines()
    short = lines[:63]
    statements = [line for line in lines if ": " in line and not line.startswith("#")]
    long = list(lines)
    while len(long) < 3000:
        statement = statements[len(long) % len(statements)]
        long.append(f"metrics.reporter.r{len(long)}.{statement}")
    return with_typos(short), with_typos(long[:3000])


def with_typos(lines):
    """The last letter of five known keys, changed; the text, and what was meant by each."""
    meant = {}
    extra = ["numberOfTaskSlots", "memory.process.size", "memory.managed.size", "memory.network.max", "tmp.dirs"]
    for index, line in enumerate(lines):
        if len(meant) < TYPOS and line.startswith("taskmanager.memory") and ": " in line:
            key, value = line.split(": ", 1)
            meant[f"{key[:-1]}q"] = key
            lines[index] = f"{key[:-1]}q: {value}"
    for key in extra[:TYPOS - len(meant)]:
        meant[f"taskmanager.{key[:-1]}q"] = f"taskmanager.{key}"
        lines[lines.index("") if "" in lines else -1] = f"taskmanager.{key[:-1]}q: 1"
    return "\n".join(lines) + "\n", meant


def as_yaml(text):
    """The same entries for a `config.yaml`, each key once and each value in quotes."""
    entries = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith("#"))
    return "".join(f"{key}: '{value.split(' #')[0]}'\n" for key, value in entries.items())


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


def measure(command, text, meant, edits, settings=None, rounds=5, name="flink-conf.yaml"):
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
    actions = fixes(session, uri, found, text, meant)
    document = {"textDocument": {"uri": uri}}
    key = {**document, "position": place(text, "taskmanager.mem")}
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


def fixes(session, uri, found, text, meant):
    """How many typos are told, how many quick fixes each has (the most of any), and for how many
    the preferred one, else the first, is what was meant."""
    counts, right = [], 0
    lines = text.split("\n")
    for diagnostic in found:
        key = lines[diagnostic["range"]["start"]["line"]].split(":")[0]
        # Ours by the rule's code, the peer's by what it says of keys that the schema lacks.
        is_unknown = diagnostic.get("code") == "FK001" or "not allowed" in str(diagnostic["message"])
        if not is_unknown or key not in meant:
            continue
        actions = session.request("textDocument/codeAction", {
            "textDocument": {"uri": uri}, "range": diagnostic["range"],
            "context": {"diagnostics": [diagnostic], "only": ["quickfix"]},
        }) or []
        edits = [it for it in actions if it.get("edit") and "ignore" not in it["title"].lower()]
        counts.append(len(edits))
        best = next((it for it in edits if it.get("isPreferred")), edits[0] if edits else {})
        changes = best.get("edit", {}).get("changes", {}).get(uri, [])
        right += len(changes) == 1 and changes[0]["newText"] == meant[key]
    return f"{len(counts)} x {max(counts, default=0)}, {right} right"


def schema(slotwise, folder):
    """A JSON Schema of the flat keys, as `slotwise options` knows them."""
    options = json.loads(subprocess.check_output([slotwise, "options", "--target", "flink-1.20", "--format", "json"]))
    keys = {}
    for option in options:
        keys[option["key"]] = {"enum": option["enum"]} if option.get("enum") else {}
        for alias in option.get("deprecated_keys", []) + option.get("fallback_keys", []):
            keys.setdefault(alias, {})
    path = folder / "schema.json"
    patterns = {"^metrics\\.reporter\\.": {}}
    path.write_text(json.dumps({
        "type": "object", "properties": keys, "patternProperties": patterns, "additionalProperties": False}))
    return path


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


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--edits", type=int, default=200)
    arguments.add_argument("--without-peer", action="store_true")
    arguments.add_argument("--slotwise", default=ROOT / "target/release/slotwise", help="default: cargo build --release")
    options = arguments.parse_args()
    if not os.path.exists(options.slotwise):
        sys.exit(f"{options.slotwise}: no such file; run cargo build --release")
    slotwise = [str(options.slotwise), "lsp"]
    short, long = texts()
    rows = {
        "slotwise, 63 lines": measure(slotwise, *short, options.edits),
        "slotwise, 3,000 lines": measure(slotwise, *long, options.edits),
        "slotwise, config.yaml": measure(slotwise, as_yaml(long[0]), long[1], options.edits, name="config.yaml"),
    }
    if not options.without_peer:
        with tempfile.TemporaryDirectory() as temporary:
            path = schema(slotwise[0], Path(temporary))
            settings = {"yaml": {"schemas": {path.as_uri(): "*flink-conf.yaml"}, "validate": True, "completion": True,
                                 "hover": True, "schemaStore": {"enable": False}}}
            command = [str(peer()), "--stdio"]
            for name, text in [("63", short), ("3,000", long)]:
                rows[f"yaml-language-server, {name} lines"] = measure(
                    command, *text, max(15, options.edits // 10), settings, rounds=3)
    columns = ["start", "open", "keystroke", "p99", "completion", "items", "hover", "peak", "found", "fixes"]
    heads = ["start", "open", "key", "key p99", "complete", "items", "hover", "peak MiB", "found", "typos x fixes"]
    print("milliseconds, median\n")
    print(f"{'':<34}" + "".join(f"{head:>10}" for head in heads[:-1]) + f"{heads[-1]:>21}")
    for name, row in rows.items():
        cells = [row[column] for column in columns]
        shown = [f"{cell:>10.2f}" if isinstance(cell, float) else f"{cell:>10}" for cell in cells[:-1]]
        print(f"{name:<34}" + "".join(shown) + f"{cells[-1]:>21}")
    ours = rows["slotwise, 3,000 lines"]
    theirs = rows.get("yaml-language-server, 3,000 lines")
    if theirs:
        print(f"\na keystroke on 3,000 lines: {theirs['keystroke'] / ours['keystroke']:.0f} times as fast")
    missed = [f"{name} {ours[name]:.2f} > {bound}" for name, bound in BOUNDS.items() if ours[name] > bound]
    if missed:
        sys.exit("missed: " + ", ".join(missed))


if __name__ == "__main__":
    main()
