"""A folder of the files that workers sent, with a table: what `datasets` loads as `audiofolder` or `imagefolder`.

https://huggingface.co/docs/datasets/audio_load#audiofolder
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from dataforge.data.tables import is_missing
from dataforge.errors import DataError
from dataforge.formats.base import Labelled, Labels

__all__ = ["Folder"]

# What is kept of an item's id in the name of a file.
STRANGE = re.compile(r"[^\w.-]+")
LONGEST = 100


class Folder:
    """Copies recordings and uploads."""

    types: ClassVar[Sequence[str]] = ("recording", "upload")
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = True

    def write(self, labels: Labels, path: Path) -> None:
        """The files, called by their items, and `metadata.csv` with a line for each."""
        taken: set[str] = set()
        rows = []
        for row in labels.rows:
            name = _free(row, taken)
            if row.file is None:
                raise DataError(f"item {row.id!r}: its file {row.answer['media']} is not in this workspace")
            shutil.copyfile(row.file, path / name)
            rows.append({"file_name": name, "id": row.id, **_told(row, labels)})
        columns = list(dict.fromkeys(["file_name", "id", *(column for row in rows for column in row)]))
        with (path / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


def _free(row: Labelled, taken: set[str]) -> str:
    """A name that no other file has, whatever the file system takes for the same."""
    stem = STRANGE.sub("_", row.id)[:LONGEST].strip(".") or "file"
    ending = Path(row.answer["media"]).suffix
    name, number = stem, 2
    while name.casefold() in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name.casefold())
    return name + ending


def _told(row: Labelled, labels: Labels) -> Mapping[str, Any]:
    subject = {} if labels.of is None else {labels.of.name: row.value}
    seconds = {"seconds": row.answer["seconds"]} if "seconds" in row.answer else {}
    sure = {"confidence": row.confidence} if row.worker is None else {"worker": row.worker}
    told = {**subject, **seconds, **sure, **row.more}
    return {name: value for name, value in told.items() if not is_missing(value)}


PLUGIN = Folder()
