"""Tracks as they come from data and from workers: what is one, how many there may be, and their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from dataforge.errors import DataError
from dataforge.geometry.keyframes import NUMBERS
from dataforge.media.films import MOST_FRAMES
from dataforge.objects._labelled import check_label
from dataforge.objects._options import Option
from dataforge.objects.base import is_number, plain, shorten

__all__ = ["LONGEST_SIDE", "One", "check_tracks", "room", "stretch"]

One = dict[str, Any]
Key = dict[str, Any]

MOST_TRACKS, MOST_KEYS = 1_000, 50_000
# From the first to the last key frame of all tracks together: five hundred through 4,000 frames.
MOST_STRETCH = 2_000_000
LONGEST_SIDE = 100_000
# What a key frame and a track have as JSON beside their label.
KEY_ROOM, TRACK_ROOM = 130, 60
EXAMPLES = {
    "box": '{"frame": 0, "box": [left, top, right, bottom]}',
    "point": '{"frame": 0, "point": [x, y]}',
    "time": '{"frame": 0}',
}


def room(options: Sequence[Option]) -> int:
    """How many characters as many tracks have as an answer may have, each with the longest label."""
    longest = max((len(str(option.value)) for option in options), default=0)
    return MOST_KEYS * KEY_ROOM + MOST_TRACKS * (TRACK_ROOM + longest)


def stretch(track: Mapping[str, Any]) -> int:
    """How many frames there are from a track's first key frame to its last."""
    return int(track["keys"][-1]["frame"] - track["keys"][0]["frame"]) + 1


def check_tracks(tracks: Any, form: str, options: Sequence[Option], size: Mapping[str, int]) -> list[One]:
    """Tracks in their JSON form, each with a number of its own; raises `DataError`. The film's size may be told."""
    if not isinstance(tracks, list | tuple):
        raise DataError(f"expected a list of tracks, [] for none, got {shorten(tracks)}")
    if len(tracks) > MOST_TRACKS:
        raise DataError(f"expected at most {MOST_TRACKS:,} tracks, got {len(tracks):,}")
    checked: list[One] = []
    keys = frames = 0
    for place, track in enumerate(tracks, 1):
        try:
            checked.append(_track(track, form, options, size))
        except DataError as error:
            raise DataError(f"track {place}: {error}") from None
        keys, frames = keys + len(checked[-1]["keys"]), frames + stretch(checked[-1])
        if keys > MOST_KEYS or frames > MOST_STRETCH:
            most = f"{MOST_KEYS:,} key frames and {MOST_STRETCH:,} frames of all tracks together"
            raise DataError(f"expected at most {most}, got more with track {place}; cut the film into parts")
    return _numbered(checked)


def _track(track: Any, form: str, options: Sequence[Option], size: Mapping[str, int]) -> One:
    if not isinstance(track, Mapping) or "keys" not in track or track.keys() - {"id", "label", "keys"}:
        label = '"label", ' if options else ""
        raise DataError(f'expected {{{label}"keys": [{EXAMPLES[form]}, …]}}, got {shorten(track)}')
    keys = track["keys"]
    if not isinstance(keys, list | tuple) or not keys:
        raise DataError(f"keys: expected one key frame or more, got {shorten(keys)}")
    if len(keys) > MOST_KEYS:
        raise DataError(f"keys: expected at most {MOST_KEYS:,} key frames, got {len(keys):,}")
    found = []
    for place, key in enumerate(keys, 1):
        try:
            found.append(_key(key, form, size))
        except DataError as error:
            raise DataError(f"key frame {place}: {error}") from None
    number = {"id": _number(track["id"])} if track.get("id") is not None else {}
    return number | check_label(track, options) | {"keys": _in_order(found)}


def _key(key: Any, form: str, size: Mapping[str, int]) -> Key:
    known = {"frame", "gone", "hidden"} | ({form} if NUMBERS[form] else set())
    if not isinstance(key, Mapping) or key.keys() - known:
        raise DataError(f"expected {EXAMPLES[form]}, got {shorten(key)}")
    frame, last = plain(key.get("frame")), size.get("frames", MOST_FRAMES) - 1
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame <= last:
        raise DataError(f"frame: expected a whole number, 0 to {last:,}, got {shorten(frame)}")
    for name in ("gone", "hidden"):
        if not isinstance(key.get(name, False), bool):
            raise DataError(f"{name}: expected true or false, got {shorten(key[name])}")
    if key.get("gone"):
        return {"frame": frame, "gone": True}
    place = {form: _place(key.get(form), form, size)} if NUMBERS[form] else {}
    return {"frame": frame, **place} | ({"hidden": True} if key.get("hidden") else {})


def _place(written_place: Any, form: str, size: Mapping[str, int]) -> list[float]:
    numbers = [plain(one) for one in written_place] if isinstance(written_place, list | tuple) else []
    if len(numbers) != NUMBERS[form] or not all(is_number(one) for one in numbers):
        raise DataError(f"expected {EXAMPLES[form]}, got {shorten(written_place)}")
    limits = (size.get("width", LONGEST_SIDE), size.get("height", LONGEST_SIDE))
    if not all(0 <= one <= limits[place % 2] for place, one in enumerate(numbers)):
        raise DataError(
            f"expected places on the picture, x 0..{limits[0]} and y 0..{limits[1]}, got {shorten(numbers)}"
        )
    if form == "box" and (numbers[0] >= numbers[2] or numbers[1] >= numbers[3]):
        raise DataError(f"expected left < right and top < bottom, got {shorten(numbers)}; a box has a size")
    return numbers


def _number(value: Any) -> int:
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number < 2**31:
        raise DataError(f"id: expected a whole number from 1 on, got {shorten(number)}")
    return number


def _numbered(tracks: list[One]) -> list[One]:
    """The tracks, each with a number of its own: those without one get the lowest that are free."""
    given = [track["id"] for track in tracks if "id" in track]
    if len(given) != len(set(given)):
        twice = next(number for number in given if given.count(number) > 1)
        raise DataError(f"id: expected a number of its own for each track, got {twice} twice")
    taken = set(given)
    free: Iterator[int] = (number for number in range(1, 2 * MOST_TRACKS) if number not in taken)
    return [{"id": track["id"] if "id" in track else next(free), **track} for track in tracks]


def _in_order(keys: list[Key]) -> list[Key]:
    """Key frames in their order, of which the first has a place and none says again that nothing is seen."""
    keys = sorted(keys, key=lambda key: key["frame"])
    for one, other in pairwise(keys):
        if one["frame"] == other["frame"]:
            raise DataError(f"expected one key frame on each frame, got two on frame {one['frame']}")
    if keys[0].get("gone"):
        raise DataError(f"expected a place on the first key frame, frame {keys[0]['frame']}, got one that is gone")
    return [key for place, key in enumerate(keys) if not (key.get("gone") and keys[place - 1].get("gone"))]
