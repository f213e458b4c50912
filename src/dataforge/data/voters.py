"""Models as voters: which columns of the data have their labels, or how probable they hold each label. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.data.tables import cells
from dataforge.errors import DataError, SpecError
from dataforge.objects.base import Label, listed, shorten
from dataforge.tasks.task import Task

ELSEWHERE = "launch the run again with voters=df.Model(…), and add there; or give the rows that column"
"""What to do where a model that was asked at launch is not there to be asked."""

__all__ = ["Given", "check_voters", "code_of", "share_of_labels"]

Given = str | Mapping[Any, str]
"""A column with labels, or by label the column that says how probable the model holds it."""


def check_voters(task: Task, voters: Mapping[str, Given], items: Items) -> None:
    """Raise unless the items have the columns of all models, and their labels are options of the task."""
    if len(task.outputs) != 1:
        raise SpecError(f"voters: the task {task.id!r} has {len(task.outputs)} outputs; models vote where there is one")
    labels = task.outputs[0].type.labels()
    if labels is None:
        return  # The policy is refused for such a task, with what to do instead.
    there = items.rows.column_names
    for name, given in voters.items():
        named = [given] if isinstance(given, str) else list(given.values())
        if missing := [column for column in named if column not in there]:
            asked = f"; that is what it says when asked: {ELSEWHERE}" if missing[0] == f"model:{name}" else ""
            raise DataError(
                f"{items.name}: no column {missing[0]!r} with what the model {name!r} says; columns are: "
                f"{listed(there)}{asked}"
            )
        if not isinstance(given, str):
            if odd := [label for label in given if label not in labels]:
                raise SpecError(f"voters: {name!r}: {odd[0]!r} is no option; options are: {listed(labels)}")
            continue
        for row, value in enumerate(cells(items.rows, given)):
            if not _is_nothing(value) and code_of(labels, value) < 0:
                raise DataError(
                    f"{items.name}, {items.place(row)}: the model {name!r} says {shorten(value)}, which is no option; "
                    f"options are: {listed(labels)}"
                )
        if items.control_count and not share_of_labels(items, given, labels)[items.control].any():
            raise DataError(
                f"{items.name}: the model {name!r} has no label for any control item, so that nothing would be known "
                f"of it; give the control items the column {given!r}, too"
            )


def share_of_labels(items: Items, given: Given, labels: Sequence[Label | None]) -> NDArray[np.float32]:
    """How probable a model holds each label of each item, shape (n_items, n_labels); zeros where it says nothing."""
    found = np.zeros((items.count, len(labels)), np.float32)
    there = items.rows.column_names
    if isinstance(given, str):
        for row, value in enumerate(cells(items.rows, given) if given in there else []):
            if (code := code_of(labels, value)) >= 0:
                found[row, code] = 1
        return found
    for label, column in given.items():
        code = code_of(labels, label)
        for row, value in enumerate(cells(items.rows, column) if column in there and code >= 0 else []):
            if isinstance(value, int | float) and value > 0 and np.isfinite(value):
                found[row, code] = value
    whole = found.sum(axis=1, keepdims=True)
    np.divide(found, whole, out=found, where=whole > 0)
    return found


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and bool(np.isnan(value)))


def code_of(labels: Sequence[Label | None], value: Any) -> int:
    """The place of a label, also where a table has it as a text; -1 for what is none."""
    if _is_nothing(value):
        return -1
    for code, label in enumerate(labels):
        if label == value and isinstance(label, bool) is isinstance(value, bool):
            return code
    return next((code for code, label in enumerate(labels) if str(label).lower() == str(value).lower()), -1)
