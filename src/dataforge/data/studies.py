"""Studies of systems: which columns of the data say what system made an item, and what it was made of. Pure."""

from __future__ import annotations

from dataforge.data.items import Items
from dataforge.data.tables import cells
from dataforge.errors import DataError
from dataforge.objects.base import listed
from dataforge.objects.mos import Mos
from dataforge.tasks.task import Task

__all__ = ["check_study"]


def check_study(task: Task, items: Items) -> None:
    """Raise unless the items have the columns that opinion scores are put together by.

    A control item may be of no system: its scores are compared with the known one, and are in no mean.
    """
    there = items.rows.column_names
    for slot in task.outputs:
        if not isinstance(slot.type, Mos):
            continue
        columns = {"system": slot.type.system, "item": slot.type.item}
        for what, column in columns.items():
            if column is None:
                continue
            if column not in there:
                means = "which system made an item" if what == "system" else "what an item was made of"
                raise DataError(
                    f"{items.name}: no column {column!r} that says {means}; name it by df.Mos({what}=…); columns are: "
                    f"{listed(there)}"
                )
            for row, value in enumerate(cells(items.rows, column)):
                if (value is None or value != value or value == "") and not items.control[row]:
                    raise DataError(
                        f"{items.name}, {items.place(row)}: nothing in the column {column!r}; name a {what}"
                    )
