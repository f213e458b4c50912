"""Track: objects followed through a film, or pieces of time, by key frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from random import Random
from typing import Any, ClassVar, Literal, Self, get_args

import msgspec
import numpy as np

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.geometry.keyframes import NUMBERS, Path, meet, path_of, reaches, shared
from dataforge.media.films import MOST_FRAMES, film_of
from dataforge.objects._drawn import Figure, with_figures, written
from dataforge.objects._key_frames import LONGEST_SIDE, One, check_tracks, room, stretch
from dataforge.objects._labelled import labels_from_json, labels_of, labels_to_json
from dataforge.objects._of_input import OfInput
from dataforge.objects._options import Option
from dataforge.objects.base import NO_INPUTS, plain, setting, shorten
from dataforge.objects.choice import Choice

__all__ = ["Track"]

Form = Literal["box", "point", "time"]
Key = Mapping[str, Any]

# So many tracks of a wrong answer are wrong, the longest first.
WRONG_SHARE = 1 / 2
DIGITS = 2
SIZES = ("width", "height", "frames")


@named_entry
@dataclass(frozen=True, eq=False)
class Track(OfInput):
    """Objects followed through a film, each with a label of a `Choice` class: `Track(Label)`; without one, no labels.

    `shape` is how they are drawn: `"box"`, `"point"`, or `"time"` for pieces of time, such as the rounds of a process.
    `of` names the film; it may be left out where there is only one. An answer is `{"width", "height", "frames",
    "tracks": [{"id", "label", "keys": [{"frame", "box"}, …]}]}`: key frames, numbered from 0, and a straight way
    between two of them. A key frame with `"gone": true` says that nothing is seen from there to the next one,
    `"hidden": true` that the place is guessed. Frames are counted by PyAV: `pip install 'dataforge-labeling[video]'`.
    """

    name: ClassVar[str] = "track"
    about: ClassVar[str] = "video"
    reading_seconds: ClassVar[float] = 20.0
    answering_seconds: ClassVar[float] = 120.0
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = 0.7
    exact: ClassVar[bool] = False
    marks: ClassVar[bool] = True

    label: type[Choice] | Sequence[Option] | None = None
    shape: Form = "box"
    of: str | None = None
    _options: tuple[Option, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.shape not in get_args(Form):
            raise SpecError(f"track: shape must be one of {', '.join(map(repr, get_args(Form)))}, got {self.shape!r}")
        if self.of is not None and not isinstance(self.of, str):
            raise SpecError(f"track: of must be the name of an input, got {self.of!r}")
        object.__setattr__(self, "_options", labels_of(self.label, "track"))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options` as a choice has them, `shape`, and `of`; what is not given is left out."""
        told = {"shape": None if self.shape == "box" else self.shape, "of": self.of}
        return labels_to_json(self._options) | {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        shape: Any = setting(settings, "shape", str, "box")
        return cls(labels_from_json(settings), shape=shape, of=setting(settings, "of", str, None))

    def timed_inputs(self) -> tuple[str, ...]:
        """The film: no key frame is behind its end or outside of its picture."""
        return () if self.of is None else (self.of,)

    def check_item(self, inputs: Mapping[str, Any]) -> None:
        """Check that the film is a file whose frames can be counted and decoded."""
        film = inputs.get(self.of or "")
        if not isinstance(film, Mapping):
            return
        if "url" in film:
            raise DataError(
                f"expected the path of a file, got the address {shorten(film['url'])}; frames can be counted in files "
                "only: download the film and give its path"
            )
        if "file" in film:
            film_of(FilePath(film["file"]))

    def to_json(self, value: Any) -> dict[str, Any]:
        """The JSON form, or a list of tracks in a film whose size is not told."""
        if isinstance(value, list | tuple):
            value = {"tracks": value}
        if not isinstance(value, Mapping) or "tracks" not in value or value.keys() - {*SIZES, "tracks"}:
            raise DataError(f'expected {{"width", "height", "frames", "tracks": […]}}, got {shorten(value)}')
        size = {name: _side(value, name) for name in SIZES} if value.keys() & set(SIZES) else {}
        return {**size, "tracks": check_tracks(value["tracks"], self.shape, self._options, size)}

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON form, of which the film's size and number of frames are a part."""
        try:
            checked = self.to_json(value)
        except DataError as error:
            raise AnswerError(str(error)) from None
        if "frames" not in checked:
            raise AnswerError(f"expected the film's width, height and frames beside the tracks, got {shorten(value)}")
        self._check_size(checked, inputs)
        return checked

    def check_known(self, value: Any, inputs: Mapping[str, Any]) -> None:
        """Check the size, if one is told, and that no key frame is behind the end."""
        self._check_size(value, inputs)

    def longest_answer(self) -> int:
        """Room for as many key frames as an answer may have, and for the longest label of each track."""
        return room(self._options)

    def canonical(self, value: Any) -> str:
        """The tracks in a fixed order without their numbers, places to a hundredth of a pixel."""
        tracks = [
            {**track, "id": 0, "keys": [{**key, **self._rounded(key)} for key in track["keys"]]}
            for track in value["tracks"]
        ]
        return msgspec.json.encode(sorted(tracks, key=_order), order="sorted").decode()

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of two sets of tracks over all their frames, 0..1; none and none is 1.

        Each track is one track of the other's at most, through the whole film, of the same label, so that the sum is
        the highest there is; a frame counts by how alike both places are: boxes by their intersection over union,
        points by how near they are, measured by 5 % of the diagonal.
        """
        paths = [self._by_label(value) for value in (one, other)]
        count = sum(path.count for side in paths for some in side.values() for path in some)
        if not count or self.canonical(one) == self.canonical(other):
            return 1.0
        unit = _diagonal(one, other)
        common = sum(
            self._matched(paths[0][label], paths[1][label], unit) for label in paths[0].keys() & paths[1].keys()
        )
        return float(2 * common / count)

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The tracks, half of which, the longest, are left out or of another label."""
        tracks = list(value["tracks"])
        if not tracks:
            return None
        longest = sorted(range(len(tracks)), key=lambda place: -stretch(tracks[place]))
        for place in longest[: math.ceil(WRONG_SHARE * len(tracks))]:
            track = tracks[place]
            others = [str(option.value) for option in self._options if option.value != track["label"]]
            tracks[place] = rng.choice([None, *({**track, "label": one} for one in others)])
        return {**value, "tracks": [track for track in tracks if track is not None]}

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The tracks as somebody follows them, with what the skill lacks to 1 as the rate of errors.

        So often a track is left out, and half as often lost half way or of another label; each key frame is off by a
        third of that share of the object's size.
        """
        rate = 1.0 - skill
        tracks = [self._unsteady(track, rate, rng, value) for track in value["tracks"] if rng.random() >= rate]
        return {**value, "tracks": tracks}

    def as_shown(self, value: Any) -> Any:
        """The tracks; of known answers the film's size may not be told."""
        return {"tracks": value["tracks"]}

    def as_given(self, value: Any, inputs: Mapping[str, Any] = NO_INPUTS) -> Any:
        """The tracks with the size of the film, where nobody tells it that of one as large and long as they reach."""
        if "frames" in value:
            return value
        if (film := _size_of(inputs.get(self.of or ""))) is not None:
            return dict(zip(SIZES, film, strict=True)) | {"tracks": value["tracks"]}
        keys = [key for track in value["tracks"] for key in track["keys"]]
        numbers = [key.get(self.shape, ()) for key in keys]
        sides = (max(1, math.ceil(max((max(one[axis::2]) for one in numbers if one), default=1))) for axis in (0, 1))
        frames = max((key["frame"] for key in keys), default=0) + 1
        return dict(zip(SIZES, (*sides, frames), strict=True)) | {"tracks": value["tracks"]}

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The frame on which most objects are seen with them on it, and the tracks in words."""
        labels = [str(option.value) for option in self._options]
        told = "\n".join(map(_told, value["tracks"])) or "nothing to mark"
        if self.shape == "time" or not value["tracks"]:
            return written(told)
        given = self.as_given(value)
        paths = [path_of(track["keys"], self.shape) for track in value["tracks"]]
        frame = _fullest(paths)
        figures = [
            Figure(
                _corners(path.places[frame - path.start].tolist()),
                "area" if self.shape == "box" else "point",
                track.get("label"),
                _called(track),
            )
            for path, track in zip(paths, value["tracks"], strict=True)
            if path.start <= frame < path.stop and path.there[frame - path.start]
        ]
        film = inputs.get(self.of or "")
        url = str(film.get("url", "")) if isinstance(film, Mapping) else ""
        picture = with_figures(
            f"{url}?frame={frame}" if url else "", (given["width"], given["height"]), figures, labels
        )
        return f"{picture}<div>frame {frame}</div>{written(told)}"

    def _check_size(self, value: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Raise `AnswerError` if the film is known here, and another than is told."""
        found = _size_of(inputs.get(self.of or ""))
        if found is None:
            return
        if "frames" in value:
            told = tuple(value[name] for name in SIZES)
            if told != found:
                raise AnswerError(
                    "expected width, height and frames of the film, {} × {}, {}; got {} × {}, {}".format(*found, *told)
                )
            return
        try:
            check_tracks(value["tracks"], self.shape, self._options, dict(zip(SIZES, found, strict=True)))
        except DataError as error:
            raise AnswerError(str(error)) from None

    def _rounded(self, key: Key) -> dict[str, Any]:
        return {self.shape: [round(float(one), DIGITS) for one in key[self.shape]]} if self.shape in key else {}

    def _by_label(self, value: Any) -> dict[Any, list[Path]]:
        found: dict[Any, list[Path]] = {}
        for track in value["tracks"]:
            found.setdefault(track.get("label"), []).append(path_of(track["keys"], self.shape))
        return found

    def _matched(self, one: list[Path], other: list[Path], unit: float) -> float:
        # Loaded where it is needed: a server that only takes answers in never does.
        from scipy.optimize import linear_sum_assignment

        common = np.zeros((len(one), len(other)))
        near = meet(reaches(one, self.shape, unit)[:, None], reaches(other, self.shape, unit)[None])
        for mine, theirs in np.argwhere(near).tolist():
            common[mine, theirs] = shared(one[mine], other[theirs], self.shape, unit)
        return float(common[linear_sum_assignment(common, maximize=True)].sum())

    def _unsteady(self, track: One, rate: float, rng: Random, value: Mapping[str, Any]) -> One:
        """The track with places that are off, and now and then lost half way or of another label."""
        if rng.random() < rate / 2:
            others = [str(option.value) for option in self._options if option.value != track["label"]]
            if others and rng.random() < 0.5:
                track = {**track, "label": rng.choice(others)}
            elif stretch(track) > 2:
                track = _cut(track)
        keys = [self._off(key, rate / 3, rng, value) for key in track["keys"]]
        return {**track, "keys": keys}

    def _off(self, key: Key, error: float, rng: Random, value: Mapping[str, Any]) -> Key:
        if self.shape not in key:
            return key
        numbers = np.array(key[self.shape], float).reshape(-1, 2)
        size = np.ptp(numbers, axis=0) if self.shape == "box" else np.full(2, 0.05 * _diagonal(value))
        far = (value.get("width", LONGEST_SIDE), value.get("height", LONGEST_SIDE))
        moved = numbers + np.array([[rng.gauss(0, error), rng.gauss(0, error)] for _ in numbers]) * size
        places = moved.clip(0, far).round(DIGITS).ravel().tolist()
        whole = self.shape == "point" or (places[0] < places[2] and places[1] < places[3])
        return {**key, self.shape: places} if whole else key


def _side(value: Mapping[str, Any], name: str) -> int:
    most = MOST_FRAMES if name == "frames" else LONGEST_SIDE
    length = plain(value.get(name))
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= most:
        raise DataError(f"{name}: expected that of the film, a whole number, 1 to {most:,}, got {shorten(length)}")
    return length


def _size_of(film: Any) -> tuple[int, int, int] | None:
    """Width, height and frames of a film, if it is a file here or the server tells them."""
    if not isinstance(film, Mapping):
        return None
    if "file" in film:
        found = film_of(FilePath(film["file"]))
        return found.width, found.height, found.count
    return (film["width"], film["height"], film["frames"]) if "frames" in film else None


def _cut(track: One) -> One:
    """The first half of a track."""
    middle = (track["keys"][0]["frame"] + track["keys"][-1]["frame"]) // 2
    keys = [key for key in track["keys"] if key["frame"] < middle] or track["keys"][:1]
    return {**track, "keys": [*keys, {"frame": max(middle, keys[-1]["frame"] + 1), "gone": True}]}


def _diagonal(*values: Mapping[str, Any]) -> float:
    """The diagonal of the picture; where no value tells its size, as far as places reach."""
    for value in values:
        if "width" in value:
            return math.hypot(value["width"], value["height"])
    keys = (key for value in values for track in value["tracks"] for key in track["keys"])
    reached = [number for key in keys for form in NUMBERS for number in key.get(form, ())]
    return math.sqrt(2) * max(reached, default=1.0) or 1.0


def _order(track: One) -> tuple[str, bytes]:
    return track.get("label", ""), msgspec.json.encode(track, order="sorted")


def _fullest(paths: Sequence[Path]) -> int:
    """The first frame on which most tracks are."""
    seen = np.zeros(max(path.stop for path in paths), np.int64)
    for path in paths:
        seen[path.start : path.stop] += path.there
    return int(seen.argmax())


def _corners(numbers: list[float]) -> list[list[float]]:
    if len(numbers) == 2:
        return [numbers]
    left, top, right, bottom = numbers
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _called(track: One) -> str:
    return " ".join(filter(None, (str(track.get("id", "")), track.get("label"))))


def _told(track: One) -> str:
    first, last = track["keys"][0]["frame"], track["keys"][-1]["frame"]
    return f"{_called(track)}: frames {first} to {last}, {len(track['keys'])} key frames"


PLUGIN = Track
