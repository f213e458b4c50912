"""Any data of the user in memory as an Arrow table.

Columns that Arrow cannot hold as they are (dicts, lists, values of several kinds) are kept as JSON, one text per cell,
UUIDs as texts, and both are marked in their field's metadata; `cells` gives the values back. Where JSON has no word for
some value, such as a date among numbers, it names the kind (`mixtures`). The type that a column has in pandas is noted
there as well where Arrow's does not tell it.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataforge.data import arrow, mixtures
from dataforge.data.places import Rows
from dataforge.errors import DataError
from dataforge.objects.base import listed, plain, shorten
from dataforge.texts import half_character

if TYPE_CHECKING:
    import narwhals as nw

__all__ = [
    "VALUES",
    "array_of",
    "cells",
    "check_names",
    "column_of",
    "from_columns",
    "from_memory",
    "from_rows",
    "is_missing",
    "is_mixed",
    "json_text",
    "mark_of",
    "pandas_type",
    "refuse_unheld",
    "stacked",
    "table_of",
]

CHUNK = 65_536
MARK = b"dataforge"
"""Under this word a field's metadata say how its texts are to be read: as JSON, as JSON with kinds, or as UUIDs."""
JSON, TOLD, UUIDS = b"json", b"told", b"uuid"
PANDAS = b"pandas"
"""Under this word a field's metadata have the name of the column's type in pandas."""
VALUES = "(values)"
"""The column of values that came without a name, as in a list of texts."""


# --- memory ---------------------------------------------------------------------------------------


def from_memory(data: Any, rows: Rows) -> pa.Table:
    """The table that a frame, an Arrow table, a list or iterable of dicts, or a dict of lists holds."""
    if isinstance(data, pa.Table):
        return data
    # Loaded here only: who reads a file needs none of it.
    import narwhals as nw

    if nw.dependencies.is_into_series(data):
        data = nw.from_native(data, series_only=True).alias(VALUES).to_frame().to_native()
    if nw.dependencies.is_pandas_dataframe(data):
        return _from_pandas(data, rows)
    if isinstance(data, Mapping):
        return from_columns(data, rows)
    frame = nw.from_native(data, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        return _from_frame(frame, rows)
    if isinstance(data, pa.Array) and not pa.types.is_struct(data.type):
        return pa.table({VALUES: data})
    if hasattr(data, "__arrow_c_stream__") or isinstance(data, pa.RecordBatch):
        return pa.table(data)
    if isinstance(data, Iterable) and not isinstance(data, bytes):
        return _from_iterable(data, rows)
    raise DataError(
        f"{rows.name}: expected a path, a DataFrame, an Arrow table or dicts, got {shorten(data)} of type "
        f"{type(data).__name__}"
    )


def _from_iterable(data: Iterable[Any], rows: Rows) -> pa.Table:
    """Rows, or values without a name."""
    there = iter(data)
    first = list(itertools.islice(there, 1))
    if first and isinstance(first[0], str | os.PathLike | int | float | np.number | np.bool_ | None):
        values = itertools.chain(first, there)
        return from_columns({VALUES: (os.fspath(one) if isinstance(one, os.PathLike) else one for one in values)}, rows)
    return from_rows(itertools.chain(first, there), rows)


def _from_pandas(data: Any, rows: Rows) -> pa.Table:
    data = _with_index(data, rows)
    names = [str(column) for column in data.columns]
    check_names(names, rows.name)
    columns = []
    for position, column in enumerate(names):
        series = data.iloc[:, position]
        field, array = _pandas_column(series, column, rows)
        # numpy's own types are Arrow's too, but for the one that says nothing.
        told = isinstance(series.dtype, np.dtype) and series.dtype != object
        columns.append((field if told else _typed(field, str(series.dtype)), array))
    return table_of(columns)


def _with_index(data: Any, rows: Rows) -> Any:
    """The frame with an index that has a name as a column, unless it is one already."""
    names = [name for name in data.index.names if name is not None]
    if not names:
        return data
    columns = list(data.columns)
    if data.index.nlevels == 1 and columns.count(names[0]) == 1 and data[names[0]].tolist() == data.index.tolist():
        return data
    check_names([str(name) for name in (*names, *columns)], rows.name)
    return data.reset_index()


def _pandas_column(series: Any, column: str, rows: Rows) -> tuple[pa.Field, pa.Array]:
    categories = getattr(series.dtype, "categories", None)
    if series.dtype == object or (categories is not None and is_mixed(categories.tolist())):
        return column_of(series.tolist(), column, rows)
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):
        return column_of(series.tolist(), column, rows)
    return pa.field(column, array.type), array


def _typed(field: pa.Field, dtype: str) -> pa.Field:
    """The field with the column's type in pandas noted."""
    return field.with_metadata({**(field.metadata or {}), PANDAS: dtype.encode()})


def _from_frame(frame: nw.DataFrame[Any], rows: Rows) -> pa.Table:
    import narwhals as nw

    table = frame.to_arrow()
    for position, (column, kind) in enumerate(frame.schema.items()):
        if kind == nw.Object:
            # Arrow would be given the addresses of the objects.
            table = table.set_column(position, *column_of(frame[column].to_list(), column, rows))
    return table


def from_columns(data: Mapping[Any, Any], rows: Rows) -> pa.Table:
    """The table of a dict of columns; raises `DataError` if they are none, or not of one length."""
    names = [str(column) for column in data]
    check_names(names, rows.name)
    columns = []
    lengths = {}
    for column, values in zip(names, data.values(), strict=True):
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise DataError(
                f"{rows.name}, column {column!r}: expected a list of values, got {shorten(values)}; "
                "a single item is a list of one row, [{column: value}]"
            )
        values = list(values)
        lengths[column] = len(values)
        columns.append(column_of(values, column, rows))
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{column!r} {length}" for column, length in itertools.islice(lengths.items(), 10))
        raise DataError(f"{rows.name}: expected columns of equal length, got {counts}")
    return table_of(columns)


def from_rows(data: Iterable[Any], rows: Rows) -> pa.Table:
    """The table of dicts, read piece by piece; raises `DataError` if one is none."""
    there = enumerate(data)
    tables = []
    while chunk := list(itertools.islice(there, CHUNK)):
        names: dict[str, None] = {}
        for index, row in chunk:
            if not isinstance(row, Mapping):
                raise DataError(f"{rows.name}, {rows.number(index)}: expected {{column: value}}, got {shorten(row)}")
            names.update(dict.fromkeys(row))
        for column in names:
            if not isinstance(column, str):
                raise DataError(f"{rows.name}: expected names of columns that are texts, got {column!r}")
        check_names(list(names), rows.name)
        first = chunk[0][0]
        tables.append(table_of([column_of([row.get(c) for _, row in chunk], c, rows, first) for c in names]))
    return stacked(tables) if tables else pa.table({})


def table_of(columns: Sequence[tuple[pa.Field, Any]]) -> pa.Table:
    """A table of fields and their arrays."""
    return pa.table([array for _, array in columns], schema=pa.schema([field for field, _ in columns]))


def column_of(values: list[Any], column: str, rows: Rows, first: int = 0) -> tuple[pa.Field, pa.Array]:
    """A field and its array; `rows`, and which of them the `first` one is, are for messages."""
    try:
        array, mark = array_of(values)
    except DataError:
        for index, value in enumerate(values, first):
            try:
                _json_array([value])
            except DataError as error:
                raise DataError(f"{rows.place(index, column)}: {error}") from None
        raise
    return _marked(pa.field(column, array.type), mark), array


def array_of(values: list[Any]) -> tuple[pa.Array, bytes]:
    """An Arrow array of the values, and the mark that says how to read it, if it needs one."""
    if _are_uuids(values):
        return pa.array([None if is_missing(value) else str(value) for value in values], pa.large_string()), UUIDS
    try:
        types = set(map(type, values))
        if types == {str}:
            return arrow.texts(values), b""
        if types == {bool}:
            return arrow.truths(np.array(values)), b""
        if is_mixed(values, types):
            return _json_array(values)
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _json_array(values)
    if pa.types.is_nested(array.type):
        # Arrow would give every dict the keys of all.
        return _json_array(values)
    return (array.cast(pa.large_string()) if pa.types.is_string(array.type) else array), b""


def is_mixed(values: Sequence[Any], types: set[type] | None = None) -> bool:
    """Whether the values are of several kinds, of which Arrow would make one, and so alter some."""
    if mixtures.of_one_kind(set(map(type, values)) if types is None else types):
        return False
    return mixtures.are_mixed([value for value in values if not is_missing(value)])


def _are_uuids(values: list[Any]) -> bool:
    there = (value for value in values if not is_missing(value))
    return isinstance(next(there, None), UUID) and all(isinstance(value, UUID) for value in there)


def _marked(field: pa.Field, mark: bytes) -> pa.Field:
    return field.with_metadata({MARK: mark}) if mark else field


def is_missing(value: Any) -> bool:
    """Whether this is how pandas, numpy or Python say that there is no value: None, NaN, NaT, NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError, ArithmeticError):
        # NA is neither equal nor unequal to itself, and an array is both.
        return type(value).__name__ == "NAType"


def json_text(value: Any) -> str:
    """A value as JSON; raises `DataError` if it cannot be."""
    return str(_encoded([value])[0].as_py())


def _json_array(values: list[Any]) -> tuple[pa.Array, bytes]:
    """The values as JSON, and the mark that says whether it names their kinds."""
    if all(map(mixtures.held_by_json, values)):
        return _encoded(values), JSON
    return _encoded([None if is_missing(value) else mixtures.told(value) for value in values]), TOLD


def _encoded(values: list[Any]) -> pa.Array:
    encode = msgspec.json.Encoder(enc_hook=_jsonable).encode
    try:
        texts = [None if is_missing(value) else encode(value) for value in values]
    except UnicodeEncodeError as error:
        raise DataError(f"the text {half_character(error.object)}; remove it") from None
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise DataError(
            f"a value cannot be kept: {error}; convert it to text or numbers, or save it as a file and give its path"
        ) from None
    return pa.array(texts, pa.large_binary()).cast(pa.large_string())


def _jsonable(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if type(value).__module__ == "numpy":
        return plain(value) if getattr(value, "shape", None) == () else value.tolist()
    raise TypeError(f"{shorten(value)} of type {type(value).__name__}")


def check_names(names: Sequence[str], name: str) -> None:
    """Raise `DataError` if two columns have one name, or one has a name that no file can hold."""
    if broken := next(filter(None, map(half_character, names)), ""):
        raise DataError(f"{name}: the name of a column {broken}; rename it")
    twice = [column for column, times in Counter(names).items() if times > 1]
    if twice:
        raise DataError(f"{name}: two columns are named {twice[0]!r}; rename one; columns are: {listed(names)}")


# --- columns --------------------------------------------------------------------------------------


def mark_of(field: pa.Field) -> bytes:
    """How a column's texts are to be read; empty if as they are."""
    mark: bytes = (field.metadata or {}).get(MARK, b"")
    return mark


def cells(table: pa.Table, column: str, start: int = 0, stop: int | None = None) -> list[Any]:
    """The Python values of a column between two rows; absent ones are None."""
    end = table.num_rows if stop is None else min(stop, table.num_rows)
    piece = table.column(column).slice(start, max(0, end - start))
    # Periods and intervals of pandas are numbers to Arrow.
    of_pandas = isinstance(piece.type, pa.BaseExtensionType) and piece.type.extension_name.startswith("pandas.")
    values: list[Any] = piece.to_pandas().tolist() if of_pandas else piece.to_pylist()
    mark = mark_of(table.schema.field(column))
    if not mark:
        return values
    read: Callable[[str], Any] = UUID if mark == UUIDS else msgspec.json.Decoder().decode
    found = [None if value is None else read(value) for value in values]
    return list(map(mixtures.untold, found)) if mark == TOLD else found


def refuse_unheld(table: pa.Table, rows: Rows) -> None:
    """Raise `DataError` for the first date or time that Arrow can hold and Python cannot, such as of the year 50000."""
    for field, column in zip(table.schema, table.columns, strict=True):
        if not pa.types.is_temporal(field.type) or not column.length():
            continue
        try:
            # Of durations Arrow does not tell the longest.
            raw = column.cast(pa.int64()) if pa.types.is_duration(field.type) else column
            for end in pc.min_max(raw).values():
                end.cast(field.type).as_py()
        except (OverflowError, ValueError):
            _refuse_first_unheld(column, field.name, rows)


def _refuse_first_unheld(column: pa.ChunkedArray, name: str, rows: Rows) -> None:
    for index, cell in enumerate(column):
        try:
            cell.as_py()
        except (OverflowError, ValueError) as error:
            raise DataError(
                f"{rows.place(index, name)}: expected a {column.type} of the years 1 to 9999, got {_number(cell)} "
                f"({error}); mend it, or convert the column to text"
            ) from None


def _number(cell: pa.Scalar) -> Any:
    return cell.cast(pa.int32() if pa.types.is_date32(cell.type) else pa.int64()).as_py()


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one below the other; a column that a table lacks is absent in its rows."""
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(column for table in tables for column in table.column_names))
    return table_of([_stacked_column(tables, column) for column in names])


def _stacked_column(tables: Sequence[pa.Table], column: str) -> tuple[pa.Field, Any]:
    """The pieces of a column one below the other; its type in pandas is that of the first piece."""
    pieces = [table.select([column]) if column in table.column_names else None for table in tables]
    dtype = next((pandas_type(piece.schema.field(0)) for piece in pieces if piece is not None), "")
    field, whole = _joined(tables, pieces, column)
    return (_typed(field, dtype) if dtype else field), whole


def _joined(
    tables: Sequence[pa.Table], pieces: Sequence[pa.Table | None], column: str
) -> tuple[pa.Field, pa.ChunkedArray]:
    full = [piece.schema.field(0) for piece in pieces if piece is not None and not _is_empty(piece)]
    marks = {mark_of(field) for field in full}
    if len(marks) < 2 and len(set(map(_apart, full))) < 2:
        bare = [_bare(piece, table, column) for piece, table in zip(pieces, tables, strict=True)]
        if not all(pa.types.is_dictionary(field.type) for field in full):
            bare = [_decoded_dictionary(piece) for piece in bare]
        try:
            whole = pa.concat_tables(bare, promote_options="permissive").column(0)
        except pa.ArrowException:
            pass
        else:
            return _marked(pa.field(column, whole.type), next(iter(marks), b"")), whole
    cells_of = [_cells_of(piece, table, column) for piece, table in zip(pieces, tables, strict=True)]
    array, mark = _json_array([value for values in cells_of for value in values])
    return _marked(pa.field(column, array.type), mark), pa.chunked_array([array])


def _apart(field: pa.Field) -> str:
    """What Arrow would join with others by altering it: bytes with texts, decimal numbers with floating ones."""
    kind = field.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytes"
    return "decimal" if pa.types.is_decimal(kind) else ""


def _is_empty(piece: pa.Table) -> bool:
    return bool(piece.column(0).null_count == piece.num_rows)


def _bare(piece: pa.Table | None, table: pa.Table, column: str) -> pa.Table:
    """One column without its mark; of no type if it holds nothing."""
    if piece is None or _is_empty(piece):
        return pa.table({column: pa.nulls(table.num_rows)})
    return piece.replace_schema_metadata(None).cast(pa.schema([pa.field(column, piece.schema.field(0).type)]))


def _decoded_dictionary(piece: pa.Table) -> pa.Table:
    """One column, with its values in place of numbers that stand for them."""
    kind = piece.schema.field(0).type
    if not pa.types.is_dictionary(kind):
        return piece
    return piece.cast(pa.schema([pa.field(piece.column_names[0], kind.value_type)]))


def _cells_of(piece: pa.Table | None, table: pa.Table, column: str) -> list[Any]:
    return [None] * table.num_rows if piece is None else cells(piece, column)


def pandas_type(field: pa.Field) -> str:
    """The type that the column had in pandas, where that is noted; else empty."""
    noted: bytes = (field.metadata or {}).get(PANDAS, b"")
    return noted.decode()
