"""Ranking: inputs of one type in order, the best first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from random import Random
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.base import ObjectType, listed, setting, shorten

__all__ = ["Ranking"]


@named_entry
class Ranking(ObjectType):
    """The order of inputs of one type, the best first: a list of their names.

    `Ranking("one", "two", "three")` names them; `Ranking` means all inputs of the first type that several inputs have.
    Of an item in which some are absent the others are ranked.
    """

    name: ClassVar[str] = "ranking"
    answering_seconds: ClassVar[float] = 10.0
    quality: ClassVar[str] = "merge"
    control_similarity: ClassVar[float | None] = 0.9

    def __init__(self, *inputs: str) -> None:
        for name in inputs:
            if not isinstance(name, str) or not name:
                raise SpecError(f"ranking: expected names of inputs, got {name!r}")
            if inputs.count(name) > 1:
                raise SpecError(f"ranking: the input {name!r} is named more than once; name each once")
        self.inputs = inputs

    def __repr__(self) -> str:
        return f"Ranking({', '.join(map(repr, self.inputs))})"

    def settings(self) -> dict[str, Any]:
        """JSON settings: `inputs`, the names of what is ranked."""
        return {"inputs": list(self.inputs)} if self.inputs else {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(*setting(settings, "inputs", Sequence, ()))

    def to_json(self, value: Any) -> list[str]:
        """The names, best first; each is one of the inputs that are ranked, and stands there once."""
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping | set | frozenset):
            raise DataError(f"expected a list of the names of inputs, the best first, got {shorten(value)}")
        return self._checked(list(value), (), DataError)

    def from_text(self, text: str) -> Any:
        """The names that a cell lists: as JSON, or parted by `>`, semicolons, bars, commas or spaces."""
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return [name for name in re.split(r"[>;|,\s]+", text.strip()) if name]

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[str]:
        """The names of all inputs that the item has, best first."""
        if not isinstance(value, list):
            raise AnswerError(f"expected a list of the names of inputs, the best first, got {shorten(value)}")
        return self._checked(value, self._present(inputs), AnswerError)

    def longest_answer(self) -> int:
        """As many characters as all names have, with their quotes and commas."""
        return sum(len(name) + 3 for name in self.inputs) + 2

    def similarity(self, one: Any, other: Any) -> float:
        """The share of pairs that both rank in the same order, which is (1 + Kendall's τ) / 2."""
        places = {name: place for place, name in enumerate(other)}
        pairs = list(combinations([name for name in one if name in places], 2))
        if not pairs:
            return float(one == other)
        return sum(places[better] < places[worse] for better, worse in pairs) / len(pairs)

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The order turned round, or the best and the worst in each other's place."""
        if len(value) < 2:
            return None
        return value[::-1] if rng.random() < 0.5 else [value[-1], *value[1:-1], value[0]]

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The order with neighbours swapped one after the other, as often as the skill lacks to 1."""
        given = list(value)
        for place in range(len(given) - 1):
            if rng.random() >= skill:
                given[place], given[place + 1] = given[place + 1], given[place]
        return given

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The inputs in any order."""
        present = self._present(inputs)
        return rng.sample(present, len(present))

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """The ranking of these inputs; without names all of the first type that several of them have."""
        if self.inputs:
            return self
        for kind in inputs.values():
            alike = [name for name, other in inputs.items() if other == kind]
            if len(alike) > 1:
                return type(self)(*alike)
        raise SpecError(
            f"it ranks inputs of one type, and no two are of the same; inputs are: {listed(inputs) or 'none'}"
        )

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check that there are two inputs to rank at least, that they exist, and that they are of one type."""
        for name in self.inputs:
            if name not in inputs:
                raise SpecError(
                    f"it ranks the input {name!r}, which does not exist; inputs are: {listed(inputs) or 'none'}"
                )
        if len(self.inputs) < 2:
            raise SpecError(f"it ranks at least two inputs, got {listed(self.inputs) or 'none'}; name more of them")
        first = self.inputs[0]
        for name in self.inputs[1:]:
            if inputs[name] != inputs[first]:
                raise SpecError(
                    f"it ranks {first!r} of the type {inputs[first].name} and {name!r} of the type "
                    f"{inputs[name].name}; all must be of the same type with the same settings"
                )

    def _present(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        present = tuple(name for name in self.inputs if inputs.get(name) is not None)
        return present or self.inputs

    def _checked(self, names: list[Any], wanted: Sequence[str], error: type[DataError | AnswerError]) -> list[str]:
        """The names, if they are names of inputs, each once, and all that are wanted."""
        wrong = next((name for name in names if name not in (wanted or self.inputs)), None)
        if wrong is not None:
            raise error(f"expected names of inputs, {listed(wanted or self.inputs)}, got {shorten(wrong)}")
        if len(set(names)) < len(names):
            raise error(f"expected each input once, got {shorten(names)}")
        if not names or len(names) < len(wanted):
            raise error(f"expected all of {listed(wanted or self.inputs)} in order, got {shorten(names)}")
        return list(names)


PLUGIN = Ranking
