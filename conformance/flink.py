#!/usr/bin/env python3
"""Real Flink releases to compare with: fetches them, compiles the harness, runs batches.

    python3 conformance/flink.py [RELEASE...]     fetch these releases (default: all) and compile

The releases come from PyPI (`pip download`), which packs Flink's jars for its Python API; only the
jars are kept. They go to `$SLOTWISE_FLINK_HOME`, or `~/.cache/slotwise/flink`: about 250 MB each.
Needs a JDK (11 or later) and pip. Other scripts of this folder use `run`.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

# The last patch release of each minor one that PyPI had when this was written.
RELEASES = {
    "1.10": "1.10.3", "1.11": "1.11.4", "1.12": "1.12.5", "1.13": "1.13.6", "1.14": "1.14.6",
    "1.15": "1.15.4", "1.16": "1.16.3", "1.17": "1.17.2", "1.18": "1.18.1", "1.19": "1.19.3",
    "1.20": "1.20.5", "2.0": "2.0.2", "2.1": "2.1.3", "2.2": "2.2.1", "2.3": "2.3.0",
}  # fmt: skip
HOME = pathlib.Path(os.environ.get("SLOTWISE_FLINK_HOME", pathlib.Path.home() / ".cache/slotwise/flink"))
SOURCES = pathlib.Path(__file__).parent / "harness"
JAR = re.compile(r"^(?:pyflink|[^/]+/deps|[^/]+/pyflink)/((?:lib|opt|plugins/[^/]+)/[^/]+\.jar)$")
# Without these, reflection into the JDK's own collections is refused.
OPENS = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("lang", "util", "net", "time")]


def minor(version):
    """(1, 20) of "1.20" or "1.20.5", so that releases compare in order."""
    return tuple(int(part) for part in version.split(".")[:2])


def fetch(release):
    """The folder of a release's jars, downloaded on the first call."""
    version = RELEASES[release]
    lib = HOME / version / "lib"
    if lib.is_dir():
        return lib
    # Up to 1.12 the jars are inside the main package, of which only built wheels or a source
    # archive exist per Python version; the jars in all of them are the same.
    package = "apache-flink" if minor(release) < (1, 13) else "apache-flink-libraries"
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                   "--no-deps", f"{package}=={version}", "-d", scratch]  # fmt: skip
        platforms = ["--only-binary=:all:", "--platform", "manylinux1_x86_64", "--platform", "any", "--python-version", "3.7"]
        print(f"fetching {package} {version}", file=sys.stderr)
        if subprocess.run(command + platforms, stderr=subprocess.DEVNULL).returncode != 0:
            subprocess.run(command, check=True)
        (archive,) = pathlib.Path(scratch).iterdir()
        unpack(archive, lib.parent)
    return lib


def unpack(archive, home):
    """Takes the jars of `lib/`, `opt/` and `plugins/` out of a wheel or source archive, all or none."""
    partial = home.with_name(home.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)

    def keep(name, stream):
        if match := JAR.match(name):
            (partial / match[1]).parent.mkdir(parents=True, exist_ok=True)
            with open(partial / match[1], "wb") as out:
                shutil.copyfileobj(stream, out)

    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                keep(name, wheel.open(name))
    else:
        with tarfile.open(archive) as source:
            for member in source:
                if member.isfile():
                    keep(member.name, source.extractfile(member))
    partial.rename(home)


def compile_harness():
    """The folder of the compiled harness; compiled anew when a source changed."""
    sources = sorted(SOURCES.glob("*.java"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    classes = HOME / f"harness-{digest}"
    if not classes.is_dir():
        partial = HOME / f"harness-{digest}.{os.getpid()}"
        partial.mkdir(parents=True)
        subprocess.run(["javac", "-nowarn", "--release", "11", "-d", partial, *sources], check=True)
        try:
            partial.rename(classes)
        except OSError:  # Another run was quicker.
            shutil.rmtree(partial)
    return classes


def class_path(release):
    """Harness and jars; logging back ends stay out, so that Flink logs nothing."""
    jars = [jar for jar in sorted(fetch(release).iterdir()) if not re.match(r"log4j|slf4j|logback", jar.name)]
    return os.pathsep.join(map(str, [compile_harness(), *jars]))


def encode(file_name, content, dynamic_properties=()):
    """One request line: the configuration file's name and bytes, then `key=value` texts."""
    fields = [file_name.encode(), content, *(text.encode() for text in dynamic_properties)]
    return b"\t".join(map(base64.b64encode, fields)) + b"\n"


def run(release, mode, requests):
    """Answers of one release to `(file name, bytes, dynamic properties)` requests, in order.

    `mode` is the class of `harness/` that answers.
    """
    command = ["java", "-Xmx1500m", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-Duser.language=en",
               "-Duser.country=US", *OPENS, "-cp", class_path(release), "Harness", mode]  # fmt: skip
    # FLINK_CONF_DIR and the heap variables would reach into the answers.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLINK_")}
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout:
        count = 0
        for request in requests:
            stdin.write(encode(*request))
            count += 1
        stdin.seek(0)
        subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, env=environment, check=True)
        stdout.seek(0)
        answers = [json.loads(line) for line in stdout]
    if len(answers) != count:
        raise RuntimeError(f"Flink {release} answered {len(answers)} of {count} requests")
    return answers


if __name__ == "__main__":
    for chosen in sys.argv[1:] or RELEASES:
        print(chosen, fetch(chosen))
    print("harness", compile_harness())
