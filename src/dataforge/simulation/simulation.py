"""Simulated people who work over HTTP, through the same routes as a browser.

    people = crowd(40, "mixed", seed=1)
    report = Simulation(url, invitation, truth, people, seed=1).run()

Each person joins by the invitation, takes pages, looks at the items, answers and submits until the run is closed to
them. What somebody answers to an item depends on the seed, the person and the item's content only, never on when or
on which page it came. With `turns=True` people also take pages one after another in a seeded order, and the next
page is not taken before the run has judged the last one: then everything that happens is the same each time.

No time is slept unless `time_scale` says so; the server sees simulated people finish pages in milliseconds, so
a policy with speed rules restricts them all. Switch these rules off, or set `time_scale=1` and wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic

from dataforge import cards
from dataforge.arguments import entries
from dataforge.errors import PlatformError, SpecError
from dataforge.simulation._worker import Setting, Stage, Worker, WorkerReport
from dataforge.simulation.personas import Persona, draw
from dataforge.simulation.truth import Questionnaire, Truth

__all__ = ["Simulation", "SimulationReport", "WorkerReport"]

SHORTEST_IDLE = 0.02
LONGEST_IDLE = 0.5
SHORTEST_LOOK = 0.002
LONGEST_LOOK = 0.05


@dataclass(frozen=True)
class SimulationReport:
    """What all simulated people did.

    `stalled`: people were still willing, but no page came for as long as their patience lasted. `unfinished`: the run
    waits for others, since all of these have gone.
    """

    workers: tuple[WorkerReport, ...]
    seconds: float
    stalled: bool = False
    unfinished: bool = False

    def __repr__(self) -> str:
        return f"SimulationReport({self._about})"

    def _repr_html_(self) -> str:
        kinds = dict.fromkeys(worker.honesty for worker in self.workers)
        return cards.card("Simulation", self._about, cards.table((kind, self._of(kind)) for kind in kinds))

    @property
    def _about(self) -> str:
        did = f"{len(self.workers)} people, {self.pages} pages, {self.responses} answers in {self.seconds:.1f} s"
        waits = "; the run is not over, and waits for more people" if self.unfinished else ""
        return f"{did}{'; stalled' if self.stalled else ''}{waits}"

    def _of(self, kind: str) -> str:
        """What people of one kind did."""
        people = [worker for worker in self.workers if worker.honesty == kind]
        right, answers = sum(one.right for one in people), sum(one.answers for one in people)
        accepted, rejected = sum(one.pages_accepted for one in people), sum(one.pages_rejected for one in people)
        told = "1 person" if len(people) == 1 else f"{len(people)} people"
        return (
            f"{told}; right: {right / answers if answers else 0:.0%} of {answers} answers; "
            f"pages accepted: {accepted}, rejected: {rejected}"
        )

    @property
    def pages(self) -> int:
        """Pages submitted in time."""
        return sum(worker.pages for worker in self.workers)

    @property
    def responses(self) -> int:
        """Items answered on these pages, control items included."""
        return sum(worker.responses for worker in self.workers)


@entries
class Simulation:
    """A crowd at work on one run, and on those in which its answers are judged.

    Args:
        url: Where the server is, such as `http://127.0.0.1:8000`.
        invitation: An invitation's path (`/join/…`), link or bare code.
        truth: The right answers; see `dataforge.simulation.truth.Truth`.
        people: Who works; see `crowd`.
        run: The run's name; by default the only one that the invitation opens.
        checks: By the names of runs in which the answers of that one are judged what is right there; the same people
            work at them.
        sent: Takes of each file that people send, by its `content_hash`, whether it is a good one.
        seed: Of answers, skips, speeds and turns.
        time_scale: Seconds slept for each simulated second; 0: none.
        turns: One page at a time in a seeded order instead of all people at once.
        patience: Seconds to wait for a server that does not answer, or for a verdict.
        page_patience: Seconds without a page for anybody after which all go home; by default the same.
        settled: Awaited before the first page and, with `turns`, after each; by default the worker's account is
            looked at until no page of theirs is pending.
    """

    def __init__(
        self,
        url: str,
        invitation: str,
        truth: Truth,
        people: Sequence[Persona],
        *,
        run: str | None = None,
        checks: Mapping[str, Truth] | None = None,
        sent: MutableMapping[str, bool] | None = None,
        seed: int = 0,
        time_scale: float = 0.0,
        turns: bool = False,
        patience: float = 30.0,
        page_patience: float | None = None,
        settled: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        if len({person.name for person in people}) != len(people):
            raise SpecError("two people of the simulation have the same name; their answers would be the same, too")
        setting = Setting(
            url=url.rstrip("/"),
            invitation=invitation.rstrip("/").rpartition("/")[2],
            seed=seed,
            time_scale=time_scale,
            patience=patience,
            sent={} if sent is None else sent,
            pause=self._pause,
        )
        self._workers = [Worker(person, setting) for person in people]
        self._run = run
        self._truth = truth
        self._checks = dict(checks or {})
        self._seed = seed
        self._turns = turns
        self._patience = patience
        self._page_patience = patience if page_patience is None else page_patience
        self._settled = settled
        self._stopping = threading.Event()
        self._wake: Callable[[], object] = lambda: None
        self._woken = asyncio.Event()
        self._begun = self._last_page = monotonic()

    def run(self) -> SimulationReport:
        """Work to the end and report; blocks, in a notebook too. `stop` ends it from another thread."""
        if not _loop_runs_here():
            return asyncio.run(self.work())
        # A notebook's thread has an event loop of its own already, in which no other can run.
        with ThreadPoolExecutor(1, "simulation") as thread:
            try:
                return thread.submit(lambda: asyncio.run(self.work())).result()
            except KeyboardInterrupt:
                self.stop()  # or leaving this block would wait for all the work
                raise

    def stop(self) -> None:
        """Let everybody finish the page at hand and go home; safe from any thread."""
        self._stopping.set()
        self._wake()

    def report(self) -> SimulationReport:
        """What was done so far."""
        return SimulationReport(tuple(worker.report() for worker in self._workers), monotonic() - self._begun)

    async def work(self) -> SimulationReport:
        """Work until the run is closed to everybody, nobody gets a page any more, or `stop`."""
        loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(self._woken.set)
        if self._stopping.is_set():
            self._woken.set()
        self._begun = self._last_page = monotonic()
        try:
            for worker in self._workers:
                await worker.join()
            stages = await self._stages()
            for worker in self._workers:
                worker.stages = stages
            if self._settled is not None:
                await self._settled()  # there are no pages before somebody drives the run
                self._last_page = monotonic()
            stalled = await (self._in_turns if self._turns else self._at_once)()
            for worker in self._workers:
                await worker.account()
        finally:
            self._wake = lambda: None
            for worker in self._workers:
                await worker.hang_up()
        return replace(self.report(), stalled=stalled)

    async def _stages(self) -> tuple[Stage, ...]:
        truths = {self._run or await self._only_run(): self._truth, **self._checks}
        task = self._workers[0].task
        return tuple([Stage(run, Questionnaire.of(await task(run)), truth) for run, truth in truths.items()])

    async def _only_run(self) -> str:
        runs = await self._workers[0].runs()
        if len(runs) != 1:
            raise PlatformError(f"the invitation opens {len(runs)} runs ({', '.join(runs)}); name the one to work on")
        return runs[0]

    async def _in_turns(self) -> bool:
        order, idle = list(self._workers), SHORTEST_IDLE
        for round_number in range(1_000_000_000):
            draw(self._seed, "turns", round_number).shuffle(order)
            pages = 0
            for worker in order:
                for stage in worker.stages:
                    if self._stopping.is_set():
                        return False
                    if await worker.turn(stage):
                        await self._settle(worker)
                        pages += 1
            if pages:
                self._last_page, idle = monotonic(), SHORTEST_IDLE
            elif not any(worker.open_stages for worker in order):
                return False
            elif monotonic() - self._last_page > self._page_patience:
                return True
            else:
                await self._pause(idle)
                idle = min(2 * idle, LONGEST_IDLE)
        return True

    async def _settle(self, worker: Worker) -> None:
        if self._settled is not None:
            await self._settled()
            return
        begun, pause = monotonic(), SHORTEST_LOOK
        while (await worker.account()).pages_pending and not self._stopping.is_set():
            if monotonic() - begun > self._patience:
                raise PlatformError(
                    f"no verdict on a page of {worker.persona.name!r} for {self._patience:g} s; who drives the run?"
                )
            await self._pause(pause)
            pause = min(2 * pause, LONGEST_LOOK)

    async def _at_once(self) -> bool:
        try:
            async with asyncio.TaskGroup() as group:
                ends = [group.create_task(self._alone(worker)) for worker in self._workers]
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None  # when the server refuses, it refuses everybody alike
        return any(end.result() for end in ends)

    async def _alone(self, worker: Worker) -> bool:
        idle = SHORTEST_IDLE
        while worker.open_stages and not self._stopping.is_set():
            if any([await worker.turn(stage) for stage in worker.stages]):
                self._last_page, idle = monotonic(), SHORTEST_IDLE
            elif monotonic() - self._last_page > self._page_patience and not any(
                other.at_work for other in self._workers
            ):
                return True
            else:
                await self._pause(idle)
                idle = min(2 * idle, LONGEST_IDLE)
        return False

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)


def _loop_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
