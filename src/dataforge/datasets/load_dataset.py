"""Load a public data set by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.arguments import entry
from dataforge.datasets._catalogue import CATALOGUE, Source
from dataforge.datasets._fetch import Progress, fetch
from dataforge.errors import DataError, UnknownName

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["data_folder", "get_datasets_list", "load_dataset"]


@entry
def load_dataset(
    dataset: str,
    data_dir: str | Path | None = None,
    *,
    mirror: str | Path | None = None,
    progress: Progress | None = None,
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """The answers of a public data set and its true labels.

    The archive is downloaded once, checked against the sum that its source publishes, and kept. The first download's
    SHA-256 is recorded beside it: a later download that differs is refused. A broken download goes on where it stopped.

    Args:
        dataset: a name of `get_datasets_list`, also as papers write it: `Relevance 2`, `IMDB-WIKI-SbS`.
        data_dir: where archives are kept; `DATAFORGE_DATA`, or `~/dataforge_data`, if left out.
        mirror: a folder or an address that holds the archives under their file names, in place of the source;
            `DATAFORGE_DATA_MIRROR` if left out.
        progress: called with the number of bytes had so far and of all bytes (0 if unknown).
    """
    source = _find(dataset)
    place = mirror if mirror is not None else os.environ.get("DATAFORGE_DATA_MIRROR")
    folder = fetch(source, data_folder(data_dir), place or None, progress)
    try:
        return source.read(folder)
    except DataError as error:
        raise DataError(f"{error}; remove the folder {folder} and load the data set again") from error


@entry
def get_datasets_list() -> list[tuple[str, str]]:
    """Name and description of each data set that can be loaded."""
    return [(source.name, source.description) for source in CATALOGUE]


def data_folder(data_dir: str | Path | None = None) -> Path:
    """Where data sets are kept; made if it is not there."""
    # The variable is part of this function's promise to users of the library alone, so it is read here.
    chosen = data_dir if data_dir is not None else os.environ.get("DATAFORGE_DATA") or "~/dataforge_data"
    folder = Path(chosen).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"data_dir needs to be a folder that can be made, got {folder}: {error.strerror}") from error
    return folder


def _find(name: str) -> Source:
    """The source of that name, however its letters, spaces and strokes are written."""
    for source in CATALOGUE:
        if _plain(source.name) == _plain(name):
            return source
    known = ", ".join(source.name for source in CATALOGUE)
    raise UnknownName(f"no data set is named {name!r}; known: {known}")


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
