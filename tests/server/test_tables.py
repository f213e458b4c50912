"""A spreadsheet that is sent comes back as the text of its table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

pytest.importorskip("python_calamine")
xlsxwriter = pytest.importorskip("xlsxwriter")


def sheet_of(rows: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def read(served: Any, content: bytes) -> Any:
    return served.requester.post("/api/tables", content=content)


def test_cells_come_back_as_people_write_them(served: Any) -> None:
    rows = [
        ["text", "count", "share", "kept", "at"],
        ['said "yes",\nthen no', 3, 0.25, True, datetime(2026, 5, 1, 12, 30)],
        ["", 4, "", False, ""],
    ]
    assert read(served, sheet_of(rows)).json() == {
        "text": 'text,count,share,kept,at\n"said ""yes"",\nthen no",3,0.25,true,2026-05-01 12:30:00\n,4,,false,\n'
    }


def test_what_is_no_spreadsheet_is_refused_with_what_to_do(served: Any) -> None:
    error = read(served, b"text,count\na,1\n").json()["error"]
    assert (error["code"], ".csv" in error["message"]) == ("table_unreadable", True)
    error = read(served, sheet_of([])).json()["error"]
    assert "there is nothing in it" in error["message"]


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (40_000, 16_383)])
def test_a_cell_far_away_from_the_table_takes_down_no_server(served: Any, row: int, column: int) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["text", "a cat"])
        sheet.write(row, column, "by mistake")
    assert len(file.getvalue()) < 10_000
    error = read(served, file.getvalue()).json()["error"]
    assert (error["code"], "delete what is not of the table" in error["message"]) == ("table_unreadable", True)
    assert read(served, sheet_of([["text"], ["a cat"]])).json() == {"text": "text\na cat\n"}
