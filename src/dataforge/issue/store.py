"""What issue asks of a store.

A store keeps items, pages, members and events; it decides nothing. Every function of this room that changes something
is called inside a transaction: nobody else changes the store in between, and all of it is kept or nothing. What is
refused is refused before the first change, so that a store need not undo it. docs/write-your-own-store.md has the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, Protocol

from dataforge.issue.rows import (
    Counters,
    ItemContent,
    Lot,
    Member,
    MiddlePaces,
    NewItem,
    NewPage,
    Pace,
    PageRow,
    RunRow,
    Span,
    StoredItem,
    Stretch,
    WantedItem,
    Worker,
)
from dataforge.issue.store_beyond_runs import Appeals, Hours, Ledger, Skills, Trainees
from dataforge.records import Answer, Event, PageState, Publication, Texts

__all__ = ["Accounts", "Appeals", "Hours", "Items", "Ledger", "Members", "Pages", "Runs", "Skills", "Store", "Trainees"]


class Runs(Protocol):
    """Runs with their counters, their events and the keys of their commands."""

    def add(self, publication: Publication, now: float) -> int:
        """Add a run, open and without items; give its number."""
        ...

    def by_name(self, name: str) -> RunRow | None:
        """The run of that name, if there is one."""
        ...

    def number(self, name: str) -> int | None:
        """The number of the run of that name, if there is one."""
        ...

    def by_id(self, run: int) -> RunRow:
        """The run with that number."""
        ...

    def revision(self, run: int) -> int:
        """How often the run was published anew; asked with each request, so that it must cost little."""
        ...

    def republish(self, run: int, publication: Publication) -> None:
        """Put a publication in place of the run's, which is its next revision."""
        ...

    def rename(self, run: int, publication: Publication) -> None:
        """Call the run as the publication does, which differs in nothing else."""
        ...

    def counters(self, run: int) -> Counters:
        """The run's counters as they are now."""
        ...

    def save(self, run: int, counters: Counters, events: Sequence[Event]) -> None:
        """Write the counters back and put events behind the others."""
        ...

    def events_after(self, run: int, after: int, limit: int) -> Sequence[Event]:
        """The run's events with a cursor larger than `after`, oldest first."""
        ...

    def known_commands(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose commands were carried out."""
        ...

    def remember_commands(self, run: int, keys: Sequence[str]) -> None:
        """Note that the commands of these keys, new ones, are carried out."""
        ...


class Items(Protocol):
    """Items and their two queues.

    A real item is open while `held < wanted`; open items stand in a queue by `position`. Control items stand in another
    one, always; they are fresh while `held < wanted`. A worker's cursor in a queue only moves forward, which is right
    because of one rule: whatever becomes open, or comes back, goes to the tail.
    """

    def add(self, run: int, items: Sequence[NewItem]) -> None:
        """Add items whose keys are new to the run."""
        ...

    def known(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys that the run has items of."""
        ...

    def contents(self, run: int, keys: Sequence[str]) -> dict[str, ItemContent]:
        """By their keys what the run's items are, of those that it has."""
        ...

    def open_in(
        self, run: int, worker: int, stretch: Stretch, limit: int, lot: Lot, group: str = ""
    ) -> list[StoredItem]:
        """The first open items of a stretch of the queue, of those in the lot, that the worker may be given.

        Neither seen by the worker nor withheld from them.
        With a `group` nor from anybody who came by that invitation.
        """
        ...

    def has_open(self, run: int, stretch: Stretch, worker: int | None = None, group: str = "") -> bool:
        """Whether any item of the stretch is open, and not withheld from the worker or group, if one is named."""
        ...

    def controls_after(
        self, run: int, worker: int, position: int, limit: int, lot: Lot, *, fresh: bool
    ) -> list[StoredItem]:
        """The next control items in their queue, of those in the lot, that the worker has not seen here or elsewhere.

        With `fresh` fresh ones, else others that are wanted at all. In another run the same control item is one with
        the same inputs.
        """
        ...

    def of_page(self, page: PageRow) -> Sequence[StoredItem]:
        """The items of a page in the order shown."""
        ...

    def wanted(self, run: int, key: str) -> WantedItem | None:
        """How many responses the item of that key has places for, if there is one."""
        ...

    def want(self, item: int, wanted: int, position: int | None) -> None:
        """Set how many responses an item should have; with a position, move it there."""
        ...

    def withhold(self, item: int, worker: Worker) -> None:
        """Have `open_in` and `controls_after` give the item to the worker no more; it may come again."""
        ...

    def withheld(self, items: Sequence[int], worker: int, group: str = "") -> bool:
        """Whether any of the items is withheld from the worker or the group."""
        ...

    def prefer(self, item: int, workers: Sequence[int]) -> None:
        """Have these workers, and no others, be those who should answer the item; nobody: whoever comes."""
        ...

    def preferring(self, run: int, items: Sequence[int]) -> Mapping[int, Collection[int]]:
        """By item the workers who should answer it, of those of the run's items that some should."""
        ...

    def any_preferring(self, run: int) -> bool:
        """Whether somebody should answer some item of the run."""
        ...

    def take_places(self, items: Sequence[int]) -> None:
        """Take one place of each item."""
        ...

    def free_places(self, items: Sequence[int]) -> bool:
        """Whether every item has a free place; control items always have."""
        ...

    def count_submitted(self, items: Sequence[int], more: int = 1) -> None:
        """Count one more response of each item, or one less, for those who look at the run; issue never reads it."""
        ...

    def give_back(self, places: Sequence[tuple[int, int]], *, submitted: bool) -> None:
        """Give back a place of each real item, with `submitted` a response of all; all move to their positions."""
        ...

    def set_mirrored(self, items: Iterable[tuple[int, int]]) -> None:
        """Note per (item, side) how the item is shown now."""
        ...


class Pages(Protocol):
    """Pages: what a worker was given, and what became of it."""

    def add(self, page: NewPage) -> PageRow:
        """Give out a page and note that its worker has seen the items; raises if they have seen one before."""
        ...

    def by_page(self, page: bytes) -> PageRow | None:
        """The page of that public id, if there is one."""
        ...

    def held(self, run: int, worker: int) -> Sequence[PageRow]:
        """The pages that the worker holds in the run: the oldest first, the one that waits behind the others last."""
        ...

    def due(self, now: float, limit: int) -> Sequence[PageRow]:
        """Held pages whose deadline is `now` or before, of all runs: by deadline, then by age."""
        ...

    def next_deadline(self) -> float | None:
        """When the next held page is due, if any is."""
        ...

    def finish(
        self,
        page: PageRow,
        state: PageState,
        at: float,
        *,
        seconds: float | None = None,
        answers: Sequence[Answer] | None = None,
    ) -> None:
        """Move the page to a state; keep its answers, for those who look at the run."""
        ...

    def judge(
        self, page: PageRow, verdict: Literal["accepted", "rejected"], reason: Texts | None, counted: int = 0
    ) -> None:
        """Move a page to its verdict, with what of its time counts for the wage floor.

        Raises if it has that verdict, or its answers do not count.
        """
        ...

    def counted(self, run: int, worker: int) -> Sequence[PageRow]:
        """The worker's accepted pages in the run of which any time counts for the wage floor, the newest first."""
        ...

    def count(self, page: PageRow, counted: int) -> None:
        """Let so much of an accepted page's time count for the wage floor, in place of what did."""
        ...

    def give_reason(self, page: PageRow, reason: Texts) -> None:
        """Tell the worker of a rejected page this reason, in place of the one that there was."""
        ...

    def start_waiting(self, run: int, worker: int, now: float) -> None:
        """Start the lease of the held page that has no deadline yet, if the worker has one in the run."""
        ...

    def released(self, run: int, worker: int) -> PageRow | None:
        """Of the pages that the worker handed back in the run, and that are not out again, the newest."""
        ...

    def newcomers_hold(self, run: int, origin: str, invitation: str) -> tuple[int, int]:
        """Places of real items on held pages of newcomers: of those of that origin, and of those of that invitation."""
        ...

    def give_again(self, page: PageRow, taken: float, deadline: float | None) -> PageRow:
        """Give a released page out again; its worker has seen its items already."""
        ...


class Members(Protocol):
    """Workers in runs."""

    def load(self, run: int, worker: int) -> Member:
        """The worker in the run; a fresh member if there is none yet."""
        ...

    def save(self, run: int, worker: int, member: Member) -> None:
        """Keep the member."""
        ...

    def worked_elsewhere(self, run: int, worker: int, after: float) -> Sequence[Span]:
        """In each other run, from when to when the worker worked last, where that ends after a moment."""
        ...

    def middle_paces(self, run: int) -> MiddlePaces:
        """The middle of how long workers took for an item of their accepted pages; asked often: it must cost little."""
        ...

    def paces(self, run: int) -> Sequence[Pace]:
        """How long each worker took for the items of their accepted pages, as far as that counts, by their numbers."""
        ...

    def runs_of(self, worker: int) -> Sequence[int]:
        """The runs in which the worker has had a page, by their numbers."""
        ...


class Accounts(Protocol):
    """Workers' accounts."""

    def worker_by_name(self, worker: str) -> Worker | None:
        """The worker of that public id, if there is one."""
        ...

    def set_shut_out(self, worker: int, since: float | None) -> None:
        """Close the worker's account since a time, or open it with None."""
        ...

    def set_known(self, worker: int) -> None:
        """Note that something is known of the worker: a page had its verdict, or a skill was given."""
        ...

    def set_first_run(self, worker: int, run: int) -> None:
        """Note the run that gave the worker, of whom nothing is known, the one page that they may have."""
        ...


class Store(Protocol):
    """Where issue keeps what is true."""

    @property
    def runs(self) -> Runs:
        """Runs."""
        ...

    @property
    def items(self) -> Items:
        """Items."""
        ...

    @property
    def pages(self) -> Pages:
        """Pages."""
        ...

    @property
    def members(self) -> Members:
        """Workers in runs."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Accounts."""
        ...

    @property
    def skills(self) -> Skills:
        """Skills."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What happened to money."""
        ...

    @property
    def hours(self) -> Hours:
        """The time that wage floors count."""
        ...

    @property
    def appeals(self) -> Appeals:
        """Appeals."""
        ...

    @property
    def trainees(self) -> Trainees:
        """Workers in training."""
        ...
