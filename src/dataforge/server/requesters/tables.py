"""The requester's route that reads a spreadsheet: its rows come back as the text of a table."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from msgspec import Struct

from dataforge.errors import Refused
from dataforge.server.requesters.sheet_text import UNABLE, UNREADABLE
from dataforge.server.shared.routes import Call, Route

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
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SPREADSHEET
        path.write_bytes(content)
        done = subprocess.run([sys.executable, "-m", f"{__package__}.sheet_text", str(path)], capture_output=True)
    said = done.stdout.decode(errors="replace")
    if done.returncode in (UNREADABLE, UNABLE):
        raise Refused(said, status=422 if done.returncode == UNREADABLE else 501, code="table_unreadable")
    if done.returncode:
        raise Refused(
            f"{SPREADSHEET}: unfolds to more than is read here, as with a cell far below or beside the table, or with "
            "several hundred thousand rows; delete what is not of the table, or save it as .csv",
            status=422,
            code="table_unreadable",
        )
    return said


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
