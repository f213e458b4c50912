"""What travels between a run, a platform and a worker's page, and nothing else.

All records are frozen msgspec structs: the same types are the JSON of the HTTP API, the lines of the run log and
the values in memory. Times are seconds since the epoch (float, UTC). Money is an integer number of millionths of
the run's currency unit, so that sums are exact. Texts are `{language: text}` with English always present.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

__all__ = [
    "FLAGS",
    "FOREVER",
    "REPORT_REASONS",
    "AddItems",
    "Added",
    "Allow",
    "Answer",
    "Batch",
    "ClosedReason",
    "Command",
    "Event",
    "Field",
    "Flag",
    "Item",
    "ItemQuality",
    "Judge",
    "Money",
    "PageExpired",
    "PageJudged",
    "PageReleased",
    "PageSkipped",
    "PageState",
    "PageSubmitted",
    "PageTaken",
    "Publication",
    "ReportReason",
    "Republish",
    "Restrict",
    "RunStateChanged",
    "SetState",
    "Snapshot",
    "Stage",
    "State",
    "TaskSpec",
    "Terms",
    "Texts",
    "Time",
    "Values",
    "Want",
    "WorkerAllowed",
    "WorkerJoined",
    "WorkerQuality",
    "WorkerRestricted",
    "unit_price",
]

# A title is the name that the type has in the description of the API and in the pages' code.
Texts = Annotated[dict[str, str], Meta(title="Texts", description="`{language: text}`, with English always present.")]
Values = Annotated[dict[str, Any], Meta(title="Values", description="JSON values by the names of inputs or outputs.")]
Money = Annotated[int, Meta(title="Money", description="An integer number of millionths of a currency unit.")]
Time = Annotated[float, Meta(title="Time", description="Seconds since the epoch.")]
State = Annotated[
    Literal["open", "paused", "closed", "archived"],
    Meta(
        title="State",
        description="A run's state on a platform; `archived`: it is put aside, and nobody works at it until it is "
        "brought back.",
    ),
]
Stage = Annotated[
    Literal["starting", "running", "waiting", "stalled", "paused", "finishing", "done", "budget", "time", "stopped"],
    Meta(
        title="Stage",
        description="Where a run stands; `waiting`: it is open and waits for items. `done`, `budget`, `time` and "
        "`stopped` say how it ended.",
    ),
]
Flag = Annotated[
    Literal[
        "",
        "unsure",
        "unverified",
        "no_answers",
        "budget",
        "time",
        "stopped",
        "reported",
        "incomplete",
        "corrected",
        "withdrawn",
    ],
    Meta(
        title="Flag",
        description="Why an item has no sure answer; empty where it has one. `incomplete`: the run goes on and wants "
        "more answers to it. `corrected`: the requester gave the answer; `withdrawn`: a control item no more.",
    ),
]
FLAGS: tuple[Flag, ...] = (
    "",
    "unsure",
    "unverified",
    "no_answers",
    "budget",
    "time",
    "stopped",
    "reported",
    "incomplete",
    "corrected",
    "withdrawn",
)
"""In this order for ever: runs keep the places of their items' flags."""
ReportReason = Annotated[
    Literal["broken", "language", "forbidden", "unclear"],
    Meta(
        title="ReportReason",
        description="Why a worker reports an item: it does not open or play, is in another language, shows what must "
        "not be shown, or cannot be told.",
    ),
]
REPORT_REASONS: tuple[ReportReason, ...] = ("broken", "language", "forbidden", "unclear")
# What a worker says of one item: values by the names of the outputs, or why it cannot be answered.
Answer = Values | ReportReason
PageState = Annotated[
    Literal["held", "submitted", "accepted", "rejected", "expired", "late", "skipped", "released"],
    Meta(title="PageState", description="What became of a page; `late`: answers that came when its places were gone."),
]
ClosedReason = Annotated[
    Literal[
        "restricted",
        "all_done",
        "paused",
        "finished",
        "language",
        "budget",
        "busy",
        "newcomers",
        "unchecked",
        "no_items",
        "no_answers",
    ],
    Meta(title="ClosedReason", description="Why a run has no page for a worker."),
]

MICRO = 1_000_000
# The end of a restriction that has none, in 2255: tables that count nanoseconds end in 2262.
FOREVER: Time = 9e9


def unit_price(amount: float) -> Money:
    """An amount in currency units as an integer number of millionths: `unit_price(0.05) == 50_000`."""
    return round(amount * MICRO)


class _Record(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """The base of all records."""


# --- the task -------------------------------------------------------------------------------------


class Field(_Record, frozen=True):
    """One input or output of a task: an object type and the settings its widget needs.

    `settings` is what the object type's `settings()` returns and `from_settings` reads: for a choice
    `{"options": [{"value": "dog", "label": {"en": "dog"}}, ...]}`; see each file of `dataforge.objects`.
    """

    name: str
    type: str
    title: Texts
    required: bool = True
    settings: dict[str, Any] = {}


class TaskSpec(_Record, frozen=True):
    """A task as it travels: all that a platform must know to show it and to check answers.

    `duration` is the hint, in seconds, for one item. `instruction` is Markdown.
    """

    id: str
    name: Texts
    instruction: Texts
    duration: float
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    description: Texts = {}


# --- what a run asks of a platform ----------------------------------------------------------------


class Item(_Record, frozen=True):
    """One row of the user's data as the platform sees it: the inputs in JSON form, never the answer.

    `key` is the run's name of the item; workers never see it. `wanted` is how many responses are wanted now.
    A control item has no limit of responses: `wanted` is ignored. `notes` are for the requester alone, who finds the
    item by them: columns that are carried, and the names of files by the input. They make no other item of it.
    """

    key: str
    inputs: Values
    control: bool = False
    wanted: int = 1
    notes: Values = {}


class Publication(_Record, frozen=True):
    """A run as it is put on a platform; publishing the same name again with the same content changes nothing.

    `prices[n - 1]` is the price of a page with n items, control items included; its length is the largest page.
    `budget` bounds the sum of prices of pages taken, submitted and accepted;
    no page is given out beyond it. None: no bound.
    `lease` is how long, in seconds, a worker may keep a page. `languages`: empty means any.
    `identity` tells a run from every other that was or will be launched under its name. `checks` is that of the run
    whose answers are judged in this one, empty: of none; whoever is invited to that one may work at both.
    """

    name: str
    task: TaskSpec
    prices: tuple[Money, ...]
    real_per_page: int
    control_per_page: int
    lease: float
    currency: str = "USD"
    budget: Money | None = None
    languages: tuple[str, ...] = ()
    identity: str = ""
    checks: str = ""


class AddItems(_Record, frozen=True, tag="add_items", tag_field="kind"):
    """Put items into the run; one that is there already is left as it is, and refused if it says something else."""

    key: str
    items: tuple[Item, ...]


class Want(_Record, frozen=True, tag="want", tag_field="kind"):
    """Set how many responses each item should have in all (absolute numbers, so repeating is harmless).

    A control item is shown to as many as come, until 0 responses are wanted: then to nobody any more.
    """

    key: str
    wanted: dict[str, int]


class Judge(_Record, frozen=True, tag="judge", tag_field="kind"):
    """Accept pages (paid) or reject them (not paid, places given back); what is accepted stays accepted.

    A page that was rejected may be accepted later: it is paid, if the budget allows. `reasons[page]` is what the worker
    reads about a rejection.
    """

    key: str
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    reasons: dict[str, Texts] = {}


class Restrict(_Record, frozen=True, tag="restrict", tag_field="kind"):
    """Close the run to a worker until a time, for a reason that the worker can read."""

    key: str
    worker: str
    until: Time
    reason: Texts


class Allow(_Record, frozen=True, tag="allow", tag_field="kind"):
    """Lift a worker's restriction."""

    key: str
    worker: str


class Withhold(_Record, frozen=True, tag="withhold", tag_field="kind"):
    """Give these items, by their keys, to these workers never; pages that are out stay as they are.

    In one call with the command that adds them, so that no page comes between the two.
    """

    key: str
    workers: dict[str, tuple[str, ...]]


class SetState(_Record, frozen=True, tag="set_state", tag_field="kind"):
    """Open, pause or close the run. A closed run gives out no pages but still takes those already out."""

    key: str
    state: State


class Republish(_Record, frozen=True, tag="republish", tag_field="kind"):
    """Put a changed publication in place of the run's: the same again changes nothing.

    The task's texts, `budget`, `lease` and `languages` may differ, and nothing else. It holds for pages given out from
    now on; those that are out stay as they are, and are paid, whatever the budget.
    """

    key: str
    publication: Publication


Command = AddItems | Want | Judge | Restrict | Allow | Withhold | SetState | Republish


class Terms(_Record, frozen=True):
    """What a run asks: its policy in JSON, and what of it is published."""

    policy: dict[str, Any]
    publication: Publication


# --- what a platform reports ----------------------------------------------------------------------


class WorkerJoined(_Record, frozen=True, tag="worker_joined", tag_field="kind"):
    """A worker took the run's first page."""

    cursor: int
    at: Time
    worker: str
    language: str = "en"
    name: str = ""


class PageTaken(_Record, frozen=True, tag="page_taken", tag_field="kind"):
    """A worker was given a page; `items` are item keys in the order shown."""

    cursor: int
    at: Time
    page: str
    worker: str
    items: tuple[str, ...]


class PageSubmitted(_Record, frozen=True, tag="page_submitted", tag_field="kind"):
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


class PageExpired(_Record, frozen=True, tag="page_expired", tag_field="kind"):
    """A lease ran out; the page's places are free again."""

    cursor: int
    at: Time
    page: str
    worker: str


class PageSkipped(_Record, frozen=True, tag="page_skipped", tag_field="kind"):
    """A worker declined a page; its places are free again and the worker will not see its items again."""

    cursor: int
    at: Time
    page: str
    worker: str


class PageReleased(_Record, frozen=True, tag="page_released", tag_field="kind"):
    """A page fetched ahead was handed back unseen; its places are free again."""

    cursor: int
    at: Time
    page: str
    worker: str


class PageJudged(_Record, frozen=True, tag="page_judged", tag_field="kind"):
    """A verdict took effect; `amount` is what was paid."""

    cursor: int
    at: Time
    page: str
    worker: str
    accepted: bool
    amount: Money = 0


class WorkerRestricted(_Record, frozen=True, tag="worker_restricted", tag_field="kind"):
    """The run is closed to a worker until a time, `FOREVER` if no end is known."""

    cursor: int
    at: Time
    worker: str
    until: Time
    reason: Texts = {}


class WorkerAllowed(_Record, frozen=True, tag="worker_allowed", tag_field="kind"):
    """A worker's restriction was lifted."""

    cursor: int
    at: Time
    worker: str


class RunStateChanged(_Record, frozen=True, tag="run_state_changed", tag_field="kind"):
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
    | RunStateChanged
)


class Batch(_Record, frozen=True):
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


# --- items that come to a run after its launch ----------------------------------------------------


class Added(_Record, frozen=True):
    """What an addition did: how many items are new to the run, and how many it knew already.

    `repeated`: how many of the new ones have the inputs of an item that the run has under another id; they are asked,
    and paid, all the same.
    """

    new: int
    known: int
    repeated: int = 0


# --- what a run shows on the requester's pages ----------------------------------------------------


class WorkerQuality(_Record, frozen=True):
    """One worker in one run, as the run sees them. `skill` is the aggregator's; None before the first fit.

    `discarded`: the requester lets none of the worker's answers count.
    """

    worker: str
    responses: int
    pages_accepted: int
    pages_rejected: int
    control_correct: int
    control_total: int
    seconds_per_item: float | None = None
    skill: float | None = None
    earned: Money = 0
    discarded: bool = False


class ItemQuality(_Record, frozen=True):
    """One item's answer so far: output name to answer and confidence. `flag` says why an item has no sure answer.

    `reported` counts the reports among the accepted responses; `overlap` the answers.
    """

    key: str
    answer: Values
    confidence: dict[str, float]
    overlap: int
    final: bool = False
    flag: Flag = ""
    reported: int = 0


class Snapshot(_Record, frozen=True):
    """What the requester's pages show of a run. `items` and `workers` hold only what changed since the last one.

    `series` maps a chart's name to `[[seconds since launch, value], ...]`: "answers", "control_accuracy",
    "confidence", "cost" (in currency units). `confidence` is a histogram of 20 equal bins over 0..1; `overlap[n]` the
    number of items with n accepted responses; `durations` a histogram of seconds per item over 20 equal bins
    of 0..`durations_to`. `control_total` counts answers to control items. `min_confidence`: what the policy asks for.
    `about` says what was launched and what it costs, `policy` what the run holds workers and answers to, `way` how
    answers get their quality.
    """

    at: Time
    stage: Stage
    items_total: int
    items_final: int
    control_total: int
    responses: int
    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    cost: Money
    mean_confidence: float | None = None
    min_confidence: float | None = None
    control_accuracy: float | None = None
    about: tuple[Texts, ...] = ()
    policy: tuple[Texts, ...] = ()
    way: str = "consensus"
    notices: tuple[Texts, ...] = ()
    series: dict[str, list[tuple[float, float]]] = {}
    confidence: list[int] = field(default_factory=list)
    overlap: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    durations_to: float = 0.0
    answers: dict[str, dict[str, int]] = {}
    workers: tuple[WorkerQuality, ...] = ()
    items: tuple[ItemQuality, ...] = ()
