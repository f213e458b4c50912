"""The runs of a pipeline's tasks, one each: begun when the task is first asked, fed with questions, followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dataforge.errors import DataError, RunEnded, SpecError
from dataforge.pipelines.player import Answered, Asked
from dataforge.runs.handle.follow import FinalAnswer
from dataforge.runs.handle.run import Run
from dataforge.task import Task

__all__ = ["KEY", "Stage", "Stages"]

KEY = "place"
"""The column that names a question in the run of its task."""
CUT_OFF = ("budget", "time", "stopped")
"""Flags of answers that are final for their run's end alone: who asked waits for a better one."""
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


class Stages:
    """The runs of a pipeline, by their tasks' ids.

    `begin` launches a task's run, or goes on with it; `begun` gives a task by its id if its run was begun before.
    """

    def __init__(self, begin: Callable[[Task], Run], begun: Callable[[str], Task | None]) -> None:
        self._begin, self._begun = begin, begun
        self._stages: dict[str, Stage] = {}

    def __iter__(self) -> Iterator[tuple[str, Stage]]:
        return iter(list(self._stages.items()))

    def recall(self, names: Iterable[str]) -> None:
        """Go on with what was asked before; names that are no task's are those of steps."""
        for name in names:
            if (task := self._begun(name)) is not None:
                self.open(task)

    def open(self, task: Task) -> Stage:
        """The stage of a task, begun if it is asked for the first time; what it has answered is read."""
        stage = self._stages.get(task.id)
        if stage is None:
            stage = self._stages[task.id] = Stage(task, self._begin(task))
            stage.read_on()
        if stage.task != task:
            raise SpecError(f"two tasks of the pipeline are called {task.id!r}; give one of them another id")
        return stage

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
