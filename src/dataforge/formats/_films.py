"""Films with tracks of boxes through them: what formats of tracks have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dataforge.errors import DataError
from dataforge.formats._files import found_in
from dataforge.formats._labels import LabelNames, frame_of_rows, question
from dataforge.formats._pictures import names_of
from dataforge.formats.base import Labelled, Labels
from dataforge.geometry.keyframes import Path as KeyPath
from dataforge.geometry.keyframes import key_frames, path_of
from dataforge.media.films import Film, film_of
from dataforge.objects.video import Video
from dataforge.tasks.task import Slot, Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DIGITS",
    "TYPES",
    "Boxes",
    "check_boxes",
    "check_film",
    "films",
    "frame_in",
    "frames_of",
    "keys_of",
    "read_films",
    "slack_of",
    "tracks_of",
]

TYPES = ("track",)
DIGITS = 6
# Boxes on a straight way are off by what rounding leaves.
STRAIGHT = 1e-4

Boxes = dict[tuple[int, str], dict[int, tuple[list[float], bool]]]
"""Boxes frame by frame, and whether they are hidden, by track and label; the label is empty where there are none."""


def films(labels: Labels, form: str) -> Iterator[tuple[str, Labelled]]:
    """Each film's name without its ending, and its item; raises `DataError` where tracks are no boxes."""
    check_boxes(labels.output, form)
    names = names_of([row.value for row in labels.rows], stems=True)
    for name, row in zip(names, labels.rows, strict=True):
        check_film(row)
        yield str(Path(name).with_suffix("")), row


def check_boxes(output: Slot, form: str) -> None:
    """Raise `DataError` unless tracks are those of boxes."""
    if output.type.settings().get("shape", "box") != "box":
        raise DataError(f"{form} holds tracks of boxes, and {output.name!r} asks for others")


def check_film(row: Labelled) -> None:
    """Raise `DataError` where an answer does not tell how large its film is."""
    if "frames" not in row.answer:
        raise DataError(f"item {row.id!r}: its answer does not tell the film's size; let the film be a file here")


def keys_of(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All key frames of an answer."""
    return (key for track in answer["tracks"] for key in track["keys"])


def read_films(
    task: Task,
    files: Mapping[str, Path],
    folder: Path,
    labels: Mapping[str, str] | None,
    form: str,
    reader: Callable[[Path, LabelNames, Film], list[dict[str, Any]]],
) -> pd.DataFrame:
    """Rows for `launch`: the films that files are about, by their names, and the known answers."""
    asked = question(task, TYPES, form, ("video",))
    check_boxes(asked.output, form)
    names = asked.labels(labels, folder.name)
    found = found_in(folder, [f".{extension}" for extension in Video.extensions])
    there = {path.stem: path for path in found if path.parent == folder}
    there |= {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}
    rows = []
    for name, file in files.items():
        film = there.get(name) or there.get(Path(name).name)
        if film is None:
            raise DataError(f"{file}: there is no film {name!r} to it; name their folder as folder=…")
        try:
            seen = film_of(film)
            tracks = reader(file, names, seen)
            whole = {"width": seen.width, "height": seen.height, "frames": seen.count, "tracks": tracks}
            answer = asked.output.type.to_json(whole)
        except DataError as error:
            raise DataError(f"{file}: {error}") from None
        rows.append((name, str(film), answer))
    names.check_used()
    return frame_of_rows(asked, rows)


# --- boxes that are told for each frame -----------------------------------------------------------


def frames_of(track: Mapping[str, Any]) -> Iterator[tuple[int, list[float], bool]]:
    """The frames of a track: each with the box and whether it is hidden."""
    path = path_of(track["keys"], "box")
    for place in np.flatnonzero(path.there).tolist():
        yield path.start + place, path.places[place].tolist(), bool(path.hidden[place])


def slack_of(given: float) -> float:
    """How far boxes may be off a straight way; raises `DataError`."""
    if not given >= 0:
        raise DataError(f"slack: expected pixels, 0 or more, got {given!r}")
    return max(given, STRAIGHT)


def frame_in(written: float, film: Film, first: int) -> int:
    """A frame of the film, from 0, where the file calls its first one so; raises `DataError`."""
    last = film.count - 1 + first
    if not first <= written <= last or written != int(written):
        raise DataError(
            f"frame: expected a whole number, {first} to {last}, got {written:.15g}; frames count from {first} here"
        )
    return int(written) - first


def tracks_of(boxes: Boxes, film: Film, slack: float) -> list[dict[str, Any]]:
    """Tracks with their key frames; what reaches over the edge of the picture ends there."""
    tracks = []
    for (track, label), frames in sorted(boxes.items()):
        inside = {}
        for frame, (box, hidden) in frames.items():
            left, top, right, bottom = np.clip(box, 0, [film.width, film.height] * 2).tolist()
            if left < right and top < bottom:
                inside[frame] = [left, top, right, bottom], hidden
        if inside:
            named = {"label": label} if label else {}
            tracks.append({"id": track, **named, "keys": _keys(inside, slack)})
    return tracks


def _keys(frames: Mapping[int, tuple[list[float], bool]], slack: float) -> list[dict[str, Any]]:
    """The key frames of boxes that are told for each frame."""
    start, stop = min(frames), max(frames) + 1
    there, hidden, places = np.zeros(stop - start, bool), np.zeros(stop - start, bool), np.zeros((stop - start, 4))
    for frame, (box, guessed) in frames.items():
        there[frame - start], hidden[frame - start], places[frame - start] = True, guessed, box
    return key_frames(KeyPath(start, there, hidden, places), "box", slack, DIGITS)
