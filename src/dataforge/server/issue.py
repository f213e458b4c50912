"""Issue: which worker gets which items, when, and for how long.

Everything here runs inside a writer's transaction, so no race can give out a place, a pair of item and worker, or money
twice. What a page costs does not depend on how many items the run has.
"""

from __future__ import annotations

import math
import random
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from dataforge.records import ClosedReason, PageExpired, PageTaken, WorkerJoined
from dataforge.server.replies import Closed
from dataforge.server.run import Run
from dataforge.server.store import draws, items, members, pages
from dataforge.server.store.accounts import WorkerRow
from dataforge.server.store.items import OpenItem, PlacedItem
from dataforge.server.store.members import Member
from dataforge.server.store.outbox import Counters, RunChange, counters
from dataforge.server.store.pages import NewPage, PageRow
from dataforge.server.texts import closed_text
from dataforge.server.writer import Transaction

__all__ = ["Issued", "closed_to", "expire_due", "finished", "give_back", "nothing_to_issue", "take"]

# The page on the screen and the one fetched ahead.
MOST_HELD = 2
# How many overdue pages one transaction clears; more wait for the next one, so that nobody waits long.
MOST_EXPIRED = 100


@dataclass(frozen=True)
class Issued:
    """A page, or why there is none; both are None if the worker already holds as many as they may."""

    page: PageRow | None = None
    items: Sequence[PlacedItem] = ()
    closed: Closed | None = None


def take(
    transaction: Transaction, run: Run, worker: WorkerRow, have: frozenset[bytes], source: random.Random
) -> Issued:
    """Give the worker a page that they hold and do not `have`, else a new one."""
    db = transaction.db
    expire_due(transaction)
    held = pages.held(db, run.id, worker.id)
    for page in held:
        if page.page not in have:
            return Issued(page, items.of_page(db, page.items))
    if len(held) >= MOST_HELD:
        return Issued()
    member = members.load(db, run.id, worker.id)
    closed = closed_to(db, run, worker, member, counters(db, run.id), transaction.now)
    if closed is not None and closed.reason not in ("busy", "all_done"):
        return Issued(closed=closed)
    with RunChange(transaction, run.id) as change:
        return Build(change, run, worker, member, source).page(ahead=bool(held))


def nothing_to_issue(db: sqlite3.Connection, run: Run, worker: WorkerRow, now: float) -> Closed | None:
    """Why the worker gets no page, where a look is enough to tell; None means that `take` has to find out."""
    deadline = pages.next_deadline(db)
    if (deadline is not None and deadline <= now) or pages.held(db, run.id, worker.id):
        return None
    return closed_to(db, run, worker, members.load(db, run.id, worker.id), counters(db, run.id), now)


def closed_to(
    db: sqlite3.Connection, run: Run, worker: WorkerRow, member: Member, counted: Counters, now: float
) -> Closed | None:
    """Why the run has no new page for the worker; None if it seems to have one."""
    budget = run.publication.budget
    if counted.state == "closed":
        return closed("finished")
    if member.until > now:
        return Closed("restricted", member.until, msgspec.json.decode(member.reason or b"{}"))
    if run.publication.languages and worker.language not in run.publication.languages:
        return closed("language")
    if counted.state == "paused":
        return closed("paused")
    if budget is not None and counted.spent + min(run.publication.prices) > budget:
        return closed("budget")
    if items.has_open(db, run.id, member.position):
        return None
    return exhausted(member, counted)


def exhausted(member: Member, counted: Counters) -> Closed:
    """Nothing is open to the worker: whether anything can still become so."""
    return closed("all_done" if member.reals >= counted.reals else "busy")


def closed(reason: ClosedReason) -> Closed:
    return Closed(reason, None, closed_text(reason))


def expire_due(transaction: Transaction, limit: int = MOST_EXPIRED) -> int:
    """Give back the places of pages whose time has run out; give how many pages."""
    due = pages.due(transaction.db, transaction.now, limit)
    for page in due:
        with RunChange(transaction, page.run) as change:
            give_back(change, page)
            pages.finish(transaction.db, page.id, "expired", transaction.now)
            finished(change, page)
            change.emit(PageExpired(change.next_cursor(), transaction.now, page.page.hex(), page.name))
    return len(due)


def give_back(change: RunChange, page: PageRow) -> None:
    """Give back the places and the money that a held page had taken."""
    items.give_back(change, msgspec.json.decode(page.items), submitted=False)
    change.counters.spent -= page.price


def finished(change: RunChange, page: PageRow) -> None:
    """Note that the worker is done with a page they answered nothing on, and start the one that waited behind it."""
    member = members.load(change.db, page.run, page.worker)
    member.finished = change.now
    members.save(change.db, page.run, page.worker, member)
    pages.start_waiting(change.db, page.run, page.worker, change.now)


class Build:
    """Builds one page: chooses items, swaps sides, and enters everything into the database."""

    def __init__(self, change: RunChange, run: Run, worker: WorkerRow, member: Member, source: random.Random) -> None:
        self.change = change
        self.db = change.db
        self.run = run
        self.worker = worker
        self.member = member
        self.source = source

    def page(self, *, ahead: bool) -> Issued:
        """The page, or why there is none."""
        real, control_count = self.choose_real()
        if not real:
            self.change.nothing_happened()
            members.save(self.db, self.run.id, self.worker.id, self.member)
            return Issued(closed=exhausted(self.member, self.change.counters))
        real, control_count = self.affordable(real, control_count)
        if not real:
            self.change.nothing_happened()
            return Issued(closed=closed("budget"))
        price = self.run.publication.prices[len(real) + control_count - 1]
        chosen = real + self.draw_controls(control_count)
        self.source.shuffle(chosen)
        self.move_on(real, control_count)
        return self.give_out(chosen, price, ahead=ahead)

    def choose_real(self) -> tuple[list[OpenItem], int]:
        """The next real items, and how many control items go with them."""
        publication = self.run.publication
        left = self.change.counters.controls - self.member.controls
        control = min(publication.control_per_page, left)
        asked = self.run.size - control
        real = items.open_after(self.db, self.run.id, self.worker.id, self.member.position, asked)
        control = self.controls_beside(len(real), control)
        if len(real) == asked:
            self.cursor = real[-1].position
        else:
            # The queue's end: from now on only what is put at the tail is new to this worker. Before the first page
            # items are still mixed into the queue anywhere.
            self.cursor = self.change.counters.tail if self.change.counters.placed or real else self.member.position
        if not real:
            self.member.position = self.cursor
        return real, control

    def controls_beside(self, real: int, most: int) -> int:
        """How many control items go with so many real ones: their usual share of a page that is not full."""
        publication = self.run.publication
        if real >= publication.real_per_page:
            return most
        return min(most, max(1, math.ceil(publication.control_per_page * real / publication.real_per_page)))

    def affordable(self, real: list[OpenItem], control_count: int) -> tuple[list[OpenItem], int]:
        """As much of the page as the budget still pays for; no real items if that is none."""
        budget, prices = self.run.publication.budget, self.run.publication.prices
        most = control_count
        while (
            budget is not None and real and self.change.counters.spent + prices[len(real) + control_count - 1] > budget
        ):
            real = real[:-1]
            control_count = self.controls_beside(len(real), most)
            self.cursor = real[-1].position if real else self.cursor
        return real, control_count

    def draw_controls(self, count: int) -> list[OpenItem]:
        """Control items that the worker has not seen, at random."""
        total = self.change.counters.controls
        drawn = (
            draws.draw(self.db, self.run.id, self.worker.id, self.member.controls + index, total, self.source)
            for index in range(count)
        )
        return [items.control_at(self.db, self.run.id, number) for number in drawn]

    def move_on(self, real: Sequence[OpenItem], control_count: int) -> None:
        """Move the worker's cursors and greet them on their first page."""
        change, member = self.change, self.member
        member.position = self.cursor
        member.reals += len(real)
        member.controls += control_count
        member.active = change.now
        change.counters.placed = 1
        if member.joined is None:
            member.joined = change.now
            change.emit(
                WorkerJoined(
                    change.next_cursor(), change.now, self.worker.worker, self.worker.language, self.worker.name
                )
            )
        members.save(self.db, self.run.id, self.worker.id, member)

    def give_out(self, chosen: Sequence[OpenItem], price: int, *, ahead: bool) -> Issued:
        """Enter the page: its places, its price, its deadline and its event."""
        change, run, worker = self.change, self.run, self.worker
        numbers = [item.id for item in chosen]
        page = NewPage(
            page=secrets.token_bytes(16),
            run=run.id,
            worker=worker.id,
            price=price,
            size=len(chosen),
            items=msgspec.json.encode(numbers).decode(),
            mirrored=self.mirror(chosen),
            ahead=int(ahead),
            taken=change.now,
            lease=run.publication.lease,
            deadline=None if ahead else change.now + run.publication.lease,
        )
        pages.add(self.db, page, numbers)
        items.take_places(self.db, numbers)
        change.counters.spent += price
        keys = tuple(item.key for item in chosen)
        change.emit(PageTaken(change.next_cursor(), change.now, page.page.hex(), worker.worker, keys))
        shown = [PlacedItem(item.id, item.key, 0, item.inputs) for item in chosen]
        return Issued(as_row(page, worker.worker), shown)

    def mirror(self, chosen: Sequence[OpenItem]) -> str | None:
        """Decide per item whether left and right are swapped: at random first, then the other way each time."""
        if not self.run.sides:
            return None
        swaps = [self.source.getrandbits(1) if item.mirrored is None else 1 - item.mirrored for item in chosen]
        items.set_mirrored(self.db, [(swap, item.id) for swap, item in zip(swaps, chosen, strict=True)])
        return msgspec.json.encode(swaps).decode()


def as_row(page: NewPage, name: str) -> PageRow:
    return PageRow(
        id=0,
        page=page.page,
        run=page.run,
        worker=page.worker,
        state="held",
        price=page.price,
        size=page.size,
        items=page.items,
        mirrored=page.mirrored,
        ahead=page.ahead,
        taken=page.taken,
        lease=page.lease,
        deadline=page.deadline,
        name=name,
    )
