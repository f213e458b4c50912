"""What the user gives as data, as a table: files by their endings, and whatever memory holds."""

from __future__ import annotations

import io
import json
import os
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
import pyarrow as pa

from dataforge.data import arrow
from dataforge.data.places import Numbered, Rows
from dataforge.data.tables import VALUES, check_names, from_columns, from_memory, refuse_unheld
from dataforge.errors import DataError
from dataforge.files.separated import line_of_row, read_separated
from dataforge.files.spreadsheets import SPREADSHEETS, read_sheet
from dataforge.files.textfiles import TextFile, ending_of, is_address, read_text, refuse_other_encodings, refuse_text
from dataforge.objects.base import shorten

__all__ = ["Holds", "Source", "encodings_of", "path_of", "read_source"]

LOOK = 1_000
# A line of JSON that begins an object, and another line in which something is.
ONE_LINE = re.compile(rb"\s*(\{[^\n]*+)\n\s*+[^\s]")
Holds = Literal["values", "texts", "either"]
"""Whether the cells of a table are values, texts that still have to be read, or of either kind, as people type them."""


@dataclass(frozen=True)
class Source:
    """A table, where its rows are, what its cells hold, and how many rows of nothing were left out between them."""

    table: pa.Table
    rows: Rows
    holds: Holds = "values"
    blank: int = 0

    @property
    def name(self) -> str:
        """What messages call the data."""
        return self.rows.name


def read_source(data: Any, name: str, encoding: str | None = None) -> Source:
    """The table that `data` holds: a path, a frame, an Arrow table, a list or iterable of dicts, a dict of lists.

    `name` is what messages call data that have no name of their own; `encoding` is that of a file of text.
    """
    path = path_of(data, name)
    if path is not None:
        return _from_path(path, encoding)
    if encoding is not None:
        raise DataError(f"{name}: only files of text have an encoding, got {encoding!r}; name none")
    if hasattr(data, "read") and not hasattr(data, "__arrow_c_stream__"):
        raise DataError(f"{name}: open files are not read, got {shorten(data)}; give the file's path")
    rows = Rows(name)
    try:
        table = from_memory(data, rows)
    except pa.ArrowException as error:
        raise DataError(
            f"{name}: cannot be read: {_first_line(error)}; convert its columns to text or numbers"
        ) from None
    check_names(table.column_names, name)
    refuse_unheld(table, rows)
    return Source(table, rows)


def encodings_of(given: Sequence[Any], encoding: str | None) -> list[str | None]:
    """The encoding of each of several data that are given together: beside a file of text nothing else has one."""
    of_text = [_is_of_text(data) for data in given]
    return [encoding if mine or not any(of_text) else None for mine in of_text]


def _is_of_text(data: Any) -> bool:
    path = path_of(data, "items")
    return path is not None and READERS.get(ending_of(path)) in OF_TEXT


# --- files ----------------------------------------------------------------------------------------


def path_of(data: Any, name: str) -> Path | None:
    """The path that is meant, if data are the path of a file; raises `DataError` for an address on the web."""
    if not isinstance(data, str | os.PathLike):
        return None
    written = os.fspath(data)
    if isinstance(written, bytes):
        written = os.fsdecode(written)
    if written.startswith("file:"):
        return Path(url2pathname(urlsplit(written).path))
    if is_address(written):
        raise DataError(
            f"{name}: addresses are not read, got {shorten(written)}; download it, and give the file's path"
        )
    return Path(written).expanduser()


def _from_path(path: Path, encoding: str | None) -> Source:
    reader = READERS.get(ending_of(path))
    try:
        if reader is None or os.path.isdir(path):
            raise _unread(path)
        if encoding is not None and reader not in OF_TEXT:
            raise DataError(f"{path.name}: only files of text have an encoding, got {encoding!r}; name none")
        source = reader(path, encoding)
    except DataError:
        raise
    except FileNotFoundError:
        raise _unread(path) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path{_start(path)}") from None
    except (pa.ArrowException, ValueError) as error:
        why = _shorten_text(_first_line(error))
        raise DataError(
            f"{path.name}: cannot be read as {ending_of(path)[1:]}: {why}; check that it is whole"
        ) from None
    check_names(source.table.column_names, path.name)
    refuse_unheld(source.table, source.rows)
    return source


def _unread(path: Path) -> DataError:
    """What to say of a path by which no data can be read."""
    shown = _shorten_text(str(path))
    try:
        path.stat()
    except (OSError, ValueError):
        mend = "give a folder, or list(Path().glob(…))" if "*" in shown else f"check the path{_start(path)}"
        return DataError(f"{shown}: there is no such file or folder; {mend}")
    if os.path.isdir(path):
        return DataError(f"{shown}: is a folder, which is read for a task with one input that is a file; name a file")
    endings = ", ".join(READERS)
    return DataError(
        f"{path.name}: expected a file that ends in {endings}; convert it, or give files to label in a list"
    )


def _start(path: Path) -> str:
    return "" if path.is_absolute() else f", which starts at {str(Path.cwd())!r}"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _shorten_text(text: str, length: int = 200) -> str:
    """A text cut to a length that fits into a message."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _csv(path: Path, encoding: str | None) -> Source:
    table, blank = read_separated(path, text=pa.large_string(), encoding=encoding)
    return Source(table, Rows(path.name, _LinesOfRows(path, encoding)), "texts", blank)


@dataclass(frozen=True)
class _LinesOfRows:
    """Rows of separated values by the lines in which they begin, looked up when a message needs one."""

    path: Path
    encoding: str | None

    def __call__(self, index: int) -> str:
        return f"line {line_of_row(self.path, index, self.encoding)}"


def _lines(path: Path, encoding: str | None) -> Source:
    """The lines of a file in which something is written."""
    file = read_text(path, encoding)
    refuse_other_encodings(file.name, file.data)
    numbers, texts = array("q"), []
    for number, line in enumerate(file.data.splitlines(), 1):
        if line.strip():
            numbers.append(number)
            texts.append(line.decode())
    table = pa.table({VALUES: arrow.texts(texts)})
    return Source(table, Rows(file.name, Numbered("line", numbers)), "texts")


def _json(path: Path, encoding: str | None) -> Source:
    file = read_text(path, encoding)
    return _from_json_lines(file) if _is_one_a_line(file.data) else _from_json(file)


def _from_json(file: TextFile) -> Source:
    rows, content = Rows(file.name), _decoded(file, file.data)
    if isinstance(content, list | dict):
        return Source(from_memory(content, rows), rows)
    raise DataError(f"{file.name}: expected a list of objects or {{column: [values]}}, got {shorten(content)}")


def _is_one_a_line(data: bytes) -> bool:
    """Whether the first line is an object of its own, and something comes after it."""
    first = ONE_LINE.match(data)
    try:
        return first is not None and isinstance(json.loads(first[1]), dict)
    except ValueError:
        return False


def _json_lines(path: Path, encoding: str | None) -> Source:
    file = read_text(path, encoding)
    return _from_json(file) if file.data[:LOOK].lstrip().startswith(b"[") else _from_json_lines(file)


def _from_json_lines(file: TextFile) -> Source:
    numbers = array("q")

    def values() -> Iterator[Any]:
        for number, line in enumerate(io.BytesIO(file.data), 1):
            if line.strip():
                numbers.append(number)
                yield _decoded(file, line, number)

    rows = Rows(file.name, Numbered("line", numbers))
    return Source(from_memory(values(), rows), rows)


def _decoded(file: TextFile, content: bytes, line: int | None = None) -> Any:
    """The value of JSON, and of what Python writes as JSON: NaN stands for a value that is missing."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        refuse_other_encodings(file.name, file.data)
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno if line is None else line}, column {error.colno}"
        what = "JSON" if line is None else "one JSON object"
        why = error.msg[0].lower() + error.msg[1:]
        raise DataError(
            f"{file.name}, {place}: expected {what}, got {_around(content, error.pos)} ({why}); mend it there"
        ) from None
    except RecursionError:
        raise DataError(f"{file.name}: is nested too deeply; make its values flat") from None


def _around(content: bytes, place: int) -> str:
    """The text at the place of an error."""
    after = content.decode()[place : place + 40].splitlines(keepends=True)
    return repr(after[0]) if after else "its end"


def _sheet(path: Path, encoding: str | None) -> Source:
    sheet = read_sheet(path)
    rows = Rows(path.name, Numbered("row", sheet.numbers))
    return Source(from_columns(sheet.columns, rows), rows, "either", sheet.blank)


def _parquet(path: Path, encoding: str | None) -> Source:
    from pyarrow import parquet

    refuse_text(path, "a Parquet file")
    return Source(parquet.read_table(path), Rows(path.name))


def _feather(path: Path, encoding: str | None) -> Source:
    from pyarrow import feather

    refuse_text(path, "a Feather file")
    return Source(feather.read_table(path), Rows(path.name))


Reader = Callable[[Path, str | None], Source]
READERS: dict[str, Reader] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _lines,
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    **dict.fromkeys(SPREADSHEETS, _sheet),
    ".parquet": _parquet,
    ".pq": _parquet,
    ".feather": _feather,
    ".arrow": _feather,
}
OF_TEXT = (_csv, _lines, _json, _json_lines)
