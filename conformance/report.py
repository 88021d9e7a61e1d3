#!/usr/bin/env python3
"""Renders a report in headless Chromium at desktop, phone and print size, and checks it.

    python3 conformance/report.py REPORT.html --axe axe.min.js [--chromium /usr/bin/chromium] [--shots DIR]

Fails on a console error, a violation that axe-core finds, a page wider than its window, and what-if
controls that change nothing. Needs Playwright for Python and axe-core from npm.
"""

import argparse
import pathlib
import sys

from playwright.sync_api import sync_playwright

SIZES = [("desktop", 1280, 900, "light"), ("dark", 1280, 900, "dark"), ("phone", 390, 844, "light")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--axe", type=pathlib.Path, required=True)
    parser.add_argument("--chromium")
    parser.add_argument("--shots", type=pathlib.Path)
    arguments = parser.parse_args()
    address = arguments.report.resolve().as_uri()
    problems = []
    if arguments.report.stat().st_size > 1 << 20:
        problems.append("larger than 1 MiB")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])

        def shoot(page, name):
            if arguments.shots:
                page.screenshot(path=arguments.shots / f"{name}.png", full_page=True)

        for name, width, height, scheme in SIZES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.on("console", lambda it, name=name: it.type == "error" and problems.append(f"{name}: {it.text}"))
            page.on("pageerror", lambda it, name=name: problems.append(f"{name}: {it}"))
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append(f"{name}: wider than the window")
            before = page.inner_text("#what-if")
            slots = page.eval_on_selector_all("#w-slots option", "all => all.map(it => it.value)")
            page.select_option("#w-slots", slots[-1])
            if page.inner_text("#what-if") == before:
                problems.append(f"{name}: the what-if controls change nothing")
            page.evaluate(arguments.axe.read_text())
            for violation in page.evaluate("axe.run()")["violations"]:
                problems.append(f"{name}: {violation['id']}: {violation['nodes'][0]['html']}")
            shoot(page, name)
        page = browser.new_page()
        page.goto(address)
        page.emulate_media(media="print")
        shoot(page, "print")
    print("\n".join(problems) or f"{len(SIZES)} sizes and print: no problem")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
