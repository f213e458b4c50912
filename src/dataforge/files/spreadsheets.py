"""Spreadsheets: the one sheet of a file in which something is written, as columns with names, and tables written so."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError, MissingDependency
from dataforge.files.textfiles import refuse_text

if TYPE_CHECKING:
    import pyarrow as pa
    from python_calamine import CalamineSheet, CalamineWorkbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["SPREADSHEETS", "WRITTEN_SPREADSHEET", "Sheet", "read_sheet", "write_sheet"]

SPREADSHEETS = (".xlsx", ".xlsm")
WRITTEN_SPREADSHEET = SPREADSHEETS[0]
# A spreadsheet keeps numbers as floats; up to here whole ones are exact.
EXACT = 2**53
NEEDED = "pip install 'dataforge-labeling[excel]', or save it as .csv"
# What a sheet holds: rows with that of the names, columns, characters of a cell, days from here on, digits of a number.
MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767
FIRST_DAY = date(1900, 3, 1)
EXACT_SHOWN = 10**15
ROWS_AT_ONCE = 10_000
SHOWN: dict[type, str] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss"}
WIDE = 19


@dataclass(frozen=True)
class Sheet:
    """Columns of values, absent ones None, and the numbers that the sheet gives to their rows."""

    columns: dict[str, list[Any]]
    numbers: list[int]

    @property
    def blank(self) -> int:
        """How many rows of nothing are between the others."""
        return self.numbers[-1] - self.numbers[0] + 1 - len(self.numbers) if self.numbers else 0


def read_sheet(path: Path) -> Sheet:
    """The table in the only visible sheet that is not empty; the first row that is not empty names the columns.

    Rows in which nothing is written are left out, and columns without a name in which nothing is. Raises `DataError` if
    there is no such sheet, or cells are merged, `MissingDependency` and `OSError`.
    """
    rows = enumerate(_cells(path), 1)
    filled = [(number, row) for number, row in rows if any(cell != "" for cell in row)]
    if not filled:
        raise _nothing_in(path.name)
    (_, header), *body = filled
    names = [_name(cell, number) for number, cell in enumerate(header, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{path.name}, row {filled[0][0]}: two columns are named {twice!r}; rename one")
    columns = {name: _values([row[place] for _, row in body]) for place, name in enumerate(names)}
    nameless = [name for name, cell in zip(names, header, strict=True) if cell == ""]
    for name in nameless:
        if all(value is None for value in columns[name]):
            del columns[name]
    return Sheet(columns, [number for number, _ in body])


def _cells(path: Path) -> list[list[Any]]:
    """The rows of the only sheet from its first one on, each with all its cells; empty ones are empty texts."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError
    except ImportError as error:
        raise MissingDependency(f"{path.name}: to read spreadsheets, {NEEDED}") from error
    try:
        refuse_text(path, "a spreadsheet")
        sheet = _only_sheet(path.name, CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes())))
        _refuse_merged(path.name, sheet)
        return sheet.to_python(skip_empty_area=False)
    except PasswordError:
        raise DataError(f"{path.name}: is protected by a password; save it without one") from None
    except CalamineError as error:
        raise DataError(f"{path.name}: is no spreadsheet, or is damaged: {error}; save it anew as .xlsx") from None


def _only_sheet(name: str, workbook: CalamineWorkbook) -> CalamineSheet:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    shown = [
        about.name
        for about in workbook.sheets_metadata
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]
    sheets = [sheet for sheet in map(workbook.get_sheet_by_name, shown) if sheet.start is not None]
    if not sheets:
        raise _nothing_in(name)
    if len(sheets) > 1:
        found = ", ".join(repr(sheet.name) for sheet in sheets)
        raise DataError(
            f"{name}: expected one sheet with data, got {found}; save the one you mean as a file of its own"
        )
    return sheets[0]


def _nothing_in(name: str) -> DataError:
    return DataError(f"{name}: there is nothing in it; its first row should name the columns")


def _refuse_merged(name: str, sheet: CalamineSheet) -> None:
    """Raise `DataError` for merged cells: of these all but the first are empty, whatever one sees."""
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or ())[:1]:
        cells = f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
        raise DataError(f"{name}: the cells {cells} are merged; unmerge them, and fill each cell of the table")


def _letters(column: int) -> str:
    """How a sheet calls a column: A, B, … Z, AA."""
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def _name(cell: Any, number: int) -> str:
    return str(_whole(cell)).strip() or f"column_{number}"


def _values(cells: Sequence[Any]) -> list[Any]:
    """The values of a column; numbers are whole if all of them are, and dates are times if some of them are."""
    values: list[Any] = [None if cell == "" else cell for cell in cells]
    if {date, datetime} <= set(map(type, values)):
        # A time at midnight looks like a date.
        values = [datetime.combine(value, time()) if type(value) is date else value for value in values]
    whole = list(map(_whole, values))
    return values if float in map(type, whole) else whole


def _whole(cell: Any) -> Any:
    """A number without a fraction as a whole one; everything else as it is."""
    return int(cell) if type(cell) is float and cell.is_integer() and abs(cell) <= EXACT else cell


# --- writing --------------------------------------------------------------------------------------


def write_sheet(table: pa.Table, path: Path) -> None:
    """Write a table of plain values as a spreadsheet; texts stay texts, times with a zone are told in UTC.

    A text that is too long for a cell is cut, and begins with a word of that.

    Raises `DataError` for what no sheet holds, `MissingDependency` and `OSError`.
    """
    try:
        from xlsxwriter import Workbook
        from xlsxwriter.exceptions import FileCreateError
    except ImportError as error:
        raise MissingDependency(f"to write spreadsheets, {NEEDED}") from error
    if table.num_rows >= MOST_ROWS or table.num_columns > MOST_COLUMNS:
        raise DataError(
            f"a sheet holds {MOST_ROWS - 1:,} rows and {MOST_COLUMNS:,} columns at most, and the table has "
            f"{table.num_rows:,} and {table.num_columns:,}; write it as .csv or .parquet"
        )
    try:
        with path.open("wb") as file, Workbook(file, {"constant_memory": True}) as book:
            # Changes only files of more than 4 GB.
            book.use_zip64()
            formats: dict[type, Format] = {
                kind: book.add_format({"num_format": shown}) for kind, shown in SHOWN.items()
            }
            _write_rows(table, book.add_worksheet(), formats)
    except FileCreateError as error:
        raise OSError(*error.args[0].args) from error


def _write_rows(table: pa.Table, sheet: Worksheet, formats: Mapping[type, Format]) -> None:
    import pyarrow as pa

    sheet.freeze_panes(1, 0)
    timed = [place for place, field in enumerate(table.schema) if pa.types.is_timestamp(field.type)]
    for place in timed:
        sheet.set_column(place, place, WIDE)
    for number, row in enumerate(_rows(table, timed)):
        for place, value in enumerate(row):
            cell = _cell(value)
            if not isinstance(cell, str):
                sheet.write(number, place, cell, formats.get(type(cell)))
            else:
                sheet.write_string(number, place, _fitting(cell))


def _fitting(text: str) -> str:
    """The text, one that no cell holds cut, and saying so at its beginning, where it is read first."""
    # Characters beyond the basic plane count twice.
    if len(text) <= LONGEST // 2 or _length(text) <= LONGEST:
        return text
    mark = f"[{_length(text):,} characters, cut here; the whole text is in a .csv or .parquet file] "
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (LONGEST - len(mark))].decode("utf-16-le", "ignore")
    return mark + kept


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _rows(table: pa.Table, timed: Sequence[int]) -> Iterator[Sequence[Any]]:
    """The names of the columns, then the values of each row."""
    import pyarrow as pa

    yield table.column_names
    for place in timed:
        zone = table.schema.field(place).type.tz
        # A sheet knows neither zones nor what is less than a millisecond.
        column = table.column(place).cast(pa.timestamp("ms", zone and "UTC"), safe=False).cast(pa.timestamp("ms"))
        table = table.set_column(place, table.schema.field(place).name, column)
    for batch in table.to_batches(ROWS_AT_ONCE):
        yield from zip(*[column.to_pylist() for column in batch.columns], strict=True)


def _cell(value: Any) -> Any:
    """A value as a sheet has it: a text where it would show another one."""
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return value if day >= FIRST_DAY else str(value)
    exact = isinstance(value, int | float | Decimal) and -EXACT_SHOWN <= value <= EXACT_SHOWN
    return value if exact else str(value)
