"""The two inputs of a task that are compared, and the rows of pairs that workers are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from dataforge.data.items import Items
from dataforge.errors import SpecError
from dataforge.objects.base import listed
from dataforge.objects.boolean import Boolean
from dataforge.objects.side_by_side import SideBySide
from dataforge.tasks.task import Slot, Task

__all__ = ["PairKey", "Sides", "balanced", "better_sides", "pair_of", "plain", "same_sides"]

# An item by itself is asked nothing; a task has an output all the same.
_PLAIN = Slot("_compared", Boolean(), {"en": "Compared"})
PAIR = re.compile(r"\d+-\d+-\d+", re.ASCII)
"""How the id of a pair is written."""


class PairKey(NamedTuple):
    """The id of a pair in its run: how many were asked before it, and the places of the two items."""

    number: int
    left: int
    right: int

    def __str__(self) -> str:
        return f"{self.number}-{self.left}-{self.right}"

    @classmethod
    def read(cls, key: str) -> PairKey:
        """The key that is written so."""
        number, left, right = map(int, key.split("-"))
        return cls(number, left, right)


def pair_of(key: str) -> PairKey | None:
    """The pair that is asked by the id `key`; None of an item that somebody else put into the run."""
    return PairKey.read(key) if PAIR.fullmatch(key) else None


@dataclass(frozen=True)
class Sides:
    """Which inputs of `task` are the two items, and by which output they are compared."""

    task: Task
    left: str
    right: str
    output: Slot

    def item_task(self, column: str) -> Task:
        """The task as one of a single item, by which the items are read and checked."""
        slot = self.task.input(self.left)
        return replace(self.task, inputs=(replace(slot, name=column),), outputs=(_PLAIN,), function=None)

    def check_shared(self, shared: Mapping[str, Any], where: str) -> None:
        """Raise `SpecError` unless `shared` has values for the inputs beside the two sides, and for no others."""
        others = {slot.name: slot for slot in self.task.inputs if slot.name not in (self.left, self.right)}
        strange = [name for name in shared if name not in others]
        if strange:
            raise SpecError(
                f"{where}: shared has {listed(strange)}, which is no input beside the two sides; those are: "
                f"{listed(others) or 'none'}"
            )
        missing = [name for name, slot in others.items() if slot.required and shared.get(name) is None]
        if missing:
            example = ", ".join(f"{name!r}: …" for name in missing)
            raise SpecError(
                f"{where}: the task {self.task.id!r} has the input {listed(missing)} beside the two sides, and no "
                f"value for it; give the one that all pairs share, shared={{{example}}}"
            )

    def rows(self, items: Items, keys: Sequence[PairKey], shared: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that ask these pairs."""
        column = items.task.inputs[0].name
        values = [plain(items.inputs(place)[column]) for place in range(items.count)] if keys else []
        return [{**shared, "id": str(key), self.left: values[key.left], self.right: values[key.right]} for key in keys]


def plain(value: Any) -> Any:
    """An input as it may be given again: the path of a file, the address of one elsewhere."""
    if isinstance(value, Mapping):
        return value.get("file") or value.get("url") or value
    return value


def balanced(pairs: Sequence[tuple[int, int]], before: Sequence[PairKey], n_items: int) -> list[PairKey]:
    """These pairs with their numbers, each with that item on the left which stood there less often so far."""
    ahead = np.zeros(n_items, np.int64)
    for key in before:
        ahead[key.left] += 1
        ahead[key.right] -= 1
    found = []
    for number, (one, two) in enumerate(pairs, len(before)):
        left, right = (one, two) if (ahead[one], one) <= (ahead[two], two) else (two, one)
        ahead[left] += 1
        ahead[right] -= 1
        found.append(PairKey(number, left, right))
    return found


def better_sides(task: Task) -> Sides:
    """The sides of a task that asks which of two is better; raises `SpecError` for any other."""
    found = [slot for slot in task.outputs if isinstance(slot.type, SideBySide)]
    if len(found) != 1:
        raise SpecError(
            f"rank: the task {task.id!r} needs one answer of the type df.SideBySide, by which the better of two inputs "
            f"is chosen; its answers are: {listed(map(str, task.outputs))}"
        )
    kind = found[0].type
    assert isinstance(kind, SideBySide)
    return Sides(task, kind.left, kind.right, found[0])


def same_sides(task: Task) -> Sides:
    """The sides of a task that asks whether two are the same; raises `SpecError` for any other."""
    said: list[Slot] = [slot for slot in task.outputs if slot.type.labels() == (True, False)]
    if len(said) != 1:
        raise SpecError(
            f"cluster: the task {task.id!r} needs one answer of the type bool, whether two inputs are the same; its "
            f"answers are: {listed(map(str, task.outputs))}"
        )
    named = {slot.name: slot for slot in task.inputs}
    if {"left", "right"} <= named.keys():
        one, two = named["left"], named["right"]
        if one.type != two.type:
            raise SpecError(
                f"cluster: 'left' and 'right' of the task {task.id!r} are of the types {one.type.name} and "
                f"{two.type.name}; two that may be the same are of one type, with the same settings"
            )
        return Sides(task, one.name, two.name, said[0])
    alike = [
        (one, two)
        for one, two in combinations(task.inputs, 2)
        if one.type == two.type and one.required and two.required
    ]
    if len(alike) != 1:
        raise SpecError(
            f"cluster: the task {task.id!r} needs two inputs of one type, which may be the same; its inputs are: "
            f"{listed(map(str, task.inputs)) or 'none'}; call the two left and right"
        )
    [(one, two)] = alike
    return Sides(task, one.name, two.name, said[0])
