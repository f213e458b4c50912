"""Tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataforge.cli._shared import console

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

__all__ = ["ROWS_SHOWN", "show", "show_downwards"]

ROWS_SHOWN = 20
# A column of long texts is folded at this width.
WIDEST = 32


def show(table: pd.DataFrame, whole: str = "--out labels.csv") -> None:
    """Print the first rows of a table, in parts that fit the screen; `whole` is the option that gives all of them."""
    out = console()
    cells = [[str(column), *map(_cell, table[column].head(ROWS_SHOWN))] for column in table.columns]
    for number, part in enumerate(_parts(cells, out.width)):
        out.print(*[""] * (number > 0), _drawn(part), sep="\n")
    if len(table) > ROWS_SHOWN:
        out.print(f"… and {len(table) - ROWS_SHOWN} more rows; all of them: {whole}")


def _parts(columns: list[list[str]], width: int) -> list[list[list[str]]]:
    """The columns in parts that are not wider than the screen; each begins with the first column."""
    parts: list[list[list[str]]] = []
    first, room = columns[0], 0
    for column in columns[1:]:
        needed = _width(column)
        if not parts or needed > room:
            parts.append([first])
            room = width - _width(first)
        parts[-1].append(column)
        room -= needed
    return parts or [[first]]


def _width(column: list[str]) -> int:
    return min(max(map(len, column)), WIDEST) + 2


def _drawn(columns: list[list[str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, padding=(0, 1))
    for column in columns:
        drawn.add_column(Text(column[0]), overflow="fold", max_width=max(WIDEST, len(column[0])))
    for row in zip(*(column[1:] for column in columns), strict=True):
        drawn.add_row(*map(Text, row))
    return drawn


def show_downwards(row: pd.Series) -> None:
    """Print a row, a line for each column."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, padding=(0, 1), show_header=False)
    for name, value in row.items():
        drawn.add_row(str(name), Text(_cell(value)))
    console().print(drawn)


def _cell(value: object) -> str:
    from dataforge.data.tables import is_missing

    if is_missing(value):
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
