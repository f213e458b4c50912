"""A run told event by event, and the least that can be known of answers: enough to fold and to decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import dataforge as df
from dataforge.records import (
    Event,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    RunStateChanged,
    State,
    WorkerAllowed,
    WorkerJoined,
    WorkerRestricted,
)
from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.decide import Decision, decide
from dataforge.runs.core.fold import fold
from dataforge.runs.core.log import Decided, Entry, FinalOutcome, Order, Ordered, Received, Started
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import Pages
from dataforge.runs.core.quality import Answer, Checked
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

START = 1_000.0
HINT = 10.0
PRICES = (100, 200, 300, 400, 500)


@df.task(duration="10s")
def likes(caption: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


class Doubts:
    """Knows nothing of labels: an answer is right or not, and an item gains by answers if it is in doubt."""

    def __init__(self, numbering: Numbering) -> None:
        self.doubted: set[int] = set()
        self.declared: set[int] = set()
        self.telling_little: set[int] = set()
        self.worse: set[int] = set()
        self.guessing: set[int] = set()
        self.worths: dict[int, float] = {}
        self.preferred: dict[int, tuple[int, ...]] = {}
        self.known: dict[int, bool | None] = {}
        self.workers = 0
        self.items_of: Callable[[Places], NDArray[np.integer]] = lambda rows: rows
        self._given: list[bool] = []
        self._numbering = numbering

    def add_worker(self) -> None:
        self.workers += 1

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        assert workers.max() < self.workers
        told = np.array([not isinstance(answer, str) for answer in answers])
        given = [not isinstance(answer, str) and answer["right"] for answer in answers]
        self._given += given
        known = [self.known.get(item, True) for item in items.tolist()]
        controls = self._numbering.control[items] & told & np.array([one is not None for one in known])
        return Checked(controls, controls & (np.array(given) == np.array(known)))

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Answers say whether they are right; held to `{"right": False}`, those are that were wrong."""
        known = self.known[item] = None if answer is None else answer["right"]
        correct = np.array([self._given[row] is known for row in rows.tolist()], bool)
        return Checked(np.full(len(rows), known is not None), correct)

    def sample(self, items: Places) -> None:
        self.sampled = items.tolist()

    def release(self, items: Places) -> None:
        self.declared.difference_update(items.tolist())

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        self.declared.update(items.tolist())

    def tell_little(self, workers: NDArray[np.int64]) -> Flags:
        return np.isin(workers, list(self.telling_little))

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """Nobody but those of whom the test says so."""
        return np.isin(workers, list(self.guessing))

    def held_to_sure(self, responses: Places) -> Checked:
        """All items are sure that are not in doubt, and right answers agree with them."""
        items = self.items_of(responses)
        sure = ~np.isin(items, list(self.doubted))
        return Checked(sure, sure & np.array([self._given[row] for row in responses.tolist()], bool))

    def worse_since(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(np.isin(workers, list(self.worse)), 0, -1)

    def gains(self, items: Places) -> Flags:
        return np.isin(items, list(self.doubted))

    def prefers(self, items: Places) -> list[tuple[int, ...]]:
        return [self.preferred.get(item, ()) for item in items.tolist()]

    def worth(self, items: Places) -> NDArray[np.floating]:
        return np.array([self.worths.get(item, np.nan) for item in items.tolist()])


class Story:
    """A run of real items `r0`, `r1`, … and control items `c0`, …; `now` is the time of what is told next."""

    def __init__(self, real: int = 2, controls: int = 0, *, feed_open: bool = False) -> None:
        rows = df.read_items(likes, [{"id": f"r{n}", "caption": f"real {n}"} for n in range(real)], id="id")
        if controls:
            known = [{"id": f"c{n}", "caption": f"control {n}", "answer": True} for n in range(controls)]
            rows = df.Items.join(rows, df.read_items(likes, known, control=True, id="id"))
        self.items = rows
        numbering = Numbering("salt")
        responses = Responses(numbering, Pages())
        self.doubts = Doubts(numbering)
        self.doubts.items_of = lambda rows: responses.item.values[rows]
        self.state = RunState(responses, self.doubts, PRICES, HINT, feed_open=feed_open)
        self.now = START
        self.state.grow(rows)
        self.fold(Started(START, "prefix"))

    def more(self, count: int, *, control: bool = False) -> df.Items:
        """Further items of one kind, named on."""
        first = int(self.state.numbering.control_total if control else self.state.numbering.real_total)
        kind, name = ("c", "control") if control else ("r", "real")
        known = {"answer": True} if control else {}
        rows = [{"id": f"{kind}{n}", "caption": f"{name} {n}", **known} for n in range(first, first + count)]
        return df.read_items(likes, rows, control=control) if rows else df.Items.empty(likes)

    def fold(self, *entries: Entry) -> None:
        for entry in entries:
            fold(self.state, entry)

    def ordered(self, *orders: Order) -> None:
        self.fold(*map(Ordered, orders))

    def happens(self, *events: Event) -> None:
        self.fold(Received(self.state.cursor + len(events), events))

    def decide(self, rules: Rules) -> Decision:
        return decide(self.state, self.doubts, rules)

    def goes_on(self, rules: Rules) -> Decision:
        """Decide, and take in what was decided, as the driver does."""
        decision = self.decide(rules)
        self.ordered(*decision.orders)
        self.fold(Decided(decision.settled))
        return decision

    def record(self, worker: str) -> WorkerRecord:
        return self.state.workers[self.state.worker_number[worker]]

    # --- events -----------------------------------------------------------------------------------

    def joined(self, worker: str, language: str = "en", name: str = "") -> None:
        self.happens(WorkerJoined(0, self.now, worker, language, name))

    def taken(self, page: str, worker: str, *items: str) -> None:
        self.happens(PageTaken(0, self.now, page, worker, items))

    def submitted(
        self,
        page: str,
        worker: str,
        *items: str,
        wrong: Sequence[str] = (),
        reported: Sequence[str] = (),
        seconds: float | None = 1_000.0,
    ) -> None:
        answers = tuple("broken" if item in reported else {"right": item not in wrong} for item in items)
        self.happens(PageSubmitted(0, self.now, page, worker, items, answers, seconds))

    def answered(
        self,
        page: str,
        worker: str,
        *items: str,
        wrong: Sequence[str] = (),
        reported: Sequence[str] = (),
        seconds: float | None = 1_000.0,
    ) -> None:
        self.taken(page, worker, *items)
        self.submitted(page, worker, *items, wrong=wrong, reported=reported, seconds=seconds)

    def judged(self, page: str, worker: str, accepted: bool = True, amount: int = 0) -> None:
        self.happens(PageJudged(0, self.now, page, worker, accepted, amount))

    def accepted(self, page: str, worker: str, *items: str, reported: Sequence[str] = (), amount: int = 0) -> None:
        """A page from its taking to its payment."""
        self.answered(page, worker, *items, reported=reported)
        self.judged(page, worker, True, amount)

    def expired(self, page: str, worker: str) -> None:
        self.happens(PageExpired(0, self.now, page, worker))

    def skipped(self, page: str, worker: str) -> None:
        self.happens(PageSkipped(0, self.now, page, worker))

    def released(self, page: str, worker: str) -> None:
        self.happens(PageReleased(0, self.now, page, worker))

    def restricted(self, worker: str, until: float, reason: Mapping[str, str] | None = None) -> None:
        self.happens(WorkerRestricted(0, self.now, worker, until, dict(reason or {})))

    def allowed(self, worker: str) -> None:
        self.happens(WorkerAllowed(0, self.now, worker))

    def became(self, state: State) -> None:
        self.happens(RunStateChanged(0, self.now, state))
