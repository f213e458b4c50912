"""Tables as pandas shows them: the types and the names of columns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from numpy.typing import NDArray

from dataforge.data.tables import cells, mark_of, pandas_type
from dataforge.objects.base import Label

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["answers_of", "frame_of", "set_apart"]


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A pandas DataFrame of the table, each column of the type that it came in.

    Where that was none of pandas', whole numbers stay whole and truth values stay such where some are absent.
    """
    import pandas as pd

    return pd.DataFrame({field.name: _series_of(table, field) for field in table.schema})


def _series_of(table: pa.Table, field: pa.Field) -> pd.Series:
    import pandas as pd

    if mark_of(field):
        return pd.Series(cells(table, field.name), dtype=object)
    column = table.column(field.name)
    if pa.types.is_dictionary(field.type) and not pa.types.is_signed_integer(field.type.index_type):
        # As polars numbers its categories, of which pandas knows nothing.
        column = column.cast(pa.dictionary(pa.int64(), field.type.value_type))
    series: pd.Series = column.to_pandas(integer_object_nulls=True)
    for dtype in filter(None, (pandas_type(field), _nullable(field.type) if series.hasnans else "")):
        try:
            typed: pd.Series = series.astype(pd.api.types.pandas_dtype(dtype))
            return typed
        except (TypeError, ValueError, OverflowError):
            # What came later is of another kind than what the type was noted for.
            continue
    return series


def _nullable(kind: pa.DataType) -> str:
    """The type of pandas for values of which some are absent, where numpy has none."""
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "Int64" if pa.types.is_signed_integer(kind) else "UInt64"
    return ""


def answers_of(values: NDArray[Any], labels: Sequence[Label | None] | None) -> pd.Series:
    """Answers as a column of their labels' type: on truth values `~` works, and whole numbers stay whole with gaps.

    Answers of which some are of another type than the labels stay as they are.
    """
    import pandas as pd

    given = {type(value) for value in values if value is not None}
    kinds = set(map(type, labels or ())) or given
    for kind, dtype in (({bool}, "boolean"), ({int}, "Int64"), ({int, float}, "float64")):
        if kinds and kinds <= kind and given <= kind:
            return pd.Series(pd.array(values, dtype=dtype))  # type: ignore[call-overload]
    return pd.Series(list(values), dtype=None if given == {str} else object)


def set_apart(yours: Sequence[str], ours: Sequence[str]) -> list[str]:
    """Your columns' names beside ours: one that we have taken ends in `_given`, or in `_given_2` … if that is there."""
    taken = {*ours, *yours}
    names = []
    for name in yours:
        if name in ours:
            given = f"{name}_given"
            free = itertools.chain([given], (f"{given}_{number}" for number in itertools.count(2)))
            name = next(other for other in free if other not in taken)
            taken.add(name)
        names.append(name)
    return names
