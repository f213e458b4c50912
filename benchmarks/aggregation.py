"""Speed and memory of aggregation and metrics beside Crowd-Kit on the same made-up answers, in one run.

    python benchmarks/aggregation.py --peer PEER_PYTHON [--large] [--only 'DawidSkene;alpha'] [--repeats 5]

PEER_PYTHON is the interpreter of an environment with crowd-kit==1.4.2 pandas==2.3.3 scikit-learn==1.5.2 nltk==3.9.1
numpy==2.3.5; without it ours are measured alone. Both sides are processes of their own that take turns, so that they
see the same load. Seconds are CPU seconds of all threads, table in to table out; an iteration is a long run less a
short one, divided by the iterations between. A figure is the median of the repeats, and of ours also the best; the
first call of ours, which loads what was compiled, does not count (see the last rows of the table). `--large` adds what
takes many minutes or much memory.
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, where platform.py hides the standard module of that name.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parents[1]))

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from benchmarks.aggregation_bounds import Bounds, cpu_name, measured
from benchmarks.aggregation_cases import CASES, Case, Passes

SIDE = Path(__file__).with_name("aggregation_side.py")
Reply = dict[str, Any]


class Side:
    """A process with one of the two packages, which runs one call at a time."""

    def __init__(self, python: str, package: str) -> None:
        self._process = subprocess.Popen(
            [python, str(SIDE), package], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, data: Any, call: str = "", parameters: dict[str, Any] | None = None) -> Reply:
        """What one call took; no data, and the side forgets its own."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"data": data, "call": call, "parameters": parameters or {}}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply: Reply = json.loads(self._process.stdout.readline() or '{"error": "the process ended"}')
        if "error" in reply:
            print(f"  {call}: {reply['error']}", file=sys.stderr)
        return reply

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass(frozen=True)
class Series:
    """What a case took at each repeat: the whole run, and the long and short ones that iterations lie between."""

    runs: list[Reply]
    long: list[Reply]
    short: list[Reply]
    steps: int

    @property
    def fine(self) -> bool:
        """Whether every call ended well."""
        return bool(self.runs) and not any("error" in reply for reply in self.runs + self.long + self.short)

    @property
    def whole(self) -> list[float]:
        """CPU seconds of the whole run."""
        return [reply["cpu"] for reply in self.runs]

    def iteration(self, one_of: Callable[[Iterable[float]], float]) -> float:
        """CPU seconds of an iteration, by the median or the least of the repeats."""
        long, short = (one_of(reply["cpu"] for reply in runs) for runs in (self.long, self.short))
        return (long - short) / self.steps

    @property
    def wall(self) -> float:
        """Wall seconds of the whole run."""
        return median(reply["wall"] for reply in self.runs)

    @property
    def peak(self) -> float:
        """MiB above what was in memory before."""
        return max(reply["peak"] for reply in self.runs)


def series(case: Case, ours: Side, theirs: Side | None, repeats: int, peer_repeats: int) -> tuple[Series, Series]:
    """Both sides of a case, turn by turn; the first run of ours does not count."""
    whole, short = (case.call, case.parameters), case.short
    less = [(short.call or case.call, short.parameters)] if short else []
    longer = [(case.call, short.ours_longer[0])] if short and short.ours_longer else []
    plans = [(ours, [whole, *less, *longer], case.repeats or repeats)]
    if theirs is not None and case.peer:
        plans.append((theirs, [whole, *less], peer_repeats))
    replies: list[list[list[Reply]]] = [[[] for _ in runs] for _, runs, _ in plans]
    for call, parameters in plans[0][1] if case.warm else []:
        ours.ask(case.data, call, parameters)
    for turn in range(max(turns for *_, turns in plans)):
        for number in range(3):
            for (side, runs, turns), found in zip(plans, replies, strict=True):
                if turn < turns and number < len(runs):
                    found[number].append(side.ask(case.data, *runs[number]))
    steps = short.steps if short else 1
    both = [Series(found[0], found[0], found[1] if short else [], steps) for found in replies]
    if short and short.ours_longer:
        both[0] = Series(replies[0][0], replies[0][2], replies[0][1], short.ours_longer[1])
    return both[0], both[1] if len(both) > 1 else Series([], [], [], 1)


def bound_of(passes: Passes | None, bounds: Bounds) -> float | None:
    """CPU seconds that the machine needs at least for an iteration of these passes."""
    if passes is None:
        return None
    rows = passes.answers * bounds.random_row[passes.table, passes.lines]
    return rows + passes.exponentials * bounds.exponential + passes.streamed / bounds.copy


@dataclass(frozen=True)
class Row:
    """One figure beside the other side's and its aim."""

    name: str
    ours: float
    best: float | None
    theirs: float | None
    unit: str
    aim: tuple[str, float] | None
    bound: float | None = None

    @cached_property
    def times(self) -> float | None:
        """How many times the other side's figure is ours."""
        return None if self.theirs is None else self.theirs / max(self.ours, 1e-9)

    @property
    def reached(self) -> str:
        """Whether the aim is reached, where there is one and what it needs was measured."""
        if self.aim is None:
            return ""
        kind, value = self.aim
        found = self.times if kind == "times" else self.ours
        if found is None:
            return "not measured"
        return "yes" if (found >= value if kind == "times" else found <= value) else "**no**"

    def cells(self) -> list[str]:
        """The row as the table shows it."""
        aim = "" if self.aim is None else f"≥ {self.aim[1]:g} ×" if self.aim[0] == "times" else f"≤ {self.aim[1]:g}"
        return [
            self.name,
            self.unit,
            number(self.ours),
            number(self.best),
            number(self.theirs),
            "" if self.times is None else f"{self.times:.0f}",
            aim,
            self.reached,
            "" if self.bound is None else f"{number(self.bound)} ({self.bound / max(self.ours, 1e-9):.0%})",
        ]


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rows_of(case: Case, ours: Series, theirs: Series, bounds: Bounds) -> list[Row]:
    """The figures of a case: the whole run, an iteration, memory."""
    if not ours.fine:
        return [Row(case.name, float("nan"), None, None, "failed", None)]
    found = []
    peer = theirs if theirs.fine else None
    their_whole = median(peer.whole) if peer else None
    found.append(Row(case.name, median(ours.whole), min(ours.whole), their_whole, "CPU s", case.whole))
    if ours.short:
        their_iteration = peer.iteration(median) if peer else None
        name, bound = f"{case.name}, {case.short.what}", bound_of(case.passes, bounds)  # type: ignore[union-attr]
        mine, best = ours.iteration(median), ours.iteration(min)
        found.append(Row(name, mine, best, their_iteration, "CPU s", case.iteration, bound))
    if case.shows_wall:
        found.append(Row(f"{case.name}, by the clock", ours.wall, None, None, "s", None))
    if case.peak is not None or case.shows_wall:
        name = f"{case.name}, above its input"
        found.append(Row(name, ours.peak, None, peer.peak if peer else None, "MiB", case.peak))
    return found


IMPORT = "import {0}.aggregation"
FIRST = IMPORT + (
    "; import pandas; {0}.aggregation.DawidSkene(n_iter=10).fit_predict("
    "pandas.DataFrame(dict(task=list('aabbcc'), worker=list('xyxyxy'), label=list('010110'))))"
)
LARGE_FIRST = IMPORT + (
    "; import sys, numpy, pandas; n = 100_000; r = numpy.random.default_rng(0);"
    "{0}.aggregation.DawidSkene(n_iter=10).fit_predict(pandas.DataFrame("
    "dict(task=r.integers(0, n // 5, n), worker=r.integers(0, 200, n), label=r.integers(0, 5, n))))"
)


def started(python: str, code: str, environment: dict[str, str] | None = None) -> float:
    """CPU seconds of a fresh interpreter that runs the code, less those of one that does nothing."""

    def once(text: str) -> float:
        before = os.times()
        command = [python, "-c", f"import sys; sys.path[:] = {[p for p in sys.path[1:] if p]!r}; {text}"]
        plain = [python, "-c", text]
        env = {**os.environ, **(environment or {})}
        subprocess.run(command if python == sys.executable else plain, check=True, env=env, stderr=subprocess.DEVNULL)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    return once(code) - once("pass")


def start_up(peer: str | None, repeats: int, large: bool) -> list[Row]:
    """Rows about fresh processes."""
    found = []
    for name, code, aim in (
        ("import of `aggregation`", IMPORT, 0.7),
        ("first small fit_predict of a process, import included", FIRST, 2.0),
        ("first large fit_predict of a process, import included", LARGE_FIRST, None),
    ):
        turns = []
        for turn in range(repeats + 1):
            ours = started(sys.executable, code.format("dataforge"))
            theirs = started(peer, code.format("crowdkit")) if peer else None
            if turn:  # the first turn reads files from the disk
                turns.append((ours, theirs))
        mine = [ours for ours, _ in turns]
        others = [theirs for _, theirs in turns if theirs is not None]
        aimed = None if aim is None else ("most", aim)
        found.append(Row(name, median(mine), min(mine), median(others) if others else None, "CPU s", aimed))
    if large:
        with tempfile.TemporaryDirectory() as folder:
            code = LARGE_FIRST.format("dataforge")
            compiling = started(sys.executable, code, {"NUMBA_CACHE_DIR": folder})
        found.append(Row("the same after an installation: nothing compiled yet", compiling, None, None, "CPU s", None))
    return found


def load() -> str:
    """The load average, as the system counts it."""
    return ", ".join(f"{value:.2f}" for value in os.getloadavg())


def header(bounds: Bounds, before: str, minutes: float, repeats: int, peer_repeats: int) -> str:
    """What the figures stand beside."""
    rows = ", ".join(
        f"{64 * lines} bytes of {size / (1 << 10):,.0f} KiB {cost * 1e9:.1f} ns"
        for (size, lines), cost in bounds.random_row.items()
    )
    return (
        f"{cpu_name()}, {os.cpu_count()} cores; load average {before} before and {load()} after {minutes:.0f} minutes; "
        f"{repeats} repeats, Crowd-Kit {peer_repeats}.\n\n"
        f"Bounds of one core measured before: copy {bounds.copy / 1e9:.1f} GB/s (read and written); a random row of "
        f"{rows}; an exponential {bounds.exponential * 1e9:.2f} ns.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="interpreter with Crowd-Kit")
    parser.add_argument("--large", action="store_true", help="add what takes many minutes or much memory")
    parser.add_argument("--only", default="", help="how names of cases begin, with ';' between; 'start' for imports")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer-repeats", type=int, default=1)
    arguments = parser.parse_args()
    only = tuple(name for name in arguments.only.split(";") if name)
    cases = [c for c in CASES if (arguments.large or not c.large) and (not only or c.name.startswith(only))]
    before, began = load(), time.monotonic()
    passes = [case.passes for case in cases if case.passes is not None]
    bounds = measured(tuple(sorted({(one.table, one.lines) for one in passes})))
    ours = Side(sys.executable, "dataforge")
    theirs = Side(arguments.peer, "crowdkit") if arguments.peer else None
    rows: list[Row] = []
    for case, following in zip(cases, [*cases[1:], None], strict=True):
        print(f"{time.monotonic() - began:5.0f} s  {case.name}", file=sys.stderr)
        both = series(case, ours, theirs, arguments.repeats, arguments.peer_repeats)
        more = rows_of(case, *both, bounds)
        rows += more
        for row in more:
            print(f"        {' | '.join(cell for cell in row.cells() if cell)}", file=sys.stderr)
        for side in (ours, theirs):
            if side is not None and (following is None or following.data != case.data):
                side.ask(None)
    for side in (ours, theirs):
        if side is not None:
            side.close()
    if not only or "start".startswith(only):
        rows += start_up(arguments.peer, arguments.repeats, arguments.large)
    minutes = (time.monotonic() - began) / 60
    print(header(bounds, before, minutes, arguments.repeats, arguments.peer_repeats))
    print("| case | unit | DataForge | best | Crowd-Kit | times | aim | reached | bound (share) |")
    print("|---|---|--:|--:|--:|--:|--:|---|--:|")
    for row in rows:
        print("| " + " | ".join(row.cells()) + " |")


if __name__ == "__main__":
    main()
