"""MOTChallenge: for each film a folder with one line a box and frame, and the names of the labels, as CVAT has them.

`<film>/gt/gt.txt` has frame, number, left, top, width, height, whether it counts, label, and how much is seen. Frames,
numbers and labels count from 1, and so do pixels: the left edge of the first pixel is 1. https://motchallenge.net
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, ClassVar

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import number, text_of, within
from dataforge.formats._films import DIGITS, TYPES, Boxes, films, frame_in, frames_of, read_films, slack_of, tracks_of
from dataforge.formats._labels import LabelNames
from dataforge.formats._pictures import UNNAMED
from dataforge.formats.base import Labelled, Labels
from dataforge.media.films import Film
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Mot", "read_mot"]

FILE, NAMES = "gt/gt.txt", "gt/labels.txt"
# What a line has at least: frame, number, and the box; behind them what may be left out.
LEAST, COUNTS, LABEL, SEEN = 6, 6, 7, 8


class Mot:
    """Writes tracks of boxes frame by frame."""

    types: ClassVar[Sequence[str]] = TYPES
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: FilePath) -> None:
        """A folder for each film, called as it is."""
        for name, row in films(labels, "mot"):
            (path / name / "gt").mkdir(parents=True)
            names = labels.values() or [UNNAMED]
            (path / name / NAMES).write_text("".join(f"{one}\n" for one in names), "utf-8")
            (path / name / FILE).write_text("".join(_lines(row, names)), "utf-8")
            told = {"name": name, "seqLength": row.answer["frames"]}
            told |= {"imWidth": row.answer["width"], "imHeight": row.answer["height"]}
            sequence = "".join(f"{key}={value}\n" for key, value in told.items())
            (path / name / "seqinfo.ini").write_text(f"[Sequence]\n{sequence}", "utf-8")


def _lines(row: Labelled, names: Sequence[str]) -> list[str]:
    """The lines in the order of the frames."""
    found = []
    for track in row.answer["tracks"]:
        label = names.index(track.get("label", names[0])) + 1
        for frame, (left, top, right, bottom), hidden in frames_of(track):
            box = [round(one, DIGITS) for one in (left + 1, top + 1, right - left, bottom - top)]
            line = [frame + 1, track["id"], *box, 1, label, 0 if hidden else 1]
            found.append((line[0], line[1], ",".join(f"{one:.10g}" for one in line) + "\n"))
    return [line for _, _, line in sorted(found)]


@entry
def read_mot(
    task: Task,
    path: str | FilePath,
    *,
    folder: str | FilePath | None = None,
    labels: Mapping[str, str] | None = None,
    slack: float = 0.0,
) -> pd.DataFrame:
    """Boxes of MOTChallenge as rows for `launch(task, …)`: the film, and the known answer with its key frames.

    Args:
        task: has tracks of boxes in a film as one of its outputs.
        path: a folder with a folder for each film, called as it is, with `gt/gt.txt` and, if there are labels,
            `gt/labels.txt`.
        folder: the folder in which the films lie; by default that of the folders.
        labels: names of labels in the files with the labels of the task that they mean; others are left out. By default
            they are the same.
        slack: so many pixels boxes may be off the straight way between two key frames; the more, the fewer there are.

    Lines that do not count are left out, and what reaches over the edge of the picture ends there. Raises `DataError`
    with the file and the line that is wrong.
    """
    path = FilePath(path).expanduser()
    files = {file.parent.parent.relative_to(path).as_posix(): file for file in sorted(path.glob(f"**/*/{FILE}"))}
    for file in files.values():
        within(path, file.relative_to(path))
    if not files:
        raise DataError(f"{path}: expected a folder with <film>/{FILE} in it; check the path")
    there = path if folder is None else FilePath(folder).expanduser()
    return read_films(task, files, there, labels, "MOT", partial(_read, slack=slack_of(slack)))


def _read(file: FilePath, names: LabelNames, film: Film, slack: float) -> list[dict[str, Any]]:
    there = file.with_name("labels.txt")
    known = text_of(there).splitlines() if there.exists() else []
    boxes: Boxes = {}
    for place, line in enumerate(text_of(file).splitlines(), 1):
        try:
            read = _line(line, film)
        except DataError as error:
            raise DataError(f"line {place}: {error}") from None
        if read is not None:
            frame, track, label, box, hidden = read
            named = names(known[label - 1] if 0 < label <= len(known) else UNNAMED if not known else str(label))
            if named is not None:
                boxes.setdefault((track, named.get("label", "")), {})[frame] = box, hidden
    return tracks_of(boxes, film, slack)


def _line(line: str, film: Film) -> tuple[int, int, int, list[float], bool] | None:
    """Frame, track, label, box, and whether it is hidden; None of a line that is empty or does not count."""
    if not line.strip():
        return None
    parts = line.split(",")
    if len(parts) < LEAST:
        raise DataError(f"expected frame, id, left, top, width, height, …, got {line[:60]!r}")
    frame, track, left, top, width, height = (number(part, "a number") for part in parts[:LEAST])
    at = frame_in(frame, film, first=1)
    if len(parts) > COUNTS and number(parts[COUNTS], "conf") == 0:
        return None
    label = int(number(parts[LABEL], "class")) if len(parts) > LABEL else 1
    hidden = len(parts) > SEEN and number(parts[SEEN], "visibility") == 0
    return at, int(track), label, [left - 1, top - 1, left + width - 1, top + height - 1], hidden


PLUGIN = Mot()
