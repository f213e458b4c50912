"""The runs of a pipeline's tasks, one each: begun when the task is first asked, fed with questions, followed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Protocol

from dataforge.errors import DataError, DataForgeError, RunBusy, RunEnded, SpecError
from dataforge.pipelines.budget import shares
from dataforge.pipelines.forecast import Priced
from dataforge.pipelines.models import is_model
from dataforge.pipelines.questions import Answered, Asked, Source
from dataforge.records import MICRO
from dataforge.runs.handle.apart import add_apart, who_answered, workers_of
from dataforge.runs.handle.follow import FinalAnswer
from dataforge.runs.handle.run import Run
from dataforge.tasks.task import Task
from dataforge.tasks.wording import meaning_of

__all__ = ["KEY", "Runs", "Stage", "Stages"]

KEY = "place"
"""The column that names a question in the run of its task."""
CUT_OFF = ("budget", "time", "stopped")
"""Flags of answers that are final for their run's end alone: who asked waits for a better one."""
BALANCE_EVERY = 1.0
"""How often, in seconds, money is moved between the runs at most."""
LEAST_MOVED = 0.02
"""What part of the whole budget is worth moving."""
OFFER_EVERY = 1.0
"""How often, in seconds, a question is offered to a run that took none: one, and the others once it is taken."""
SPENT = "the budget of the pipeline is spent; launch it again with a larger one"
TOO_LITTLE = (
    "the budget of the pipeline leaves {left:.3f} for it, and its smallest page costs {least:.3f}; launch the pipeline "
    "again with a larger one"
)
FOR_NOBODY = (
    "there are questions that wait for somebody new: all who have come by now gave the answers that they show, or "
    "answered them; invite other people, or have such a task asked of those who gave them by "
    "@df.pipeline(to_authors=[…])"
)
LOOKED_THROUGH = 100
"""So many questions that are kept from the same people are looked through for one that waits for somebody new."""
Refusal = tuple[Asked, DataError]


@dataclass
class Stage:
    """One task's run, and what it has answered: `found` first, and `later` otherwise, each with its cursor.

    `refused` says why it takes no more questions, empty while it does.
    """

    task: Task
    run: Run
    found: dict[str, Answered] = field(default_factory=dict)
    later: dict[str, list[tuple[int, Answered]]] = field(default_factory=dict)
    cursor: int = 0
    refused: str = ""

    def mend(self, task: Task) -> None:
        """Ask the task in these words from now on; raises `RunEnded` while its run is stopped."""
        self.run.change(task=replace(task, duration=self.task.duration))
        self.task = task

    def read_on(self) -> list[tuple[str, Answered]]:
        """Questions that have got their first final answer since the last look.

        Of a question that is answered otherwise later, because it was corrected or asked again, the first answer
        counts until its item is played anew: the function went on from that.
        """
        single = len(self.task.outputs) == 1
        new: dict[str, Answered] = {}
        cut_off = ""
        for final in self.run.follow(self.cursor, timeout=0):
            self.cursor = final.cursor
            if final.flag in CUT_OFF:
                cut_off = f"its run ended ({final.flag}) before all questions were answered"
                continue
            key, answered = str(final.key), _answered(final, single=single)
            if key not in self.found:
                self.found[key] = new[key] = answered
            elif not self.latest(key).says_the_same(answered):
                self.later.setdefault(key, []).append((final.cursor, answered))
        goes_on = self.refused and new and not self.run.status().ended
        self.refused = cut_off or ("" if goes_on else self.refused)
        return list(new.items())

    def known(self, key: str, since: int = 0) -> Answered | None:
        """The answer to a question as it was by the cursor `since`, or the first one if that came later."""
        by_then = [answered for cursor, answered in self.later.get(key, ()) if cursor <= since]
        return by_then[-1] if by_then else self.found.get(key)

    def latest(self, key: str) -> Answered:
        """The answer to a question that has one, as it is now."""
        return self.later[key][-1][1] if key in self.later else self.found[key]


@dataclass
class _Queue:
    """Questions to a task that its run has not taken; `refused` says why, empty where it was not offered any yet."""

    task: Task
    questions: list[Asked] = field(default_factory=list)
    refused: str = ""
    not_before: float = 0.0


class Runs(Protocol):
    """Where the runs of a pipeline's tasks are begun and found again."""

    def begin(self, task: Task, budget: float | None) -> Run:
        """Launch the run of a task with so much to spend, or go on with it."""
        ...

    def begun(self, name: str) -> Task | None:
        """The task of that id, if its run was begun."""
        ...

    def least(self, task: Task) -> float:
        """What the smallest page of a task costs."""
        ...

    def budget(self, name: str) -> float | None:
        """What the run of the task of that id may cost as it was changed last; None if it is not begun."""
        ...


class Stages:
    """The runs of a pipeline, by their tasks' ids; all together they never promise more than `budget`.

    What a question shows of answers is never asked of who gave these, unless `to_authors` says so of its task's id.
    """

    def __init__(
        self, runs: Runs, budget: float | None = None, to_authors: Callable[[str], bool] = lambda name: False
    ) -> None:
        self._runs, self.budget = runs, budget
        # Whether a task's questions go to whose answers they show, and of those that do not to whom they do not go.
        self._to_authors = to_authors
        self._apart: dict[Source, frozenset[str]] = {}
        self._stages: dict[str, Stage] = {}
        self._queues: dict[str, _Queue] = {}
        self._given: dict[str, float] = {}
        self._unpaid: dict[str, str] = {}
        self._balanced = 0.0
        # What asking models has cost, and may cost before runs are asked for more.
        self._paid_models = self._for_models = 0.0
        self._money = RLock()

    def __iter__(self) -> Iterator[tuple[str, Stage]]:
        return iter(list(self._stages.items()))

    def recall(self, names: Iterable[str], models: float = 0.0) -> None:
        """Go on with what was asked before; names that are no task's are those of steps. `models` have cost so much."""
        self._paid_models = self._for_models = models
        names = [name for name in names if not is_model(name)]
        begun = {name: task for name in names if (task := self._runs.begun(name)) is not None}
        if self.budget is not None:
            # All are known before one of them is given more. One that had no bound gets one as soon as it can.
            budgets = {name: self._runs.budget(name) for name in begun}
            self._given = {name: math.inf if budget is None else budget for name, budget in budgets.items()}
        for task in begun.values():
            self._begin(task, self._given.get(task.id))

    def open(self, task: Task) -> Stage | None:
        """The stage of a task, begun if it is asked for the first time; None while no money is left for that."""
        stage = self._stages.get(task.id) or self._begun(task)
        if stage is not None and not _is_same(stage.task, task):
            if not _is_reworded(stage.task, task):
                raise _two_of_one_name(task)
            stage.mend(task)
        return stage

    def _begun(self, task: Task) -> Stage | None:
        """The stage of a task that is asked for the first time, with an even part of the money that is left."""
        if self.budget is not None:
            self._part({task.id, *self._stages}, {task.id: 0.0})
            least = self._runs.least(task)
            if self._given[task.id] < least:
                left = self._given.pop(task.id)
                self._unpaid[task.id] = SPENT if not left else TOO_LITTLE.format(left=left, least=least)
                return None
        return self._begin(task, self._given.get(task.id))

    def _begin(self, task: Task, budget: float | None) -> Stage:
        stage = self._stages[task.id] = Stage(task, self._runs.begin(task, budget))
        stage.read_on()
        return stage

    @property
    def stuck(self) -> dict[str, str]:
        """Why tasks take no more questions, those that take none."""
        offered = {name: queue.refused for name, queue in list(self._queues.items()) if queue.refused}
        return {name: stage.refused for name, stage in self if stage.refused} | offered

    # --- money ------------------------------------------------------------------------------------

    def balance(self, waiting: Collection[str]) -> None:
        """Give runs for which questions wait their part of what is left, now and then."""
        if self.budget is None or time.monotonic() < self._balanced + BALANCE_EVERY:
            return
        self._balanced = time.monotonic()
        self._part(set(waiting) & set(self._stages), {})

    def pay(self, cost: float) -> bool:
        """Set aside what asking a model costs, out of what no run has promised; whether so much is left."""
        if self.budget is None:
            return True
        with self._money:
            if self._paid_models + cost > self._for_models:
                self._ask_for(cost, self.budget)
            if self._paid_models + cost > self._for_models:
                return False
            self._paid_models += cost
            return True

    def _ask_for(self, cost: float, budget: float) -> None:
        """Set aside what asking models costs next, if the runs can spare it; what does not suffice is left to them."""
        promised = sum(stage.run.status().promised for _, stage in self)
        if self._paid_models + promised + cost <= budget:
            self._for_models = wanted = self._paid_models + max(cost, LEAST_MOVED * budget)
            self._part(set(self._stages), {}, least=0.0)
            over = sum(self._given.values()) + wanted - budget
            self._for_models = max(self._paid_models, wanted - max(over, 0.0))
        if self._paid_models + cost > self._for_models:
            self._for_models = self._paid_models

    def _part(self, waiting: Collection[str], new: Mapping[str, float], least: float = LEAST_MOVED) -> None:
        """Take from runs that have more than their part, and give to those that have less what is there then."""
        with self._money:
            self._parted(waiting, new, least)

    def _parted(self, waiting: Collection[str], new: Mapping[str, float], least: float) -> None:
        assert self.budget is not None
        whole = self.budget - self._for_models
        promised = {name: stage.run.status().promised for name, stage in self} | dict(new)
        wanted = shares(whole, promised, waiting)
        for name in sorted(wanted, key=lambda name: wanted[name] - self._given.get(name, 0.0)):
            given = self._given.get(name, 0.0)
            free = whole - sum(self._given.values())
            part = wanted[name] if wanted[name] < given else given + min(wanted[name] - given, max(0.0, free))
            if name in new:
                self._given[name] = part
            elif abs(part - given) > least * self.budget:
                try:
                    self._stages[name].run.change(budget=max(part, 1 / MICRO))
                except SpecError:  # it has promised more meanwhile, and keeps what it has
                    continue
                except DataForgeError as error:
                    if not error.passing:
                        raise
                    return
                self._given[name] = part

    def priced(self) -> dict[str, Priced] | None:
        """What each task will have cost for what it was asked by now; None where one cannot say."""
        found = {}
        for name, stage in self:
            now = stage.run.status()
            expected = now.cost if now.ended else now.expected_cost
            if expected is None or (not now.ended and expected >= self._given.get(name, math.inf)):
                return None
            low, high = (expected, expected) if now.ended or now.cost_range is None else now.cost_range
            found[name] = Priced(now.items_total, expected, low, high)
        return found

    @property
    def currency(self) -> str:
        """What the runs pay in."""
        return next((stage.run.status().currency for _, stage in self), "")

    # --- questions and answers --------------------------------------------------------------------

    def known(self, name: str, key: str, since: int = 0) -> Answered | None:
        """What is known of a question to the task of that id, as `Stage.known` says; None while it is open."""
        stage = self._stages.get(name)
        return None if stage is None else stage.known(key, since)

    def corrected(self, name: str, key: str, given: Answered) -> Answered | None:
        """The answer to a question as it is now, if it says something else than what was given."""
        stage = self._stages.get(name)
        if stage is None or key not in stage.later or given.says_the_same(now := stage.latest(key)):
            return None
        return now

    @property
    def any_corrected(self) -> bool:
        """Whether any question was answered otherwise after it had a final answer."""
        return any(stage.later for _, stage in self)

    @property
    def cursors(self) -> dict[str, int]:
        """How many final answers of each task were read."""
        return {name: stage.cursor for name, stage in self}

    def read_on(self) -> None:
        """Take in what was answered since, where nobody plays."""
        for _, stage in self:
            stage.read_on()

    def ask(self, questions: Sequence[Asked]) -> tuple[list[Asked], list[Refusal]]:
        """Put questions to the runs of their tasks, with those that a run did not take before.

        Gives those that were taken, and those that cannot be asked, with the error.
        """
        for question in questions:
            queue = self._queues.get(question.task.id)
            if queue is None:
                queue = self._queues[question.task.id] = _Queue(question.task)
            elif queue.task != question.task:
                raise _two_of_one_name(question.task)
            queue.questions.append(question)
        now = time.monotonic()
        taken: list[Asked] = []
        refused: list[Refusal] = []
        for name, queue in list(self._queues.items()):
            if now >= queue.not_before:
                self._offer(queue, taken, refused)
                if queue.refused:
                    queue.not_before = time.monotonic() + OFFER_EVERY
                else:
                    del self._queues[name]
        return taken, refused

    def _offer(self, queue: _Queue, taken: list[Asked], refused: list[Refusal]) -> None:
        """Offer the questions of a queue; one alone first where the last time none was taken."""
        try:
            stage = self.open(queue.task)
            if stage is None:
                queue.refused = self._unpaid[queue.task.id]
                return
            while queue.questions:
                part = queue.questions[: 1 if queue.refused or stage.refused else None]
                new = [one for one in part if one.key not in stage.found]
                refused += _added(stage.run, new, {one.key: sorted(apart) for one in new if (apart := self._kept(one))})
                taken += part
                queue.questions = queue.questions[len(part) :]
                queue.refused = stage.refused = ""
        except (RunEnded, RunBusy) as error:
            queue.refused = str(error)
        except DataForgeError as error:
            if not error.passing:
                raise
            queue.refused = str(error)

    def _kept(self, question: Asked) -> frozenset[str]:
        """From whom a question is kept: those whose answers it shows."""
        if not question.about or self._to_authors(question.task.id):
            return frozenset()
        there = [(stage, key) for name, key in question.about if (stage := self._stages.get(name)) is not None]
        apart = frozenset[str]().union(*(who_answered(stage.run, key) for stage, key in there))
        self._apart[question.task.id, question.key] = apart
        return apart

    def for_nobody(self, waiting: Iterable[Source]) -> dict[str, str]:
        """Of which tasks questions wait for somebody new, as all who have come by now gave the answers these show."""
        asked: dict[tuple[str, frozenset[str]], list[str]] = {}
        for name, key in waiting:
            if apart := self._apart.get((name, key)):
                asked.setdefault((name, apart), []).append(key)
        if not asked:
            return {}
        came = frozenset[str]().union(*(workers_of(stage.run) for _, stage in self))
        alone = set[str]()
        for (name, apart), keys in asked.items():
            run, others = self._stages[name].run, came - apart
            if name not in alone and any(others <= who_answered(run, key) for key in keys[:LOOKED_THROUGH]):
                alone.add(name)
        return dict.fromkeys(sorted(alone), FOR_NOBODY)

    def finish(self) -> None:
        """Say to all runs that no more questions come."""
        for _, stage in self:
            if not stage.run.status().ended:
                stage.run.finish()

    def close(self) -> None:
        """Let go of the runs in this process."""
        for _, stage in self:
            stage.run.close()


def _is_same(begun: Task, asked: Task) -> bool:
    """Whether a run that was begun with a task asks this one; it keeps the duration that its control items made."""
    return begun == (asked if asked.timing is None else replace(asked, duration=begun.duration))


def _two_of_one_name(task: Task) -> SpecError:
    return SpecError(
        f"two tasks of the pipeline are called {task.id!r}, or it was another one when its run was begun; give it "
        "another id"
    )


def _is_reworded(begun: Task, asked: Task) -> bool:
    """Whether a run that was begun with a task asks this one in other words only."""
    return bool(meaning_of(begun.spec()) == meaning_of(replace(asked, duration=begun.duration).spec()))


def _added(run: Run, questions: Sequence[Asked], apart: Mapping[str, Sequence[str]]) -> list[Refusal]:
    """Add questions to a run, all but those that do not fit its task; `apart`: from whom some are kept, by key."""
    if not questions:
        return []
    try:
        rows = [{KEY: question.key, **question.inputs} for question in questions]
        _ = add_apart(run, rows, KEY, apart) if apart else run.add(rows, id=KEY)
    except DataError as error:
        if len(questions) == 1:
            return [(questions[0], error)]
        half = len(questions) // 2
        return [*_added(run, questions[:half], apart), *_added(run, questions[half:], apart)]
    return []


def _answered(final: FinalAnswer, *, single: bool) -> Answered:
    confidences: Mapping[str, float] = final.confidence
    return Answered(final.answers, final.flag, confidences, single)
