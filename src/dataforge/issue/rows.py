"""The rows that a store gives to issue and gets from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from dataforge.records import AppealState, Money, PageState, Publication, State, Texts, TrainingItem, Values

__all__ = [
    "EVERY",
    "FIRST_TAIL",
    "Appeal",
    "CountedTime",
    "Counters",
    "ItemContent",
    "Lot",
    "Member",
    "MiddlePaces",
    "NewItem",
    "NewPage",
    "Pace",
    "PageRow",
    "RunRow",
    "Skill",
    "Span",
    "StoredItem",
    "Stretch",
    "Trainee",
    "WantedItem",
    "Worker",
]

# Items known from the start get random positions below this one, items that come or come back later count up from it.
FIRST_TAIL = 1 << 62


class Span(NamedTuple):
    """A stretch of time."""

    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.ended - self.begun


class CountedTime(NamedTuple):
    """A stretch of a worker's time that wage floors count, in milliseconds since the epoch."""

    begun: int
    ended: int


class Worker(msgspec.Struct, frozen=True):
    """A worker's account; `worker` is the public id.

    `origin` stands for the address that they joined from, `invitation` for the link; both are empty where unknown.
    `shut_out` is since when the account is closed, None while it is open. What they told of themselves, empty or 0
    while they did not: the languages they speak, by their codes with spaces between, the region they are in, the year
    they were `born`. `device`: what they work on, as their browser showed it last. `named`: a link with their name let
    them in. `known`: a page of theirs has had its verdict, they passed a training, or were given
    a skill. `first_run`: the run that gave them their last page while nothing was known of them, None before that.
    """

    id: int
    worker: str
    name: str
    language: str
    origin: str = ""
    invitation: str = ""
    shut_out: float | None = None
    speaks: str = ""
    region: str = ""
    born: int = 0
    device: str = ""
    named: int = 0
    known: int = 0
    first_run: int | None = None


class Skill(NamedTuple):
    """How well a worker does something, 0 to 100; `by` what it was given, and when.

    `by` is "hand", "training", "invitation", or what a run calls the control items it was learnt on.
    """

    value: float
    by: str
    at: float


class RunRow(msgspec.Struct, frozen=True):
    """A run as published; `revision` counts how often that changed."""

    id: int
    name: str
    publication: Publication
    created: float
    revision: int = 0


class Counters(msgspec.Struct):
    """What changes in a run with every page.

    `spent`: prices of pages held, submitted and accepted, bonuses and what is paid on top. `tail`: the last position
    given in the queue. `placed`: some page was given out, so new items can no longer be mixed among the old ones.
    `commands`: how many came. `free`: places of real items that nobody has taken. `newcomers`: those on pages that
    newcomers hold. `fresh`: places of control items that nobody has had. `workers`: how many have had a page.
    `levels`: how many levels of the queue behind the first one are in use.
    """

    state: State = "open"
    version: int = 0
    cursor: int = 0
    tail: int = FIRST_TAIL
    placed: int = 0
    reals: int = 0
    controls: int = 0
    spent: Money = 0
    commands: int = 0
    free: int = 0
    newcomers: int = 0
    fresh: int = 0
    workers: int = 0
    levels: int = 0


class Member(msgspec.Struct, frozen=True):
    """A worker in a run. `joined` is None before the first page.

    `position`: up to there they have seen everything open in the queue of real items, in its first level, and in those
    behind it up to `position_1` and so on; `control_position`: every fresh control item; `recycled_position`: every
    other one. `checked`: answered pages with control items since one was rejected; `unchecked`: pages taken since the
    last one that had any. `accounted`: up to when the worker's time is
    spent on pages that were submitted. `worked_from` and `worked_until`: the time of the last of them, were nothing
    done after it. `control_wish`: how many control items the run wishes on a page of theirs, None: it has no wish.
    `bonus`: what they got beside the prices of their pages, `topped_up` of it by the wage floor, for `counted`
    milliseconds on accepted pages of `timed` items; these took `paced` milliseconds, some of which may count in another
    run, and each item of them `pace`, None before the first, and `beyond` more that were beyond bounds; see wage.py.
    """

    joined: float | None = None
    active: float = 0.0
    accounted: float = 0.0
    worked_from: float = 0.0
    worked_until: float = 0.0
    position: int = -1
    reals: int = 0
    controls: int = 0
    responses: int = 0
    pages_pending: int = 0
    pages_accepted: int = 0
    pages_rejected: int = 0
    earned: Money = 0
    pending: Money = 0
    control_position: int = -1
    recycled_position: int = -1
    checked: int = 0
    unchecked: int = 0
    until: float = 0.0
    control_wish: float | None = None
    position_1: int = -1
    position_2: int = -1
    position_3: int = -1
    bonus: Money = 0
    counted: int = 0
    timed: int = 0
    topped_up: Money = 0
    paced: int = 0
    pace: float | None = None
    beyond: int = 0
    reason: Texts | None = None


class Trainee(msgspec.Struct, frozen=True):
    """A worker in the training of a run, at their `number`-th try, 0 before the first.

    `items` are places among the training's items in the order shown; `answers` the first ones to these, as far as the
    worker is, and whether each was `right`. `ended` is None while the try goes on; one that ended with fewer answers
    than items was broken off. `failed`: how many tries were not passed since one was; `met`: the items of all tries
    before this one. `taught`: the items themselves, as they were when the try began, and `training` the name of what
    they are of; `skill`: the name of what the try shows. Those are empty in tries of older versions.
    """

    number: int = 0
    items: tuple[int, ...] = ()
    answers: tuple[Values, ...] = ()
    right: tuple[bool, ...] = ()
    begun: float = 0.0
    ended: float | None = None
    failed: int = 0
    met: tuple[int, ...] = ()
    taught: tuple[TrainingItem, ...] = ()
    training: str = ""
    skill: str = ""


class NewItem(msgspec.Struct, frozen=True):
    """An item about to be added; `position` is its place in its queue, of real items or of control items.

    `notes` is JSON for the requester alone; None where there is nothing. A store that nobody looks at may drop it.
    `draft` is JSON too, None where workers begin with nothing.
    """

    key: str
    control: bool
    wanted: int
    position: int
    inputs: bytes
    notes: bytes | None = None
    draft: bytes | None = None


class ItemContent(msgspec.Struct, frozen=True):
    """What an item is; `inputs` and `draft` are JSON."""

    control: bool
    inputs: bytes
    draft: bytes | None = None


class StoredItem(msgspec.Struct):
    """An item that a page can be built of; `inputs` and `draft` are JSON, `mirrored` how it was shown last: None, 0, 1.

    `held` of its `wanted` places are taken. Those of a control item never come back: it was given to `held` workers, is
    fresh while these are fewer than `wanted`, and may be given to any number, unless `wanted` is none.
    """

    id: int
    key: str
    control: bool
    position: int
    mirrored: int | None
    inputs: bytes
    held: int
    wanted: int
    draft: bytes | None = None


class Lot(NamedTuple):
    """What chance picks of a queue: positions that leave `remainder` when they are divided by `one_in`."""

    one_in: int
    remainder: int


EVERY = Lot(1, 0)


class Stretch(NamedTuple):
    """A part of the queue of real items: positions behind `after`, up to `until`."""

    after: int
    until: int


class WantedItem(msgspec.Struct, frozen=True):
    """How many responses an item has places for, and where it is in its queue."""

    id: int
    control: bool
    wanted: int
    held: int
    position: int


class NewPage(msgspec.Struct, frozen=True):
    """A page about to be given out.

    `mirrored` has 0 or 1 per item, None where nothing can be swapped. `deadline` is None while the page waits behind
    the one on the screen. `controls` of the items are control items. `newcomer`: the worker is one, see rules.py.
    `revision`: the run's, as of which it is given out.
    """

    page: bytes
    run: int
    worker: Worker
    price: Money
    items: tuple[int, ...]
    mirrored: tuple[int, ...] | None
    taken: float
    lease: float
    deadline: float | None
    controls: int
    newcomer: bool
    revision: int


class PageRow(msgspec.Struct, frozen=True):
    """A page that was given out; `page` is its public id, `worker` the worker's, `worker_id` the store's.

    `taken` is None once the clock was set back while the page was out. `seconds`: how long it took, None while nobody
    knows; up to `counted` milliseconds of that count for the wage floor, while the page is accepted. `finished` is when
    it was last, by its worker or by its deadline, None before.
    """

    id: int
    page: bytes
    run: int
    worker_id: int
    worker: str
    state: PageState
    price: Money
    items: tuple[int, ...]
    mirrored: tuple[int, ...] | None
    taken: float | None
    lease: float
    deadline: float | None
    controls: int
    newcomer: bool
    revision: int = 0
    seconds: float | None = None
    counted: int = 0
    finished: float | None = None

    @property
    def reals(self) -> int:
        """How many of its items are real ones."""
        return len(self.items) - self.controls


class Pace(NamedTuple):
    """How long a worker took in a run for the items of their accepted pages, as far as that counts."""

    worker: int
    name: str
    milliseconds: int
    items: int


class MiddlePaces(NamedTuple):
    """How many milliseconds workers took in a run for an item of their accepted pages: the middle of these, in order.

    So many workers are `measured`; `paces` are those of them from the `first` place on, three at least if there are.
    """

    measured: int
    first: int
    paces: Sequence[float]

    @staticmethod
    def begin(count: int) -> int:
        """The first place of those in the middle, with or without one of so many."""
        return max((count - 2) // 2, 0)


class Appeal(msgspec.Struct, frozen=True):
    """A worker's objection to the rejection of a page: why, since when, and what was decided.

    `decided` is when, None while it is `open`; `reply` is what the worker reads about it.
    """

    text: str
    at: float
    state: AppealState = "open"
    decided: float | None = None
    reply: str = ""
