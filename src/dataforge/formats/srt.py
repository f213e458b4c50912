"""SRT: a text file for each sound, with numbered subtitles; a label stands before its words, `Ann: good morning`.

https://www.matroska.org/technical/subtitles.html#srt-subtitles
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._cues import (
    TYPES,
    Cue,
    Times,
    blocks,
    clock,
    cue_of,
    cues_in,
    cues_of,
    read_cues,
    times_of,
    write_each,
)
from dataforge.formats._labels import LabelNames, Question
from dataforge.formats.base import Labelled, Labels
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Srt", "read_srt"]

TIME = r"(\d+):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
TIMES = re.compile(rf"{TIME}\s*-->\s*{TIME}(?:\s.*)?")
TAG = re.compile(r"</?(?:i|b|u|font)\b[^>]*>", re.IGNORECASE)


class Srt:
    """Writes segments and transcripts as subtitles of SRT."""

    types: ClassVar[Sequence[str]] = TYPES
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`<sound>.srt` for each sound."""
        write_each(labels, path, ".srt", _subtitles)


def _subtitles(row: Labelled) -> str:
    return "\n".join(f"{number}\n{_written(cue)}" for number, cue in enumerate(cues_of(row), 1))


def _written(cue: Cue) -> str:
    start, end = times_of(cue)
    lines = "\n".join(line for line in cue.shown.splitlines() if line.strip())
    named = f"{cue.label}: {lines}" if cue.label is not None and cue.text is not None else lines
    return f"{clock(start, ',')} --> {clock(end, ',')}\n{named}\n"


@entry
def read_srt(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Subtitles of SRT as rows for `launch(task, …)`: the sound, and the known answer.

    Args:
        task: has segments of a sound as one of its outputs, or a text, which is then that of all subtitles.
        path: a file, or a folder of files; each is called as its sound is, but for the ending.
        folder: the folder in which the sounds lie; by default that of the files.
        labels: what stands before the colon, or is the text where segments have no words, with the labels of the task
            that they mean; others are left out. By default they are the same.

    Raises `DataError` with the file and the line that is wrong.
    """
    return read_cues(task, path, folder, labels, "SRT", ".srt", _cues)


def _cues(text: str, asked: Question, names: LabelNames) -> list[Cue | None]:
    settings = asked.output.type.settings()
    named = bool(settings.get("text") and settings.get("options"))

    def read(times: Times, words: str) -> Cue | None:
        words = TAG.sub("", words).strip()
        label, colon, rest = words.partition(":")
        if named and not colon:
            raise DataError(f"expected a label and its words, Ann: good morning, got {shorten(words)}")
        return cue_of(asked, names, times, *((label.strip(), rest.strip()) if named else (None, words)))

    return cues_in(blocks(text), TIMES, "00:00:00,000 --> 00:00:01,000", read)


PLUGIN = Srt()
