"""What will be claimed of items once they have the answers that they may still get."""

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.hierarchical_dawid_skene import HierarchicalDawidSkene
from dataforge.runs.quality._ceiling import Ceiling
from dataforge.runs.quality._forecast import Forecast, forecast_of

MODEL = HierarchicalDawidSkene()
WANTED, CEILING = np.array([0.9, 0.9]), Ceiling(0.02, 60)


def crowd(items: int, each: int, skill: float, seed: int) -> tuple[np.ndarray, Responses]:
    """Right labels, and so many answers to each item of twenty workers."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=items)
    item = np.repeat(np.arange(items), each)
    worker = np.stack([rng.permutation(20)[:each] for _ in range(items)]).ravel()
    label = np.where(rng.random(len(item)) < skill, truth[item], 1 - truth[item])
    return truth, Responses(*(codes.astype(np.int32) for codes in (item, worker, label)), items, 20, 2)


def first(answers: Responses, each: int, kept: int) -> Responses:
    """Only so many answers to each item."""
    rows = np.arange(len(answers.item)) % each < kept
    return Responses(answers.item[rows], answers.worker[rows], answers.label[rows], answers.n_items, 20, 2)


def forecast(answers: Responses, most: int, seed: int = 0) -> Forecast:
    most_of_each = np.full(answers.n_items, most)
    return forecast_of(MODEL, answers, MODEL.fit(answers), CEILING, WANTED, most_of_each, seed)


def test_items_that_have_all_their_answers_keep_their_claims() -> None:
    _, answers = crowd(100, 3, 0.8, 1)
    found = forecast(answers, 3)
    assert found.ahead == 0
    assert found.claimed == pytest.approx(CEILING.under(MODEL.fit(answers).probabilities, answers).max(axis=1))


def test_from_two_answers_an_item_it_is_seen_how_sure_further_ones_will_make_it() -> None:
    _, answers = crowd(400, 7, 0.8, 2)
    early = forecast(first(answers, 7, 2), 7)
    now = CEILING.under(MODEL.fit(first(answers, 7, 2)).probabilities, first(answers, 7, 2)).max(axis=1)
    # Asked to the end every item has 7 answers; the forecast stops those that are sure before.
    later = CEILING.under(MODEL.fit(answers).probabilities, answers).max(axis=1)
    assert now.mean() + 0.05 < early.claimed.mean() < later.mean() + 0.02
    assert 0.3 < early.ahead < 0.72
    assert (early.claimed >= 0.9).mean() > 0.6


def test_the_same_answers_give_the_same_forecast() -> None:
    _, answers = crowd(60, 2, 0.8, 3)
    assert (forecast(answers, 5, seed=4).claimed == forecast(answers, 5, seed=4).claimed).all()


def test_without_any_answer_there_is_nothing_to_forecast_from() -> None:
    nothing = Responses(*(np.empty(0, np.int32) for _ in range(3)), 5, 0, 2)
    found = forecast_of(MODEL, nothing, MODEL.fit(nothing), CEILING, WANTED, np.full(5, 3), 0)
    assert (found.claimed == found.claimed[0]).all()
    assert found.ahead == 0
