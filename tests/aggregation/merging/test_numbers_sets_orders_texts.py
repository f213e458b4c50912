"""One answer out of several: numbers, sets of options, orders and texts of workers whose skills are known here."""

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.merging._words import shared, shared_count
from dataforge.aggregation.merging.base import Answers, Merged, Merger
from dataforge.registry import load

OPTIONS = {"options": [{"value": value} for value in "abcdef"]}
EXAMPLES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "integer": ({}, [7, 7, 70]),
    "number": ({"low": 0, "high": 10}, [2.0, 2.1, 9.0]),
    "several": (OPTIONS, [["a", "b"], ["a", "b"], ["c"]]),
    "ranking": ({}, [["x", "y", "z"], ["x", "y", "z"], ["z", "y", "x"]]),
    "text": ({}, ["a red dog", "a red dog", "no"]),
}


def several(least: int | None, most: int | None, values: list[list[str]]) -> Merged:
    made: Merger = load("merging", "several")(OPTIONS | {"least": least, "most": most})
    count = len(values)
    return made.merge(Answers(values, np.zeros(count, np.int64), np.arange(count), item_count=1, worker_count=count))


def test_merged_options_are_as_many_as_an_answer_may_have() -> None:
    apart, pairs = [["a"], ["b"], ["c"]], [["a", "b"], ["b", "c"], ["a", "c"], ["a", "b"], ["a", "c"], ["b", "c"]]
    assert several(None, None, apart).values == [[]]
    least = several(1, None, apart)
    assert least.values in ([["a"]], [["b"]], [["c"]])
    assert several(None, None, pairs).values == [["a", "b", "c"]]
    most = several(1, 2, pairs)
    assert most.values in ([["a", "b"]], [["a", "c"]], [["b", "c"]])
    assert least.confidence[0] < 0.5 > most.confidence[0]


def test_a_merged_number_of_a_step_is_written_as_it_is_typed() -> None:
    made: Merger = load("merging", "number")({"low": 0, "high": 1, "step": 0.1})
    answers = Answers([0.3, 0.3, 0.3], np.zeros(3, np.int64), np.arange(3), item_count=1, worker_count=3)
    assert made.merge(answers).values == [0.3]


def merger(kind: str) -> Merger:
    made: Merger = load("merging", kind)(EXAMPLES[kind][0])
    return made


def of_one_item(kind: str, values: list[Any], **more: Any) -> Merged:
    count = len(values)
    answers = Answers(values, np.zeros(count, np.int64), np.arange(count), item_count=2, worker_count=count, **more)
    return merger(kind).merge(answers)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_two_of_three_say_is_believed_and_an_item_without_answers_has_none(kind: str) -> None:
    values = EXAMPLES[kind][1]
    merged = of_one_item(kind, values)
    close = pytest.approx(2.05, abs=0.06) if kind == "number" else values[0]
    assert merged.values == [close, None]
    assert merged.confidence[0] > 0.6
    assert math.isnan(merged.confidence[1])
    # Neither the order of the answers nor who is called what makes a difference.
    turned = of_one_item(kind, values[::-1])
    assert turned.values[0] == merged.values[0] or turned.values[0] == pytest.approx(merged.values[0])
    assert turned.confidence[0] == pytest.approx(merged.confidence[0], abs=1e-5)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_one_answer_of_somebody_unknown_shows_nothing_and_a_known_answer_is_certain(kind: str) -> None:
    values = EXAMPLES[kind][1]
    alone = of_one_item(kind, values[:1])
    assert alone.values[0] == values[0]
    assert math.isnan(alone.confidence[0])
    assert math.isnan(alone.skills[0])
    told = of_one_item(kind, [values[0], values[2]], known={0: values[0]})
    assert told.values[0] == values[0]
    assert told.confidence[0] == 1
    assert told.skills[0] > told.skills[1]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_under_skills_the_better_of_two_is_believed(kind: str) -> None:
    values = EXAMPLES[kind][1]
    pair = Answers([values[2], values[0]], np.array([0, 0]), np.array([0, 1]), item_count=1, worker_count=2)
    merged = merger(kind).merge(pair, np.array([0.55, 0.97]))
    # A number moves a little towards the other.
    assert merged.values[0] == pytest.approx(values[0], abs=1) if "n" in kind[:2] else merged.values[0] == values[0]
    assert merged.skills.tolist() == [0.55, 0.97]


def right_pairs(one: list[str], other: list[str]) -> float:
    """The share of pairs that stand in the same order in both."""
    return float(np.mean([other.index(first) < other.index(then) for first, then in combinations(one, 2)]))


def near_number(one: float, truth: float) -> bool:
    return abs(one - truth) <= 5


def noisy_number(truth: float, error: float, rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(truth, 4) if rng.random() > error else rng.uniform(0, 100), 0, 100))


def noisy_set(truth: list[str], error: float, rng: np.random.Generator) -> list[str]:
    return [option for option in "abcdef" if (option in truth) ^ (rng.random() < error)]


def noisy_order(truth: list[str], error: float, rng: np.random.Generator) -> list[str]:
    places = np.arange(len(truth)) + rng.normal(0, 10 * error, len(truth))
    return [truth[place] for place in np.argsort(places)]


def noisy_text(truth: str, error: float, rng: np.random.Generator) -> str:
    return " ".join(f"{word}{rng.integers(30)}" if rng.random() < error else word for word in truth.split())


Draw = Callable[[np.random.Generator], Any]
Noise = Callable[[Any, float, np.random.Generator], Any]
WORLDS: dict[str, tuple[dict[str, Any], Draw, Noise, Callable[[Any, Any], bool]]] = {
    "number": ({"low": 0, "high": 100}, lambda rng: float(rng.uniform(0, 100)), noisy_number, near_number),
    "several": (
        OPTIONS,
        lambda rng: [option for option in "abcdef" if rng.random() < 0.4],
        noisy_set,
        lambda one, truth: bool(one == truth),
    ),
    "ranking": (
        {},
        lambda rng: rng.permutation(list("abcde")).tolist(),
        noisy_order,
        lambda one, truth: right_pairs(one, truth) >= 0.9,
    ),
    "text": (
        {},
        lambda rng: " ".join(f"w{number}" for number in rng.integers(300, size=8)),
        noisy_text,
        lambda one, truth: bool(one == truth),
    ),
}


@pytest.mark.parametrize("kind", WORLDS)
def test_merged_answers_are_right_more_often_than_a_good_workers_and_as_often_as_they_claim(kind: str) -> None:
    settings, draw, noise, is_right = WORLDS[kind]
    rng = np.random.default_rng(7)
    items, workers, each = 600, 25, 3
    errors = np.where(rng.random(workers) < 0.2, 0.4, rng.uniform(0.02, 0.08, workers))
    truth = [draw(rng) for _ in range(items)]
    item = np.repeat(np.arange(items), each)
    worker = np.concatenate([rng.choice(workers, each, replace=False) for _ in range(items)])
    given = [noise(truth[i], errors[w], rng) for i, w in zip(item.tolist(), worker.tolist(), strict=True)]
    merged = load("merging", kind)(settings).merge(Answers(given, item, worker, items, workers))
    right = np.array([is_right(one, other) for one, other in zip(merged.values, truth, strict=True)])
    good = [is_right(one, truth[i]) for one, i, w in zip(given, item, worker, strict=True) if errors[w] < 0.1]
    assert right.mean() > np.mean(good)
    # A Student law for the errors claims a little less than there is where errors are normal.
    assert -0.07 < merged.confidence.mean() - right.mean() < 0.04
    sure = merged.confidence > 0.95
    assert right[sure].mean() > 0.95
    # The careless ones are known for what they are.
    assert merged.skills[errors == 0.4].max() < np.median(merged.skills[errors < 0.1])


@pytest.mark.parametrize("absurd", [[1.7e308], [1e160], [1e153, -1e153], [1.7e308, 1.7e308]])
@pytest.mark.parametrize("overlap", [2, 3])
def test_absurd_numbers_spoil_no_item_but_their_own(absurd: list[float], overlap: int) -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(10, 100, 40)
    items = np.repeat(np.arange(40), overlap)
    workers = (items + np.tile(np.arange(overlap), 40)) % 8
    given = truth[items] * (1 + rng.normal(0, 0.02, len(items)))
    given[: len(absurd)] = absurd
    merged = load("merging", "number")({}).merge(Answers(given.tolist(), items, workers, 40, 8, {}))
    assert np.isfinite(merged.values).all()
    assert merged.values[1:] == pytest.approx(truth[1:], rel=0.1)
    assert np.nanmin(merged.confidence[1:]) > 0.5


@pytest.mark.parametrize("length", [3_000, 100_000])
def test_long_texts_of_two_words_over_and_over_take_no_longer_than_others(length: int) -> None:
    """Half the words are "a" in one, two thirds in the other: in order or not, they share five words of six."""
    typed = [" ".join((words * length)[:length]) for words in (["a", "b"], ["a", "a", "b"])]
    merged = of_one_item("text", [typed[0], typed[0], typed[1]])
    assert merged.values[0] == typed[0]
    assert merged.skills[0] == merged.skills[1] > merged.skills[2] > 0.8


def common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The length of a longest common subsequence, by its recursion."""
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row, word in enumerate(one):
        for column, against in enumerate(other):
            longer = max(best[row][column + 1], best[row + 1][column])
            best[row + 1][column + 1] = best[row][column] + 1 if word == against else longer
    return best[-1][-1]


def test_texts_share_the_most_words_that_stand_in_the_same_order() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        one, other = (tuple(rng.choice(list("abcd"), rng.integers(12)).tolist()) for _ in range(2))
        here, there = shared(one, other)
        assert [one[place] for place in here] == [other[place] for place in there]
        assert here == sorted(set(here))
        assert there == sorted(set(there))
        assert len(here) == shared_count(one, other) == common(one, other)


def test_of_very_long_texts_the_words_count_and_not_their_order() -> None:
    """6,000 words the other way round, all but the first and the last; one of them is another word."""
    inside = [f"w{number}" for number in range(6_000)]
    one, other = ("first", *inside, "last"), ("first", "new", *inside[:0:-1], "last")
    here, there = shared(one, other)
    assert here == [0, *range(2, 6_002)]
    assert there == [0, *range(2, 6_002)]
    assert shared_count(one, other) == len(here)
