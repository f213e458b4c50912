"""WebVTT: a text file for each sound, with cues of a time and a text; a label is the voice of its cue.

https://www.w3.org/TR/webvtt1/
"""

from __future__ import annotations

import html
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
from dataforge.objects.base import listed, shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Webvtt", "read_webvtt"]

TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMES = re.compile(rf"{TIME}[ \t]+-->[ \t]+{TIME}(?:[ \t].*)?")
VOICE = re.compile(r"<v(?:\.[^\s>]*)*[ \t]+([^>]*)>")
TAG = re.compile(r"<[^>]*>")
# What begins blocks that are no cues.
OTHERS = ("NOTE", "STYLE", "REGION")


class Webvtt:
    """Writes segments and transcripts as cues of WebVTT."""

    types: ClassVar[Sequence[str]] = TYPES
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`<sound>.vtt` for each sound."""
        write_each(labels, path, ".vtt", _cues_in_words)


def _cues_in_words(row: Labelled) -> str:
    return "\n".join(["WEBVTT\n", *map(_written, cues_of(row))])


def _written(cue: Cue) -> str:
    start, end = times_of(cue)
    # A blank line would end the cue.
    lines = [_escaped(line) for line in cue.shown.splitlines() if line.strip()]
    voice = f"<v {_escaped(cue.label)}>" if cue.label is not None and cue.text is not None else ""
    return "\n".join([f"{clock(start, '.')} --> {clock(end, '.')}", voice + "\n".join(lines), ""])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


@entry
def read_webvtt(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Cues of WebVTT as rows for `launch(task, …)`: the sound, and the known answer.

    Args:
        task: has segments of a sound as one of its outputs, or a text, which is then that of all cues.
        path: a file, or a folder of files; each is called as its sound is, but for the ending.
        folder: the folder in which the sounds lie; by default that of the files.
        labels: voices, or texts of cues where segments have no words, with the labels of the task that they mean;
            others are left out. By default they are the same.

    Raises `DataError` with the file and the line that is wrong.
    """
    return read_cues(task, path, folder, labels, "WebVTT", ".vtt", _cues)


def _cues(text: str, asked: Question, names: LabelNames) -> list[Cue | None]:
    if not text.startswith("WEBVTT"):
        raise DataError(f"line 1: expected WEBVTT, got {shorten(text.partition(chr(10))[0])}; is it of another format?")

    def read(times: Times, words: str) -> Cue | None:
        voices = {html.unescape(voice).strip() for voice in VOICE.findall(words)}
        if len(voices) > 1:
            raise DataError(f"expected one voice, got {listed(sorted(voices))}; give each a cue of its own")
        return cue_of(asked, names, times, next(iter(voices), None), html.unescape(TAG.sub("", words)).strip())

    cues = (block for block in list(blocks(text))[1:] if block[1][0].split()[0] not in OTHERS)
    return cues_in(cues, TIMES, "00:00:00.000 --> 00:00:01.000", read)


PLUGIN = Webvtt()
