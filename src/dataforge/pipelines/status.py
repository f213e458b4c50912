"""How a pipeline stands, in figures and in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dataforge.catalogue import here, listed, say
from dataforge.records import Texts

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
        return "; ".join([here(listed(self._parts(), "; ")), *(f"{task}: {why}" for task, why in self.stuck.items())])

    def _parts(self) -> list[Texts]:
        """How it stands in words, but for what is stuck."""
        waiting = [say("pipeline_waiting_at", number=count, task=task) for task, count in sorted(self.waiting.items())]
        steps = [
            say("pipeline_step", number=count, name=name, seconds=round(since))
            for name, (count, since) in self.steps.items()
        ]
        parts = [say("pipeline_done", done=self.done, items=self.items)]
        parts += [say("pipeline_failed", failed=self.failed)] if self.failed else []
        parts += [say("pipeline_outdated", outdated=self.outdated)] if self.outdated else []
        parts += [say("pipeline_waiting", waiting=listed(waiting, ", "))] if waiting else []
        return parts + ([say("pipeline_steps", steps=listed(steps, ", "))] if steps else [])
