"""Masks of several people become one that is better than theirs, pixel by pixel."""

from random import Random
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation.merging.base import Answers, Merged, Merger
from dataforge.registry import load


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"


KIND = df.Mask(Animal)
SKILLS = [0.7 if worker % 5 == 0 else 0.92 for worker in range(25)]


def merged(values: list[Any], items: Any, workers: Any, **more: Any) -> Merged:
    merger: Merger = load("merging", "mask")(KIND.settings())
    items, workers = np.array(items), np.array(workers)
    skills = more.pop("skills", None)
    answers = Answers(values, items, workers, int(items.max()) + 1, int(workers.max()) + 1, more.pop("known", {}))
    return merger.merge(answers, skills)


def squares(*rects: tuple[int, int, int, int, int], width: int = 40, height: int = 30) -> Any:
    codes = np.zeros((height, width), np.uint8)
    for left, top, right, bottom, code in rects:
        codes[top:bottom, left:right] = code
    return KIND.of_array(codes)


def things(rng: Random) -> Any:
    """Up to three ellipses on a picture."""
    codes = np.zeros((120, 160), np.uint8)
    y, x = np.mgrid[:120, :160]
    for _ in range(rng.randint(0, 3)):
        across, down = rng.uniform(20, 140), rng.uniform(20, 100)
        codes[((x - across) / rng.uniform(8, 35)) ** 2 + ((y - down) / rng.uniform(8, 35)) ** 2 < 1] = rng.randint(1, 2)
    return KIND.of_array(codes)


@pytest.mark.parametrize("each", [2, 3, 5])
def test_the_merged_mask_is_better_than_the_average_worker_and_about_as_sure_as_it_is_right(each: int) -> None:
    rng, items = Random(each), 60
    truth = [things(rng) for _ in range(items)]
    of, by = np.repeat(np.arange(items), each), np.concatenate([rng.sample(range(25), each) for _ in range(items)])
    given = [KIND.attempt(truth[item], SKILLS[worker], rng, {}) for item, worker in zip(of, by, strict=True)]
    found = merged(given, of, by)
    alike = np.array([KIND.similarity(one, other) for one, other in zip(found.values, truth, strict=True)])
    single = np.mean([KIND.similarity(one, truth[item]) for one, item in zip(given, of, strict=True)])
    assert alike.mean() > single + 0.02
    # A label that one of several overlooked made nearly all of two answers, and a fifth of three, claim nothing.
    assert abs(found.confidence.mean() - (alike >= 0.75).mean()) < 0.08
    again = merged(given, of, by, skills=found.skills)
    assert again.values == found.values, "the same skills give the same masks, whether learnt or told"


def test_who_paints_well_outweighs_two_who_do_not() -> None:
    right, left = squares((10, 5, 30, 25, 1)), squares((0, 5, 20, 25, 1))
    values, items = [right, left, left], [0, 0, 0]
    assert merged(values, items, [0, 1, 2], skills=np.array([0.99, 0.5, 0.5])).values[0] == right
    assert merged(values, items, [0, 1, 2], skills=np.array([0.8, 0.8, 0.8])).values[0] == left


def test_known_answers_tell_who_paints_well() -> None:
    right, wrong = squares((10, 5, 30, 25, 1)), squares((0, 5, 20, 25, 1))
    items, workers = np.repeat(np.arange(8), 2), np.tile([0, 1], 8)
    values = [right, wrong] * 8
    found = merged(values, items, workers, known=dict.fromkeys(range(6), right))
    assert found.skills[0] > 0.9 > 0.6 > found.skills[1]
    assert found.values[7] == right
    assert found.confidence[0] == 1.0
    assert found.values[0] == right


def test_labels_are_voted_on_pixel_by_pixel_and_no_pixel_gets_two() -> None:
    cat, dog = squares((0, 0, 20, 30, 1)), squares((0, 0, 20, 30, 2))
    assert merged([cat, cat, dog], [0, 0, 0], [0, 1, 2]).values[0] == cat
    both = merged([cat, dog], [0, 0], [0, 1]).values[0]
    assert both in (cat, dog), "there is something, whatever it is"
    KIND.check_answer(both, {})


def test_as_many_for_as_against_is_for() -> None:
    assert merged([squares((0, 0, 10, 10, 1)), squares()], [0, 0], [0, 1]).values[0] == squares((0, 0, 10, 10, 1))


def test_one_answer_alone_stays_and_nothing_shows_how_good_it_is() -> None:
    found = merged([squares((0, 0, 10, 10, 1))], [0], [0])
    assert found.values == [squares((0, 0, 10, 10, 1))]
    assert np.isnan(found.confidence[0])
    assert np.isnan(found.skills[0])


def test_nothing_said_by_all_is_nothing_and_sure() -> None:
    found = merged([squares(), squares(), squares()], [0, 0, 0], [0, 1, 2])
    assert found.values == [squares()]
    assert found.confidence[0] > 0.9


def test_an_answer_of_another_size_says_nothing_of_the_picture() -> None:
    right = squares((0, 0, 10, 10, 1))
    found = merged([right, squares((0, 0, 10, 10, 2), width=30, height=40), right], [0, 0, 0], [0, 1, 2])
    assert found.values == [right]


def test_neither_order_nor_names_of_workers_matter() -> None:
    rng = Random(3)
    truth = things(Random(12))
    values = [KIND.attempt(truth, 0.8, rng, {}) for _ in range(5)]
    forth = merged(values, [0] * 5, range(5))
    back = merged(values[::-1], [0] * 5, [4, 2, 0, 3, 1])
    assert forth.values == back.values
    assert forth.confidence == pytest.approx(back.confidence)


def test_where_answers_do_not_agree_how_large_the_picture_is_nothing_is_sure() -> None:
    square = (2, 2, 9, 9, 1)
    found = merged([squares(square, width=41), squares(square)], [0, 0], [0, 1])
    assert np.isnan(found.confidence[0])
