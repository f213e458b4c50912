"""Cuboids: solid boxes around the things of a point cloud, each with a label and a heading."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.geometry.cuboids import Cuboids as Rows
from dataforge.geometry.cuboids import facing, footprints, overlaps, wrapped
from dataforge.media.point_clouds import Bounds, bounds_of
from dataforge.objects._drawn import Figure, with_figures
from dataforge.objects._from_above import seen_from_above
from dataforge.objects._labelled import check_label, labels_from_json, labels_of, labels_to_json, parts_of
from dataforge.objects._of_input import OfInput
from dataforge.objects._options import Option
from dataforge.objects.base import is_number, plain, setting, shorten
from dataforge.objects.choice import Choice

__all__ = ["Cuboids"]

MOST = 2_000
# A cuboid is compared with so many of the other answer: things of one kind do not stand inside one another.
NEAREST = 32
# What a cuboid has as JSON beside its label and its track.
ROOM = 300
LONGEST_TRACK = 40
FARTHEST, SMALLEST, LARGEST = 1e8, 0.01, 1_000.0
# A thing may stand beside all points, hidden or followed from where it was seen: so many metres away, or as far as the
# cloud is long.
BESIDE = 20.0
# Who is steepest drives up a wall.
STEEPEST = math.pi / 2
# Answers differ in what is seen: millimetres, and hundredths of a degree.
DIGITS, ANGLE_DIGITS = 3, 4
WRONG_SHARE = 1 / 3
# What somebody with no skill errs in a heading, in radians, and how often the whole thing is turned around.
CARELESS, AROUND = 0.5, 0.25
EXAMPLE = '{"label": …, "centre": [x, y, z], "size": [length, width, height], "heading": 0.5}'

Cuboid = dict[str, Any]


@named_entry
@dataclass(frozen=True, eq=False)
class Cuboids(OfInput):
    """Solid boxes around things of a point cloud, each with a label of a `Choice` class: `Cuboids(Vehicle)`.

    An answer is a list of `{"label", "centre": [x, y, z], "size": [length, width, height], "heading"}` in the frame of
    the cloud, whose z is up: metres, and radians counter-clockwise as seen from above, 0 along x. `"tilt": [roll,
    pitch]` is there where a thing is not upright. With `tracked=True` each has a `"track"`, by which it is the same
    thing in other clouds. With `fronts=False` things have none, and turned around they are the same. `of` names the
    cloud; it may be left out where there is only one.
    """

    name: ClassVar[str] = "cuboids"
    about: ClassVar[str] = "point_cloud"
    answering_seconds: ClassVar[float] = 60.0
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = 0.7
    exact: ClassVar[bool] = False

    label: type[Choice] | Sequence[Option] | None = None
    tracked: bool = False
    fronts: bool = True
    of: str | None = None
    _options: tuple[Option, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("tracked", "fronts"):
            if not isinstance(getattr(self, name), bool):
                raise SpecError(f"cuboids: {name} must be True or False, got {getattr(self, name)!r}")
        if self.of is not None and not isinstance(self.of, str):
            raise SpecError(f"cuboids: of must be the name of an input, got {self.of!r}")
        object.__setattr__(self, "_options", labels_of(self.label, "cuboids"))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options` as a choice has them, `tracked`, `fronts`, `of`; those at their default are left
        out."""
        told = {"tracked": self.tracked or None, "fronts": None if self.fronts else False, "of": self.of}
        return labels_to_json(self._options) | {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            labels_from_json(settings),
            tracked=setting(settings, "tracked", bool, False),
            fronts=setting(settings, "fronts", bool, True),
            of=setting(settings, "of", str, None),
        )

    def to_json(self, value: Any) -> list[Cuboid]:
        """Cuboids as they were given, headings wrapped to above -π up to π."""
        cuboids = [self._read(place, one) for place, one in enumerate(parts_of(value, "cuboid", EXAMPLE, MOST), 1)]
        tracks: dict[str, int] = {}
        for place, cuboid in enumerate(cuboids, 1):
            if "track" in cuboid and (before := tracks.setdefault(cuboid["track"], place)) != place:
                raise DataError(f"cuboids {before} and {place} are both of the track {cuboid['track']!r}; rename one")
        return cuboids

    def timed_inputs(self) -> tuple[str, ...]:
        """The cloud, between whose points cuboids lie."""
        return () if self.of is None else (self.of,)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[Cuboid]:
        """Cuboids as they were given, headings wrapped to above -π up to π; none is far away from all points."""
        try:
            cuboids = self.to_json(value)
        except DataError as error:
            raise AnswerError(str(error)) from None
        self.check_known(cuboids, inputs)
        return cuboids

    def check_known(self, value: Any, inputs: Mapping[str, Any]) -> None:
        """Check that each cuboid is near to the points of the cloud, where these are known."""
        bounds = _bounds_of(inputs.get(self.of or ""))
        if bounds is None:
            return
        low, high = np.array(bounds)
        most = max(BESIDE, float((high - low).max()))
        for place, cuboid in enumerate(value, 1):
            away = np.maximum(0.0, np.maximum(low - cuboid["centre"], cuboid["centre"] - high))
            if (far := float(np.linalg.norm(away))) > most:
                raise AnswerError(
                    f"cuboid {place}: centre: expected a place among the points of the cloud, {_written(low)} to "
                    f"{_written(high)}, got {_written(cuboid['centre'])}, {far:,.0f} m outside; give metres in the "
                    "frame of the cloud, not of a camera or of the world"
                )

    def longest_answer(self) -> int:
        """Room for as many cuboids as there may be."""
        longest = max((len(str(option.value)) for option in self._options), default=0)
        return MOST * (ROOM + longest + LONGEST_TRACK)

    def canonical(self, value: Any) -> str:
        """The cuboids in a fixed order, to a millimetre and a hundredth of a degree."""
        return msgspec.json.encode(sorted(map(_rounded, value), key=msgspec.json.encode), order="sorted").decode()

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of two sets of cuboids, 0..1: pairs of one label, matched one to one, count by how alike they are.

        That is the intersection over union of their volumes times how alike their headings are, (1 + cos) / 2 of what
        is between them. Tilts and tracks are not compared. None and none is 1.
        """
        if not (one or other) or self.canonical(one) == self.canonical(other):
            return 1.0
        # Sums are the same to the last digit whoever is compared with whom.
        first, second = map(_by_label, sorted((one, other), key=self.canonical))
        shared = sum(self._matched(first[label], second[label]) for label in first.keys() & second.keys())
        return float(2 * shared / (len(one) + len(other)))

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The cuboids, a third of which, the largest, are left out, moved by half their length, turned, or of another
        label."""
        if not value:
            return None
        cuboids: list[Cuboid | None] = list(value)
        by_size = sorted(range(len(value)), key=lambda place: -math.prod(value[place]["size"]))
        for place in by_size[: math.ceil(WRONG_SHARE * len(value))]:
            cuboids[place] = rng.choice([None, *self._wrong(value[place], rng)])
        return [one for one in cuboids if one is not None]

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The cuboids as somebody marks them, with what the skill lacks to 1 as the rate of errors.

        So often one is left out; each is off, and larger or smaller, by a quarter of that share of its size, is turned
        by half that many radians, and a quarter as often it faces backwards.
        """
        rate = 1.0 - skill
        return [self._unsteady(one, rate, rng) for one in value if rng.random() >= rate] if rate > 0 else value

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """That there is nothing, since where points are cannot be told."""
        return []

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The cuboids among the points around them, from above, x upwards and a line to each front."""
        rows = _rows(value)
        corners = footprints(rows)
        fronts = corners[:, [0, 3]].mean(axis=1)
        view = seen_from_above(inputs.get(self.of or ""), corners.reshape(-1, 2))
        figures = []
        for cuboid, row, outline, front in zip(value, rows, corners, fronts, strict=True):
            label = cuboid.get("label")
            named = " ".join(filter(None, (label, cuboid.get("track"))))
            figures.append(Figure(view.places(outline), "area", label, named))
            figures.append(Figure(view.places(np.stack([row[:2], front])), "line", label, ""))
        labels = [str(one.value) for one in self._options]
        return with_figures(view.picture, view.size, figures, labels) + view.told

    def _read(self, place: int, cuboid: Any) -> Cuboid:
        try:
            return self._cuboid(cuboid)
        except DataError as error:
            raise DataError(f"cuboid {place}: {error}") from None

    def _cuboid(self, cuboid: Any) -> Cuboid:
        needed = {"centre", "size", "heading"}
        if not isinstance(cuboid, Mapping) or not needed <= cuboid.keys() <= needed | {"label", "tilt", "track"}:
            raise DataError(f"expected {EXAMPLE}, got {shorten(cuboid)}")
        centre, size = _numbers(cuboid["centre"], "centre", 3), _numbers(cuboid["size"], "size", 3)
        if max(map(abs, centre)) > FARTHEST:
            raise DataError(f"centre: expected metres up to {FARTHEST:,.0f}, got {shorten(centre)}")
        if not all(SMALLEST <= one <= LARGEST for one in size):
            raise DataError(f"size: expected length, width and height of {SMALLEST:g} to {LARGEST:,.0f} m, got {size}")
        [heading] = _numbers([cuboid["heading"]], "heading", 1)
        if abs(heading) > 2 * math.pi:
            raise DataError(
                f"heading: expected radians, from -2π to 2π, got {heading:g}; of degrees give math.radians({heading:g})"
            )
        placed = {
            "centre": centre,
            "size": size,
            "heading": heading if -math.pi < heading <= math.pi else wrapped(heading),
        }
        return (
            check_label(cuboid, self._options) | placed | _tilt(cuboid.get("tilt")) | self._track(cuboid.get("track"))
        )

    def _track(self, track: Any) -> dict[str, str]:
        if not self.tracked:
            if track is not None:
                raise DataError(f"expected no track, got {shorten(track)}; write Cuboids(…, tracked=True) to have some")
            return {}
        if (
            not isinstance(track, str)
            or not track.isprintable()
            or not 1 <= len(track.strip()) <= len(track) <= LONGEST_TRACK
        ):
            raise DataError(f"track: expected a name of 1 to {LONGEST_TRACK} characters, got {shorten(track)}")
        return {"track": track}

    def _matched(self, one: Rows, other: Rows) -> float:
        """The highest sum of likenesses of cuboids matched one to one."""
        # Loaded where it is needed: a server that only takes answers in never does.
        from scipy.optimize import linear_sum_assignment

        row, column = _near(one, other)
        table = np.zeros((len(one), len(other)))
        table[row, column] = overlaps(one[row], other[column]) * facing(one[row, 6], other[column, 6], self.fronts)
        return float(table[linear_sum_assignment(table, maximize=True)].sum())

    def _wrong(self, cuboid: Cuboid, rng: Random) -> list[Cuboid]:
        """The cuboid moved along its heading, turned, and with each other label."""
        x, y, z = cuboid["centre"]
        step = rng.choice((-0.5, 0.5)) * cuboid["size"][0]
        heading = cuboid["heading"]
        moved = [round(x + step * math.cos(heading), DIGITS), round(y + step * math.sin(heading), DIGITS), z]
        turned = wrapped(heading + (math.pi if self.fronts else math.pi / 2))
        others = [str(option.value) for option in self._options if option.value != cuboid["label"]]
        relabelled = [{**cuboid, "label": rng.choice(others)}] if others else []
        return [{**cuboid, "centre": moved}, {**cuboid, "heading": turned}, *relabelled]

    def _unsteady(self, cuboid: Cuboid, rate: float, rng: Random) -> Cuboid:
        off = [rng.gauss(0, rate / 4) for _ in range(6)]
        size = [min(LARGEST, max(SMALLEST, side * (1 + by))) for side, by in zip(cuboid["size"], off[3:], strict=True)]
        centre = [place + by * side for place, by, side in zip(cuboid["centre"], off[:3], cuboid["size"], strict=True)]
        around = math.pi if rng.random() < AROUND * rate else 0.0
        heading = cuboid["heading"] + rng.gauss(0, CARELESS * rate) + around
        numbers = {name: [round(one, DIGITS) for one in many] for name, many in (("centre", centre), ("size", size))}
        return {**cuboid, **numbers, "heading": wrapped(round(wrapped(heading), ANGLE_DIGITS))}


def _bounds_of(cloud: Any) -> Bounds | None:
    """Between which places the points of a cloud are, if it is a file here or the server tells them."""
    if not isinstance(cloud, Mapping):
        return None
    if "file" in cloud:
        try:
            return bounds_of(Path(cloud["file"]))
        except (DataError, OSError):
            return None  # the launch says what cannot be read
    return (cloud["low"], cloud["high"]) if "low" in cloud else None


def _written(place: Any) -> str:
    return f"[{', '.join(f'{one:.1f}' for one in place)}]"


def _numbers(written: Any, what: str, count: int) -> list[float]:
    if isinstance(written, list | tuple) and len(written) == count:
        numbers = list(map(plain, written))
        if all(map(is_number, numbers)):
            return numbers
    raise DataError(f"{what}: expected {'a number' if count == 1 else f'{count} numbers'}, got {shorten(written)}")


def _tilt(written: Any) -> dict[str, list[float]]:
    """Roll and pitch, left out where a cuboid is upright."""
    if written is None:
        return {}
    tilt = _numbers(written, "tilt", 2)
    if max(map(abs, tilt)) > STEEPEST:
        raise DataError(f"tilt: expected roll and pitch in radians, up to π/2, got {shorten(tilt)}")
    return {"tilt": tilt} if any(tilt) else {}


def _rounded(cuboid: Cuboid) -> list[Any]:
    numbers = [round(float(one), DIGITS) + 0.0 for one in (*cuboid["centre"], *cuboid["size"])]
    angles = [round(float(one), ANGLE_DIGITS) + 0.0 for one in (cuboid["heading"], *cuboid.get("tilt", (0.0, 0.0)))]
    return [cuboid.get("label", ""), cuboid.get("track", ""), *numbers, *angles]


def _rows(cuboids: Sequence[Cuboid]) -> Rows:
    numbers = [[*one["centre"], *one["size"], one["heading"]] for one in cuboids]
    return np.array(numbers, np.float64).reshape(-1, 7)


def _near(one: Rows, other: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of cuboids to compare: each with those whose centres are nearest; where there are few, all pairs."""
    away = np.linalg.norm(one[:, None, :3] - other[None, :, :3], axis=2)
    near = np.zeros(away.shape, bool)
    rows, columns = (np.argsort(away, axis=axis, kind="stable") for axis in (1, 0))
    np.put_along_axis(near, rows[:, :NEAREST], True, axis=1)
    np.put_along_axis(near, columns[:NEAREST], True, axis=0)
    row, column = near.nonzero()
    return row, column


def _by_label(cuboids: Sequence[Cuboid]) -> dict[Any, Rows]:
    found: dict[Any, list[Cuboid]] = {}
    for cuboid in cuboids:
        found.setdefault(cuboid.get("label"), []).append(cuboid)
    return {label: _rows(those) for label, those in found.items()}


PLUGIN = Cuboids
