"""Bodies and replies of the requester's routes that are not records of their own; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dataforge.corrections import Correction
from dataforge.records import (
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
from dataforge.server.wire.worker import Page

__all__ = [
    "Called",
    "Commands",
    "Corrected",
    "Done",
    "ExpertLink",
    "Invitation",
    "InvitationOrder",
    "Invitations",
    "ItemList",
    "ItemView",
    "KnownAnswer",
    "MediaName",
    "NewCorrections",
    "NewItems",
    "NewName",
    "NewSample",
    "NewState",
    "PersonalInvitations",
    "PreviewOrder",
    "PreviewPlace",
    "PreviewView",
    "Published",
    "ResponseView",
    "Restriction",
    "RunContents",
    "RunList",
    "RunSummary",
    "RunView",
    "SampleBegun",
    "Session",
    "SessionList",
    "SessionView",
    "Version",
    "WorkerList",
    "WorkerView",
]


class Session(Struct, frozen=True):
    """The requester's secret, or what stands behind `#` in a link that `dataforge status` has printed."""

    secret: str


class SessionView(Struct, frozen=True):
    """A browser that is signed in; `here`: it is the one that asks. `used`: when it was used last, to a day."""

    session: int
    opened: Time
    used: Time
    browser: str
    here: bool


class SessionList(Struct, frozen=True):
    """The sessions of who asks, the newest first."""

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
    """Rows as at a launch: inputs, carried columns, the item's name in `id`; control items with their answers.

    `prefill`: the column with drafts, or that of each output. `by_content`: rows without a name get one from what they
    say, so that adding them twice is adding them once.
    """

    items: list[Values] = []
    control: list[Values] = []
    prefill: str | dict[str, str] | None = None
    by_content: bool = False


class NewCorrections(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be corrected in a run, in this order.

    `after`: how many corrections of the run were seen; what was said since of the same items is not overwritten.
    """

    corrections: list[Correction]
    after: int | None = None


class NewSample(Struct, frozen=True, forbid_unknown_fields=True):
    """How many answers of a run are to be judged, and by whom: experts by name."""

    experts: list[str]
    sample: int = 100


class ExpertLink(Struct, frozen=True):
    """The path by which one expert comes, once."""

    expert: str
    path: str


class SampleBegun(Struct, frozen=True):
    """The run in which the sample is judged, and how its experts come."""

    trial: str
    links: list[ExpertLink]


class Corrected(Struct, frozen=True):
    """How many corrections the run has, and those that were asked for, in their order."""

    count: int
    corrections: list[Correction]


class KnownAnswer(Struct, frozen=True):
    """The answers to a control item that the run knows, and whether it was withdrawn or corrected by hand."""

    answer: Values
    withdrawn: bool
    corrected: bool


class NewState(Struct, frozen=True):
    """The state that a run should have."""

    state: State


class NewName(Struct, frozen=True):
    """What a run should be called; with `identity` only if it is that run."""

    name: str
    identity: str | None = None


class Called(Struct, frozen=True):
    """What a run is called now."""

    run: str


class RunContents(Struct, frozen=True):
    """What is kept of a run. `files` are those that no other run uses; `owed` is what waits for a verdict.

    `appeals`: how many are open; a deletion upholds them, and `appealed` is earned by that.
    """

    items: int
    control_items: int
    responses: int
    workers: int
    files: int
    pages_held: int
    pages_pending: int
    owed: Money
    earned: Money
    currency: str
    appeals: int
    appealed: Money


class Restriction(Struct, frozen=True):
    """Until when and why a run is closed to a worker."""

    until: Time
    reason: Texts = {}


class RunSummary(Struct, frozen=True):
    """A run in the list; `judges` names the run whose answers are judged in this one, null where none are."""

    run: str
    name: Texts
    state: State
    created: Time
    currency: str
    budget: Money | None
    snapshot: Snapshot | None
    judges: str | None


class RunList(Struct, frozen=True):
    """All runs, the newest first."""

    runs: list[RunSummary]


class RunView(RunSummary, frozen=True):
    """One run; `version` grows with every change, `widgets` are as in the worker's task.

    `checks` names the runs in which its answers are judged.
    `invitation_path` is None once the run's own invitation lets nobody join any more.
    """

    checks: list[str]
    version: int
    publication: Publication
    invitation_path: str | None
    active_workers: int
    widgets: dict[str, str]


WorkerState = Annotated[
    Literal["active", "restricted", "away", "shut_out"],
    Meta(title="WorkerState", description="What a worker does in a run; `shut_out`: their account is closed."),
]


class WorkerView(Struct, frozen=True):
    """A worker of a run; `hourly` is what an hour on their screen brought.

    `hurries_since`: from when on they are suddenly much faster, and control items do not show that they look.
    """

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
    state: WorkerState
    until: Time | None
    reason: Texts | None
    pages_held: int
    discarded: bool
    hourly: Money | None = None
    hurries_since: Time | None = None


class WorkerList(Struct, frozen=True):
    """A part of a run's workers; `total` of them there are."""

    total: int
    workers: list[WorkerView]


Verdict = Annotated[
    Literal["right", "wrong", "unchecked"],
    Meta(title="Verdict", description="What other workers found of an answer; `unchecked`: nobody judged it."),
]


class ResponseView(Struct, frozen=True):
    """One worker's answer to an item; `values` is None while the page is held, or if nothing was answered.

    `report`: why the worker reported the item instead. `verdict` is what other workers found of the answer, where they
    judge it and have come to an end, and `confidence` the probability that it is right.
    """

    worker: str
    name: str
    page: str
    values: Values | None
    report: ReportReason | None
    at: Time
    state: PageState
    seconds: float | None
    verdict: Verdict | None = None
    confidence: float | None = None


class ItemView(Struct, frozen=True):
    """An item with what is known of its answer; `responses` only where one item is asked for.

    `draft`: what workers begin with, null if with nothing. `reports`: how many workers reported it, by reason.
    `notes`: columns that its requester carries along, and by the input what its file was called. `grades`: of outputs
    that are grades of a scale the mean, and between which grades the true one lies.
    """

    key: str
    inputs: Values
    notes: Values
    control: bool
    wanted: int
    held: int
    submitted: int
    answer: Values | None
    confidence: dict[str, float] | None
    overlap: int
    final: bool
    flag: Flag
    reports: dict[ReportReason, int]
    responses: list[ResponseView] | None
    draft: Values | None = None
    grades: dict[str, tuple[float, float, float]] | None = None


class ItemList(Struct, frozen=True):
    """A part of a run's items; `total` of them are of the kind asked for, or `more` than so many."""

    total: int
    more: bool
    items: list[ItemView]


class PreviewOrder(Struct, frozen=True):
    """A task and items to look at before anything is published; `drafts` are those of the first items."""

    task: TaskSpec
    items: list[Values]
    drafts: list[Values] = []


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
    """What an invitation should open (None: all runs), for how many seconds and how many newcomers (None: any).

    `label` is for the requester: what those who come by it are called together.
    """

    run: str | None = None
    expires_in: float = 30 * 86_400.0
    uses: int | None = None
    label: str = ""


class PersonalInvitations(Struct, frozen=True):
    """People to be invited by name, each by a link that lets one person join; run, time and label as for others."""

    names: list[str]
    run: str | None = None
    expires_in: float = 30 * 86_400.0
    label: str = ""


class Invitation(Struct, frozen=True):
    """An invitation and the path that newcomers open.

    `name` is whom a personal one is for, and `worker` who came by it; `name` is empty where it is for anybody.
    """

    invitation: str
    path: str
    run: str | None
    created: Time
    expires: Time
    uses: int | None
    used: int
    revoked: bool
    name: str = ""
    label: str = ""
    worker: str | None = None


class Invitations(Struct, frozen=True):
    """Invitations, the newest first; `total` of them there are."""

    invitations: list[Invitation]
    total: int
