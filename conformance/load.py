#!/usr/bin/env python3
"""Compares `slotwise config` with Flink's own loader on generated files of both dialects.

    python3 conformance/load.py [--count 10000] [--seed 1] [--releases 1.10,1.14,1.20,2.0,2.3]
                                [--binary target/release/slotwise] [--keep FOLDER]

Every entry's text and every decision to accept or refuse must be the same. A difference is printed
with the file's text; `--only N` repeats one file. Exit code 0 means no difference.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import flink

LEGACY, YAML = "legacy", "yaml"

# Pieces that mean something to one of the two parsers, or nearly do.
KEYS = [
    "taskmanager.memory.process.size", "taskmanager.numberOfTaskSlots", "parallelism.default", "rest.port",
    "state.backend", "state.backend.type", "execution.checkpointing.interval", "env.java.opts.all", "io.tmp.dirs",
    "classloader.parent-first-patterns.additional", "pipeline.jars", "metrics.reporters", "s3.secret-key", "a", "b", "a.b",
    "a.b.c", "A", "k1", "x.y", "high-availability.storageDir", "table.exec.state.ttl", "état", "鍵", "a-b", "a_b", "1a",
]  # fmt: skip
ODD_KEYS = ["1", "true", "null", "~", "1.5", "", ".a", "a.", "a..b", "a b", "#a", "a#b", "a:b", "-a", "- a", "?a", "[a]", "{a: 1}",
            "<<", "=", "*x", "&x a", "!t a", "'a'", '"a"', "0x1F", ".inf", "yes", "No", "a\tb", "\u00a0a", "💡"]  # fmt: skip
VALUES = [
    "1", "0", "-1", "+7", "08", "012", "0o17", "0x1F", "0xffffffffff", "0b11", "1_000", "2147483647", "2147483648", "-2147483649",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "0x123456789abcdef01",
    "1.5", "1.50", ".5", "5.", "-.5", "+.5e1", "1e3", "1E-3", "1e7", "12345678.9", "1.0E7", "0.001", "0.0001", "1e400", "-0.0", "1e-400",
    "0.1", "3.14159", "1.20.5", ".inf", "-.inf", "+.inf", ".Inf", ".nan", ".NaN", ".NAN", "inf", "nan", "NaN", "Infinity", "0.30000000000000004",
    "100.0", "1e21", "123456.789e3", "4.9e-324", "1.7976931348623157e308", "2.2250738585072014E-308", "9007199254740993.0",
    "true", "True", "TRUE", "tRUE", "false", "yes", "no", "on", "off", "y", "null", "Null", "NULL", "nULL", "~", "",
    "1g", "1024m", "512 mb", "1.5g", "10 s", "5 min", "PT5M", "100ms", "hashmap", "rocksdb", "exactly_once", "localhost", "0.0.0.0", "::1",
    "hdfs:///flink/ha/", "s3://bucket/path: x", "file:///a.jar;file:///b.jar", "-Dx=y -XX:+UseG1GC", "-Dp='a b'", "a;b;c", "a, b", "k1:v1,k2:v2",
    "/tmp", "C:\\dir", "${ENV}", "${A:-b}", "${}", "2020-01-01", "12:30:45", "190:20:30", "=", "<<", "a b", " a", "a ", "\ta", "a#b", "a #b",
    "a: b", "a:", ":a", "a:b", "[a]", "[", "]", "{", "}", "[a, b]", "{a: b}", "a,b", "-", "- a", "--", "---", "--- a", "...", "?", "? a", "?a",
    "!", "!a", "!!str a", "!!int 1", "&a", "&a b", "*a", "@a", "`a", "%a", "|", ">", "'a'", "\"a\"", "it's", "'", "\"", "\\", "\\n", "a\\tb",
    "é", "中文", "😀", "\u00a0", "\u3000x", "a\u2028b", "a\u2029b", "a\u0085b", "\ufeff", "a\ufeffb", "\u0001", "\u007f", "\u0080", "\ufffd", "\ufffe",
]  # fmt: skip


class Generator:
    """One file for a seed and an index."""

    def __init__(self, seed, index):
        self.random = random.Random(f"{seed}/{index}")
        self.anchors = []
        # Most YAML files must be readable, or their values are never compared.
        self.wildness = self.random.choice([0, 0, 0, 0.1, 0.3, 1])

    def chance(self, probability):
        return self.random.random() < probability

    def wild(self, probability=1.0):
        return self.chance(probability * self.wildness)

    def pick(self, items):
        return self.random.choice(items)

    def key(self):
        return self.pick(ODD_KEYS) if self.wild(0.06) else self.pick(KEYS)

    def value(self):
        if self.chance(0.12):
            return repr(self.random.choice([1, -1]) * self.random.random() * 10 ** self.random.randint(-12, 18))
        if self.chance(0.05):
            return " ".join(self.pick(VALUES) for _ in range(3))
        return self.pick(VALUES)

    def line_end(self):
        if not self.wild():
            return self.pick(["\n"] * 12 + ["\n\n", "\n  \n", "\n# c\n", " # c\n", " \n", "\r\n", "\r"])
        return self.pick(["\n"] * 30 + ["\r\n", "\r", "\u0085", "\u2028", " \u2029", "\n\n", "\n \n", "\n\t\n", "\n# c\n", " # c\n", "\t# c\n", " \n"])

    # The legacy dialect: lines, most of them well-formed.

    def legacy(self):
        self.wildness = 1
        lines = []
        for _ in range(self.random.randint(0, 9)):
            key, value = self.key(), self.value()
            form = self.pick(["{k}: {v}"] * 8 + [
                "{k}:{v}", "{k} : {v}", "  {k}: {v}", "\t{k}: {v}", "{k}:\t{v}", "{k}:  {v}  ", "{k}: {v} # c", "{k}: {v}#c", "#{k}: {v}",
                "{k}: '{v}'", '{k}: "{v}"', "{k}:", "{k}: ", ": {v}", "{k}", "{k}: {v}: x", "- {k}: {v}", "{k}= {v}", "{k}:: {v}", "{k}: |",
                "{k}:\u00a0{v}", "{k}: {v}\u0000", "\u000b{k}: \u000c{v}\u001f", "{k}: [{v}]", "{k}: #{v}", "{k}\u0020\u0020: {v}", "", "---", " ",
            ])  # fmt: skip
            lines.append(form.replace("{k}", key).replace("{v}", value))
        end = self.pick(["\n"] * 10 + ["\r\n", "\r", "\n\r", "\n\n"])
        text = end.join(lines) + self.pick([end, end, ""])
        data = (self.pick(["\ufeff"] + [""] * 20) + text).encode()
        return self.corrupt(data) if self.chance(0.1) else data

    # YAML: nested collections in all styles.

    def yaml(self):
        shape = self.random.random()
        if shape < 0.3:
            text = self.flat_yaml()
        else:
            text = self.block_map(0, self.random.randint(1, 3))
        if self.wild(0.1):
            text = self.pick(["---\n", "--- \n", "%YAML 1.2\n---\n", "%YAML 1.1\n---\n", "%TAG ! tag:x,\n---\n", "--- # c\n", "%FOO x\n---\n",
                              "...\n", "---\n---\n", "\n\n", "# c\n", "--- {}\n", "%YAML 2.0\n---\n", "---\n...\n---\n"]) + text  # fmt: skip
        if self.wild(0.1):
            text += self.pick(["...\n", "---\n", "...\n# c\n", "---\na: b\n", "\u0000", "...\n...\n", "]", "}", "- a\n", "x\n", "...x\n", "--- x", "\t"])
        if self.wild(0.4):
            text = self.mutate(text)
        data = (self.pick(["\ufeff"] + [""] * 30) + text).encode("utf-8", "surrogatepass")
        return self.corrupt(data) if self.wild(0.06) else data

    def flat_yaml(self):
        lines = []
        for key in self.yaml_keys(self.random.randint(0, 8)):
            gap = self.pick([" ", "\t", ""]) if self.wild(0.3) else self.pick([" ", " ", "  "])
            lines.append(f"{key}:{gap}{self.inline_value(2)}")
        return "".join(line + self.line_end() for line in lines)

    def yaml_keys(self, count):
        """Keys of one map, seldom the same twice."""
        keys = {}
        for _ in range(count):
            key = self.key()
            keys[key if not self.wild(0.1) else object()] = self.yaml_key(key)
        return keys.values()

    def yaml_key(self, key=None):
        key = self.key() if key is None else key
        style = self.random.random()
        if style < 0.07:
            return "'" + key.replace("'", "''") + "'"
        if style < 0.14:
            return json.dumps(key, ensure_ascii=self.chance(0.5))
        if style < 0.16 and self.wild():
            return f"? {key}\n"
        if style < 0.18:
            return self.property() + key
        return key

    def property(self):
        if not self.wild() and self.chance(0.3):
            return self.pick(["!!str ", "! ", "!<tag:yaml.org,2002:str> "])
        if not self.wild() or self.chance(0.5):
            name = self.pick(["x", "y", "z", "a1"])
            self.anchors.append(name)
            return f"&{name} "
        return self.pick(["!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "! ", "!c ", "!!map ", "!!seq ", "!!set ", "!!binary ",
                          "!<tag:yaml.org,2002:str> ", "!e!x ", "!!timestamp ", "!!omap "])  # fmt: skip

    def plain_or_quoted(self):
        value = self.value()
        if not self.wild():
            # What YAML would read as syntax, or Flink refuse, gets quotes or another value.
            if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe]", value):
                return json.dumps(value)
            if value.lower() in ("null", "~", "", "+.inf"):
                value = "x"
            if re.search(r"^[\s!&*\[\]{}|>@`'\"%#,?:-]|: |:$|\s#|\s$|[\[\]{},\t\x85\ufeff]|:[,\[\]{}]", value):
                return json.dumps(value, ensure_ascii=self.chance(0.5)) if self.chance(0.5) else "'" + value.replace("'", "''") + "'"
            return value + self.pick(["\n      b", "\n\n      b c"]) if self.chance(0.04) and self.wildness else value
        style = self.random.random()
        if style < 0.15:
            return "'" + value.replace("'", "''") + "'"
        if style < 0.3:
            return json.dumps(value, ensure_ascii=self.chance(0.5))
        if style < 0.34:
            return '"' + self.pick(["\\x41", "\\u00e9", "\\U0001F600", "\\N", "\\_", "\\L", "\\P", "\\e", "\\0", "\\/", "\\ ", "\\q", "\\u12", "\\\n  ", "a\n  b",
                                    "a\n\n  b", "a \n b", "\\ud83d\\ude00", "'", "\t"]) + value.replace('"', "").replace("\\", "") + '"'  # fmt: skip
        if style < 0.37:
            return "'" + value.replace("'", "''") + self.pick(["\n  b", "\n\n  b", " \n\t b", "\nb", " \u2028  b", "\n\u2029\n  b"]) + "'"
        if style < 0.4:
            return value + self.pick(["\n  b", "\n\n  b", "\n \u2028  b", " \u2029b", "\n    b c", "\n b: c", "\n  - b", "\n  # c\n  d", "  b", "\n  --- b"])
        return value

    def inline_value(self, depth):
        choice = self.random.random()
        prefix = self.property() if self.chance(0.02 + 0.05 * self.wildness) else ""
        if self.anchors and self.chance(0.1):
            return "*" + self.pick(self.anchors)
        if depth > 0 and choice < 0.16:
            return prefix + self.flow_list(depth)
        if depth > 0 and choice < 0.26:
            return prefix + self.flow_map(depth)
        return prefix + self.plain_or_quoted()

    def flow_list(self, depth):
        separator = self.pick([", ", ",", " , ", ",\n        ", ", # c\n        "])
        items = [self.flow_item(depth - 1) for _ in range(self.random.randint(0, 4))]
        return "[" + separator.join(items) + self.pick(["]"] * 8 + [",]" if items else "]", " ]", "\n        ]", "\n]"])

    def flow_item(self, depth):
        if self.chance(0.04) and not self.wild():
            return self.pick(["a: b", "? a : b", "'a': b", "{a: b}", "a: [b]", "? [x] : y", "? {y: 1} : 2", "null", "~", "!!set {a, b}", "!!binary aGk="])
        if self.wild(0.15):
            return self.pick(["a: b", "? a", "? a : b", "a:", ": b", "'a':b", '"a":b', "[a]: b", "{a: b}: c", "a: [b]", "? [x]", "? {y: 1} : 2"])
        return self.inline_value(depth)

    def flow_map(self, depth):
        separator = self.pick([", ", ",", " , ", ",\n        "])
        pairs = []
        for key in self.yaml_keys(self.random.randint(0, 4)):
            colon = self.pick([":", " :"]) if self.wild() else self.pick([": ", ": ", " : "])
            pairs.append(key if self.wild(0.2) else f"{key}{colon}{self.inline_value(depth - 1)}")
        return "{" + separator.join(pairs) + self.pick(["}"] * 8 + [",}" if pairs else "}", " }", "\n        }", "\n}"])

    def block_scalar(self, indent):
        tame = not self.wild()
        header = self.pick("|>") + self.pick(["", "", "-", "+"] if tame else ["2", "1", "-2", "2+", "3", "0", "x", ""]) + self.pick(["", "", " ", " # c", "# c" if not tame else ""])
        lines = [" " * (indent + 2) + "a"] if tame else []
        for _ in range(self.random.randint(0, 4)):
            extra = self.pick([0] * 6 + [1, 2] + ([] if tame else [-1]))
            if tame:
                lines.append(self.pick(["", " " * (indent + 2 + extra) + re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe]", "", self.value()), " " * (indent + 3) + "x"]))
                continue
            lines.append(self.pick(["{i}{v}"] * 6 + ["", "{i}", "{i} ", "\t", "{i}\tx", "{i}# x", "{i}- x", "{i}a: b", "{i}\u2028{v}", "\u2029"])
                         .replace("{i}", " " * max(0, indent + 2 + extra)).replace("{v}", self.value()))  # fmt: skip
        return header + self.pick(["\n"] * 8 + ["\r\n", "\r"]) + "".join(line + "\n" for line in lines)

    def block_map(self, indent, depth):
        pad, step = " " * indent, self.pick([2, 2, 2, 1, 4])
        text = ""
        for key in self.yaml_keys(self.random.randint(1, 5)):
            kind = self.random.random()
            here = pad + self.pick([" ", "\t", "-", "  "]) if self.wild(0.05) else pad
            after = self.property().rstrip() + " " if self.wild(0.15) else ""
            if depth > 0 and kind < 0.25:
                text += f"{here}{key}: {after}".rstrip(" ") + "\n" + self.block_map(indent + step, depth - 1)
            elif depth > 0 and kind < 0.4:
                text += f"{here}{key}: {after}".rstrip(" ") + "\n" + self.block_list(indent + self.pick([0, step]), depth - 1)
            elif kind < 0.48:
                text += f"{here}{key}: {after}{self.block_scalar(indent)}"
            elif kind < 0.5 and self.wild():
                text += f"{here}? {self.inline_value(1)}\n{here}: {self.inline_value(1)}\n"
            else:
                text += f"{here}{key}: {after}{self.inline_value(2)}{self.line_end()}"
        return text

    def block_list(self, indent, depth):
        pad, text = " " * indent, ""
        for _ in range(self.random.randint(1, 4)):
            kind = self.random.random()
            if depth > 0 and kind < 0.2:
                text += pad + "- " + self.block_map(indent + 2, depth - 1).lstrip(" ")
            elif depth > 0 and kind < 0.3:
                text += pad + "- " + self.block_list(indent + 2, depth - 1).lstrip(" ")
            elif kind < 0.36:
                text += pad + "- " + self.block_scalar(indent)
            elif kind < 0.4:
                text += pad + "-\n"
            else:
                text += pad + "- " + self.inline_value(2) + self.line_end()
        return text

    def mutate(self, text):
        characters = list(text)
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randint(0, len(characters))
            if self.chance(0.4) and characters:
                del characters[at : at + self.random.randint(1, 4)]
            else:
                characters.insert(at, self.pick(list(" \t\n\r:-?,[]{}#&*!|>'\"%@`\\~=.0aé\u0085\u00a0\ufeff\u2028\u2029") + ["---", "...", "  ", ": ", " #", "\n\n"]))
        return "".join(characters)

    def corrupt(self, data):
        data = bytearray(data)
        for _ in range(self.random.randint(1, 3)):
            bad = self.pick([b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80", b"\x80", b"\xe0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88"])
            at = self.random.randint(0, len(data))
            data[at:at] = bad
        return bytes(data)


def plan(arguments):
    """Which release reads file number N, and in which dialect."""
    choices = []
    for release in arguments.releases.split(","):
        version = flink.minor(release)
        if version < (2, 0):
            choices.append((release, LEGACY))
        if version >= (1, 19):
            choices.append((release, YAML))
    numbers = [arguments.only] if arguments.only is not None else range(arguments.count)
    return [(number, *choices[number % len(choices)]) for number in numbers]


def ours(binary, release, dialect, paths):
    """What slotwise makes of these files."""
    command = [binary, "config", "--show-secrets", "--format", "jsonl", "--target", f"flink-{release}", "--dialect", dialect, *map(str, paths)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if output.returncode > 1:
        raise RuntimeError(f"slotwise ends with {output.returncode}")
    return [json.loads(line) for line in output.stdout.splitlines()]


def same(mine, theirs):
    if "error" in theirs:
        return mine["error"] is not None and not mine["entries"]
    # Java can hold half of a surrogate pair, which no UTF-8 text can.
    entries = {name: "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text) for name, text in theirs["entries"].items()}
    return mine["error"] is None and mine["entries"] == entries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--releases", default="1.10,1.14,1.20,2.0,2.3")
    parser.add_argument("--binary", default="target/release/slotwise")
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=pathlib.Path, help="write the differing files here")
    arguments = parser.parse_args()

    groups = {}
    for number, release, dialect in plan(arguments):
        generator = Generator(arguments.seed, number)
        data = generator.legacy() if dialect == LEGACY else generator.yaml()
        groups.setdefault((release, dialect), []).append((number, data))

    accepted = refused = 0
    differences = []
    for (release, dialect), files in groups.items():
        name = "flink-conf.yaml" if dialect == LEGACY else "config.yaml"
        theirs = flink.run(release, "Load", [(name, data, ()) for _, data in files])
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / f"{number}.yaml" for number, _ in files]
            for path, (_, data) in zip(paths, files):
                path.write_bytes(data)
            mine = ours(arguments.binary, release, dialect, paths)
        for (number, data), my, their in zip(files, mine, theirs, strict=True):
            refused += "error" in their
            accepted += "error" not in their
            if not same(my, their):
                differences.append((number, release, dialect, data, my, their))
    for number, release, dialect, data, my, their in differences[:20]:
        print(f"--- file {number}, {release}, {dialect}: {data!r}")
        print(f"flink:    {json.dumps(their.get('error') or their['entries'])}")
        print(f"slotwise: {json.dumps(my['error'] or my['entries'])}")
        if arguments.keep:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            (arguments.keep / f"{number}.yaml").write_bytes(data)
    print(f"{accepted} files read and {refused} refused by Flink, seed {arguments.seed}: {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
