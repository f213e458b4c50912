"""What simulated workers do in a run, and when."""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataforge.errors import Refused
from dataforge.issue import submit, train
from dataforge.issue.closed import Closed, is_open
from dataforge.issue.rows import PageRow, StoredItem
from dataforge.issue.run import Run
from dataforge.issue.training import items_of
from dataforge.platforms._virtual import VirtualIssue
from dataforge.platforms._workers import SimulatedWorker, Truth
from dataforge.records import Snapshot

__all__ = ["Crowd", "Work"]


@dataclass(slots=True)
class Work:
    """One run on the platform: what its workers will do when, and who waits for work."""

    run: Run
    source: random.Random
    plan: list[tuple[float, int, int, PageRow | None]] = field(default_factory=list)
    idle: list[int] = field(default_factory=list)
    planned: int = 0
    commands: int = 0
    seen_changes: tuple[int, int] = (0, 0)
    pages_left: dict[int, int] = field(default_factory=dict)
    chance: dict[int, random.Random] = field(default_factory=dict)
    snapshot: Snapshot | None = None


class Crowd:
    """Simulated workers who act out their plans; `at_once` bounds how many events come together."""

    def __init__(self, issue: VirtualIssue, workers: Sequence[SimulatedWorker], truth: Truth, at_once: int) -> None:
        self.workers = workers
        self._issue, self._truth, self._limit = issue, truth, at_once

    def arrive(self, work: Work, seed: str) -> None:
        """Have the workers come to a run that was just published; what each does by chance follows from the seed."""
        for number, worker in enumerate(self.workers):
            work.chance[number] = random.Random(f"{seed}:{worker.name}")
            if worker.pages is not None:
                work.pages_left[number] = worker.pages
            self._note(work, self._issue.clock + worker.arrives, number)

    def _note(self, work: Work, at: float, worker: int, page: PageRow | None = None) -> None:
        work.planned += 1
        heapq.heappush(work.plan, (at, work.planned, worker, page))

    def pass_time(self, work: Work, after: int | None, deadline: float) -> None:
        """Act out the plan up to a time, or until a batch of events has come together."""
        full = None if after is None else after + self._limit
        while full is None or self._issue.store.runs.counters(work.run.id).cursor < full:
            self._wake(work)
            if not work.plan or work.plan[0][0] > deadline:
                self._issue.clock = max(self._issue.clock, deadline)
                self._issue.expire(work.source)
                return
            at, _, worker, page = heapq.heappop(work.plan)
            self._issue.clock = max(self._issue.clock, at)
            self._act(work, worker, page)

    def _wake(self, work: Work) -> None:
        """Workers who found nothing look again once a command was carried out or something went to the queue's tail."""
        changes = (work.commands, self._issue.store.runs.counters(work.run.id).tail)
        if work.idle and changes != work.seen_changes and self._is_anything_open(work):
            for worker in work.idle:
                self._note(work, self._issue.clock, worker)
            work.idle.clear()
        work.seen_changes = changes

    def _is_anything_open(self, work: Work) -> bool:
        # Crowds of thousands wait for the last items: one look at the queue spares each of them the asking.
        return is_open(self._issue.store, work.run.id)

    def _act(self, work: Work, number: int, page: PageRow | None) -> None:
        worker, chance = self.workers[number], work.chance[number]
        if page is not None:
            self._finish(work, worker, chance, page.page)
        if work.pages_left.get(number, 1) <= 0:
            return
        if not self._is_anything_open(work):
            work.idle.append(number)
            return
        issued = self._issue.take(work.source, work.run, worker.name, worker.language)
        if issued.page is None:
            self._come_back(work, number, issued.closed)
            return
        if number in work.pages_left:
            work.pages_left[number] -= 1
        if chance.random() < worker.skips:
            submit.skip(self._issue.transaction(work.source), issued.page.page)
            self._note(work, self._issue.clock + 1.0, number)
        elif chance.random() < worker.abandons:
            # The worker is away until the lease is over.
            self._note(work, self._issue.clock + work.run.publication.lease + 1.0, number, issued.page)
        else:
            pace = worker.seconds * len(issued.items) * (0.7 + 0.6 * chance.random())
            self._note(work, self._issue.clock + pace, number, issued.page)

    def _come_back(self, work: Work, number: int, closed: Closed | None) -> None:
        """Plan when a worker who got no page looks again."""
        if closed is not None and closed.reason == "training" and closed.until is None:
            self._train(work, number)
        elif closed is not None and closed.until is not None:
            self._note(work, closed.until, number)
        elif closed is None or closed.reason != "language":
            work.idle.append(number)

    def _train(self, work: Work, number: int) -> None:
        """Have a worker take a try at the training, and look for pages afterwards."""
        worker, chance, run = self.workers[number], work.chance[number], work.run
        account = self._issue.store.accounts.enter(worker.name, worker.name, worker.language)
        training = run.publication.training
        assert training is not None, "or nobody is sent to it"
        after = self._issue.store.trainees.load(run.id, account.id).number
        trainee = train.begin(self._issue.transaction(work.source), run, account, after)
        for place in range(len(trainee.answers), len(trainee.items)):
            inputs = items_of(training, trainee)[place].inputs
            given = self._issue.received(self._answer(worker, chance, inputs, {}))
            assert not isinstance(given, str), "what is trained is not reported"
            trainee = train.answer(self._issue.transaction(work.source), run, account, trainee.number, place, given)
        self._note(work, self._issue.clock + worker.seconds * len(trainee.items), number)

    def _finish(self, work: Work, worker: SimulatedWorker, chance: random.Random, page: bytes) -> None:
        """Submit a page, unless its time ran out."""
        self._issue.expire(work.source)
        row = self._issue.store.pages.by_page(page)
        if row is None or row.state != "held":
            return
        items = self._issue.store.items.of_page(row)
        shown = submit.shown_inputs(work.run, row, items)
        drafts = submit.shown_drafts(work.run, row, items)
        answers = [self._answer(worker, chance, inputs, draft) for inputs, draft in zip(shown, drafts, strict=True)]
        try:
            self._issue.submit(work.source, work.run, row, items, answers)
        except Refused as error:
            if error.code != "answer_invalid":
                raise
            raise _bad_answer(worker, items[error.details["item"]], error) from None

    def _answer(
        self, worker: SimulatedWorker, chance: random.Random, inputs: Mapping[str, Any], draft: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a worker answers to an item; of one that has no draft of an output that is their own answer."""
        given = worker.answer(inputs, self._truth(inputs), chance)
        return {**given, **draft} if draft and chance.random() < worker.waves else given


def _bad_answer(worker: SimulatedWorker, item: StoredItem, error: Refused) -> Refused:
    """The refusal of an answer, which counts the items of a page, with the names of the worker and of the item."""
    _, _, reason = error.message.partition(": ")
    return Refused(
        f"simulated worker {worker.name!r} answered item {item.key!r}: {reason}; mend its answer function",
        status=error.status,
        code=error.code,
        details=error.details,
    )
