"""Any data of the user as an Arrow table.

Columns that Arrow cannot hold as they are (dicts, lists, values of several kinds) are kept as JSON, one text per cell,
UUIDs as texts, and both are marked in their field's metadata; `cells` gives the values back. The type that a column has
in pandas is noted there as well where Arrow's does not tell it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import narwhals as nw
import numpy as np
import pyarrow as pa

from dataforge.errors import DataError
from dataforge.objects.base import listed, plain, shorten
from dataforge.separated import read_separated

__all__ = [
    "Source",
    "array_of",
    "cells",
    "column_of",
    "is_json",
    "is_missing",
    "json_text",
    "mark_of",
    "pandas_type",
    "read_source",
    "stacked",
]

CHUNK = 65_536
MARK = b"dataforge"
"""Under this word a field's metadata say how its texts are to be read: as JSON or as UUIDs."""
JSON, UUIDS = b"json", b"uuid"
PANDAS = b"pandas"
"""Under this word a field's metadata have the name of the column's type in pandas."""
ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


@dataclass(frozen=True)
class Source:
    """A table, how messages name it, and whether its cells are texts that still have to be read."""

    table: pa.Table
    name: str
    written: bool = False


def read_source(data: Any, name: str) -> Source:
    """The table that `data` holds: a path, a frame, an Arrow table, a list or iterable of dicts, a dict of lists."""
    if isinstance(data, str) and ADDRESS.match(data):
        raise DataError(f"{name}: addresses are not read, got {shorten(data)}; download it, and give the file's path")
    if isinstance(data, str | Path):
        return _from_path(Path(data).expanduser())
    table = _from_memory(data, name)
    _check_names(table.column_names, name)
    return Source(table, name)


def _from_memory(data: Any, name: str) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    if nw.dependencies.is_pandas_dataframe(data):
        return _from_pandas(data, name)
    if isinstance(data, Mapping):
        return _from_columns(data, name)
    frame = nw.from_native(data, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        return _from_frame(frame, name)
    if hasattr(data, "__arrow_c_stream__") or isinstance(data, pa.RecordBatch):
        try:
            return pa.table(data)
        except pa.ArrowException:
            raise DataError(
                f"{name}: expected a table, got a single column: {shorten(data)}; name it, {{column: values}}"
            ) from None
    if isinstance(data, Iterable) and not isinstance(data, bytes):
        return _from_rows(data, name)
    raise DataError(
        f"{name}: expected a path, a DataFrame, an Arrow table or dicts, got {shorten(data)} of type "
        f"{type(data).__name__}"
    )


# --- files ----------------------------------------------------------------------------------------


def _from_path(path: Path) -> Source:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        shown = path.name or str(path)
        if not os.path.exists(path):  # which says so of what can be no path at all, too
            start = "" if path.is_absolute() else f", which starts at {str(Path.cwd())!r}"
            raise DataError(f"{_shorten_text(str(path))}: there is no such file or folder; check the path{start}")
        raise DataError(f"{shown}: expected a file that ends in {', '.join(READERS)}; convert it to one of them")
    try:
        source = reader(path)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from None
    except (pa.ArrowException, msgspec.DecodeError, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{path.name}: cannot be read as {path.suffix.lower()[1:]}: {_shorten_text(why)}; "
            "check that it is complete and that texts are UTF-8"
        ) from None
    _check_names(source.table.column_names, path.name)
    return source


def _shorten_text(text: str, length: int = 200) -> str:
    """A text cut to a length that fits into a message."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _csv(path: Path) -> Source:
    return Source(read_separated(path, text=pa.large_string()), path.name, written=True)


def _json(path: Path) -> Source:
    content = _decoded(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    if isinstance(content, list):
        return Source(_from_rows(content, path.name), path.name)
    if isinstance(content, dict):
        return Source(_from_columns(content, path.name), path.name)
    raise DataError(f"{path.name}: expected a list of objects or {{column: [values]}}, got {shorten(content)}")


def _json_lines(path: Path) -> Source:
    def rows() -> Iterator[Any]:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                line = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
                try:
                    if line:
                        yield _decoded(line)
                except ValueError as error:
                    raise DataError(f"{path.name}, line {number}: expected one JSON object, {error}") from None

    return Source(_from_rows(rows(), path.name), path.name)


def _decoded(content: bytes) -> Any:
    """The value of JSON, and of what Python writes as JSON: NaN stands for a value that is missing."""
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        if b"NaN" not in content:
            raise
        return json.loads(content)


def _parquet(path: Path) -> Source:
    from pyarrow import parquet

    return Source(parquet.read_table(path), path.name)


def _feather(path: Path) -> Source:
    from pyarrow import feather

    return Source(feather.read_table(path), path.name)


READERS: dict[str, Callable[[Path], Source]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".parquet": _parquet,
    ".pq": _parquet,
    ".feather": _feather,
    ".arrow": _feather,
}


# --- memory ---------------------------------------------------------------------------------------


def _from_pandas(data: Any, name: str) -> pa.Table:
    if any(level is not None for level in data.index.names):
        data = data.reset_index()
    names = [str(column) for column in data.columns]
    _check_names(names, name)
    columns = []
    for position, column in enumerate(names):
        series = data.iloc[:, position]
        field, array = _pandas_column(series, column, name)
        # numpy's own types are Arrow's too, but for the one that says nothing.
        told = isinstance(series.dtype, np.dtype) and series.dtype != object
        columns.append((field if told else _typed(field, str(series.dtype)), array))
    return table_of(columns)


def _pandas_column(series: Any, column: str, name: str) -> tuple[pa.Field, pa.Array]:
    if series.dtype == object:
        return column_of(series.tolist(), column, name)
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):
        return column_of(series.tolist(), column, name)
    return pa.field(column, array.type), array


def _typed(field: pa.Field, dtype: str) -> pa.Field:
    """The field with the column's type in pandas noted."""
    return field.with_metadata({**(field.metadata or {}), PANDAS: dtype.encode()})


def _from_frame(frame: nw.DataFrame[Any], name: str) -> pa.Table:
    table = frame.to_arrow()
    for position, (column, kind) in enumerate(frame.schema.items()):
        if kind == nw.Object:
            # Arrow would be given the addresses of the objects.
            table = table.set_column(position, *column_of(frame[column].to_list(), column, name))
    return table


def _from_columns(data: Mapping[Any, Any], name: str) -> pa.Table:
    names = [str(column) for column in data]
    _check_names(names, name)
    columns = []
    lengths = {}
    for column, values in zip(names, data.values(), strict=True):
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise DataError(f"{name}, column {column!r}: expected a list of values, got {shorten(values)}")
        values = list(values)
        lengths[column] = len(values)
        columns.append(column_of(values, column, name))
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{column!r} {length}" for column, length in lengths.items())
        raise DataError(f"{name}: expected columns of equal length, got {_shorten_text(counts)}")
    return table_of(columns)


def _from_rows(data: Iterable[Any], name: str) -> pa.Table:
    rows = enumerate(data, 1)
    tables = []
    while chunk := list(itertools.islice(rows, CHUNK)):
        first = chunk[0][0]
        names: dict[str, None] = {}
        for number, row in chunk:
            if not isinstance(row, Mapping):
                raise DataError(f"{name}, row {number}: expected {{column: value}}, got {shorten(row)}")
            names.update(dict.fromkeys(row))
        for column in names:
            if not isinstance(column, str):
                raise DataError(f"{name}: expected names of columns that are texts, got {column!r}")
        tables.append(table_of([column_of([row.get(c) for _, row in chunk], c, name, first) for c in names]))
    return stacked(tables) if tables else pa.table({})


def table_of(columns: Sequence[tuple[pa.Field, Any]]) -> pa.Table:
    """A table of fields and their arrays."""
    return pa.table([array for _, array in columns], schema=pa.schema([field for field, _ in columns]))


def column_of(values: list[Any], column: str, name: str, first: int = 1) -> tuple[pa.Field, pa.Array]:
    """A field and its array; `name` and the number of the `first` row are for messages."""
    try:
        array, mark = array_of(values)
    except DataError:
        for number, value in enumerate(values, first):
            try:
                array_of([value])
            except DataError as error:
                raise DataError(f"{name}, row {number}, column {column!r}: {error}") from None
        raise
    return _marked(pa.field(column, array.type), mark), array


def array_of(values: list[Any]) -> tuple[pa.Array, bytes]:
    """An Arrow array of the values, and the mark that says how to read it, if it needs one."""
    if _are_uuids(values):
        return pa.array([None if is_missing(value) else str(value) for value in values], pa.large_string()), UUIDS
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _json_array(values), JSON
    if pa.types.is_nested(array.type):
        # Arrow would give every dict the keys of all.
        return _json_array(values), JSON
    return (array.cast(pa.large_string()) if pa.types.is_string(array.type) else array), b""


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
    except (TypeError, ValueError):
        # NA is neither equal nor unequal to itself, and an array is both.
        return type(value).__name__ == "NAType"


def json_text(value: Any) -> str:
    """A value as JSON; raises `DataError` if it cannot be."""
    return str(_json_array([value])[0].as_py())


def _json_array(values: list[Any]) -> pa.Array:
    encode = msgspec.json.Encoder(enc_hook=_jsonable).encode
    try:
        texts = [None if is_missing(value) else encode(value) for value in values]
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise DataError(f"a value cannot be kept: {error}; convert it to text or numbers") from None
    return pa.array(texts, pa.large_binary()).cast(pa.large_string())


def _jsonable(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if type(value).__module__ == "numpy":
        return plain(value) if getattr(value, "shape", None) == () else value.tolist()
    raise TypeError(f"{shorten(value)} of type {type(value).__name__}")


def _check_names(names: Sequence[str], name: str) -> None:
    twice = [column for column in dict.fromkeys(names) if names.count(column) > 1]
    if twice:
        raise DataError(f"{name}: two columns are named {twice[0]!r}; rename one; columns are: {listed(names)}")


# --- columns --------------------------------------------------------------------------------------


def is_json(field: pa.Field) -> bool:
    """Whether a column holds its values as JSON."""
    return mark_of(field) == JSON


def mark_of(field: pa.Field) -> bytes:
    """How a column's texts are to be read; empty if as they are."""
    mark: bytes = (field.metadata or {}).get(MARK, b"")
    return mark


def cells(table: pa.Table, column: str, start: int = 0, stop: int | None = None) -> list[Any]:
    """The Python values of a column between two rows; absent ones are None."""
    end = table.num_rows if stop is None else min(stop, table.num_rows)
    values: list[Any] = table.column(column).slice(start, max(0, end - start)).to_pylist()
    mark = mark_of(table.schema.field(column))
    if not mark:
        return values
    read: Callable[[str], Any] = UUID if mark == UUIDS else msgspec.json.Decoder().decode
    return [None if value is None else read(value) for value in values]


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
    if len(marks) < 2:
        bare = [_bare(piece, table, column) for piece, table in zip(pieces, tables, strict=True)]
        if not all(pa.types.is_dictionary(field.type) for field in full):
            bare = [_decoded_dictionary(piece) for piece in bare]
        try:
            whole = pa.concat_tables(bare, promote_options="permissive").column(0)
        except pa.ArrowException:
            pass
        else:
            return _marked(pa.field(column, whole.type), next(iter(marks), b"")), whole
    values = [_json_piece(piece, table, column) for piece, table in zip(pieces, tables, strict=True)]
    return _marked(pa.field(column, pa.large_string()), JSON), pa.chunked_array(values, pa.large_string())


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


def _json_piece(piece: pa.Table | None, table: pa.Table, column: str) -> pa.Array:
    return _json_array(cells(piece, column)) if piece is not None else pa.nulls(table.num_rows, pa.large_string())


def pandas_type(field: pa.Field) -> str:
    """The type that the column had in pandas, where that is noted; else empty."""
    noted: bytes = (field.metadata or {}).get(PANDAS, b"")
    return noted.decode()
