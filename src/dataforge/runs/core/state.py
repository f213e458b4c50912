"""The state of a run, folded from its log: who answered what, what was paid, what is new.

Folding an entry costs what the entry says, whatever the size of the run. Items, workers and pages are numbered; their
numbers are places in arrays. `responses.new_items`, `new_workers` and `to_judge` are what has come since the last
decision.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dataforge.corrections import Correct, Withdraw
from dataforge.endings import Ending
from dataforge.items import Items
from dataforge.records import (
    FLAGS,
    Event,
    Judge,
    Money,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    ReportReason,
    Restrict,
    RunStateChanged,
    State,
    Want,
    WorkerAllowed,
    WorkerJoined,
    WorkerRestricted,
)
from dataforge.runs.core.answered import enter_answers
from dataforge.runs.core.charts import Charts
from dataforge.runs.core.columns import Column, Places
from dataforge.runs.core.control_reports import ControlReports
from dataforge.runs.core.corrected import NONE, Corrections, Known
from dataforge.runs.core.log import (
    AddRange,
    Changed,
    Close,
    Corrected,
    Decided,
    Entry,
    Fed,
    Final,
    Finished,
    Fitted,
    Open,
    Order,
    Ordered,
    Received,
    Reopened,
    Sent,
    Shown,
    Started,
    Ticked,
)
from dataforge.runs.core.pages import ACCEPTED, GONE, REJECTED, SUBMITTED, TAKEN
from dataforge.runs.core.quality import AnswerStore
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["NOT_FINAL", "RunState"]

ADDED_AT_ONCE = 2_000

NOT_FINAL = -1
"""In `RunState.finals`, where final items have the place of their flag among `FLAGS`."""
PLACE_OF_FLAG = {flag: place for place, flag in enumerate(FLAGS)}


class RunState:
    """A run as its log tells it. `prices[n - 1]` is the price of a page of n items, `hint` the duration of one.

    `feed_open`: more items may come, and the run does not end before it is told that none will.
    """

    def __init__(
        self,
        responses: Responses,
        answers: AnswerStore,
        prices: Sequence[Money],
        hint: float,
        *,
        feed_open: bool = False,
    ) -> None:
        self.numbering = responses.numbering
        self.pages = responses.pages
        self.responses = responses
        self.answers = answers
        self.prices = tuple(prices)
        self.hint = hint
        self.prefix = ""
        self.epoch = ""
        self.started = 0.0
        self.now = 0.0
        self.last_event = 0.0
        # the last event that came, and how many commands the platform has taken
        self.cursor = 0
        self.told_at: float | None = None
        self.sent = 0
        self.unsent: dict[str, Order] = {}
        self.platform_state: State = "open"
        self.closing: Ending | None = None
        self.ending: Ending | None = None
        self.shown = False
        # items: how many came from the feed, which are ordered onto the platform, which parts of the random order are
        # not yet, which are final and how
        self.feed_open = feed_open
        self.fed = 0
        self.newly_fed = False
        self.ordered: Column[np.bool_] = Column(np.bool_)
        self.to_add: deque[tuple[int, int]] = deque()
        self.reopening = False
        self.finals: Column[np.int8] = Column(np.int8, fill=NOT_FINAL)
        self.final_total = 0
        # the last change of what the run asks, and whether it has not been decided on yet
        self.changed: Changed | None = None
        self.revising = False
        self.charts = Charts(hint)
        # workers, verdicts and money
        self.workers: list[WorkerRecord] = []
        self.worker_number: dict[str, int] = {}
        self.pages_out = 0
        self.pages_pending = 0
        self.pages_accepted = 0
        self.pages_rejected = 0
        self.control_correct = 0
        self.control_total = 0
        self.reports: dict[ReportReason, int] = {}
        self.control_reports = ControlReports()
        self.corrections = Corrections()
        self.paid: Money = 0
        self.pending: Money = 0
        # pages of the batch that is folded whose answers are not entered yet, and what is new
        self._answered: dict[int, PageSubmitted] = {}
        self.to_judge: dict[int, None] = {}
        self.to_judge_again: set[int] = set()
        self.new_workers: set[int] = set()
        self.changed_workers: set[int] = set()
        # what the requester's pages say of items: on how many answers, and as in `finals` whether that is final and how
        self.shown_overlaps: Column[np.int32] = Column(np.int32)
        self.shown_finals: Column[np.int8] = Column(np.int8, fill=NOT_FINAL)
        # when all answers were last looked at together, and when nothing more was wanted
        self.fitted: Fitted | None = None
        self.settled_answers = -1

    # --- questions --------------------------------------------------------------------------------

    @property
    def changes(self) -> int:
        """How often what the run asks was changed."""
        return 0 if self.changed is None else self.changed.number

    @property
    def promised(self) -> Money:
        """What workers were paid and are promised: pages that are out, and those that wait for a verdict."""
        return self.paid + sum(self.price(self.pages.size[page]) for page in self.pages.number.values())

    @property
    def all_added(self) -> bool:
        """Whether all items have been ordered onto the platform."""
        return not self.to_add

    @property
    def unsettled(self) -> bool:
        """Whether all wanted answers are there and the whole has not been looked at since."""
        return not self.feed_open and self.satisfied and self.settled_answers != self.responses.accepted_total

    @property
    def satisfied(self) -> bool:
        """Whether all items that came are on the platform and all answers that are wanted are there."""
        return self.all_added and self.responses.incomplete == 0

    @property
    def waits_for_items(self) -> bool:
        """Whether nothing happens until items come, or the word that none will."""
        return self.feed_open and self.satisfied and not self.in_flight and not self.unsent and self.closing is None

    @property
    def over(self) -> bool:
        """Whether the run gives out no more pages and none is out: what there is now is what there will be."""
        return self.closing is not None and self.platform_state == "closed" and not self.in_flight

    @property
    def in_flight(self) -> int:
        """Pages taken or submitted and not yet judged."""
        return self.pages_out + self.pages_pending

    def places_of(self, order: AddRange) -> Places:
        """Numbers of the items that an order puts on the platform."""
        if order.shuffled:
            return self.numbering.order[order.start : order.stop].astype(np.int64)
        return np.arange(order.start, order.stop)

    def not_final(self) -> list[int]:
        """Numbers of the real items whose answers are not final."""
        open_ = (self.finals.values == NOT_FINAL) & ~self.numbering.control
        return np.flatnonzero(open_).tolist()

    def price(self, items: int) -> Money:
        """The price of a page of so many items."""
        return self.prices[min(items, len(self.prices)) - 1] if items > 0 else 0

    # --- folding ----------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Number further items."""
        start = len(self.numbering)
        self.numbering.grow(items)
        self.responses.grow()
        stop = len(self.numbering)
        for column in (self.finals, self.ordered, self.shown_overlaps, self.shown_finals):
            column.grow(stop)
        self.to_add += [(first, min(first + ADDED_AT_ONCE, stop)) for first in range(start, stop, ADDED_AT_ONCE)]

    def fold(self, entry: Entry) -> None:
        """Take in the log's next entry."""
        match entry:
            case Received():
                self._received(entry.events)
                self.cursor = entry.cursor
            case Ordered():
                self._ordered(entry.order)
            case Sent():
                self.sent += sum(self.unsent.pop(key, None) is not None for key in entry.keys)
            case Decided():
                self._decided(entry)
            case Fed():
                self._fed(entry)
            case Corrected():
                self._corrected(entry)
            case Final():
                self._final(entry)
            case Changed():
                self._changed(entry)
            case Reopened():
                self._reopened(entry)
            case Fitted():
                self.fitted = entry
            case Ticked():
                self.now = max(self.now, entry.at)
            case Started():
                self.started = self.now = self.last_event = entry.at
                self.prefix, self.epoch = entry.prefix, entry.epoch
            case Finished():
                self.now = max(self.now, entry.at)
                self.ending = entry.ending
            case Shown():
                self.shown = True

    def _decided(self, entry: Decided) -> None:
        self.new_workers.clear()
        self.corrections.decided()
        self.newly_fed = self.revising = False
        self.to_judge_again = {page for page in self.to_judge_again if self.pages.status[page] == SUBMITTED}
        self.responses.forget_news()
        if entry.settled:
            self.settled_answers = self.responses.accepted_total
        if entry.confidence is not None:
            self.charts.series["confidence"].add(self.now - self.started, entry.confidence)

    def _fed(self, entry: Fed) -> None:
        """The items themselves are numbered by then, see `grow`."""
        self.fed += entry.items
        self.newly_fed = True
        self.now = self.last_event = max(self.now, entry.at)
        self.feed_open = self.feed_open and not entry.finished
        self.settled_answers = -1
        if self.ending == "done":
            self._take_back_end()

    def _corrected(self, entry: Corrected) -> None:
        """Take in corrections. They take back the end, and with it all answers that were final."""
        self.now = self.last_event = max(self.now, entry.at)
        touched = [NONE] if self.ending is None else [np.flatnonzero(~self.numbering.control)]
        known = Known(self.responses, self.workers, self.answers, self.control_reports)
        for correction in entry.corrections:
            if isinstance(correction, Correct | Withdraw):
                number = self.numbering.index[correction.item]
            else:
                number = self._worker(correction.worker)
            effect = self.corrections.take(correction, number, known)
            self.control_total += effect.controls
            self.control_correct += effect.correct
            touched.append(effect.items)
        if better := self.corrections.better:
            rejected = np.flatnonzero(np.array(self.pages.status, np.int8) == REJECTED).tolist()
            self.to_judge_again |= {page for page in rejected if self.pages.worker[page] in better}
        self.changed_workers.update(range(len(self.workers)))
        self._take_back_end()
        self._look_again(np.unique(np.concatenate(touched)))

    def _take_back_end(self) -> None:
        """Go on where the run has ended; one that is done gives out pages again."""
        if self.ending == "done":
            self.closing, self.reopening = None, True
        if self.ending is not None:
            self.ending, self.shown = None, False

    def _look_again(self, items: Places) -> None:
        """Believe nothing of these items until they are looked at again, together with all others."""
        self.finals.values[items] = NOT_FINAL
        self.answers.release(items)
        self.responses.look_again(items)
        self.fitted, self.settled_answers = None, -1

    def _changed(self, entry: Changed) -> None:
        """A run that has ended is looked at again; whether it goes on is decided."""
        self.changed, self.revising = entry, True
        self.now = self.last_event = max(self.now, entry.at)
        self.fitted, self.settled_answers = None, -1
        self.ending, self.shown = None, False

    def _reopened(self, entry: Reopened) -> None:
        places = np.fromiter(map(self.numbering.index.__getitem__, entry.keys), np.int64, len(entry.keys))
        self.finals.values[places] = NOT_FINAL
        self.answers.release(places)
        self.responses.look_again(places)

    def _final(self, entry: Final) -> None:
        places = np.fromiter(map(self.numbering.index.__getitem__, entry.keys), np.int64, len(entry.keys))
        self.finals.values[places] = [PLACE_OF_FLAG[flag] for flag in entry.flags]
        self.final_total += len(places)
        self.answers.declare(places, entry.outcomes)

    def _received(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.at > self.now:
                self.now = event.at
            FOLDED_BY[type(event)](self, event)
        if not events:
            return
        self.told_at = events[-1].at
        self.last_event = self.now
        self._enter_answers()
        self.responses.enter()
        since = self.now - self.started
        series = self.charts.series
        series["answers"].add(since, self.responses.accepted_total)
        series["cost"].add(since, self.paid / 1_000_000)
        if self.control_total:
            series["control_accuracy"].add(since, self.control_correct / self.control_total)

    def _ordered(self, order: Order) -> None:
        self.unsent[order.key] = order
        match order:
            case AddRange():
                self._add(self.places_of(order), order.wanted)
            case Want():
                places = np.fromiter(map(self.numbering.index.__getitem__, order.wanted), np.int64, len(order.wanted))
                self.control_reports.to_withdraw.difference_update(places.tolist())
                wanted = np.fromiter(order.wanted.values(), np.int32, len(order.wanted))
                self.responses.want(places, wanted - self.responses.spent[places])
            case Judge():
                for page in (*order.accepted, *order.rejected):
                    self.to_judge.pop(self.pages.number.get(page, -1), None)
            case Restrict():
                record = self.workers[self._worker(order.worker)]
                record.restricted_until, record.restriction, record.skips = order.until, order.reason, 0
                self.changed_workers.add(record.number)
            case Close():
                self.closing = order.ending
            case Open():
                self.reopening, self.closing = False, None

    def _add(self, places: Places, wanted: int) -> None:
        """Note what is ordered onto the platform; an item that is there already stays as it is."""
        ordered = self.ordered.values
        places = places[~ordered[places]]
        ordered[places] = True
        control = self.numbering.control[places]
        self.responses.want(places[~control], wanted)
        self.responses.add_controls(places[control], wanted)
        while self.to_add and ordered[self.numbering.order[slice(*self.to_add[0])]].all():
            self.to_add.popleft()

    # --- events -----------------------------------------------------------------------------------

    def _worker(self, worker: str) -> int:
        number = self.worker_number.get(worker)
        if number is None:
            number = self.worker_number[worker] = len(self.workers)
            self.workers.append(WorkerRecord(worker, number, self.now))
            self.answers.add_worker()
            self.pages.vouching.add_worker()
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
        self.pages.add(event.page, self._worker(event.worker), len(event.items))
        self.responses.showings.given(event.page, event.items)
        self.pages_out += 1

    def _submitted(self, event: PageSubmitted) -> None:
        page = self.pages.number.get(event.page)
        if page is None or self.pages.status[page] != TAKEN:
            return
        items = len(event.items)
        self.pages.status[page] = SUBMITTED
        self.pages.submitted_at[page] = event.at
        self._answered[page] = event
        self.responses.showings.answered(event.page, items)
        self.pages_out -= 1
        self.pages_pending += 1
        self.pending += self.price(items)
        self.to_judge[page] = None
        record = self._news_of(self.pages.worker[page])
        record.skips = 0
        record.pages += 1
        record.responses += items
        if event.seconds is not None:
            self.pages.seconds[page] = event.seconds
            record.seconds += event.seconds
            record.timed += items
            self.charts.add_page(event.seconds, items)

    def _enter_answers(self) -> None:
        """Enter what was answered since the last time."""
        if not self._answered:
            return
        entered = enter_answers(self._answered, self.responses, self.answers, self.workers, self.control_reports)
        reporters = {self.pages.worker[page] for page in self._answered}
        self._answered.clear()
        look = self.control_reports.look(self.responses, self.workers, reporters)
        self.to_judge_again |= {page for page in look.pages if page not in self.to_judge}
        for item in look.withdrawn:
            self.answers.know(item, self.responses.answers_to(item), None)
        self.control_total += entered.controls - look.forgiven
        self.control_correct += entered.correct
        for reason, count in entered.reports.items():
            self.reports[reason] = self.reports.get(reason, 0) + count

    def _judged(self, event: PageJudged) -> None:
        page = self.pages.number.pop(event.page, None)
        if page is None:
            self._accepted_after_all(event)
            return
        if page in self._answered:
            self._enter_answers()
        self.to_judge.pop(page, None)
        self.pages_pending -= 1
        price = self.price(self.pages.size[page])
        self.pending -= price
        record = self._news_of(self.pages.worker[page])
        if self.pages.controls[page]:
            self.pages.vouching.judged(page, record.number, passed=event.accepted)
        if event.accepted:
            self._pay(page, record, event.amount)
        else:
            self.pages.status[page] = REJECTED
            self.pages_rejected += 1
            record.pages_rejected += 1

    def _pay(self, page: int, record: WorkerRecord, amount: Money) -> None:
        self.pages.status[page] = ACCEPTED
        self.pages_accepted += 1
        self.paid += amount
        record.earned += amount
        record.pages_accepted += 1
        self.responses.accept(page)

    def _accepted_after_all(self, event: PageJudged) -> None:
        """A page that was rejected is accepted: so seldom that it may be searched for."""
        if not event.accepted or event.page not in self.pages.ids:
            return
        page = self.pages.ids.index(event.page)
        if self.pages.status[page] != REJECTED:
            return
        record = self._news_of(self.pages.worker[page])
        self.pages_rejected -= 1
        record.pages_rejected -= 1
        self.pages.vouching.accepted_after_all(page, record.number, checked=self.pages.controls[page] > 0)
        self._pay(page, record, event.amount)

    def _came_back(self, event: PageExpired | PageReleased | PageSkipped) -> None:
        """A page is over unanswered: whether it was skipped, let go or left lying makes no difference."""
        page = self.pages.number.get(event.page)
        if page is None or self.pages.status[page] != TAKEN:
            return
        del self.pages.number[event.page]
        self.pages.status[page] = GONE
        self.pages_out -= 1
        self.responses.showings.came_back(event.page)
        self._news_of(self._worker(event.worker)).skips += 1

    def _restricted(self, event: WorkerRestricted) -> None:
        record = self._news_of(self._worker(event.worker))
        record.restricted_until, record.restriction = event.until, event.reason

    def _allowed(self, event: WorkerAllowed) -> None:
        record = self._news_of(self._worker(event.worker))
        record.restricted_until, record.restriction, record.skips = 0.0, {}, 0

    def _state_changed(self, event: RunStateChanged) -> None:
        self.platform_state = event.state
        if event.state == "closed":
            self.closing = self.closing or "stopped"
        elif event.state == "open":
            # Reopened by hand: whether there is anything left to do has to be looked at again.
            self.closing = None
            self.settled_answers = -1


FOLDED_BY: dict[type, Callable[[RunState, Any], None]] = {
    WorkerJoined: RunState._joined,
    PageTaken: RunState._taken,
    PageSubmitted: RunState._submitted,
    PageJudged: RunState._judged,
    PageExpired: RunState._came_back,
    PageSkipped: RunState._came_back,
    PageReleased: RunState._came_back,
    WorkerRestricted: RunState._restricted,
    WorkerAllowed: RunState._allowed,
    RunStateChanged: RunState._state_changed,
}
