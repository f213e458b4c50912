"""A platform in memory: simulated workers, a virtual clock, no network and no server.

Issue is the embedded platform's own, over a store in memory, so that a run can be tried out in milliseconds before
people are asked. Everything random comes from one seed: the same commands at the same virtual times give the same
events. Time passes only inside `poll`, and only while no event is waiting.
"""

from __future__ import annotations

import hashlib
import heapq
import random
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from dataforge.arguments import entry
from dataforge.errors import PlatformError, Refused, Unreachable
from dataforge.issue import commands as issue_commands
from dataforge.issue import run as published
from dataforge.issue import submit, train
from dataforge.issue.change import Transaction
from dataforge.issue.closed import Closed, is_open
from dataforge.issue.filters import count
from dataforge.issue.memory import MemoryStore
from dataforge.issue.rows import PageRow, StoredItem
from dataforge.issue.run import Run, Runs, check_publication
from dataforge.issue.take import Issued, expire_due, take
from dataforge.issue.training import items_of
from dataforge.objects.base import MadeFile
from dataforge.platforms._workers import Answering, SimulatedWorker, Truth, always, enter, right_with
from dataforge.records import (
    AddItems,
    AskedOfWorkers,
    Batch,
    Command,
    PassingWorkers,
    Publication,
    ReportReason,
    Snapshot,
)
from dataforge.workspace import Workspace

__all__ = [
    "PLUGIN",
    "Answering",
    "SimulatedPlatform",
    "SimulatedWorker",
    "TakenPage",
    "always",
    "right_with",
]

# An idle platform gives the processor away for this long, in real seconds, before it says that nothing happened.
BREATH = 0.001


@dataclass(frozen=True)
class TakenPage:
    """A page in the hands of a worker who is not simulated: its id, inputs and drafts as the worker sees them."""

    id: str
    inputs: tuple[dict[str, Any], ...]
    drafts: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True)
class _Work:
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


@entry
class SimulatedPlatform:
    """Runs labelled by simulated workers in virtual time.

    `truth(inputs)` gives the right answers that the workers' functions see. `events_per_poll` bounds a batch. With
    `keep_events=False` events are forgotten once the run has gone past them, for very large simulations.
    """

    name = "simulated"

    def __init__(
        self,
        workers: Sequence[SimulatedWorker] = (),
        truth: Truth | None = None,
        *,
        seed: int = 0,
        start: float = 1_700_000_000.0,
        events_per_poll: int = 1000,
        keep_events: bool = True,
        commission: float = 0.0,
    ) -> None:
        self.commission = commission
        self.workers = tuple(workers)
        self.media: dict[str, bytes] = {}
        self.down = False
        self._truth = truth or (lambda inputs: {})
        self._seed = seed
        self._clock = start
        self._limit = events_per_poll
        self._keep_events = keep_events
        self.store = MemoryStore()
        self._runs = Runs()
        self._works: dict[int, _Work] = {}
        self._pages = 0
        self._lock = threading.RLock()
        for worker in self.workers:
            enter(self.store, worker, start)

    def settings(self) -> dict[str, Any]:
        """None: its workers are functions, which do not outlive the process."""
        return {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], workspace: Workspace) -> Self:
        """Raise `PlatformError`: a platform in memory is gone with the process that made it."""
        raise PlatformError(
            "the simulated platform lives in the process that launched the run, and only there; launch again with the "
            "same workers to go on"
        )

    # --- what a run asks of it --------------------------------------------------------------------

    def now(self) -> float:
        """The virtual time."""
        return self._clock

    def publish(self, publication: Publication) -> None:
        """Put a run on the platform; its workers start to arrive."""
        with self._lock:
            self._reach()
            check_publication(publication)
            source = random.Random(f"{self._seed}:{publication.name}")
            if (number := published.publish(self._transaction(source), publication)) is None:
                return
            work = self._works[number] = _Work(self._runs.by_id(self.store, number), source)
            for number, worker in enumerate(self.workers):
                work.chance[number] = random.Random(f"{self._seed}:{publication.name}:{worker.name}")
                if worker.pages is not None:
                    work.pages_left[number] = worker.pages
                self._note(work, self._clock + worker.arrives, number)

    def rename(self, publication: Publication, name: str) -> None:
        """Call the run otherwise."""
        with self._lock:
            self._reach()
            number = published.rename(self._transaction(random.Random()), publication.name, name, publication.identity)
            if number is not None:
                self._runs.forget(number)
                self._works[number].run = self._runs.by_id(self.store, number)

    def delete(self, publication: Publication) -> None:
        """Forget the run."""
        with self._lock:
            self._reach()
            row = self.store.runs.by_name(publication.name)
            if row is not None and row.publication.identity == publication.identity:
                self.store.runs.delete(row.id)
                self._runs.forget(row.id)
                del self._works[row.id]

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        """Carry out commands at the present virtual time."""
        with self._lock:
            work = self._work(run)
            for command in commands:
                if isinstance(command, AddItems):
                    for item in command.items:
                        issue_commands.check_item(work.run, item)
            work.commands += issue_commands.execute(self._transaction(work.source), work.run, commands).done
            work.run = self._runs.by_id(self.store, work.run.id)

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; while there are none, up to `wait` virtual seconds pass, and people act."""
        with self._lock:
            work = self._work(run)
            runs, number = self.store.runs, work.run.id
            # Who goes on after a crash only looks first, and then sends what was still to be sent: nobody acts between.
            if wait > 0 and runs.counters(number).cursor <= after:
                self._pass_time(work, after, self._clock + wait)
            events = tuple(runs.events_after(number, after, self._limit))
            if not self._keep_events:
                runs.forget_events(number, after)
            cursor = after + len(events)
            batch = Batch(events=events, cursor=cursor, more=runs.counters(number).cursor > cursor)
        if not events and not work.plan:
            threading.Event().wait(BREATH)
        return batch

    def show(self, run: str, snapshot: Snapshot) -> None:
        """Keep the newest snapshot; see `snapshot`."""
        with self._lock:
            self._work(run).snapshot = snapshot

    def attach(self, path: Path) -> dict[str, Any]:
        """Keep a file's bytes in memory."""
        content = path.read_bytes()
        media = hashlib.sha256(content).hexdigest() + path.suffix.lower()
        with self._lock:
            self._reach()
            self.media[media] = content
        return {"media": media}

    def invitation(self, run: str) -> str | None:
        """None: simulated workers come by themselves."""
        return None

    def dashboard(self, run: str) -> str | None:
        """None: there are no pages."""
        return None

    # --- what a worker by hand can do -------------------------------------------------------------

    def take(
        self, run: str, worker: str, *, have: Collection[str] = (), language: str = "en"
    ) -> TakenPage | Closed | None:
        """A page for a worker who is not simulated, or why there is none; None: they hold as many as they may.

        `have` are the ids of the pages that the worker has before them; one that they hold and do not have comes again.
        """
        with self._lock:
            work = self._work(run)
            issued = self._take(work, worker, worker, language, frozenset(map(bytes.fromhex, have)))
            if issued.page is None:
                return issued.closed
            about = work.run, issued.page, issued.items
            drafts = tuple(submit.shown_drafts(*about))
            return TakenPage(issued.page.page.hex(), tuple(submit.shown_inputs(*about)), drafts)

    def submit(self, run: str, page: str, answers: Sequence[Mapping[str, Any] | ReportReason]) -> str:
        """Answers of such a worker, in the order shown; an item's may be the reason for which it is reported."""
        with self._lock:
            work = self._work(run)
            row = self._page(page)
            if submit.already_submitted(self.store, row) is None:
                self._submit(work, row, self.store.items.of_page(row), answers)
        return "submitted"

    def skip(self, run: str, page: str) -> None:
        """Decline a page."""
        with self._lock:
            submit.skip(self._transaction(self._work(run).source), self._page(page).page)

    def release(self, run: str, page: str) -> None:
        """Hand back a page that was never shown."""
        with self._lock:
            submit.release(self._transaction(self._work(run).source), self._page(page).page)

    def forward(self, seconds: float) -> None:
        """Let virtual time pass in all runs."""
        with self._lock:
            until = self._clock + seconds
            for work in self._works.values():
                self._pass_time(work, None, until)
            self._clock = until

    def snapshot(self, run: str) -> Snapshot | None:
        """The snapshot shown last."""
        with self._lock:
            return self._work(run).snapshot

    def passing(self, workers: AskedOfWorkers | None, languages: Sequence[str]) -> PassingWorkers:
        """How many of the workers would pass what a run asks."""
        with self._lock:
            self._reach()
            skills = self.store.skills
            people = [(worker, skills.of(worker.id), 1) for worker in self.store.accounts.rows.values()]
            return count(workers or AskedOfWorkers(), languages, people, self._clock)

    def spent(self, run: str) -> int:
        """What has been paid in the run, in millionths."""
        with self._lock:
            return self.store.ledger.paid_in(self._work(run).run.id)

    # --- inside -----------------------------------------------------------------------------------

    def _reach(self) -> None:
        if self.down:
            raise Unreachable("the simulated platform is switched off (down=True)")

    def _work(self, run: str) -> _Work:
        self._reach()
        return self._works[self._runs.by_name(self.store, run).id]

    def _page(self, name: str) -> PageRow:
        try:
            row = self.store.pages.by_page(bytes.fromhex(name))
        except ValueError:
            row = None
        if row is None:
            raise submit.unknown_page(name)
        return row

    def _transaction(self, source: random.Random) -> Transaction[MemoryStore]:
        return Transaction(self.store, now=self._clock, source=source, new_page=self._new_page)

    def _new_page(self) -> bytes:
        # Nobody has to be kept from guessing them, and short ones make short logs.
        self._pages += 1
        return self._pages.to_bytes(4, "big")

    def _take(self, work: _Work, worker: str, name: str, language: str, have: Collection[bytes] = ()) -> Issued:
        account = self.store.accounts.enter(worker, name, language)
        if not account.known:
            # Everybody here has worked before: what is tried out is the run, not how people are met.
            self.store.accounts.set_known(account.id)
            account = self.store.accounts.enter(worker, name, language)
        return take(self._transaction(work.source), work.run, account, have)

    def _submit(
        self,
        work: _Work,
        page: PageRow,
        items: Sequence[StoredItem],
        answers: Sequence[Mapping[str, Any] | ReportReason],
    ) -> None:
        clean = submit.checked(work.run, page, items, [self._received(answer) for answer in answers])
        outcome = submit.submit(self._transaction(work.source), work.run, page.page, items, clean)
        if isinstance(outcome, Refused):
            raise outcome

    def _received(self, answer: Mapping[str, Any] | ReportReason) -> Mapping[str, Any] | ReportReason:
        """The answer with its files taken in."""
        if isinstance(answer, str):
            return answer
        made = {name: value for name, value in answer.items() if isinstance(value, MadeFile)}
        if not made:
            return answer
        self.media |= {value.name: value.content for value in made.values()}
        return {**answer, **{name: value.answer for name, value in made.items()}}

    def _note(self, work: _Work, at: float, worker: int, page: PageRow | None = None) -> None:
        work.planned += 1
        heapq.heappush(work.plan, (at, work.planned, worker, page))

    def _pass_time(self, work: _Work, after: int | None, deadline: float) -> None:
        """Act out the plan up to a time, or until a batch of events has come together."""
        full = None if after is None else after + self._limit
        while full is None or self.store.runs.counters(work.run.id).cursor < full:
            self._wake(work)
            if not work.plan or work.plan[0][0] > deadline:
                self._clock = max(self._clock, deadline)
                while expire_due(self._transaction(work.source)):
                    pass
                return
            at, _, worker, page = heapq.heappop(work.plan)
            self._clock = max(self._clock, at)
            self._act(work, worker, page)

    def _wake(self, work: _Work) -> None:
        """Workers who found nothing look again once a command was carried out or something went to the queue's tail."""
        changes = (work.commands, self.store.runs.counters(work.run.id).tail)
        if work.idle and changes != work.seen_changes and self._is_anything_open(work):
            for worker in work.idle:
                self._note(work, self._clock, worker)
            work.idle.clear()
        work.seen_changes = changes

    def _is_anything_open(self, work: _Work) -> bool:
        # Crowds of thousands wait for the last items: one look at the queue spares each of them the asking.
        return is_open(self.store, work.run.id)

    def _act(self, work: _Work, number: int, page: PageRow | None) -> None:
        worker, chance = self.workers[number], work.chance[number]
        if page is not None:
            self._finish(work, worker, chance, page.page)
        if work.pages_left.get(number, 1) <= 0:
            return
        if not self._is_anything_open(work):
            work.idle.append(number)
            return
        issued = self._take(work, worker.name, worker.name, worker.language)
        if issued.page is None:
            self._come_back(work, number, issued.closed)
            return
        if number in work.pages_left:
            work.pages_left[number] -= 1
        if chance.random() < worker.skips:
            submit.skip(self._transaction(work.source), issued.page.page)
            self._note(work, self._clock + 1.0, number)
        elif chance.random() < worker.abandons:
            # The worker is away until the lease is over.
            self._note(work, self._clock + work.run.publication.lease + 1.0, number, issued.page)
        else:
            pace = worker.seconds * len(issued.items) * (0.7 + 0.6 * chance.random())
            self._note(work, self._clock + pace, number, issued.page)

    def _come_back(self, work: _Work, number: int, closed: Closed | None) -> None:
        """Plan when a worker who got no page looks again."""
        if closed is not None and closed.reason == "training" and closed.until is None:
            self._train(work, number)
        elif closed is not None and closed.until is not None:
            self._note(work, closed.until, number)
        elif closed is None or closed.reason != "language":
            work.idle.append(number)

    def _train(self, work: _Work, number: int) -> None:
        """Have a worker take a try at the training, and look for pages afterwards."""
        worker, chance, run = self.workers[number], work.chance[number], work.run
        account = self.store.accounts.enter(worker.name, worker.name, worker.language)
        training = run.publication.training
        assert training is not None, "or nobody is sent to it"
        after = self.store.trainees.load(run.id, account.id).number
        trainee = train.begin(self._transaction(work.source), run, account, after)
        for place in range(len(trainee.answers), len(trainee.items)):
            inputs = items_of(training, trainee)[place].inputs
            given = self._received(self._answer(worker, chance, inputs, {}))
            assert not isinstance(given, str), "what is trained is not reported"
            trainee = train.answer(self._transaction(work.source), run, account, trainee.number, place, given)
        self._note(work, self._clock + worker.seconds * len(trainee.items), number)

    def _finish(self, work: _Work, worker: SimulatedWorker, chance: random.Random, page: bytes) -> None:
        """Submit a page, unless its time ran out."""
        while expire_due(self._transaction(work.source)):
            pass
        row = self.store.pages.by_page(page)
        if row is None or row.state != "held":
            return
        items = self.store.items.of_page(row)
        shown = submit.shown_inputs(work.run, row, items)
        drafts = submit.shown_drafts(work.run, row, items)
        answers = [self._answer(worker, chance, inputs, draft) for inputs, draft in zip(shown, drafts, strict=True)]
        try:
            self._submit(work, row, items, answers)
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


PLUGIN = SimulatedPlatform
