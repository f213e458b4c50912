"""What a requester's corrections change in what a run knows of its workers, items and pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from dataforge.corrections import (
    AskMore,
    Correct,
    Correction,
    Discard,
    GiveBonus,
    Reinstate,
    SetAside,
    Uncorrect,
    Upheld,
    Verify,
    Withdraw,
)
from dataforge.records import Flag, Texts, Values
from dataforge.runs.core.columns import Places
from dataforge.runs.core.control_reports import ControlReports
from dataforge.runs.core.quality import AnswerStore
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["NONE", "Corrections", "Effect", "Found", "Known"]

NONE = np.empty(0, np.int64)


class Known(NamedTuple):
    """What a run knows, and a correction changes."""

    responses: Responses
    workers: Sequence[WorkerRecord]
    answers: AnswerStore
    control_reports: ControlReports


class Effect(NamedTuple):
    """What a correction has changed: the real items to look at again, and how many answers are checked and right.

    `better`: the workers against whom control items speak less now.
    """

    items: Places = NONE
    controls: int = 0
    correct: int = 0
    better: frozenset[int] = frozenset()


class Found(msgspec.Struct, frozen=True):
    """What somebody trusted found of an item: in which outputs the run's answer was wrong, and how sure the run was.

    `known`: the right answer is known. `sure` is without the outputs of which the run did not say. `judged`: the run's
    answer, from before anything was found of it.
    """

    wrong: tuple[str, ...]
    known: bool
    sure: dict[str, float]
    judged: Values | None = None

    def found_again(self, correction: Verify) -> Found:
        """The same, once something else is found, or the same again: of the answer that was judged at first."""
        held, judged = correction.held, self.judged or {}
        if correction.right:
            wrong = tuple(name for name in held if judged.get(name) != held[name])
        else:
            wrong = tuple(held) if held == judged else self.wrong
        return Found(wrong, correction.right, self.sure, self.judged)

    @property
    def flag(self) -> Flag:
        """What is said of the item."""
        return "verified" if not self.wrong else "corrected" if self.known else "wrong"


class Corrections(msgspec.Struct):
    """How many corrections were taken in, and what they ask for.

    `answered`: the real items whose answers the requester gave; `verified`: what somebody trusted found of them;
    `draws`: with which probability items were drawn for that, each time; `aside`: the items that are left out of the
    results; `asked`: how many answers items are to have at least that were sent back for more; `upheld`: the pages that
    were accepted on appeal; `lost`: on how many of these a control item was missed; `verdicts`: by page what the
    requester decided, None: accepted, else why it is rejected; `bonuses`: the keys of those that were given. Until the
    next decision `new`: there were some; `to_pay`: bonuses; `to_accept` and `to_take_back`: pages of those that need an
    order of their own, `counted`: those to take back whose answers counted until then; `to_close` and `to_open`:
    workers to whom the run is to be closed or opened; `better`: as in `Effect`.
    """

    taken: int = 0
    new: bool = False
    answered: set[int] = msgspec.field(default_factory=set)
    verified: dict[int, Found] = msgspec.field(default_factory=dict)
    draws: list[dict[int, float]] = msgspec.field(default_factory=list)
    aside: set[int] = msgspec.field(default_factory=set)
    asked: dict[int, int] = msgspec.field(default_factory=dict)
    upheld: set[int] = msgspec.field(default_factory=set)
    lost: dict[int, int] = msgspec.field(default_factory=dict)
    verdicts: dict[str, Texts | None] = msgspec.field(default_factory=dict)
    bonuses: set[str] = msgspec.field(default_factory=set)
    to_pay: list[GiveBonus] = msgspec.field(default_factory=list)
    to_accept: set[str] = msgspec.field(default_factory=set)
    to_take_back: set[str] = msgspec.field(default_factory=set)
    counted: set[str] = msgspec.field(default_factory=set)
    to_close: set[int] = msgspec.field(default_factory=set)
    to_open: set[int] = msgspec.field(default_factory=set)
    better: set[int] = msgspec.field(default_factory=set)

    def take(self, correction: Correction, number: int, known: Known) -> Effect:
        """Take in a correction of the worker, item or page of that number; -1 for a page that the run never gave."""
        self.taken += 1
        self.new = True
        if isinstance(correction, Correct | Uncorrect | Verify | AskMore):
            self.aside.discard(number)
            self.asked.pop(number, None)
        match correction:
            case GiveBonus():
                effect = self._give(correction)
            case Discard() | Reinstate():
                effect = self._count_worker(number, known.responses, discarded=isinstance(correction, Discard))
            case Withdraw():
                self.lost.pop(number, None)
                effect = _withdraw(number, known)
            case Upheld():
                self.verdicts.pop(correction.page, None)
                effect = Effect() if number < 0 else self._uphold(number, known)
            case Correct() if known.responses.numbering.control[number]:
                self.lost.pop(number, None)
                effect = _mend(number, correction, known)
            case Correct():
                if number in self.verified or number in self.drawn():
                    # Who corrects an answer says that what was there was wrong.
                    before = self.verified.get(number)
                    sure, judged = ({}, None) if before is None else (before.sure, before.judged)
                    self.verified[number] = Found(tuple(correction.answer), True, sure, judged)
                effect = self._answer(number, known, correction.answer)
            case Verify():
                before = self.verified.get(number)
                first = Found(correction.wrong, correction.right, correction.sure, correction.judged)
                # By now the run's answer is what was found before, of which it is sure.
                self.verified[number] = first if before is None else before.found_again(correction)
                effect = self._answer(number, known, correction.held, right=correction.right)
            case Uncorrect():
                effect = self._forget(number, known)
            case AskMore():
                self.asked[number] = int(known.responses.accepted[number]) + correction.count
                effect = self._forget(number, known)
            case SetAside():
                self.aside.add(number)
                effect = Effect(np.array([number]))
        self.forgive(known.responses, known.workers, known.control_reports.withdrawn)
        self.better |= effect.better
        return effect

    def _give(self, bonus: GiveBonus) -> Effect:
        """Note a bonus that is not yet paid or about to be."""
        if bonus.key not in self.bonuses:
            self.bonuses.add(bonus.key)
            self.to_pay.append(bonus)
        return Effect()

    def decide_on(self, page: str, reason: Texts | None) -> None:
        """Note what the requester decided on a page: None if it is accepted, else why it is rejected."""
        self.taken += 1
        self.new = True
        self.verdicts[page] = reason

    def rejects(self, page: str) -> bool:
        """Whether the requester has rejected a page by hand."""
        return self.verdicts.get(page) is not None

    def _answer(self, item: int, known: Known, answer: Values | None, *, right: bool = True) -> Effect:
        """Hold a real item to what the requester says of it, None: to nothing."""
        if answer is not None:
            self.answered.add(item)
        known.answers.know(item, NONE, answer, right=right)
        return Effect(np.array([item]))

    def _forget(self, item: int, known: Known) -> Effect:
        """Hold a real item to nothing that was said of it."""
        self.answered.discard(item)
        self.verified.pop(item, None)
        return self._answer(item, known, None)

    def _uphold(self, page: int, known: Known) -> Effect:
        """Hold what was missed on a page against its worker no more; what is measured by control items stays."""
        if page in self.upheld:
            return Effect()
        self.upheld.add(page)
        responses = known.responses
        failed = responses.failed.values
        for item in responses.item.values[failed[responses.page.values[failed] == page]].tolist():
            self.lost[item] = self.lost.get(item, 0) + 1
        return Effect(better=frozenset((responses.pages.worker[page],)))

    def forgive(self, responses: Responses, workers: Sequence[WorkerRecord], withdrawn: Collection[int]) -> None:
        """Count what was missed on upheld pages and would be held against their workers still.

        What is put right or withdrawn afterwards is forgiven by that, and not twice.
        """
        if not self.upheld:
            return
        failed = responses.failed.values
        missed = failed[np.isin(responses.page.values[failed], list(self.upheld))]
        missed = missed[~np.isin(responses.item.values[missed], list(withdrawn))]
        counts = Counter(responses.workers(missed).tolist())
        for number in {responses.pages.worker[page] for page in self.upheld}:
            workers[number].forgiven = counts[number]

    @property
    def of_items(self) -> set[int]:
        """The real items of which something was said that tells how many are to answer them."""
        return self.answered | self.aside | self.asked.keys()

    def draw(self, drawn: Mapping[int, float]) -> None:
        """Take in which items were drawn for somebody trusted to judge."""
        self.taken += 1
        self.draws.append(dict(drawn))

    def drawn(self) -> dict[int, float]:
        """The items that were drawn so far, each with the probability of that as it was noted last."""
        return {item: chance for draw in self.draws for item, chance in draw.items()}

    def sample(self) -> dict[int, float]:
        """The items that stand for all, with their probabilities: those of the draws that are judged to the end.

        Of a draw that is judged in part nobody knows why just these were; nor of an item that was picked by hand.
        """
        found: dict[int, float] = {}
        for draw in self.draws:
            if not draw.keys() <= self.verified.keys():
                break
            found |= draw
        return found

    def decided(self) -> None:
        """Note that all that they ask for is ordered."""
        self.new = False
        self.to_pay.clear()
        for workers in (self.to_close, self.to_open, self.better):
            workers.clear()
        for pages in (self.to_accept, self.to_take_back, self.counted):
            pages.clear()

    def _count_worker(self, number: int, responses: Responses, *, discarded: bool) -> Effect:
        if (number in responses.discarded) is discarded:
            return Effect()
        (self.to_close if discarded else self.to_open).add(number)
        (self.to_open if discarded else self.to_close).discard(number)
        return Effect(responses.discard(number, discarded=discarded))


def _withdraw(item: int, known: Known) -> Effect:
    """Let nothing that was answered to a control item count against anybody."""
    reports, responses = known.control_reports, known.responses
    if item in reports.withdrawn:
        return Effect()
    look = reports.withdraw(responses, known.workers, item)
    known.answers.know(item, responses.answers_to(item), None)
    return Effect(controls=-look.forgiven, better=frozenset(responses.pages.worker[page] for page in look.pages))


def _mend(item: int, correction: Correct, known: Known) -> Effect:
    """Hold a control item to another answer; records and pages have what follows from it, and no page its verdict."""
    responses, pages = known.responses, known.responses.pages
    if item in known.control_reports.withdrawn:
        return Effect()
    rows = responses.answers_to(item)
    correct = known.answers.know(item, rows, correction.answer).correct
    changes = correct.astype(np.int64) - ~np.isin(rows, responses.failed.values)
    better = set()
    for page, change in zip(responses.page.values[rows].tolist(), changes.tolist(), strict=True):
        record = known.workers[pages.worker[page]]
        pages.correct[page] += change
        record.control_correct += change
        if change > 0:
            better.add(record.number)
    others = np.setdiff1d(responses.failed.values, rows)
    responses.failed.replace(np.sort(np.concatenate([others, rows[~correct]])))
    return Effect(correct=int(changes.sum()), better=frozenset(better))
