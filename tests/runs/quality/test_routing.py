"""Who is shown to be better than the others, and which items go to them."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.hierarchical_dawid_skene import PLUGIN as MODEL
from dataforge.runs.quality._routing import MOST_ABLE, MOST_NAMED, able, latest, named_for, settled


def seen(*workers: str) -> tuple[np.ndarray, np.ndarray]:
    """Right answers and all, by worker and label: `"19/20 3/9"` is 19 of 20 of the first, 3 of 9 of the second."""
    cells = np.array([[cell.split("/") for cell in worker.split()] for worker in workers], float)
    return cells[..., 0], cells[..., 1]


@pytest.mark.parametrize(
    ("workers", "found"),
    [
        ([["98/100 55/100"], ["70/100 70/100"] * 9], [0]),  # of one label
        ([["98/100 98/100"], ["70/100 70/100"] * 9], [0]),  # of all
        ([["19/19 0/0"], ["70/100 70/100"] * 9], []),  # too few answers
        ([["19/20 12/20"], ["70/100 70/100"] * 9], []),  # chance does that to one of ten
        ([["70/100 70/100"] * 10], []),
        ([["98/100 98/100"]], []),  # nobody is there to be better than
        ([["98/100 98/100"], ["0/0 0/0"] * 3], []),
    ],
)
def test_who_is_better_than_all_others_together_by_more_than_chance(workers: list[list[str]], found: list[int]) -> None:
    assert np.flatnonzero(able(*seen(*chain(*workers)))).tolist() == found


def test_nobody_is_there_before_anybody_has_answered() -> None:
    assert able(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == []


def test_in_crowds_that_are_alike_hardly_anybody_is_taken_for_better() -> None:
    rng, given = np.random.default_rng(7), np.full((40, 3), 60.0)
    taken = [able(rng.binomial(60, 0.8, given.shape).astype(float), given).any() for _ in range(200)]
    assert np.mean(taken) <= 0.05


EXPERT, LAYMAN, GUESSES = (np.array([[right, 1 - right], [1 - right, right]]) for right in (0.95, 0.7, 0.5))
OF_ONE = np.array([[0.95, 0.05], [0.45, 0.55]])


def test_an_item_goes_to_those_whose_answer_tells_most_of_it() -> None:
    confusion = np.stack([LAYMAN, OF_ONE, EXPERT, GUESSES, LAYMAN])
    doubted = np.array([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]])
    named = named_for(doubted, confusion, np.array([1, 2, 3]))
    # An expert tells more than who knows one label, and who guesses tells less than the crowd; of what is certain
    # nobody tells anything.
    assert named == [(2, 1), (2, 1), ()]
    assert named_for(doubted, confusion, np.array([], np.int64)) == [(), (), ()]


def test_few_are_named_however_many_are_able() -> None:
    named = named_for(np.full((1, 2), 0.5), np.stack([EXPERT] * 30 + [GUESSES] * 30), np.arange(30))
    assert [len(one) for one in named] == [MOST_NAMED]


def crowd(skills: np.ndarray, items: int = 400, each: int = 5, seed: int = 3) -> Responses:
    """Answers of workers who are right so often, to items of two labels of which a tenth is known."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=items)
    worker = np.concatenate([rng.permutation(len(skills))[:each] for _ in range(items)])
    item = np.repeat(np.arange(items), each)
    right = rng.random(len(item)) < skills[worker]
    known = np.where(np.arange(items) % 10 == 0, truth, -1)
    label = np.where(right, truth[item], 1 - truth[item])
    return Responses(
        item.astype(np.int32), worker.astype(np.int32), label.astype(np.int32), items, len(skills), 2, known
    )


def test_an_expert_is_found_by_what_others_have_settled_and_no_layman_with_them() -> None:
    answers = crowd(np.array([0.99, *[0.72] * 14]))
    fit = MODEL.fit(answers)
    right, given = settled(answers, fit)
    assert (right <= given).all()
    assert np.flatnonzero(able(right, given)).tolist() == [0]


def test_of_many_who_are_able_those_are_named_who_answered_last() -> None:
    answers = crowd(np.full(60, 0.8), items=40, each=1)
    last = list(dict.fromkeys(reversed(answers.worker.tolist())))
    assert latest(np.arange(60), answers).tolist() == sorted(last[:MOST_ABLE])
    assert latest(np.array([3, 9]), answers).tolist() == [3, 9]


def test_what_one_says_alone_settles_nothing_for_them() -> None:
    """Otherwise who is believed would be right in all that nobody else has looked at."""
    answers = crowd(np.array([0.99, 0.99, 0.99]), each=1)
    unknown = Responses(
        answers.item, answers.worker, answers.label, answers.n_items, answers.n_workers, answers.n_labels, None
    )
    assert settled(unknown, MODEL.fit(unknown))[1].sum() == 0
