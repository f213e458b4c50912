"""TextGrid of Praat: tiers of intervals for each sound, with no gaps; where nothing is, an interval has no text.

Segments with words have a tier for each label, with the words as texts; those without words one tier, with the labels.
https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._cues import TYPES, Cue, cue_of, cues_of, length_of, read_cues, write_each
from dataforge.formats._labels import LabelNames, Question
from dataforge.formats.base import Labelled, Labels
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Textgrid", "read_textgrid"]

# What stands free in the file: texts, numbers and flags; all else is for the eyes.
FREE = re.compile(r'"((?:[^"]|"")*)"|(?<!\S)([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?!\S)|(<exists>|<absent>)')
INTERVALS, POINTS = "IntervalTier", "TextTier"
# Two times that are nearer than this are one.
CLOSE = 1e-9

Interval = tuple[float, float, str]


class Textgrid:
    """Writes segments and transcripts as TextGrids in their long form."""

    types: ClassVar[Sequence[str]] = TYPES
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`<sound>.TextGrid` for each sound."""
        write_each(labels, path, ".TextGrid", lambda row: _written(row, labels))


def _written(row: Labelled, labels: Labels) -> str:
    cues = cues_of(row)
    length = max([length_of(row) or 0.0, *(cue.end for cue in cues)])
    tiers = {name: list(_contiguous(those, length, row.id)) for name, those in _tiers(cues, labels).items()}
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", f"xmax = {length!r} "]
    lines += ["tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]
    for number, (name, intervals) in enumerate(tiers.items(), 1):
        head = [f'class = "{INTERVALS}" ', f"name = {_quoted(name)} ", "xmin = 0 ", f"xmax = {length!r} "]
        lines += [f"    item [{number}]:", *(f"        {line}" for line in head)]
        lines.append(f"        intervals: size = {len(intervals)} ")
        for place, (start, end, text) in enumerate(intervals, 1):
            inside = [f"xmin = {start!r} ", f"xmax = {end!r} ", f"text = {_quoted(text)} "]
            lines += [f"        intervals [{place}]:", *(f"            {line}" for line in inside)]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _tiers(cues: Sequence[Cue], labels: Labels) -> dict[str, list[Cue]]:
    """The pieces by tier: one for each label where they have words or may overlap, else one for all."""
    settings = labels.output.type.settings()
    names = labels.values()
    if not names or not (settings.get("text") or settings.get("overlapping")):
        return {labels.output.name: list(cues)}
    return {name: [cue for cue in cues if cue.label == name] for name in names}


def _contiguous(cues: Sequence[Cue], length: float, item: str) -> Iterator[Interval]:
    """Intervals without gaps from 0 to the end, empty ones between the pieces."""
    reached = 0.0
    for cue in cues:
        if cue.start < reached:
            raise DataError(f"item {item!r}: two segments overlap at {cue.start:g} s, for which a tier has no room")
        if cue.start > reached:
            yield reached, cue.start, ""
        # An interval without a text is nothing, and a piece without words is something.
        yield cue.start, cue.end, cue.shown or " "
        reached = cue.end
    if reached < length or not length:
        yield reached, length, ""


@entry
def read_textgrid(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Intervals of TextGrids as rows for `launch(task, …)`: the sound, and the known answer.

    Args:
        task: has segments of a sound as one of its outputs, or a text, which is then that of all intervals.
        path: a file, or a folder of files, in the long form or the short one, in UTF-8 or UTF-16; each is called as its
            sound is, but for the ending.
        folder: the folder in which the sounds lie; by default that of the files.
        labels: names of tiers, or texts where segments have no words, with the labels of the task that they mean;
            others are left out. By default they are the same.

    Where tiers are called as labels are, these are the labels; tiers of points are left out. Raises `DataError` with
    the file and what is wrong in it.
    """
    return read_cues(task, path, folder, labels, "TextGrid", ".textgrid", _cues)


def _cues(text: str, asked: Question, names: LabelNames) -> list[Cue | None]:
    tiers = list(_read(text))
    settings = asked.output.type.settings()
    by_tier = bool(settings.get("text")) or all(names.knows(name) for name, _ in tiers)
    found: list[Cue | None] = []
    for name, intervals in tiers:
        for start, end, said in intervals:
            if said:
                label = name if by_tier and settings.get("options") else None
                try:
                    found.append(cue_of(asked, names, (start, end), label, said.strip()))
                except DataError as error:
                    raise DataError(f"tier {name!r}, {start:g} to {end:g} s: {error}") from None
    return found


def _read(text: str) -> Iterator[tuple[str, list[Interval]]]:
    """The tiers of intervals with their names."""
    values = _Values(text)
    if [values.text(), values.text()] != ["ooTextFile", "TextGrid"]:
        raise DataError("expected a TextGrid, File type = ooTextFile; is it of another format?")
    values.number(), values.number()
    if not values.flag():
        return
    for _ in range(int(values.number())):
        kind, name = values.text(), values.text()
        values.number(), values.number()
        count = int(values.number())
        if kind == INTERVALS:
            yield name, [(values.number(), values.number(), values.text()) for _ in range(count)]
        elif kind == POINTS:
            _ = [(values.number(), values.text()) for _ in range(count)]
        else:
            raise DataError(f"expected a tier, {INTERVALS} or {POINTS}, got {shorten(kind)}")


class _Values:
    """The values of a file one after the other, each of the kind that is expected; raises `DataError` with the line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = FREE.finditer(text)

    def text(self) -> str:
        """A text in quotes."""
        return str(self._next(1, "a text in quotes")).replace('""', '"')

    def number(self) -> float:
        """A number."""
        return float(self._next(2, "a number"))

    def flag(self) -> bool:
        """Whether there is something."""
        return self._next(3, "<exists>") == "<exists>"

    def _next(self, group: int, what: str) -> str:
        found = next(self._found, None)
        if found is None:
            raise DataError(f"ends where {what} was expected; it is cut")
        if found[group] is None:
            line = self._text.count("\n", 0, found.start()) + 1
            raise DataError(f"line {line}: expected {what}, got {shorten(found[0])}")
        return found[group]


PLUGIN = Textgrid()
