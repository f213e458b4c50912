"""Which items people get who work at the same time: by chance, and control items as real ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import cycle, islice

import pytest
from tests.issue.histories import Tried, publication

from dataforge.issue.memory import MemoryStore
from dataforge.records import AddItems, Item


class Crowd:
    """A run with pages of 8 and 2, whose items are wanted three times, and people who answer."""

    def __init__(self, people: int, *, items: int, controls: int = 0, seed: int = 1) -> None:
        store = MemoryStore()
        self.tried = Tried("memory", store)
        self.tried.source.seed(seed)
        self.people = [f"person {number}" for number in range(people)]
        for name in self.people:
            store.accounts.set_known(store.accounts.enter(name, name, "en").id)
        self.tried.publish(0.0, publication(real_per_page=8, control_per_page=2, prices=(1,) * 10))
        self.add("item", items)
        self.add("control", controls)
        # To whom each item was given, in that order, and the items of each page.
        self.given: dict[str, list[str]] = defaultdict(list)
        self.pages: list[list[str]] = []

    def add(self, kind: str, number: int) -> None:
        new = [Item(f"{kind} {n}", {"caption": f"{kind} {n}"}, kind == "control", 3) for n in range(number)]
        self.tried.execute(0.0, "run", [AddItems(f"{kind} {len(new)}", tuple(new))])

    def take(self, name: str) -> str | None:
        """Take a page; the name of it, or None if there is none."""
        got = self.tried.take(0.0, "run", name, [])
        if not isinstance(got, dict):
            return None
        shown = [inputs["caption"] for inputs in got["shown"]]
        self.pages.append(shown)
        for item in shown:
            self.given[item].append(name)
        return str(got["page"])

    def work(self, name: str) -> bool:
        """Take a page and answer it; whether there was one."""
        page = self.take(name)
        if page is not None:
            self.tried.submit(1.0, page, [{"answer": True}] * len(self.pages[-1]))
        return page is not None

    def work_in_turns(self, pages: int | None = None) -> None:
        """All work, one page each after another, for so many pages or until nobody finds any."""
        idle: set[str] = set()
        for name in islice(cycle(self.people), pages):
            idle = idle - {name} if self.work(name) else idle | {name}
            if len(idle) == len(self.people):
                return

    def reals(self) -> dict[str, list[str]]:
        return {item: names for item, names in self.given.items() if item.startswith("item")}

    def controls(self) -> dict[str, list[str]]:
        return {item: names for item, names in self.given.items() if item.startswith("control")}


def test_three_accounts_in_step_are_seldom_all_the_opinions_that_an_item_has() -> None:
    alone = []
    for seed in range(5):
        crowd = Crowd(9, items=600, seed=seed)
        crowd.work_in_turns()
        ours = set(crowd.people[:3])
        given = crowd.reals().values()
        assert [len(names) for names in given] == [3] * 600
        alone.append(sum(ours.issuperset(names) for names in given) / 600)
    # Three of nine people, drawn at random: 1 in 84. They do a third of the work, and had a third of the items.
    assert sum(alone) / len(alone) < 0.04


def test_who_is_alone_reaches_every_item_once() -> None:
    crowd = Crowd(1, items=500)
    crowd.work_in_turns()
    assert Counter(map(len, crowd.given.values())) == {1: 500}
    assert len(crowd.pages) == 50


def test_what_two_people_have_in_common_tells_no_control_items() -> None:
    shares = {"item": 0.0, "control": 0.0}
    for seed in range(20):
        crowd = Crowd(12, items=640, controls=32, seed=seed)
        for name in crowd.people:
            crowd.take(name)
        for kind, given in (("item", crowd.reals()), ("control", crowd.controls())):
            showings = sum(map(len, given.values()))
            shares[kind] += sum(len(names) for names in given.values() if len(names) > 1) / showings / 20
    assert shares["item"] > 0.3
    assert shares["control"] == pytest.approx(shares["item"], abs=0.12)


def test_no_control_item_goes_to_more_people_than_a_real_one_while_there_are_others() -> None:
    crowd = Crowd(20, items=2_000, controls=100)
    crowd.work_in_turns()
    quarter = len(crowd.pages) // 4
    dealt = [
        sum(item.startswith("control") for page in crowd.pages[part * quarter :][:quarter] for item in page)
        for part in range(4)
    ]
    assert all(len(names) <= 3 for names in crowd.controls().values())
    # Newcomers have their full share, and then they last.
    assert dealt[0] > dealt[1] > dealt[3] > 15
    assert sum(dealt) > 0.85 * 300


def test_control_items_that_come_later_are_dealt_while_the_run_goes_on() -> None:
    crowd = Crowd(20, items=600)
    crowd.add("control", 5)
    crowd.work_in_turns(60)
    # The first newcomers had all of these, and the others some of them once more.
    assert any(len(names) > 3 for names in crowd.controls().values())
    before = set(crowd.controls())
    crowd.add("control", 30)
    crowd.work_in_turns(60)
    later = {item: names for item, names in crowd.controls().items() if item not in before}
    assert sum(map(len, later.values())) > 20
    assert all(len(names) <= 3 for names in later.values())


def test_a_page_that_nobody_answers_gives_no_place_of_a_control_item_back() -> None:
    crowd = Crowd(6, items=60, controls=1)
    for name in crowd.people:
        page = crowd.take(name)
        assert page is not None
        crowd.tried.skip(1.0, page)
    # Three were given it, and the others, as newcomers, too: for their pages there was no other.
    assert crowd.given["control 0"] == crowd.people
    run = crowd.tried.runs.by_name(crowd.tried.store, "run").id
    assert crowd.tried.store.runs.counters(run).fresh == 0
