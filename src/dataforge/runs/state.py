"""The state of a run, folded from its log: who answered what, what was paid, what is new.

Folding an entry costs what the entry says, whatever the size of the run. Items, workers and pages are numbered;
their numbers are places in arrays. `new_items`, `new_workers` and `to_judge` are what has come since the last decision.

The file is long, and so is what `RunState` begins with, because one entry changes counters of items, pages, workers and
money together: split up, each part would hand the others what it has just counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.records import (
    Event,
    Judge,
    Money,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    Restrict,
    RunStateChanged,
    State,
    Texts,
    Want,
    WorkerAllowed,
    WorkerJoined,
    WorkerRestricted,
)
from dataforge.runs._columns import Column
from dataforge.runs._series import Series
from dataforge.runs.coding import Coding
from dataforge.runs.log import (
    AddRange,
    Close,
    Decided,
    Ending,
    Entry,
    Finished,
    Fitted,
    Order,
    Ordered,
    Received,
    Sent,
    Shown,
    Started,
    Ticked,
)

__all__ = ["ACCEPTED", "REJECTED", "SUBMITTED", "TAKEN", "Pages", "Places", "RunState", "WorkerRecord"]

Places = NDArray[np.int64]
"""Numbers of items, or of answers."""

TAKEN, SUBMITTED, ACCEPTED, REJECTED, GONE = range(5)
DURATION_BINS = 20
DURATIONS_TO = 4.0
"""The histogram of durations ends at this many times the task's hint."""


class WorkerRecord:
    """What a run knows of one worker. `correct[o]` counts right control answers of output o."""

    __slots__ = (
        "control_correct",
        "control_total",
        "correct",
        "earned",
        "id",
        "items",
        "joined",
        "language",
        "name",
        "number",
        "pages",
        "pages_accepted",
        "pages_rejected",
        "reason",
        "responses",
        "seconds",
        "skips",
        "until",
    )

    def __init__(self, worker: str, number: int, outputs: int, joined: float) -> None:
        self.id = worker
        self.number = number
        self.name = ""
        self.language = "en"
        self.joined = joined
        self.responses = 0
        self.items = 0
        self.pages = 0
        self.pages_accepted = 0
        self.pages_rejected = 0
        self.control_correct = 0
        self.control_total = 0
        self.correct = [0] * outputs
        self.seconds = 0.0
        self.skips = 0
        self.earned: Money = 0
        self.until = 0.0
        self.reason: Texts = {}

    @property
    def seconds_per_item(self) -> float | None:
        """Mean time for one item, over all submitted pages."""
        return self.seconds / self.items if self.items else None


class Pages:
    """The run's pages; `number[id]` finds those that are taken or submitted, the others need no finding."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.ids: list[str] = []
        self.worker = array("i")
        self.status = array("b")
        self.items = array("i")
        self.first = array("q")
        self.correct = array("i")
        self.controls = array("i")
        self.seconds = array("d")
        self.at = array("d")

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, page: str, worker: int, items: int, at: float) -> int:
        """Note a page that was taken, and give its number."""
        number = self.number[page] = len(self.ids)
        self.ids.append(page)
        self.worker.append(worker)
        self.status.append(TAKEN)
        self.items.append(items)
        self.first.append(-1)
        self.correct.append(0)
        self.controls.append(0)
        self.seconds.append(0.0)
        self.at.append(at)
        return number


class RunState:
    """A run as its log tells it. `prices[n - 1]` is the price of a page of n items, `hint` the duration of one."""

    def __init__(self, coding: Coding, prices: Sequence[Money], hint: float) -> None:
        self.coding = coding
        self.prices = tuple(prices)
        self.hint = hint
        n_items = len(coding.keys)
        self.prefix = ""
        self.started = 0.0
        self.now = 0.0
        self.last_event = 0.0
        self.cursor = 0
        self.unsent: dict[str, Order] = {}
        self.platform_state: State = "open"
        self.closing: Ending | None = None
        self.ending: Ending | None = None
        self.shown = False
        # items
        self.added = 0
        self.ranges = 0
        self.wanted = np.zeros(n_items, np.int32)
        self.accepted = np.zeros(n_items, np.int32)
        self.newest = np.full(n_items, -1, np.int32)
        self.incomplete = 0
        self.overlaps = [coding.real_total]
        # answers
        self.item: Column[np.int32] = Column(np.int32)
        self.page: Column[np.int32] = Column(np.int32)
        self.labels: list[Column[np.int16]] = [Column(np.int16) for _ in coding.outputs]
        self.before: Column[np.int32] = Column(np.int32, fill=-1)
        self.accepted_answers = 0
        # pages and workers
        self.pages = Pages()
        self.workers: list[WorkerRecord] = []
        self.worker_number: dict[str, int] = {}
        self.weights: list[Column[np.float64]] = [Column(np.float64, fill=0.5) for _ in coding.outputs]
        self.pages_out = 0
        self.pages_pending = 0
        self.pages_accepted = 0
        self.pages_rejected = 0
        self.unverified_pages = 0
        self.control_correct = 0
        self.control_total = 0
        self.paid: Money = 0
        self.pending: Money = 0
        self.committed: Money = 0
        # what is new
        self.to_judge: dict[int, None] = {}
        self.new_workers: set[int] = set()
        self.changed_workers: set[int] = set()
        self._new_items: list[Places] = []
        self.fitted_answers = -1
        self.fitted_afresh = False
        self.parameters = ""
        self.settled_answers = -1
        # charts
        self.durations = [0] * DURATION_BINS
        self.series = {name: Series() for name in ("answers", "control_accuracy", "confidence", "cost")}
        self._rows: list[int] = []
        self._row_pages: list[int] = []
        self._row_labels: list[list[int]] = [[] for _ in coding.outputs]
        self._accepted_pages: list[int] = []
        self._fold_event: dict[type, Callable[[Any], None]] = {
            WorkerJoined: self._joined,
            PageTaken: self._taken,
            PageSubmitted: self._submitted,
            PageJudged: self._judged,
            PageExpired: self._came_back,
            PageSkipped: self._skipped,
            PageReleased: self._came_back,
            WorkerRestricted: self._restricted,
            WorkerAllowed: self._allowed,
            RunStateChanged: self._state_changed,
        }

    # --- questions --------------------------------------------------------------------------------

    @property
    def new_items(self) -> Places:
        """Numbers of the real items that got accepted answers since the last decision."""
        if not self._new_items:
            return np.empty(0, np.int64)
        return np.unique(np.concatenate(self._new_items))

    @property
    def all_added(self) -> bool:
        """Whether all items have been ordered onto the platform."""
        return self.added == len(self.coding.keys)

    @property
    def unsettled(self) -> bool:
        """Whether all wanted answers are there and the whole has not been looked at since."""
        return self.all_added and self.incomplete == 0 and self.settled_answers != self.accepted_answers

    @property
    def over(self) -> bool:
        """Whether the run gives out no more pages and none is out: what there is now is what there will be."""
        return self.closing is not None and self.platform_state == "closed" and not self.in_flight

    @property
    def in_flight(self) -> int:
        """Pages taken or submitted and not yet judged."""
        return self.pages_out + self.pages_pending

    def price(self, items: int) -> Money:
        """The price of a page of so many items."""
        return self.prices[min(items, len(self.prices)) - 1] if items > 0 else 0

    def answers_of(self, items: Places) -> Places:
        """Numbers of the accepted answers to these items, in the order they came."""
        found = []
        newest = self.newest[items]
        before = self.before.values
        while len(newest := newest[newest >= 0]):
            found.append(newest)
            newest = before[newest]
        return np.sort(np.concatenate(found)).astype(np.int64) if found else np.empty(0, np.int64)

    def answers_in(self, *statuses: int) -> NDArray[np.bool_]:
        """Which answers are on pages of these statuses, shape (answers,)."""
        wanted = np.isin(np.array(self.pages.status, np.int8), statuses)
        mask: NDArray[np.bool_] = wanted[self.page.values]
        return mask

    def answer_workers(self, answers: Places | None = None) -> NDArray[np.int32]:
        """Numbers of the workers who gave these answers, or all of them."""
        pages = self.page.values if answers is None else self.page.values[answers]
        if len(pages) > len(self.pages) // 8:
            return np.array(self.pages.worker, np.int32)[pages]
        return np.fromiter(map(self.pages.worker.__getitem__, pages.tolist()), np.int32, len(pages))

    # --- folding ----------------------------------------------------------------------------------

    def fold(self, entry: Entry) -> None:
        """Take in the log's next entry."""
        match entry:
            case Received():
                self._received(entry.events)
                self.cursor = entry.cursor
            case Ordered():
                self._ordered(entry.order)
            case Sent():
                for key in entry.keys:
                    self.unsent.pop(key, None)
            case Decided():
                self._decided(entry)
            case Fitted():
                self.fitted_answers, self.fitted_afresh = entry.answers, entry.afresh
                self.parameters = entry.file
            case Ticked():
                self.now = max(self.now, entry.at)
            case Started():
                self.started = self.now = self.last_event = entry.at
                self.prefix = entry.prefix
            case Finished():
                self.now = max(self.now, entry.at)
                self.ending = entry.ending
            case Shown():
                self.shown = True

    def _decided(self, entry: Decided) -> None:
        self.new_workers.clear()
        self._new_items.clear()
        if entry.settled:
            self.settled_answers = self.accepted_answers
        if entry.confidence is not None:
            self.series["confidence"].add(self.now - self.started, entry.confidence)

    def _received(self, events: Sequence[Event]) -> None:
        for event in events:
            self.now = max(self.now, event.at)
            self._fold_event[type(event)](event)
        if not events:
            return
        self.last_event = self.now
        self._store_answers()
        self._accept_answers()
        since = self.now - self.started
        self.series["answers"].add(since, self.accepted_answers)
        self.series["cost"].add(since, self.paid / 1_000_000)
        if self.control_total:
            self.series["control_accuracy"].add(since, self.control_correct / self.control_total)

    def _ordered(self, order: Order) -> None:
        self.unsent[order.key] = order
        match order:
            case AddRange():
                places = np.arange(order.start, order.stop)
                self._want(places[~self.coding.control[order.start : order.stop]], order.wanted)
                self.added += order.stop - order.start
                self.ranges += 1
            case Want():
                places = np.fromiter(map(self.coding.index.__getitem__, order.wanted), np.int64, len(order.wanted))
                self._want(places, np.fromiter(order.wanted.values(), np.int32, len(order.wanted)))
            case Judge():
                for page in (*order.accepted, *order.rejected):
                    self.to_judge.pop(self.pages.number.get(page, -1), None)
            case Restrict():
                record = self.workers[self._worker(order.worker)]
                record.until, record.reason, record.skips = order.until, order.reason, 0
                self.changed_workers.add(record.number)
            case Close():
                self.closing = order.ending

    def _want(self, places: Places, wanted: NDArray[np.int32] | int) -> None:
        before = int((self.accepted[places] < self.wanted[places]).sum())
        self.wanted[places] = wanted
        self.incomplete += int((self.accepted[places] < self.wanted[places]).sum()) - before

    # --- events -----------------------------------------------------------------------------------

    def _worker(self, worker: str) -> int:
        number = self.worker_number.get(worker)
        if number is None:
            number = self.worker_number[worker] = len(self.workers)
            self.workers.append(WorkerRecord(worker, number, len(self.coding.outputs), self.now))
            for weights in self.weights:
                weights.append(0.5)
        return number

    def _news_of(self, number: int) -> WorkerRecord:
        self.new_workers.add(number)
        self.changed_workers.add(number)
        return self.workers[number]

    def _joined(self, event: WorkerJoined) -> None:
        record = self._news_of(self._worker(event.worker))
        record.joined, record.language, record.name = event.at, event.language, event.name

    def _taken(self, event: PageTaken) -> None:
        if event.page in self.pages.number:
            return
        self.pages.add(event.page, self._worker(event.worker), len(event.items), event.at)
        self.pages_out += 1
        self.committed += self.price(len(event.items))

    def _submitted(self, event: PageSubmitted) -> None:
        page = self.pages.number.get(event.page)
        if page is None or self.pages.status[page] != TAKEN:
            return
        index = self.coding.index
        places = [index[key] for key in event.items]
        self.pages.status[page] = SUBMITTED
        self.pages.first[page] = len(self.item) + len(self._rows)
        self.pages.seconds[page] = event.seconds
        self.pages.at[page] = event.at
        self._rows += places
        self._row_pages += [page] * len(places)
        for output, codes in zip(self.coding.outputs, self._row_labels, strict=True):
            find, name = output.code.get, output.name
            codes += [find(answer.get(name), -1) for answer in event.answers]
        self.pages_out -= 1
        self.pages_pending += 1
        self.pending += self.price(len(places))
        self.to_judge[page] = None
        record = self._news_of(self.pages.worker[page])
        record.skips = 0
        record.pages += 1
        record.responses += len(places)
        record.items += len(places)
        record.seconds += event.seconds
        self._check_controls(page, record, places)
        bin_ = int(event.seconds / max(len(places), 1) / (DURATIONS_TO * self.hint) * DURATION_BINS)
        self.durations[min(max(bin_, 0), DURATION_BINS - 1)] += 1

    def _check_controls(self, page: int, record: WorkerRecord, places: Sequence[int]) -> None:
        """Compare the answers to control items, the last rows noted, with the known ones."""
        known = self.coding.known
        for row, place in enumerate(places, len(self._rows) - len(places)):
            right = known.get(place)
            if right is None:
                continue
            all_right = True
            for output, code in enumerate(right):
                if code < 0 or self._row_labels[output][row] == code:
                    record.correct[output] += 1
                else:
                    all_right = False
            self.pages.controls[page] += 1
            self.pages.correct[page] += all_right
            record.control_total += 1
            record.control_correct += all_right
            self.control_total += 1
            self.control_correct += all_right
        for weights, correct in zip(self.weights, record.correct, strict=True):
            weights.values[record.number] = (correct + 0.5) / (record.control_total + 1)

    def _judged(self, event: PageJudged) -> None:
        page = self.pages.number.pop(event.page, None)
        if page is None:
            return
        self.to_judge.pop(page, None)
        self.pages_pending -= 1
        price = self.price(self.pages.items[page])
        self.pending -= price
        self.committed += event.amount - price
        record = self._news_of(self.pages.worker[page])
        if event.accepted:
            self.pages.status[page] = ACCEPTED
            self.pages_accepted += 1
            self.unverified_pages += self.pages.controls[page] == 0
            self.paid += event.amount
            record.earned += event.amount
            record.pages_accepted += 1
            self._accepted_pages.append(page)
        else:
            self.pages.status[page] = REJECTED
            self.pages_rejected += 1
            record.pages_rejected += 1

    def _came_back(self, event: PageExpired | PageReleased | PageSkipped) -> None:
        page = self.pages.number.pop(event.page, None)
        if page is not None:
            self.pages.status[page] = GONE
            self.pages_out -= 1
            self.committed -= self.price(self.pages.items[page])

    def _skipped(self, event: PageSkipped) -> None:
        self._came_back(event)
        self._news_of(self._worker(event.worker)).skips += 1

    def _restricted(self, event: WorkerRestricted) -> None:
        record = self._news_of(self._worker(event.worker))
        record.until, record.reason = event.until, event.reason

    def _allowed(self, event: WorkerAllowed) -> None:
        record = self._news_of(self._worker(event.worker))
        record.until, record.reason, record.skips = 0.0, {}, 0

    def _state_changed(self, event: RunStateChanged) -> None:
        self.platform_state = event.state
        if event.state == "closed":
            self.closing = self.closing or "stopped"
        elif event.state == "open":
            # Reopened by hand: whether there is anything left to do has to be looked at again.
            self.closing = None
            self.settled_answers = -1

    # --- answers, a batch at a time ---------------------------------------------------------------

    def _store_answers(self) -> None:
        if not self._rows:
            return
        self.item.extend(self._rows)
        self.page.extend(self._row_pages)
        for column, codes in zip(self.labels, self._row_labels, strict=True):
            column.extend(codes)
            codes.clear()
        self.before.grow(len(self.item))
        self._rows.clear()
        self._row_pages.clear()

    def _accept_answers(self) -> None:
        """Count and chain the answers of the pages accepted in this batch."""
        if not self._accepted_pages:
            return
        pages = self.pages
        rows = np.concatenate(
            [np.arange(pages.first[page], pages.first[page] + pages.items[page]) for page in self._accepted_pages]
        )
        self._accepted_pages.clear()
        items = self.item.values[rows]
        real = ~self.coding.control[items]
        rows, items = rows[real], items[real]
        order = np.lexsort((rows, items))
        rows, items = rows[order], items[order]
        touched, first, counts = np.unique(items, return_index=True, return_counts=True)
        again = np.flatnonzero(items[1:] == items[:-1])
        before = self.before.values
        before[rows[first]] = self.newest[touched]
        before[rows[again + 1]] = rows[again]
        self.newest[touched] = rows[first + counts - 1]
        self._count(touched, counts)
        self.accepted_answers += len(rows)
        self._new_items.append(touched.astype(np.int64))

    def _count(self, touched: NDArray[np.int32], counts: NDArray[np.int64]) -> None:
        was = self.accepted[touched]
        wanted = self.wanted[touched]
        now = was + counts
        self.accepted[touched] = now
        self.incomplete += int((now < wanted).sum()) - int((was < wanted).sum())
        most = int(now.max(initial=0))
        self.overlaps += [0] * (most + 1 - len(self.overlaps))
        for number, change in enumerate(np.bincount(now, minlength=most + 1) - np.bincount(was, minlength=most + 1)):
            self.overlaps[number] += int(change)
