"""Spreadsheets: the one sheet of a file in which something is written, as columns with names."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError, MissingDependency

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

__all__ = ["SPREADSHEETS", "Sheet", "read_sheet"]

SPREADSHEETS = (".xlsx", ".xlsm")
# A spreadsheet keeps numbers as floats; up to here whole ones are exact.
EXACT = 2**53
NEEDED = "pip install 'dataforge-labeling[excel]', or save it as .csv"


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
        raise DataError(f"{name}: there is nothing in it; its first row should name the columns")
    if len(sheets) > 1:
        found = ", ".join(repr(sheet.name) for sheet in sheets)
        raise DataError(
            f"{name}: expected one sheet with data, got {found}; save the one you mean as a file of its own"
        )
    return sheets[0]


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
