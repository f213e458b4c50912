"""The way by which a task's answers get their quality, found by the types of its outputs."""

from __future__ import annotations

from dataforge.errors import SpecError
from dataforge.registry import load, names
from dataforge.runs.core.quality import Way
from dataforge.task import Task

__all__ = ["way_of"]


def way_of(task: Task) -> Way:
    """The way that all outputs of a task go; raises `SpecError` if there is none, or more than one."""
    ways = {slot.type.quality: slot for slot in reversed(task.outputs)}
    for name, slot in ways.items():
        if name not in names("quality"):
            raise SpecError(
                f"task {task.id!r}: nothing here judges answers of the type {slot.type.name} (output {slot.name!r}), "
                "of which there is no fixed set; ask for a Choice, bool, Rating or SideBySide, or install a package "
                f"that judges them (entry point {name!r} of the group 'dataforge.quality')"
            )
    if len(ways) > 1:
        said = " and ".join(f"{slot.name!r} by {name!r}" for name, slot in reversed(ways.items()))
        raise SpecError(
            f"task {task.id!r}: outputs get their quality in different ways, {said}; ask for them in two tasks"
        )
    way: Way = load("quality", task.outputs[0].type.quality)
    return way
