# ruff: noqa: E402 - the import path is mended first
"""What a pipeline costs: CPU a question while it is played, and a replay of all that is known, by number of items.

    python benchmarks/pipelines.py --items 2000 20000

Four tasks one after the other, made-up workers who are always right, one process. The bound beside it: as many
questions launched as one plain run, which neither asks one after the other nor goes on with the next.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import resource
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

POLICY = df.Policy(page=(20, 0), overlap=1, speed=())


def stage(name: str) -> df.Task:
    """A yes-or-no task of that name."""

    @df.task(id=name, duration="5s")
    def asked(text: df.Text) -> bool:
        """Is it so?"""
        raise NotImplementedError

    return asked


TASKS = [stage(f"stage{number}") for number in range(4)]


@df.pipeline
async def four(text: df.Text) -> int:
    """Ask all four, one after the other."""
    said = 0
    for task in TASKS:
        said += bool((await task(f"{text} {said}")).answer)
    return said


def platform() -> SimulatedPlatform:
    """Forty people who say yes."""

    def yes(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Any) -> dict[str, Any]:
        return {"answer": True}

    return SimulatedPlatform([SimulatedWorker(f"w{number}", yes, arrives=0.0) for number in range(40)], seed=1)


def played(items: int | None, on: SimulatedPlatform, workspace: Path) -> tuple[float, float]:
    """Play to the end; CPU seconds and seconds."""
    rows = None if items is None else [{"id": number, "text": f"item {number}"} for number in range(items)]
    cpu, wall = time.process_time(), time.monotonic()
    policies: dict[df.Task, df.Policy | str] = dict.fromkeys(TASKS, POLICY)
    with df.launch(four, rows, policies=policies, platform=on, workspace=workspace, progress=False) as run:
        status = run.wait()
        assert status.ended, status
        assert set(run.labels()["result"]) == {4}
        return time.process_time() - cpu, time.monotonic() - wall


def plain(questions: int, workspace: Path) -> float:
    """The same number of questions in one run; CPU seconds."""
    rows = [{"id": number, "text": f"item {number}"} for number in range(questions)]
    cpu = time.process_time()
    with df.launch(TASKS[0], rows, policy=POLICY, platform=platform(), workspace=workspace, progress=False) as run:
        run.wait(progress=False)
    return time.process_time() - cpu


def main() -> None:
    """Print a row for each number of items."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[2000, 20_000])
    print("items  questions  played, CPU s  ms a question  plain run, CPU s  replay, CPU s  replay, s  peak MB")
    for items in parser.parse_args().items:
        with tempfile.TemporaryDirectory() as folder:
            on, workspace = platform(), Path(folder)
            cpu, _ = played(items, on, workspace)
            # All results are forgotten, so that the whole function is played again.
            journal = workspace / "pipelines" / "four" / "journal.jsonl"
            lines = [line for line in journal.read_bytes().splitlines(keepends=True) if b'"type":"outcome"' not in line]
            journal.write_bytes(b"".join(lines))
            again, wall = played(None, on, workspace)
            beside = plain(4 * items, workspace / "plain")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{items:5}  {4 * items:9}  {cpu:13.1f}  {1000 * cpu / (4 * items):13.3f}  {beside:16.1f}  {again:13.1f}  "
            f"{wall:9.1f}  {peak:7.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
