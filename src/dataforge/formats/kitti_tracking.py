"""KITTI's labels for tracking: for each film a file with a line a box and frame; frames and edges count from 0.

`label_02/<film>.txt`: each line has the frame and the track before what `_kitti` says; truncated is a whole number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import files_in
from dataforge.formats._films import TYPES, Boxes, films, frame_in, frames_of, read_films, slack_of, tracks_of
from dataforge.formats._kitti import FLAT, TRUNCATED, lines_of, meaning, tokens_of, told, written
from dataforge.formats._labels import LabelNames
from dataforge.formats._pictures import UNNAMED
from dataforge.formats.base import Labels
from dataforge.media.films import Film
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KittiTracking", "read_kitti_tracking"]

FOLDER = "label_02"
SEEN, HIDDEN = 0, 2
"""How far a box is occluded: not at all, largely."""
ALPHA = -10


class KittiTracking:
    """Writes tracks of boxes frame by frame."""

    types: ClassVar[Sequence[str]] = TYPES
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """A file for each film, called as it is."""
        tokens = tokens_of(labels)
        for name, row in films(labels, "kitti-tracking"):
            lines = []
            for track in row.answer["tracks"]:
                token = tokens[track.get("label", UNNAMED)]
                for frame, box, hidden in frames_of(track):
                    known = (TRUNCATED, HIDDEN if hidden else SEEN, ALPHA)
                    lines.append((frame, track["id"], written(frame, track["id"], token, *known, *box, *FLAT)))
            file = path / FOLDER / f"{name}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(line for _, _, line in sorted(lines)), "utf-8")


@entry
def read_kitti_tracking(
    task: Task,
    path: str | Path,
    *,
    folder: str | Path | None = None,
    labels: Mapping[str, str] | None = None,
    slack: float = 0.0,
) -> pd.DataFrame:
    """Boxes of KITTI's tracking as rows for `launch(task, …)`: the film, and the known answer with its key frames.

    Args:
        task: has tracks of boxes in a film as one of its outputs.
        path: the folder with `label_02`, which has a file for each film, called as it is.
        folder: the folder in which the films lie; by default `path`.
        labels: types in the files with the labels of the task that they mean; others are left out. By default they are
            the same, but for spaces, which are `_` there.
        slack: so many pixels boxes may be off the straight way between two key frames; the more, the fewer there are.

    `DontCare` is left out; what is largely occluded is hidden. Raises `DataError` with the file and the line.
    """
    path = Path(path).expanduser()
    files = dict(files_in(path / FOLDER, ".txt", named=[path]))
    there = path if folder is None else Path(folder).expanduser()
    return read_films(task, files, there, labels, "KITTI", partial(_read, slack=slack_of(slack)))


def _read(file: Path, names: LabelNames, film: Film, slack: float) -> list[dict[str, Any]]:
    boxes: Boxes = {}
    for line in lines_of(file, "frame", "track"):
        try:
            label = meaning(names, line)
            if label is not None:
                frame, track = frame_in(line.before[0], film, first=0), int(line.before[1])
                boxes.setdefault((track, label.get("label", "")), {})[frame] = line.box, line.occluded == HIDDEN
        except DataError as error:
            raise told(file, line, error) from None
    return tracks_of(boxes, film, slack)


PLUGIN = KittiTracking()
