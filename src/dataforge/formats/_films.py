"""Films with tracks of boxes through them: what formats of tracks have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError
from dataforge.films import Film, film_of
from dataforge.formats._labels import LabelNames, frame_of_rows, question
from dataforge.formats._pictures import names_of
from dataforge.formats.base import Labelled, Labels
from dataforge.objects.video import Video
from dataforge.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TYPES", "films", "read_films"]

TYPES = ("track",)


def films(labels: Labels, form: str) -> Iterator[tuple[str, Labelled]]:
    """Each film's name without its ending, and its item; raises `DataError` where tracks are no boxes."""
    if labels.output.type.settings().get("shape", "box") != "box":
        raise DataError(f"{form} holds tracks of boxes, and those of {labels.output.name!r} are none")
    names = names_of([row.value for row in labels.rows], stems=True)
    for name, row in zip(names, labels.rows, strict=True):
        if "frames" not in row.answer:
            raise DataError(f"item {row.id!r}: its answer does not tell the film's size; let the film be a file here")
        yield str(Path(name).with_suffix("")), row


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
    if asked.output.type.settings().get("shape", "box") != "box":
        raise DataError(f"{form} holds tracks of boxes, and {asked.output.name!r} asks for others")
    names = asked.labels(labels, folder.name)
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower()[1:] in Video.extensions]
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
