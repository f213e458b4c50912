"""Spreadsheets as data: what people type into them is read as what they meant, or it is refused."""

import math
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

import dataforge as df
from dataforge.data.reading import read_items
from dataforge.errors import DataError, MissingDependency
from dataforge.files.spreadsheets import read_sheet, write_sheet

Cells = Sequence[Sequence[Any]]


class Answer(df.Choice):
    ONE = "1"
    TWO = "2"
    MANY = "many"


@df.task
def how_many(text: str, count: int | None, sure: bool | None, share: float | None) -> Answer:
    """How many are there?"""


@df.task
def tone(text: str) -> bool:
    """Is it kind?"""


def write(path: Path, rows: Cells, change: Callable[[Worksheet], object] = lambda sheet: None, **more: Cells) -> Path:
    """A spreadsheet with these rows, and sheets beside it by their names."""
    with xlsxwriter.Workbook(path) as book:
        formats = {date: "dd.mm.yyyy", datetime: "dd.mm.yyyy hh:mm"}
        days = {kind: book.add_format({"num_format": form}) for kind, form in formats.items()}
        for name, cells in ({"Items": rows} | more).items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(cells):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(place, column, cell, days.get(type(cell)))
            sheet.activate()
            if name == "Items":
                change(sheet)
    return path


def test_cells_are_read_as_what_was_typed(tmp_path: Path) -> None:
    rows = [
        ["id", "text", "count", "sure", "share", "answer", "when", "at", "source"],
        [7, "тест", 5, True, 0.25, 1, date(2026, 5, 1), datetime(2026, 5, 1, 9, 30), "007"],
        # A number in place of a text, and texts in place of numbers, as a column of texts has them.
        [8, 2024, "5", "ИСТИНА", "1,5", "many", date(2026, 5, 2), datetime(2026, 5, 2), 7],
    ]
    items = read_items(how_many, write(tmp_path / "a.xlsx", rows), control=True)
    assert [item.inputs for item in items.records()] == [
        {"text": "тест", "count": 5, "sure": True, "share": 0.25},
        {"text": "2024", "count": 5, "sure": True, "share": 1.5},
    ]
    assert items.known("answer") == ["1", "many"]
    frame = items.frame()
    assert (items.ids().tolist(), frame["source"].tolist()) == ([7, 8], ["007", 7])
    assert frame["when"].tolist() == [date(2026, 5, 1), date(2026, 5, 2)]
    assert frame["at"].tolist() == [pd.Timestamp("2026-05-01 09:30"), pd.Timestamp("2026-05-02")]


def test_ids_are_those_that_other_readers_find(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["id", "text"], ["1", "a"], ["2", "b"]])
    source = pd.read_excel(path, engine="calamine", dtype={"id": str})
    assert source.merge(read_items(tone, path).frame(), on="id").shape[0] == 2


def test_rows_and_columns_of_nothing_are_left_out_and_messages_have_the_numbers_of_the_sheet(tmp_path: Path) -> None:
    rows = [[], ["id", "text", None, None], [1, "a", None, "note"], [], [2, "b"], [], [3, None], []]
    with pytest.raises(DataError, match=r"a\.xlsx, row 7, column 'text': expected a value, got none; fill it"):
        read_items(tone, write(tmp_path / "a.xlsx", rows))
    items = read_items(tone, write(tmp_path / "a.xlsx", rows[:6]))
    assert list(items.frame().columns) == ["id", "text", "column_4", "control"]
    assert items.ids().tolist() == [1, 2]
    assert "rows of nothing (1) were left out" in items.notices[0]["en"]


def test_sheets_that_are_empty_or_hidden_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert read_items(tone, write(path, [["text"], ["a"]], empty=[])).count == 1
    hidden = write(path, [["list for a menu"]], lambda sheet: sheet.hide(), shown=[["text"], ["b"]])
    assert read_items(tone, hidden).inputs(0) == {"text": "b"}


@pytest.mark.parametrize(
    ("rows", "change", "message"),
    [
        ([], lambda sheet: None, "a.xlsx: there is nothing in it; its first row should name the columns"),
        ([], lambda sheet: sheet.write_string(0, 0, ""), "a.xlsx: there is nothing in it; its first row should name"),
        ([["text"]], lambda sheet: None, "a.xlsx: has no rows"),
        ([["text", "text"], ["a", "b"]], lambda sheet: None, "a.xlsx, row 1: two columns are named 'text'"),
        ([["Report"], ["text"], ["a"]], lambda sheet: None, "a.xlsx: no column 'text' .* columns are: 'Report'"),
        (
            [["text", "topic"], ["a", "x"], ["b"]],
            lambda sheet: sheet.merge_range("B2:B3", "x"),
            "a.xlsx: the cells B2:B3 are merged; unmerge them, and fill each cell",
        ),
        ([["text"], [True]], lambda sheet: None, "a.xlsx, row 2, column 'text': expected text, got True"),
        (
            [["text"], [date(2026, 5, 1)]],
            lambda sheet: None,
            r"row 2, column 'text': expected text, got datetime\.date",
        ),
        (
            [["text"]],
            lambda sheet: sheet.write_formula("A2", "=1/0", value="#DIV/0!"),
            "a.xlsx: has no rows",
        ),
    ],
)
def test_a_sheet_that_is_no_table_is_refused(
    rows: Cells, change: Callable[[Worksheet], object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        read_items(tone, write(tmp_path / "a.xlsx", rows, change))


def test_the_sheet_that_is_meant_has_to_be_alone(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"a\.xlsx: expected one sheet with data, got 'Items', 'other'; save the one you mean"
    ):
        read_items(tone, write(tmp_path / "a.xlsx", [["text"], ["a"]], other=[["text"], ["b"]]))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more"])
def test_what_is_no_spreadsheet_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.xlsx: is no spreadsheet, or is damaged: .*; save it anew as \.xlsx"):
        read_items(tone, tmp_path / "a.xlsx")


def test_a_sheet_that_is_damaged_within_is_told(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.xlsx", [["text"], ["a"]])
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name)[: -9 if "sheet1" in name else None])
    with pytest.raises(DataError, match=r"a\.xlsx: is no spreadsheet, or is damaged: .*; save it anew as \.xlsx"):
        read_items(tone, tmp_path / "a.xlsx")


def test_the_package_that_is_needed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    needed = re.escape("a.xlsx: to read spreadsheets, pip install 'dataforge-labeling[excel]', or save it as .csv")
    with pytest.raises(MissingDependency, match=needed):
        read_items(tone, write(tmp_path / "a.xlsx", [["text"], ["a"]]))


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.feather"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_a_file_of_text_that_is_called_otherwise_is_told_apart(name: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("text;mark\nпривет;1\n", encoding)
    with pytest.raises(DataError, match=f"{name}: expected a .*, got text; give the file a name .* such as .csv"):
        read_items(tone, tmp_path / name)


# --- written --------------------------------------------------------------------------------------


def test_a_table_that_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    at = datetime(2026, 5, 1, 9, 30, 15)
    columns = {
        "text": ["=1+1", '=HYPERLINK("http://a.b")', "https://a.b", "007", "и", "{=A1}", None],
        "whole": [7, -1, 10**15, 0, None, 1, 2],
        "share": [0.25, 1e-9, 1 / 3, None, 0.5, 2.5, 3.5],
        "sure": [True, False, None, True, True, True, True],
        "day": [at.date()] * 7,
        "at": [at] * 7,
    }
    write_sheet(pa.table(columns), tmp_path / "a.xlsx")
    assert read_sheet(tmp_path / "a.xlsx").columns == columns


def test_what_a_sheet_would_show_as_something_else_is_written_as_text_or_in_utc(tmp_path: Path) -> None:
    moscow = datetime(2026, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=3)))
    columns = {
        "id": [12345678901234567],
        "born": [date(1899, 12, 31)],
        "infinite": [math.inf],
        "at": pa.array([moscow], pa.timestamp("ns", "Europe/Moscow")),
    }
    write_sheet(pa.table(columns), tmp_path / "a.xlsx")
    assert {name: values[0] for name, values in read_sheet(tmp_path / "a.xlsx").columns.items()} == {
        "id": "12345678901234567",
        "born": "1899-12-31",
        "infinite": "inf",
        "at": datetime(2026, 5, 1, 9, 30),
    }


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"a": pa.nulls(1_048_576)}), "1,048,575 rows .* has 1,048,576 and 1; write it as .csv or .parquet"),
        (pa.table({str(n): [] for n in range(16_385)}), "16,384 columns at most, and the table has 0 and 16,385; "),
    ],
)
def test_what_no_sheet_holds_is_refused(table: pa.Table, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        write_sheet(table, tmp_path / "a.xlsx")


@pytest.mark.parametrize("sign", ["y", "😀"])
def test_a_text_that_no_cell_holds_is_cut_and_says_so(sign: str, tmp_path: Path) -> None:
    length = 40_000 * len(sign.encode("utf-16-le")) // 2
    write_sheet(pa.table({"a": ["x", sign * 40_000, sign * 16_383]}), tmp_path / "a.xlsx")
    whole, cut, fits = read_sheet(tmp_path / "a.xlsx").columns["a"]
    assert cut.startswith(f"[{length:,} characters, cut here; the whole text is in a .csv or .parquet file] {sign}")
    assert 32_765 <= len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert (whole, fits) == ("x", sign * 16_383)


def test_the_package_that_writes_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(
        MissingDependency, match=r"to write spreadsheets, pip install 'dataforge-labeling\[excel\]', or "
    ):
        write_sheet(pa.table({"a": [1]}), tmp_path / "a.xlsx")
