"""TSV of transcripts: a line for each, with the rate of wrong words where a reference is known.

Words are parted by white space and compared as they are. `errors` are those to put in, leave out or replace, `words`
those of the reference, `wer` the one divided by the other; where the reference has no words it is the number of errors.
The rate of all together is the sum of errors by the sum of words. https://github.com/jitsi/jiwer
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from dataforge.data.tables import is_missing
from dataforge.formats.base import Labelled, Labels
from dataforge.texts import edits

__all__ = ["Tsv"]

REFERENCE = "reference"


class Tsv:
    """Writes texts as a table of them."""

    types: ClassVar[Sequence[str]] = ("text",)
    ending: ClassVar[str] = ".tsv"
    several: ClassVar[bool] = True

    def write(self, labels: Labels, path: Path) -> None:
        """One file of UTF-8 with a header; a cell with a tab, a quote or a line break stands in quotes."""
        rows = [_row(row, labels) for row in labels.rows]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


def _row(row: Labelled, labels: Labels) -> dict[str, Any]:
    output = labels.output.name
    given = f"{output}_given"
    told = {name: value for name, value in row.more.items() if not is_missing(value)}
    reference = told.get(REFERENCE, told.get(given))
    subject = {} if labels.of is None else {labels.of.name: row.value}
    sure = {"confidence": row.confidence} if row.worker is None else {"worker": row.worker}
    others = {name: value for name, value in told.items() if name not in (REFERENCE, given)}
    return {"id": row.id, **subject, output: row.answer, **sure, **others} | (
        {} if reference is None else _compared(str(row.answer), str(reference))
    )


def _compared(answer: str, reference: str) -> dict[str, Any]:
    words = reference.split()
    errors = edits(words, answer.split())
    return {REFERENCE: reference, "errors": errors, "words": len(words), "wer": errors / max(len(words), 1)}


PLUGIN = Tsv()
