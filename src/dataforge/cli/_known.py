"""Known answers from a file, where there is no task that says which column has them."""

from __future__ import annotations

from pathlib import Path

from dataforge.errors import DataError, SpecError
from dataforge.objects.base import Label, listed, plain

__all__ = ["known_answers"]

USUAL = "answer"


def known_answers(path: Path | None, column: str | None, encoding: str | None) -> list[Label] | None:
    """The answers in a column of a table, empty cells left out; None without a table."""
    if path is None:
        if column is not None or encoding is not None:
            raise SpecError("--column, --encoding: are of the file of --known; name it, such as --known control.csv")
        return None
    from dataforge.data.sources import read_source
    from dataforge.data.tables import cells, is_missing

    source = read_source(path, "known answers", encoding)
    chosen = _column(source.name, source.table.column_names, column)
    found = [plain(cell) for cell in cells(source.table, chosen) if not is_missing(cell) and cell != ""]
    if not found:
        raise DataError(f"{source.name}: column {chosen!r}: expected known answers, got none; name another by --column")
    odd = next((answer for answer in found if not isinstance(answer, str | int | bool)), None)
    if odd is not None:
        raise DataError(
            f"{source.name}: column {chosen!r}: expected texts, whole numbers, true or false, got {odd!r}; answers of "
            "other kinds are not guessed"
        )
    return found


def _column(name: str, there: list[str], wanted: str | None) -> str:
    if wanted is None and len(there) == 1:
        return there[0]
    chosen = wanted or USUAL
    if chosen not in there:
        which = f"no column {chosen!r}" if wanted is not None else "several columns"
        raise DataError(f"{name}: has {which}; it has: {listed(there)}; name that of the answers by --column")
    return chosen
