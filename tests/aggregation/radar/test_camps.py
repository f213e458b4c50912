"""Two camps are found where some send the same guesses, and none where people answer by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.camps import _Pairs, camps


def answers(seed: int, skills: list[float], friends: int = 0, items: int = 300, labels: int = 2) -> Responses:
    """Two to five answers to an item of people who are right so often, and of friends who guess the same."""
    rng = np.random.default_rng(seed)
    right, guess = rng.integers(labels, size=(2, items))
    everybody = len(skills) + friends
    asked = [rng.permutation(everybody)[: rng.integers(2, 6)] for _ in range(items)]
    item, worker = np.repeat(np.arange(items), [len(one) for one in asked]), np.concatenate(asked)
    well = rng.random(len(item)) < np.array([*skills, *[0.0] * friends])[worker]
    label = np.where(well, right[item], (right[item] + rng.integers(1, labels, len(item))) % labels)
    label = np.where(worker >= len(skills), guess[item], label)
    codes = (column.astype(np.int32) for column in (item, worker, label))
    return Responses(*codes, items, everybody, labels)


@pytest.mark.parametrize(("honest", "friends"), [(3, 2), (4, 3), (2, 2), (6, 3)])
def test_who_sends_the_same_guesses_is_a_camp_apart_from_people_who_look(honest: int, friends: int) -> None:
    for seed in range(5):
        found = camps(answers(seed, [0.9] * honest, friends))
        assert found is not None
        sides = sorted([found.one.tolist(), found.other.tolist()])
        assert sides == [[*range(honest)], [*range(honest, honest + friends)]]
        assert found.between < 0.2


def hardly_met(seed: int) -> Responses:
    """Of four friends who guess alike three have answered all items, of six people who look mostly one each."""
    rng = np.random.default_rng(seed)
    right, guess = rng.integers(2, size=(2, 400))
    often = np.array([8, 4, 3, 3, 2, 1]) / 21
    asked = [rng.choice(6, 1 + (item < 120), replace=False, p=often) for item in range(400)]
    item = np.concatenate([np.repeat(np.arange(400), [len(one) for one in asked]), np.arange(1_200) % 400, range(75)])
    worker = np.concatenate([*asked, 6 + np.arange(1_200) // 400, np.full(75, 9)])
    looks = np.where(rng.random(len(item)) < 0.95, right[item], 1 - right[item])
    label = np.where(worker < 6, looks, guess[item])
    return Responses(*(column.astype(np.int32) for column in (item, worker, label)), 400, 10, 2)


def test_friends_who_have_answered_everything_are_a_camp_beside_people_who_hardly_met() -> None:
    for seed in range(20):
        found = camps(hardly_met(seed))
        assert found is not None, seed
        assert {6, 7, 8} <= set(found.one.tolist()) or {6, 7, 8} <= set(found.other.tolist())


@pytest.mark.parametrize("skills", [[0.7] * 5, [0.85] * 5, [0.95] * 5, [0.55, 0.6, 0.8, 0.95, 0.95], [0.5] * 5])
@pytest.mark.parametrize("labels", [2, 4])
def test_people_who_answer_by_themselves_are_no_camps_however_able_they_are(skills: list[float], labels: int) -> None:
    assert [camps(answers(seed, skills, labels=labels)) for seed in range(10)] == [None] * 10


def test_who_says_one_thing_of_everything_is_in_no_camp() -> None:
    given = answers(1, [0.9, 0.9, 0.9, 0.5, 0.5])
    given.label[given.worker >= 3] = 0
    assert camps(given) is None


def test_what_is_known_shows_nothing_of_camps() -> None:
    given = answers(1, [0.9] * 3, friends=2)
    known = Responses(given.item, given.worker, given.label, *given.shape[:1], 5, 2, known=np.zeros(300, np.int32))
    assert camps(known) is None


def test_where_people_hardly_met_camps_are_not_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    sought = []
    search = _Pairs._starts
    monkeypatch.setattr(_Pairs, "_starts", lambda pairs: sought.append(pairs) or search(pairs))
    assert camps(answers(1, [0.9] * 1_000, items=8_000)) is None
    assert not sought
    assert camps(answers(1, [0.9] * 3, friends=2)) is not None
    assert len(sought) == 1
