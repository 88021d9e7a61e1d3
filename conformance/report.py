#!/usr/bin/env python3
"""Renders reports in headless Chromium at desktop, phone and print sizes, light and dark.

    python3 conformance/report.py [--binary PATH] [--chromium PATH] [--shots DIR] [REPORT.html...]

Without a report it has slotwise write two: of the cluster that the README begins with, and of one whose
names are markup. Fails on a console error, a request, a violation that axe-core finds, a page wider than its
window, a section that is missing or hidden without scripts, what-if controls that do not move the
figures to what the grid holds, and files above 1 MiB. Playwright for Python and axe-core from npm are
fetched into a folder on first use; Chromium is the system's, or Playwright's own.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
HOME = pathlib.Path(os.environ.get("SLOTWISE_BROWSER_HOME", pathlib.Path.home() / ".cache/slotwise/browser"))
CONFIG = "fixtures/examples/emr-ytm-2048-slots-2/flink-conf.yaml"
AXE = "4.14.1"
SIZES = [("desktop-light", 1280, 900, "light"), ("desktop-dark", 1280, 900, "dark"),
         ("phone-light", 390, 844, "light"), ("phone-dark", 390, 844, "dark")]  # fmt: skip
# A4 between its margins.
PRINT = (690, 980)
SECTIONS = ["recommendation", "constraints", "memory", "curve", "whatif", "backends", "timeline", "budget",
            "failover", "sensitivity", "alternatives", "findings", "inputs", "assumptions"]  # fmt: skip
HOSTILE = "</script><img src=x onerror=alert(1)>\"'\u2028&"
WORKLOAD = f"""
name: {json.dumps(HOSTILE)}
parallelism: 2
rate: 1000
event_rate: 1000
records: 20000
operators:
  - {{ name: a, keys: {{ count: 5000, distribution: uniform }}, key_bytes: 16, value_bytes: {{ fixed: 84 }}, access: read_modify_write }}
"""


def tools():
    """Playwright's Python and the text of axe-core, fetched once."""
    python, axe = HOME / "venv/bin/python", HOME / f"axe-{AXE}.js"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / "venv"], check=True)
    if subprocess.run([python, "-c", "import playwright"], capture_output=True).returncode != 0:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "playwright"], check=True)
    if not axe.exists():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npm", "pack", "--silent", f"axe-core@{AXE}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            (archive,) = pathlib.Path(folder).glob("*.tgz")
            with tarfile.open(archive) as packed:
                axe.write_bytes(packed.extractfile("package/axe.min.js").read())
    return python, axe.read_text()


def written(binary, folder):
    """Reports to look at."""
    workload = folder / "workload.yaml"
    workload.write_text(WORKLOAD)
    hostile = folder / "a<b>&c" / "flink-conf.yaml"
    hostile.parent.mkdir()
    hostile.write_text(f"taskmanager.memory.process.size: 4g\nstate.backend.gemini.{HOSTILE}: {HOSTILE}\n")
    made = [("nexmark-q20", CONFIG, "nexmark-q20"), ("hostile", hostile, workload)]
    for name, config, workload in made:
        file = folder / f"{name}.html"
        command = [binary, "report", config, "--workload", workload, "--target", "emr-3.28.2", "--records", "100000", "-o", file]
        subprocess.run(command, check=True, cwd=ROOT)
        yield file


def check(browser, report, axe, shots, problems):
    name, address = report.stem, report.resolve().as_uri()
    if report.stat().st_size > 1 << 20:
        problems.append(f"{name}: larger than 1 MiB")

    def open_page(label, **more):
        page = browser.new_page(**more)
        say = lambda text: problems.append(f"{name}, {label}: {text}")
        page.on("console", lambda it: it.type in ("error", "warning") and say(it.text))
        page.on("pageerror", lambda it: say(it))
        page.on("dialog", lambda it: (say("a dialog opened"), it.dismiss()))
        page.on("request", lambda it: it.url != address and say(f"asks for {it.url}"))
        page.goto(address)
        return page, say

    def look(page, label, say):
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            say("wider than the window")
        page.evaluate(axe)
        for violation in page.evaluate("axe.run()")["violations"]:
            say(f"{violation['id']}: {violation['nodes'][0]['html'][:200]}")
        if shots:
            page.screenshot(path=shots / f"{name}-{label}.png", full_page=True)

    for label, width, height, scheme in SIZES:
        page, say = open_page(label, viewport={"width": width, "height": height}, color_scheme=scheme)
        missing = [section for section in SECTIONS if not page.is_visible(f"#{section}")]
        # A job that takes no plan has no alternatives.
        if set(missing) - {"alternatives"}:
            say(f"sections missing: {missing}")
        look(page, label, say)
        what_if(page, say)
        page.close()
    page, say = open_page("no script", java_script_enabled=False)
    for selector in ("#what-if-verdict", "#what-if-figures", "#memory", "#curve"):
        if not page.is_visible(selector):
            say(f"{selector} is not seen")
    if page.is_visible("#what-if-controls"):
        say("controls that do nothing are shown")
    page.close()
    page, say = open_page("print", viewport={"width": PRINT[0], "height": PRINT[1]})
    page.emulate_media(media="print")
    look(page, "print", say)
    if page.is_visible("nav") or not page.is_visible("details table"):
        say("print has the page's controls, or lacks its tables")
    pdf = page.pdf(format="A4", print_background=True)
    if not pdf.startswith(b"%PDF"):
        say("is not printed")
    page.close()


def what_if(page, say):
    """Walks the controls by keyboard and pointer; what is shown must be the grid's."""
    rows = {row["key"]: row for row in json.loads(page.text_content("#what-if-data"))["rows"]}
    seen = set()
    for field in ("w-slots", "w-process", "w-fraction"):
        for value in page.eval_on_selector_all(f"#{field} option", "all => all.map(it => it.value)"):
            page.select_option(f"#{field}", value)
            key = " ".join(page.input_value(f"#{it}") for it in ("w-slots", "w-process", "w-fraction"))
            figures = page.eval_on_selector_all("#what-if-figures [data-at]", "all => all.map(it => it.textContent)")
            if page.inner_text("#what-if-verdict") != rows[key]["words"] or figures != rows[key]["figures"]:
                say(f"the controls at {key} show something else than the grid")
            seen.add(tuple(figures))
    if len(seen) < 5:
        say(f"the what-if controls move nothing: {len(seen)} outcomes")
    before = page.inner_text("#what-if-figures")
    page.focus("#w-process")
    page.keyboard.press("Home")
    if page.inner_text("#what-if-figures") == before:
        say("the keyboard does not move the controls")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "target/debug/slotwise"))
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--shots", type=pathlib.Path, help="where to put screenshots")
    parser.add_argument("--sample", type=pathlib.Path, help="only put the first screen of the first report there")
    parser.add_argument("reports", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    python, axe = tools()
    if pathlib.Path(sys.prefix) != HOME / "venv":
        sys.exit(subprocess.run([python, *sys.argv]).returncode)
    from playwright.sync_api import sync_playwright

    if not arguments.chromium:
        subprocess.run([python, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    problems, looked_at = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        binary = pathlib.Path(arguments.binary).resolve()
        for report in arguments.reports or written(binary, pathlib.Path(folder)):
            if arguments.sample:
                page = browser.new_page(viewport={"width": 1100, "height": 600}, color_scheme="light")
                page.goto(report.resolve().as_uri())
                page.screenshot(path=arguments.sample)
                sys.exit()
            check(browser, report, axe, arguments.shots, problems)
            looked_at.append(f"{report.name} ({report.stat().st_size} bytes)")
    print("\n".join(problems) or f"{', '.join(looked_at)}: {len(SIZES)} sizes, print and no script, no problem")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
