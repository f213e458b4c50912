"""Which options workers give instead of which: answers beside what came out, or beside what is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import RunError
from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import ACCEPTED
from dataforge.runs.core.responses import NO_REPORT
from dataforge.runs.driving.view import RunView
from dataforge.tasks.task import Slot

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["confusion", "confusions", "counted_outputs"]


CONFUSIONS = ["question", "came_out", "given", "count"]


def counted_outputs(view: RunView) -> list[Slot]:
    """The outputs of a run whose answers are options, and that have one answer to an item."""
    return [slot for slot in view.task.outputs if slot.type.labels() is not None and view.way != "collect"]


def confusion(view: RunView, output: str | None, worker: str | None, *, control: bool) -> pd.DataFrame:
    """How many answers were given (columns) to items of which this came out, or is known (rows).

    Of real items answers on accepted pages count, as they do for labels; of control items all that anybody gave.
    """
    import pandas as pd

    with view.lock:
        slot = _output(view, output)
        labels = [*(slot.type.labels() or ())]
        rows = _rows(view, worker, control=control)
        items, place = np.unique(view.state.responses.item.values[rows].astype(np.int64), return_inverse=True)
        found = _codes(labels, _found(view, slot.name, items, control=control))[place]
        given = _codes(labels, view.quality.given(rows)[slot.name])
    both = (found >= 0) & (given >= 0)
    counts = np.bincount(found[both] * len(labels) + given[both], minlength=len(labels) ** 2)
    named = pd.Index(labels, name="known" if control else slot.name), pd.Index(labels, name="given")
    return pd.DataFrame(counts.reshape(len(labels), -1), *named)


def confusions(view: RunView) -> pd.DataFrame:
    """One row per question, answer that came out of items, and answer that workers gave to them: how often."""
    import pandas as pd

    parts = []
    for slot in counted_outputs(view):
        counts = confusion(view, slot.name, None, control=False)
        told = zip(counts.index, counts.to_numpy().tolist(), strict=True)
        given = [[slot.name, found, *one] for found, row in told for one in zip(counts, row, strict=True)]
        parts.append(pd.DataFrame(given, columns=CONFUSIONS))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CONFUSIONS)


def _output(view: RunView, name: str | None) -> Slot:
    """The output that is meant."""
    there = counted_outputs(view)
    if name is None and len(there) == 1:
        return there[0]
    for slot in there:
        if slot.name == name:
            return slot
    named = ", ".join(repr(slot.name) for slot in there)
    if not there:
        judged = "; of those who judge its answers run.check.confusion() tells" if view.description.check else ""
        raise RunError(f"run '{view.description.name}' asks for no options, so there is nothing to confuse{judged}")
    raise RunError(f"confusion of which output? Write output= one of {named}, not {name!r}")


def _rows(view: RunView, worker: str | None, *, control: bool) -> Places:
    """The answers to control items, or those that count to the others, of one worker or of all."""
    state, responses = view.state, view.state.responses
    wanted = (responses.report.values == NO_REPORT) & (state.numbering.control[responses.item.values] == control)
    if not control:
        wanted &= responses.counting() & (np.array(state.pages.status, np.int8)[responses.page.values] == ACCEPTED)
    rows = np.flatnonzero(wanted)
    return rows if worker is None else rows[responses.workers(rows) == state.worker_number[worker]]


def _found(view: RunView, output: str, items: Places, *, control: bool) -> NDArray[np.object_]:
    """What is known of these items, or came out of them."""
    if control:
        return view.quality.known(items)[output]
    return next(outcome.values for outcome in view.quality.outcomes(items) if outcome.output == output)


def _codes(labels: Sequence[object], values: NDArray[np.object_]) -> NDArray[np.int64]:
    """The place of each value among the labels, -1 where it is none of them."""
    places = {label: place for place, label in enumerate(labels)}
    return np.fromiter((places.get(value, -1) for value in values), np.int64, len(values))
