"""A run that goes on in memory where it stood elsewhere."""

import random

import msgspec

from dataforge.issue import commands, run, take
from dataforge.issue.change import Transaction
from dataforge.issue.memory import MemoryStore
from dataforge.issue.memory.resumed import Resumed, StoodItem, resume
from dataforge.issue.rows import Member
from dataforge.issue.run import Run, Runs
from dataforge.records import Field, Publication, TaskSpec, Want

TASK = TaskSpec(
    id="task",
    name={"en": "Task"},
    instruction={"en": "Do it."},
    duration=10,
    inputs=(Field("item", "text", {"en": "item"}),),
    outputs=(Field("answer", "text", {"en": "answer"}),),
)
ASKED = Publication(name="run", task=TASK, prices=(10, 20, 30), real_per_page=2, control_per_page=1, lease=60)


def item(key: str, held: int = 0, wanted: int = 1, *, control: bool = False, again: bool = False) -> StoodItem:
    return StoodItem(key, control, wanted, held, msgspec.json.encode({"item": key}), asked_again=again)


def resumed(stood: Resumed) -> tuple[MemoryStore, Transaction[MemoryStore], Run]:
    store = MemoryStore()
    transaction = Transaction(store, now=100.0, source=random.Random(1), new_page=lambda: random.randbytes(8))
    number = run.publish(transaction, ASKED)
    assert number is not None
    for name in ("ann", "bob"):
        store.accounts.enter(name, name, "en")
        store.accounts.set_known(store.accounts.rows[name].id)
    resume(store, number, stood)
    return store, transaction, Runs().by_id(store, number)


def keys_for(store: MemoryStore, transaction: Transaction[MemoryStore], there: Run, worker: str) -> set[str]:
    """The items of the next page of a worker."""
    issued = take.take(transaction, there, store.accounts.rows[worker], ())
    return {one.key for one in issued.items}


def test_nobody_gets_again_what_they_had_and_what_has_its_answers_is_given_to_nobody() -> None:
    items = [item("done", held=1), item("had"), item("open"), item("check", held=1, wanted=1, control=True)]
    stood = Resumed(items, {"ann": Member(joined=1.0, reals=1, pages_accepted=1)}, {"ann": ("had",)}, 20)
    store, transaction, there = resumed(stood)
    assert keys_for(store, transaction, there, "ann") == {"open", "check"}
    assert keys_for(store, transaction, there, "bob") == {"had", "check"}


def test_what_is_asked_again_comes_behind_first_answers() -> None:
    items = [item("again", held=1, wanted=2, again=True), item("one"), item("two"), item("check", control=True)]
    store, transaction, there = resumed(Resumed(items, {}, {}, 0))
    assert keys_for(store, transaction, there, "ann") == {"one", "two", "check"}
    assert "again" in keys_for(store, transaction, there, "bob")


def test_an_item_that_was_done_opens_again_when_more_is_wanted() -> None:
    store, transaction, there = resumed(Resumed([item("done", held=1), item("check", control=True)], {}, {}, 0))
    assert keys_for(store, transaction, there, "ann") == set()
    commands.execute(transaction, there, [Want("more", {"done": 2})])
    assert keys_for(store, transaction, there, "ann") == {"done", "check"}


def test_what_was_paid_counts_for_the_budget_and_free_places_are_counted() -> None:
    items = [item("done", held=1), item("half", held=1, wanted=3, again=True), item("check", 1, 3, control=True)]
    store, _, there = resumed(Resumed(items, {"ann": Member()}, {"ann": ("done", "half")}, 40))
    counters = store.runs.counters(there.id)
    assert (counters.spent, counters.free, counters.fresh) == (40, 2, 2)
    assert (counters.reals, counters.controls, counters.workers, counters.levels) == (2, 1, 1, 1)
