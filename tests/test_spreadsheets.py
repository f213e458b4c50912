"""Spreadsheets as data: what people type into them is read as what they meant, or it is refused."""

import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

import dataforge as df
from dataforge.errors import DataError, MissingDependency
from dataforge.reading import read_items

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


@pytest.mark.parametrize("content", [b"", b"text\na\n", b"PK\x03\x04 and no more"])
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
