"""A run's state as arrays, so that it can be stored and its log need not be read from the beginning."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.records import ReportReason
from dataforge.runs.core.charts import Charts
from dataforge.runs.core.columns import PLAIN, Arrays, load_columns, saved_columns
from dataforge.runs.core.log import Fitted, Order
from dataforge.runs.core.pages import SUBMITTED, TAKEN
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["at_rest", "load_state", "saved_state"]

STATE = {
    "unsent": dict[str, Order],
    "to_judge": dict[int, None],
    "new_workers": set[int],
    "changed_workers": set[int],
    "workers": list[WorkerRecord],
    "fitted": Fitted | None,
    "charts": Charts,
    "reports": dict[ReportReason, int],
}
PARTS = ("state.", "pages.", "responses.")
PAGES = {"ids": list[str]}
RESPONSES = {"overlaps": list[int]}
# What has been taken in and waits to be entered or decided on: nothing, where a state is stored.
NEWS = ("_new_items", "_accepted_pages")


def at_rest(state: RunState) -> bool:
    """Whether all that has come is entered and decided on, and all items are ordered: only then it can be stored."""
    waiting = [getattr(state.responses, name) for name in NEWS]
    return state.all_added and not any(waiting)


def saved_state(state: RunState) -> dict[str, NDArray[Any]]:
    """All that a state at rest knows beside its items and its quality."""
    elsewhere = ("numbering", "pages", "responses", "answers", "prices", "to_add", "worker_number", "_answered")
    parts = {
        "state": saved_columns(state, STATE, elsewhere),
        "pages": saved_columns(state.pages, PAGES, ("number", "vouching")),
        "vouching": saved_columns(state.pages.vouching, {}),
        "responses": saved_columns(state.responses, RESPONSES, ("numbering", "pages", *NEWS)),
    }
    return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def load_state(state: RunState, arrays: Arrays) -> None:
    """Give a state that has its items and has heard of nothing yet what `saved_state` knew.

    Raises `KeyError` if that is not all that a state knows today.
    """
    if (there := _names(arrays)) != (wanted := _names(saved_state(state))):
        raise KeyError(*sorted(there ^ wanted))
    for part, thing, plain in (
        ("state.", state, STATE),
        ("pages.", state.pages, PAGES),
        ("vouching.", state.pages.vouching, {}),
        ("responses.", state.responses, RESPONSES),
    ):
        load_columns(thing, _part(arrays, part), plain)
    state.to_add.clear()
    state.worker_number.update((record.id, record.number) for record in state.workers)
    in_flight = np.flatnonzero(np.isin(np.array(state.pages.status, np.int8), (TAKEN, SUBMITTED)))
    state.pages.number.update((state.pages.ids[page], page) for page in in_flight.tolist())


def _names(arrays: Arrays) -> set[str]:
    """What is stored, column by column and value by value."""
    found = {name for name in arrays if name.startswith(PARTS)}
    for name in [name for name in found if name.endswith(f".{PLAIN}")]:
        found.update(
            f"{name}.{value}" for value in msgspec.json.decode(arrays[name].tobytes(), type=dict[str, msgspec.Raw])
        )
    return found


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
