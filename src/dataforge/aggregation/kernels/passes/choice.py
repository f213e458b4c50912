"""Which passes a fit is worth: those in numpy, or the compiled ones.

Compiled passes are two to ten times as fast, but a process has to load them first: numba and what was compiled before
take a second of CPU time, as long as a vote over 30 million answers. So

- where numba is not installed, or does not load, numpy it is;
- below `FEWEST` rows, as answers mostly are, numpy is done before anything else could begin;
- a process that has the compiled passes loaded runs them;
- any other loads them as soon as they would have saved what loading costs, this fit and the process's earlier ones
  together: so one fit is never slowed down by much, nor are many.

Either table gives the same sums to the last digits. Where a method would amplify those, a fit has to come out the same
whatever its process did before: the passes of `difficulty`, under conjugate gradients, give the same bits, and M-MSR
chooses its passes by the work alone (`pays_alone`).
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from functools import cache

from dataforge.aggregation.kernels.passes import reference
from dataforge.aggregation.kernels.passes.table import Passes

__all__ = ["FEWEST", "ONCE", "Process", "Work", "compiled_pays", "installed", "loads", "passes", "pays_alone"]

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


@dataclass(slots=True)
class Process:
    """What a process can run: whether the compiled passes are there, and what they would have saved it so far."""

    there: bool
    loaded: bool
    forgone: float = 0.0

    def compiles(self, work: Work) -> bool:
        """Whether the work is worth the compiled passes; if not, what they would have saved is remembered."""
        if work.rows < FEWEST or not self.there:
            return False
        if self.loaded:
            return True
        self.forgone += work.rows * work.terms * SAVED
        return self.forgone > LOADING


def compiled_pays(work: Work) -> bool:
    """Whether this process should run the work compiled."""
    process = _this_process()
    process.loaded = process.loaded or COMPILED in sys.modules
    return process.compiles(work)


def pays_alone(work: Work) -> bool:
    """Whether the work is worth loading the compiled passes for, whatever this process did before."""
    return Process(installed(), loaded=False).compiles(work)


@cache
def _this_process() -> Process:
    return Process(installed(), loaded=False)


@cache
def installed() -> bool:
    """Whether the compiled passes can be loaded, as far as can be told without loading them."""
    return importlib.util.find_spec("numba") is not None


def loads() -> bool:
    """Whether the compiled passes load, which this does."""
    return _compiled() is not None


def passes(compiled: bool) -> Passes:
    """The table of passes; the reference where the compiled one does not load."""
    return (_compiled() if compiled else None) or reference


@cache
def _compiled() -> Passes | None:
    try:
        from dataforge.aggregation.kernels.passes import compiled
    # No numba, one that this numpy is too new for, or one without its shared library: `dataforge doctor` says so.
    except (ImportError, OSError):
        return None
    return compiled
