#!/usr/bin/env python3
"""Compares `slotwise memory` with real Flink on generated configurations.

    python3 conformance/memory.py [--count N] [--seed S] [--binary PATH] [--requests FILE] [RELEASE...]

Every number, every accept or reject, and every message of Flink's exceptions is compared, for the
TaskManager, the started TaskManager and the JobManager. A difference prints the configuration. Each
case depends only on seed, release and index; `--only INDEX` makes one again. `--requests` takes cases
from a file instead: JSON lines with `conf`, `format` (legacy or yaml), and optionally `dynamic` (an
object) and `target` ("active" for YARN and Kubernetes).
"""

import argparse
import collections
import decimal
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

import flink

KB, MB, GB = 1 << 10, 1 << 20, 1 << 30
LONG_MAX = (1 << 63) - 1
TM, JM = "taskmanager.memory.", "jobmanager.memory."
UNITS = {1: ["", "b", "bytes"], KB: ["k", "kb", "kibibytes"], MB: ["m", "mb", "MB", "mebibytes"], GB: ["g", "gb", "GibiBytes"]}
ODD_SIZES = ["0", "1", "0 b", "00064 m", "9223372036854775807", "8388607t", "9007199254740991k", "7\tkb", "4611686018427387904"]
BAD_SIZES = ["-1m", "+1m", "1.5g", "m", "1 m m", "1gib", "9223372036854775808", "8388608t", "1_0m", "true", "two gb", "0x10", "\u00a01m"]
ODD_FRACTIONS = ["0", "-0.0", "0.0f", ".25", "1e-12", "0.1d", "0x1p-3", "0.999999", "1.0E-2", "+.5", "0.30000001", "0.123456789012"]
BAD_FRACTIONS = ["1", "-0.01", "NaN", "Infinity", "-Infinity", "0.9999999999", "1e40", "a", "0.1.1", "10%", "1,5", "2"]
INTS = ["1", "2", "3", "5", "7", "16", "+4", "08"]
BAD_INTS = ["0", "-1", "-2", "two", "1.0", "2147483648", "1e1", "0x2", "4L"]


def multiply(size, fraction):
    """Flink's own product, to aim at its boundaries: float widened to double, exact decimal, truncated."""
    (widened,) = struct.unpack("f", struct.pack("f", fraction))
    return int(decimal.Decimal(size) * decimal.Decimal(repr(widened)))


class Case:
    """One configuration, as pairs of key and value, and its text in either dialect."""

    def __init__(self, seed, release, index):
        self.random = random.Random(f"{seed}/{release}/{index}")
        self.release = release
        self.pairs = []

    def chance(self, probability):
        return self.random.random() < probability

    def add(self, key, value):
        self.pairs.append((key, str(value)))

    def spell(self, size):
        """A size in any spelling that is exact."""
        fitting = [unit for unit in UNITS if size % unit == 0 and (unit == 1 or size >= unit)]
        unit = self.random.choice(fitting)
        name = self.random.choice(UNITS[unit])
        return f"{size // unit}{self.random.choice(['', '', ' ']) if name else ''}{name}"

    def size(self, low, high):
        if self.chance(0.015):
            return self.random.choice(BAD_SIZES)
        if self.chance(0.02):
            return self.random.choice(ODD_SIZES)
        size = self.random.randint(low, high)
        return self.spell(size - size % self.random.choice([1, KB, MB, MB]))

    def fraction(self, high=0.6):
        if self.chance(0.03):
            return self.random.choice(BAD_FRACTIONS)
        if self.chance(0.08):
            return self.random.choice(ODD_FRACTIONS)
        return repr(round(self.random.uniform(0, high), self.random.choice([1, 2, 3, 7, 12])))

    # TaskManager

    def task_manager(self):
        plan = self.random.choice([self.totals, self.totals, self.totals, self.exact_sums, self.clamp_boundary, self.legacy])
        plan()
        if self.chance(0.6):
            self.add("taskmanager.numberOfTaskSlots", self.random.choice(BAD_INTS if self.chance(0.06) else INTS))
        if self.chance(0.1):
            self.add("taskmanager.cpu.cores", self.random.choice(["1", "0.5", "2.75", "1e2", "0", "-1", "NaN", "Infinity", "x", "4f"]))
        if self.chance(0.12):
            self.add(TM + "segment-size", self.random.choice(["32kb", "4k", "64 kb", "1m", "4095", "2k", "33k", "0", "1g", "2g", "4g", "x"]))

    def totals(self):
        """Any choice of the options that decide the branch, and any of the others on top."""
        scale = self.random.choice([1, 1, 1, 4, 60, 5000])
        if self.chance(0.5):  # One start, roomy: mostly accepted.
            for key in self.random.choice([["process.size"], ["flink.size"], ["task.heap.size", "managed.size"]]):
                self.add(TM + key, self.size(GB, 6 * GB * scale))
            self.parts(0.1)
            return
        for key, probability, low, high in [
            ("process.size", 0.45, 400 * MB, 6 * GB), ("flink.size", 0.35, 200 * MB, 5 * GB),
            ("task.heap.size", 0.35, 0, 1500 * MB), ("managed.size", 0.35, 0, 1200 * MB),
        ]:  # fmt: skip
            if self.chance(probability):
                key = "taskmanager.memory.size" if key == "managed.size" and self.chance(0.1) else TM + key
                self.add(key, self.size(low, high * scale))
        self.parts(0.15)

    def parts(self, probability):
        for key, low, high in [
            ("framework.heap.size", 0, 300 * MB), ("framework.off-heap.size", 0, 300 * MB), ("task.off-heap.size", 0, 300 * MB),
            ("jvm-metaspace.size", 0, 600 * MB), ("jvm-overhead.min", 0, 600 * MB), ("jvm-overhead.max", 0, 3 * GB),
            ("framework.off-heap.batch-shuffle.size", 0, 200 * MB), ("network.min", 0, 300 * MB), ("network.max", 0, 3 * GB),
        ]:  # fmt: skip
            if self.chance(probability):
                self.add(self.network_key(TM + key), self.size(low, high))
        for key in ["jvm-overhead.fraction", "network.fraction", "managed.fraction"]:
            if self.chance(probability * 1.5):
                self.add(self.network_key(TM + key), self.fraction(0.9 if key == "managed.fraction" else 0.6))
        if self.chance(probability * 0.5):
            self.add("taskmanager.network.numberOfBuffers", self.random.choice(["0", "-1", "x", "2147483647"]) if self.chance(0.2) else self.random.randint(1, 90000))

    def network_key(self, key):
        """Sometimes the deprecated spelling, sometimes both."""
        if key.startswith(TM + "network.") and self.chance(0.15):
            deprecated = key.replace(TM + "network.", "taskmanager.network.memory.")
            if self.chance(0.7):
                return deprecated
            self.add(deprecated, self.fraction() if key.endswith("fraction") else self.size(0, GB))
        return key

    def exact_sums(self):
        """Parts whose sums are the totals, or miss them by one byte: the edges of Flink's checks."""
        pick, off = self.random.choice, lambda: self.random.choice([0, 0, 0, 1, -1])
        heap, managed, network = (self.random.randint(0, 2 * GB) for _ in range(3))
        framework, off_heap, task_off_heap = (pick([0, 1, 64 * MB, 128 * MB]) for _ in range(3))
        metaspace, overhead = pick([0, 96 * MB, 256 * MB]), pick([192 * MB, 300 * MB, GB]) + off()
        total = framework + off_heap + task_off_heap + heap + managed + network
        sizes = {
            "framework.heap.size": framework, "framework.off-heap.size": off_heap, "task.off-heap.size": task_off_heap,
            "task.heap.size": heap, "managed.size": managed, "jvm-metaspace.size": metaspace,
            "flink.size": total + off(), "process.size": total + metaspace + overhead + off(),
            "network.min": network + off(), "network.max": network + off(),
            "jvm-overhead.min": overhead + off(), "jvm-overhead.max": overhead + off(),
        }  # fmt: skip
        for key, size in sizes.items():
            if self.chance(0.75):
                self.add(TM + key, f"{max(size, 0)}{pick(['', 'b', ' bytes'])}")
        if self.chance(0.2):
            segment = pick([4 * KB, 32 * KB])
            self.add(TM + "segment-size", segment)
            self.add("taskmanager.network.numberOfBuffers", network // segment + off())
        for key in ["network.fraction", "jvm-overhead.fraction", "managed.fraction"]:
            if self.chance(0.2):
                self.add(TM + key, self.fraction())

    def clamp_boundary(self):
        """Bounds right at, one below and one above the product that they clamp."""
        total = self.random.randint(500 * MB, 8 * GB)
        fraction = round(self.random.uniform(0.01, 0.4), self.random.choice([1, 2, 3, 6]))
        product = multiply(total, fraction)
        component, start = self.random.choice([("jvm-overhead", "process.size"), ("network", "flink.size")])
        self.add(TM + start, total)
        self.add(f"{TM}{component}.fraction", fraction)
        for end in ["min", "max"]:
            if self.chance(0.7):
                self.add(f"{TM}{component}.{end}", max(0, product + self.random.choice([-1, 0, 1])))
        if self.chance(0.4):
            self.add(TM + "managed.fraction", self.fraction(0.99))
        self.parts(0.04)

    def legacy(self):
        if self.chance(0.7):
            self.add("taskmanager.heap.size", self.size(300 * MB, 5 * GB))
        if self.chance(0.45):
            self.add("taskmanager.heap.mb", self.random.choice(["-3", "x", "0", "2147483647", "2147483648"]) if self.chance(0.25) else self.random.randint(200, 9000))
        if self.chance(0.3):
            self.add(TM + "process.size", self.size(600 * MB, 6 * GB))
        if self.chance(0.2):
            self.add(TM + "flink.size", self.size(400 * MB, 5 * GB))
        if self.chance(0.15):
            self.add(TM + "task.heap.size", self.size(0, GB))
            self.add(TM + "managed.size", self.size(0, GB))
        self.parts(0.08)

    # JobManager

    def job_manager(self):
        pick, off = self.random.choice, lambda: self.random.choice([0, 0, 0, 1, -1])
        if self.chance(0.3):
            heap, off_heap = self.random.randint(0, 2 * GB), pick([0, 1, 64 * MB, 128 * MB])
            metaspace, overhead = pick([0, 96 * MB, 256 * MB]), pick([192 * MB, 300 * MB, GB]) + off()
            sizes = {
                "heap.size": heap, "off-heap.size": off_heap, "flink.size": heap + off_heap + off(), "jvm-metaspace.size": metaspace,
                "process.size": heap + off_heap + metaspace + overhead + off(), "jvm-overhead.min": overhead + off(), "jvm-overhead.max": overhead + off(),
            }  # fmt: skip
            for key, size in sizes.items():
                if self.chance(0.65):
                    self.add(JM + key, max(size, 0))
            return
        for key, probability, low, high in [
            ("process.size", 0.4, 300 * MB, 6 * GB), ("flink.size", 0.35, 100 * MB, 5 * GB), ("heap.size", 0.3, 0, 3 * GB),
            ("off-heap.size", 0.25, 0, 400 * MB), ("jvm-metaspace.size", 0.2, 0, 600 * MB), ("jvm-overhead.min", 0.15, 0, 500 * MB),
            ("jvm-overhead.max", 0.15, 0, 3 * GB),
        ]:  # fmt: skip
            if self.chance(probability):
                self.add(JM + key, self.size(low, high))
        if self.chance(0.2):
            self.add(JM + "jvm-overhead.fraction", self.fraction())
        if self.chance(0.25):
            self.add("jobmanager.heap.size", self.size(100 * MB, 3 * GB))
        if self.chance(0.2):
            self.add("jobmanager.heap.mb", self.random.choice(["-1", "0", "x", "2147483647"]) if self.chance(0.2) else self.random.randint(10, 4000))
        if self.chance(0.1):
            self.add(JM + "enable-jvm-direct-memory-limit", pick(["true", "FALSE", "True", "yes", "1", "on"]))

    # Texts

    def request(self):
        """(file name, bytes, dynamic properties, deployment)"""
        if self.chance(0.9):
            self.task_manager()
        if self.chance(0.45):
            self.job_manager()
        self.random.shuffle(self.pairs)
        dynamic = []
        if self.chance(0.08):
            for pair in self.random.sample(self.pairs, min(len(self.pairs), self.random.randint(1, 2))):
                self.pairs.remove(pair)
                dynamic.append("=".join(pair))
                if self.chance(0.5):
                    self.add(pair[0], self.random.choice(["1g", "0.2", "x", "300m", "2"]))
        numbers = flink.minor(self.release)
        is_yaml = numbers >= (2, 0) or (numbers >= (1, 19) and self.chance(0.5))
        text = self.yaml() if is_yaml else self.legacy_text()
        deployment = "active" if self.chance(0.06) else "standalone"
        return "config.yaml" if is_yaml else "flink-conf.yaml", text.encode(), dynamic, deployment

    def legacy_text(self):
        lines = []
        for key, value in self.pairs:
            lines.append(f"{key}: {value}")
            if self.chance(0.04):
                lines[-1] = self.random.choice([
                    f"  {key}: {value}  ", f"{key} : {value}", f"{key}: {value} # why", f"{key}:{value}", f"{key}:\t{value}", f"# {key}: {value}",
                    f"{key}: '{value}'", f"{key}: {value}#", f"{key.upper()}: {value}", f"{key}: {value};", f"{key}:  {value}\t",
                ])  # fmt: skip
            if self.chance(0.03):
                lines.append(f"{key}: {self.random.choice(['1g', '2', value])}")
            if self.chance(0.03):
                lines.append(self.random.choice(["", "# note", "not a pair", "other.key: 1"]))
        end = self.random.choice(["\n"] * 9 + ["\r\n"])
        return end.join(lines) + self.random.choice([end, ""])

    def yaml(self):
        nested = self.chance(0.5)
        tree, written = {}, set()
        for key, value in self.pairs:
            if key in written and self.chance(0.9):
                continue  # A duplicate is an error of the file; a few are kept.
            written.add(key)
            node, parts = tree, key.split(".") if nested else [key]
            for part in parts[:-1]:
                child = node.get(part)
                node = node.setdefault(part, {}) if child is None or isinstance(child, dict) else node
            if isinstance(node.get(parts[-1]), dict):
                tree[key] = self.scalar(value)
            else:
                node[parts[-1]] = self.scalar(value)
        return self.block(tree, 0)

    def block(self, node, depth):
        lines = []
        for key, value in node.items():
            if isinstance(value, dict):
                lines.append(f"{'  ' * depth}{key}:\n{self.block(value, depth + 1)}")
            else:
                lines.append(f"{'  ' * depth}{key}: {value}{self.random.choice([' # why', '', '', '', '', ''])}\n")
        return "".join(lines)

    def scalar(self, value):
        """Plain where YAML types it, or quoted, so that both reach Flink."""
        style = self.random.choice(["plain", "plain", "plain", "single", "double"])
        if style == "plain":
            return value if value[:1] not in "%,&*" and ": " not in value else f"'{value}'"
        return f"'{value}'" if style == "single" else json.dumps(value, ensure_ascii=False)


def requests_of_file(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry.get("mode", "tm") not in ("tm", "jm"):
            continue
        name = "config.yaml" if entry["format"] == "yaml" else "flink-conf.yaml"
        dynamic = [f"{key}={value}" for key, value in entry.get("dynamic", {}).items()]
        yield name, entry["conf"].encode("utf-8"), dynamic, entry.get("target", "standalone")


def ask_slotwise(binary, release, requests):
    """Answers in order; those without -D share a process, as thousands of files on one command line."""
    answers = [None] * len(requests)
    groups = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as scratch:
        for index, (name, content, dynamic, deployment) in enumerate(requests):
            path = pathlib.Path(scratch, str(index), name)
            path.parent.mkdir()
            path.write_bytes(content)
            groups[(tuple(dynamic), deployment)].append((index, str(path)))
        for (dynamic, deployment), members in groups.items():
            command = [binary, "memory", "--format", "jsonl", "--explain", "--target", f"flink-{release}", "--deployment", deployment]
            command += [f"-D{text}" for text in dynamic]
            done = subprocess.run(command + [path for _, path in members], capture_output=True, check=True)
            lines = done.stdout.decode().splitlines()
            for (index, path), line in zip(members, lines, strict=True):
                answers[index] = json.loads(line)
                if answers[index]["path"] != path:
                    raise RuntimeError(f"answers out of order: {path}")
    return answers


def messages(error):
    return [entry["message"] for entry in error]


def expected(flink_answer):
    """Flink's answer in the shape of ours; what Flink does not say is left out."""
    if "error" in flink_answer:  # The loader refused the file.
        return {"load": True}
    result = {}
    for process, start in (("task_manager", "start"), ("job_manager", None)):
        answer = dict(flink_answer[process])
        if "error" in answer:
            result[process], result[f"{process}_error"] = None, messages(answer["error"])
            continue
        result[f"{process}_jvm_arguments"] = answer.pop("jvm_arguments", None)
        result[process], result[f"{process}_error"] = answer, None
        answer = dict(flink_answer.get(start, {}))
        if "error" in answer:
            result["task_manager_start_error"] = messages(answer["error"])
            result.update(slots=None, slot=None, network_buffers=None)
        elif answer:
            result["task_manager_start_error"] = None
            result.update(answer)
    return result


def given(answer, wanted):
    """Our answer, cut down to what Flink said."""
    if wanted == {"load": True}:
        kinds = [(answer[f"{process}_error"] or {}).get("kind") for process in ("task_manager", "job_manager")]
        return {"load": kinds == ["load", "load"]}
    result = {}
    for key in wanted:
        value = answer[key]
        if key.endswith("_error") and value is not None:
            value = value["flink_messages"]
        if key.endswith("_jvm_arguments") and wanted[key] is None:
            value = None  # Flink 1.10 has no such text for the JobManager.
        if key == "job_manager" and value is not None:
            value = {name: size for name, size in value.items() if size is not None}
        result[key] = value
    return result


def coverage(answers):
    """How often each branch of the derivation and each kind of refusal was taken."""
    taken = collections.Counter()
    for answer in answers:
        for step in answer.get("steps", []):
            clamp = f" at {step['clamp']}" if step["clamp"] else ""
            inputs = [option["key"].split(".", 1)[1] for option in step["options"] if option["set_as"]]
            of = f" of {' '.join(step['pools'])}" if step["formula"] in ("rest", "sum") else f", set: {' '.join(inputs) or 'nothing'}"
            taken[f"{step['process']:<13} {step['pool']:<21} {step['formula']}{clamp}{of}"] += 1
        for name in ("task_manager_error", "task_manager_start_error", "job_manager_error"):
            if answer[name]:
                taken[f"{name.removesuffix('_error'):<13} {'refused':<21} {answer[name]['kind']}"] += 1
    return taken


def compare(binary, release, requests, shown, indices):
    by_mode = {"standalone": "Memory", "active": "MemoryActive"}
    truth = [None] * len(requests)
    for deployment, mode in by_mode.items():
        chosen = [index for index, request in enumerate(requests) if request[3] == deployment]
        answers = flink.run(release, mode, [requests[index][:3] for index in chosen]) if chosen else []
        for index, answer in zip(chosen, answers):
            truth[index] = expected(answer)
    ours = ask_slotwise(binary, release, requests)
    statistics = collections.Counter()
    differences = 0
    for index, (request, wanted, answer) in enumerate(zip(requests, truth, ours)):
        found = given(answer, wanted)
        statistics["refused files" if wanted == {"load": True} else "accepted TaskManagers" if wanted["task_manager"] else "refused TaskManagers"] += 1
        statistics["accepted JobManagers"] += bool(wanted.get("job_manager"))
        if found == wanted:
            continue
        differences += 1
        if differences <= shown:
            print(f"--- flink-{release} case {indices[index]}: {request[0]} {request[2]} {request[3]}\n{request[1].decode()}")
            for key in wanted:
                if wanted[key] != found[key]:
                    print(f"  {key}\n    Flink    {wanted[key]}\n    slotwise {found[key]}")
    return differences, statistics, coverage(ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="cases per release")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--binary", default="target/release/slotwise")
    parser.add_argument("--requests", type=pathlib.Path, help="cases from a file; name one release")
    parser.add_argument("--only", type=int, help="just this case")
    parser.add_argument("--coverage", action="store_true", help="list every branch and refusal that was hit")
    parser.add_argument("--show", type=int, default=3, help="differences to print per release")
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    arguments = parser.parse_args()
    total = cases = 0
    taken = collections.Counter()
    for release in arguments.releases or flink.RELEASES:
        indices = range(arguments.count) if arguments.only is None else [arguments.only]
        if arguments.requests:
            requests = list(requests_of_file(arguments.requests))
            indices = range(len(requests))
        else:
            requests = [Case(arguments.seed, release, index).request() for index in indices]
        differences, statistics, covered = compare(arguments.binary, release, requests, arguments.show, indices)
        total, cases = total + differences, cases + len(requests)
        taken += covered
        details = ", ".join(f"{count} {name}" for name, count in sorted(statistics.items()))
        print(f"flink-{release}: {len(requests)} cases, {differences} differences ({details})", flush=True)
    if arguments.coverage:
        print(f"\n{len(taken)} branches and refusals")
        for branch, count in sorted(taken.items()):
            print(f"{count:>8}  {branch}")
    print(f"{cases} cases, {total} differences")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
