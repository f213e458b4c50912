"""What the machine can do at most of what the passes over answers need, on one core: copy, gather, exponentials."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from dataforge.aggregation.kernels.passes.compiled.primitives import AHEAD, prefetch

__all__ = ["Bounds", "cpu_name", "measured"]

LINE = 64
ROWS = 1 << 20


@dataclass(frozen=True)
class Bounds:
    """Bytes a second that a copy moves (read and written), seconds of one exponential, and of one random line."""

    copy: float
    exponential: float
    random_row: dict[tuple[int, int], float]
    """Seconds to read a row at a random place, by the table's size in bytes and the row's lines of 64 bytes."""


@njit(cache=True)
def _gather(table: Any, places: Any, lines: int) -> float:  # a number of each line: the memory's work, not the adder's
    total = 0.0
    for i in range(len(places)):
        ahead = places[min(i + AHEAD, len(places) - 1)]
        for line in range(lines):
            prefetch(table, ahead + line * 8)
        for line in range(lines):
            total += table[places[i] + line * 8]
    return total


def best(call: Any, repeats: int = 7) -> float:
    """The least CPU seconds of some calls."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def measured(tables: tuple[tuple[int, int], ...]) -> Bounds:
    """The bounds of this machine now, under the load that it has."""
    rng = np.random.default_rng(0)
    source = np.ones(1 << 25)
    target = np.empty_like(source)
    copy = 2 * source.nbytes / best(lambda: np.copyto(target, source))
    numbers, out = rng.normal(size=1 << 14), np.empty(1 << 14)
    exponential = best(lambda: [np.exp(numbers, out=out) for _ in range(64)]) / (64 * len(numbers))
    rows = {}
    for size, lines in tables:
        table = np.ones(size // 8 + lines * LINE // 8)
        places = rng.integers(0, max(size // (lines * LINE), 1), ROWS) * (lines * LINE // 8)
        _gather(table, places, lines)
        rows[size, lines] = best(lambda table=table, places=places, lines=lines: _gather(table, places, lines)) / ROWS
    return Bounds(copy, exponential, rows)


def cpu_name() -> str:
    """The processor as the system names it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"
