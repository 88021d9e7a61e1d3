#!/usr/bin/env python3
"""Validates every report format of `slotwise check` with what its readers use.

    python3 conformance/formats.py [FILE...]      default: the files of fixtures/, all releases

| format | validator |
| --- | --- |
| sarif | Microsoft's SARIF Multitool (npm), which holds the schema and its own rules |
| junit | the schema of Jenkins' xUnit plugin, as pytest ships it (PyPI), by xmlschema |
| gitlab | GitLab's own schema (gitlab-org/gitlab), and what its documentation demands beyond it |
| rdjson | reviewdog's schema, closed, so that an unknown field fails |
| checkstyle, github, json, jsonl | the rules of their documents, below; our schemas for the last two |

Validators are fetched when first needed to `$SLOTWISE_FORMATS_HOME`, or `~/.cache/slotwise/formats`.
Where a host is out of reach, put the file there by hand; the script says its name, and fails.
Needs Python 3.9+ with jsonschema, pip and npm.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import urllib.request
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).parent.parent
HOME = pathlib.Path(os.environ.get("SLOTWISE_FORMATS_HOME", pathlib.Path.home() / ".cache/slotwise/formats"))
SLOTWISE = os.environ.get("SLOTWISE", str(ROOT / "target/debug/slotwise"))
MULTITOOL, PYTEST, XMLSCHEMA = "5.7.0", "8.3.4", "4.3.2"
GITLAB = "https://gitlab.com/gitlab-org/gitlab/-/raw/v18.0.0-ee/app/validators/json_schemas/codeclimate.json"
RDJSON = "https://raw.githubusercontent.com/reviewdog/reviewdog/v0.20.3/proto/rdf/jsonschema/DiagnosticResult.json"


def multitool():
    program = HOME / "package/Sarif.Multitool"
    if not program.exists():
        name = subprocess.run(["npm", "pack", "--silent", f"@microsoft/sarif-multitool-linux@{MULTITOOL}"],
                              cwd=HOME, check=True, capture_output=True, text=True).stdout.split()[-1]  # fmt: skip
        with tarfile.open(HOME / name) as archive:
            archive.extractall(HOME)
        program.chmod(0o755)
    return program


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"], check=True)


def junit_schema():
    folder = HOME / f"pytest-{PYTEST}"
    if not folder.is_dir():
        pip("download", "--no-deps", "--no-binary", ":all:", f"pytest=={PYTEST}", "-d", HOME)
        with tarfile.open(HOME / f"pytest-{PYTEST}.tar.gz") as archive:
            archive.extractall(HOME)
    if not (HOME / "python").is_dir():
        pip("install", "--target", HOME / "python", f"xmlschema=={XMLSCHEMA}")
    sys.path.insert(0, str(HOME / "python"))
    import xmlschema

    return xmlschema.XMLSchema(str(folder / "testing/example_scripts/junit-10.xsd"))


def schema(name, url):
    path = HOME / name
    if not path.exists():
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                path.write_bytes(answer.read())
        except OSError as error:
            sys.exit(f"{path} is missing, and {url} is out of reach: {error}")
    return json.loads(path.read_text())


def closed(value):
    """The schema without room for fields that it does not name."""
    if isinstance(value, dict):
        if "properties" in value:
            value["additionalProperties"] = False
        else:
            value.pop("additionalProperties", None)
        for part in value.values():
            closed(part)
    elif isinstance(value, list):
        for part in value:
            closed(part)
    return value


def slotwise(form, arguments):
    run = subprocess.run([SLOTWISE, "check", "--format", form, *arguments], capture_output=True, check=False)
    assert run.returncode in (0, 1, 2), run.stderr.decode()
    return run.stdout.decode()


def check_sarif(reports):
    paths = []
    for index, report in enumerate(reports):
        path = HOME / f"report-{index}.sarif"
        path.write_text(report)
        paths.append(path)
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    for path in paths:
        out = path.with_suffix(".validated.sarif")
        subprocess.run([multitool(), "validate", path, "--output", out, "--log", "ForceOverwrite", "--kind",
                        "Fail", "--level", "Error;Warning"],
                       check=False, capture_output=True, env=environment)  # fmt: skip
        verdict = json.loads(out.read_text(encoding="utf-8-sig"))["runs"][0]
        notes = verdict.get("invocations", [{}])[0].get("toolExecutionNotifications", [])
        # A word of the tool about a rule that was left out is no verdict.
        bad = [note for note in notes if note.get("level") == "error"]
        for result in verdict.get("results", []) + bad:
            where = result.get("locations", [{}])[0].get("physicalLocation", {}).get("region")
            yield f"{path}: {result.get('ruleId')} {result['message']} {where}"


def check_gitlab(reports):
    import jsonschema

    validator = jsonschema.Draft7Validator(closed(schema("gitlab-codeclimate.json", GITLAB)))
    named = {"type", "check_name"}
    for report in reports:
        issues = json.loads(report)
        assert isinstance(issues, list)
        marks = set()
        for issue in issues:
            extra = {key: value for key, value in issue.items() if key not in named}
            extra["location"] = {**extra["location"], "lines": {"begin": extra["location"]["lines"]["begin"]}}
            yield from (f"gitlab: {error.message}" for error in validator.iter_errors(extra))
            if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
                yield f"gitlab: severity {issue['severity']}"
            if issue["location"]["path"].startswith("./") or issue["location"]["lines"]["begin"] < 1:
                yield f"gitlab: location {issue['location']}"
            if issue["fingerprint"] in marks:
                yield f"gitlab: fingerprint twice: {issue}"
            marks.add(issue["fingerprint"])


def check_rdjson(reports):
    import jsonschema

    rdjson = schema("rdjson.json", RDJSON)
    validator = jsonschema.Draft4Validator(closed(rdjson))
    known = "related_locations" in json.dumps(rdjson)
    for report in reports:
        result = json.loads(report)
        for diagnostic in result["diagnostics"]:
            for related in diagnostic.get("related_locations", []):
                # The generated schema is older than the field; reviewdog.proto has it.
                assert set(related) == {"message", "location"}
                if not known:
                    yield from check_range(related["location"])
            if not known:
                diagnostic.pop("related_locations", None)
            yield from check_range(diagnostic["location"])
        yield from (f"rdjson: {error.message}" for error in validator.iter_errors(result))


def check_range(location):
    if ends := location.get("range"):
        start, end = ends["start"], ends["end"]
        if not (1, 1) <= (start["line"], start["column"]) <= (end["line"], end["column"]):
            yield f"rdjson: range {ends}"


def check_junit(reports):
    xsd = junit_schema()
    for report in reports:
        yield from (f"junit: {error.reason}" for error in xsd.iter_errors(report))
        root = ElementTree.fromstring(report)
        for node in [root, *root.iter("testsuite")]:
            for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
                if int(node.get(attribute)) != sum(1 for _ in node.iter(tag)):
                    yield f"junit: {attribute} of {node.get('name')} is not its number of {tag}"


def check_checkstyle(reports):
    for report in reports:
        root = ElementTree.fromstring(report)
        if root.tag != "checkstyle" or not root.get("version"):
            yield "checkstyle: no root"
        for file in root:
            if file.tag != "file" or not file.get("name"):
                yield f"checkstyle: {file.tag}"
            for error in file:
                if error.tag == "exception":
                    continue
                fine = error.tag == "error" and error.get("message") and error.get("source")
                fine = fine and error.get("severity") in ("ignore", "info", "warning", "error")
                if not fine or int(error.get("line")) < 1 or int(error.get("column")) < 1:
                    yield f"checkstyle: {error.attrib}"


def check_github(reports):
    command = re.compile(r"^::(error|warning|notice) file=[^,:]*(,(line|endLine|col|endColumn)=\d+)*(,title=[^:,]*)?::.+$")
    for report in reports:
        yield from (f"github: {line}" for line in report.split("\n")[:-1] if not command.match(line))


def check_own(reports):
    import jsonschema

    validator = jsonschema.Draft202012Validator(json.loads((ROOT / "schemas/check.json").read_text()))
    for report in reports:
        files = json.loads(report) if report.startswith("[") else map(json.loads, report.splitlines())
        for file in files:
            yield from (f"json: {error.message}" for error in validator.iter_errors(file))


CHECKS = {
    "sarif": check_sarif, "gitlab": check_gitlab, "rdjson": check_rdjson, "junit": check_junit,
    "checkstyle": check_checkstyle, "github": check_github, "json": check_own, "jsonl": check_own,
}  # fmt: skip


def main(files):
    HOME.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    files = files or [str(path.relative_to(ROOT)) for path in sorted((ROOT / "fixtures").rglob("*.yaml"))]
    runs = [[*files, "--target", target, "-D", "rest.port=99999"] for target in ("flink-1.10", "flink-1.20", "flink-2.3", "vvr-8.0.5", "emr-3.28.2")]
    # Text that has to be escaped, a file that is missing, and nothing at all to tell.
    runs.append(["fixtures/formats/a b.yaml", "missing.yaml", "--dialect", "legacy"])
    runs.append(["fixtures/formats/clean.yaml", "--target", "flink-1.20", "--ignore", "F"])
    wrong = 0
    for form, check in CHECKS.items():
        reports = [slotwise(form, run) for run in runs]
        problems = list(check(reports))
        wrong += len(problems)
        print(f"{form}: {len(reports)} reports, {sum(map(len, reports))} characters, {len(problems)} problems")
        for problem in problems[:5]:
            print("  ", problem[:400])
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
