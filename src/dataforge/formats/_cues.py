"""Pieces of sounds with what is heard in them: what formats of segments and transcripts have in common."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError
from dataforge.formats._files import files_in, found_in, text_of
from dataforge.formats._labels import LabelNames, Question, frame_of_rows, question
from dataforge.formats._pictures import names_of
from dataforge.formats.base import Labelled, Labels
from dataforge.media.files import look_at
from dataforge.objects.audio import Audio
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TYPES",
    "Cue",
    "Times",
    "blocks",
    "clock",
    "cue_of",
    "cues_in",
    "cues_of",
    "length_of",
    "read_cues",
    "times_of",
    "write_each",
]

Times = tuple[float, float]

TYPES = ("segments", "text")
UNNAMED = "segment"
"""What is written of a segment that has neither a label nor words, so that it is seen."""


@dataclass(frozen=True)
class Cue:
    """A piece of a sound, in seconds, with the label and the words that it has: None where its type has none."""

    start: float
    end: float
    label: str | None
    text: str | None

    @property
    def shown(self) -> str:
        """The words, or else the label, or else that it is one."""
        return self.text if self.text is not None else self.label or UNNAMED


# --- written --------------------------------------------------------------------------------------


def write_each(labels: Labels, folder: Path, ending: str, written: Callable[[Labelled], str]) -> None:
    """A file for each sound, called as it is but for its ending, with what is written of the item."""
    names = names_of([row.value for row in labels.rows], stems=True)
    for name, row in zip(names, labels.rows, strict=True):
        file = (folder / name).with_suffix(ending)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(row), "utf-8")


def cues_of(row: Labelled) -> list[Cue]:
    """The pieces of an answer; a transcript is one that is as long as the sound."""
    if isinstance(row.answer, str):
        length = length_of(row)
        if length is None:
            raise DataError(f"item {row.id!r}: its sound tells no length here, and its transcript no times; write tsv")
        return [Cue(0.0, length, None, row.answer)] if row.answer else []
    return [Cue(one["start"], one["end"], one.get("label"), one.get("text")) for one in row.answer]


def length_of(row: Labelled) -> float | None:
    """How long the sound of an item is; None if its file is not here, or does not tell it."""
    if row.file is None:
        return None
    try:
        return look_at(row.file).seconds
    except (DataError, OSError):
        return None


def times_of(cue: Cue) -> tuple[int, int]:
    """When a piece begins and ends, to a millisecond; it lasts one at least."""
    start = math.floor(cue.start * 1000 + 0.5)
    return start, max(math.floor(cue.end * 1000 + 0.5), start + 1)


def clock(milliseconds: int, point: str) -> str:
    """Hours, minutes and seconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


# --- read -----------------------------------------------------------------------------------------


Reader = Callable[[str, Question, LabelNames], Sequence[Cue | None]]
"""What makes pieces of a file's text; None: its label is left out. Raises `DataError` with the place."""


def read_cues(
    task: Task,
    path: str | Path,
    folder: str | Path | None,
    labels: Mapping[str, str] | None,
    form: str,
    ending: str,
    reader: Reader,
) -> pd.DataFrame:
    """Rows for `launch`: the sounds that files of a folder, or one file, are about, and the known answers."""
    asked = question(task, TYPES, form, ("audio", "video"))
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    start = path if path.is_dir() else path.parent
    files = list(files_in(path, ending)) if path.is_dir() else [(path.stem, path)]
    sounds = _sounds_in(start if folder is None else Path(folder).expanduser())
    rows = []
    for name, file in files:
        if name not in sounds:
            raise DataError(f"{file}: there is no sound {name!r} to it; name their folder as folder=…")
        text = text_of(file)
        try:
            cues = reader(text, asked, names)
            answer = _heard(asked, [cue for cue in cues if cue is not None])
        except DataError as error:
            raise DataError(f"{file}: {error}") from None
        rows.append((name, str(sounds[name]), answer))
    names.check_used()
    return frame_of_rows(asked, rows)


def _heard(asked: Question, cues: Iterable[Cue]) -> Any:
    """The pieces as an answer: segments, or all words together; raises `DataError`."""
    if asked.output.type.name == "text":
        return asked.output.type.to_json(" ".join(" ".join(cue.text.split()) for cue in cues if cue.text))
    segments = [
        {"start": cue.start, "end": cue.end}
        | ({} if cue.label is None else {"label": cue.label})
        | ({} if cue.text is None else {"text": cue.text})
        for cue in cues
    ]
    return asked.output.type.to_json(segments)


def cue_of(asked: Question, names: LabelNames, times: Times, label: str | None, text: str) -> Cue | None:
    """A piece with the label that is told, or else that its text is where segments have no words."""
    settings = asked.output.type.settings()
    if asked.output.type.name == "text":
        return Cue(*times, None, text)
    words = text if settings.get("text") else None
    found = names(label if label is not None else "" if words is not None else text)
    return None if found is None else Cue(*times, found.get("label"), words)


def _sounds_in(folder: Path) -> dict[str, Path]:
    """The sounds in a folder and those in it, by their paths from there without the ending."""
    if not folder.is_dir():
        raise DataError(f"{folder}: expected a folder of sounds; name it, folder=…")
    endings = {f".{ending}" for ending in (*Audio.extensions, "mp4", "mov")}
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in found_in(folder, endings)}


def blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines between blank ones, with the number of the first."""
    block: list[str] = []
    for number, line in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def cues_in(
    found: Iterable[tuple[int, list[str]]],
    times: re.Pattern[str],
    example: str,
    read: Callable[[Times, str], Cue | None],
) -> list[Cue | None]:
    """The pieces in blocks of lines: a name perhaps, times as in the example, and words, which are read with these."""
    cues = []
    for line, block in found:
        named = "-->" not in block[0] and len(block) > 1
        told = times.fullmatch(block[named].strip())
        if told is None:
            raise DataError(f"line {line}: expected {example}, got {shorten(block[0])}")
        start, end = (_seconds(*told.groups()[first : first + 4]) for first in (0, 4))
        try:
            cues.append(read((start, end), "\n".join(block[named + 1 :])))
        except DataError as error:
            raise DataError(f"line {line}: {error}") from None
    return cues


def _seconds(hours: str | None, minutes: str, seconds: str, rest: str) -> float:
    return (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds) + int(rest.ljust(3, "0")) / 1000
