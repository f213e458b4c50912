"""Clouds by the names that files of formats give them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dataforge.errors import DataError
from dataforge.formats._files import within
from dataforge.formats.base import Labelled, Labels
from dataforge.media.point_clouds import EXTENSIONS

__all__ = ["cloud_in", "stems_of"]


def stems_of(labels: Labels) -> Iterator[tuple[str, Labelled]]:
    """The name of each item's cloud without its ending; raises `DataError` where two have one."""
    written: dict[str, str] = {}
    for row in labels.rows:
        stem = _stem(row)
        if stem in written:
            raise DataError(f"items {written[stem]!r} and {row.id!r} are both of a cloud called {stem!r}; rename one")
        written[stem] = row.id
        yield stem, row


def cloud_in(folder: Path, name: str) -> str:
    """The path of the cloud of that name; raises `DataError`."""
    found = [path for path in (within(folder, f"{name}.{extension}") for extension in EXTENSIONS) if path.exists()]
    if not found:
        raise DataError(f"there is no cloud called {name!r} in {str(folder)!r}; say where they lie, folder=…")
    return str(found[0])


def _stem(row: Labelled) -> str:
    named = Path(row.value) if isinstance(row.value, str | Path) else row.file
    if named is None or named.stem in ("", ".", ".."):
        raise DataError(f"item {row.id!r}: its cloud has no name to call the file by")
    return named.stem
