"""Commands of a run: each takes effect once, all of a call or none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from dataforge.catalogue import say
from dataforge.errors import AnswerError, DataError, Refused
from dataforge.issue import levels, rules
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.ledger import Entry
from dataforge.issue.preferred import MOST_PREFERRED
from dataforge.issue.rows import FIRST_TAIL, ItemContent, NewItem, Worker
from dataforge.issue.run import MOST_MONEY, Run, check_change
from dataforge.issue.skills import check_learnt, learn_skill
from dataforge.issue.store import Store
from dataforge.issue.take import expire
from dataforge.issue.training import is_taught
from dataforge.issue.verdicts import judge, settle_wages
from dataforge.objects.base import shorten
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
    "check_item",
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


def check_item(run: Run, item: Item) -> None:
    """Raise `Refused` 422 if an item to be added does not fit the run's task, or is one that workers are trained on."""
    if is_taught(run.publication, item.inputs):
        raise _item_invalid(item, "workers are told its answer in the training; take it out of one of the two")
    try:
        run.task.check_item(item.inputs)
        run.task.check_draft(item.draft, item.inputs)
    except (DataError, AnswerError) as error:
        raise _item_invalid(item, str(error)) from None
    if item.wanted < 0:
        raise _item_invalid(item, f"wanted: expected 0 or more, got {item.wanted}")


def _item_invalid(item: Item, what: str) -> Refused:
    return Refused(f"item {item.key!r}: {what}", status=422, code="item_invalid", details={"item": item.key})


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
    contents = _check(store, run, fresh.values())
    with RunChange(transaction, run.id) as change:
        store.runs.remember_commands(run.id, list(fresh))
        # Repeated ones too: a run that has marked so many as sent has given so many.
        change.counters.commands += len(commands)
        for command in fresh.values():
            _carry_out(change, run, command, contents)
    return Executed(len(fresh), len(commands) - len(fresh))


def _check(store: Store, run: Run, commands: Iterable[Command]) -> dict[str, ItemContent]:
    """The contents of the items to be added, by key.

    Raises `Refused` if a command names what is not there when its turn comes, or adds what is there otherwise.
    """
    added: dict[str, ItemContent] = {}
    for command in commands:
        match command:
            case AddItems():
                _check_contents(store, run, command.items, added)
            case Want():
                _check_known(store, run, command.wanted, added)
                _check_worth(command)
                _check_preferred(store, command)
            case Recheck():
                _check_known(store, run, dict.fromkeys(command.items), added)
            case Withhold():
                _check_known(store, run, command.workers, added)
                for worker in {name for names in command.workers.values() for name in names}:
                    _known_worker(store, worker)
            case Restrict() | Allow():
                _known_worker(store, command.worker)
            case Deal():
                _check_wishes(store, command)
            case PayBonus():
                _check_bonus(store, command)
            case Learn():
                check_learnt(store, command)
            case Republish():
                there = store.runs.by_id(run.id).publication
                check_change(there, _as_called(there, command.publication))
            case _:
                pass
    return added


def _check_known(store: Store, run: Run, keys: Iterable[str], added: Mapping[str, ItemContent]) -> None:
    """Raise `Refused` 422 if the run has no item of one of the keys, and gets none."""
    named = [key for key in keys if key not in added]
    known = store.items.known(run.id, named)
    if len(known) < len(named):
        unknown = next(key for key in named if key not in known)
        message = f"the run {run.name!r} has no item with the key {unknown!r}"
        raise Refused(message, status=422, code="item_unknown")


def _check_contents(store: Store, run: Run, items: Sequence[Item], added: dict[str, ItemContent]) -> None:
    """Enter what the items are by their keys; raises `Refused` 409 if one of them is known by its key as another."""
    added.update(store.items.contents(run.id, [item.key for item in items]))
    for item in items:
        content = _content(run, item)
        there = added.setdefault(item.key, content)
        if there != content:
            raise Refused(
                f"the run {run.name!r} has an item with the key {item.key!r} already, which differs: there "
                f"{_described(there)}, now {_described(content)}; choose another key, or launch under another name",
                status=409,
                code="run_differs",
                details={"fields": ["items"], "item": item.key},
            )


def _content(run: Run, item: Item) -> ItemContent:
    """What of an item is kept: the task's inputs in the task's order, with null where one is missing, and its draft.

    So nothing in an item's form can tell a control item from another.
    """
    draft = {slot.name: item.draft[slot.name] for slot in run.task.outputs if slot.name in item.draft}
    inputs = encode({name: item.inputs.get(name) for name in run.inputs})
    return ItemContent(item.control, inputs, encode(draft) if draft else None)


def _described(content: ItemContent) -> str:
    kind = "a control item" if content.control else "an item"
    draft = "" if content.draft is None else f" and the draft {shorten(content.draft.decode())}"
    return f"{kind} with {shorten(content.inputs.decode())}{draft}"


def _check_worth(command: Want) -> None:
    for key, worth in command.worth.items():
        if not 0 <= worth <= 1:
            message = f"worth of {key!r}: expected the share that an answer is worth, 0 to 1, got {worth}"
            raise Refused(message, status=422, code="wish_invalid")


def _check_preferred(store: Store, command: Want) -> None:
    for key, workers in command.prefers.items():
        if len(workers) > MOST_PREFERRED:
            message = f"prefers of {key!r}: expected {MOST_PREFERRED} workers at most, got {len(workers)}"
            raise Refused(message, status=422, code="wish_invalid")
        for worker in workers:
            _known_worker(store, worker)


def _check_wishes(store: Store, command: Deal) -> None:
    for worker, controls in command.controls.items():
        _known_worker(store, worker)
        if not 0 <= controls < math.inf:
            message = f"controls of {worker!r}: expected a number of control items, 0 or more, got {controls}"
            raise Refused(message, status=422, code="wish_invalid")


def _check_bonus(store: Store, command: PayBonus) -> None:
    _known_worker(store, command.worker)
    if not 0 < command.amount <= MOST_MONEY:
        message = f"a bonus for {command.worker!r}: expected 1 to {MOST_MONEY:,} millionths, got {command.amount:,}"
        raise Refused(message, status=422, code="bonus_invalid")


def _known_worker(store: Store, worker: str) -> Worker:
    row = store.accounts.worker_by_name(worker)
    if row is None:
        raise Refused(f"there is no worker {worker!r}", status=404, code="worker_unknown")
    return row


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
            moves = row.held < number and (row.held >= row.wanted or level != there)
            if number == row.wanted and not moves:
                continue
            items.want(row.id, number, change.next_tail(level) if moves else None)
            if wishes:
                items.prefer(row.id, [_known_worker(change.store, name).id for name in command.prefers.get(key, ())])
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
            items.withhold(item.id, _known_worker(change.store, name))


def _deal(change: RunChange, command: Deal) -> None:
    """Note how many control items workers should find on a page."""
    members = change.store.members
    for name, controls in command.controls.items():
        worker = _known_worker(change.store, name)
        members.save(change.run, worker.id, replace(members.load(change.run, worker.id), control_wish=controls))


# --- bonuses --------------------------------------------------------------------------------------


def _pay_bonus(change: RunChange, command: PayBonus, run: Run) -> None:
    """Pay an amount beside the prices of pages, if the budget does."""
    store, amount = change.store, command.amount
    if rules.exceeds_budget(run.publication, change.counters.spent + amount):
        cursor, budget = change.next_cursor(), run.publication.budget
        change.emit(NotPaid(cursor, change.now, command.worker, amount, "", command.reason, command.step, budget))
        return
    worker = _known_worker(store, command.worker)
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
    _close_until(change, _known_worker(change.store, worker), until, reason)


def allow(change: RunChange, worker: str) -> None:
    """Lift a worker's restriction; raises `Refused` 404 for an unknown worker."""
    _close_until(change, _known_worker(change.store, worker), 0.0, None)


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
    account = _known_worker(transaction.store, worker)
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
    account = _known_worker(transaction.store, worker)
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
    publication = _as_called(there, publication)
    if there != publication:
        change.store.runs.republish(change.run, publication)
        settle_wages(change, publication)


def _as_called(there: Publication, publication: Publication) -> Publication:
    """The publication under the name that the run has now: it may have been ordered before the run was renamed."""
    return replace(publication, name=there.name)


def set_state(change: RunChange, state: State) -> None:
    """Open, pause or close the run."""
    if change.counters.state != state:
        change.counters.state = state
        change.emit(RunStateChanged(change.next_cursor(), change.now, state))
