"""How a pipeline stands, in figures and in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PipelineStatus"]


@dataclass(frozen=True)
class PipelineStatus:
    """How a pipeline stands: `done` of `items` have an outcome, `failed` of these an error instead of a result.

    `waiting` counts questions without an answer by task; `steps` says by name how many are under way, and for how many
    seconds the one that began first; `outdated` results rest on answers that were corrected since; `stuck` says of
    tasks that take no more questions why, and of a function that does not come to its next question at which item.
    """

    items: int
    done: int
    failed: int
    waiting: Mapping[str, int]
    steps: Mapping[str, tuple[int, float]]
    stuck: Mapping[str, str]
    ended: bool
    outdated: int = 0

    def __str__(self) -> str:
        waiting = ", ".join(f"{count} at {task}" for task, count in sorted(self.waiting.items()))
        parts = [f"{self.done} of {self.items} items done"]
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.outdated} outdated: launched with again=True they are played anew"] if self.outdated else []
        parts += [f"waiting for answers: {waiting}"] if waiting else []
        steps = ", ".join(f"{count} of {name}, for {since:.0f} s" for name, (count, since) in self.steps.items())
        parts += [f"steps under way: {steps}"] if steps else []
        return "; ".join([*parts, *(f"{task}: {reason}" for task, reason in self.stuck.items())])
