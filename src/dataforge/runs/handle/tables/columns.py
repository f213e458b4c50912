"""Columns of a run's tables: items as the user gave them, their ids, and answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataforge.data.frames import answers_of
from dataforge.data.items import Items
from dataforge.objects.base import ObjectType
from dataforge.runs.core.columns import Places
from dataforge.runs.driving.view import RunView
from dataforge.workspace import media_path

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["answer_column", "id_column", "item_columns"]


def item_columns(
    view: RunView, places: Places, ours: Sequence[str], *, of: Literal["real", "control", "all"] = "real"
) -> pd.DataFrame:
    """Id, inputs and carried columns of these items, as the user gave them, beside columns of ours.

    Of items of one kind without the columns that only items of the other kind have.
    """
    frame = view.items.columns(ours).iloc[places].reset_index(drop=True)
    if of != "all":
        frame = frame.iloc[:, _columns_of(view.items, control=of == "control")]
    frame.insert(0, view.items.key_column, id_column(view, places))
    return frame


def _columns_of(items: Items, *, control: bool) -> list[int]:
    """The places of the columns that these items have: those in which one of them has a value, or nobody has one."""
    mine = pa.array(items.control == control)

    def has_it(column: pa.ChunkedArray) -> bool:
        if column.null_count in (0, len(column)):
            return True
        own = column.filter(mine)
        return bool(own.null_count < len(own))

    return [place for place, column in enumerate(items.rows.columns) if has_it(column)]


def id_column(view: RunView, places: NDArray[Any]) -> pd.Series:
    """The ids of these items, of the type that they had in the data."""
    return view.items.ids().iloc[places].reset_index(drop=True)


def answer_column(view: RunView, output: str, values: NDArray[Any]) -> pd.Series:
    """Answers to an output; of files where they lie."""
    kind = view.task.output(output).type
    if kind.file_rules() is None:
        return answers_of(values, kind.labels())
    media = view.folder.path.parent.parent / "media"
    return answers_of(_paths(values, kind, media), None)


def _paths(values: NDArray[Any], kind: ObjectType, media: Path) -> NDArray[Any]:
    """Where the files lie that are answers; the names of those that are not in this workspace."""

    def path_of(value: Any) -> str:
        [name] = kind.files_of(value)
        path = media_path(media, name)
        return str(path) if path.exists() else name

    found = np.empty(len(values), object)
    for row, value in enumerate(values):
        if value is not None:  # where all answers are collected, each value is a list of them
            found[row] = [path_of(one) for one in value] if isinstance(value, list) else path_of(value)
    return found
