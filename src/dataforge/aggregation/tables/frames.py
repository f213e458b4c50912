"""Tables in, integer codes out, and back: with `values` the place that knows pandas, polars and Arrow.

A column is encoded once. Text goes through Arrow's dictionary encoding; a column that is encoded already (a pandas
categorical, an Arrow dictionary, a polars categorical) gives its codes as they are. Answers come back in the kind
of table that went in: pandas gets an index, other kinds get the ids as their first column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame, IntoSeries
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.kernels.short_texts import sorted_codes
from dataforge.aggregation.tables.called import called_otherwise
from dataforge.aggregation.tables.values import (
    ArrowValues,
    PandasValues,
    Series,
    Values,
    arrow_array,
    plain,
    type_names,
    values_of,
)
from dataforge.errors import AggregationError, MissingColumn

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Column", "Frame", "Keyed", "Kind", "Table", "appended", "as_column", "encode", "pairs", "present", "read"]

Frame = nw.DataFrame[Any]

Table = IntoDataFrame
"""A table of pandas, polars, Arrow or another kind that narwhals reads at once."""

Keyed = Mapping[Any, Any] | IntoSeries | IntoDataFrame
"""One value for each key: a mapping, a pandas Series with the keys as index, or a table of keys and values."""

# A span of integer ids this many times wider than the column is long is still cheaper to tabulate than to hash.
DENSE = 4
# Texts of so many bytes are two machine words with their length: the compiled encoder takes them.
LONGEST_SHORT = 15


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """An encoded column: `values.take(codes)` is the column; -1 stands for a missing value."""

    codes: Codes
    values: Values


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of table that came in, and makes results of the same kind."""

    implementation: nw.Implementation

    @property
    def is_pandas(self) -> bool:
        """Whether results are pandas objects with an index."""
        return self.implementation.is_pandas()

    def series(self, ids: Values, ids_name: str | None, values: Values | NDArray[Any], name: str) -> Any:
        """Ids with one value each: a Series with the ids as index, or a table of two columns."""
        if isinstance(ids, PandasValues):
            import pandas as pd

            data = values.index if isinstance(values, PandasValues) else values
            return pd.Series(data, index=ids.index.rename(ids_name), name=name)
        return self._table({ids_name or "id": ids, name: values})

    def table(
        self, ids: Values, ids_name: str | None, names: Values, names_name: str | None, matrix: NDArray[Any]
    ) -> Any:
        """Ids with one row of numbers each; `names` are the columns of `matrix`."""
        if isinstance(ids, PandasValues):
            import pandas as pd

            columns = pd.Index(values_of(names).index, name=names_name)
            return pd.DataFrame(matrix, index=ids.index.rename(ids_name), columns=columns, copy=False)
        columns_of = {str(name): matrix[:, k] for k, name in enumerate(names.to_list())}
        if ids_name in columns_of:
            raise AggregationError(f"a label is named {ids_name!r}, like the column of ids: rename one of them")
        return self._table({ids_name or "id": ids, **columns_of})

    def pair_table(self, workers: Values, given: Values, labels: Values, matrix: Floats) -> Any:
        """Rows of numbers by worker and label given, one column for each right label."""
        if isinstance(workers, PandasValues) and isinstance(given, PandasValues):
            import pandas as pd

            index = pd.MultiIndex.from_arrays([workers.index, given.index], names=["worker", "label"])
            # The columns have no name: one like a level of the index could not be stacked and put back.
            return pd.DataFrame(matrix, index=index, columns=pd.Index(values_of(labels).index, name=None))
        columns = {str(name): matrix[:, k] for k, name in enumerate(labels.to_list())}
        return self._table({"worker": workers, "label": given, **columns})

    def columns(self, ids: Values, ids_name: str, columns: Mapping[str, NDArray[Any] | Values | list[Any]]) -> Any:
        """Ids with named columns: a DataFrame with the ids as index, or a table with the ids as first column."""
        if isinstance(ids, PandasValues):
            import pandas as pd

            data = {
                name: column.index if isinstance(column, PandasValues) else column for name, column in columns.items()
            }
            return pd.DataFrame(data, index=ids.index.rename(ids_name))
        return self._table({ids_name: ids, **columns})

    def rows(self, columns: Mapping[str, NDArray[Any] | Values]) -> Any:
        """Columns without ids, for tables without an index."""
        return self._table(columns)

    def _table(self, columns: Mapping[str, Any]) -> Any:
        import pyarrow as pa

        arrays = {
            name: column.array
            if isinstance(column, ArrowValues)
            else (pa.array(column) if isinstance(column, list) else np.ascontiguousarray(column))
            for name, column in columns.items()
        }
        table = pa.table(arrays)
        if self.implementation.is_pyarrow():
            return table
        return nw.from_arrow(table, backend=cast(Any, self.implementation)).to_native()


def read(data: Table, columns: Sequence[str]) -> tuple[Frame, Kind]:
    """A table with these columns; others are ignored."""
    try:
        frame: Frame = nw.from_native(_with_one_name_each(data, columns), eager_only=True)
    except TypeError as error:
        raise AggregationError(
            f"answers need to be a table (pandas, polars or Arrow), got {type(data).__name__}; {_way_to_a_table(data)}"
        ) from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        kept = [name for name in getattr(getattr(data, "index", None), "names", []) if name in missing]
        way = f"; {', '.join(map(repr, kept))} is in the index: pass data.reset_index()" if kept else ""
        theirs = {name: ours for name, ours in called_otherwise(frame.columns, columns).items() if ours in missing}
        if theirs and not kept:
            way = f"; rename them: data.rename(columns={theirs})"
        raise MissingColumn(
            f"answers need the columns {', '.join(map(repr, columns))}: {', '.join(map(repr, missing))} not found "
            f"among {', '.join(map(repr, frame.columns)) or 'no columns'}{way}"
        )
    return frame.select(list(columns)), Kind(frame.implementation)


def _with_one_name_each(data: Any, columns: Sequence[str]) -> Any:
    """The table without further columns where names repeat: only among those that are read they may not."""
    if hasattr(data, "collect"):  # the names of a lazy table cost a run of its plan
        return data
    names = list(getattr(data, "column_names", getattr(data, "columns", ())))
    if len({str(name) for name in names}) == len(names):
        return data
    wanted = [place for place, name in enumerate(names) if name in columns]
    read_twice = sorted({name for name in columns if names.count(name) > 1})
    if read_twice:
        raise AggregationError(
            f"answers need each column once: {', '.join(map(repr, read_twice))} repeats among "
            f"{', '.join(map(repr, names))}; rename or drop one of them"
        )
    return data.iloc[:, wanted] if hasattr(data, "iloc") else data.select(wanted)


def _way_to_a_table(data: object) -> str:
    if hasattr(data, "collect"):
        return "collect() it first"
    if hasattr(data, "compute"):
        return "see dataforge.aggregation.distributed for tables in parts, or compute() it first"
    return "pandas.DataFrame(...) makes one of rows or columns"


def present(column: Column, name: str) -> Column:
    """The column, which needs a value in every row."""
    missing = np.flatnonzero(column.codes < 0)
    if len(missing):
        raise AggregationError(
            f"column {name!r} needs a value in every row; row {int(missing[0])} has none ({len(missing)} in all): "
            "drop such rows or fill them in"
        )
    return column


def encode(series: Series) -> Column:
    """A column as codes of its distinct values."""
    if series.implementation.is_pandas():
        return _encode_pandas(series.to_native())
    if series.implementation.is_polars() and series.dtype == nw.Categorical and len(series):
        column = _encode_polars_categories(series.to_native())
        if column is not None:
            return column
    return _encode_arrow(series.to_arrow())


def appended(one: Frame, two: Frame) -> Frame:
    """The rows of two tables with the same columns, one after the other."""
    try:
        whole: Frame = nw.concat([one, two], how="vertical")
    except Exception as error:  # each kind of table has an error of its own for columns that do not go together
        raise AggregationError(f"more answers need columns of the types that the earlier ones had: {error}") from error
    return whole


def as_column(name: str, values: Any, like: Kind) -> Series:
    """Python values or an array as a column of the kind of table in use."""
    return nw.new_series(name, values, backend=cast(Any, like.implementation))


def pairs(data: Keyed, what: str, like: Kind) -> tuple[Series, Series]:
    """Keys and values of a mapping, a pandas Series (keys in the index) or a table whose first two columns they are."""
    if isinstance(data, Mapping):
        return as_column("key", list(data.keys()), like), as_column("value", list(data.values()), like)
    if hasattr(data, "index") and hasattr(data, "to_frame") and not hasattr(data, "columns"):
        keys = nw.from_native(data.index.to_series(), series_only=True)
        return keys, nw.from_native(data, series_only=True)
    try:
        frame: Frame = nw.from_native(data, eager_only=True)
    except TypeError as error:
        raise AggregationError(
            f"{what} need a pandas Series, a mapping or a table of two columns, got {type(data).__name__}"
        ) from error
    if len(frame.columns) < 2:
        raise AggregationError(f"{what} need two columns, ids and values, got {len(frame.columns)}")
    return frame[frame.columns[0]], frame[frame.columns[1]]


def _encode_pandas(series: pd.Series[Any]) -> Column:
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        return _present(np.asarray(series.cat.codes), PandasValues(series.cat.categories, sorted=True))
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu" and len(series):
        dense = _encode_dense(series.to_numpy())
        if dense is not None:
            codes, values = dense
            return Column(codes, PandasValues(pd.Index(values), sorted=True))
    if _is_text(series):
        try:
            column = _encode_arrow(arrow_array(series))
        except (TypeError, ValueError):
            pass  # not text after all: Arrow's errors are ValueError and TypeError too
        else:
            assert isinstance(column.values, ArrowValues)
            values = pd.Index(column.values.array.to_pandas(), dtype=series.dtype)
            return Column(column.codes, PandasValues(values, sorted=column.values.sorted))
    try:
        found, distinct = pd.factorize(series)
    except TypeError as error:
        raise AggregationError(
            f"column {series.name!r}: values need to be hashable, got {type_names(series)}; "
            f"make sets or tuples of lists: data[{series.name!r}].map(frozenset)"
        ) from error
    return Column(found.astype(np.int32), PandasValues(pd.Index(distinct)))


def _is_text(series: pd.Series[Any]) -> bool:
    import pandas as pd

    if isinstance(series.dtype, pd.StringDtype):
        return True
    return bool(series.dtype == object and len(series) and isinstance(series.iloc[0], str))


def _encode_dense(ids: NDArray[Any]) -> tuple[Codes, NDArray[Any]] | None:
    """Integer ids of a narrow span by a table of those present; None if the span is too wide."""
    low, high = int(ids.min()), int(ids.max())
    if high - low > DENSE * len(ids) + 1024 or high - low >= np.iinfo(np.int32).max:
        return None
    dtype = ids.dtype
    wide = ids.astype(np.int32) if dtype.itemsize < 4 else ids  # differences of short integers would wrap
    # Codes already are not copied: at 100M answers each copy is 400 MB.
    codes_already = low == 0 and wide.dtype == np.int32
    shifted = wide if codes_already else (wide - wide.dtype.type(low)).astype(np.int32)
    present = np.zeros(high - low + 1, np.bool_)
    present[shifted] = True
    if present.all():
        return shifted, np.arange(high - low + 1).astype(dtype) + dtype.type(low)
    new = np.cumsum(present, dtype=np.int32) - np.int32(1)
    return new[shifted], np.flatnonzero(present).astype(dtype) + dtype.type(low)


def _encode_polars_categories(series: pl.Series) -> Column | None:
    """A polars categorical by the codes that it has; None where they lie too far apart or some are missing."""
    if series.null_count():
        return None
    dense = _encode_dense(series.to_physical().to_numpy())
    if dense is None:
        return None
    codes, present = dense
    place = np.empty(len(present), np.int64)
    place[codes] = np.arange(len(codes))
    # Codes are in the order in which categories came up anywhere in the process, values are to be sorted.
    named = _encode_arrow(series.gather(place).cast(str).to_arrow())
    return Column(named.codes[codes], named.values)


def _encode_arrow(array: pa.Array | pa.ChunkedArray) -> Column:
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries() if pa.types.is_dictionary(array.type) else array
        array = array.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # Arrow gives chunks back where one chunk cannot hold them
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_dictionary(array.type):
        codes = _numpy_codes(array.indices)
        return _present(codes, ArrowValues(plain(array.dictionary)))
    if pa.types.is_floating(array.type):
        array = _without_nan(array)
    if pa.types.is_integer(array.type) and len(array) and array.null_count == 0:
        dense = _encode_dense(array.to_numpy(zero_copy_only=False))
        if dense is not None:
            return Column(dense[0], ArrowValues(pa.array(dense[1], type=array.type), sorted=True))
    short = _encode_short_texts(array)
    if short is not None:
        return short
    encoded = array.dictionary_encode()
    return Column(_numpy_codes(encoded.indices), ArrowValues(encoded.dictionary))


def _without_nan(array: pa.Array) -> pa.Array:
    """The numbers with nulls in place of NaN, which is a missing value in every kind of table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nan = pc.is_nan(array)
    return pc.if_else(nan, pa.scalar(None, array.type), array) if pc.any(nan).as_py() else array


def _encode_short_texts(array: pa.Array) -> Column | None:
    """Many short texts by the compiled encoder; None where Arrow's own is the one to take."""
    import pyarrow as pa

    wide = pa.types.is_large_string(array.type)
    if array.null_count or not len(array) or not (wide or pa.types.is_string(array.type)):
        return None
    _, ends, data = array.buffers()
    offsets = np.frombuffer(ends, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
    if np.diff(offsets).max() > LONGEST_SHORT:
        return None
    found = sorted_codes(offsets, np.frombuffer(data or b"", np.uint8))
    if found is None:
        return None
    codes, starts, letters = found
    buffers = [None, pa.py_buffer(starts.astype(offsets.dtype, copy=False)), pa.py_buffer(letters)]
    return Column(codes, ArrowValues(pa.Array.from_buffers(array.type, len(starts) - 1, buffers), sorted=True))


def _numpy_codes(indices: pa.Array) -> Codes:
    import pyarrow as pa

    if indices.type != pa.int32():
        indices = indices.cast(pa.int32())
    if indices.null_count:
        indices = indices.fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), np.int32)


def _present(codes: NDArray[Any], values: Values) -> Column:
    """The column without the values that no row has."""
    used = np.zeros(len(values) + 1, np.bool_)
    used[codes] = True  # a missing value, -1, marks the spare last place
    used = used[:-1]
    if used.all():
        return Column(codes.astype(np.int32, copy=False), values)
    new = np.append(np.cumsum(used, dtype=np.int32) - np.int32(1), np.int32(-1))
    kept = values.take(np.flatnonzero(used))
    if isinstance(values, PandasValues) and isinstance(kept, PandasValues):
        kept = PandasValues(kept.index, sorted=values.sorted)
    return Column(new[codes], kept)
