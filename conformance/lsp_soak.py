#!/usr/bin/env python3
"""Whether `slotwise lsp` stays small and right for hours: random edits over many open documents.

    lsp_soak.py [--minutes 60] [--documents 200] [--rate 25]

Every edit's diagnostics must come for the version that it made. Each fiftieth edit, and every
document at the end, is compared with `slotwise check` of the same text in the same place. In
between come hovers, completions, quick fixes, cancelled requests, and files that close and open
again. Memory is sampled all along; once every document has been edited a few times it must stay
level. Exits with 1 if anything is stale, differs, or grows.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lsp.session import Session

ROOT = Path(__file__).resolve().parent.parent
# Growth from the second quarter of the run to the last that still counts as level.
LEVEL = 1.10
# Texts that have grown by more are set back, as the whole text at once: else the memory would
# follow the texts.
MAX_GROWTH = 150
BREAK = re.compile(r"\r\n|\r|\n")
PIECES = [
    "a", "b", "1", "0", " ", ":", ": ", "#", "\n", "\r\n", ".", "-", "'", '"', "é", "😀", "\t", "  ", "g", "mb", "[", "{",
    "taskmanager.memory.netwrok.max: 1g\n", "taskmanager.numberOfTaskSlots: 4\n", "state.backend.type: rocksdb\n",
    "taskmanager:\n  memory:\n    process.size: 4g\n", "state.backend: gemini\n", "s3.secret-key: abc\n",
    "# slotwise: ignore[FK001] on purpose\n", "execution.checkpointing.interval: 10\n",
]


class Document:
    """One file as its editor has it."""

    def __init__(self, number, folder, text):
        name = "config.yaml" if number % 3 == 0 else "flink-conf.yaml"
        self.path = folder / f"{number:03}" / "conf" / name
        self.path.parent.mkdir(parents=True)
        self.uri = self.path.as_uri()
        self.start = self.text = text
        self.version = 0
        self.found = []

    def position(self, index):
        before = self.text[:index]
        ends = list(BREAK.finditer(before))
        start = ends[-1].end() if ends else 0
        return {"line": len(ends), "character": len(before[start:].encode("utf-16-le")) // 2}

    def gap(self, randomness):
        """A place that is not within a line's end."""
        index = randomness.randrange(len(self.text) + 1)
        return index - 1 if self.text[index - 1:index + 1] == "\r\n" else index

    def edit(self, randomness):
        self.version += 1
        if len(self.text) > len(self.start) + MAX_GROWTH:
            self.text = self.start
            return {"text": self.text}
        start = self.gap(randomness)
        end = start
        if randomness.random() < 0.45:
            end = min(len(self.text), start + randomness.choice([1, 1, 1, 2, 5, 40]))
            end += self.text[end - 1:end + 1] == "\r\n"
        inserted = "" if end > start and randomness.random() < 0.8 else randomness.choice(PIECES)
        change = {"range": {"start": self.position(start), "end": self.position(end)}, "text": inserted}
        self.text = self.text[:start] + inserted + self.text[end:]
        return change


def summary(diagnostics):
    return sorted((it["code"], it["range"]["start"]["line"], it["range"]["start"]["character"]) for it in diagnostics)


def checked(slotwise, document):
    """What the command line finds in the text, as `summary` has it."""
    document.path.write_bytes(document.text.encode())
    output = subprocess.run([slotwise, "check", "--format", "json", document.path], capture_output=True, check=False)
    findings = json.loads(output.stdout)[0]["findings"]
    text = document.text.encode()
    places = []
    for finding in findings:
        place = (0, 0)
        if finding["span"]:
            before = text[:finding["span"]["start"]["offset"]].decode()
            ends = list(BREAK.finditer(before))
            start = ends[-1].end() if ends else 0
            place = (len(ends), len(before[start:].encode("utf-16-le")) // 2)
        places.append((finding["code"], *place))
    return sorted(places)


class Soak:
    def __init__(self, options, folder):
        self.options = options
        self.randomness = random.Random(options.seed)
        self.session = Session([str(options.slotwise), "lsp"])
        starts = [path.read_text() for path in sorted(ROOT.glob("fixtures/valid/**/*")) if path.is_file()]
        starts += [(ROOT / "fixtures/speed/flink-conf.yaml").read_text()]
        self.documents = [Document(n, folder, starts[n % len(starts)]) for n in range(options.documents)]
        self.edits = self.compared = self.requests = 0
        self.problems = []
        self.waits = []
        for document in self.documents:
            self.open(document)

    def open(self, document):
        document.version += 1
        self.session.notify("textDocument/didOpen", {"textDocument": {
            "uri": document.uri, "languageId": "yaml", "version": document.version, "text": document.text}})
        self.await_diagnostics(document)

    def await_diagnostics(self, document):
        message = self.session.wait(lambda it: it.get("method") == "textDocument/publishDiagnostics")
        params = message["params"]
        if params["uri"] != document.uri or params["version"] != document.version:
            self.problems.append(f"stale: version {params['version']} of {params['uri']}, "
                                 f"expected {document.version} of {document.uri}")
        document.found = params["diagnostics"]

    def step(self):
        document = self.randomness.choice(self.documents)
        changes = [document.edit(self.randomness)]
        start = time.perf_counter()
        self.session.notify("textDocument/didChange", {
            "textDocument": {"uri": document.uri, "version": document.version}, "contentChanges": changes})
        self.await_diagnostics(document)
        self.waits.append(time.perf_counter() - start)
        self.edits += 1
        if self.edits % 10 == 0:
            self.ask(document)
        if self.edits % 50 == 0:
            self.compare(document)
        if self.edits % 70 == 0:
            self.session.notify("textDocument/didClose", {"textDocument": {"uri": document.uri}})
            gone = self.session.wait(lambda it: it.get("method") == "textDocument/publishDiagnostics")
            if gone["params"]["diagnostics"]:
                self.problems.append(f"{document.uri} is closed and keeps its problems")
            self.open(document)

    def ask(self, document):
        position = document.position(document.gap(self.randomness))
        place = {"textDocument": {"uri": document.uri}, "position": position}
        whole = {"textDocument": {"uri": document.uri}}
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99999, "character": 0}}
        method, params = self.randomness.choice([
            ("textDocument/hover", place), ("textDocument/completion", place), ("textDocument/definition", place),
            ("textDocument/codeAction", {**whole, "range": everything, "context": {"diagnostics": document.found[:20]}}),
            ("textDocument/inlayHint", {**whole, "range": everything}), ("textDocument/codeLens", whole),
            ("textDocument/documentSymbol", whole), ("textDocument/semanticTokens/full", whole),
            ("textDocument/foldingRange", whole), ("textDocument/documentLink", whole),
            ("textDocument/formatting", {**whole, "options": {"tabSize": 2, "insertSpaces": True}}),
        ])
        self.session.next_id += 1
        wanted = self.session.next_id
        self.session.send({"id": wanted, "method": method, "params": params})
        if self.randomness.random() < 0.2:
            self.session.notify("$/cancelRequest", {"id": wanted})
        answer = self.session.wait(lambda it: it.get("id") == wanted)
        self.requests += 1
        if "error" in answer and answer["error"]["code"] != -32800:
            self.problems.append(f"{method}: {answer['error']}")

    def compare(self, document):
        self.compared += 1
        found, expected = summary(document.found), checked(self.options.slotwise, document)
        if found != expected:
            self.problems.append(f"{document.path}: the server finds {found}, the command line {expected}")

    def run(self):
        """Edits until the time is up; the memory after each sample's span, in MiB."""
        end = time.monotonic() + self.options.minutes * 60
        sample_at = step_at = time.monotonic()
        samples = []
        while time.monotonic() < end and len(self.problems) < 20:
            self.step()
            step_at = max(step_at + 1 / self.options.rate, time.monotonic() - 1)
            time.sleep(max(0, step_at - time.monotonic()))
            if time.monotonic() >= sample_at:
                samples.append(self.session.memory("VmRSS"))
                sample_at += self.options.minutes * 60 / 120
                if len(samples) % 10 == 1:
                    print(f"{self.edits:>8} edits  {samples[-1]:.1f} MiB  {len(self.problems)} problems", flush=True)
        for document in self.documents:
            self.compare(document)
        return samples


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--documents", type=int, default=200)
    arguments.add_argument("--rate", type=float, default=25, help="edits a second, at most")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--slotwise", default=ROOT / "target/release/slotwise", help="default: cargo build --release")
    options = arguments.parse_args()
    if not os.path.exists(options.slotwise):
        sys.exit(f"{options.slotwise}: no such file; run cargo build --release")
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options, Path(folder))
        samples = soak.run()
        peak = soak.session.memory()
        code = soak.session.close()
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter:2 * quarter] or samples, samples[-quarter:]
    second, last = sum(second) / len(second), sum(last) / len(last)
    waits = sorted(soak.waits)
    print(f"{soak.edits} edits of {len(soak.documents)} documents, {soak.requests} requests, "
          f"{soak.compared} comparisons with the command line")
    print(f"median {waits[len(waits) // 2] * 1e3:.2f} ms, p99 {waits[int(len(waits) * 0.99)] * 1e3:.2f} ms from edit to diagnostics")
    print(f"memory: {samples[0]:.1f} MiB at first, {second:.1f} in the second quarter, {last:.1f} in the last, peak {peak:.1f}")
    for problem in soak.problems:
        print(problem)
    if last > second * LEVEL:
        sys.exit("memory grows")
    if soak.problems or code != 0:
        sys.exit(f"{len(soak.problems)} problems, exit code {code}")


if __name__ == "__main__":
    main()
