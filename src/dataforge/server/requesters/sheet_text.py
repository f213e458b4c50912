"""A spreadsheet read in a process of its own: a few bytes unfold to any size, and a whole server would end with it.

Run as a module with a path it writes the table as text, or what is wrong with it and an exit code.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataforge.errors import DataError, MissingDependency
from dataforge.files.spreadsheets import read_sheet

__all__ = ["UNABLE", "UNREADABLE"]

UNREADABLE, UNABLE = 3, 4
"""Exit codes: the file is not what it should be; what reads it is not there."""
MOST_MEMORY = 2 << 30
MOST_SECONDS = 60


def _main(path: Path) -> int:
    """Write the table in the file; give the exit code."""
    bounds = {resource.RLIMIT_AS: MOST_MEMORY, resource.RLIMIT_CPU: MOST_SECONDS, resource.RLIMIT_CORE: 0}
    for kind, most in bounds.items():
        _, ceiling = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if ceiling == resource.RLIM_INFINITY else min(most, ceiling), ceiling))
    with io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="") as out:
        try:
            sheet = read_sheet(path)
        except (DataError, MissingDependency) as error:
            out.write(str(error))
            return UNREADABLE if isinstance(error, DataError) else UNABLE
        csv.writer(out, lineterminator="\n").writerows(_lines(sheet.columns))
    return 0


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


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))
