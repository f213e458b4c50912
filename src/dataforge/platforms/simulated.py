"""A platform in memory: simulated workers, a virtual clock, no network and no server.

Issue is the embedded platform's own, over a store in memory, so that a run can be tried out in milliseconds before
people are asked. Everything random comes from one seed: the same commands at the same virtual times give the same
events. Time passes only inside `poll`, and only while no event is waiting. Runs share the clock, so that of those
driven side by side, as the runs of a pipeline are, who answers what depends on threads.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dataforge.arguments import entry
from dataforge.errors import PlatformError, Unreachable
from dataforge.issue import commands as issue_commands
from dataforge.issue import run as published
from dataforge.issue import submit
from dataforge.issue.checked_commands import check_item
from dataforge.issue.closed import Closed
from dataforge.issue.filters import count
from dataforge.issue.run import check_publication
from dataforge.platforms._crowd import Crowd, Work
from dataforge.platforms._virtual import VirtualIssue
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
        self.down = False
        self._issue = VirtualIssue(start)
        self.store, self.media, self._runs = self._issue.store, self._issue.media, self._issue.runs
        self._crowd = Crowd(self._issue, tuple(workers), truth or (lambda inputs: {}), events_per_poll)
        self._seed = seed
        self._limit = events_per_poll
        self._keep_events = keep_events
        self._works: dict[int, Work] = {}
        self._lock = threading.RLock()
        for worker in self.workers:
            enter(self.store, worker, start)

    @property
    def workers(self) -> Sequence[SimulatedWorker]:
        """Who comes to the runs; others may come to those that are published from now on."""
        return self._crowd.workers

    @workers.setter
    def workers(self, others: Sequence[SimulatedWorker]) -> None:
        self._crowd.workers = others

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
        return self._issue.clock

    def publish(self, publication: Publication) -> None:
        """Put a run on the platform; its workers start to arrive."""
        with self._lock:
            self._reach()
            check_publication(publication)
            source = random.Random(f"{self._seed}:{publication.name}")
            if (number := published.publish(self._issue.transaction(source), publication)) is None:
                return
            work = self._works[number] = Work(self._runs.by_id(self.store, number), source)
            self._crowd.arrive(work, f"{self._seed}:{publication.name}")

    def rename(self, publication: Publication, name: str) -> None:
        """Call the run otherwise."""
        with self._lock:
            self._reach()
            number = published.rename(
                self._issue.transaction(random.Random()), publication.name, name, publication.identity
            )
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
                        check_item(work.run, item)
            work.commands += issue_commands.execute(self._issue.transaction(work.source), work.run, commands).done
            work.run = self._runs.by_id(self.store, work.run.id)

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; while there are none, up to `wait` virtual seconds pass, and people act."""
        with self._lock:
            work = self._work(run)
            runs, number = self.store.runs, work.run.id
            # Who goes on after a crash only looks first, and then sends what was still to be sent: nobody acts between.
            if wait > 0 and runs.counters(number).cursor <= after:
                self._crowd.pass_time(work, after, self._issue.clock + wait)
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
            held = frozenset(map(bytes.fromhex, have))
            issued = self._issue.take(work.source, work.run, worker, language, held)
            if issued.page is None:
                return issued.closed
            about = work.run, issued.page, issued.items
            drafts = tuple(submit.shown_drafts(*about))
            return TakenPage(issued.page.page.hex(), tuple(submit.shown_inputs(*about)), drafts)

    def submit(self, run: str, page: str, answers: Sequence[Mapping[str, Any] | ReportReason]) -> str:
        """Answers of such a worker, in the order shown; an item's may be the reason for which it is reported."""
        with self._lock:
            work = self._work(run)
            row = self._issue.page(page)
            if submit.already_submitted(self.store, row) is None:
                self._issue.submit(work.source, work.run, row, self.store.items.of_page(row), answers)
        return "submitted"

    def skip(self, run: str, page: str) -> None:
        """Decline a page."""
        with self._lock:
            submit.skip(self._issue.transaction(self._work(run).source), self._issue.page(page).page)

    def release(self, run: str, page: str) -> None:
        """Hand back a page that was never shown."""
        with self._lock:
            submit.release(self._issue.transaction(self._work(run).source), self._issue.page(page).page)

    def forward(self, seconds: float) -> None:
        """Let virtual time pass in all runs."""
        with self._lock:
            until = self._issue.clock + seconds
            for work in self._works.values():
                self._crowd.pass_time(work, None, until)
            self._issue.clock = until

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
            return count(workers or AskedOfWorkers(), languages, people, self._issue.clock)

    def spent(self, run: str) -> int:
        """What has been paid in the run, in millionths."""
        with self._lock:
            return self.store.ledger.paid_in(self._work(run).run.id)

    # --- inside -----------------------------------------------------------------------------------

    def _reach(self) -> None:
        if self.down:
            raise Unreachable("the simulated platform is switched off (down=True)")

    def _work(self, run: str) -> Work:
        self._reach()
        return self._works[self._runs.by_name(self.store, run).id]


PLUGIN = SimulatedPlatform
