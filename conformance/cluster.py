#!/usr/bin/env python3
"""Profiles a live Flink cluster and compares the result with what Flink says of itself.

    python3 conformance/cluster.py [--binary PATH] [--for SPAN] [RELEASE...]      (default: 1.20 2.3)

Starts a JobManager and a TaskManager of a release from PyPI on loopback, runs a stateful SQL job
with RocksDB and checkpoints, and `slotwise profile` on it. Compared are: the TaskManager's pools,
derived by `slotwise memory` from the configuration that profile saved, with the ones Flink reports,
to the byte; the state that the workload describes with the size of Flink's checkpoints, within 10 %;
the keys and the rate with the job's; drift, with a file that is the deployed one and one that
is not. `slotwise assess` then runs on the result. `--record FOLDER` writes Flink's answers down for
the plain tests. All processes are ended at the end.
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

import flink

ROOT = pathlib.Path(__file__).parent.parent
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
OPTIONS = f"pipeline.name=count bids;parallelism.default=2;execution.checkpointing.interval={INTERVAL}"
STATEMENTS = [
    f"""CREATE TABLE bids (auction BIGINT, price BIGINT, channel STRING) WITH (
      'connector' = 'datagen', 'rows-per-second' = '{RATE}',
      'fields.auction.kind' = 'random', 'fields.auction.min' = '1', 'fields.auction.max' = '{KEYS}',
      'fields.channel.length' = '40')""",
    "CREATE TABLE counts (auction BIGINT, n BIGINT, best BIGINT, channel STRING) WITH ('connector' = 'blackhole')",
    "INSERT INTO counts SELECT auction, COUNT(*), MAX(price), LAST_VALUE(channel) FROM bids GROUP BY auction",
]


def free_port():
    with contextlib.closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class Cluster:
    """One JobManager and one TaskManager of a release, in a folder of their own."""

    def __init__(self, release, folder):
        self.release, self.folder, self.processes = release, folder, []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "conf" / ("flink-conf.yaml" if flink.minor(release) < (2, 0) else "config.yaml")
        self.file.parent.mkdir()
        entries = CONFIGURATION | (BEFORE_2 if flink.minor(release) < (2, 0) else FROM_2)
        entries = {key: value.format(folder=f"file://{folder}" if key.endswith(".dir") else folder) for key, value in entries.items()}
        entries |= {"rest.address": "127.0.0.1", "rest.port": str(self.port), "rest.bind-address": "127.0.0.1",
                    "jobmanager.rpc.address": "127.0.0.1", "jobmanager.rpc.port": str(free_port()),
                    "jobmanager.bind-host": "127.0.0.1", "taskmanager.host": "127.0.0.1",
                    "taskmanager.bind-host": "127.0.0.1"}  # fmt: skip
        self.file.write_text("".join(f"{key}: {value}\n" for key, value in entries.items()))

    def java(self, name, main, *arguments, heap="512m"):
        lib = flink.fetch(self.release)
        log = self.folder / f"{name}.log"
        logging = self.folder / "log4j2.properties"
        logging.write_text("rootLogger.level = WARN\nrootLogger.appenderRef.out.ref = out\nappender.out.name = out\n"
                           "appender.out.type = CONSOLE\nappender.out.layout.type = PatternLayout\n")  # fmt: skip
        command = ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", *OPENS, f"-Dlog4j.configurationFile={logging}",
                   "-cp", os.pathsep.join(sorted(map(str, lib.glob("*.jar")))), main, *arguments]  # fmt: skip
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

    def run_job(self):
        program = str(pathlib.Path(__file__).parent / "jobs/SqlJob.java")
        client = self.java("client", program, "127.0.0.1", str(self.port), OPTIONS, *STATEMENTS)
        if client.wait(timeout=180) != 0:
            raise RuntimeError(f"the job was not submitted; see the logs in {self.folder}")
        return self.until("a running job", self.running_job)

    def running_job(self):
        jobs = [job["id"] for job in self.get("/jobs")["jobs"] if job["status"] == "RUNNING"]
        return jobs and jobs[0]

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
    history = [it for it in cluster.get(f"/jobs/{job}/checkpoints")["history"] if it["status"] == "COMPLETED"]
    sizes = [it["state_size"] for it in history if it["trigger_timestamp"] >= begin]
    count, key, value = (int(re.search(pattern, text)[1]) for pattern in (r" count: (\d+)", r"key_bytes: (\d+)", r"fixed: (\d+)"))
    state = count * (key + value)
    print(f"  Flink's checkpoints: {sizes}")
    report.near("state in bytes, by the median of the checkpoints", state, statistics.median(sizes), 0.10)
    report.near("keys", count, KEYS, 0.25)
    report.near("records a second", int(re.search(r"^rate: (\d+)", text, re.M)[1]), RATE, 0.05)
    seen = slotwise(binary, "simulate", "--workload", workload, "--records", "20000")
    report.check(seen.returncode == 0, f"the simulator takes it {seen.stderr.strip()}")
    if "--cluster" in slotwise(binary, "check", "--help").stdout:
        drift(cluster, binary, conf, report)
    if "assess" in slotwise(binary, "--help").stdout:
        assessed = slotwise(binary, "assess", conf, "--workload", workload, "--target", f"flink-{cluster.release}")
        report.check(assessed.returncode in (0, 1), f"assess: exit {assessed.returncode} {assessed.stderr.strip()}")
        print("  " + assessed.stdout.replace(str(folder), "…").strip().replace("\n", "\n  "))
    if arguments.record:
        recorder.write(arguments.record / f"flink-{cluster.release}")
    recorder.shutdown()


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
    parser.add_argument("--keep", action="store_true", help="keep the folder of the clusters")
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    arguments = parser.parse_args()
    report = Report()
    for release in arguments.releases or ["1.20", "2.3"]:
        print(f"flink-{release}", flush=True)
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"slotwise-cluster-{release}-"))
        cluster = Cluster(release, folder)
        try:
            cluster.start()
            compare(cluster, cluster.run_job(), arguments, report)
        finally:
            cluster.stop()
            if not arguments.keep:
                shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.failures} failures")
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
