"""What one run asks about the answers of another: who gave these, and items that are never given to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dataforge.records import Added
from dataforge.runs.handle.launches.adding import Adding
from dataforge.runs.handle.launches.asking import NOBODY
from dataforge.runs.handle.run import Run

__all__ = ["add_apart", "who_answered", "workers_of"]


def who_answered(run: Run, item: str) -> frozenset[str]:
    """The ids of the workers who responded to an item, whatever became of their pages; nobody if there is none such."""
    view = run._held.fresh()
    with view.lock:
        state = view.state
        if (number := state.numbering.index.get(item)) is None:
            return frozenset()
        rows = state.responses.all_to(number)
        return frozenset(state.workers[worker].id for worker in state.responses.workers(rows).tolist())


def workers_of(run: Run) -> frozenset[str]:
    """The ids of all who have come to a run."""
    view = run._held.fresh()
    with view.lock:
        return frozenset(worker.id for worker in view.state.workers)


def add_apart(run: Run, rows: Sequence[Mapping[str, Any]], key: str, withheld: Mapping[str, Sequence[str]]) -> Added:
    """Add rows to a run as `Run.add` does, by their `key`; by it also the workers who are never given them."""
    run._held.check_there(goes_on=True)
    return run._add(Adding(key, None, None, NOBODY), rows, withheld=withheld)
