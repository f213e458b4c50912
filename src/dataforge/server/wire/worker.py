"""Bodies and replies of the worker's routes that are not records of their own; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from dataforge.issue.told import Told
from dataforge.records import (
    Answer,
    AppealState,
    BonusStep,
    ClosedReason,
    Money,
    PageState,
    TaskSpec,
    Texts,
    Time,
    Values,
)

__all__ = [
    "About",
    "AboutChange",
    "Amount",
    "Answers",
    "AppealView",
    "Closed",
    "DeletedRun",
    "FileState",
    "Have",
    "History",
    "HistoryPage",
    "Invited",
    "InvitedTask",
    "InvitedTasks",
    "Join",
    "Joined",
    "Link",
    "Me",
    "MeChange",
    "NewAppeal",
    "NextPage",
    "OpenRun",
    "OpenRuns",
    "Page",
    "PageItem",
    "PageOutcome",
    "Return",
    "Returned",
    "RunTask",
    "Standing",
    "Submitted",
    "TextChange",
    "Today",
]


class Join(Struct, frozen=True):
    """A newcomer with an invitation; `token`, made by the newcomer, makes it harmless to ask again.

    Whoever comes by a personal invitation is called as it says, and needs no `name`.
    """

    invitation: str
    name: str = ""
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


class Amount(Struct, frozen=True):
    """Money in a currency: what was earned, and what waits for a verdict."""

    currency: str
    earned: Money
    pending: Money


class Me(Struct, frozen=True):
    """A worker's account as they see it; `earned` and `pending` are in `currency`, that of the run worked in last.

    `others`: what there is in other currencies. `replies`: how many answers to their messages they have not read.
    """

    worker: str
    name: str
    language: str
    currency: str
    earned: Money
    pending: Money
    pages_accepted: int
    pages_pending: int
    pages_rejected: int
    replies: int
    others: list[Amount]


class MeChange(Struct, frozen=True):
    """What a worker changes about themselves."""

    language: str | None = None
    name: str | None = None


class About(Struct, frozen=True):
    """What a worker has told of themselves: languages and country by their codes, the year of birth; all optional.

    `asked`: what tasks ask for that the worker was invited to. `fixed`: until when what was told stays as it is.
    """

    speaks: list[str]
    region: str
    born: int | None
    asked: list[Told]
    fixed: dict[str, Time]


class AboutChange(Struct, frozen=True):
    """What a worker tells of themselves; what is left out stays, an empty list or text and null take it back."""

    speaks: list[str] | UnsetType = UNSET
    region: str | UnsetType = UNSET
    born: int | UnsetType | None = UNSET


class Closed(Struct, frozen=True):
    """Why a run has no page for a worker; `untold`: what they could tell of themselves to be let in."""

    reason: ClosedReason
    until: Time | None
    text: Texts
    untold: Told | None = None


class Invited(Struct, frozen=True):
    """The token of an invitation."""

    invitation: str


class InvitedTask(Struct, frozen=True):
    """A task that an invitation opens; `open`: it gives out pages now.

    `wage_floor`: what an hour of honest work brings at least, 0: whatever comes of the price.
    `bonuses`: what is paid besides, once, for so large a share of right answers.
    """

    run: str
    name: Texts
    description: Texts
    page_price: Money
    page_items: int
    page_seconds: float
    currency: str
    open: bool
    wage_floor: Money = 0
    bonuses: list[BonusStep] = []


class InvitedTasks(Struct, frozen=True):
    """The tasks that an invitation opens, and the name of whom it is for, empty if it is for anybody."""

    tasks: list[InvitedTask]
    name: str = ""


class OpenRun(Struct, frozen=True):
    """A run in a worker's list; `closed` says why there is no new page for them.

    `held`: they hold a page of it, and have `seconds_left` for it. `earned` is with what came beside prices.
    `wage_floor`: what an hour of honest work brings at least, 0: whatever comes of the price.
    `bonuses`: what is paid besides, once, for so large a share of right answers.
    """

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
    seconds_left: float | None
    open: bool
    closed: Closed | None
    wage_floor: Money = 0
    bonuses: list[BonusStep] = []


class OpenRuns(Struct, frozen=True):
    """The runs that a worker was invited to."""

    runs: list[OpenRun]


class TextChange(Struct, frozen=True):
    """A text of a task that was put otherwise, in the worker's language; of the instruction the lines that differ."""

    what: Literal["name", "description", "instruction", "title", "option"]
    was: str
    now: str


class RunTask(Struct, frozen=True):
    """A run's task as a worker gets it; `widgets` are the addresses of those that object types bring, by type.

    `revision` counts how often its texts have changed, and `changes` are those since the revision that was asked for.
    `alone`: one person labels for themselves, without price and clock, and mends what was sent.
    """

    run: str
    task: TaskSpec
    instruction_html: Texts
    currency: str
    page_price: Money
    page_items: int
    widgets: dict[str, str]
    revision: int
    changes: list[TextChange]
    alone: bool = False


class Have(Struct, frozen=True):
    """The pages on the screen or fetched ahead."""

    have: list[str] = []


class PageItem(Struct, frozen=True):
    """An item as a worker gets it: its inputs, as they are stored, the draft to begin with, if it has one, and nothing
    else.
    """

    inputs: Annotated[msgspec.Raw, Meta(extra_json_schema=msgspec.json.schema(Values))]
    draft: Values | msgspec.UnsetType = msgspec.UNSET


class Page(Struct, frozen=True):
    """A page as a worker gets it; its task is that of its `revision`."""

    page: str
    run: str
    items: list[PageItem]
    price: Money
    currency: str
    seconds_left: float
    revision: int


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
    """Answers are on the disk; money is the worker's in this run.

    `counted`: these answers, not others that the worker sent for the page before.
    """

    state: Literal["submitted"]
    counted: bool
    earned: Money
    pending: Money


class Today(Struct, frozen=True):
    """What a worker did since their day began, in one currency: pages that were sent, and what they bring.

    `seconds` is how long these pages were on the screen, `judged_seconds` those of them that have a verdict: `earned`
    is for these, and `pending` for the others, if they are accepted. `bonuses` were paid beside that.
    """

    pages: int
    earned: Money
    pending: Money
    seconds: float
    judged_seconds: float
    bonuses: Money


class Standing(Struct, frozen=True):
    """How a worker stands in a run: what became of their pages, and whether there are more for them.

    `reason` says why the last page that was rejected was. `objectionable`: the newest pages that were rejected, or
    against whose rejection the worker objected. `replies`: how many answers to messages they have not read.
    """

    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    earned: Money
    pending: Money
    reason: Texts | None
    closed: Closed | None
    objectionable: list[HistoryPage]
    today: Today
    replies: int


class FileState(Struct, frozen=True):
    """How many bytes of a file are here; `whole`: an answer to the page may name it."""

    received: int
    whole: bool


class PageOutcome(Struct, frozen=True):
    """What became of a page."""

    state: PageState


class NewAppeal(Struct, frozen=True):
    """Why a worker finds the rejection of a page wrong."""

    text: str


class AppealView(Struct, frozen=True):
    """A worker's appeal, and what was decided: `decided` is when, null while it is open; they read the `reply`."""

    state: AppealState
    text: str
    at: Time
    decided: Time | None
    reply: str


class HistoryPage(Struct, frozen=True):
    """A page that a worker had; `reason` says why it was rejected, `appeal` what they said against that.

    Its `price` is in the run's `currency`, and `on_top`, what the wage floor brought for it, too.
    """

    page: str
    run: str
    name: Texts
    state: PageState
    price: Money
    currency: str
    items: int
    at: Time
    reason: Texts | None
    appeal: AppealView | None = None
    on_top: Money = 0


class DeletedRun(Struct, frozen=True):
    """What a worker did and earned in a task that is no more; its pages are gone."""

    name: Texts
    currency: str
    pages_accepted: int
    pages_rejected: int
    earned: Money
    at: Time


class History(Struct, frozen=True):
    """A worker's pages, the newest first, and what they earned in tasks that were deleted."""

    pages: list[HistoryPage]
    deleted: list[DeletedRun]
