"""A run's state as arrays, so that it can be stored and its log need not be read from the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.records import NotPaid, ReportReason
from dataforge.runs.core.charts import Charts
from dataforge.runs.core.columns import Arrays, load_columns, saved_columns
from dataforge.runs.core.control_reports import ControlReports
from dataforge.runs.core.corrected import Corrections
from dataforge.runs.core.log import Changed, Fitted, Order
from dataforge.runs.core.pages import SUBMITTED, TAKEN
from dataforge.runs.core.state import RunState
from dataforge.runs.core.trainings import Trainings
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["at_rest", "load_state", "saved_state"]

STATE = {
    "unsent": dict[str, Order],
    "to_judge": dict[int, None],
    "to_judge_again": set[int],
    "control_reports": ControlReports,
    "corrections": Corrections,
    "trainings": Trainings,
    "not_paid": list[NotPaid],
    "to_pay_again": dict[str, NotPaid],
    "new_workers": set[int],
    "changed_workers": set[int],
    "workers": list[WorkerRecord],
    "fitted": Fitted | None,
    "changed": Changed | None,
    "refused_items": set[int],
    "rechecked": set[int],
    "charts": Charts,
    "reports": dict[ReportReason, int],
}
PAGES = {"ids": list[str]}
RESPONSES = {"overlaps": list[int], "discarded": set[int]}
SOLUTIONS = {
    "keys": list[str],
    "reasons": dict[int, str],
    "friends": dict[str, int],
    "ring": dict[int, int],
    "to_send": set[int],
    "out": set[int],
    "sent": set[int],
    "again": dict[int, tuple[int, int]],
    "waiting": dict[int, int],
    "asking": dict[int, list[int]],
}
SHOWINGS = {"left": dict[str, tuple[int, int]], "out": dict[str, list[str]]}
# What has been taken in and waits to be entered or decided on: nothing, where a state is stored.
NEWS = ("_new_items", "_accepted_pages")


def at_rest(state: RunState) -> bool:
    """Whether all that has come is entered and decided on, and all items are ordered: only then it can be stored."""
    waiting = [getattr(state.responses, name) for name in NEWS]
    return state.all_added and not any(waiting)


class _Part(NamedTuple):
    """A thing that is stored: how its plain values are, and what of it need not be."""

    thing: object
    plain: Mapping[str, Any]
    left_out: tuple[str, ...]


OF_WORKERS = ("worker_number", "lacking")
"""What the records of workers say, found faster."""


def _parts(state: RunState) -> dict[str, _Part]:
    solutions = state.responses.solutions
    elsewhere = ("numbering", "pages", "responses", "answers", "prices", "to_add", "answered", *OF_WORKERS)
    return {
        "state": _Part(state, STATE, elsewhere),
        "pages": _Part(state.pages, PAGES, ("number", "vouching")),
        "vouching": _Part(state.pages.vouching, {}, ()),
        "responses": _Part(state.responses, RESPONSES, ("numbering", "pages", "showings", "solutions", *NEWS)),
        "showings": _Part(state.responses.showings, SHOWINGS, ()),
        **({} if solutions is None else {"solutions": _Part(solutions, SOLUTIONS, ("pages", "index"))}),
    }


def saved_state(state: RunState) -> dict[str, NDArray[Any]]:
    """All that a state at rest knows beside its items and its quality."""
    parts = {name: saved_columns(*part) for name, part in _parts(state).items()}
    return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def load_state(state: RunState, arrays: Arrays) -> None:
    """Give a state that has its items and has heard of nothing yet what `saved_state` knew.

    Raises `KeyError` if that is not all that a state knows today.
    """
    for name, part in _parts(state).items():
        load_columns(part.thing, _part(arrays, f"{name}."), part.plain, part.left_out)
    if (solutions := state.responses.solutions) is not None:
        solutions.index.update((key, number) for number, key in enumerate(solutions.keys))
    state.to_add.clear()
    state.worker_number.update((record.id, record.number) for record in state.workers)
    state.lacking.update((record.number, record.lacking) for record in state.workers if record.lacking)
    in_flight = np.flatnonzero(np.isin(np.array(state.pages.status, np.int8), (TAKEN, SUBMITTED)))
    state.pages.number.update((state.pages.ids[page], page) for page in in_flight.tolist())


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
