#!/usr/bin/env python3
"""Takes the screenshots of docs/editors.md: a real Neovim in a real terminal, drawn as SVG.

    editors/screenshots.py [--slotwise target/debug/slotwise] [--out docs/editors]

Needs Neovim and tmux, which is the terminal: what it shows, colors included, is the picture.
"""
import argparse
import html
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, LINES = 120, 22
CELL = (8.4, 18)
FOREGROUND, BACKGROUND = "#d6d3cd", "#1d2021"
# The first sixteen colors of a terminal; the rest follow from their number.
NAMED = ["#1d2021", "#ea6962", "#a9b665", "#d8a657", "#7daea3", "#d3869b", "#89b482", "#d4be98",
         "#7c6f64", "#ea6962", "#a9b665", "#d8a657", "#7daea3", "#d3869b", "#89b482", "#f2e5bc"]

FILE = """\
#
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.memory.netwrok.max: 256m
taskmanager.numberOfTaskSlots: 4
taskmanager.memory.managed.fraction: 0.4

state.backend.type: rockdb
state.backend.incremental: true
execution.checkpointing.interval: 3min
execution.checkpointing.timeout: 10
execution.checkpointing.dir: s3://flink/checkpoints
s3.access-key: AKIDEXAMPLE
s3.secret-key: wJalrXUtnFEMI
"""

# Named picture -> keys that lead to it; each is sent as tmux names it.
PICTURES = {
    "diagnostics": [":lua vim.lsp.codelens.refresh()", "Enter"],
    "hover": ["/managed", "Enter", ":lua vim.lsp.buf.hover()", "Enter"],
    "completion": ["G", "o", "taskmanager.memory.ma", "C-x", "C-o"],
    "quick-fix": ["/netwrok", "Enter", ":lua vim.lsp.buf.code_action()", "Enter"],
    "slot-memory": ["/numberOf", "Enter", ":lua vim.lsp.buf.code_action()", "Enter"],
}

STYLE = """
set termguicolors nohlsearch laststatus=2 noshowcmd noruler noswapfile signcolumn=yes shortmess+=I cmdheight=1
set completeopt=menuone,noselect background=dark statusline=\\ %f
syntax enable
setlocal indentexpr= noautoindent
"""
HIGHLIGHTS = {
    "Normal": "guifg=#d6d3cd guibg=#1d2021", "SignColumn": "guibg=#1d2021", "Comment": "guifg=#7c6f64",
    "NormalFloat": "guibg=#32302f guifg=#d6d3cd", "Pmenu": "guibg=#32302f guifg=#d6d3cd",
    "DiagnosticError": "guifg=#ea6962", "DiagnosticWarn": "guifg=#d8a657", "DiagnosticInfo": "guifg=#7daea3",
    "DiagnosticHint": "guifg=#89b482", "LspCodeLens": "guifg=#928374 gui=italic", "EndOfBuffer": "guifg=#1d2021",
    "DiagnosticUnderlineError": "gui=underline guisp=#ea6962", "DiagnosticUnderlineWarn": "gui=underline guisp=#d8a657",
    "StatusLine": "guibg=#32302f guifg=#d6d3cd gui=NONE", "yamlBlockMappingKey": "guifg=#7daea3", "String": "guifg=#a9b665",
    "Number": "guifg=#d3869b", "Constant": "guifg=#d3869b", "Special": "guifg=#d8a657", "Delimiter": "guifg=#928374",
}


class Terminal:
    """A tmux server of our own with one window."""

    def __init__(self, command, folder):
        self.socket = f"slotwise-{os.getpid()}-{time.monotonic_ns()}"  # One that ends may keep its own for a while.
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(LINES), "-c", str(folder), command)
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-ga", "terminal-overrides", ",*:Tc")
        self.tmux("resize-window", "-x", str(COLUMNS), "-y", str(LINES))

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-L", self.socket, *arguments], check=True, capture_output=True, text=True).stdout

    def keys(self, *keys):
        for key in keys:
            self.tmux("send-keys", *([] if key in ("Enter", "Escape", "C-x", "C-o") else ["-l"]), key)
            time.sleep(0.15)

    def screen(self):
        return self.tmux("capture-pane", "-e", "-p", "-N")

    def settled(self, wanted="", limit=15):
        """The screen once it holds `wanted` and stays as it is."""
        before, end = None, time.monotonic() + limit
        while time.monotonic() < end:
            screen = self.screen()
            if screen == before and wanted in screen:
                return screen
            before = screen
            time.sleep(0.7)
        raise SystemExit(f"expected {wanted!r} on the screen, found:\n{self.screen()}")

    def close(self):
        self.tmux("kill-server")


def color(parameters):
    """The color that the parameters behind 38 or 48 name; takes them off."""
    if parameters.pop(0) == 2:
        return "#" + "".join(f"{parameters.pop(0):02x}" for _ in range(3))
    number = parameters.pop(0)
    if number < 16:
        return NAMED[number]
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    levels = [0, 95, 135, 175, 215, 255]
    return "#" + "".join(f"{levels[(number - 16) // 36 ** 0 // step % 6]:02x}" for step in (36, 6, 1))


def spans(line, style):
    """The text of a line in pieces of one style."""
    for piece in re.split(r"(\x1b\[[0-9;:]*m)", line):
        if not piece.startswith("\x1b"):
            if piece:
                yield piece, dict(style)
            continue
        parameters = [int(number or 0) for number in re.split("[;:]", piece[2:-1])]
        while parameters:
            code = parameters.pop(0)
            if code == 0:
                style.clear()
            elif code in (1, 3, 4, 7):
                style[code] = True
                if code == 4 and ":" in piece and parameters:
                    parameters.pop(0)
            elif code in (22, 23, 24, 27):
                style.pop(code - 20 if code != 22 else 1, None)
            elif code == 38:
                style["fg"] = color(parameters)
            elif code == 48:
                style["bg"] = color(parameters)
            elif code == 58:
                style["line"] = color(parameters)
            elif code in (39, 49, 59):
                style.pop({39: "fg", 49: "bg", 59: "line"}[code], None)
            elif 30 <= code <= 37 or 90 <= code <= 97:
                style["fg"] = NAMED[code - 30 if code < 90 else code - 82]
            elif 40 <= code <= 47 or 100 <= code <= 107:
                style["bg"] = NAMED[code - 40 if code < 100 else code - 92]


def svg(screen):
    """The screen as a picture."""
    width, height = CELL
    size = f'width="{COLUMNS * width + 16:.0f}" height="{LINES * height + 16:.0f}"'
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" '
           f'font-size="14" xml:space="preserve">', f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>']
    style = {}
    for row, line in enumerate(screen.split("\n")[:LINES]):
        column, top = 0, 8 + row * height
        for text, look in spans(line, style):
            foreground, background = look.get("fg", FOREGROUND), look.get("bg", BACKGROUND)
            if look.get(7):
                foreground, background = background, foreground
            left, length = 8 + column * width, len(text) * width
            column += len(text)
            if background != BACKGROUND:
                out.append(f'<rect x="{left:.1f}" y="{top}" width="{length:.1f}" height="{height}" fill="{background}"/>')
            if look.get(4) and text.strip():
                below = top + height - 3
                out.append(f'<path d="M{left:.1f} {below}h{length:.1f}" stroke="{look.get("line", foreground)}"/>')
            if text.strip():
                extra = (' font-weight="bold"' if look.get(1) else "") + (' font-style="italic"' if look.get(3) else "")
                indent = len(text) - len(text.lstrip())
                # A space that is not to be broken at is not taken for several either.
                words = text.strip().replace(" ", "\u00a0")
                out.append(f'<text x="{left + indent * width:.1f}" y="{top + 14}" textLength="{len(words) * width:.1f}" '
                           f'fill="{foreground}"{extra}>{html.escape(words)}</text>')
    out.append("</svg>\n")
    return "\n".join(out)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--slotwise", type=Path, default=ROOT / "target/debug/slotwise")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs/editors")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    expected = {"diagnostics": "TaskManager 4 GiB", "hover": "0.4 × Total Flink", "completion": "managed.size", "quick-fix": "1: Rename",
                "slot-memory": "Set the per-slot memory"}
    for name, keys in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "flink-conf.yaml").write_text(FILE)
            highlights = "\n".join(f"highlight {group} {look}" for group, look in HIGHLIGHTS.items())
            (folder / "style.vim").write_text(STYLE + highlights + "\n")
            os.environ["SLOTWISE"] = str(options.slotwise.resolve())
            plugin = ROOT / "editors/neovim/slotwise.lua"
            # The colors again behind the plugin, as loading a syntax file resets them.
            command = f"nvim --clean -u NONE -S style.vim -c 'luafile {plugin}' -c 'edit flink-conf.yaml' -S style.vim"
            terminal = Terminal(command, folder)
            try:
                terminal.settled("knows no option")
                terminal.keys(*keys)
                time.sleep(0.5)
                screen = terminal.settled()
            finally:
                terminal.close()
            plain = re.sub(r"\x1b\[[0-9;:]*m", "", screen)
            if not re.search(expected[name], plain):
                raise SystemExit(f"{name}: expected {expected[name]} on the screen, found:\n{plain}")
            (options.out / f"{name}.svg").write_text(svg(screen))
            print(f"{name}: {(options.out / f'{name}.svg').stat().st_size} bytes")


if __name__ == "__main__":
    main()
