"""Files of separated values, CSV and TSV: read strictly, and written so that every program reads the same.

A reader that forgives loses rows: a quote that is not closed makes one text of all that follows. So a file whose
quotes or cells do not add up is refused with the line. What is written begins with the mark of UTF-8, by which
spreadsheets know it, and a text that a spreadsheet would take for a formula has an apostrophe before it, which is
taken off again where a file with the mark is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError
from dataforge.files.formulas import all_protected, all_unprotected
from dataforge.files.textfiles import TextFile, ending_of, line_of, read_text, refuse_other_encodings

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Separated", "line_of_row", "read_separated", "write_separated"]

MARK = codecs.BOM_UTF8
SEPARATORS = {".csv": b",;\t|", ".tsv": b"\t,;|"}
"""By the ending of the name; the first one wins where none splits the header."""
# Excel writes `sep=;` into a first line of its own.
SAID = re.compile(rb'("?)sep=([^\r\n])\1(?:\r\n?|\n|\Z)')
PIECE = 16 << 20
# A row has to fit into a block.
BLOCK = 16 << 20
QUOTE, CR, LF = b'"\r\n'
LONGEST_SHOWN = 60


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """A file's bytes, and what its header says: the names, the separator, and where the rows begin.

    `nameless`: names given to columns that have none; `by_return`: its lines end by a carriage return alone; `marked`:
    it begins with the mark of UTF-8.
    """

    name: str
    data: bytes
    separator: bytes
    names: list[str]
    nameless: list[str]
    start: int
    by_return: bool
    marked: bool


class Separated(NamedTuple):
    """What a file holds: its cells as texts, and how many rows of nothing were left out between others."""

    table: pa.Table
    blank: int = 0


class _Unreadable(Exception):
    """A cell begins with a quote that is not closed as it should be; its argument is the place of the quote."""


def read_separated(
    path: Path, *, text: pa.DataType, missing: Sequence[str] = ("",), encoding: str | None = None
) -> Separated:
    """The cells of a file as texts of an Arrow type; those that are empty, or read as `missing`, are null.

    Blank lines, rows in which all cells are empty, and columns without a name in which nothing is are left out. Raises
    `DataError` with the line where quotes or the number of cells are wrong, and `OSError`.
    """
    import pyarrow as pa
    from pyarrow import csv

    file = _opened(read_text(path, encoding), SEPARATORS[ending_of(path)])
    quoted = file.data.find(b'"', file.start) >= 0
    if not _is_well_formed(file):
        _raise_first_fault(file)
    if not file.data[file.start : file.start + PIECE].strip(b"\r\n"):
        return Separated(pa.table({name: pa.array([], text) for name in file.names}))
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(memoryview(file.data)[file.start :])),
            read_options=csv.ReadOptions(column_names=file.names, block_size=min(BLOCK, len(file.data))),
            parse_options=csv.ParseOptions(delimiter=file.separator.decode(), newlines_in_values=quoted),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(file.names, text), strings_can_be_null=True, null_values=list(missing)
            ),
        )
    except pa.ArrowInvalid as error:
        _raise_first_fault(file)
        raise DataError(f"{file.name}: cannot be read: {str(error).splitlines()[0]}") from None
    read = _filled(table, file.nameless)
    return read._replace(table=_with_texts(read.table, all_unprotected)) if file.marked else read


def _filled(table: pa.Table, nameless: Sequence[str]) -> Separated:
    """The table without rows in which all cells are empty, and without nameless columns in which all are."""
    import pyarrow.compute as pc

    blank = 0
    if table.num_columns > 1 and all(column.null_count for column in table.columns):
        filled = reduce(pc.or_, [column.is_valid() for column in table.columns])
        places = np.flatnonzero(filled.to_numpy())
        blank = int(places[-1]) + 1 - len(places) if len(places) else 0
        table = table.filter(filled)
    return Separated(table.drop_columns([n for n in nameless if table[n].null_count == table.num_rows]), blank)


def line_of_row(path: Path, index: int, encoding: str | None = None) -> int:
    """The number of the line in which a row begins that `read_separated` gave."""
    file = _opened(read_text(path, encoding), SEPARATORS[ending_of(path)])
    pattern, at, begin = _cell(file.separator), file.start, file.start
    while index >= 0 and at < len(file.data):
        begin = at
        cells, at = _row(file.data, pattern, begin)
        if cells != [b""] and (len(cells) == 1 or any(cell not in (b"", b'""') for cell in cells)):
            index -= 1
    return line_of(file.data, begin)


def _opened(file: TextFile, separators: bytes) -> _File:
    data, start = file.data, 0
    if said := SAID.match(data):
        start, separators = said.end(), said[2]
    start = _after_blank_lines(data, start)
    separator, cells, end = _header(file.name, data, separators, start)
    if not any(cells):
        raise DataError(f"{file.name} is empty; its first line should name the columns")
    if not data[start:end].isascii():
        refuse_other_encodings(file.name, data)
    written = [_text(cell).strip() for cell in cells]
    # Tables written with their row numbers have one column without a name.
    names = [name or f"column_{number}" for number, name in enumerate(written, 1)]
    nameless = [name for name, said in zip(names, written, strict=True) if not said and names.count(name) == 1]
    return _File(file.name, data, separator, names, nameless, end, data[end - 1] == CR, file.marked)


def _after_blank_lines(data: bytes, at: int) -> int:
    while data[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _header(name: str, data: bytes, separators: bytes, start: int) -> tuple[bytes, list[bytes], int]:
    """The separator that reads header and first row best, the names as they are written, and where the rows begin."""
    readings, faults = [], []
    for separator in (bytes([one]) for one in separators):
        try:
            cells, end = _row(data, _cell(separator), start)
        except _Unreadable as fault:
            faults.append(fault)
        else:
            clean = not any(b'"' in cell for cell in cells if not cell.startswith(b'"'))
            fits = len(cells) > 1 and _width(data, separator, end) in (0, len(cells))
            readings.append(((clean, fits, len(cells)), separator, cells, end))
    best = max(readings, key=lambda reading: reading[0], default=None)
    if best is None or (faults and not best[0][0]):
        raise _fault_of_quotes(name, data, faults[0].args[0])
    return best[1:]


def _width(data: bytes, separator: bytes, at: int) -> int:
    """How many cells the row has that begins at a place; 0 if it has none, or cannot be read."""
    try:
        return len(_row(data, _cell(separator), at)[0]) if at < len(data) else 0
    except _Unreadable:
        return 0


def _is_well_formed(file: _File) -> bool:
    """Whether quotes stand around cells only, by the bytes beside each; False: it takes a closer look to know."""
    whole = np.frombuffer(file.data, np.uint8)
    around = np.zeros(256, np.bool_)
    around[[file.separator[0], CR, LF, QUOTE]] = True
    count = 0
    for start in range(file.start, len(whole), PIECE):
        piece = whole[start : start + PIECE]
        if not piece.all():
            return False
        returns = np.flatnonzero(piece == CR) + start
        if not file.by_return and not (_beside(whole, returns + 1) == LF).all():
            return False
        quotes = np.flatnonzero(piece == QUOTE) + start
        opening, closing = quotes[count % 2 :: 2], quotes[1 - count % 2 :: 2]
        count += len(quotes)
        if not (around[_beside(whole, opening - 1)].all() and around[_beside(whole, closing + 1)].all()):
            return False
    return count % 2 == 0


def _beside(whole: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The bytes at these places; beyond the end a line end."""
    beside = whole.take(places, mode="clip")
    beside[places >= len(whole)] = LF
    return beside


def _raise_first_fault(file: _File) -> None:
    """Raise `DataError` for the first line that is wrong, if one is."""
    zero = file.data.find(b"\0")
    if zero >= 0:
        raise DataError(
            f"{file.name}, line {line_of(file.data, zero)}: has a zero byte, as damaged files and those in UTF-16 do; "
            "save it as UTF-8, or name its encoding"
        )
    refuse_other_encodings(file.name, file.data)
    pattern, at = _cell(file.separator), file.start
    while at < len(file.data):
        begin = at
        try:
            cells, at = _row(file.data, pattern, begin)
        except _Unreadable as fault:
            raise _fault_of_quotes(file.name, file.data, fault.args[0]) from None
        if cells != [b""] and len(cells) != len(file.names):
            raise DataError(
                f"{file.name}, line {line_of(file.data, begin)}: expected {len(file.names)} cells as in the header, "
                f"got {len(cells)}: {_shown(file.data[begin:at])}; put a text that holds "
                f"{file.separator.decode()!r} or a line break in double quotes"
            )
        if file.data[at - 1] == CR and not file.by_return:
            raise DataError(
                f"{file.name}, line {line_of(file.data, begin)}: has a carriage return in a text without quotes, at "
                f"which other programs break the line: {_shown(file.data[begin:at])}; put the text in double quotes"
            )


def _fault_of_quotes(name: str, data: bytes, place: int) -> DataError:
    where = f"{name}, line {line_of(data, place)}"
    closed = re.compile(rb'"(?:[^"]++|"")*+"').match(data, place)
    mend = 'write a quote that belongs to a text twice, "", and the text in quotes'
    if closed is None:
        after = data[place + 1 : place + 200].splitlines() or [b""]
        return DataError(
            f"{where}: the quote before {_shown(after[0])} is never closed, so that all lines "
            f"after it would be one text; close it, or {mend}"
        )
    return DataError(
        f"{where}: the text {_shown(closed[0])} is followed by {_shown(data[closed.end() : closed.end() + 20])}, "
        f"where the cell should end; {mend}"
    )


def _cell(separator: bytes) -> re.Pattern[bytes]:
    """One cell, and what ends it."""
    one = re.escape(separator)
    return re.compile(rb'("(?:[^"]++|"")*+"|(?!")[^' + one + rb"\r\n]*+)(" + one + rb"|\r\n?|\n|\Z)")


def _row(data: bytes, pattern: re.Pattern[bytes], at: int) -> tuple[list[bytes], int]:
    """The cells of the row that begins at a place, as they are written, and where the next row begins."""
    cells = []
    while True:
        found = pattern.match(data, at)
        if found is None:
            raise _Unreadable(at)
        cells.append(found[1])
        at = found.end()
        if found[2] in (b"", b"\r\n", b"\n", b"\r"):
            return cells, at


def _text(cell: bytes) -> str:
    """What a cell says."""
    written = cell.decode()
    return written[1:-1].replace('""', '"') if written.startswith('"') else written


def _shown(data: bytes) -> str:
    text = data.decode("utf-8", "replace").strip("\r\n")
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…")


def _with_texts(table: pa.Table, change: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.Table:
    """The table with its texts changed, and with them its columns' names."""
    import pyarrow as pa

    names = change(pa.chunked_array([pa.array(table.column_names, pa.string())])).to_pylist()
    columns = [
        change(column) if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=names)


# --- writing --------------------------------------------------------------------------------------


def _without_dictionaries(table: pa.Table) -> pa.Table:
    """The table with values in place of numbers that stand for them."""
    import pyarrow as pa

    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=table.column_names)


def write_separated(table: pa.Table, path: Path) -> None:
    """Write a table as CSV: texts in quotes, what is missing as an empty cell; lists and the like are refused."""
    import pyarrow.compute as pc
    from pyarrow import csv

    table = _with_texts(_without_dictionaries(table), all_protected)
    if table.num_columns == 1 and table.column(0).null_count:
        # An empty cell alone would be an empty line, which readers leave out.
        table = table.set_column(0, table.column_names[0], pc.fill_null(pc.cast(table.column(0), "string"), ""))
    with path.open("wb") as file:
        file.write(MARK)
        csv.write_csv(table, file)
