"""What every store refuses by itself, should issue ever try it, and how items lie in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from tests.issue.histories import STORES, Tried, publication

from dataforge.issue.closed import closed_to
from dataforge.issue.rows import NewPage
from dataforge.records import AddItems, Item, Withhold

REFUSALS = (RuntimeError, sqlite3.IntegrityError)


@pytest.fixture(params=STORES, ids=[make.__name__ for make in STORES])
def tried(request: pytest.FixtureRequest) -> Tried:
    """A run with one page of two items."""
    make: Callable[[], Tried] = request.param
    store = make()
    store.publish(0.0, publication())
    store.execute(0.0, "run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(2)))])
    return store


def test_no_page_is_paid_twice(tried: Tried) -> None:
    name = tried.take(0.0, "run", "ann", [])["page"]
    tried.submit(1.0, name, [{"answer": True}] * 2)
    page = tried.page(name)
    tried.store.pages.judge(page, "accepted", None)
    with pytest.raises(REFUSALS):
        tried.store.pages.judge(page, "accepted", None)


def test_nobody_is_shown_an_item_twice(tried: Tried) -> None:
    page = tried.page(tried.take(0.0, "run", "ann", [])["page"])
    ann = tried.store.accounts.worker_by_name("ann")
    assert ann is not None
    again = NewPage(b"again", page.run, ann, 10, page.items[:1], None, 1.0, 600.0, 601.0, 0, newcomer=True, revision=0)
    with pytest.raises(REFUSALS):
        tried.store.pages.add(again)


def test_a_run_is_not_offered_to_those_from_whom_all_of_it_is_withheld(tried: Tried) -> None:
    tried.execute(0.0, "run", [Withhold("not her own", {"item0": ("ann",), "item1": ("ann", "bob")})])
    ann, bob = map(tried.store.accounts.worker_by_name, ("ann", "bob"))
    assert ann is not None
    assert bob is not None
    run = tried.runs.by_name(tried.store, "run")
    closed = closed_to(tried.store, run, ann, 0.0)
    assert closed is not None
    assert closed.reason == "busy"
    assert closed_to(tried.store, run, bob, 0.0) is None


@pytest.mark.parametrize("make", STORES, ids=lambda make: make.__name__)
def test_what_people_at_work_get_lies_together_in_the_store_though_all_is_shuffled(make: Callable[[], Tried]) -> None:
    tried = make()
    tried.publish(0.0, publication(real_per_page=18, prices=(10,) * 18))
    numbers = [f"item {number:04d}" for number in range(2_000)]
    for start in range(0, 2_000, 1_000):
        added = tuple(Item(key, {"caption": key}) for key in numbers[start : start + 1_000])
        tried.execute(0.0, "run", [AddItems(f"add {start}", added)])
    pages = [tried.page(tried.take(0.0, "run", name, [])["page"]) for name in ("ann", "bob", "cem")]
    # Of 2,000 items in a random order 54 lie in 26 of the 32 stretches of 64.
    assert len({item // 64 for page in pages for item in page.items}) <= 10
    for page in pages:
        shown = [item.key for item in tried.store.items.of_page(page)]
        assert max(numbers.index(key) for key in shown) - min(numbers.index(key) for key in shown) > 500
