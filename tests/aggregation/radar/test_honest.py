"""The model of honest workers, learnt once for all who ask it."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.changes import changes
from dataforge.aggregation.radar.honest import honest
from dataforge.aggregation.radar.rings import rings


def crowd() -> tuple[Responses, np.ndarray]:
    """Sixteen workers, three of whom make the same mistakes, and one of whom guesses from half-way on."""
    chance = np.random.default_rng(1)
    truth = chance.integers(3, size=200)
    item = np.repeat(np.arange(200), 16)
    worker = np.tile(np.arange(16), 200)
    right = chance.random(3_200) < 0.8
    right &= (worker != 9) | (item < 100) | (chance.random(3_200) < 0.4)
    copied = (truth + 1 + chance.integers(2, size=200)) % 3
    alike = chance.random(200) < 0.4
    label = np.where(right, truth[item], (truth[item] + chance.integers(1, 3, size=3_200)) % 3)
    label = np.where((worker < 3) & alike[item], copied[item], label).astype(np.int32)
    order = np.lexsort((chance.random(3_200), item))
    shares = np.full((200, 3), 0.05)
    shares[np.arange(200), truth] = 0.9
    answers = item[order].astype(np.int32), worker[order].astype(np.int32), label[order]
    return Responses(*answers, 200, 16, 3), shares


def test_answers_are_sorted_by_worker_and_item_and_of_several_to_one_item_the_first_counts() -> None:
    answers, shares = crowd()
    twice = Responses(
        *(np.concatenate([column, column[::7]]) for column in (answers.item, answers.worker, answers.label)), 200, 16, 3
    )
    model = honest(twice, shares)
    assert model.rows.tolist() == np.lexsort((answers.item, answers.worker)).tolist()
    assert (model.answers.worker.tolist(), model.answers.item.tolist()) == (
        np.repeat(np.arange(16), 200).tolist(),
        np.tile(np.arange(200), 16).tolist(),
    )


def test_who_is_given_the_model_finds_what_it_finds_by_itself() -> None:
    answers, shares = crowd()
    model = honest(answers, shares)
    alone = rings(answers, shares), changes(answers, shares)
    assert all(alone)
    assert (rings(answers, shares, model=model), changes(answers, shares, model=model)) == alone
