"""Links: which objects of two inputs belong together, such as cuboids of a cloud and boxes on a picture of it."""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._labelled import check_label, labels_from_json, labels_of, labels_to_json, parts_of
from dataforge.objects._linked import KINDS, named_object, objects_in
from dataforge.objects._of_input import InJson
from dataforge.objects._options import Option
from dataforge.objects.base import ObjectType, listed, plain, setting, shorten
from dataforge.objects.choice import Choice

__all__ = ["Links"]

MOST = 10_000
# What a link has as JSON beside its label.
ROOM = 48
# No input has more objects than this.
MOST_OBJECTS = 10_000
# So many links of a wrong answer are wrong: F1 is then below the usual bound, if they are only left out too.
WRONG_SHARE = 1 / 2
EXAMPLE = '{"from": 0, "to": 2} or (0, 2)'

Link = dict[str, Any]


@named_entry
@dataclass(frozen=True, eq=False)
class Links(InJson):
    """Pairs of objects of two inputs, each with a label of a `Choice` class if one is given: `Links("solid", "found")`.

    `a` and `b` name inputs that have objects: boxes, polygons, lines, points, cuboids, spans, segments or tracks. Both
    may be the same: then objects of one input are linked with each other, and with `directed=False` it does not matter
    which of the two comes first. With `single=True` an object has one link at most. An answer is a list of `{"from",
    "to"}`, places of objects in `a` and in `b`, counted from 0.
    """

    name: ClassVar[str] = "links"
    answering_seconds: ClassVar[float] = 20.0
    quality: ClassVar[str] = "merge"
    control_similarity: ClassVar[float | None] = 0.75
    marks: ClassVar[bool] = True

    a: str
    b: str
    label: type[Choice] | Sequence[Option] | None = None
    single: bool = False
    directed: bool = True
    _options: tuple[Option, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("a", "b"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise SpecError(f"links: {name} must be the name of an input, got {shorten(getattr(self, name))}")
        for name in ("single", "directed"):
            if not isinstance(getattr(self, name), bool):
                raise SpecError(f"links: {name} must be True or False, got {getattr(self, name)!r}")
        if not self.directed and self.a != self.b:
            raise SpecError(f"links: directed=False is for links within one input, got {self.a!r} and {self.b!r}")
        object.__setattr__(self, "_options", labels_of(self.label, "links"))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `a`, `b`, `options` as a choice has them, `single`, `directed`; defaults are left out."""
        told = {"single": self.single or None, "directed": None if self.directed else False}
        return (
            {"a": self.a, "b": self.b}
            | labels_to_json(self._options)
            | {name: value for name, value in told.items() if value is not None}
        )

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            setting(settings, "a", str),
            setting(settings, "b", str),
            labels_from_json(settings),
            single=setting(settings, "single", bool, False),
            directed=setting(settings, "directed", bool, True),
        )

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check that both inputs are there and have objects."""
        for name in (self.a, self.b):
            if name not in inputs:
                raise SpecError(f"it links the input {name!r}, which does not exist; inputs are: {listed(inputs)}")
            if (kind := inputs[name].name) not in KINDS:
                raise SpecError(
                    f"it links {name!r} of the type {kind}, which has no objects; types with some: {listed(KINDS)}"
                )

    def to_json(self, value: Any) -> list[Link]:
        """Links in the order of their objects; each may be given as `(from, to)` or `(from, to, label)` too."""
        links = [self._read(place, one) for place, one in enumerate(parts_of(value, "link", EXAMPLE, MOST), 1)]
        links.sort(key=_order)
        twice = next(
            (one for one, times in Counter((each["from"], each["to"]) for each in links).items() if times > 1), None
        )
        if twice is not None:
            raise DataError(f"the link from {twice[0]} to {twice[1]} is there twice; remove one")
        if self.single and (often := self._linked_again(links)) is not None:
            raise DataError(f"object {often[1]} of {often[0]!r} has two links; with single=True it has one at most")
        return links

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[Link]:
        """Links in the order of their objects, all of which the item has."""
        try:
            counts = self._counts(inputs)
            links = self.to_json(value)
            for link in links:
                for end, name, count in zip(("from", "to"), (self.a, self.b), counts, strict=True):
                    if link[end] >= count:
                        raise DataError(f"{end}: {name!r} has {count} objects, counted from 0, got {link[end]}")
        except DataError as error:
            raise AnswerError(str(error)) from None
        return links

    def _counts(self, inputs: Mapping[str, Any]) -> tuple[int, int]:
        """How many objects the two inputs have; raises `DataError` where one is not there."""
        first, second = (self._objects(name, inputs) for name in (self.a, self.b))
        return len(first), len(second)

    def _objects(self, name: str, inputs: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if name in inputs and inputs[name] is None:
            return ()
        if (found := objects_in(inputs.get(name))) is None:
            raise DataError(
                f"the item has no objects {name!r} to be linked; its inputs are: {listed(inputs) or 'none'}"
            )
        return found

    def _read(self, place: int, link: Any) -> Link:
        try:
            if isinstance(link, tuple | list) and 2 <= len(link) <= 3:
                link = dict(zip(("from", "to", "label"), link, strict=False))
            if not isinstance(link, Mapping) or not {"from", "to"} <= link.keys() <= {"from", "to", "label"}:
                raise DataError(f"expected {EXAMPLE}, got {shorten(link)}")
            ends = [_place(link, "from"), _place(link, "to")]
            if self.a == self.b and ends[0] == ends[1]:
                raise DataError(f"expected two objects, got {ends[0]} linked with itself")
            if not self.directed:
                ends.sort()
            return {"from": ends[0], "to": ends[1], **check_label(link, self._options)}
        except DataError as error:
            raise DataError(f"link {place}: {error}") from None

    def _linked_again(self, links: Sequence[Link]) -> tuple[str, int] | None:
        """The input and the place of an object that has two links."""
        times = Counter(end for link in links for end in self._ends(link))
        return next((end for end, count in times.items() if count > 1), None)

    def _ends(self, link: Link) -> tuple[tuple[str, int], tuple[str, int]]:
        return (self.a, link["from"]), (self.b, link["to"])

    def longest_answer(self) -> int:
        """Room for as many links as there may be."""
        longest = max((len(str(option.value)) for option in self._options), default=0)
        return MOST * (ROOM + longest)

    def canonical(self, value: Any) -> str:
        """The links in the order of their objects."""
        return msgspec.json.encode(sorted(map(_order, value))).decode()

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of two sets of links, 0..1: those count that join the same objects under the same label; none and none
        is 1."""
        first, second = set(map(_order, one)), set(map(_order, other))
        return 2 * len(first & second) / (len(first) + len(second)) if first or second else 1.0

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """Each link in a line: what it joins, by numbers and names."""
        arrow = "→" if self.directed else "—"
        sides = [objects_in(inputs.get(name)) for name in (self.a, self.b)]
        lines = [
            html.escape(
                f"{named_object(sides[0], link['from'])} {arrow} {named_object(sides[1], link['to'])}"
                + (f" ({link['label']})" if "label" in link else "")
            )
            for link in value
        ]
        return "".join(f"<div>{line}</div>" for line in lines) or "<div>nothing is linked</div>"

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Half of the links join other objects, have another label or are gone; where there is none, one too many."""
        if not value:
            return self._one_more(value, rng, inputs)
        for link in rng.sample(value, math.ceil(WRONG_SHARE * len(value))):
            value = self._wrong(value, link, rng, inputs)
        return value

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Each link by itself right with this probability, else wrong as `spoil` makes it."""
        given = list(value)
        for link in value:
            if rng.random() >= skill:
                given = self._wrong(given, link, rng, inputs)
        return given

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Objects of the two linked by lot, each once."""
        first, second = self._counts(inputs)
        few, given = min(first, second), dict[tuple[int, int], Link]()
        taken = set[tuple[str, int]]()
        for one, other in zip(range(few), rng.sample(range(second), few), strict=True):
            link = self._made(one, other, rng)
            if self._may(one, other) and not (self.single and taken.intersection(self._ends(link))):
                given.setdefault((link["from"], link["to"]), link)
                taken.update(self._ends(link))
        return self.to_json(list(given.values()))

    def _may(self, one: int, other: int) -> bool:
        return self.a != self.b or one != other

    def _made(self, one: int, other: int, rng: Random) -> Link:
        label = {"label": str(rng.choice(self._options).value)} if self._options else {}
        ends = (one, other) if self.directed else sorted((one, other))
        return {"from": ends[0], "to": ends[1], **label}

    def _one_more(self, value: Sequence[Link], rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The links and one that should not be there; None where all that may be are."""
        first, second = self._counts(inputs) if inputs else (0, 0)
        return self._joined(value, (divmod(number, second) for number in _by_lot(first * second, rng)), {}, rng)

    def _wrong(self, value: Sequence[Link], link: Link, rng: Random, inputs: Mapping[str, Any]) -> list[Link]:
        """The links without this one, or with it to another object or of another label."""
        rest = [one for one in value if one != link]
        others = [str(option.value) for option in self._options if str(option.value) != link.get("label")]
        second = self._counts(inputs)[1] if inputs else 0
        elsewhere = ((link["from"], to) for to in _by_lot(second, rng) if to != link["to"])
        moved = self._joined(rest, elsewhere, link, rng)
        relabelled = [{**link, "label": rng.choice(others)}] if others else []
        ways = [rest, moved, self.to_json([*rest, *relabelled]) if relabelled else None]
        return rng.choice([way for way in ways if way is not None])

    def _joined(
        self, value: Sequence[Link], pairs: Iterable[tuple[int, int]], like: Mapping[str, Any], rng: Random
    ) -> list[Link] | None:
        """The links and one more, the first of these pairs that may stand beside them."""
        there = {(one["from"], one["to"]) for one in value}
        for pair in pairs:
            link = self._made(*pair, rng) | ({"label": like["label"]} if "label" in like else {})
            if not self._may(*pair) or (link["from"], link["to"]) in there:
                continue
            if not self.single or self._linked_again([*value, link]) is None:
                return self.to_json([*value, link])
        return None


def _by_lot(count: int, rng: Random) -> Iterator[int]:
    """The numbers below `count` in an order by lot, each drawn when it is asked for: the first of 10⁸ at once."""
    moved: dict[int, int] = {}
    for place in range(count):
        chosen = rng.randrange(place, count)
        yield moved.get(chosen, chosen)
        moved[chosen] = moved.pop(place, place)


def _place(link: Mapping[str, Any], end: str) -> int:
    value = plain(link[end])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST_OBJECTS:
        raise DataError(f"{end}: expected the place of an object, 0 for the first, got {shorten(value)}")
    return value


def _order(link: Mapping[str, Any]) -> tuple[int, int, str]:
    return link["from"], link["to"], link.get("label", "")


PLUGIN = Links
