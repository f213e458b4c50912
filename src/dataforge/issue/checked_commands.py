"""Commands are looked at before the first of them changes anything: what they name is there, what they add fits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from dataforge.errors import AnswerError, DataError, Refused
from dataforge.issue.preferred import MOST_PREFERRED
from dataforge.issue.rows import ItemContent, Worker
from dataforge.issue.run import MOST_MONEY, Run, check_change
from dataforge.issue.skills import check_learnt
from dataforge.issue.store import Store
from dataforge.issue.training import is_taught
from dataforge.objects.base import shorten
from dataforge.records import (
    AddItems,
    Allow,
    Command,
    Deal,
    Item,
    Learn,
    PayBonus,
    Publication,
    Recheck,
    Republish,
    Restrict,
    Want,
    Withhold,
)

__all__ = ["as_called", "check_item", "contents_of", "known_worker"]

encode = msgspec.json.Encoder().encode


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


def contents_of(store: Store, run: Run, commands: Iterable[Command]) -> dict[str, ItemContent]:
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
                    known_worker(store, worker)
            case Restrict() | Allow():
                known_worker(store, command.worker)
            case Deal():
                _check_wishes(store, command)
            case PayBonus():
                _check_bonus(store, command)
            case Learn():
                check_learnt(store, command)
            case Republish():
                there = store.runs.by_id(run.id).publication
                check_change(there, as_called(there, command.publication))
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
            known_worker(store, worker)


def _check_wishes(store: Store, command: Deal) -> None:
    for worker, controls in command.controls.items():
        known_worker(store, worker)
        if not 0 <= controls < math.inf:
            message = f"controls of {worker!r}: expected a number of control items, 0 or more, got {controls}"
            raise Refused(message, status=422, code="wish_invalid")


def _check_bonus(store: Store, command: PayBonus) -> None:
    known_worker(store, command.worker)
    if not 0 < command.amount <= MOST_MONEY:
        message = f"a bonus for {command.worker!r}: expected 1 to {MOST_MONEY:,} millionths, got {command.amount:,}"
        raise Refused(message, status=422, code="bonus_invalid")


def known_worker(store: Store, worker: str) -> Worker:
    """A worker by name; raises `Refused` 404 if there is none."""
    row = store.accounts.worker_by_name(worker)
    if row is None:
        raise Refused(f"there is no worker {worker!r}", status=404, code="worker_unknown")
    return row


def as_called(there: Publication, publication: Publication) -> Publication:
    """The publication under the name that the run has now: it may have been ordered before the run was renamed."""
    return replace(publication, name=there.name)
