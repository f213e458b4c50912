"""What a function asks, and what workers say to that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dataforge.tasks.task import Task

__all__ = ["Answered", "Asked", "Source"]

Source = tuple[str, str]
"""A question that was answered: its task's id and its key."""

SET_ASIDE = "set_aside"
"""The flag of an answer whose item was left out of the results by hand."""


@dataclass(frozen=True)
class Answered:
    """What workers say: `answers` by output, and `answer`, that of the only output, or all where there are several.

    `answer` is None where nobody answered, and `flag` says why an answer is not sure, as in `Run.labels`. `confidence`
    is the least of the outputs', None where nothing shows it.
    """

    answers: Mapping[str, Any]
    flag: str = ""
    confidences: Mapping[str, float] = field(default_factory=dict)
    single: bool = True

    @property
    def answer(self) -> Any:
        """The answer to the only question, or all answers by name where there are several."""
        return next(iter(self.answers.values()), None) if self.single else self.answers

    @property
    def confidence(self) -> float | None:
        """The least of the answers' confidences; None where one has none."""
        if not self.answers or len(self.confidences) < len(self.answers):
            return None
        return min(self.confidences.values())

    def says_the_same(self, other: Answered) -> bool:
        """Whether another one has the same answers and leaves the item in the results as this one does."""
        return self.answers == other.answers and (self.flag == SET_ASIDE) == (other.flag == SET_ASIDE)


@dataclass(frozen=True)
class Asked:
    """A question that is to be asked: of which task, under which key, about what.

    `about`: the questions whose answers it shows.
    """

    task: Task
    key: str
    inputs: Mapping[str, Any]
    about: Collection[Source] = ()
