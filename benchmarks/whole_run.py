# ruff: noqa: E402 - the import path is mended first
"""A run from its launch to its end, taken over once, and what looking at it costs: each figure with its bound.

    python benchmarks/whole_run.py --items 1M

As in the second table of platform.py a run is driven while workers answer flat out, each item twice. Half-way its
process is killed, and the runner of a server takes it up: until the next page is accepted. At the end another process
waits for the run: from the last answer until `wait()` returns. Then `status` and `results` are asked for as from a
terminal. Seconds by the clock, of the processor (of the runner from its start, and from the last answer on), and the
most memory that a process had. Bounds are of an idle machine. If a process dies the benchmark says so and ends.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import msgspec
import psutil
from benchmarks.platform import CONTROL_SHARE, Load, Server, Shape, number_of, publication, run_load, server

OVERLAP = 2
# Nothing takes so many seconds, however busy the machine; whoever waits longer waits for what never comes.
LONGEST = 1_200.0
SENT_BY_THEN = 0.3
LOOKS = {
    "status": (["status"], 1.0, 150),
    "status of the run": (["status", "bench"], 1.0, 150),
    "results, csv": (["results", "bench", "--out", "labels.csv"], 4.0, None),
    "results, parquet": (["results", "bench", "--out", "labels.parquet"], 4.0, None),
    "results of workers": (["results", "bench", "--what", "workers"], 4.0, None),
    "--help": (["--help"], 0.4, None),
}


def launch(workspace: str, size: int, real: int, control: int) -> None:
    """Launch the run and drive it until this process is killed."""
    import dataforge as df
    from dataforge.records import TaskSpec
    from dataforge.tasks.task import Task

    task = Task.from_spec(msgspec.convert(publication(Shape(real, control))["task"], TaskSpec))
    controls = max(10, int(size * CONTROL_SHARE))
    texts = [f"Sentence {number}: the quick brown fox jumps over the lazy dog" for number in range(size + controls)]
    run = df.launch(
        task,
        {"text": texts[:size]},
        {"text": texts[size:], "answer": ["yes"] * controls},
        df.Policy(overlap=(OVERLAP, OVERLAP), page=(real, control), control_ratio=0.8, speed=()),
        name="bench",
        workspace=workspace,
        progress=False,
    )
    while run.status().stage == "starting":
        time.sleep(0.05)
    print("on the platform", flush=True)
    run.wait(progress=False)


def wait(workspace: str) -> None:
    """Wait for the run in a process of its own, and say when it was over."""
    import dataforge as df

    run = df.open_run("bench", workspace)
    print("waits", flush=True)
    run.wait(progress=False)
    print(time.time(), flush=True)


def asked(running: Server, question: str) -> float:
    path = Path(running.workspace) / "dataforge.sqlite3"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as db:
        return float(db.execute(question).fetchone()[0] or 0)


def accepted(running: Server) -> float:
    return asked(running, "SELECT SUM(pages_accepted) FROM members")


def told(what: str, wall: float, bound: float, of_processor: float | None = None, memory: float | None = None) -> None:
    used = "" if of_processor is None else f"{of_processor:.1f}"
    held = "" if memory is None else f"{memory:.0f}"
    print(f"{what:>28} {wall:>8.1f} {used:>8} {held:>8} {bound:>8.1f} {os.getloadavg()[0]:>8.1f}", flush=True)


def loaded(running: Server, arguments: argparse.Namespace) -> Started:
    """Workers who answer as fast as they can for as long as there is work, in a process of their own."""
    invitation = str(running.ask("GET", "/api/runs/bench")["invitation_path"]).rpartition("/")[2]
    return started("--work", json.dumps([running.port, invitation, arguments.workers]))


def work(port: int, invitation: str, workers: int) -> None:
    """Let workers come and go until two crowds in a row find nothing."""
    idle = 0
    while idle < 2:
        seen = run_load(Load("127.0.0.1", port, "bench", invitation, workers, 86_400.0, 0.0))
        idle = 0 if seen.answers else idle + 1
        time.sleep(0.2)


class Started(NamedTuple):
    """A process that takes part, and what it complains of."""

    process: subprocess.Popen[str]
    said: IO[str]

    @property
    def used(self) -> float:
        """Seconds of a processor until now, threads and all."""
        return float(sum(psutil.Process(self.process.pid).cpu_times()[:2]))

    def line(self, what: str) -> str:
        """Its next line; ends the benchmark if there is none."""
        assert self.process.stdout is not None
        return self.process.stdout.readline() or self.ended_badly(what)

    def check(self, what: str) -> None:
        """End the benchmark if the process has ended badly."""
        if self.process.poll() not in (None, 0):
            self.ended_badly(what)

    def ended_badly(self, what: str) -> NoReturn:
        self.said.seek(0)
        raise SystemExit(f"{what}: its process ended with {self.process.wait()}; it said:\n{self.said.read()[-4000:]}")

    def end(self) -> None:
        """Let it end, at once if need be."""
        with contextlib.suppress(subprocess.TimeoutExpired, BrokenPipeError):
            self.process.communicate(timeout=30)
        self.process.kill()
        self.said.close()


def started(*order: str, module: str | None = None) -> Started:
    """A process of this file, or of a module; it ends with this one, which holds the other end of its input."""
    what = [__file__] if module is None else ["-m", module]
    # What it complains of is shown when it has ended badly.
    said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it is read when the process has ended
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": said}
    return Started(subprocess.Popen([sys.executable, *what, *order], text=True, **pipes), said)  # type: ignore[call-overload]


def until(done: Callable[[], bool], what: str, among: Sequence[Started], limit: float, every: float) -> float:
    """Wait until something is so, and give the seconds; ends the benchmark where a process has died, or too late."""
    begun = time.perf_counter()
    while not done():
        for one in among:
            one.check(what)
        if time.perf_counter() - begun > limit:
            raise SystemExit(f"{what}: not within {limit:.0f} seconds")
        time.sleep(every)
    return time.perf_counter() - begun


def taken_over(running: Server, driver: Started) -> Started:
    """Kill who drives the run, and tell how long the runner that goes on takes to its first verdict."""
    driver.process.send_signal(signal.SIGKILL)
    driver.process.wait()
    runner = started(running.workspace, module="dataforge.runs.handle.runner")
    # What the driver had sent before it died is carried out by then.
    time.sleep(SENT_BY_THEN)
    before = accepted(running)
    what = "take-over to a verdict"
    seconds = SENT_BY_THEN + until(lambda: accepted(running) > before, what, [runner], LONGEST, 0.02)
    told(what, seconds, 3.0, runner.used)
    return runner


def to_the_end(running: Server, arguments: argparse.Namespace, size: int) -> None:
    real, control = map(int, arguments.page.split(","))
    took_part = [driver := started("--launch", json.dumps([running.workspace, size, real, control]))]
    try:
        driver.line("the launch")
        took_part.append(workers := loaded(running, arguments))
        half, asking = size * OVERLAP / 2, "SELECT SUM(responses) FROM members"
        until(lambda: asked(running, asking) >= half, "half of the answers", took_part, LONGEST, 0.5)
        took_part[0] = runner = taken_over(running, driver)
        took_part.append(watcher := started("--wait", running.workspace))
        watcher.line("opening the run")
        used: list[tuple[float, float]] = []

        def is_over() -> bool:
            used.append((time.time(), runner.used))
            return watcher.process.poll() is not None

        until(is_over, "the end", [runner, workers], LONGEST, 0.1)
        over, last = float(watcher.line("waiting for the end")), asked(running, "SELECT MAX(finished) FROM pages")
        at = [seconds for when, seconds in used if when <= last][-1:] or [0.0]
        told("last answer to wait()", over - last, 5.0, used[-1][1] - at[0])
    finally:
        for one in reversed(took_part):
            one.end()


# A small process begins each command: to the system the memory of who begins a process is its own at first.
BEGIN = """
import os, sys, time
begun = time.perf_counter()
devnull = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
command = [sys.executable, "-m", "dataforge", *sys.argv[1:]]
process = os.posix_spawn(command[0], command, os.environ, file_actions=devnull)
_, status, used = os.wait4(process, 0)
print(status, time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def look(what: str, words: list[str], bound: float, workspace: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = ["--workspace", workspace] if words[0] != "--help" else []
        command = [sys.executable, "-S", "-c", BEGIN, *words, *place]
        found = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
        status, wall, of_processor, memory = map(float, found)
        assert status == 0, f"{words} ended with {status}"
        told(what, wall, bound, of_processor, memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", default="100k", help="how many, for example 100k or 1M")
    parser.add_argument("--page", default="18,2", help="real and control items on a page")
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--keep", help="leave the workspace here; where there is one already, only look at it")
    for hidden in ("--launch", "--wait", "--work"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.launch:
        launch(*json.loads(arguments.launch))
    elif arguments.wait:
        wait(arguments.wait)
    elif arguments.work:
        work(*json.loads(arguments.work))
    else:
        measure(arguments)


def measure(arguments: argparse.Namespace) -> None:
    print(f"{'':>28} {'wall s':>8} {'CPU s':>8} {'MB':>8} {'bound s':>8} {'load':>8}")
    kept = Path(arguments.keep) if arguments.keep else None
    if kept is not None and kept.exists():
        all_looks(str(kept))
        return
    with server() as running:
        to_the_end(running, arguments, number_of(arguments.items))
        all_looks(running.workspace)
        if kept is not None:
            subprocess.run(["cp", "-a", running.workspace, kept], check=True)


def all_looks(workspace: str) -> None:
    for what, (words, bound, most) in LOOKS.items():
        look(what if most is None else f"{what} (in {most} MB)", words, bound, workspace)


if __name__ == "__main__":
    main()
