"""Masks: the pixels of a picture that show something, with a label for each kind of thing.

An answer is `{"width": W, "height": H, "masks": [{"label": …, "counts": "…"}, …]}`, a mask for each label that is
there. `counts` are runs as COCO writes them in a string: a third as long as numbers, and what its tools take as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Self

import numpy as np

from dataforge.arguments import named_entry
from dataforge.errors import DataError, SpecError
from dataforge.geometry.pixel_runs import (
    Runs,
    codes_of,
    common,
    counts_of,
    pixels_of,
    runs_of,
    runs_of_pixels,
    size_of,
    text_of,
)
from dataforge.media.files import MOST_PIXELS
from dataforge.objects._drawn import with_areas
from dataforge.objects._labelled import check_label, labels_from_json
from dataforge.objects._mask_pixels import Codes, edges_alike, moved, unsteady
from dataforge.objects._on_picture import OnPicture, side_of
from dataforge.objects.base import listed, setting, shorten
from dataforge.registry import names

__all__ = ["Mask"]

# Runs of all masks of an answer as characters: those of a hand on a picture of 20 million pixels have a hundredth.
MOST_CHARACTERS = 1_000_000
MOST_LABELS = 255
# What an answer has as JSON beside labels and runs, and what a mask has.
ROOM, MASK_ROOM = 80, 40
FARTHEST = 100
KEYS = {"width", "height", "masks"}
MOST_ASSISTED = 10_000
# The assistant that is there out of the box.
OWN = "random-walk"
EXAMPLE = '{"width", "height", "masks": [{"label", "counts"}]}'


@named_entry
@dataclass(frozen=True, eq=False)
class Mask(OnPicture):
    """Pixels of an image input, for each label of a `Choice` class those that show it: `Mask(Animal)`.

    Without a class there is one mask. A pixel has one label at most. `of` names the image; it may be left out where
    there is only one. `array` and `of_array` change between answers and arrays of numpy.

    Two answers are as alike as their masks of the same label have in common, mean of the intersections over unions; for
    thin things `boundary=2` compares edges instead, F1 within so many pixels.

    With `assist=True` a click or a box becomes a mask, which the worker mends; `assist` may also be the name of an
    assistant of another package, or an address. Answers say in `assisted` how many such masks are in them.
    """

    name: ClassVar[str] = "mask"
    parts: ClassVar[str] = "masks"
    answering_seconds: ClassVar[float] = 60.0

    boundary: float | None = None
    assist: bool | str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "assist", _assistant(self.assist))
        if len(self._options) > MOST_LABELS:
            raise SpecError(f"mask: expected at most {MOST_LABELS} labels, got {len(self._options)}")
        if self.boundary is not None and not (
            type(self.boundary) in (int, float) and 0 < self.boundary <= FARTHEST  # a bool is no number of pixels
        ):
            raise SpecError(f"mask: boundary is a number of pixels up to {FARTHEST}, got {self.boundary!r}")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options` as a choice has them, `of`, `boundary` and `assist`, as far as they are given."""
        given = {"boundary": self.boundary, "assist": self.assist}
        return super().settings() | {name: value for name, value in given.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        boundary = setting(settings, "boundary", (int, float), None)
        assist = setting(settings, "assist", str, None)
        return cls(labels_from_json(settings), of=setting(settings, "of", str, None), boundary=boundary, assist=assist)

    # --- arrays -----------------------------------------------------------------------------------

    def array(self, answer: Mapping[str, Any]) -> Codes:
        """An answer as an array, shape (height, width): of each pixel the number of its label from 1 on, 0 for none."""
        runs, none = self._runs(answer), np.zeros((0, 2), np.int64)
        return codes_of((runs.get(name, none) for name in self._names()), answer["width"], answer["height"])

    def of_array(self, array: Any) -> dict[str, Any]:
        """The answer that an array says, as `array` has it; booleans for a single mask. Raises `DataError`."""
        try:
            codes = np.asarray(array)
        except ValueError:
            raise DataError(f"expected rows of the same length, got {shorten(array)}") from None
        names = self._names()
        if codes.ndim != 2 or codes.dtype.kind not in "biu" or not codes.size:
            raise DataError(f"expected an array of the shape (height, width) of labels' numbers, got {shorten(array)}")
        if codes.min() < 0 or codes.max() > len(names):
            raise DataError(f"expected numbers of labels, 0..{len(names)}, got {codes.min()}..{codes.max()}")
        height, width = codes.shape
        found = {name: runs_of_pixels(codes == code) for code, name in enumerate(names, 1)}
        return self._answer({"width": width, "height": height}, found)

    # --- JSON -------------------------------------------------------------------------------------

    def to_json(self, value: Any) -> dict[str, Any]:
        """The JSON form, masks in the order of the labels, none without a pixel; an array is taken too.

        Tables hold arrays as lists of rows.
        """
        if type(value).__module__ == "numpy" or (isinstance(value, list) and value):
            return self.of_array(value)
        if not isinstance(value, Mapping) or not KEYS <= value.keys() <= KEYS | {"assisted"}:
            raise DataError(f"expected {EXAMPLE}, got {shorten(value)}")
        size = {side: side_of(value, side) for side in ("width", "height")}
        if size["width"] * size["height"] > MOST_PIXELS:
            raise DataError(
                f"expected a picture of at most {MOST_PIXELS:,} pixels, got {size['width']} × {size['height']}"
            )
        assisted = value.get("assisted", 0)
        if type(assisted) is not int or not 0 <= assisted <= MOST_ASSISTED:
            raise DataError(f"assisted: expected how many masks are an assistant's, got {shorten(assisted)}")
        answer = self._answer(size, self._checked(value["masks"], size["width"] * size["height"]))
        return answer | ({"assisted": assisted} if assisted else {})

    def _checked(self, written: Any, pixels: int) -> dict[str | None, Runs]:
        """The runs of each label; raises `DataError` if they are none, too many, or share a pixel."""
        most = max(len(self._options), 1)
        if not isinstance(written, list | tuple) or len(written) > most:
            raise DataError(f"expected a list of at most {most} masks, one a label, got {shorten(written)}")
        found: dict[str | None, Runs] = {}
        for place, mask in enumerate(written, 1):
            try:
                name, runs = self._mask(mask, pixels)
                if name in found:
                    raise DataError(f"the label {name!r} has a mask already; put both into one")
            except DataError as error:
                raise DataError(f"mask {place}: {error}") from None
            found[name] = runs
        if sum(len(mask["counts"]) for mask in written) > MOST_CHARACTERS:
            raise DataError(f"expected runs of at most {MOST_CHARACTERS:,} characters in all; draw smoother masks")
        self._check_apart(found)
        return found

    def _mask(self, mask: Any, pixels: int) -> tuple[str | None, Runs]:
        if not isinstance(mask, Mapping) or "counts" not in mask or mask.keys() - {"label", "counts"}:
            raise DataError(f'expected {{"label", "counts"}}, got {shorten(mask)}')
        counts = mask["counts"]
        if not isinstance(counts, str | list) or len(counts) > MOST_CHARACTERS:
            raise DataError(f"expected counts as a string of COCO or a list of lengths, got {shorten(counts)}")
        name = check_label(mask, self._options).get("label")
        return name, runs_of(counts_of(counts) if isinstance(counts, str) else counts, pixels)

    def _check_apart(self, found: Mapping[str | None, Runs]) -> None:
        runs = np.concatenate([np.zeros((0, 2), np.int64), *found.values()])
        runs = runs[np.argsort(runs[:, 0], kind="stable")]
        shared = np.flatnonzero(runs[1:, 0] < runs[:-1, 1])
        if len(shared):
            raise DataError(
                f"the masks of {listed(found)} share pixels, the first {int(runs[shared[0] + 1, 0]):,} in the order of "
                "columns; a pixel has one label"
            )

    def _answer(self, size: Mapping[str, int], found: Mapping[str | None, Runs]) -> dict[str, Any]:
        pixels = size["width"] * size["height"]
        masks = [
            ({} if name is None else {"label": name}) | {"counts": text_of(found[name], pixels)}
            for name in self._names()
            if name in found and len(found[name])
        ]
        return {**size, "masks": masks}

    def _names(self) -> list[str | None]:
        return [str(option.value) for option in self._options] or [None]

    def _runs(self, value: Mapping[str, Any]) -> dict[str | None, Runs]:
        """The runs of each label that an answer has."""
        pixels = value["width"] * value["height"]
        return {mask.get("label"): runs_of(counts_of(mask["counts"]), pixels) for mask in value["masks"]}

    def longest_answer(self) -> int:
        """Room for the longest runs, with all labels."""
        return MOST_CHARACTERS + ROOM + sum(MASK_ROOM + len(str(name)) for name in self._names())

    def canonical(self, value: Any) -> str:
        """The masks, whoever made them."""
        return super().canonical(self.as_shown(value))

    def as_shown(self, value: Any) -> Any:
        """The masks; known answers do not tell who made them."""
        return {key: part for key, part in value.items() if key != "assisted"}

    # --- answers compared, and made ---------------------------------------------------------------

    def similarity(self, one: Any, other: Any) -> float:
        """Mean over the labels that either has of how alike their masks are, 0..1; none and none is 1."""
        if one["masks"] == other["masks"] and self.canonical(one) == self.canonical(other):
            return 1.0
        size = (one["width"], one["height"])
        if size != (other["width"], other["height"]):
            return 0.0
        first, second = self._runs(one), self._runs(other)
        alike = [self._alike(first[name], second[name], size) for name in first.keys() & second.keys()]
        return float(sum(alike) / len(first.keys() | second.keys()))

    def _alike(self, one: Runs, other: Runs, size: tuple[int, int]) -> float:
        if self.boundary is not None:
            return edges_alike(pixels_of(one, *size), pixels_of(other, *size), self.boundary)
        shared = common(one, other)
        return shared / (size_of(one) + size_of(other) - shared)

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The largest mask left out, moved by half its size, or of another label; a square where there is none."""
        codes = self.array(value)
        if not codes.any():
            return self._invented(value, rng)
        largest = int(np.argmax(np.bincount(codes.ravel())[1:])) + 1
        part = codes == largest
        rest = np.where(part, 0, codes)
        ways = [rest, np.where(_aside(part), largest, rest)]
        others = [code for code in range(1, len(self._names()) + 1) if code != largest]
        if others:
            ways.append(np.where(part, rng.choice(others), codes))
        found = [way for way in map(self.of_array, ways) if self.similarity(way, value) < 1 - np.finfo(float).eps]
        return rng.choice(found) if found else None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The masks as somebody draws them, with what the skill lacks to 1 as the rate of errors.

        Half so often a label is overlooked; each mask is off, and larger or smaller, by a part of that share of its
        size.
        """
        if skill >= 1.0:
            return value
        codes = self.array(value)
        drawn = np.zeros_like(codes)
        for code in np.unique(codes[codes > 0]).tolist():
            if rng.random() >= (1 - skill) / 2:
                drawn[unsteady(codes == code, 1 - skill, rng)] = code
        return self.of_array(drawn)

    def _invented(self, value: Mapping[str, Any], rng: Random) -> Any:
        """A mask in the middle of the picture, two fifths as wide and high."""
        width, height = value["width"], value["height"]
        codes = np.zeros((height, width), np.uint8)
        rows, columns = (slice(int(side * 0.3), int(side * 0.3) + max(1, int(side * 0.4))) for side in (height, width))
        codes[rows, columns] = rng.randrange(len(self._names())) + 1
        return self.of_array(codes)

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The masks in colours over their picture, and what they are."""
        names = [str(option.value) for option in self._options]
        return with_areas(self._address(inputs), (value["width"], value["height"]), self.array(value), names)


def _assistant(given: Any) -> str | None:
    """The name or the address of an assistant; raises `SpecError`."""
    if given is None or given is False:
        return None
    if given is True:
        return OWN
    if isinstance(given, str) and (given.startswith(("http://", "https://")) or given in names("assistants")):
        return given
    raise SpecError(
        f"mask: assist is True, the name of an assistant ({', '.join(names('assistants'))}) or an address (https://…), "
        f"got {shorten(given)}; a function of yours is offered as an entry point of the group dataforge.assistants"
    )


def _aside(part: Any) -> Any:
    """A mask moved by half its size, to a side where there is room."""
    columns = np.flatnonzero(part.any(axis=0))
    step = max(1, (int(columns[-1]) - int(columns[0]) + 1) // 2)
    return moved(part, -step if int(columns[-1]) + step >= part.shape[1] and int(columns[0]) >= step else step, 0)


PLUGIN = Mask
