"""spaCy: JSON lines of texts with their entities, in code points, the end exclusive.

https://spacy.io/usage/training, https://prodi.gy/docs/api-interfaces#ner
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import text_of
from dataforge.formats._labels import LabelNames, Question, frame_of_rows, question
from dataforge.formats._spans import UNNAMED, marked, refuse_overlaps
from dataforge.formats.base import Labels
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Spacy", "read_spacy"]

# What tools call the list of spans, and the ends and the label of one.
LISTS = ("entities", "spans", "label", "labels")
KEYS = (("start", "start_offset"), ("end", "end_offset"), ("label",))


class Spacy:
    """Writes spans as entities of spaCy."""

    types: ClassVar[Sequence[str]] = ("spans",)
    ending: ClassVar[str] = ".jsonl"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One line for each text: `{"id", "text", "entities": [[start, end, label], …]}`."""
        with path.open("wb") as file:
            for row in labels.rows:
                refuse_overlaps(row.answer, row.id, "spacy")
                entities = [[span["start"], span["end"], span.get("label", UNNAMED)] for span in row.answer]
                file.write(msgspec.json.encode({"id": row.id, "text": row.value, "entities": entities}) + b"\n")


@entry
def read_spacy(task: Task, path: str | Path, *, labels: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Spans of JSON lines as rows for `launch(task, …)`: the text, and the known answer.

    Args:
        task: has spans of a text as one of its outputs.
        path: the file, each line of which is `{"text": …, "entities": [[start, end, label], …]}`; the list may be
            called `spans`, `label` or `labels` too, and an entity may be an object, as in Prodigy and doccano.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.

    Offsets are code points of the text as it is. Raises `DataError` with the line and the span that is wrong.
    """
    asked = question(task, Spacy.types, "spaCy")
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    rows = []
    for number, line in enumerate(text_of(path).split("\n"), 1):
        try:
            if line.strip():
                rows.append(_row(line, asked, names))
        except DataError as error:
            raise DataError(f"{path.name}, line {number}: {error}") from None
    names.check_used()
    return frame_of_rows(asked, rows)


def _row(line: str, asked: Question, names: LabelNames) -> tuple[str | None, str, Any]:
    try:
        told = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise DataError(f"expected one JSON object ({error})") from None
    text = told.get("text") if isinstance(told, dict) else None
    written = next((told[name] for name in LISTS if name in told), None) if isinstance(told, dict) else None
    if not isinstance(text, str) or not isinstance(written, list):
        raise DataError(f'expected {{"text": …, "entities": [[start, end, label], …]}}, got {shorten(told)}')
    spans = [span for place, one in enumerate(written, 1) if (span := _span(one, place, names)) is not None]
    return (str(told["id"]) if "id" in told else None), text, marked(asked, spans, text)


def _span(written: Any, place: int, names: LabelNames) -> dict[str, Any] | None:
    if isinstance(written, dict):
        written = [next((written[key] for key in keys if key in written), None) for keys in KEYS]
    if not isinstance(written, list) or not 2 <= len(written) <= 3:
        raise DataError(f"span {place}: expected [start, end, label], got {shorten(written)}")
    start, end, *rest = written
    try:
        label = names(str(rest[0]) if rest and rest[0] is not None else "")
    except DataError as error:
        raise DataError(f"span {place}: {error}") from None
    return None if label is None else {"start": start, "end": end, **label}


PLUGIN = Spacy()
