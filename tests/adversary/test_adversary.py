"""A person who wants to be paid without working gets no wrong labels accepted as sure.

`pytest tests/adversary -s --adversary-pages 2000` prints the table of docs/security.md.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from tests.adversary.groups import GROUPS
from tests.adversary.strategies import CARELESS, LOOKING, Outcome, many_accounts
from tests.adversary.world import Person, World, careful, yes

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.runs.core.vouching import Vouching
from dataforge.runs.driving.telling import all_notices

pytestmark = pytest.mark.trials

Strategy = Callable[[World, int], Outcome]


# Pages as the run chooses them: 20 and 5 at first, and then fewer control items for those who are known.
SPARED = {"page": None}


def tried(
    folder: Path,
    name: str,
    strategy: Strategy,
    pages: int,
    items: int,
    seeds: int,
    policy: Mapping[str, object] | None = None,
) -> list[Outcome]:
    """What came of a strategy, by seed, and a row of the table; pages of 8 and 2, one control item to 20 others."""
    found = []
    for seed in range(seeds):
        with World(folder / str(seed), items=items, control=items // 20, seed=seed, policy=policy).open() as world:
            found.append(strategy(world, pages))
    row = [fmean(column) for column in zip(*map(astuple, found), strict=True)]
    print(f"\n| {name} | {row[0]:,.0f} | {row[1]:+.2f} | {row[2]:,.0f} | {row[3]:.1%} |")
    return found


@pytest.mark.parametrize("name", LOOKING)
def test_nobody_tells_control_items_better_than_chance(name: str, pages: int, tmp_path: Path) -> None:
    found = tried(tmp_path, name, LOOKING[name], pages, items=max(600, 10 * pages), seeds=3)
    # Between 30 control items and 240 others chance alone is 0.1 off one time in twenty, over three tries 0.06.
    assert fmean(one.told for one in found) < 3 * 0.06


@pytest.mark.parametrize("name", LOOKING)
def test_nobody_tells_the_few_control_items_of_who_is_known(name: str, pages: int, tmp_path: Path) -> None:
    items = max(1_500, 25 * pages)
    found = tried(tmp_path, f"{name}, few control items", LOOKING[name], pages, items, 3, SPARED)
    assert fmean(one.told for one in found) < 3 * 0.06


@pytest.mark.parametrize("name", CARELESS)
def test_of_labels_that_few_control_items_make_sure_no_more_are_wrong_than_that_says(name: str, tmp_path: Path) -> None:
    found = tried(tmp_path, f"{name}, few control items", CARELESS[name], 60, 1_500, 5, SPARED)
    assert fmean(one.wrong_but_sure for one in found) <= 0.15


@pytest.mark.parametrize("honest", [5, 15])
def test_who_has_passed_and_then_guesses_is_paid_for_few_pages_and_gets_no_more(honest: int, tmp_path: Path) -> None:
    paid, coin = [], random.Random(1)

    def guess(message: str) -> bool:
        return coin.random() < 0.5

    for seed in range(8):
        with World(tmp_path / str(seed), items=1_500, control=150, seed=seed, policy=SPARED).open() as world:
            cheat = Person(world, "cheat")
            assert cheat.work(honest, careful(world)) == honest
            before = world.accepted
            assert cheat.work(60, guess) < 40
            paid.append(world.accepted - before)
    # One in 33 items is a control item, 0.75 on a page of 25, and a guess is wrong half of the time: 0.375 of the pages
    # that are guessed are not paid, and the first of them makes a stranger of the worker.
    assert fmean(paid) < 5


@pytest.mark.parametrize("name", CARELESS)
def test_of_labels_that_are_called_sure_no_more_are_wrong_than_that_says(name: str, tmp_path: Path) -> None:
    found = tried(tmp_path, name, CARELESS[name], 60, items=600, seeds=5)
    assert fmean(one.wrong_but_sure for one in found) <= 0.15


def test_accounts_that_share_what_they_see_learn_nothing_while_control_items_are_fresh(
    pages: int, tmp_path: Path
) -> None:
    # With one control item to 20 others they last: few go to more of the accounts than a real item does.
    items = max(800, 2 * pages)
    with World(tmp_path, items=items, control=items // 20, policy={"overlap": 3}).open() as world:
        found = many_accounts(world, max(pages, 120))
    print(f"\n| twenty accounts share what they see | {found.looks} | {found.told:+.2f} | {found.accepted} | |")
    assert found.told < 0.05


@pytest.mark.parametrize("name", GROUPS)
def test_what_one_person_reaches_with_several_accounts(name: str, pages: int, tmp_path: Path) -> None:
    found = []
    for seed in range(1 if pages < 200 else 3):
        items = max(600, pages)
        with World(
            tmp_path / str(seed), items=items, control=items // 20, seed=seed, policy={"overlap": 3}
        ).open() as world:
            found.append(GROUPS[name](world, 10 * pages))
    row = [fmean(column) for column in zip(*map(astuple, found), strict=True)]
    told = f"{row[0]:,.0f} | {row[1]:.0%} | {row[2]:+.2f} | {row[3]:,.0f} | {row[4]:,.0f} | {row[5]:.1%} | {row[6]:.1%}"
    print(f"\n| {name} | {told} | {row[7]:+.2f} |")
    assert fmean(one.wrong_but_sure for one in found) <= 0.15


@pytest.mark.parametrize("name", [name for name in GROUPS if "beside" in name and "new account" in name])
def test_who_comes_with_a_new_account_for_every_page_makes_little_sure_that_is_wrong(name: str, tmp_path: Path) -> None:
    found, honest = [], []
    for seed in range(3):
        with World(tmp_path / str(seed), items=600, control=30, seed=seed, policy={"overlap": 3}).open() as world:
            found.append(GROUPS[name](world, 2_000))
            stay = [one for one in world.views["run"].state.workers if one.id.startswith("honest")]
            honest.append(sum(one.pages_rejected for one in stay) / sum(one.pages for one in stay))
    assert fmean(one.wrong_but_sure for one in found) <= 0.05
    # Right in 95 of 100 cases, of two control items both: one page in ten of theirs fails that has two.
    assert fmean(honest) < 0.1


def test_labels_of_accounts_that_never_come_again_lose_their_confidence_and_a_notice_says_what_they_were_paid(
    tmp_path: Path,
) -> None:
    wrong, chance = [], random.Random(1)
    for seed in range(3):
        with World(tmp_path / str(seed), items=600, control=120, seed=seed, policy={"overlap": 3}).open() as world:
            people, came = [Person(world, f"honest {number}") for number in range(12)], 0

            def looks(message: str) -> bool:
                return world.truth[message] == (chance.random() < 0.95)

            def has_a_list(message: str) -> bool:
                return world.truth[message] if message in world.control else chance.random() < 0.5

            while people:
                if chance.random() < 0.4:
                    came += Person(world, f"new {came}").work(1, has_a_list)
                elif not (one := chance.choice(people)).work(1, looks):
                    people.remove(one)
            wrong.append(world.wrong_but_sure)
            paid = sum(one.earned for one in world.views["run"].state.workers if one.id.startswith("new"))
            told = [notice["en"] for notice in all_notices(world.views["run"]) if "many accounts" in notice["en"]]
            assert len(told) == 1
            number, amount = re.search(r"promises: (\d+); they were paid \$([\d.]+)\.", told[0]).groups()  # type: ignore[union-attr]
            # All of them, and who of the others came for as few pages.
            assert came <= int(number) <= came + 6
            assert round(paid / 1e6, 2) <= float(amount) <= 1.3 * paid / 1e6
            assert paid > 1e6
    assert fmean(wrong) <= 0.05


def test_accounts_that_share_what_they_see_learn_nothing_where_few_control_items_are_dealt(
    pages: int, tmp_path: Path
) -> None:
    items = max(2_000, 5 * pages)
    with World(tmp_path, items=items, control=items // 20, policy={"overlap": 3, **SPARED}).open() as world:
        found = many_accounts(world, max(pages, 120))
    print(f"\n| twenty accounts share, few control items | {found.looks} | {found.told:+.2f} | {found.accepted} | |")
    assert found.told < 0.05


def test_whoever_is_checked_no_more_is_asked_no_more(tmp_path: Path) -> None:
    with World(tmp_path, items=600, control=2).open() as world:
        ann = Person(world, "ann")
        # The first page shows both control items. Two more are as likely as not by somebody who still cares.
        assert ann.work(10, careful(world)) == 3
        assert ann.closed == "unchecked"
        sure = world.labels("confidence").dropna().sort_values()
        assert sure.iloc[-1] > 0.8
        # Half of the doubt is that of a coin: (1 + 1) / (1 + 2 + 1) that it is still ann.
        assert sure.iloc[0] < 0.7


def test_whoever_guesses_in_a_small_run_of_many_workers_is_found_out(tmp_path: Path) -> None:
    """Twelve control items do not stay hidden from twenty-four workers: they are used, not spared."""

    @df.task(duration="5s")
    def parity(number: df.Text) -> bool:
        """Is the number odd?"""

    def known(inputs: Mapping[str, Any]) -> dict[str, bool]:
        return {"answer": int(inputs["number"]) % 2 == 1}

    numbers = [{"number": str(number)} for number in range(100, 152)]
    control = [{**row, **known(row)} for row in numbers[40:]]
    policy = df.Policy(overlap=(2, 4), page=(4, 4), control_ratio=0.75, speed=())
    crowd = {"good": (0.95, 14), "guesser": (0.5, 10)}
    accepted = rejected = wrong = 0
    for seed in range(8):
        people = [
            SimulatedWorker(f"{kind} {number}", right_with(share, {"answer": [False, True]}))
            for kind, (share, count) in crowd.items()
            for number in range(count)
        ]
        random.Random(seed).shuffle(people)
        platform = SimulatedPlatform(people, known, seed=seed)
        run = df.launch(
            parity, numbers[:40], control, policy, name="run", platform=platform, workspace=tmp_path / str(seed)
        )
        run.wait(progress=False)
        guessers = run.workers().loc[lambda table: table["name"].str.startswith("guesser")]
        accepted += guessers["pages_accepted"].sum()
        rejected += guessers["pages_rejected"].sum()
        labels = run.labels()
        wrong += (labels["answer"] != (labels["number"].astype(int) % 2 == 1)).sum()
    # Three of four right by guessing: (4 + 1) / 16, which is .31 of the pages that have four.
    assert accepted / (accepted + rejected) < 0.4
    assert wrong / (8 * 40) < 0.04


def test_control_items_last_as_long_as_the_items_do(tmp_path: Path) -> None:
    with World(tmp_path, items=600, control=30).open() as world:
        ann = Person(world, "ann")
        done = ann.work(100, careful(world))
        assert ann.closed in ("all_done", "finished")
        controls = [len(world.control.intersection(look)) for look in ann.looks]
        assert controls[0] == 2
        assert sum(controls) == 30
        quarters = [sum(controls[quarter * done // 4 : (quarter + 1) * done // 4]) for quarter in range(4)]
        assert quarters[0] > sum(quarters[1:]) > quarters[3] > 0
        # All pages but the last are of one size, whatever is on them.
        assert {len(look) for look in ann.looks[:-1]} == {10}


def test_where_control_items_suffice_every_page_has_its_share(tmp_path: Path) -> None:
    with World(tmp_path, items=80, control=30).open() as world:
        ann = Person(world, "ann")
        assert ann.work(100, careful(world)) == 10
        assert [len(world.control.intersection(look)) for look in ann.looks] == [2] * 10


def test_who_is_known_meets_few_control_items_though_there_are_plenty_and_pages_look_the_same(tmp_path: Path) -> None:
    with World(tmp_path, items=1_000, control=500, policy=SPARED).open() as world:
        ann = Person(world, "ann")
        assert ann.work(24, careful(world)) == 24
        controls = [len(world.control.intersection(look)) for look in ann.looks]
        assert controls[0] == 5
        # 0.75 a page, and never more than one.
        assert max(controls[1:]) == 1
        assert 10 < sum(controls[1:]) < 23
        assert {len(look) for look in ann.looks} == {25}


def test_after_a_rejected_page_everybody_is_a_stranger_again(tmp_path: Path) -> None:
    with World(tmp_path, items=600, control=30, policy={"control": None}).open() as world:
        ann = Person(world, "ann")
        ann.work(20, careful(world))
        while world.views["run"].state.pages_rejected == 0:
            ann.work(1, yes)
        page = ann.take()
        assert page is not None
        assert len(world.control.intersection(ann.pages[page])) == 2


def test_a_tail_of_unchecked_pages_is_as_sure_as_it_is_that_the_worker_is_the_same() -> None:
    vouching, answered = Vouching(), iter(range(100))
    vouching.add_worker()

    def page(passed: bool | None) -> int:
        number = next(answered)
        vouching.add_page()
        vouching.answered(number, 0)
        if passed is not None:
            vouching.judged(number, 0, passed=passed)
        return number

    story = [True, None, True, None, None, False, None, True, None]
    pages = np.array([page(passed) for passed in story])
    workers = np.zeros(len(pages), int)
    likely = vouching.of(pages, workers).tolist()
    # Before a pass everything is vouched for; two unchecked pages after two passes; one that failed; after it one pass.
    assert likely == pytest.approx([1, 1, 1, 3 / 4, 3 / 5, 3 / 6, 1, 1, 2 / 3])
    # The rule of succession, page by page.
    assert likely[4] == pytest.approx(math.prod([3 / 4, 4 / 5]))
    # Where the second pass shows nothing, its control items having been recognised, one pass and two pages more vouch.
    without = vouching.of(pages, workers, np.array([2])).tolist()
    assert without == pytest.approx([1, 2 / 3, 2 / 4, 2 / 5, 2 / 6, 2 / 7, 1, 1, 2 / 3])
