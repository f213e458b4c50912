"""Whether this machine has room for a method's tables, said before they are made."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dataforge.errors import AggregationError

__all__ = ["refuse_beyond_memory"]

# What any machine has, and nobody needs to ask for.
SMALL = 1e8
LIMIT, USED = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))


def refuse_beyond_memory(needed: float, what: str, advice: str) -> None:
    """Raise `AggregationError` if so many bytes are more than there are; `what` needs them."""
    if needed < SMALL:
        return
    there = _available()
    if there is not None and needed > there:
        raise AggregationError(f"{what} need {needed / 1e9:.1f} GB, {there / 1e9:.1f} GB are free; {advice}")


def _available() -> float | None:
    """The bytes that are free on this machine or in its container; None where nothing tells."""
    found = [free for free in (_of_machine(), _of_container()) if free is not None]
    return min(found, default=None)


def _of_machine() -> float | None:
    try:
        told = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"))
        if told:
            return 1024.0 * int(told[1])
    except OSError:
        pass
    try:  # where free memory is not told, all of it
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return None


def _of_container() -> float | None:
    try:
        return float(LIMIT.read_text("ascii")) - float(USED.read_text("ascii"))
    except (OSError, ValueError):  # no container, or one without a limit: "max"
        return None
