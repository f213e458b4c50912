"""The way by which a task's answers get their quality: the one that the policy names, or that fits their types."""

from __future__ import annotations

from collections.abc import Callable

from dataforge.errors import SpecError
from dataforge.policy import Policy
from dataforge.registry import load, names
from dataforge.runs.core.quality import Way
from dataforge.tasks.task import Slot, Task

__all__ = ["policy_at_launch", "policy_of", "way_name", "way_of"]

DEFAULT = Policy()
WAS_DEFAULT = 3
"""The overlap of a policy that names none, as runs of older versions have it written down."""
OF_CHECKS = ("check", "attempts", "check_sample", "finalize_at", "most_waiting", "check_drafts", "groups_apart")
"""Settings of a policy that mean nothing where nobody judges answers."""


def way_of(task: Task, policy: Policy) -> Way:
    """The way that all outputs of a task go; raises `SpecError` if there is none."""
    way: Way = load("quality", way_name(task, policy))
    return way


def policy_of(task: Task, policy: Policy) -> Policy:
    """The policy as a run of the task goes by it: where answers are judged by others, overlap is how often they try.

    An overlap that is not named is the one of the task's way.
    """
    way = way_name(task, policy)
    if way == "check":
        return policy.changed(overlap=(1, policy.attempts))
    if policy.overlap is not None:
        return policy
    least, most = policy.changed(quality=way).opinions
    return policy.changed(overlap=least if least == most else (least, most))


def policy_at_launch(task: Task, policy: Policy) -> Policy:
    """The policy as it is written down: with its overlap where that follows from what becomes of the answers."""
    return policy_of(task, policy) if way_name(task, policy) in ("merge", "collect") else policy


def way_name(task: Task, policy: Policy) -> str:
    """The name of the way that all outputs of a task go; raises `SpecError` if there is none."""
    name = policy.quality or _way_of_types(task)
    if name not in names("quality"):
        slot = next(slot for slot in task.outputs if slot.type.quality == name)
        raise SpecError(
            f"task {task.id!r}: nothing here judges answers of the type {slot.type.name} (output {slot.name!r}), of "
            f"which there is no fixed set, by {name!r}; {_advice(task)}, or install a package that judges them (entry "
            f"point {name!r} of the group 'dataforge.quality')"
        )
    if (why := _hindrance(task, name)) is not None:
        raise SpecError(f"task {task.id!r}: {why}; {_advice(task)}")
    if (why := _idle_settings(policy, name)) is not None:
        raise SpecError(f"task {task.id!r}: {why}")
    return name


def _way_of_types(task: Task) -> str:
    """The way that all outputs go together: all answers are checked if one is, and merged if one is."""
    ways = {slot.type.quality: slot for slot in reversed(task.outputs)}
    together = next((way for way in ("check", "merge") if way in ways), None)
    if len(ways) == 1 or together == "check":
        return together or next(iter(ways))
    if together is None or ways.keys() != {"consensus", "merge"}:
        said = " and ".join(f"{slot.name!r} by {name!r}" for name, slot in reversed(ways.items()))
        raise SpecError(
            f"task {task.id!r}: outputs get their quality in different ways, {said}; ask for them in two tasks, or "
            'name one way for all by Policy(quality="collect")'
        )
    return together


def _hindrance(task: Task, way: str) -> str | None:
    """What keeps a task's answers from going this way, or None."""
    if way == "consensus" and (slot := _first(task, _unbounded)):
        return f"consensus chooses among options, and answers of the type {slot.type.name} ({slot.name!r}) are none"
    if way == "judge" and (len(task.outputs) > 1 or task.outputs[0].type.rights() is None):
        return "no answer to it says that what is shown is right"
    if way == "merge" and (slot := _first(task, _unmergeable)):
        return f"nothing here merges answers of the type {slot.type.name} (output {slot.name!r})"
    return None


def _idle_settings(policy: Policy, way: str) -> str | None:
    """What a policy sets that means nothing on this way, or None."""
    if way == "check" and policy.check is not None and policy.overlap not in (None, WAS_DEFAULT, (1, policy.attempts)):
        return (
            f"overlap={policy.overlap!r} and check={policy.check!r}: how many workers judge an answer is said by the "
            "overlap of check; leave the other out (how often an item is tried again is said by attempts)"
        )
    if policy.target is not None and way != "consensus":
        return (
            f"target={policy.target!r} is for answers of which there is a fixed set, and these go the way {way!r}; "
            "leave it out, and say how sure each answer is to be by min_confidence"
        )
    if policy.voters is not None and way not in ("consensus", "judge"):
        return f"voters: models vote where answers are options, and these go the way {way!r}; give drafts, prefill=…"
    idle = [name for name in OF_CHECKS if getattr(policy, name) != getattr(DEFAULT, name)] if way != "check" else []
    if idle:
        return f'{idle[0]}=…: its answers go the way {way!r}; write Policy(quality="check"), or leave {idle[0]} out'
    return None


def _advice(task: Task) -> str:
    """What to write instead."""
    can = [name for name in ("merge", "collect") if name in names("quality") and _hindrance(task, name) is None]
    return "write " + " or ".join(f'Policy(quality="{name}")' for name in can)


def _first(task: Task, holds: Callable[[Slot], bool]) -> Slot | None:
    return next(filter(holds, task.outputs), None)


def _unbounded(slot: Slot) -> bool:
    return slot.type.labels() is None


def _unmergeable(slot: Slot) -> bool:
    return _unbounded(slot) and slot.type.name.replace("_", "-") not in names("merging")
