"""Tables as pandas shows them: the types and the names of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from dataforge.tables import cells, is_json, pandas_type

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_of"]


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A pandas DataFrame of the table, each column of the type that it came in.

    Where that was none of pandas', whole numbers stay whole and truth values stay such where some are absent.
    """
    import pandas as pd

    return pd.DataFrame({field.name: _series_of(table, field) for field in table.schema})


def _series_of(table: pa.Table, field: pa.Field) -> pd.Series:
    import pandas as pd

    if is_json(field):
        return pd.Series(cells(table, field.name), dtype=object)
    series: pd.Series = table.column(field.name).to_pandas(integer_object_nulls=True)
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
