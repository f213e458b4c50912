"""Commands of a run: each takes effect once, all of a call or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from dataforge.catalogue import say
from dataforge.issue import levels, rules
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.checked_commands import as_called, contents_of, known_worker
from dataforge.issue.ledger import Entry
from dataforge.issue.rows import FIRST_TAIL, ItemContent, NewItem, Worker
from dataforge.issue.run import Run
from dataforge.issue.skills import learn_skill
from dataforge.issue.store import Store
from dataforge.issue.take import expire
from dataforge.issue.verdicts import judge, settle_wages
from dataforge.records import (
    FOREVER,
    AddItems,
    Allow,
    BonusPaid,
    Command,
    Deal,
    Item,
    Judge,
    Learn,
    NotPaid,
    PayBonus,
    Publication,
    Recheck,
    Republish,
    Restrict,
    RunStateChanged,
    SetState,
    State,
    Texts,
    Want,
    Withhold,
    WorkerAllowed,
    WorkerRestricted,
)

__all__ = [
    "Executed",
    "allow",
    "execute",
    "let_in",
    "restrict",
    "set_state",
    "shut_out",
]

# Before the first page is out blocks of so many items are mixed among all others. The items of one lie together, so
# that a worker's page changes a few places of a database and not one for each item.
BLOCK = 64
SHUT_OUT: Texts = say("account_closed")

encode = msgspec.json.Encoder().encode


class Executed(NamedTuple):
    """How many commands took effect, and how many had done so before."""

    done: int
    repeated: int


def execute(transaction: Transaction[Store], run: Run, commands: Sequence[Command]) -> Executed:
    """Carry out the commands whose keys are new; items to be added were checked before.

    Raises `Refused` before the first change if any of them cannot be carried out.
    """
    store = transaction.store
    first: dict[str, Command] = {}
    for command in commands:
        first.setdefault(command.key, command)
    known = store.runs.known_commands(run.id, list(first))
    fresh = {key: command for key, command in first.items() if key not in known}
    contents = contents_of(store, run, fresh.values())
    with RunChange(transaction, run.id) as change:
        store.runs.remember_commands(run.id, list(fresh))
        # Repeated ones too: a run that has marked so many as sent has given so many.
        change.counters.commands += len(commands)
        for command in fresh.values():
            _carry_out(change, run, command, contents)
    return Executed(len(fresh), len(commands) - len(fresh))


def _carry_out(change: RunChange, run: Run, command: Command, contents: Mapping[str, ItemContent]) -> None:
    match command:
        case AddItems():
            _add(change, command.items, contents)
        case Want():
            _want(change, command)
        case Judge():
            judge(change, command, run)
        case Restrict():
            restrict(change, command.worker, command.until, command.reason)
        case Allow():
            allow(change, command.worker)
        case Withhold():
            _withhold(change, command.workers)
        case Deal():
            _deal(change, command)
        case Recheck():
            _recheck(change, command)
        case PayBonus():
            _pay_bonus(change, command, run)
        case Learn():
            learn_skill(change.transaction, run, command)
        case SetState():
            set_state(change, command.state)
        case Republish():
            _republish(change, command.publication)


# --- items ----------------------------------------------------------------------------------------


def _add(change: RunChange, items: Sequence[Item], contents: Mapping[str, ItemContent]) -> None:
    """Put items into the run, those whose key is new."""
    known = change.store.items.known(change.run, [item.key for item in items]) if _has_items(change) else set()
    fresh = list({item.key: item for item in items if item.key not in known}.values())
    # Before they get their rows, so that items which follow each other in the queue lie side by side in the store.
    change.transaction.source.shuffle(fresh)
    rows = []
    for item, position in zip(fresh, _positions_for(change, len(fresh)), strict=True):
        notes, content = encode(item.notes) if item.notes else None, contents[item.key]
        rows.append(NewItem(item.key, item.control, item.wanted, position, content.inputs, notes, content.draft))
        if item.control:
            change.counters.controls += 1
            change.counters.fresh += item.wanted
        else:
            change.counters.reals += 1
            change.counters.free += item.wanted
    if rows:
        change.store.items.add(change.run, rows)


def _has_items(change: RunChange) -> bool:
    return change.counters.reals + change.counters.controls > 0


def _positions_for(change: RunChange, count: int) -> list[int]:
    """Positions of new items in their queues, which rise within each block."""
    if change.counters.placed:
        # Workers are on their way through the queue: what is new comes behind everything else.
        return [change.next_tail() for _ in range(count)]
    starts = [change.transaction.source.randrange(FIRST_TAIL - BLOCK) for _ in range(0, count, BLOCK)]
    return [start + place for start in starts for place in range(BLOCK)][:count]


def _want(change: RunChange, command: Want) -> None:
    """Set how many responses items should have; one that opens again goes to the tail, of the level of its worth.

    A control item has places whatever is wanted, but for none: nobody is shown it any more.
    """
    items = change.store.items
    wishes = bool(command.prefers) or items.any_preferring(change.run)
    for key, number in command.wanted.items():
        row = items.wanted(change.run, key)
        assert row is not None, "check() looked"
        if row.control and number == 0:
            items.want(row.id, 0, None)
            change.counters.fresh -= max(row.wanted - row.held, 0)
        elif not row.control:
            there = levels.level_at(row.position)
            # Whoever is known gets no item that waits for people of whom nothing is.
            stays = there if there < levels.RECHECKED else 0
            level = levels.level_of(command.worth[key]) if key in command.worth else stays
            # So does none that a stranger has now: whatever becomes of their page, the answer may be anybody's.
            moves = there == levels.RECHECKED or (row.held < number and (row.held >= row.wanted or level != there))
            if number == row.wanted and not moves:
                continue
            items.want(row.id, number, change.next_tail(level) if moves else None)
            if wishes:
                items.prefer(row.id, [known_worker(change.store, name).id for name in command.prefers.get(key, ())])
            change.counters.free += max(number - row.held, 0) - max(row.wanted - row.held, 0)


def _recheck(change: RunChange, command: Recheck) -> None:
    """Have one more place for items that have all they should have, which only people get of whom nothing is known."""
    items = change.store.items
    for key in command.items:
        row = items.wanted(change.run, key)
        assert row is not None, "check() looked"
        if not row.control and row.held >= row.wanted > 0:
            items.want(row.id, row.held + 1, change.next_tail(levels.RECHECKED))
            change.counters.free += 1


def _withhold(change: RunChange, workers: Mapping[str, Sequence[str]]) -> None:
    """Never give items to workers; who has an item on a page that is out keeps it."""
    items = change.store.items
    for key, names in workers.items():
        item = items.wanted(change.run, key)
        assert item is not None, "check() looked"
        for name in names:
            items.withhold(item.id, known_worker(change.store, name))


def _deal(change: RunChange, command: Deal) -> None:
    """Note how many control items workers should find on a page."""
    members = change.store.members
    for name, controls in command.controls.items():
        worker = known_worker(change.store, name)
        members.save(change.run, worker.id, replace(members.load(change.run, worker.id), control_wish=controls))


# --- bonuses --------------------------------------------------------------------------------------


def _pay_bonus(change: RunChange, command: PayBonus, run: Run) -> None:
    """Pay an amount beside the prices of pages, if the budget does."""
    store, amount = change.store, command.amount
    if rules.exceeds_budget(run.publication, change.counters.spent + amount):
        cursor, budget = change.next_cursor(), run.publication.budget
        change.emit(NotPaid(cursor, change.now, command.worker, amount, "", command.reason, command.step, budget))
        return
    worker = known_worker(store, command.worker)
    member = store.members.load(change.run, worker.id)
    change.counters.spent += amount
    store.members.save(change.run, worker.id, replace(member, bonus=member.bonus + amount))
    key, currency = f"bonus:{change.run}:{command.key}", run.publication.currency
    store.ledger.enter(
        Entry("bonus", worker.id, amount, currency, change.now, change.run, None, key, command.reason or None)
    )
    change.emit(BonusPaid(change.next_cursor(), change.now, command.worker, amount))


# --- workers and state ----------------------------------------------------------------------------


def restrict(change: RunChange, worker: str, until: float, reason: Texts) -> None:
    """Close the run to a worker until a time; raises `Refused` 404 for an unknown worker."""
    _close_until(change, known_worker(change.store, worker), until, reason)


def allow(change: RunChange, worker: str) -> None:
    """Lift a worker's restriction; raises `Refused` 404 for an unknown worker."""
    _close_until(change, known_worker(change.store, worker), 0.0, None)


def _close_until(change: RunChange, worker: Worker, until: float, reason: Texts | None) -> None:
    members = change.store.members
    members.save(change.run, worker.id, replace(members.load(change.run, worker.id), until=until, reason=reason))
    # Of who was shut out the run knows already that they get nothing, and hears what holds when they are let in.
    if worker.shut_out is None:
        _tell(change, worker.worker, until, reason)


def _tell(change: RunChange, worker: str, until: float, reason: Texts | None) -> None:
    """Tell the run until when it is closed to a worker, or that it is open."""
    if reason is None:
        change.emit(WorkerAllowed(change.next_cursor(), change.now, worker))
    else:
        change.emit(WorkerRestricted(change.next_cursor(), change.now, worker, until, reason))


def shut_out(transaction: Transaction[Store], worker: str) -> None:
    """Close a worker's account: what they hold goes to others at once. Raises `Refused` 404 for an unknown worker."""
    account = known_worker(transaction.store, worker)
    if account.shut_out is not None:
        return
    transaction.store.accounts.set_shut_out(account.id, transaction.now)
    for run in transaction.store.members.runs_of(account.id):
        with RunChange(transaction, run) as change:
            _tell(change, worker, FOREVER, SHUT_OUT)
            for page in change.store.pages.held(run, account.id):
                expire(change, page)


def let_in(transaction: Transaction[Store], worker: str) -> None:
    """Open a worker's account if it was closed; raises `Refused` 404 for an unknown worker."""
    account = known_worker(transaction.store, worker)
    if account.shut_out is None:
        return
    transaction.store.accounts.set_shut_out(account.id, None)
    for run in transaction.store.members.runs_of(account.id):
        with RunChange(transaction, run) as change:
            member = change.store.members.load(run, account.id)
            _tell(change, worker, member.until, member.reason if member.until > change.now else None)


def _republish(change: RunChange, publication: Publication) -> None:
    """Put a changed publication in place of the run's."""
    there = change.store.runs.by_id(change.run).publication
    publication = as_called(there, publication)
    if there != publication:
        change.store.runs.republish(change.run, publication)
        settle_wages(change, publication)


def set_state(change: RunChange, state: State) -> None:
    """Open, pause or close the run."""
    if change.counters.state != state:
        change.counters.state = state
        change.emit(RunStateChanged(change.next_cursor(), change.now, state))
