"""A platform in memory: simulated workers, a virtual clock, no network and no server.

It keeps the same rules of issue as the embedded platform, so that a run can be tried out in milliseconds before
people are asked. Everything random comes from one seed: the same commands at the same virtual times give the same
events. Time passes only inside `poll`, and only while no event is waiting.
"""

from __future__ import annotations

import hashlib
import heapq
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from dataforge.errors import PlatformError, Refused, Unreachable
from dataforge.platforms._issue import Desk, HeldPage, Shut
from dataforge.records import Batch, Command, Publication, Snapshot
from dataforge.workspace import Workspace

__all__ = ["PLUGIN", "Answering", "SimulatedPlatform", "SimulatedWorker", "always", "right_with"]

Answering = Callable[[Mapping[str, Any], Mapping[str, Any], random.Random], dict[str, Any]]
Truth = Callable[[Mapping[str, Any]], Mapping[str, Any]]

# An idle platform gives the processor away for this long, in real seconds, before it says that nothing happened.
BREATH = 0.001


@dataclass(frozen=True)
class SimulatedWorker:
    """How one worker behaves.

    `answer(inputs, truth, random)` gives `{output: value}`; `seconds` is the mean time for one item; `skips` and
    `abandons` are the shares of pages declined and left lying; `arrives` is when, in seconds after the start, the
    worker comes; `pages` how many pages the worker does before leaving for good.
    """

    name: str
    answer: Answering
    seconds: float = 10.0
    skips: float = 0.0
    abandons: float = 0.0
    arrives: float = 0.0
    pages: int | None = None
    language: str = "en"


def right_with(share: float, options: Mapping[str, Sequence[Any]]) -> Answering:
    """A worker who is right in a share of cases and else gives another of the options, each equally often."""

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, values in options.items():
            right = truth.get(name)
            others = [value for value in values if value != right]
            given[name] = right if chance.random() < share or not others else chance.choice(others)
        return given

    return answer


def always(answers: Mapping[str, Any]) -> Answering:
    """A worker who gives the same answers whatever is shown."""
    return lambda inputs, truth, chance: dict(answers)


@dataclass(slots=True)
class _Post:
    """One run on the platform: its desk, its diary of what workers will do, and who waits for work."""

    desk: Desk
    diary: list[tuple[float, int, int, str]] = field(default_factory=list)
    idle: list[int] = field(default_factory=list)
    seen_changes: int = 0
    entries: int = 0
    pages_left: dict[int, int] = field(default_factory=dict)
    chance: dict[int, random.Random] = field(default_factory=dict)
    snapshot: Snapshot | None = None


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
        self._posts: dict[str, _Post] = {}
        self._lock = threading.RLock()

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
            post = self._posts.get(publication.name)
            if post is not None:
                if post.desk.publication != publication:
                    raise Refused(
                        f"run {publication.name!r} is already published with other content; choose another name",
                        status=409,
                        code="run_differs",
                    )
                return
            post = self._posts[publication.name] = _Post(Desk(publication, self._seed, keep_events=self._keep_events))
            for number, worker in enumerate(self.workers):
                post.chance[number] = random.Random(f"{self._seed}:{publication.name}:{worker.name}")
                if worker.pages is not None:
                    post.pages_left[number] = worker.pages
                self._note(post, self._clock + worker.arrives, number, "")

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        """Carry out commands at the present virtual time."""
        with self._lock:
            self._post(run).desk.execute(commands, self._clock)

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; while there are none, up to `wait` virtual seconds pass."""
        with self._lock:
            post = self._post(run)
            if post.desk.cursor <= after:
                self._pass_time(post, after, self._clock + wait)
            events = post.desk.events(after, self._limit)
            cursor = after + len(events)
            batch = Batch(events=events, cursor=cursor, more=post.desk.cursor > cursor)
        if not events and not post.diary:
            threading.Event().wait(BREATH)
        return batch

    def show(self, run: str, snapshot: Snapshot) -> None:
        """Keep the newest snapshot; see `snapshot`."""
        with self._lock:
            self._post(run).snapshot = snapshot

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

    def take(self, run: str, worker: str, *, language: str = "en") -> HeldPage | Shut:
        """A page for a worker who is not simulated, or why there is none."""
        with self._lock:
            return self._post(run).desk.take(worker, self._clock, language=language)

    def submit(self, run: str, page: str, answers: Sequence[Mapping[str, Any]]) -> str:
        """Answers of such a worker, in the order shown."""
        with self._lock:
            return self._post(run).desk.submit(page, answers, self._clock)

    def skip(self, run: str, page: str) -> None:
        """Decline a page."""
        with self._lock:
            self._post(run).desk.skip(page, self._clock)

    def release(self, run: str, page: str) -> None:
        """Hand back a page that was never shown."""
        with self._lock:
            self._post(run).desk.release(page, self._clock)

    def inputs(self, run: str, page: HeldPage) -> list[dict[str, Any]]:
        """What the worker sees of a page: the items' inputs, in the order shown."""
        with self._lock:
            desk = self._post(run).desk
            return [desk.inputs[place] for place in page.items]

    def forward(self, seconds: float) -> None:
        """Let virtual time pass in all runs."""
        with self._lock:
            until = self._clock + seconds
            for post in self._posts.values():
                self._pass_time(post, None, until)
            self._clock = until

    def snapshot(self, run: str) -> Snapshot | None:
        """The snapshot shown last."""
        with self._lock:
            return self._post(run).snapshot

    def spent(self, run: str) -> int:
        """What has been paid in the run, in millionths."""
        with self._lock:
            return self._post(run).desk.paid

    # --- inside -----------------------------------------------------------------------------------

    def _reach(self) -> None:
        if self.down:
            raise Unreachable("the simulated platform is switched off (down=True)")

    def _post(self, run: str) -> _Post:
        self._reach()
        try:
            return self._posts[run]
        except KeyError:
            raise Refused(f"there is no run {run!r}", status=404, code="run_unknown") from None

    def _note(self, post: _Post, at: float, worker: int, page: str) -> None:
        post.entries += 1
        heapq.heappush(post.diary, (at, post.entries, worker, page))

    def _pass_time(self, post: _Post, after: int | None, deadline: float) -> None:
        """Act out the diary up to a time, or until a batch of events has come together."""
        full = None if after is None else after + self._limit
        while full is None or post.desk.cursor < full:
            self._wake(post)
            if not post.diary or post.diary[0][0] > deadline:
                self._clock = max(self._clock, deadline)
                post.desk.expire(self._clock)
                return
            at, _, worker, page = heapq.heappop(post.diary)
            self._clock = max(self._clock, at)
            self._act(post, worker, page)

    def _wake(self, post: _Post) -> None:
        """Workers who found nothing look again once something has changed."""
        if post.idle and post.desk.changes != post.seen_changes:
            for worker in post.idle:
                self._note(post, self._clock, worker, "")
            post.idle.clear()
        post.seen_changes = post.desk.changes

    def _act(self, post: _Post, number: int, page: str) -> None:
        worker, chance = self.workers[number], post.chance[number]
        if page:
            self._finish(post, worker, chance, post.desk.pages[page])
        if post.pages_left.get(number, 1) <= 0:
            return
        taken = post.desk.take(worker.name, self._clock, language=worker.language, name=worker.name)
        if isinstance(taken, Shut):
            if taken.until is not None:
                self._note(post, taken.until, number, "")
            elif taken.reason != "language":
                post.idle.append(number)
            return
        if number in post.pages_left:
            post.pages_left[number] -= 1
        if chance.random() < worker.skips:
            post.desk.skip(taken.id, self._clock)
            self._note(post, self._clock + 1.0, number, "")
        elif chance.random() < worker.abandons:
            # The worker is away until the lease is over.
            self._note(post, self._clock + post.desk.publication.lease + 1.0, number, taken.id)
        else:
            pace = worker.seconds * len(taken.items) * (0.7 + 0.6 * chance.random())
            self._note(post, self._clock + pace, number, taken.id)

    def _finish(self, post: _Post, worker: SimulatedWorker, chance: random.Random, page: HeldPage) -> None:
        """Submit a page, unless its time ran out."""
        if self._clock > page.starts + post.desk.publication.lease:
            post.desk.expire(self._clock)
        if page.state != "taken":
            return
        shown = [post.desk.inputs[place] for place in page.items]
        answers = [worker.answer(inputs, self._truth(inputs), chance) for inputs in shown]
        post.desk.submit(page.id, answers, self._clock)


PLUGIN = SimulatedPlatform
