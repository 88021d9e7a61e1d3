#!/usr/bin/env python3
"""Profiles a live Flink cluster and compares the result with what Flink says of itself.

    python3 conformance/cluster.py [--binary PATH] [--for SPAN] [RELEASE...]      (default: 1.20 2.3)

Starts a JobManager and a TaskManager of a release from PyPI on loopback, runs a stateful SQL job
with RocksDB and checkpoints, and `slotwise profile` on it. Compared are: the TaskManager's pools,
derived by `slotwise memory` from the configuration that profile saved, with the ones Flink reports,
to the byte; the state that the workload describes with the size of Flink's checkpoints, within 10 %;
the keys and the rate with the job's; drift, with a file that is the deployed one and one that
is not; and the state that `slotwise assess` finds on that workload, again with the checkpoints.
Then, on a cluster of its own, jobs of every kind of keyed state run at once, growing and settled, in
RocksDB and on the heap; each is profiled and assessed, and its state compared alike. `--record
FOLDER` writes Flink's answers down for the plain tests. All processes are ended at the end.
"""

import argparse
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile

import flink

ROOT = pathlib.Path(__file__).parent.parent
JOBS = pathlib.Path(__file__).parent / "jobs"
# RocksDB's files hold old versions of what was written in the last few checkpoints: so that they
# are little beside the state, intervals are short and keys are many.
KEYS, RATE, INTERVAL = 200_000, 4_000, "2s"
# Flink on Java 17 looks into the JDK.
OPENS = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED"
         for name in ("lang", "lang.reflect", "net", "io", "nio", "text", "time", "util", "util.concurrent",
                      "util.concurrent.atomic", "util.concurrent.locks")]  # fmt: skip
OPENS += ["--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "--add-exports=java.base/sun.net.util=ALL-UNNAMED"]

CONFIGURATION = {
    "jobmanager.memory.process.size": "1200m",
    "taskmanager.memory.process.size": "1728m",
    "taskmanager.numberOfTaskSlots": "2",
    "parallelism.default": "2",
    "state.backend.rocksdb.metrics.estimate-num-keys": "true",
    "state.backend.rocksdb.metrics.block-cache-hit": "true",
    "state.backend.rocksdb.metrics.block-cache-miss": "true",
    "state.backend.rocksdb.metrics.block-cache-usage": "true",
    "state.backend.rocksdb.metrics.estimate-live-data-size": "true",
    "execution.checkpointing.interval": INTERVAL,
    "s3.secret-key": "never-print-this",
}  # fmt: skip
BEFORE_2 = {
    "state.backend": "rocksdb",
    "state.backend.type": "rocksdb",
    "state.backend.incremental": "true",
    "state.checkpoints.dir": "{folder}/checkpoints",
    "io.tmp.dirs": "{folder}/tmp",
}
FROM_2 = {
    "state.backend.type": "rocksdb",
    "execution.checkpointing.incremental": "true",
    "execution.checkpointing.dir": "{folder}/checkpoints",
    "io.tmp.dirs": "{folder}/tmp",
}
OPTIONS = {"pipeline.name": "count bids", "parallelism.default": "2", "execution.checkpointing.interval": INTERVAL}
STATEMENTS = [
    f"""CREATE TABLE bids (auction BIGINT, price BIGINT, channel STRING) WITH (
      'connector' = 'datagen', 'rows-per-second' = '{RATE}',
      'fields.auction.kind' = 'random', 'fields.auction.min' = '1', 'fields.auction.max' = '{KEYS}',
      'fields.channel.length' = '40')""",
    "CREATE TABLE counts (auction BIGINT, n BIGINT, best BIGINT, channel STRING) WITH ('connector' = 'blackhole')",
    "INSERT INTO counts SELECT auction, COUNT(*), MAX(price), LAST_VALUE(channel) FROM bids GROUP BY auction",
]

# Jobs of one subtask each that run side by side: name, state backend, statements or what `StateJob`
# keeps, and whether the state goes on growing.
SMALL_RATE, SMALL_KEYS = 1_000, 20_000


def bids(table, keys, rate=SMALL_RATE):
    return f"""CREATE TABLE {table} (auction BIGINT, price BIGINT, channel STRING, ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS ts) WITH (
      'connector' = 'datagen', 'rows-per-second' = '{rate}',
      'fields.auction.kind' = 'random', 'fields.auction.min' = '1', 'fields.auction.max' = '{keys}',
      'fields.channel.length' = '40')"""


def into(columns, query):
    return [f"CREATE TABLE results ({columns}) WITH ('connector' = 'blackhole')", f"INSERT INTO results {query}"]


COUNT = into("auction BIGINT, n BIGINT, channel STRING", "SELECT auction, COUNT(*), LAST_VALUE(channel) FROM bids GROUP BY auction")
WINDOW = into("auction BIGINT, n BIGINT, channel STRING",
              "SELECT auction, COUNT(*), MAX(channel) FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) "
              "GROUP BY auction, window_start, window_end")  # fmt: skip
TOP = into("auction BIGINT, price BIGINT, channel STRING, place BIGINT",
           "SELECT auction, price, channel, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) place FROM bids) "
           "WHERE place <= 3")  # fmt: skip
JOIN = into("auction BIGINT, price BIGINT, channel STRING",
            "SELECT bids.auction, bids.price, other.channel FROM bids JOIN other ON bids.auction = other.auction")  # fmt: skip
ENDLESS = 1 << 40
SHAPES = [
    ("growing values", "rocksdb", [bids("bids", ENDLESS), *COUNT]),
    ("growing values on the heap", "hashmap", [bids("bids", ENDLESS), *COUNT]),
    ("best rows", "rocksdb", [bids("bids", 2_000), *TOP]),
    ("windows", "rocksdb", [bids("bids", ENDLESS), *WINDOW]),
    ("windows on the heap", "hashmap", [bids("bids", ENDLESS), *WINDOW]),
    ("growing join", "rocksdb", [bids("bids", ENDLESS), bids("other", ENDLESS), *JOIN]),
    ("one value", "rocksdb", "value"),
    ("one value on the heap", "hashmap", "value"),
    ("lists", "rocksdb", "list"),
    ("maps", "rocksdb", "map"),
    ("maps on the heap", "hashmap", "map"),
    ("values with timers", "rocksdb", "timers"),
    ("values with timers on the heap", "hashmap", "timers"),
]


def free_port():
    with contextlib.closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class Cluster:
    """One JobManager and one TaskManager of a release, in a folder of their own."""

    def __init__(self, release, folder, more):
        self.release, self.folder, self.processes = release, folder, []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "conf" / ("flink-conf.yaml" if flink.minor(release) < (2, 0) else "config.yaml")
        self.file.parent.mkdir()
        entries = CONFIGURATION | more | (BEFORE_2 if flink.minor(release) < (2, 0) else FROM_2)
        entries = {key: value.format(folder=f"file://{folder}" if key.endswith(".dir") else folder) for key, value in entries.items()}
        entries |= {"rest.address": "127.0.0.1", "rest.port": str(self.port), "rest.bind-address": "127.0.0.1",
                    "jobmanager.rpc.address": "127.0.0.1", "jobmanager.rpc.port": str(free_port()),
                    "jobmanager.bind-host": "127.0.0.1", "taskmanager.host": "127.0.0.1",
                    "taskmanager.bind-host": "127.0.0.1"}  # fmt: skip
        self.file.write_text("".join(f"{key}: {value}\n" for key, value in entries.items()))

    def java(self, name, main, *arguments, heap="512m", jars=()):
        jars = [*map(str, jars), *sorted(map(str, flink.fetch(self.release).glob("*.jar")))]
        log = self.folder / f"{name}.log"
        logging = self.folder / "log4j2.properties"
        logging.write_text("rootLogger.level = WARN\nrootLogger.appenderRef.out.ref = out\nappender.out.name = out\n"
                           "appender.out.type = CONSOLE\nappender.out.layout.type = PatternLayout\n")  # fmt: skip
        command = ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", *OPENS, f"-Dlog4j.configurationFile={logging}",
                   "-cp", os.pathsep.join(jars), main, *arguments]  # fmt: skip
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FLINK_")}
        environment["FLINK_CONF_DIR"] = str(self.file.parent)
        with open(log, "wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                       env=environment, cwd=self.folder)  # fmt: skip
        self.processes.append(process)
        return process

    def start(self):
        # The start scripts let Flink derive the pools and hand them over; so does this.
        (answer,) = flink.run(self.release, "Memory", [(self.file.name, self.file.read_bytes())])
        pools = answer["task_manager"]
        names = {"framework_heap": "framework.heap.size", "framework_off_heap": "framework.off-heap.size",
                 "task_heap": "task.heap.size", "task_off_heap": "task.off-heap.size", "managed": "managed.size",
                 "network": "network.min", "jvm_metaspace": "jvm-metaspace.size", "jvm_overhead": "jvm-overhead.min"}  # fmt: skip
        properties = {f"taskmanager.memory.{key}": pools[name] for name, key in names.items()}
        properties["taskmanager.memory.network.max"] = pools["network"]
        properties["taskmanager.memory.jvm-overhead.max"] = pools["jvm_overhead"]
        properties["taskmanager.cpu.cores"] = 2.0
        dynamic = [part for key, value in properties.items() for part in ("-D", f"{key}={value}{'' if 'cores' in key else 'b'}")]
        configuration = ("--configDir", str(self.file.parent))
        self.java("jobmanager", "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", *configuration)
        self.java("taskmanager", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner", *configuration, *dynamic, heap="768m")
        self.until("a TaskManager", lambda: self.get("/taskmanagers")["taskmanagers"])

    def run_job(self, options, what):
        """Submits statements, or a `StateJob` that keeps `what`, and waits until it runs."""
        options, name = ";".join(f"{key}={value}" for key, value in options.items()), options["pipeline.name"]
        address = ("127.0.0.1", str(self.port))
        if isinstance(what, list):
            client = self.java("client", str(JOBS / "SqlJob.java"), *address, options, *what)
        else:
            jar = self.jar("StateJob")
            numbers = (str(SMALL_KEYS), str(SMALL_RATE))
            client = self.java("client", "StateJob", *address, str(jar), options, what, *numbers, jars=[jar])
        if client.wait(timeout=300) != 0:
            raise RuntimeError(f"the job was not submitted; see the logs in {self.folder}")
        self.processes.remove(client)
        return self.until("a running job", lambda: self.running_job(name))

    def jar(self, program):
        """The classes of a job, as a TaskManager loads them."""
        jar = self.folder / f"{program}.jar"
        if not jar.exists():
            classes = self.folder / program
            libraries = os.pathsep.join(map(str, flink.fetch(self.release).glob("*.jar")))
            subprocess.run(["javac", "-nowarn", "-d", classes, "-cp", libraries, JOBS / f"{program}.java"], check=True)
            with zipfile.ZipFile(jar, "w") as archive:
                for file in classes.iterdir():
                    archive.write(file, file.name)
        return jar

    def running_job(self, name):
        jobs = [job["jid"] for job in self.get("/jobs/overview")["jobs"] if job["state"] == "RUNNING" and job["name"] == name]
        return jobs and jobs[0]

    def checkpoints(self, job, since):
        """Sizes of a job's checkpoints since then, in ms since 1970, by their numbers."""
        history = self.get(f"/jobs/{job}/checkpoints")["history"]
        return {it["id"]: it["state_size"] for it in history if it["status"] == "COMPLETED" and it["trigger_timestamp"] >= since}

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def until(self, what, question, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if answer := question():
                    return answer
            for process in self.processes[:2]:
                if process.poll() is not None:
                    raise RuntimeError(f"Flink ended; see the logs in {self.folder}")
            time.sleep(0.5)
        raise RuntimeError(f"no {what} after {seconds} s; see the logs in {self.folder}")

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Recorder(http.server.ThreadingHTTPServer):
    """Hands requests on to a cluster and keeps the answers by path, queries left out."""

    def __init__(self, cluster):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.cluster, self.answers = cluster, {}
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with urllib.request.urlopen(self.server.cluster.url + self.path, timeout=10) as answer:
                body = answer.read()
            key = re.sub(r"\?.*", "?", self.path)
            self.server.answers.setdefault(key, []).append(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    def write(self, folder, every=5):
        """Every fifth answer, without what is this machine's."""
        paths = ("/jobmanager/config", "/taskmanagers")
        for path in paths:
            self.answers.setdefault(path, [self.cluster.get(path)])
        kept = {path: [trim(answer) for answer in answers[::every]] for path, answers in sorted(self.answers.items())}
        text = json.dumps(kept).replace(str(self.cluster.folder), "/flink").replace(str(self.cluster.port), "8081")
        kept = json.loads(re.sub(r"/[^\"]*/flink-web-[-0-9a-f]*", "/flink/web", text))
        lines = [f"{json.dumps(path)}: {json.dumps(answers, separators=(',', ':'))}" for path, answers in kept.items()]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "answers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
        (folder / "PROVENANCE.md").write_text(PROVENANCE.format(release=flink.RELEASES[self.cluster.release]))


def trim(answer):
    """An answer without the most of what is not read."""
    if isinstance(answer, dict) and "history" in answer:
        return {"history": answer["history"][:3]}
    if isinstance(answer, list) and answer and set(answer[0]) == {"id"}:
        return [name for name in answer if re.search("Records|rocksdb|Watermark|ressured", name["id"])]
    return answer


PROVENANCE = """# Answers of a Flink {release} cluster

By `python3 conformance/cluster.py --record`: a JobManager and a TaskManager of the release, on
loopback, with the SQL job of that script, watched for a minute. By path, the answers in order of
time; every fifth is kept, without the most of what is not read, and folders and ports are
replaced.
"""


class Report:
    def __init__(self):
        self.failures = 0

    def check(self, is_good, text):
        self.failures += not is_good
        print(f"  {'ok  ' if is_good else 'FAIL'} {text}", flush=True)

    def near(self, what, found, expected, part):
        off = abs(found - expected) / expected
        self.check(off <= part, f"{what}: {found:.0f}, Flink has {expected:.0f} (off by {off:.1%}, allowed {part:.0%})")


def state_of(workload):
    """Bytes of keyed state that a workload file describes."""
    number = lambda pattern: map(int, re.findall(pattern, workload))
    return sum(count * (key + value) for count, key, value in zip(number(r" count: (\d+)"), number(r"key_bytes: (\d+)"), number(r" fixed: (\d+)")))


def slotwise(binary, *arguments):
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)


def compare(cluster, job, arguments, report):
    """Profiles the job and compares; the workload is left in the cluster's folder."""
    folder, binary = cluster.folder, arguments.binary
    workload, conf = folder / "workload.yaml", folder / f"deployed-{cluster.file.name}"
    recorder = Recorder(cluster)
    # Until the first windows of RocksDB's files and of the rates are over.
    time.sleep(arguments.settle)
    short = slotwise(binary, "profile", cluster.url, "--for", "5s", "-o", workload)
    report.check(short.returncode == 2 and "too short" in short.stderr and not workload.exists(), f"refused: {short.stderr.strip()}")
    begin = time.time() * 1e3
    done = slotwise(binary, "profile", recorder.url, "--job", job, "--for", getattr(arguments, "for"), "-o", workload, "--save-config", conf)
    print("  " + done.stdout.replace(str(folder), "…").strip().replace("\n", "\n  "))
    report.check(done.returncode == 0, f"profile {done.stderr.strip().replace(str(folder), '…')}")
    if done.returncode != 0:
        return
    text = workload.read_text()
    report.check("never-print-this" not in text + conf.read_text() + done.stdout + done.stderr, "no secret is told")

    # The pools, derived from the configuration that was saved, to the byte.
    (manager,) = cluster.get("/taskmanagers")["taskmanagers"]
    pools = {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): size for name, size in manager["memoryConfiguration"].items()}
    for old, new in (("managed_memory", "managed"), ("network_memory", "network")):
        pools[new] = pools.pop(old)
    told = slotwise(binary, "memory", conf, "--format", "jsonl", "--target", f"flink-{cluster.release}")
    derived = json.loads(told.stdout)["task_manager"]
    report.check(all(derived[name] == size for name, size in pools.items()), f"{len(pools)} pools of the TaskManager are Flink's: {pools}")

    # The state, by the checkpoints of the window.
    sizes = [size for _, size in sorted(cluster.checkpoints(job, begin).items())]
    print(f"  Flink's checkpoints: {sizes}")
    report.near("state in bytes, by the median of the checkpoints", state_of(text), statistics.median(sizes), 0.10)
    report.near("keys", int(re.search(r" count: (\d+)", text)[1]), KEYS, 0.25)
    report.near("records a second", int(re.search(r"^rate: (\d+)", text, re.M)[1]), RATE, 0.05)
    seen = slotwise(binary, "simulate", "--workload", workload, "--records", "20000")
    report.check(seen.returncode == 0, f"the simulator takes it {seen.stderr.strip()}")
    assessed = assess(cluster, binary, conf, workload, report)
    report.near("state in bytes, as assessed", assessed["evidence"]["state_bytes"] * assessed["parallelism"], statistics.median(sizes), 0.10)
    shown = slotwise(binary, "assess", conf, "--workload", workload, "--target", f"flink-{cluster.release}")
    print("  " + shown.stdout.replace(str(folder), "…").strip().replace("\n", "\n  "))
    drift(cluster, binary, conf, report)
    if arguments.record:
        recorder.write(arguments.record / f"flink-{cluster.release}")
    recorder.shutdown()


def assess(cluster, binary, conf, workload, report):
    told = slotwise(binary, "assess", conf, "--workload", workload, "--target", f"flink-{cluster.release}", "--format", "json")
    report.check(told.returncode in (0, 1), f"assess: exit {told.returncode} {told.stderr.strip()}")
    return json.loads(told.stdout)


def compare_shapes(cluster, arguments, report):
    """Runs every kind of state at once, profiles each job and compares its state."""
    chosen = [shape for shape in SHAPES if not arguments.shape or shape[0] in arguments.shape]
    jobs = []
    for name, backend, what in chosen:
        options = OPTIONS | {"pipeline.name": name, "parallelism.default": "1", "state.backend": backend, "state.backend.type": backend}
        jobs.append(cluster.run_job(options, what))
    time.sleep(arguments.settle)
    begin, command = time.time() * 1e3, [arguments.binary, "profile", cluster.url, "--for", getattr(arguments, "for"), "--quiet"]
    files = [cluster.folder / f"{name.replace(' ', '-')}.yaml" for name, _, _ in chosen]
    running = [subprocess.Popen([*command, "--job", job, "-o", file], stderr=subprocess.PIPE, text=True) for job, file in zip(jobs, files)]
    seen = [{} for _ in jobs]
    while any(process.poll() is None for process in running):
        # Flink keeps the last ten only.
        for job, process, sizes in zip(jobs, running, seen):
            if process.poll() is None:
                sizes.update(cluster.checkpoints(job, begin))
        time.sleep(4)
    ended = [(process.stderr.read(), process.returncode) for process in running]
    for (name, backend, _), sizes, file, (errors, status) in zip(chosen, seen, files, ended):
        sizes = [size for _, size in sorted(sizes.items())]
        print(f"  {name}: {len(sizes)} checkpoints, {sizes}")
        report.check(status == 0, f"profile {errors.strip()}")
        if status != 0:
            continue
        text = file.read_text()
        print("    " + "\n    ".join(re.findall(r"^ +(?:# \w+: .* of state.*|access: .*|count: .*|growth: .*|key_bytes: .*|value_bytes: .*|timers.*)$", text, re.M)))
        if "window" in name:
            # What windows need is what they hold before they end.
            report.near("state in bytes, by the largest checkpoint", state_of(text), max(sizes), 0.10)
        else:
            expected = sizes[-1] if "growing" in name else statistics.median(sizes[-5:])
            report.near("state in bytes, by the checkpoints", state_of(text), expected, 0.10)
        told = slotwise(arguments.binary, "assess", cluster.file, "--workload", file, "--target", f"flink-{cluster.release}",
                        "--backend", {"hashmap": "heap"}.get(backend, backend), "--format", "json")  # fmt: skip
        report.check(told.returncode in (0, 1), f"assess: exit {told.returncode} {told.stderr.strip()}")
        if told.stdout:
            evidence = json.loads(told.stdout)
            state, found = evidence["evidence"]["state_bytes"], evidence["evidence"]["state_bytes_at_horizon"]
            print(f"    assessed: {evidence['verdict']} by {evidence['binding']}, state {state:.0f}, at the horizon {found}")


def drift(cluster, binary, conf, report):
    check = lambda file: slotwise(binary, "check", file, "--cluster", cluster.url, "--select", "FR", "--format", "concise",
                                  "--target", f"flink-{cluster.release}", "--fail-on", "info")  # fmt: skip
    same = check(conf)
    report.check(same.returncode == 0, f"no drift from what is deployed {same.stdout.strip()}{same.stderr.strip()}")
    text = conf.read_text().replace("taskmanager.numberOfTaskSlots: 2", "taskmanager.numberOfTaskSlots: 4")
    conf.write_text(text.replace("1728m", "2g"))
    other = check(conf)
    found = other.stdout.replace(str(cluster.folder), "…").strip()
    report.check(other.returncode == 1 and "numberOfTaskSlots" in found and "process.size" in found, f"drift is found:\n    " + found.replace("\n", "\n    "))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "target/debug/slotwise"))
    parser.add_argument("--for", default="1m", help="how long profile watches")
    parser.add_argument("--settle", type=float, default=3.5 * KEYS / RATE, help="seconds between the start of the job and the window")
    parser.add_argument("--record", type=pathlib.Path, help="where to write Flink's answers")
    parser.add_argument("--part", choices=["one", "shapes"], help="only one job looked at in full, or only the kinds of state")
    parser.add_argument("--shape", action="append", metavar="NAME", help="of the kinds of state, only this one")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the clusters")
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    arguments = parser.parse_args()
    report = Report()
    for release in arguments.releases or ["1.20", "2.3"]:
        for part in [arguments.part] if arguments.part else ["one", "shapes"]:
            print(f"flink-{release}, {part}", flush=True)
            folder = pathlib.Path(tempfile.mkdtemp(prefix=f"slotwise-cluster-{release}-"))
            # Below some 30 MiB a slot, RocksDB flushes all the time and checkpoints never end.
            more = {"taskmanager.numberOfTaskSlots": str(len(SHAPES)), "taskmanager.memory.process.size": "4g"} if part == "shapes" else {}
            cluster = Cluster(release, folder, more)
            try:
                cluster.start()
                if part == "one":
                    compare(cluster, cluster.run_job(OPTIONS, STATEMENTS), arguments, report)
                else:
                    compare_shapes(cluster, arguments, report)
            finally:
                cluster.stop()
                if not arguments.keep:
                    shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.failures} failures")
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
