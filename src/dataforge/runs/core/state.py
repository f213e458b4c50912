"""The state of a run: who answered what, what was paid, what is new. `fold` makes it from the run's log.

Items, workers and pages are numbered; their numbers are places in arrays. `responses.new_items`, `new_workers` and
`to_judge` are what has come since the last decision.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import KW_ONLY, dataclass, field
from functools import partial

import numpy as np
from msgspec.structs import replace

from dataforge.data.items import Items
from dataforge.endings import Ending
from dataforge.records import FLAGS, Money, NotPaid, PageSubmitted, ReportReason, State
from dataforge.runs.core.charts import Charts
from dataforge.runs.core.columns import Column, Places
from dataforge.runs.core.control_reports import ControlReports
from dataforge.runs.core.corrected import Corrections
from dataforge.runs.core.log import AddRange, Changed, Fitted, Order
from dataforge.runs.core.quality import AnswerStore
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.trainings import Trainings
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["NOT_FINAL", "PLACE_OF_FLAG", "RunState"]

ADDED_AT_ONCE = 2_000

NOT_FINAL = -1
"""In `RunState.finals`, where final items have the place of their flag among `FLAGS`."""
# In `Fitted.answers`, where something else is known of the same answers since.
OUTDATED = -1
PLACE_OF_FLAG = {flag: place for place, flag in enumerate(FLAGS)}


@dataclass(eq=False)
class RunState:
    """A run as its log tells it. `prices[n - 1]` is the price of a page of n items, `hint` the duration of one.

    `feed_open`: more items may come, and the run does not end before it is told that none will.
    """

    responses: Responses
    answers: AnswerStore
    prices: tuple[Money, ...]
    hint: float
    _: KW_ONLY
    feed_open: bool = False
    prefix: str = ""
    epoch: str = ""
    started: float = 0.0
    now: float = 0.0
    last_event: float = 0.0
    # the last event that came, and how many commands the platform has taken
    cursor: int = 0
    told_at: float | None = None
    sent: int = 0
    unsent: dict[str, Order] = field(default_factory=dict)
    platform_state: State = "open"
    closing: Ending | None = None
    ending: Ending | None = None
    shown: bool = False
    # items: how many came from the feed, which are ordered onto the platform, which parts of the random order are
    # not yet, which are final and how
    fed: int = 0
    newly_fed: bool = False
    ordered: Column[np.bool_] = field(default_factory=partial(Column, np.bool_))
    to_add: deque[tuple[int, int]] = field(default_factory=deque)
    reopening: bool = False
    finals: Column[np.int8] = field(default_factory=partial(Column, np.int8, NOT_FINAL))
    final_total: int = 0
    # the last change of what the run asks, and whether it has not been decided on yet
    changed: Changed | None = None
    revising: bool = False
    # what the platform refused for good, and why: the last change, the last other command, items that it does not take
    refused_change: str = ""
    refused_order: str = ""
    refused_items: set[int] = field(default_factory=set)
    # items that were given once more, to people of whom nothing was known
    rechecked: set[int] = field(default_factory=set)
    # workers, verdicts and money
    workers: list[WorkerRecord] = field(default_factory=list)
    worker_number: dict[str, int] = field(default_factory=dict)
    pages_out: int = 0
    pages_pending: int = 0
    pages_accepted: int = 0
    pages_rejected: int = 0
    control_correct: int = 0
    control_total: int = 0
    judged_right: int = 0
    judged_total: int = 0
    reports: dict[ReportReason, int] = field(default_factory=dict)
    control_reports: ControlReports = field(default_factory=ControlReports)
    corrections: Corrections = field(default_factory=Corrections)
    trainings: Trainings = field(default_factory=Trainings)
    # with bonuses, which are paid once and not for each answer
    paid: Money = 0
    bonuses: Money = 0
    pending: Money = 0
    # by the numbers of workers whom the budget leaves below the wage floor: by how much
    lacking: dict[int, Money] = field(default_factory=dict)
    # what the budget did not reach for since it was changed last
    not_paid: list[NotPaid] = field(default_factory=list)
    # bonuses among that, which are ordered once more since it was changed, by the keys of those orders
    to_pay_again: dict[str, NotPaid] = field(default_factory=dict)
    # pages of the batch that is folded whose answers are not entered yet, and what is new
    answered: dict[int, PageSubmitted] = field(default_factory=dict)
    to_judge: dict[int, None] = field(default_factory=dict)
    to_judge_again: set[int] = field(default_factory=set)
    new_workers: set[int] = field(default_factory=set)
    changed_workers: set[int] = field(default_factory=set)
    # what the requester's pages say of items: on how many answers, and as in `finals` whether that is final and how
    shown_overlaps: Column[np.int32] = field(default_factory=partial(Column, np.int32))
    shown_finals: Column[np.int8] = field(default_factory=partial(Column, np.int8, NOT_FINAL))
    # when all answers were last looked at together, and when nothing more was wanted
    fitted: Fitted | None = None
    settled_answers: int = -1

    def __post_init__(self) -> None:
        self.numbering = self.responses.numbering
        self.pages = self.responses.pages
        self.charts = Charts(self.hint)

    # --- questions --------------------------------------------------------------------------------

    @property
    def changes(self) -> int:
        """How often what the run asks was changed."""
        return 0 if self.changed is None else self.changed.number

    @property
    def opened(self) -> int:
        """How often the run was opened again by hand."""
        return 0 if self.changed is None else self.changed.terms.opened

    @property
    def promised(self) -> Money:
        """What workers were paid and are promised: pages that are out, and those that wait for a verdict."""
        sizes = Counter(map(self.pages.size.__getitem__, self.pages.number.values()))
        return self.paid + sum(many * self.price(size) for size, many in sizes.items())

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
        return self.all_added and self.responses.incomplete == 0 and not self.drafts_awaited

    @property
    def waits_for_items(self) -> bool:
        """Whether nothing happens until items come, or the word that none will."""
        # What has just come may want more: that is known once it was decided of.
        at_work = self.in_flight or self.judged_again or self.unsent or len(self.responses.new_items)
        return self.feed_open and self.satisfied and not at_work and self.closing is None

    @property
    def over(self) -> bool:
        """Whether the run gives out no more pages and none is out: what there is now is what there will be."""
        at_work = self.in_flight or self.judged_again or (self.drafts_awaited and not self._drafts_held_back)
        return self.closing is not None and self.platform_state == "closed" and not at_work

    @property
    def drafts_awaited(self) -> bool:
        """Whether drafts are still to be judged, before anybody mends them."""
        return self.responses.solutions is not None and self.responses.solutions.drafts_awaited

    @property
    def _drafts_held_back(self) -> bool:
        """Whether none of those drafts is out: a run that is closed has no more of them judged."""
        return self.responses.solutions is not None and not self.responses.solutions.out

    @property
    def judged_again(self) -> bool:
        """Whether answers that count already are judged after all."""
        return self.responses.solutions is not None and bool(self.responses.solutions.again)

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

    def in_results(self) -> Places:
        """Numbers of the items that results tell of: neither control items nor set aside."""
        found = ~self.numbering.control
        if self.corrections.aside:
            found[list(self.corrections.aside)] = False
        return np.flatnonzero(found)

    def price(self, items: int) -> Money:
        """The price of a page of so many items."""
        return self.prices[min(items, len(self.prices)) - 1] if items > 0 else 0

    # --- going on after the end -------------------------------------------------------------------

    def take_back_end(self) -> None:
        """Go on where the run has ended; one that is done gives out pages again."""
        if self.ending == "done":
            self.closing, self.reopening = None, True
        if self.ending is not None:
            self.ending, self.shown = None, False

    def look_again(self, items: Places) -> None:
        """Believe nothing of these items until they are looked at again, together with all others."""
        self.finals.values[items] = NOT_FINAL
        self.answers.release(items)
        self.responses.look_again(items)
        self.look_at_all()

    def look_at_all(self) -> None:
        """Have all answers looked at together again, from what was found of the workers on: it is still on the disk."""
        self.settled_answers = -1
        if self.fitted is not None:
            self.fitted = replace(self.fitted, answers=OUTDATED, afresh=False)

    # --- growing ----------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Number further items."""
        start = len(self.numbering)
        self.numbering.grow(items)
        self.responses.grow()
        stop = len(self.numbering)
        for column in (self.finals, self.ordered, self.shown_overlaps, self.shown_finals):
            column.grow(stop)
        self.to_add += [(first, min(first + ADDED_AT_ONCE, stop)) for first in range(start, stop, ADDED_AT_ONCE)]

    def number_of(self, worker: str) -> int:
        """The number of a worker, who gets the next one when the run first hears of them."""
        number = self.worker_number.get(worker)
        if number is None:
            number = self.worker_number[worker] = len(self.workers)
            self.workers.append(WorkerRecord(worker, number, self.now))
            self.answers.add_worker()
            self.pages.vouching.add_worker()
        return number
