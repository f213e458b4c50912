"""Names to numbers: what a run's items, labels and known answers are coded as, made once per run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Flags
from dataforge.items import Items
from dataforge.task import Slot, Task

__all__ = ["Coding", "Output", "coding"]

CHUNK = 10_000


@dataclass(frozen=True, eq=False)
class Output:
    """One output's labels. An optional output has one label more, None: nothing was answered.

    `allowed[i, c]` tells whether label c is open for item i; None if all labels always are.
    """

    name: str
    labels: tuple[Any, ...]
    allowed: Flags | None = None
    code: Mapping[Any, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", {label: code for code, label in enumerate(self.labels)})


@dataclass(frozen=True, eq=False)
class Coding:
    """Items by number, outputs, and `known[i]`, the codes of a control item's answers (-1: not known)."""

    keys: Sequence[str]
    index: Mapping[str, int]
    control: Flags
    outputs: tuple[Output, ...]
    known: Mapping[int, tuple[int, ...]]

    @property
    def real_total(self) -> int:
        """How many items are not control items."""
        return len(self.keys) - int(self.control.sum())


def coding(task: Task, items: Items) -> Coding:
    """The coding of a task's labels and a run's items."""
    outputs = tuple(_output(slot, items) for slot in task.outputs)
    control = np.asarray(items.control, bool)
    answers = [items.known(output.name) for output in outputs]
    known = {
        int(place): tuple(
            -1 if values[place] is None else output.code[values[place]]
            for output, values in zip(outputs, answers, strict=True)
        )
        for place in np.flatnonzero(control)
    }
    keys = items.keys
    return Coding(keys, {key: place for place, key in enumerate(keys)}, control, outputs, known)


def _output(slot: Slot, items: Items) -> Output:
    labels: tuple[Any, ...] = tuple(slot.type.labels() or ())
    if not slot.required:
        labels = (*labels, None)
    # Only an output whose options depend on an input needs a look at every item.
    if getattr(slot.type, "depends", None) is None:
        return Output(slot.name, labels)
    code = {label: number for number, label in enumerate(labels)}
    allowed = np.zeros((items.count, len(labels)), bool)
    for start in range(0, items.count, CHUNK):
        for place, item in enumerate(items.records(start, min(start + CHUNK, items.count)), start):
            allowed[place, [code[label] for label in slot.type.allowed(item.inputs) or ()]] = True
    if not slot.required:
        allowed[:, -1] = True
    return Output(slot.name, labels, allowed)
