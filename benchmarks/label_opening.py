"""How long `dataforge label` takes from the command to its first item on the screen, and the processor time of that.

    python benchmarks/label_opening.py        # --repeats 5

Cold: in a new folder, without a server. Warm: the server of the last time is there, and the command goes on with its
run. The browser is there already, as people's are, and what it costs is not counted; the instruction is clicked away.
Processor seconds are those of the command, of the server and of its runner together, until the item is seen.
All modules are compiled before, as those of an installed package are: once it opens and nobody looks at the clock.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder: a file of it is named like a module of the standard library

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from dataforge.workspace import Workspace

DATAFORGE = str(Path(sys.executable).with_name("dataforge"))
LABEL = (DATAFORGE, "label", "texts.txt", "--labels", "good,bad", "--no-browser")
# What is compiled is kept, whatever whoever measures has said of that.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
FLAGS = ["--no-sandbox", "--disable-background-networking"]


def processor_seconds(command: int, workspace: Workspace, known: dict[int, float]) -> float:
    """What the command, the server and its runner have used, less what is `known` of each by its number."""
    address = workspace.server()
    processes = [psutil.Process(command)]
    if address is not None:
        server = psutil.Process(address.pid)
        processes += [server, *server.children(recursive=True)]
    used = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            used += sum(process.cpu_times()[:2]) - known.get(process.pid, 0.0)
    return used


def known_of(workspace: Workspace) -> dict[int, float]:
    """By number what the server of the workspace and its runner have used so far."""
    address = workspace.server()
    if address is None:
        return {}
    server = psutil.Process(address.pid)
    return {process.pid: sum(process.cpu_times()[:2]) for process in (server, *server.children(recursive=True))}


def opened(folder: Path, browser: Browser) -> tuple[float, float, float]:
    """Seconds until the link is printed and until the item is seen, and processor seconds until then."""
    workspace = Workspace.at(folder / ".dataforge")
    known = known_of(workspace)
    begun = time.perf_counter()
    process = subprocess.Popen(LABEL, cwd=folder, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert process.stdout is not None
    link = re.search(r"http://\S+", process.stdout.readline())
    assert link is not None, "the command printed no link"
    linked = time.perf_counter() - begun
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(link[0])
        page.get_by_role("button", name="Got it").click()
        page.locator("article .text").wait_for()
        seen = time.perf_counter() - begun
        used = processor_seconds(process.pid, workspace, known)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return linked, seen, used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    found: dict[str, list[tuple[float, float, float]]] = {"cold": [], "warm": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for number in range(repeats + 1):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "texts.txt").write_text("\n".join(f"text number {number}" for number in range(1_000)))
                for rows in found.values():
                    row = opened(folder, browser)
                    rows += [row] if number > 0 else []
                subprocess.run([DATAFORGE, "stop"], cwd=folder, check=True, capture_output=True)
        browser.close()
    print(f"{'':6} {'link after':>18} {'item after':>18} {'processor seconds':>18}   median (least–most)")
    for kind, rows in found.items():
        columns = [
            f"{statistics.median(each):.2f} ({min(each):.2f}–{max(each):.2f})" for each in zip(*rows, strict=True)
        ]
        print(f"{kind:6} " + " ".join(f"{column:>18}" for column in columns))


if __name__ == "__main__":
    main()
