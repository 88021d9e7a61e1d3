#!/usr/bin/env python3
"""Plans random workloads and holds every plan against real Flink, the rules and fresh runs.

    python3 conformance/plan.py [--count 500] [--seed 1] [--binary target/release/slotwise]
                                [--jobs N] [--only INDEX] [--keep FOLDER] [--no-flink]

For each workload that `slotwise plan` has a plan for:
 (a) the target's Flink release accepts the planned configuration, and starts a TaskManager with it;
 (b) `slotwise check` reports no error and no warning in it;
 (c) every goal is met by `slotwise simulate` with a seed that took no part in planning;
 (d) with four fifths of its process memory, all else the same, Flink refuses it, a rule reports what
     it did not report before, or a goal is missed.
A case depends on seed and index alone; `--only INDEX` makes one again and `--keep` leaves its files.
The exit code is 1 if a plan fails. Goals that no memory within bounds reaches are counted, not judged.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import flink

GEMINI = ["emr-3.28.2", "emr-3.30.0", "vvr-3.0.2", "vvr-4.0.8", "vvr-6.0.7", "vvr-8.0.5", "vvr-8.0.11", "vvr-11.2"]
FRESH_SEED = 4711


def pick_weighted(chance, pairs):
    return chance.choices([value for value, _ in pairs], [weight for _, weight in pairs])[0]


def sizes(chance, scale):
    kind = chance.random()
    if kind < 0.5:
        return f"{{ fixed: {scale} }}"
    if kind < 0.85:
        return f"{{ uniform: {{ min: {max(scale // 2, 1)}, max: {scale * 3 // 2} }} }}"
    return f"{{ weighted: [{{ bytes: {max(scale // 4, 1)}, weight: 8 }}, {{ bytes: {scale * 4}, weight: 1 }}] }}"


def distribution(chance, keys):
    kind = pick_weighted(chance, [("uniform", 2), ("zipf", 4), ("hot_set", 2), ("recent", 2)])
    if kind == "zipf":
        return f"{{ zipf: {{ exponent: {round(chance.uniform(0.4, 1.3), 2)} }} }}"
    if kind == "hot_set":
        drift = f", drift_interval: {chance.randint(100, 5000)}, drift_step: {chance.randint(1, 200)}" if chance.random() < 0.5 else ""
        return f"{{ hot_set: {{ keys: {max(keys // chance.choice([5, 20, 100]), 1)}, share: {round(chance.uniform(0.5, 0.95), 2)}{drift} }} }}"
    if kind == "recent":
        return f"{{ recent: {{ active: {chance.randint(10, 5000)}, hot_share: {round(chance.uniform(0, 0.6), 2)}, hot_span: {chance.randint(10, 1000)} }} }}"
    return "uniform"


def access(chance):
    span = lambda low, high: f"{chance.randint(low, high)}s"  # noqa: E731
    size = chance.randint(2, 60)
    share = round(chance.uniform(0.2, 0.8), 2)
    return pick_weighted(chance, [
        ("read_modify_write", 5),
        (f"{{ mix: {{ reads: {round(chance.uniform(0.2, 0.95), 2)}, deletes: {chance.choice([0.0, 0.02])} }} }}", 3),
        (f"{{ deduplicate: {{ keep_last: {chance.choice(['true', 'false'])} }} }}", 2),
        (f"{{ tumbling_window: {{ size: {span(2, 60)} }} }}", 1),
        (f"{{ sliding_window: {{ size: {size * 4}s, slide: {size}s }} }}", 1),
        (f"{{ session_window: {{ gap: {span(1, 20)} }} }}", 1),
        (f"{{ window_join: {{ size: {span(2, 30)}, left_share: {share} }} }}", 1),
        (f"{{ interval_join: {{ bound: {span(1, 20)}, left_share: {share} }} }}", 1),
        (f"{{ dual_stream_join: {{ left: {{ share: {share}, match_rate: {round(chance.uniform(0.1, 1), 2)}, value_bytes: {{ fixed: {chance.choice([100, 1000])} }} }} }} }}", 2),
        (f"{{ top_n: {{ n: {chance.choice([1, 10, 50])} }} }}", 1),
        (f"{{ list_append: {{ flush_every: {chance.choice([10, 100])} }} }}", 1),
        (f"{{ map_scan: {{ entries: {chance.choice([4, 32])}, scans: {round(chance.uniform(0.01, 0.2), 2)} }} }}", 1),
    ])  # fmt: skip


class Case:
    """A workload, a configuration to start from, and goals."""

    def __init__(self, seed, index):
        chance = self.chance = random.Random(f"{seed}/{index}")
        self.index = index
        self.backend = pick_weighted(chance, [("gemini", 5), ("rocksdb", 4), ("heap", 1)])
        releases = [f"flink-{release}" for release in flink.RELEASES]
        self.target = chance.choice(GEMINI if self.backend == "gemini" else releases)
        self.parallelism = chance.choice([1, 2, 4, 6, 8, 16, 32, 64])
        self.workload = self.make_workload()
        self.goals = self.make_goals()

    def make_workload(self):
        chance = self.chance
        count = pick_weighted(chance, [(1, 5), (2, 2), (3, 1)])
        records = chance.choice([20_000, 40_000, 80_000, 120_000])
        self.checkpoint = chance.random() < 0.6
        # The rate of a subtask; without one the job goes as fast as it can.
        rate = chance.choice([None, None, 2_000, 10_000])
        lines = [
            f"name: random-{self.index}", f"parallelism: {self.parallelism}",
            f"event_rate: {self.parallelism * chance.choice([1_000, 20_000])}",
            f"warm_up_records: {records // 2}", f"records: {records}",
        ]  # fmt: skip
        if rate:
            lines.append(f"rate: {rate * self.parallelism}")
        if self.checkpoint:
            lines.append(f"checkpoint: {{ interval: {chance.choice(['1s', '5s', '1min', '3min'])}, mode: {chance.choice(['incremental'] * 3 + ['full'])} }}")
        lines.append("operators:")
        # Heap state must fit the heap whole; the others are to reach from a little to gigabytes.
        largest = 1e8 if self.backend == "heap" else 3e9
        # Half of them have more state than the least memory of a backend, so that goals decide.
        is_large = self.large = self.backend != "heap" and chance.random() < 0.5
        for number in range(count):
            keys = chance.choice([30_000, 60_000] if is_large else [1, 100, 2_000, 20_000, 60_000])
            value = chance.choice([4_000, 12_000, 40_000] if is_large else [8, 64, 200, 1_000, 8_000])
            while keys * value * count > largest:
                value //= 4
            lines += [
                f"  - name: operator-{number}", f"    share: {chance.choice([1.0, 1.0, 0.5])}",
                f"    keys: {{ count: {keys * self.parallelism}, loaded: {chance.choice(['true', 'true', 'false'])}, "
                f"growth: {chance.choice([0, 0, 0.05])}, distribution: {distribution(chance, keys * self.parallelism)} }}",
                f"    key_bytes: {chance.choice([8, 16, 40])}", f"    value_bytes: {sizes(chance, max(value, 1))}",
            ]  # fmt: skip
            if chance.random() < 0.15:
                lines.append(f"    ttl: {chance.choice(['10s', '1h'])}")
            lines.append(f"    access: {access(chance)}")
        return "\n".join(lines) + "\n"

    def make_goals(self):
        chance = self.chance
        goals = {
            "hit-ratio": f"hit-ratio>={chance.choice([0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99])}",
            "throughput": f"throughput>={self.parallelism * chance.choice([500, 2_000, 5_000, 10_000])}",
            "recovery": f"recovery<{chance.choice(['10s', '30s', '2min', '10min'])}",
        }
        if self.checkpoint:
            goals["checkpoint"] = f"checkpoint<{chance.choice(['5s', '20s', '1min', '5min'])}"
        if self.backend == "heap":
            del goals["hit-ratio"]
        if self.large and chance.random() < 0.6:
            return [goals["hit-ratio"]]
        return [goals[name] for name in chance.sample(sorted(goals), chance.choice([1, 1, 2, min(3, len(goals))]))]

    def configuration(self, release):
        """File name and text: options as somebody may have left them, and nothing that a rule of other families reports."""
        chance, numbers = self.chance, flink.minor(release)
        process = chance.choice([1728, 2048, 4096, 8192])
        options = {
            "taskmanager.memory.process.size": f"{process}m",
            "taskmanager.numberOfTaskSlots": str(chance.choice([1, 2, 4])),
            "taskmanager.memory.managed.fraction": chance.choice([None, None, "0.3", "0.6"]),
            "jobmanager.memory.process.size" if numbers >= (1, 11) else "jobmanager.heap.size": "1600m",
            "state.backend" if numbers < (1, 17) else "state.backend.type": {
                "gemini": "com.alibaba.flink.statebackend.GeminiStateBackendFactory",
                "rocksdb": "rocksdb", "heap": "filesystem" if numbers < (1, 13) else "hashmap"}[self.backend],
            "state.checkpoints.dir" if numbers < (2, 0) else "execution.checkpointing.dir": "hdfs:///flink/checkpoints",
        }  # fmt: skip
        if self.backend == "gemini" and chance.random() < 0.7:
            del options["state.backend" if numbers < (1, 17) else "state.backend.type"]
        if self.backend == "rocksdb":
            options["state.backend.incremental" if numbers < (2, 0) else "execution.checkpointing.incremental"] = "true"
        if numbers >= (1, 11) or self.backend == "rocksdb":
            options["execution.checkpointing.interval"] = "1min"
        else:
            del options["state.checkpoints.dir"]
        if chance.random() < 0.2:
            options["taskmanager.memory.network.fraction"] = "0.15"
        if chance.random() < 0.2:
            options["taskmanager.memory.jvm-metaspace.size"] = "400m"
        if chance.random() < 0.2:
            options["taskmanager.memory.managed.size"] = f"{process // 4}m"
            options.pop("taskmanager.memory.managed.fraction")
        name = "config.yaml" if numbers >= (2, 0) else "flink-conf.yaml"
        return name, "# What was there before.\n" + "".join(f"{key}: {value}\n" for key, value in options.items() if value)


class Judge:
    def __init__(self, binary, folder, base):
        self.binary, self.folder, self.base = binary, folder, base

    def slotwise(self, *arguments):
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def findings(self, path, case, *workload):
        """Code, severity and message of what is worse than a hint, and the codes of hints."""
        code, out, err = self.slotwise("check", path, "--target", case.target, *workload, "--format", "json")
        if not out:
            raise RuntimeError(f"check: {err}")
        found = [finding for entry in json.loads(out) for finding in entry["findings"]]
        worse = [(it["code"], it["severity"], it["message"]) for it in found if it["severity"] != "info"]
        return worse, sorted({it["code"] for it in found if it["severity"] == "info"})

    def missed(self, path, case, workload, seed):
        """Goals that a run misses, with what it reached."""
        code, out, err = self.slotwise("simulate", "--config", path, "--target", case.target, "--workload", workload, "--seed", seed, "--format", "json")
        if code == 2:
            return [f"not run: {err.strip()}"]
        (report,) = json.loads(out)
        if report["failure"]:
            return [f"failed: {report['failure']}"]
        checkpoints = [row["duration_ns"] for row in report["checkpoints"]]
        recovery = report["recovery"] or {}
        reached = {
            "hit-ratio": report["reads"]["hits_per_million"] / 1e6 if report["reads"]["lookups"] else 1.0,
            "throughput": report["records_per_second"] * case.parallelism,
            # Where none fell due, the one at the end of the run counts.
            "checkpoint": max(checkpoints or [recovery["checkpoint_ns"]]) / 1e9,
            "recovery": recovery["remote_ns"] / 1e9,
        }
        missed = []
        for goal in case.goals:
            name, relation, bound = re.match(r"([a-z-]+)(>=|<)(.*)", goal).groups()
            bound = float(bound) if relation == ">=" else float(re.match(r"\d+", bound)[0]) * (60 if bound.endswith("min") else 1)
            if not (reached[name] >= bound if relation == ">=" else reached[name] < bound):
                missed.append(f"{goal}: {reached[name]:.4f}")
        return missed

    def run(self, case):
        """The outcome of a case, without Flink's word."""
        folder = pathlib.Path(self.folder, str(case.index))
        folder.mkdir(parents=True, exist_ok=True)
        name, text = case.configuration(self.base[case.target])
        before, workload = folder / name, folder / "workload.yaml"
        before.write_text(text)
        workload.write_text(case.workload)
        # A rate is what simulate keeps to; goals are about what a run reaches at full speed.
        unthrottled = folder / "unthrottled.yaml"
        unthrottled.write_text(re.sub(r"^rate: .*\n", "", case.workload, flags=re.M))
        planned = folder / "planned" / name
        planned.parent.mkdir(exist_ok=True)
        outcome = {"case": case, "problems": [], "name": name, "folder": folder}
        goals = [part for goal in case.goals for part in ("--goal", goal)]
        start = time.monotonic()
        code, out, err = self.slotwise("plan", before, "--workload", workload, "--target", case.target, "--format", "json", "--output", planned, *goals)
        outcome["seconds"] = time.monotonic() - start
        if code != 0:
            outcome["refused"] = err.strip().rsplit("yaml: ", 1)[-1]
            return outcome
        plan = outcome["plan"] = json.loads(out)
        worse, outcome["infos"] = self.findings(planned, case)
        outcome["problems"] += [f"(b) {' '.join(it)}" for it in worse]
        # Rules that know the workload look at a horizon of a day, and at ranges of what is unknown.
        capacity, _ = self.findings(planned, case, "--workload", workload)
        outcome["capacity"] = sorted({f"{code} {severity}" for code, severity, _ in capacity if code.startswith("FP")})
        for run, which in ((unthrottled, "at full speed"), (workload, "at its rate")):
            if which == "at its rate" and run.read_text() == unthrottled.read_text():
                continue
            missed = self.missed(planned, case, run, FRESH_SEED)
            # A rate below the goal's is no fault of the plan's.
            missed = [goal for goal in missed if which == "at full speed" or not goal.startswith("throughput")]
            outcome["problems"] += [f"(c) {goal} {which}" for goal in missed]
        outcome["less"] = self.with_less(case, plan, planned, unthrottled, worse)
        if outcome["less"] is None:
            outcome["problems"].append("(d) does as well with four fifths of its memory")
        return outcome

    def with_less(self, case, plan, planned, workload, known):
        """What becomes of the plan with four fifths of its memory: the reason it does not do, or nothing."""
        process = plan["pick"]["process"] // (1 << 20) * 4 // 5
        less = planned.parent.parent / "less" / planned.name
        less.parent.mkdir(exist_ok=True)
        text = re.sub(r"(taskmanager\.memory\.process\.size: ).*", rf"\g<1>{process}m", planned.read_text())
        if text == planned.read_text():
            raise RuntimeError("no process size in the plan")
        less.write_text(text)
        if missed := self.missed(less, case, workload, FRESH_SEED):
            return "goal " + re.split("[<>:]", missed[0])[0]
        worse, _ = self.findings(less, case)
        new = sorted({it[0] for it in worse} - {it[0] for it in known})
        return f"rule {new[0]}" if new else None


def ask_flink(outcomes, base):
    """Adds what real Flink says against a plan."""
    groups = collections.defaultdict(list)
    for outcome in outcomes:
        if "plan" in outcome:
            target = outcome["case"].target
            groups[(base[target], "MemoryActive" if target.startswith("emr") else "Memory")].append(outcome)
    for (release, mode), members in sorted(groups.items()):
        requests = [(it["name"], (it["folder"] / "planned" / it["name"]).read_bytes(), ()) for it in members]
        for outcome, answer in zip(members, flink.run(release, mode, requests), strict=True):
            parts = [answer] if "error" in answer else [answer[part] for part in ("task_manager", "start", "job_manager") if part in answer]
            outcome["problems"] += [f"(a) {json.dumps(part['error'])[:300]}" for part in parts if "error" in part]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="workloads that have a plan")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--binary", default="target/release/slotwise")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--no-flink", action="store_true", help="leave (a) out")
    arguments = parser.parse_args()
    listed = json.loads(subprocess.run([arguments.binary, "targets", "--format", "json"], capture_output=True, check=True).stdout)
    base = {it["name"]: it["release"] for it in listed}
    indices = iter([arguments.only] if arguments.only is not None else range(arguments.count * 3))
    with tempfile.TemporaryDirectory() as scratch:
        judge = Judge(arguments.binary, arguments.keep or scratch, base)
        outcomes, planned, start = [], 0, time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            while planned < arguments.count:
                # As many more as are missing, so that the cases do not depend on the number of jobs.
                batch = [Case(arguments.seed, index) for index, _ in zip(indices, range(arguments.count - planned))]
                if not batch:
                    break
                for outcome in pool.map(judge.run, batch):
                    outcomes.append(outcome)
                    planned += "plan" in outcome
                    if sys.stderr.isatty() or len(outcomes) % 50 == 0:
                        print(f"{len(outcomes)} cases, {planned} plans, {time.monotonic() - start:.0f} s", file=sys.stderr)
        if not arguments.no_flink:
            ask_flink(outcomes, base)
    return report(outcomes, arguments, time.monotonic() - start)


def report(outcomes, arguments, seconds):
    plans = [outcome for outcome in outcomes if "plan" in outcome]
    bad = [outcome for outcome in plans if outcome["problems"]]
    for outcome in bad[: arguments.show]:
        case = outcome["case"]
        print(f"--- case {case.index}: {case.backend} on {case.target}, {' '.join(case.goals)}")
        print(f"    {json.dumps(outcome['plan']['pick'])}")
        for problem in outcome["problems"]:
            print(f"    {problem}")
    kinds = collections.Counter(problem[:3] for outcome in bad for problem in {it[:3] for it in outcome["problems"]})
    reasons = collections.Counter(re.sub(r"[\d.]+", "#", outcome["refused"]) for outcome in outcomes if "refused" in outcome)
    print(f"{len(plans)} plans of {len(outcomes)} workloads in {seconds:.0f} s; planning took {sum(it['seconds'] for it in outcomes):.0f} s")
    print("backends:", dict(collections.Counter(it["case"].backend for it in plans)))
    print("goals:", dict(collections.Counter(re.split("[<>]", goal)[0] for it in plans for goal in it["case"].goals)))
    print("hints:", dict(collections.Counter(code for it in plans for code in it["infos"])))
    print("with the workload:", dict(collections.Counter(code for it in plans for code in it["capacity"])))
    print("what four fifths of the memory break:", dict(collections.Counter(it["less"] for it in plans)))
    for reason, count in reasons.most_common():
        print(f"no plan, {count} times: {reason}")
    print(f"{len(bad)} plans fail: {dict(kinds)}" if bad else "every plan holds")
    return 1 if bad or not plans else 0


if __name__ == "__main__":
    sys.exit(main())
