"""How sure merged texts are: by what each worker says at each place, under skills that are told from luck."""

import numpy as np
import pytest

from dataforge.aggregation.merging._workers import drawn_together
from dataforge.aggregation.merging.base import Answers, Merged
from dataforge.aggregation.merging.text import TextMerger


def merged(*texts: str, skill: float) -> Merged:
    """What becomes of texts of as many workers of one skill."""
    count = len(texts)
    answers = Answers(texts, np.zeros(count, np.int64), np.arange(count), 1, count)
    return TextMerger({}).merge(answers, np.full(count, skill))


def test_of_words_that_differ_each_is_right_as_probably_as_its_workers_say_and_none_may_be() -> None:
    """A word of one worker is right r / (1 - r) times as probably as none of those that were said."""
    odds = 0.85 / 0.15
    assert merged("go left", "go right", skill=0.85).confidence[0] == pytest.approx(odds / (2 * odds + 1), abs=0.003)
    three = merged("go left", "go right", "go on", skill=0.85)
    assert three.confidence[0] == pytest.approx(odds / (3 * odds + 1), abs=0.003)
    # Two say "left", each of which a wrong one would say once in twenty times.
    two = merged("go left", "go left", "go on", skill=0.85)
    assert two.confidence[0] == pytest.approx(20 * odds**2 / (20 * odds**2 + odds + 1), abs=0.003)


def test_a_word_that_one_of_two_has_beside_the_others_is_there_as_probably_as_not() -> None:
    odds = 0.85 / 0.15
    found = merged("go left", "go to left", skill=0.85)
    assert found.confidence[0] == pytest.approx(odds / (2 * odds + 1), abs=0.01)


def test_neither_longer_words_nor_later_ones_win_where_nothing_else_tells() -> None:
    pairs = [(f"word{number}", f"word{number}x") for number in range(200)]
    answers = [text for pair in pairs for text in pair]
    items, workers = np.repeat(np.arange(200), 2), np.tile([0, 1], 200)
    found = TextMerger({}).merge(Answers(answers, items, workers, 200, 2), np.array([0.8, 0.8]))
    longer = sum(value.endswith("x") for value in found.values)
    assert 70 < longer < 130


def test_workers_who_differ_by_no_more_than_chance_have_one_skill_and_others_keep_theirs() -> None:
    rng = np.random.default_rng(1)
    told = np.full(30, 200.0)
    seen = rng.binomial(200, np.where(np.arange(30) < 25, 0.85, 0.4)) / 200
    skills = drawn_together(seen, told)
    assert skills[:25].std() < 0.3 * seen[:25].std()
    assert skills[:25].mean() == pytest.approx(0.85, abs=0.01)
    assert skills[25:] == pytest.approx(0.4, abs=0.04)


@pytest.mark.parametrize("each", [2, 3])
@pytest.mark.parametrize("error", [0.05, 0.15])
def test_few_noisy_texts_are_right_as_often_as_they_claim(each: int, error: float) -> None:
    rng = np.random.default_rng(5)
    truth = [[f"w{number}" for number in rng.integers(500, size=8)] for _ in range(400)]
    items = np.repeat(np.arange(400), each)
    workers = np.concatenate([rng.choice(20, each, replace=False) for _ in range(400)])
    said = [" ".join(w if rng.random() > error else f"w{rng.integers(500)}" for w in truth[item]) for item in items]
    found = TextMerger({}).merge(Answers(said, items, workers, 400, 20))
    right = [value == " ".join(words) for value, words in zip(found.values, truth, strict=True)]
    assert found.confidence.mean() == pytest.approx(np.mean(right), abs=0.04)
