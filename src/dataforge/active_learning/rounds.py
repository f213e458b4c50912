"""One round after the other: ask, wait for answers, learn, measure on what is held out, choose what is asked next.

What is asked is written down before it is asked, and what was measured before the next is chosen. Items are known to
the run by their ids, so that asking a round again after a crash asks nothing twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from filelock import FileLock

from dataforge.active_learning.course import Asked, Course, Entry, How, Measured, StopRule, Why, limits_of, why_stop
from dataforge.active_learning.learners import Data, Learner, Learnt, checked_features, rows_of
from dataforge.active_learning.parts import Parts, as_control, sharpened, with_votes
from dataforge.active_learning.samplers import Candidates, Sampler
from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.grades import middles
from dataforge.data.drafts import with_made
from dataforge.data.items import Items
from dataforge.data.reading import gather_items
from dataforge.data.voters import code_of
from dataforge.endings import Ending
from dataforge.errors import RunError
from dataforge.files.journals import Journal
from dataforge.loop_folder import JOURNAL, LoopStanding
from dataforge.objects.base import Label, shorten
from dataforge.records import Values
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.fed import PATIENCE
from dataforge.runs.handle.follow import FinalAnswer
from dataforge.runs.handle.run import Run

__all__ = ["STOPPED", "SURE", "Answer", "Plan", "Rounds", "course_in", "options_of"]

STOPPED = ("budget", "time", "stopped")
"""Endings after which a run takes no items."""
SURE = ("", "corrected", "verified")
"""Flags of answers that nothing speaks against."""
Beside = Literal["", "votes", "drafts"]
"""What the model does beside people: nothing, it votes, or they begin with what it says."""
LEFT_OUT = ("set_aside", "wrong")
"""Flags of items whose answers are nothing to learn from: left out of the results by hand, or found wrong."""


class Answer(NamedTuple):
    """What people said of an item, how sure it is, and why it is not, if it is not."""

    value: Any
    confidence: float | None
    flag: str


@dataclass(frozen=True)
class Plan:
    """What a call of `loop` asks for. `holdout` is how many items are held out."""

    learner: Learner
    sampler: Sampler
    batch: int
    holdout: int
    stop: StopRule
    seed: int
    beside: Beside = ""


@dataclass(eq=False)
class Rounds:
    """The rounds of a loop whose first run lies in a folder; `items` are the pool, `data` what a model gets of it."""

    parts: Parts
    folder: RunFolder
    items: Items
    data: Data
    plan: Plan
    featurise: Callable[[list[Values]], Any] | None = None
    _cursors: dict[int, int] = field(default_factory=dict)
    _final: dict[int, FinalAnswer | None] = field(default_factory=dict)
    _put: int = -1
    # Whoever asks how the loop stands reads on as well as the thread that goes round.
    _reading: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _learnt: tuple[object, Learnt] | None = None

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The options of the task."""
        return options_of(self.items)

    @property
    def run(self) -> Run:
        """The run that the loop is called by, where the held-out items are."""
        return self.parts.first

    @property
    def standing(self) -> LoopStanding:
        """What others see of the loop."""
        return LoopStanding(self.folder.path)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {str(key): place for place, key in enumerate(self.items.keys)}

    def lock(self) -> FileLock:
        """Held by the one process that goes round."""
        return self.standing.lock()

    def course(self) -> Course:
        """What was asked and measured by now, by whichever process."""
        return course_in(self.folder.path)

    def ending(self) -> Ending | None:
        """How the run has ended, if it has."""
        return self.parts.ending()

    # --- one step ---------------------------------------------------------------------------------

    def go_round(self, stopped: Any = lambda: False) -> bool:
        """Do what comes next; whether there is nothing left to do."""
        course = self.course()
        if not course.asked:
            self._ask(Asked(0, "holdout", tuple(self._draw_holdout())))
            return False
        if not self._answered(course.asked[-1]):
            self._wait(course.asked[-1], stopped)
            return False
        last = course.asked[-1].round
        if last and (not course.measured or course.measured[-1].round < last) and self._teaches(course):
            self._write(self._measured(course, last))
            return False
        if self.ending() in STOPPED:
            return True
        if last and self.why(course) is not None:
            self.parts.finish()
            return True
        how, places = self._next(course)
        # To choose may have taken long, and whoever let go of the loop meanwhile has no more asked.
        if not stopped():
            self._ask(Asked(len(course.asked), how, tuple(places), self._part(course), self.parts.promised()))
        return False

    def why(self, course: Course) -> Why | None:
        """Why no more is asked."""
        return why_stop(course, self.plan.stop, self.items.count, self._looks, self.shown(course))

    def limits(self, course: Course) -> tuple[float | None, float | None]:
        """What the rule of its end looks at."""
        return limits_of(course, self.plan.stop, self._looks, self.shown(course))

    @property
    def _looks(self) -> int:
        return self.plan.stop.looks(self.items.count, self.plan.holdout, self.plan.batch)

    def shown(self, course: Course) -> set[int]:
        """The held-out items of which something shows how sure the answer is."""
        answers = self.answers()
        return {place for place in course.holdout if place in answers and answers[place].confidence is not None}

    def _draw_holdout(self) -> Sequence[int]:
        chance = np.random.default_rng([self.plan.seed, 0])
        return [int(place) for place in np.sort(chance.permutation(self.items.count)[: self.plan.holdout])]

    def _ask(self, asked: Asked) -> None:
        # Log first, act second: a crash between the two is repaired by asking for the same again.
        self._write(asked)
        self._add(asked)

    def _add(self, asked: Asked) -> None:
        self.parts.balance()
        if self._put < asked.round:
            self._in_part(asked.part).add(self._batch(asked))
            self._put = asked.round

    def _write(self, entry: Entry) -> None:
        # Opened anew: between two turns of this process another one may have gone on.
        with closing(Journal[Entry](self.folder.path / JOURNAL, Entry)) as journal:
            journal.write([entry])

    def _wait(self, asked: Asked, stopped: Any) -> None:
        """Wait for the answers to a round, or until none came for a moment."""
        if self.ending() not in STOPPED:
            self._add(asked)
        self._read_on(PATIENCE, len(asked.places), stopped)
        if self.ending() in STOPPED:
            # No more come: what has no answer by now gets none.
            self._read_on(0.0)
            with self._reading:
                self._final.update({place: None for place in asked.places if place not in self._final})

    def _read_on(self, patience: float, most: int | None = None, stopped: Any = lambda: False) -> None:
        for part, answer in self.parts.follow(self._cursors, patience, most):
            self._take(part, answer)
            if stopped():
                return

    def _take(self, part: int, answer: FinalAnswer) -> None:
        with self._reading:
            if answer.cursor <= self._cursors.get(part, 0):
                return
            self._cursors[part] = answer.cursor
            if (place := self._place.get(str(answer.key))) is not None:
                self._final[place] = answer

    def _answered(self, asked: Asked) -> bool:
        return not self.waiting(asked.places)

    def waiting(self, places: Sequence[int]) -> int:
        """How many of these are still to get an answer; what was reported gets none, and is not waited for."""
        self._read_on(0.0)
        return sum(place not in self._final for place in places)

    # --- labels -----------------------------------------------------------------------------------

    def answers(self) -> dict[int, Answer]:
        """By place the final answer, of the items that have one, and not a wrong one, and were not set aside."""
        self._read_on(0.0)
        output, found = self.items.task.outputs[0].name, {}
        with self._reading:
            finals = list(self._final.items())
        for place, final in finals:
            if final is None or final.flag in LEFT_OUT:
                continue
            if (value := final.answers.get(output)) is not None:
                found[place] = Answer(value, final.confidence.get(output), final.flag)
        return found

    def _taught(self, course: Course) -> tuple[list[int], Floats]:
        """Places that the model learns from, and how probable each label of each is."""
        answers = self.answers()
        places = [place for place in course.taught if place in answers]
        chances = np.zeros((len(places), len(self.labels)))
        for row, place in enumerate(places):
            chances[row, code_of(self.labels, answers[place].value)] = 1.0
        shown = self._posteriors(places)
        sure = np.isfinite(shown).all(axis=1) & (shown.sum(axis=1) > 0)
        chances[sure] = shown[sure]
        return places, chances

    def _posteriors(self, places: Sequence[int]) -> Floats:
        """What the runs hold of the labels of these items; NaN where nothing shows how sure an answer is."""
        return self.parts.posteriors([str(self.items.keys[place]) for place in places], len(self.labels))

    def _teaches(self, course: Course) -> bool:
        """Whether there is more than one label to learn."""
        return len({answer.value for _, answer in self._seen(course)}) > 1

    def _seen(self, course: Course) -> list[tuple[int, Answer]]:
        answers = self.answers()
        return [(place, answers[place]) for place in course.taught if place in answers]

    def one_label(self, course: Course) -> Label | None:
        """The one label of all that the model could learn from; None if there are several, or none."""
        found = {answer.value for _, answer in self._seen(course)}
        return next(iter(found)) if len(found) == 1 else None

    # --- the model beside people --------------------------------------------------------------------

    def sure(self, course: Course) -> list[int]:
        """The held-out items with an answer that nothing speaks against: on these the model is measured."""
        answers = self.answers()
        return [place for place in course.holdout if place in answers and answers[place].flag in SURE]

    def _part(self, course: Course) -> int:
        """In which run the next batch is asked: a new one where the model votes and knows much more than before."""
        begins = self.plan.beside == "votes" and course.knows_more and bool(self.sure(course))
        return course.part + (begins and self.parts.pays_another)

    def reopen(self) -> None:
        """Go on with the runs in which was asked before."""
        self.parts.reopen(self.course().part, self._controls)

    def _in_part(self, part: int) -> Run:
        return self.parts.run(part, self._controls)

    def _controls(self) -> Items:
        """Held-out items with sure answers, and the control items of the loop, with what the model says of them."""
        course = self.course()
        places, answers = self.sure(course), self.answers()
        known = as_control(self.items.chosen(places), [answers[place].value for place in places])
        known = with_votes(known, self._votes(course, self.data.at(places)), self.labels)
        given = self.parts.given
        if given.control is None or (self.data.features is not None and self.featurise is None):
            return known
        others = gather_items(given.task, None, given.control, given.id, given.encoding)
        others = with_votes(others, self._votes(course, self.data_of(list(others))), self.labels)
        return Items.stacked([others, known])

    def data_of(self, items: list[Values]) -> Data:
        """What a model gets of items that need not be of the pool."""
        if self.featurise is None:
            return Data(items)
        return Data(items, checked_features(self.featurise([dict(one) for one in items]), len(items)))

    def _batch(self, asked: Asked) -> Items:
        """The items of a round as they are asked: what the model says of them is written down, and said once."""
        if not asked.part and (asked.how != "sampler" or not self.plan.beside):
            return self.items.chosen(asked.places)
        path = self.folder.path / f"asked-{asked.round}.parquet"
        if not path.exists():
            self._with_model(asked).save(path)
        return Items.load(path, self.items.task)

    def _with_model(self, asked: Asked) -> Items:
        """The items of a round, with votes or drafts of the model as it was when they were chosen."""
        items, course = self.items.chosen(asked.places), self.course()
        if asked.part:
            nothing = np.zeros((items.count, len(self.labels)))
            knows = asked.how == "sampler"
            return with_votes(items, self._votes(course, self.data.at(asked.places)) if knows else nothing, self.labels)
        if self.plan.beside == "drafts":
            said = self.said(self.model(course).chances(self.data.at(asked.places)))
            output = self.items.task.outputs[0].name
            return with_made(items, [{output: self.labels[code]} for code in said])
        return items

    def _votes(self, course: Course, data: Data) -> Floats:
        """How probable the model holds each label, as sure as it is right of what is held out."""
        learnt, places, answers = self.model(course), self.sure(course), self.answers()
        right = [code_of(self.labels, answers[place].value) for place in places]
        return sharpened(learnt.chances(data), learnt.chances(self.data.at(places)), right)

    # --- learning ---------------------------------------------------------------------------------

    def model(self, course: Course) -> Learnt:
        """What the model knows of all that was labelled, learnt now unless it was before."""
        places, chances = self._taught(course)
        taught = tuple(places), chances.tobytes()
        known = self._learnt
        if known is None or known[0] != taught:
            known = self._learnt = taught, self.plan.learner.learn(self.data.at(places), chances)
        return known[1]

    def said(self, chances: Floats) -> list[int]:
        """What the model answers, as codes: its likeliest label, of grades that in the middle, as of people's."""
        by = self.items.task.outputs[0].type.answer_by
        points = np.array(self.labels, np.float64) if by == "mean" else None
        return list(map(int, chances.argmax(axis=1) if by == "likeliest" else middles(chances, points)))

    def _measured(self, course: Course, number: int) -> Measured:
        answers = self.answers()
        held = [place for place in course.holdout if place in answers]
        if not held:
            raise RunError("none of the held-out items has an answer, so that nothing can be measured")
        said = self.said(self.model(course).chances(self.data.at(held)))
        right = [self.labels[code] == answers[place].value for code, place in zip(said, held, strict=True)]
        always = str(self.labels[said[0]]) if len(set(said)) == 1 else None
        mark = self.plan.learner.mark
        return Measured(number, len(self._seen(course)), tuple(held), tuple(map(bool, right)), mark, always)

    def _next(self, course: Course) -> tuple[How, Sequence[int]]:
        """What is asked next: by the sampler once the model has learnt something, before that by chance."""
        asked = {place for one in course.asked for place in one.places}
        left = [place for place in range(self.items.count) if place not in asked]
        count = min(self.plan.batch, len(left), self.plan.stop.left(len(asked)))
        chance = np.random.default_rng([self.plan.seed, len(course.asked)])
        if len(course.asked) == 1 or not self._teaches(course):
            return "chance", [left[int(row)] for row in chance.permutation(len(left))[:count]]
        learnt = self.model(course)
        data = self.data.at(left)
        known = [place for place, _ in self._seen(course)]
        features, of_known = data.features, rows_of(self.data.features, known)
        if features is None and self.plan.learner.embeds:
            features, of_known = learnt.embedded(data), learnt.embedded(self.data.at(known))
        among = Candidates(data.values, learnt.chances(data), features, of_known, chance)
        rows = _checked_rows(self.plan.sampler(among, count), count, len(left))
        return "sampler", [left[row] for row in rows]


def _checked_rows(given: Any, count: int, among: int) -> list[int]:
    """Rows that a sampler chose; raises `RunError` unless they are so many different ones that there are."""
    try:
        rows = [int(row) for row in given]
    except (TypeError, ValueError):
        rows = []
    if len(rows) != count or len(set(rows)) != count or not all(0 <= row < among for row in rows):
        raise RunError(f"the sampler: expected {count} different rows from 0 to {among - 1}, got {shorten(given)}")
    return rows


def course_in(folder: Path) -> Course:
    """What was written down in a run's folder."""
    return Course.of(list(Journal[Entry](folder / JOURNAL, Entry).read()))


def options_of(items: Items) -> tuple[Label, ...]:
    """The options of the task of a pool."""
    return tuple(label for label in items.task.outputs[0].type.labels() or () if label is not None)
