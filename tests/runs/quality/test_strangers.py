"""Many who come for a few pages and guess are found beside people who stay; honest newcomers are not."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.hierarchical_dawid_skene import PLUGIN as BY_DEFAULT
from dataforge.runs.quality._doubt import Coded, fitted
from dataforge.runs.quality._strangers import Checked, Met, worth_by_pages

ITEMS, PAGE, CHECKS = 400, 8, 2


def crowd(
    seed: int, *, stay: int, come: int, right: float, shown: float, few: int = 1, labels: int = 2
) -> tuple[Met, Places, Checked, Floats]:
    """Answers of people who stay for twenty pages, right in 90 of 100 cases, and of others who come for a few pages.

    These are right so often at real items, and at control items so often as they show.
    """
    chance = np.random.default_rng(seed)
    pages = np.array([20] * stay + [few] * come)
    skill = np.array([0.9] * stay + [right] * come)
    truth = chance.integers(labels, size=ITEMS)
    worker = np.repeat(np.arange(stay + come), pages * PAGE)
    item = chance.integers(ITEMS, size=len(worker))
    hit = chance.random(len(worker)) < skill[worker]
    label = np.where(hit, truth[item], (truth[item] + chance.integers(1, labels, size=len(worker))) % labels)
    total = pages * CHECKS
    passed = chance.binomial(total, np.array([0.9] * stay + [shown] * come)).astype(float)
    worth = worth_by_pages(Met(item, worker, label, labels), pages, Checked(passed, total))
    return Met(item, worker, label, labels), pages, Checked(passed, total), worth


@pytest.mark.parametrize("few", [1, 2, 3, 8])
@pytest.mark.parametrize("labels", [2, 5])
def test_guesses_of_many_accounts_are_worth_next_to_nothing_however_few_pages_each_sends(few: int, labels: int) -> None:
    for seed in range(10):
        *_, worth = crowd(seed, stay=12, come=100, right=1 / labels, shown=1.0, few=few, labels=labels)
        assert worth[:12].min() == 1
        assert worth[12:].max() < 0.25


def test_of_very_many_labels_those_that_are_said_take_room_and_no_others() -> None:
    tracemalloc.start()
    *_, worth = crowd(1, stay=12, come=100, right=0.0, shown=1.0, labels=100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert worth[:12].min() == 1
    assert worth[12:].max() < 0.25
    assert peak < 20_000_000, "a number for each label of each item would be 320 million bytes"


@pytest.mark.parametrize(("right", "shown"), [(0.9, 0.9), (0.9, 1.0), (0.75, 0.75), (0.6, 0.6)])
@pytest.mark.parametrize("come", [10, 40, 200])
def test_honest_newcomers_are_worth_what_their_control_items_show(right: float, shown: float, come: int) -> None:
    found = [crowd(seed, stay=12, come=come, right=right, shown=shown)[-1][12:].min() for seed in range(50)]
    assert np.mean(np.array(found) < 0.8) <= 0.06


def test_where_nobody_stays_or_few_come_nothing_is_said() -> None:
    assert (crowd(1, stay=0, come=100, right=0.5, shown=1.0)[-1] == 1).all()
    assert (crowd(1, stay=12, come=7, right=0.5, shown=1.0)[-1] == 1).all()
    assert (crowd(1, stay=1, come=100, right=0.5, shown=1.0)[-1] == 1).all()


def test_nothing_is_held_to_people_who_agree_by_chance() -> None:
    met, pages, checked, _ = crowd(1, stay=12, come=100, right=0.5, shown=1.0)
    guessed = np.random.default_rng(2).integers(2, size=len(met.label))
    assert (worth_by_pages(met._replace(label=guessed), pages, checked) == 1).all()


def test_who_has_answered_nothing_is_no_stranger() -> None:
    met, pages, checked, worth = crowd(1, stay=12, come=100, right=0.5, shown=1.0)
    also = Checked(np.append(checked.right, 0.0), np.append(checked.total, 0))
    assert worth_by_pages(met, np.append(pages, 0), also).tolist() == [*worth, 1.0]


def uneven(seed: int, come: int, strangers: float | None, friends: int = 0, yes: float = 0.1) -> Floats:
    """The worth of all where one item in ten is a yes: of 12 who stay, right in 95 of 100 cases, of `friends` who stay
    and say what the strangers say, and of these, who are right so often; None: all their accounts say the same anyway.
    """
    chance = np.random.default_rng(seed)
    stay = 12 + friends
    pages = np.array([20] * stay + [1] * come)
    truth, guess = chance.random(ITEMS) < yes, chance.random(ITEMS) < (yes if friends else 0.0)
    worker = np.repeat(np.arange(stay + come), pages * PAGE)
    item = chance.integers(ITEMS, size=len(worker))
    skill = np.where(worker < stay, 0.95, strangers or 0.0)
    honest = np.where(chance.random(len(worker)) < skill, truth[item], ~truth[item])
    said = np.where((worker >= 12) & ((worker < stay) | (strangers is None)), guess[item], honest)
    total = pages * CHECKS
    shown = chance.binomial(total, np.where(np.arange(len(pages)) < stay, 0.95, strangers or 1.0)).astype(float)
    return worth_by_pages(Met(item, worker, said.astype(np.int64), 2), pages, Checked(shown, total))


def test_who_says_no_to_all_is_worth_next_to_nothing_where_nearly_all_is_no() -> None:
    found = [uneven(seed, 100, None)[12:].max() for seed in range(10)]
    assert max(found) < 0.4


@pytest.mark.parametrize("come", [10, 40, 200])
@pytest.mark.parametrize("right", [0.95, 0.8])
def test_honest_newcomers_lose_nothing_where_nearly_all_is_no(right: float, come: int) -> None:
    found = [uneven(seed, come, right)[12:].min() for seed in range(50)]
    assert np.mean(np.array(found) < 0.7) <= 0.06


@pytest.mark.parametrize("yes", [0.1, 0.5])
def test_friends_who_stay_do_not_vouch_for_strangers(yes: float) -> None:
    found = [uneven(seed, 100, None, friends=3, yes=yes)[15:].max() for seed in range(20)]
    assert np.mean(found) < 0.35


@pytest.mark.parametrize("few", [1, 8])
def test_where_all_who_stay_say_the_same_of_everything_nobody_is_held_to_it(few: int) -> None:
    met, pages, checked, _ = crowd(1, stay=12, come=100, right=0.5, shown=1.0, few=few)
    stays = pages[met.worker] > few
    for others in (met.label, np.zeros_like(met.label)):
        assert (worth_by_pages(met._replace(label=np.where(stays, 0, others)), pages, checked) == 1).all()


@pytest.mark.parametrize("aware", [True, False])
def test_many_who_say_no_to_all_outvote_nobody_who_stays_and_sees_a_rare_yes(aware: bool) -> None:
    """One item in ten is a yes; one of twelve who stay answers it, and two of a hundred who come for a page."""
    chance = np.random.default_rng(3)
    truth, known = (chance.random(2 * ITEMS) < 0.1).astype(np.int32), np.full(2 * ITEMS, -1, np.int32)
    known[:30] = truth[:30]
    stays = np.repeat(np.arange(12), 2 * ITEMS // 12)
    item = np.concatenate([np.tile(np.arange(30), 12), np.arange(30, 30 + len(stays)) % (2 * ITEMS)])
    worker = np.concatenate([np.repeat(np.arange(12), 30), stays])
    label = np.where(chance.random(len(item)) < 0.95, truth[item], 1 - truth[item])
    come = np.repeat(np.arange(30, 2 * ITEMS), 2)
    item, label = np.concatenate([item, come]), np.concatenate([label, np.zeros(len(come), np.int32)])
    worker = np.concatenate([worker, 12 + np.arange(len(come)) % 100]).astype(np.int32)
    answers = Responses(item.astype(np.int32), worker, label.astype(np.int32), 2 * ITEMS, 112, 2, known)
    few = (worker >= 12) if aware else None
    found = fitted(BY_DEFAULT, Coded(answers, np.arange(2 * ITEMS), few=few))
    assert found.confusion is not None
    seen = np.setdiff1d(item[(worker < 12) & (label == 1) & (item >= 30)], np.flatnonzero(truth == 0))
    no = BY_DEFAULT.predict(answers, found)[seen, 0]
    assert len(seen) > 40
    if aware:
        # What they say of a yes is what they say of a no, and who stays is as good as they are.
        assert found.confusion[12:, 1, 0].min() > 0.9
        assert found.confusion[:12].diagonal(axis1=1, axis2=2).mean() > 0.85
        assert no.max() < 0.7
    else:
        # Held to be like the others they have it that there is no yes: so this shows something.
        assert no.min() > 0.85


def beside_friends(seed: int, honest: int, pages_of_friends: int, come: int) -> Floats:
    """The worth of all where three friends know the control items and guess alike elsewhere.

    Beside them `honest` people stay for six pages, and others come for one page each, all right in 95 of 100 cases.
    """
    chance = np.random.default_rng(seed)
    pages = np.array([pages_of_friends] * 3 + [6] * honest + [1] * come)
    truth, guess = chance.integers(2, size=ITEMS), chance.integers(2, size=ITEMS)
    worker = np.repeat(np.arange(len(pages)), pages * PAGE)
    item = chance.integers(ITEMS, size=len(worker))
    seen = np.where(chance.random(len(worker)) < 0.95, truth[item], 1 - truth[item])
    said = np.where(worker < 3, guess[item], seen)
    total = pages * CHECKS
    shown = chance.binomial(total, np.where(np.arange(len(pages)) < 3, 1.0, 0.95)).astype(float)
    return worth_by_pages(Met(item, worker, said, 2), pages, Checked(shown, total))


def test_newcomers_who_contradict_a_few_who_stay_are_worth_no_more_and_no_less_than_these() -> None:
    """Nobody can tell which of the two sides guesses alike: so no side makes a label sure."""
    for seed in range(10):
        worth = beside_friends(seed, 0, 20, 100)
        assert worth.max() < 0.5


@pytest.mark.parametrize("honest", [6, 12])
def test_friends_who_send_most_pages_make_nothing_of_newcomers_whom_others_who_stay_bear_out(honest: int) -> None:
    for seed in range(10):
        worth = beside_friends(seed, honest, 15, 60)
        assert worth.min() == 1
