"""Frames of films as pictures: the film with the number of the frame beside it, and perhaps a crop of that.

In JSON `{"media": "<sha256>.mp4", "frame": 12}`. Frames are counted as those of tracks are: from 0, in the order in
which they are shown, the same ones for everybody. Nothing is stored anew; the platform makes the picture when somebody
looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dataforge.errors import DataError
from dataforge.objects._media import Media
from dataforge.objects._pieces import Clip, checked_crop, taken_apart
from dataforge.objects.base import plain, shorten

__all__ = ["FILMS", "Film", "checked_still", "is_still", "still_of"]

FRAME = "frame"
FILMS = ("mp4", "m4v", "webm", "ogv", "mov")
"""The extensions of films that browsers show."""
MOST = 10_000_000
"""More frames no film has; how many a file has is looked up where it is here."""


class _FilmFile(Media):
    """The film that a frame is taken of."""

    name = kind = "video"
    reading_seconds = 5.0
    extensions = FILMS
    part = "crop"


FILM = _FilmFile()


class _Still(dict[str, Any]):
    """A frame of a film, as a pipeline's function has it."""

    def crop(self, box: Any) -> dict[str, Any]:
        """A part of the frame: `[left, top, right, bottom]` in its pixels, or a shape that somebody drew on it."""
        return {**self, "crop": checked_crop(box)}


class Film(Clip):
    """The path or the address of a film, as a pipeline's function has it."""

    def frame(self, number: int) -> dict[str, Any]:
        """The frame of that number, from 0, as the key frames of a track have it: a picture."""
        return _Still({**self.whole(), FRAME: _checked_number(number, None)})


def is_still(value: Any) -> bool:
    """Whether a value of a picture is the frame of a film."""
    return isinstance(value, Mapping) and FRAME in value


def still_of(value: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody who launches means by a frame, in JSON form; against the film where it is a file."""
    whole = _whole_of(value)
    return _checked(value, FILM.to_json(Path(str(whole["file"])) if whole.keys() == {"file"} else whole))


def checked_still(value: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of a frame as it came, checked."""
    film = FILM.check_input(_whole_of(value))
    if "media" in film and film["media"].rpartition(".")[2] not in FILMS:
        raise DataError(f"frame: expected one of a film, {', '.join(FILMS)}, got {shorten(value)}")
    return _checked(value, film)


def _checked(value: Mapping[str, Any], film: Mapping[str, Any]) -> dict[str, Any]:
    if "url" in film:
        raise DataError(
            f"frame: expected a film that is a file, for frames of it are made by the platform, got {shorten(value)}"
        )
    path = Path(film["file"]) if "file" in film else None
    number = _checked_number(value[FRAME], path)
    crop = value.get("crop")
    part = {} if crop is None else {"crop": checked_crop(crop, None if path is None else _size(path))}
    return {**film, FRAME: number, **part}


def _whole_of(value: Mapping[str, Any]) -> dict[str, Any]:
    """The film of a frame, as it came."""
    return taken_apart(taken_apart(value, FRAME)[0], "crop")[0]


def _checked_number(number: Any, path: Path | None) -> int:
    last, number = MOST if path is None else _count(path) - 1, plain(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= last:
        raise DataError(f"frame: expected the number of a frame, 0 to {last:,}, got {shorten(number)}")
    return number


def _count(path: Path) -> int:
    # Here and below, because who shows no frames needs nothing that reads films.
    from dataforge.media.films import film_of

    return film_of(path).count


def _size(path: Path) -> tuple[int, int]:
    from dataforge.media.films import film_of

    film = film_of(path)
    return film.width, film.height
