"""Which passes a fit is worth: those in numpy, or the compiled ones.

Compiled passes are two to ten times as fast, but a process has to load them first: numba and what was compiled before
take a second of CPU time, as long as a vote over 30 million answers. So

- where numba is not installed, or does not load, numpy it is;
- below `FEWEST` rows, as answers mostly are, numpy is done before anything else could begin;
- a process that has the compiled passes loaded runs them;
- any other loads them only for a fit to which they save more than the loading costs.

Either table gives the same sums to the last digits. The passes of `difficulty`, whose last bits conjugate gradients
would amplify, give the same bits, so that a fit comes out the same whatever its process did before.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from functools import cache

from dataforge.aggregation.kernels.passes import reference
from dataforge.aggregation.kernels.passes.table import Passes

__all__ = ["FEWEST", "ONCE", "Work", "compiled_pays", "installed", "passes"]

COMPILED = "dataforge.aggregation.kernels.passes.compiled"
# Below so many rows the compiled passes gain milliseconds.
FEWEST = 50_000
# CPU seconds of loading numba and the functions of one method that were compiled before.
LOADING = 1.0
# CPU seconds that the compiled passes save for each number added up.
SAVED = 3e-9
# What one pass takes for a row beyond adding up: its task, worker and label are found, its place in a table is met.
ONCE = 30.0
# Iterations that EM is taken to need where nobody knows: from the shares of votes on it is near its end soon.
ITERATIONS = 10


@dataclass(frozen=True, slots=True)
class Work:
    """How much a fit asks of the passes: rows that each goes over, and numbers added up for a row in all of them."""

    rows: int
    terms: float = ONCE

    @classmethod
    def iterated(cls, rows: int, terms: float, n_iter: int) -> Work:
        """The work of at most `n_iter` passes that add up so many numbers for each row."""
        return cls(rows, terms * min(n_iter, ITERATIONS))


def compiled_pays(work: Work, *, there: bool | None = None, loaded: bool | None = None) -> bool:
    """Whether the work is worth the compiled passes; `there` and `loaded` are found out unless they are told."""
    if work.rows < FEWEST:
        return False
    if not (installed() if there is None else there):
        return False
    if COMPILED in sys.modules if loaded is None else loaded:
        return True
    return work.rows * work.terms * SAVED > LOADING


@cache
def installed() -> bool:
    """Whether the compiled passes can be loaded, as far as can be told without loading them."""
    return importlib.util.find_spec("numba") is not None


def passes(compiled: bool) -> Passes:
    """The table of passes; the reference where the compiled one does not load."""
    return (_compiled() if compiled else None) or reference


@cache
def _compiled() -> Passes | None:
    try:
        from dataforge.aggregation.kernels.passes import compiled
    except ImportError:  # no numba, or one that this numpy is too new for: `dataforge doctor` says so
        return None
    return compiled
