"""Take: a worker asks for a page. Expiry: the time of a page has run out.

What a page costs does not depend on how many items the run has.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from dataforge.issue import first_verdict, levels, preferred, rules
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.closed import Closed, closed_to, reason_closed
from dataforge.issue.ledger import Entry, Kind
from dataforge.issue.rows import EVERY, Lot, Member, NewPage, PageRow, StoredItem, Stretch, Worker
from dataforge.issue.run import Run
from dataforge.issue.store import Store
from dataforge.records import Answer, Money, PageExpired, PageState, PageTaken, WorkerJoined

__all__ = [
    "Issued",
    "expire",
    "expire_due",
    "finish",
    "finished",
    "give_back",
    "held_page",
    "nothing_to_issue",
    "promised",
    "take",
    "take_again",
]

# How many overdue pages one transaction clears; more wait for the next one, so that nobody waits long.
MOST_EXPIRED = 100


class Issued(NamedTuple):
    """A page, or why there is none; both are None if the worker already holds as many as they may."""

    page: PageRow | None = None
    items: Sequence[StoredItem] = ()
    closed: Closed | None = None


def take(transaction: Transaction[Store], run: Run, worker: Worker, have: Collection[bytes]) -> Issued:
    """Give the worker a page that they hold and do not `have`, else the one they handed back unseen, else a new one."""
    store = transaction.store
    # Reads the task, which is refused before the first change if its package has gone.
    two_sided = bool(run.sides)
    expire_due(transaction)
    held = store.pages.held(run.id, worker.id)
    for page in held:
        if page.page not in have:
            return Issued(page, store.items.of_page(page))
    if len(held) >= first_verdict.most_held(run.publication, worker):
        return Issued()
    member = store.members.load(run.id, worker.id)
    with RunChange(transaction, run.id) as change:
        closed = reason_closed(store, run, worker, member, change.counters, change.now)
        if closed is None and rules.waits_for_verdicts(run.publication, member, len(held)):
            closed = Closed("judging")
        assigner = _Assigner(change, run, worker, member, two_sided=two_sided, ahead=bool(held))
        issued = Issued(closed=closed) if closed else assigner.released_page() or assigner.page()
        if issued.page is None:
            change.nothing_happened()
        elif first_verdict.is_unknown(run.publication, worker) and worker.first_run != run.id:
            store.accounts.set_first_run(worker.id, run.id)
    return issued


def nothing_to_issue(store: Store, run: Run, worker: Worker, now: float) -> Closed | None:
    """Why the worker gets no page, where a look is enough to tell; None means that `take` has to find out."""
    deadline = store.pages.next_deadline()
    if (deadline is not None and deadline <= now) or store.pages.held(run.id, worker.id):
        return None
    return closed_to(store, run, worker, now)


def held_page(store: Store, run: Run, worker: Worker, now: float) -> PageRow | None:
    """The page of the run that the worker has to go on with, however closed the run is to them."""
    held = store.pages.held(run.id, worker.id)
    return next((page for page in held if page.deadline is None or page.deadline > now), None)


def promised(store: Store, run: Run, worker: Worker, held: PageRow | None) -> tuple[int, Money]:
    """How many items the page that the worker goes on with or gets next has, and its price; chance may leave it fewer.

    A full page's where there is none for them now.
    """
    if held is not None:
        return len(held.items), held.price
    member, counters = store.members.load(run.id, worker.id), store.runs.counters(run.id)
    group, reals = rules.group_of(run.publication, worker), 0
    for level in levels.levels_in_turn(counters):
        left = levels.stretch(member, level)
        reals += len(store.items.open_in(run.id, worker.id, left, run.size - reals, EVERY, group))
        if reals == run.size:
            break
    most = max(min(run.publication.control_per_page, counters.controls - member.controls), 0)
    reals = min(reals, run.size - most)
    controls = rules.controls_beside(run.publication, reals, most)
    reals, controls = rules.affordable(run.publication, counters.spent, reals, controls)
    return (reals + controls, run.publication.prices[reals + controls - 1]) if reals else (run.size, run.price)


def expire_due(transaction: Transaction[Store], limit: int = MOST_EXPIRED) -> int:
    """Give back the places of pages whose time has run out; give how many pages."""
    due = transaction.store.pages.due(transaction.now, limit)
    for page in due:
        with RunChange(transaction, page.run) as change:
            expire(change, page)
            finished(change, page)
    return len(due)


def expire(change: RunChange, page: PageRow) -> None:
    """End the time of a held page: its places and its money are free again."""
    give_back(change, page)
    finish(change, page, "expired")
    change.emit(PageExpired(change.next_cursor(), change.now, page.page.hex(), page.worker))


def give_back(change: RunChange, page: PageRow, *, submitted: bool = False, failed: bool = False) -> None:
    """Give back the places and the money that a page had taken, and with `submitted` its responses.

    Who `failed` knows what their page had, with whatever account they come next: no other stranger gets an item of it
    that was given once more. What it lacks later anybody may answer.
    """
    items = change.store.items.of_page(page)
    known = {item.id: item.wanted - 1 for item in items if failed and levels.is_rechecked(item)}
    after = [(item.id, 0 if item.id in known else levels.level_after(item)) for item in items]
    # One that more workers have than should have it leaves no place free.
    change.counters.free += sum(item.held <= item.wanted for item in items if not item.control) - len(known)
    change.store.items.give_back([(item, change.next_tail(level)) for item, level in after], submitted=submitted)
    for item, wanted in known.items():
        change.store.items.want(item, wanted, None)
    change.counters.spent -= page.price


def take_again(change: RunChange, run: Run, page: PageRow, items: Sequence[StoredItem]) -> bool:
    """Take the places that a page had given back, if all of them and the money for it are free.

    To the run the page is out once more: whoever followed its end reads of a new beginning.
    """
    if change.counters.state in ("closed", "archived") or not change.store.items.free_places(page.items):
        return False
    if rules.exceeds_budget(run.publication, change.counters.spent + page.price):
        return False
    change.store.items.take_places([item.id for item in items if not item.control])
    change.counters.spent += page.price
    change.counters.free -= sum(not item.control for item in items)
    keys = tuple([item.key for item in items])
    change.emit(PageTaken(change.next_cursor(), change.now, page.page.hex(), page.worker, keys))
    return True


def finish(
    change: RunChange,
    page: PageRow,
    state: PageState,
    *,
    seconds: float | None = None,
    answers: Sequence[Answer] | None = None,
) -> None:
    """Move a page to a state in which its worker holds it no more."""
    if page.newcomer and page.state == "held":
        change.counters.newcomers -= page.reals
    change.store.pages.finish(page, state, change.now, seconds=seconds, answers=answers)


def book(change: RunChange, run: Run, page: PageRow, kind: Kind) -> None:
    """Enter what happens to a page's price."""
    entry = Entry(kind, page.worker_id, page.price, run.publication.currency, change.now, page.run, page.id)
    change.store.ledger.enter(entry)


def finished(change: RunChange, page: PageRow) -> None:
    """Start the page that waited behind one on which its worker answered nothing.

    The time on it counts for nobody: answers to another page may still be on their way, and need theirs.
    """
    change.store.pages.start_waiting(page.run, page.worker_id, change.now)


class _Choice(NamedTuple):
    """Real items and control items for a page, and by level how far the worker is in the queue of real ones then."""

    reals: list[StoredItem]
    controls: list[StoredItem]
    positions: dict[int, int]


class _Find(Protocol):
    def __call__(self, position: int, limit: int, lot: Lot, /) -> list[StoredItem]: ...


def _before(items: Sequence[StoredItem], otherwise: int) -> int:
    """A position in the queue right before the items."""
    return items[0].position - 1 if items else otherwise


class _Assigner:
    """Assigns one page to a worker: chooses items, swaps sides, and enters everything into the store."""

    def __init__(
        self, change: RunChange, run: Run, worker: Worker, member: Member, *, two_sided: bool, ahead: bool
    ) -> None:
        self.change = change
        self.store = change.store
        self.source = change.transaction.source
        self.run = run
        self.worker = worker
        self.member = member
        self.two_sided = two_sided
        self.group = rules.group_of(run.publication, worker)
        # The time for a page fetched ahead begins when the one before it is finished.
        self.deadline = None if ahead else change.now + run.publication.lease

    def released_page(self) -> Issued | None:
        """The page that the worker handed back last, whole and as it was; None if not all of it is free any more.

        Real items and control items come back together or not at all, so that what a worker sees a second time tells
        nothing about which are which.
        """
        page = self.store.pages.released(self.run.id, self.worker.id)
        if page is None or self.store.items.withheld(page.items, self.worker.id, self.group):
            return None
        items = self.store.items.of_page(page)
        if not take_again(self.change, self.run, page, items):
            return None
        now = self.change.now
        self.change.counters.newcomers += page.reals * page.newcomer
        self.store.members.save(self.run.id, self.worker.id, rules.took_again(self.member, now))
        return Issued(self.store.pages.give_again(page, now, self.deadline), items)

    def page(self) -> Issued:
        """A new page, or why there is none."""
        choice = self.open_items()
        if not choice.reals:
            member = rules.passed(self.member, choice.positions)
            self.store.members.save(self.run.id, self.worker.id, member)
            return Issued(closed=Closed(rules.exhausted(self.run.publication, self.change.counters, member)))
        choice = self.within_budget(choice)
        if not choice.reals:
            return Issued(closed=Closed("budget"))
        shown = choice.reals + choice.controls
        self.source.shuffle(shown)
        self.move_on(choice)
        return Issued(self.give_out(shown, choice.controls), shown)

    def open_items(self) -> _Choice:
        """Control items that are due, and real items that fill the page."""
        counters, member = self.change.counters, self.member
        reals: list[StoredItem] = []
        controls: list[StoredItem] | None = None
        positions: dict[int, int] = {}
        for level in levels.levels_in_turn(counters):
            left = levels.stretch(member, level)
            first = self.open_in(left, 1, EVERY)
            # Who finds nothing leaves no trace in chance: how often somebody looks must not decide what others get.
            if controls is None and first:
                controls = self.next_controls()
                reals += self.rechecked(controls)
            asked = self.run.size - len(controls or ()) - len(reals)
            found = self.drawn(partial(self.open_behind, left.until), first, asked, rules.SPREAD)
            reals += self.as_wished(found, first, left) if level else found
            # At the queue's end only what is put at the tail is new to this worker from now on. Before the first page
            # items are still mixed into the queue anywhere.
            ends = len(found) < asked and (counters.placed or reals)
            positions[level] = levels.position_in(level, counters.tail) if ends else _before(first, left.after)
            if len(found) == asked:
                break
        controls = controls or []
        count = rules.controls_beside(self.run.publication, len(reals), len(controls))
        return _Choice(reals, controls[:count], positions)

    def open_in(self, stretch: Stretch, limit: int, lot: Lot) -> list[StoredItem]:
        """Open items of a stretch that the worker may be given."""
        return self.store.items.open_in(self.run.id, self.worker.id, stretch, limit, lot, self.group)

    def open_behind(self, until: int, position: int, limit: int, lot: Lot) -> list[StoredItem]:
        """The same behind a position, up to another."""
        return self.open_in(Stretch(position, until), limit, lot)

    def drawn(self, find: _Find, first: Sequence[StoredItem], count: int, spread: int) -> list[StoredItem]:
        """So many of the items that are found from the first one on, by chance among those that come next.

        So people at work at the same time get different items, whoever they are, and which items come together tells
        nothing. Where few are left they come in order.
        """
        position = _before(first, 0)
        while first and count and spread > 1:
            found = find(position, count, rules.lot(spread, self.source.random(), self.source.random()))
            if len(found) == count:
                return found
            spread = rules.narrower(spread)
        return find(position, count, EVERY) if first else []

    def as_wished(self, found: list[StoredItem], first: Sequence[StoredItem], left: Stretch) -> list[StoredItem]:
        """Items that are found, some of them for others that come next, as the run wishes who should answer them."""
        items, run = self.store.items, self.run.id
        if not found or not items.any_preferring(run):
            return found
        ahead = self.open_in(Stretch(_before(first, left.after), left.until), preferred.LOOKS_AHEAD * len(found), EVERY)
        wishes = items.preferring(run, [item.id for item in (*found, *ahead)])
        mine = {item for item, workers in wishes.items() if self.worker.id in workers}
        waiting = {
            item.id
            for item in (*found, *ahead)
            if item.id in wishes and preferred.still_waits(item.position, self.change.counters.tail)
        }
        return preferred.as_wished(found, ahead, mine, waiting - mine)

    def within_budget(self, choice: _Choice) -> _Choice:
        """As much of the choice as the budget still pays for."""
        before = len(choice.reals)
        spent, controls = self.change.counters.spent, choice.controls
        count, beside = rules.affordable(self.run.publication, spent, before, len(controls))
        if count == before:
            return choice
        return _Choice(choice.reals[:count], controls[:beside], {})

    def next_controls(self) -> list[StoredItem]:
        """The control items that are due on the worker's next page."""
        counters, member = self.change.counters, self.member
        due = rules.controls_due(self.run.publication, counters, member, self.source.random())
        if not due.fresh and not due.needed:
            return []
        find = partial(self.store.items.controls_after, self.run.id, self.worker.id)
        fresh = partial(find, fresh=True)
        first = fresh(member.control_position, 1, EVERY) if counters.fresh else []
        found = self.drawn(fresh, first, due.fresh, due.spread)
        missing = due.needed - len(found)
        recycled = find(member.recycled_position, missing, EVERY, fresh=False) if missing > 0 else []
        if len(recycled) < missing:
            found = self.drawn(fresh, first, due.needed - len(recycled), due.spread)
        self.member = rules.met_controls(
            member,
            _before(first, member.control_position),
            _before(recycled, member.recycled_position),
        )
        found += recycled
        if len(found) < due.needed:
            # The others were met in another run: for this worker there are no more.
            self.member = rules.met_the_rest(self.member, counters, len(found))
        return found

    def rechecked(self, controls: Sequence[StoredItem]) -> list[StoredItem]:
        """Items whose answers the run is sure of, for who is unknown, one beside each control item that others know.

        At least one place is left to what the run asks for.
        """
        if self.member.checked:
            return []
        known = sum(not rules.is_fresh(item) for item in controls)
        count = min(known, self.run.size - len(controls) - 1)
        if count <= 0:
            return []
        return self.open_in(levels.stretch(self.member, levels.RECHECKED), count, EVERY)

    def move_on(self, choice: _Choice) -> None:
        """Move the worker's cursors and greet them on their first page."""
        change, worker, member = self.change, self.worker, self.member
        change.counters.placed = 1
        if member.joined is None:
            change.counters.workers += 1
            change.emit(WorkerJoined(change.next_cursor(), change.now, worker.worker, worker.language, worker.name))
        reals, controls = choice.reals, choice.controls
        moved = rules.took_page(member, choice.positions, len(reals), len(controls), change.now)
        self.store.members.save(self.run.id, worker.id, moved)

    def give_out(self, shown: Sequence[StoredItem], controls: Sequence[StoredItem]) -> PageRow:
        """Enter the page: its places, its price, its deadline and its event."""
        change, publication = self.change, self.run.publication
        page = NewPage(
            page=change.transaction.new_page(),
            run=self.run.id,
            worker=self.worker,
            price=publication.prices[len(shown) - 1],
            items=tuple([item.id for item in shown]),
            mirrored=self.mirror(shown),
            taken=change.now,
            lease=publication.lease,
            deadline=self.deadline,
            controls=len(controls),
            newcomer=rules.is_newcomer(self.member),
            revision=self.run.revision,
        )
        # A store may give out its own rows, which change with what is told to it.
        last = [item for item in controls if rules.sees_last(item)]
        fresh = sum(rules.is_fresh(item) for item in controls)
        row = self.store.pages.add(page)
        self.store.items.take_places(page.items)
        for item in last:
            self.store.items.want(item.id, item.wanted, change.next_tail())
        change.counters.spent += page.price
        change.counters.free -= sum(not item.control for item in shown)
        change.counters.fresh -= fresh
        change.counters.newcomers += row.reals * row.newcomer
        keys = tuple([item.key for item in shown])
        change.emit(PageTaken(change.next_cursor(), change.now, page.page.hex(), self.worker.worker, keys))
        return row

    def mirror(self, shown: Sequence[StoredItem]) -> tuple[int, ...] | None:
        """Decide per item whether left and right are swapped."""
        if not self.two_sided:
            return None
        sides = tuple(
            rules.next_side(item.mirrored, self.source.getrandbits(1) if item.mirrored is None else 0) for item in shown
        )
        self.store.items.set_mirrored([(item.id, side) for item, side in zip(shown, sides, strict=True)])
        return sides
