"""What people think of systems: mean opinion scores, and which of two they prefer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataforge.errors import AggregationError, RunError
from dataforge.objects.base import listed
from dataforge.objects.mos import Mos
from dataforge.objects.side_by_side import SideBySide
from dataforge.runs.driving.opinions import answers_that_count, names_in, opinion_table, scored_outputs
from dataforge.runs.driving.view import RunView
from dataforge.tasks.task import Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataforge.aggregation.numeric import OpinionScores
    from dataforge.aggregation.pairwise import Preferences

__all__ = ["mos", "preferences"]


def mos(view: RunView, output: str | None, *, level: float, least_seconds: float | None) -> OpinionScores:
    """Mean scores by system, of answers on accepted pages, without workers who do not listen."""
    from dataforge.aggregation import mean_opinion_scores

    with view.lock:
        slot = _the_one(view, scored_outputs(view.task), output, "df.Mos()", "mos")
        kind, table = slot.type, opinion_table(view, slot)
    assert isinstance(kind, Mos)
    if not table.num_rows:
        raise _nothing_yet(view)
    try:
        return mean_opinion_scores(
            table.to_pandas(),
            level=level,
            least_seconds=least_seconds,
            reference=kind.reference,
            anchor=kind.anchor,
            scale=(kind.low, kind.high),
        )
    except AggregationError as error:
        raise RunError(f"run {view.description.name!r}: {error}") from error


def preferences(
    view: RunView, output: str | None, left: str | None, right: str | None, item: str | None, *, level: float
) -> Preferences:
    """Shares of preference by pair of systems, of answers on accepted pages."""
    import pandas as pd

    from dataforge.aggregation import preference_test

    with view.lock:
        outputs = [slot for slot in view.task.outputs if isinstance(slot.type, SideBySide)]
        slot = _the_one(view, outputs, output, "df.SideBySide()", "preferences")
        assert isinstance(slot.type, SideBySide)
        named = {"left": left or f"{slot.type.left}_system", "right": right or f"{slot.type.right}_system"}
        for side, column in (*named.items(), ("item", item)):
            _check_column(view, side, column)
        rows = answers_that_count(view)
        items = view.state.responses.item.values[rows].astype("int64")
        sides = {side: names_in(view, column, items) for side, column in named.items()}
        given = view.quality.given(rows)[slot.name].tolist()
        workers = [view.state.workers[number].id for number in view.state.responses.workers(rows).tolist()]
        tasks = names_in(view, item, items)
    if not len(rows):
        raise _nothing_yet(view)
    label = [sides[one][row] if one in sides else None for row, one in enumerate(given)]
    frame = pd.DataFrame({"task": tasks, **sides, "label": pd.Series(label, dtype=object), "worker": workers})
    try:
        return preference_test(frame, level=level)
    except AggregationError as error:
        raise RunError(f"run {view.description.name!r}: {error}") from error


def _the_one(view: RunView, outputs: Sequence[Slot], name: str | None, kind: str, method: str) -> Slot:
    """The output that is meant."""
    there = [slot for slot in outputs if name in (None, slot.name)]
    if len(there) == 1:
        return there[0]
    run = f"run {view.description.name!r}"
    if not outputs:
        raise RunError(f"{run} has no answers of the kind {kind}, of which {method}() tells")
    named = listed(slot.name for slot in outputs)
    raise RunError(f"{run}: {method}() of which output? Write output= one of {named}, not {name!r}")


def _check_column(view: RunView, side: str, column: str | None) -> None:
    there = view.items.rows.column_names
    if column is not None and column not in there:
        meant = "what an item is of" if side == "item" else f"which system the {side} one is of"
        raise RunError(
            f"run {view.description.name!r}: its items have no column {column!r} that says {meant}; name it by "
            f"preferences({side}=…); columns are: {listed(there)}"
        )


def _nothing_yet(view: RunView) -> RunError:
    return RunError(f"run {view.description.name!r} has no accepted answers yet; ask again when pages are accepted")
