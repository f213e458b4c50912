"""Bodies and replies of the routes about workers over all runs; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dataforge.records import Money, PageState, ReportReason, State, Texts, Time, Values
from dataforge.server.wire.requester import SessionView, WorkerState
from dataforge.server.wire.worker import Amount, DeletedRun

__all__ = [
    "CameBy",
    "GivenAnswer",
    "Note",
    "People",
    "Person",
    "PersonAnswers",
    "PersonPage",
    "PersonRun",
    "PersonState",
    "PersonView",
]

PersonState = Annotated[
    Literal["active", "restricted", "shut_out", "forgotten"],
    Meta(
        title="PersonState",
        description="Whether a worker gets pages: `restricted` in some run that goes on, `shut_out` of all.",
    ),
]


class CameBy(Struct, frozen=True):
    """An invitation by which a worker came: whom it was for and its label, empty where unsaid; `run` null: to all."""

    invitation: str
    name: str
    label: str
    run: str | None


class PersonView(Struct, frozen=True):
    """A worker over all runs.

    `control_low` to `control_high` is the 95 % interval of the accuracy on control items (Wilson, 1927), null without
    any. `pace`: the time they took as a share of what the hint says. `seen`: when they last did something.
    """

    worker: str
    name: str
    language: str
    joined: Time
    seen: Time
    state: PersonState
    came_by: list[CameBy]
    responses: int
    pages_accepted: int
    pages_rejected: int
    control_correct: int
    control_total: int
    control_low: float | None
    control_high: float | None
    seconds_per_item: float | None
    pace: float | None
    money: list[Amount]
    noted: bool


class People(Struct, frozen=True):
    """A part of all workers; `total` of them are of the kind asked for. `labels` are those of all invitations."""

    total: int
    people: list[PersonView]
    labels: list[str]


class PersonRun(Struct, frozen=True):
    """A worker in a run; `hint`: how many seconds an item is meant to take, `hurries_since`: see `WorkerView`."""

    run: str
    name: Texts
    run_state: State
    state: WorkerState
    until: Time | None
    reason: Texts | None
    joined: Time
    active: Time
    responses: int
    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    control_correct: int
    control_total: int
    control_low: float | None
    control_high: float | None
    seconds_per_item: float | None
    hint: float
    earned: Money
    pending: Money
    currency: str
    discarded: bool
    hurries_since: Time | None = None


class Person(PersonView, frozen=True):
    """One worker: what the requester noted, their runs, the one worked in last first, and runs that were deleted."""

    note: str
    runs: list[PersonRun]
    deleted: list[DeletedRun]
    sessions: list[SessionView]


class GivenAnswer(Struct, frozen=True):
    """A worker's answer to an item; `values` null: none was given, or they reported the item with `report`."""

    key: str
    control: bool
    values: Values | None
    report: ReportReason | None


class PersonPage(Struct, frozen=True):
    """A page that a worker was given, with the answers to its items in the order shown."""

    page: str
    run: str
    state: PageState
    at: Time
    seconds: float | None
    price: Money
    currency: str
    reason: Texts | None
    answers: list[GivenAnswer]


class PersonAnswers(Struct, frozen=True):
    """Pages of a worker, the newest first; `next` is the `before` by which to ask for those behind, null at the end."""

    pages: list[PersonPage]
    next: int | None


class Note(Struct, frozen=True):
    """What the requester keeps of a worker for themselves; empty for nothing."""

    note: str
