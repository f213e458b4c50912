"""What simulated workers of some skill answer to several tasks, and to the checks of answers to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from dataforge.arguments import entry
from dataforge.checks import check_name, said
from dataforge.errors import SpecError
from dataforge.objects.base import listed
from dataforge.objects.boolean import Boolean
from dataforge.platforms.simulated import Answering
from dataforge.tasks.task import Slot, Task

__all__ = ["skilled"]


@entry
def skilled(tasks: Sequence[Task], skill: float) -> Answering:
    """Who answers these tasks as somebody of this skill, 0 to 1, does: with `attempt` of each type, from the truth.

    Tasks are told apart by their inputs. Who is asked to judge an answer to one of them says rightly, with the skill as
    the probability, whether it is as alike to the truth as its type asks.
    """
    if not 0 <= skill <= 1:
        raise SpecError(f"skill: expected a number from 0 to 1, got {skill!r}")

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Random) -> dict[str, Any]:
        task = _asked(tasks, inputs)
        if judged := [slot for slot in task.outputs if slot.name in inputs]:
            good = all(_is_right(slot.type, inputs[slot.name], truth.get(slot.name)) for slot in judged)
            return {check_name(task): said(Boolean(), right=good if chance.random() < skill else not good)}
        return {slot.name: _attempt(slot, truth, skill, chance, inputs) for slot in task.outputs}

    return answer


def _asked(tasks: Sequence[Task], inputs: Mapping[str, Any]) -> Task:
    """The task with these inputs, or a judged one, whose outputs are among them."""
    for task in tasks:
        names, outputs = ({slot.name for slot in slots} for slots in (task.inputs, task.outputs))
        needed = {slot.name for slot in task.inputs if slot.required}
        if needed <= inputs.keys() - outputs <= names:
            return task
    raise SpecError(f"no task has the inputs {listed(inputs)}; tasks are: {listed(task.id for task in tasks)}")


def _attempt(slot: Slot, truth: Mapping[str, Any], skill: float, chance: Random, inputs: Mapping[str, Any]) -> Any:
    """The answer to one question; none where none is right and none is needed."""
    if (right := truth.get(slot.name)) is not None:
        return slot.type.attempt(right, skill, chance, inputs)
    if slot.required:
        raise SpecError(f"truth: expected a right answer to {slot.name!r} of every item, got none of {listed(inputs)}")
    return None


def _is_right(kind: Any, shown: Any, right: Any) -> bool:
    if shown is None or right is None:
        return shown is right
    least = 1.0 if kind.exact else kind.control_similarity
    return least is None or kind.similarity(shown, right) >= least
