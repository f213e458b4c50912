"""The requester's route that reads a spreadsheet: its rows come back as the text of a table."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from dataforge.errors import DataError, MissingDependency, Refused
from dataforge.server.routes import Call, Route

__all__ = ["ROUTES", "TableText"]

LARGEST_SPREADSHEET = 32 << 20
SPREADSHEET = "sheet.xlsx"


class TableText(Struct, frozen=True):
    """A table as a text, as RFC 4180 has it: the first line names the columns, and an empty cell is no value."""

    text: str


async def _read_table(call: Call[None]) -> TableText:
    """The table in a spreadsheet."""
    content = bytearray()
    async for part in call.request.stream():
        content += part
        if len(content) > LARGEST_SPREADSHEET:
            raise Refused(
                f"the spreadsheet has more than {LARGEST_SPREADSHEET:,} bytes, the most that is read; save it as .csv",
                status=413,
                code="too_large",
            )
    return TableText(await asyncio.to_thread(_text_of, bytes(content)))


def _text_of(content: bytes) -> str:
    from dataforge.spreadsheets import read_sheet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SPREADSHEET
        path.write_bytes(content)
        try:
            sheet = read_sheet(path)
        except DataError as error:
            raise Refused(str(error), status=422, code="table_unreadable") from None
        except MissingDependency as error:
            raise Refused(str(error), status=501, code="table_unreadable") from None
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_lines(sheet.columns))
    return text.getvalue()


def _lines(columns: dict[str, list[Any]]) -> Iterator[list[str]]:
    yield list(columns)
    for row in zip(*columns.values(), strict=True):
        yield [_cell(value) for value in row]


def _cell(value: Any) -> str:
    """A cell as people write it; a number keeps all its digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # A date and a time with a space between, as the file of a table has them.
    return str(value)


ROUTES = (
    Route(
        "POST",
        "/api/tables",
        "requester",
        _read_table,
        "Read the table in a spreadsheet (.xlsx); nothing is kept",
        reply=TableText,
        content="application/octet-stream",
    ),
)
