"""Bodies and replies of the HTTP API that are not records of their own; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from dataforge.records import (
    Answer,
    ClosedReason,
    Command,
    Flag,
    Money,
    PageState,
    Publication,
    ReportReason,
    Snapshot,
    State,
    TaskSpec,
    Texts,
    Time,
    Values,
)

__all__ = [
    "Answers",
    "Closed",
    "Commands",
    "Done",
    "Empty",
    "Have",
    "Health",
    "History",
    "HistoryPage",
    "Invitation",
    "InvitationOrder",
    "Invitations",
    "ItemList",
    "ItemView",
    "Join",
    "Joined",
    "Link",
    "Me",
    "MeChange",
    "MediaName",
    "NewItems",
    "NewState",
    "NextPage",
    "OpenRun",
    "OpenRuns",
    "Page",
    "PageItem",
    "PageOutcome",
    "PreviewOrder",
    "PreviewPlace",
    "PreviewView",
    "Proof",
    "Published",
    "ResponseView",
    "Restriction",
    "Return",
    "Returned",
    "RunList",
    "RunSummary",
    "RunTask",
    "RunView",
    "Session",
    "SessionList",
    "SessionView",
    "Standing",
    "Submitted",
    "Version",
    "WorkerList",
    "WorkerView",
]


class Empty(Struct, frozen=True):
    """Nothing."""


class Health(Struct, frozen=True):
    """The server answers."""

    status: Literal["ok"]
    version: str


class Proof(Struct, frozen=True):
    """What only the server of the asker's own workspace knows: a code of the nonce, the secret and the folder."""

    proof: str


# --- workers ---------------------------------------------------------------------------------------


class Join(Struct, frozen=True):
    """A newcomer with an invitation; `token`, made by the newcomer, makes it harmless to ask again."""

    invitation: str
    name: str
    language: str = "en"
    token: str | None = None


class Joined(Struct, frozen=True):
    """The account; a newcomer's `token` opens it again anywhere. Who had one already has the token too: it is null."""

    worker: str
    token: str | None
    return_path: str | None


class Return(Struct, frozen=True):
    """A worker's personal token."""

    token: str


class Returned(Struct, frozen=True):
    """Whose token it is."""

    worker: str
    name: str


class Link(Struct, frozen=True):
    """A worker's personal link, which opens the account in any browser, and the token in it."""

    token: str
    return_path: str


class Me(Struct, frozen=True):
    """A worker's account as they see it; money is of runs in `currency`, that of the run worked in last."""

    worker: str
    name: str
    language: str
    currency: str
    earned: Money
    pending: Money
    pages_accepted: int
    pages_pending: int
    pages_rejected: int


class MeChange(Struct, frozen=True):
    """What a worker changes about themselves."""

    language: str | None = None
    name: str | None = None


class Closed(Struct, frozen=True):
    """Why a run has no page for a worker."""

    reason: ClosedReason
    until: Time | None
    text: Texts


class OpenRun(Struct, frozen=True):
    """A run in a worker's list; `held`: they hold a page of it. `closed` says why there is no new one for them."""

    run: str
    name: Texts
    description: Texts
    page_price: Money
    page_items: int
    page_seconds: float
    currency: str
    earned: Money
    pending: Money
    pages_done: int
    held: bool
    open: bool
    closed: Closed | None


class OpenRuns(Struct, frozen=True):
    """The runs that a worker was invited to."""

    runs: list[OpenRun]


class RunTask(Struct, frozen=True):
    """A run's task as a worker gets it; `widgets` are the addresses of those that object types bring, by type."""

    run: str
    task: TaskSpec
    instruction_html: Texts
    currency: str
    page_price: Money
    page_items: int
    widgets: dict[str, str]


class Have(Struct, frozen=True):
    """The pages on the screen or fetched ahead."""

    have: list[str] = []


class PageItem(Struct, frozen=True):
    """An item as a worker gets it: its inputs, as they are stored, and nothing else."""

    inputs: Annotated[msgspec.Raw, Meta(extra_json_schema=msgspec.json.schema(Values))]


class Page(Struct, frozen=True):
    """A page as a worker gets it."""

    page: str
    run: str
    items: list[PageItem]
    price: Money
    currency: str
    seconds_left: float


class NextPage(Struct, frozen=True):
    """A page, or why there is none; neither if the worker already holds as many as they may."""

    page: Page | None
    closed: Closed | None


class Answers(Struct, frozen=True):
    """Answers to a page's items in the order shown, or at an item's place the reason for which it is reported.

    `seconds`: how long the page was on the screen. It counts as far as the server's clock leaves room for it; without
    it the pages that the worker holds share what there was.
    """

    answers: list[Answer]
    seconds: Annotated[float, Meta(ge=0)] | None = None


class Submitted(Struct, frozen=True):
    """The answers are on the disk; money is the worker's in this run."""

    state: Literal["submitted"]
    earned: Money
    pending: Money


class Standing(Struct, frozen=True):
    """How a worker stands in a run: what became of their pages, and whether there are more for them.

    `reason` says why the last page that was rejected was.
    """

    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    earned: Money
    pending: Money
    reason: Texts | None
    closed: Closed | None


class PageOutcome(Struct, frozen=True):
    """What became of a page."""

    state: PageState


class HistoryPage(Struct, frozen=True):
    """A page that a worker had; `reason` says why it was rejected."""

    page: str
    run: str
    name: Texts
    state: PageState
    price: Money
    items: int
    at: Time
    reason: Texts | None


class History(Struct, frozen=True):
    """A worker's pages, the newest first."""

    pages: list[HistoryPage]


# --- requesters ------------------------------------------------------------------------------------


class Session(Struct, frozen=True):
    """The requester's secret, or what stands behind `#` in a link that `dataforge status` has printed."""

    secret: str


class SessionView(Struct, frozen=True):
    """A browser that is signed in; `here`: it is the one that asks."""

    session: int
    opened: Time
    browser: str
    here: bool


class SessionList(Struct, frozen=True):
    """The requester's sessions, the newest first."""

    sessions: list[SessionView]


class Published(Struct, frozen=True):
    """The run is there; `created` tells whether it is new."""

    run: str
    created: bool


class Commands(Struct, frozen=True):
    """Commands that take effect together or not at all."""

    commands: list[Command]


class Done(Struct, frozen=True):
    """How many commands took effect, and how many had done so before."""

    done: int
    repeated: int


class Version(Struct, frozen=True):
    """The run's version after a change."""

    version: int


class NewItems(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows as at a launch: inputs, carried columns, the item's name in `id`; control items with their answers."""

    items: list[Values] = []
    control: list[Values] = []


class NewState(Struct, frozen=True):
    """The state that a run should have."""

    state: State


class Restriction(Struct, frozen=True):
    """Until when and why a run is closed to a worker."""

    until: Time
    reason: Texts = {}


class RunSummary(Struct, frozen=True):
    """A run in the list."""

    run: str
    name: Texts
    state: State
    created: Time
    currency: str
    budget: Money | None
    snapshot: Snapshot | None


class RunList(Struct, frozen=True):
    """All runs, the newest first."""

    runs: list[RunSummary]


class RunView(RunSummary, frozen=True):
    """One run; `version` grows with every change, `widgets` are as in the worker's task."""

    version: int
    publication: Publication
    invitation_path: str
    active_workers: int
    widgets: dict[str, str]


class WorkerView(Struct, frozen=True):
    """A worker of a run."""

    worker: str
    responses: int
    pages_accepted: int
    pages_rejected: int
    control_correct: int
    control_total: int
    seconds_per_item: float | None
    skill: float | None
    earned: Money
    name: str
    language: str
    joined: Time
    state: Literal["active", "restricted", "away"]
    until: Time | None
    reason: Texts | None
    pages_held: int


class WorkerList(Struct, frozen=True):
    """A part of a run's workers; `total` of them there are."""

    total: int
    workers: list[WorkerView]


class ResponseView(Struct, frozen=True):
    """One worker's answer to an item; `values` is None while the page is held, or if nothing was answered.

    `report`: why the worker reported the item instead.
    """

    worker: str
    name: str
    page: str
    values: Values | None
    report: ReportReason | None
    at: Time
    state: PageState
    seconds: float | None


class ItemView(Struct, frozen=True):
    """An item with what is known of its answer; `responses` only where one item is asked for."""

    key: str
    inputs: Values
    control: bool
    wanted: int
    held: int
    submitted: int
    answer: Values | None
    confidence: dict[str, float] | None
    overlap: int
    final: bool
    flag: Flag
    responses: list[ResponseView] | None


class ItemList(Struct, frozen=True):
    """A part of a run's items; `total` is how many there are of the kind asked for."""

    total: int
    items: list[ItemView]


class PreviewOrder(Struct, frozen=True):
    """A task and items to look at before anything is published."""

    task: TaskSpec
    items: list[Values]


class PreviewPlace(Struct, frozen=True):
    """Where to look at it."""

    preview: str
    path: str


class PreviewView(Struct, frozen=True):
    """A task and a page as a worker would get it."""

    run: str | None
    task: TaskSpec
    instruction_html: Texts
    page: Page
    widgets: dict[str, str]


class MediaName(Struct, frozen=True):
    """The reference that items carry in place of an uploaded file."""

    media: str


class InvitationOrder(Struct, frozen=True):
    """What an invitation should open (None: all runs), for how many seconds and how many newcomers (None: any)."""

    run: str | None = None
    expires_in: float = 30 * 86_400.0
    uses: int | None = None


class Invitation(Struct, frozen=True):
    """An invitation and the path that newcomers open."""

    invitation: str
    path: str
    run: str | None
    created: Time
    expires: Time
    uses: int | None
    used: int
    revoked: bool


class Invitations(Struct, frozen=True):
    """All invitations, the newest first."""

    invitations: list[Invitation]
