"""The runs of a pipeline's tasks, one each: begun when the task is first asked, fed with questions, followed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from dataforge.errors import DataError, RunEnded, SpecError
from dataforge.pipelines.budget import shares
from dataforge.pipelines.player import Answered, Asked
from dataforge.runs.handle.follow import FinalAnswer
from dataforge.runs.handle.run import Run
from dataforge.task import Task

__all__ = ["KEY", "Runs", "Stage", "Stages"]

KEY = "place"
"""The column that names a question in the run of its task."""
CUT_OFF = ("budget", "time", "stopped")
"""Flags of answers that are final for their run's end alone: who asked waits for a better one."""
BALANCE_EVERY = 1.0
"""How often, in seconds, money is moved between the runs at most."""
LEAST_MOVED = 0.02
"""What part of the whole budget is worth moving."""
Refusal = tuple[Asked, DataError]


@dataclass
class Stage:
    """One task's run, and what it has answered; `refused` says why it takes no more questions, empty while it does."""

    task: Task
    run: Run
    found: dict[str, Answered] = field(default_factory=dict)
    cursor: int = 0
    refused: str = ""

    def read_on(self) -> list[tuple[str, Answered]]:
        """Answers that have become final since the last look."""
        single = len(self.task.outputs) == 1
        new = []
        for final in self.run.follow(self.cursor, timeout=0):
            self.cursor = final.cursor
            if final.flag in CUT_OFF:
                self.refused = f"its run ended ({final.flag}) before all questions were answered"
            else:
                new.append((str(final.key), _answered(final, single=single)))
        self.found.update(new)
        return new


class Runs(Protocol):
    """Where the runs of a pipeline's tasks are begun and found again."""

    def begin(self, task: Task, budget: float | None) -> Run:
        """Launch the run of a task with so much to spend, or go on with it."""
        ...

    def begun(self, name: str) -> Task | None:
        """The task of that id, if its run was begun."""
        ...

    def budget(self, name: str) -> float | None:
        """What the run of the task of that id may cost as it was changed last; None if it is not begun."""
        ...


class Stages:
    """The runs of a pipeline, by their tasks' ids; all together they never promise more than `budget`."""

    def __init__(self, runs: Runs, budget: float | None = None) -> None:
        self._runs, self._budget = runs, budget
        self._stages: dict[str, Stage] = {}
        self._given: dict[str, float] = {}
        self._balanced = 0.0

    def __iter__(self) -> Iterator[tuple[str, Stage]]:
        return iter(list(self._stages.items()))

    def recall(self, names: Iterable[str]) -> None:
        """Go on with what was asked before; names that are no task's are those of steps."""
        begun = {name: task for name in names if (task := self._runs.begun(name)) is not None}
        for name in begun:
            # All are known before one of them is given more.
            self._given[name] = self._runs.budget(name) or 0.0
        for task in begun.values():
            self.open(task)

    def open(self, task: Task) -> Stage:
        """The stage of a task, begun if it is asked for the first time; what it has answered is read."""
        stage = self._stages.get(task.id)
        if stage is None:
            run = self._runs.begin(task, self._first_part(task.id))
            stage = self._stages[task.id] = Stage(task, run)
            stage.read_on()
        if stage.task != task:
            raise SpecError(f"two tasks of the pipeline are called {task.id!r}; give one of them another id")
        return stage

    # --- money ------------------------------------------------------------------------------------

    def _first_part(self, name: str) -> float | None:
        """What a run that is begun now may cost: an even part of what is left."""
        if self._budget is None or name in self._given:
            return self._given.get(name)
        self._part({name, *self._stages}, {name: 0.0})
        return self._given[name]

    def balance(self, waiting: Collection[str]) -> None:
        """Give runs for which questions wait their part of what is left, now and then."""
        if self._budget is None or time.monotonic() < self._balanced + BALANCE_EVERY:
            return
        self._balanced = time.monotonic()
        self._part(set(waiting) & set(self._stages), {})

    def _part(self, waiting: Collection[str], new: Mapping[str, float]) -> None:
        """Take from runs that have more than their part, and give to those that have less what is there then."""
        assert self._budget is not None
        promised = {name: stage.run.status().promised for name, stage in self} | dict(new)
        wanted = shares(self._budget, promised, waiting)
        for name in sorted(wanted, key=lambda name: wanted[name] - self._given.get(name, 0.0)):
            given = self._given.get(name, 0.0)
            free = self._budget - sum(self._given.values())
            part = wanted[name] if wanted[name] < given else given + min(wanted[name] - given, max(0.0, free))
            if name in new:
                self._given[name] = part
            elif abs(part - given) > LEAST_MOVED * self._budget:
                with suppress(SpecError):  # it has promised more meanwhile, and keeps what it has
                    self._stages[name].run.change(budget=part)
                    self._given[name] = part

    # --- questions and answers --------------------------------------------------------------------

    def known(self, name: str, key: str) -> Answered | None:
        """What is known of a question to the task of that id; None while it is open."""
        stage = self._stages.get(name)
        return None if stage is None else stage.found.get(key)

    def ask(self, questions: Sequence[Asked]) -> tuple[list[Asked], list[Refusal]]:
        """Put questions to the runs of their tasks.

        Gives those that a run takes no more, as its stage says, and those that cannot be asked, with the error.
        """
        by_task: dict[Task, list[Asked]] = {}
        for question in questions:
            by_task.setdefault(question.task, []).append(question)
        left: list[Asked] = []
        refused: list[Refusal] = []
        for task, asked in by_task.items():
            stage = self.open(task)
            stage.refused = ""
            try:
                refused += _added(stage.run, [question for question in asked if question.key not in stage.found])
            except RunEnded as error:
                stage.refused = str(error)
                left += asked
        return left, refused

    def finish(self) -> None:
        """Say to all runs that no more questions come."""
        for _, stage in self:
            if not stage.run.status().ended:
                stage.run.finish()

    def close(self) -> None:
        """Let go of the runs in this process."""
        for _, stage in self:
            stage.run.close()


def _added(run: Run, questions: Sequence[Asked]) -> list[Refusal]:
    """Add questions to a run, all but those that do not fit its task."""
    if not questions:
        return []
    try:
        run.add([{KEY: question.key, **question.inputs} for question in questions], id=KEY)
    except DataError as error:
        if len(questions) == 1:
            return [(questions[0], error)]
        half = len(questions) // 2
        return [*_added(run, questions[:half]), *_added(run, questions[half:])]
    return []


def _answered(final: FinalAnswer, *, single: bool) -> Answered:
    confidences: Mapping[str, float] = final.confidence
    return Answered(final.answers, final.flag, confidences, single)
