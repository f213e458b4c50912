"""What a platform reports to a run."""

from __future__ import annotations

from msgspec import field

from dataforge.records._words import Answer, Money, Record, State, Texts, Time

__all__ = [
    "Batch",
    "BonusPaid",
    "Event",
    "NotPaid",
    "PageExpired",
    "PageJudged",
    "PageReleased",
    "PageSkipped",
    "PageSubmitted",
    "PageTaken",
    "RunStateChanged",
    "ToppedUp",
    "WorkerAllowed",
    "WorkerJoined",
    "WorkerRestricted",
    "WorkerTrained",
]


class WorkerJoined(Record, frozen=True, tag="worker_joined", tag_field="kind"):
    """A worker took the run's first page."""

    cursor: int
    at: Time
    worker: str
    language: str = "en"
    name: str = ""


class PageTaken(Record, frozen=True, tag="page_taken", tag_field="kind"):
    """A worker was given a page; `items` are item keys in the order shown."""

    cursor: int
    at: Time
    page: str
    worker: str
    items: tuple[str, ...]


class PageSubmitted(Record, frozen=True, tag="page_submitted", tag_field="kind"):
    """A worker's answers: `answers[i]` maps output names to JSON values for `items[i]`, or says why it is reported.

    `seconds` is how long the page was on the worker's screen, within the time that the platform's clock leaves for it;
    None if that is not known.
    """

    cursor: int
    at: Time
    page: str
    worker: str
    items: tuple[str, ...]
    answers: tuple[Answer, ...]
    seconds: float | None = None


class PageExpired(Record, frozen=True, tag="page_expired", tag_field="kind"):
    """A lease ran out; the page's places are free again."""

    cursor: int
    at: Time
    page: str
    worker: str


class PageSkipped(Record, frozen=True, tag="page_skipped", tag_field="kind"):
    """A worker declined a page; its places are free again and the worker will not see its items again."""

    cursor: int
    at: Time
    page: str
    worker: str


class PageReleased(Record, frozen=True, tag="page_released", tag_field="kind"):
    """A page fetched ahead was handed back unseen; its places are free again."""

    cursor: int
    at: Time
    page: str
    worker: str


class PageJudged(Record, frozen=True, tag="page_judged", tag_field="kind"):
    """A verdict took effect; `amount` is what was paid, below 0 what an accepted page had earned and earns no more."""

    cursor: int
    at: Time
    page: str
    worker: str
    accepted: bool
    amount: Money = 0


class WorkerRestricted(Record, frozen=True, tag="worker_restricted", tag_field="kind"):
    """The run is closed to a worker until a time, `FOREVER` if no end is known."""

    cursor: int
    at: Time
    worker: str
    until: Time
    reason: Texts = field(default_factory=dict)


class WorkerAllowed(Record, frozen=True, tag="worker_allowed", tag_field="kind"):
    """A worker's restriction was lifted."""

    cursor: int
    at: Time
    worker: str


class BonusPaid(Record, frozen=True, tag="bonus_paid", tag_field="kind"):
    """A worker was paid an amount beside the prices of their pages."""

    cursor: int
    at: Time
    worker: str
    amount: Money


class NotPaid(Record, frozen=True, tag="not_paid", tag_field="kind"):
    """The budget did not reach for an amount that was ordered: a bonus, or a `page` that was to be accepted after all.

    The page stays rejected. Nothing is paid later by itself: who raises the budget orders it again. `reason` and `step`
    are those of the bonus; `budget` is the one that did not reach, by which whoever orders tells whether the refusal is
    older than a budget that was raised meanwhile.
    """

    cursor: int
    at: Time
    worker: str
    amount: Money
    page: str = ""
    reason: Texts = field(default_factory=dict)
    step: float = 0.0
    budget: Money | None = None


class ToppedUp(Record, frozen=True, tag="topped_up", tag_field="kind"):
    """What the wage floor brought a worker beside the prices of their pages; below 0: so much of it went back.

    `lacking`: what it would have brought besides, had the budget reached for that; it is paid once the budget is
    raised, or with the next page of theirs that is accepted and finds money.
    """

    cursor: int
    at: Time
    worker: str
    amount: Money
    lacking: Money = 0


class WorkerTrained(Record, frozen=True, tag="worker_trained", tag_field="kind"):
    """A worker came to the end of a try at the run's training, their `number`-th.

    `items` are places among the training's items in the order shown, `right` whether each was answered right at once;
    `score` is the share of these, 0 to 100. `training` is the name of the training that they are of, which may
    have other items by now; empty in events of older versions.
    """

    cursor: int
    at: Time
    worker: str
    number: int
    score: float
    passed: bool
    items: tuple[int, ...]
    right: tuple[bool, ...]
    training: str = ""


class RunStateChanged(Record, frozen=True, tag="run_state_changed", tag_field="kind"):
    """The run was opened, paused or closed, by the run itself or by hand on the requester's pages."""

    cursor: int
    at: Time
    state: State


Event = (
    WorkerJoined
    | PageTaken
    | PageSubmitted
    | PageExpired
    | PageSkipped
    | PageReleased
    | PageJudged
    | WorkerRestricted
    | WorkerAllowed
    | BonusPaid
    | NotPaid
    | ToppedUp
    | WorkerTrained
    | RunStateChanged
)


class Batch(Record, frozen=True):
    """Events after a cursor, oldest first; `cursor` is where to go on. `more`: others are already waiting.

    The rest tells a run whether the platform's store is the one that its log was written with, and not an older copy:
    `epoch` names the store, `commands` is how many commands of the run it has taken, repeated ones too, `since` when
    the event at the cursor that was asked for happened. What a platform leaves out is not looked at.
    """

    events: tuple[Event, ...]
    cursor: int
    more: bool = False
    epoch: str = ""
    commands: int | None = None
    since: Time | None = None
