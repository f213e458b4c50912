"""One worker who gives as many parts as they like beside a few honest ones: nothing of it is taken for the truth."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

from dataforge.aggregation.merging.base import Answers, Merged
from dataforge.registry import load

ITEMS, SIDE = 12, 1000


class Parts(NamedTuple):
    """A type of parts: its settings, one part by lot, and an answer of parts; a flooder gives so many."""

    kind: str
    settings: dict[str, Any]
    draw: Callable[[Random], Any]
    whole: Callable[[list[Any]], Any]
    flood: int


def box(rng: Random) -> Any:
    left, top = rng.randrange(SIDE - 40), rng.randrange(SIDE - 40)
    return {"box": [left, top, left + 40, top + 40]}


def picture(shapes: list[Any]) -> Any:
    return {"width": SIDE, "height": SIDE, "shapes": shapes}


def links(pairs: list[Any]) -> Any:
    return [{"from": one, "to": other} for one, other in sorted(set(pairs))]


KINDS = [
    Parts("links", {"a": "a", "b": "b"}, lambda rng: (rng.randrange(60), rng.randrange(60)), links, 2000),
    Parts("boxes", {}, box, picture, 400),
    Parts("points", {}, lambda rng: {"point": [rng.randrange(SIDE), rng.randrange(SIDE)]}, picture, 400),
]


def count(value: Any) -> int:
    return len(value["shapes"]) if isinstance(value, dict) else len(value)


def flooded(parts: Parts, honest: int, each: tuple[int, int], known: int = 0) -> tuple[Merged, list[Any]]:
    """What becomes of answers of honest workers, who miss one part of twenty, and of a flooder, the last; the truth."""
    rng = Random(3)
    drawn = [[parts.draw(rng) for _ in range(rng.randint(*each))] for _ in range(ITEMS)]
    values = []
    for item in drawn:
        values += [parts.whole([part for part in item if rng.random() < 0.95]) for _ in range(honest)]
        values.append(parts.whole([parts.draw(rng) for _ in range(parts.flood)]))
    items, workers = np.repeat(np.arange(ITEMS), honest + 1), np.tile(np.arange(honest + 1), ITEMS)
    truth = [parts.whole(item) for item in drawn]
    answers = Answers(values, items, workers, ITEMS, honest + 1, dict(enumerate(truth[:known])))
    return load("merging", parts.kind)(parts.settings).merge(answers), truth


@pytest.mark.parametrize("honest", [2, 3, 4])
@pytest.mark.parametrize("parts", KINDS, ids=lambda parts: parts.kind)
def test_a_flood_of_one_is_not_the_truth_and_makes_nobody_forgetful(parts: Parts, honest: int) -> None:
    found, truth = flooded(parts, honest, (12, 15))
    for value, right in zip(found.values, truth, strict=True):
        assert 0.7 * count(right) <= count(value) <= 1.1 * count(right)
    assert (found.skills[:-1] > 0.75).all()
    assert found.skills[-1] < 0.25


@pytest.mark.parametrize("parts", KINDS, ids=lambda parts: parts.kind)
def test_a_flood_is_not_the_truth_where_there_is_little_or_nothing(parts: Parts) -> None:
    found, truth = flooded(parts, 3, (0, 3))
    assert all(abs(count(value) - count(right)) <= 1 for value, right in zip(found.values, truth, strict=True))
    assert found.skills[:-1].min() > 0.5 > 0.25 > found.skills[-1]


def test_a_flood_on_items_with_known_links_takes_nothing_from_the_others() -> None:
    found, truth = flooded(KINDS[0], 2, (12, 15), known=4)
    assert all(0.7 * count(right) <= count(value) for value, right in zip(found.values, truth, strict=True))


def sent_by_two(parts: Parts, honest: int, *, alike: bool = True) -> tuple[Merged, list[Any]]:
    """What becomes of answers of honest workers, and of the floods of two more: the same ones, or each their own."""
    rng = Random(3)
    drawn = [[parts.draw(rng) for _ in range(rng.randint(3, 6))] for _ in range(ITEMS)]
    values = []
    for item in drawn:
        values += [parts.whole([part for part in item if rng.random() < 0.95]) for _ in range(honest)]
        floods = [parts.whole([parts.draw(rng) for _ in range(parts.flood)]) for _ in range(2)]
        values += [floods[0], floods[0] if alike else floods[1]]
    of, workers = np.repeat(np.arange(ITEMS), honest + 2), np.tile(np.arange(honest + 2), ITEMS)
    answers = Answers(values, of, workers, ITEMS, honest + 2)
    return load("merging", parts.kind)(parts.settings).merge(answers), [parts.whole(item) for item in drawn]


@pytest.mark.parametrize("honest", [2, 3, 4, 5])
@pytest.mark.parametrize("parts", KINDS, ids=lambda parts: parts.kind)
def test_two_who_send_the_same_flood_own_no_set_of_several_others(parts: Parts, honest: int) -> None:
    found, truth = sent_by_two(parts, honest)
    for value, right in zip(found.values, truth, strict=True):
        assert count(value) <= count(right)
    assert found.skills[:-2].min() > 0.7 > 0.5 > found.skills[-2:].max()
    # One voice more or less would turn what three say against two.
    assert (found.confidence < 0.6).all() if honest <= 3 else np.mean(found.confidence) > 0.9


@pytest.mark.parametrize("parts", KINDS, ids=lambda parts: parts.kind)
def test_floods_that_differ_from_each_other_are_no_voice_together(parts: Parts) -> None:
    assert np.mean(sent_by_two(parts, 3, alike=False)[0].confidence) > 0.9


@pytest.mark.parametrize("parts", KINDS, ids=lambda parts: parts.kind)
def test_a_set_of_two_who_contradict_each_other_is_not_sure(parts: Parts) -> None:
    found, _ = flooded(parts, 1, (3, 6))
    assert (found.confidence <= 0.5).all()


@pytest.mark.parametrize("parts", KINDS, ids=lambda parts: parts.kind)
def test_a_flood_that_two_of_three_send_is_not_sure(parts: Parts) -> None:
    # Nothing tells them from two who see well beside one who is lazy.
    assert (sent_by_two(parts, 1)[0].confidence <= 0.6).all()


def near(place: Any, rng: Random, most: int) -> Any:
    return {name: [number + rng.randint(-most, most) for number in numbers] for name, numbers in place.items()}


def beside_friends(parts: Parts, honest: int, invented: int, each: tuple[int, int]) -> tuple[Merged, list[Any]]:
    """Answers of honest workers, and of two friends who send the same invented parts, each a little elsewhere."""
    rng, values, truth = Random(3), [], []
    for _ in range(ITEMS):
        there = [parts.draw(rng) for _ in range(rng.randint(*each))]
        lies = [parts.draw(rng) for _ in range(invented)]
        truth.append(parts.whole(there))
        values += [
            parts.whole([near(part, rng, 3) for part in there if rng.random() < 0.95]) for _ in range(honest)
        ] + [parts.whole([near(part, rng, 2) for part in lies]) for _ in range(2)]
    of, workers = np.repeat(np.arange(ITEMS), honest + 2), np.tile(np.arange(honest + 2), ITEMS)
    return load("merging", parts.kind)(parts.settings).merge(Answers(values, of, workers, ITEMS, honest + 2)), truth


@pytest.mark.parametrize("each", [(3, 6), (0, 2)])
@pytest.mark.parametrize("invented", [6, 9])
@pytest.mark.parametrize("honest", [2, 3, 4, 5])
@pytest.mark.parametrize("parts", KINDS[1:], ids=lambda parts: parts.kind)
def test_few_parts_that_two_invent_together_are_not_sure(
    parts: Parts, honest: int, invented: int, each: tuple[int, int]
) -> None:
    found, truth = beside_friends(parts, honest, invented, each)
    wrong = [count(value) > count(right) for value, right in zip(found.values, truth, strict=True)]
    # On one item an invented part may lie where a true one is.
    assert np.count_nonzero(np.array(wrong) & (found.confidence >= 0.6)) <= 1


@pytest.mark.parametrize("parts", KINDS[1:], ids=lambda parts: parts.kind)
def test_few_parts_that_two_invent_take_nothing_from_five(parts: Parts) -> None:
    assert np.mean(beside_friends(parts, 5, 6, (3, 6))[0].confidence) > 0.9
