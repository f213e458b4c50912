"""What every aggregator keeps to; a new one is covered as soon as its file exists."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dataforge import registry
from dataforge.aggregation.consensus.base import Aggregator, Responses, best
from dataforge.errors import AggregationError
from dataforge.runs.quality._fits import fit_arrays, fit_of


@pytest.fixture(params=registry.names("aggregation"))
def aggregator(request: pytest.FixtureRequest) -> Aggregator:
    return registry.load("aggregation", request.param)


def test_probabilities_of_an_item_add_up_to_one(aggregator: Aggregator, crowd: Any) -> None:
    answers, _ = crowd(80, 12, 4, 3, seed=1)
    consensus = aggregator.fit(answers)
    assert consensus.probabilities.shape == (80, 4)
    assert np.allclose(consensus.probabilities.sum(axis=1), 1)
    assert consensus.skills.shape == (12,)
    assert ((consensus.skills >= 0) & (consensus.skills <= 1)).all()


def test_most_answers_are_found(aggregator: Aggregator, crowd: Any) -> None:
    answers, right = crowd(300, 20, 3, 5, seed=2)
    assert (best(aggregator.fit(answers).probabilities) == right).mean() > 0.85


def test_predicting_the_items_of_a_fit_gives_the_probabilities_of_the_fit(aggregator: Aggregator, crowd: Any) -> None:
    answers, _ = crowd(120, 15, 3, 4, seed=3)
    consensus = aggregator.fit(answers)
    assert np.allclose(aggregator.predict(answers, consensus), consensus.probabilities, atol=1e-12)


def test_the_parameters_that_a_run_writes_to_its_folder_are_enough_to_predict(
    aggregator: Aggregator, crowd: Any
) -> None:
    answers, _ = crowd(120, 15, 3, 4, seed=9)
    found = aggregator.fit(answers)
    read_back = fit_of(fit_arrays(found))
    assert read_back is not None
    assert np.allclose(aggregator.predict(answers, read_back), found.probabilities, atol=1e-12)


def test_an_item_is_predicted_the_same_alone_and_among_others(aggregator: Aggregator, crowd: Any) -> None:
    answers, _ = crowd(50, 8, 3, 4, seed=4)
    consensus = aggregator.fit(answers)
    for item in (0, 17, 49):
        mine = answers.item == item
        workers = np.unique(answers.worker[mine])
        alone = Responses(
            np.zeros(mine.sum(), np.int32),
            np.searchsorted(workers, answers.worker[mine]).astype(np.int32),
            answers.label[mine],
            1,
            len(workers),
            3,
        )
        predicted = aggregator.predict(alone, consensus.for_workers(workers))
        assert np.allclose(predicted[0], consensus.probabilities[item])


def test_the_order_of_answers_does_not_matter(aggregator: Aggregator, crowd: Any) -> None:
    answers, _ = crowd(60, 10, 3, 3, seed=5)
    order = np.random.default_rng(0).permutation(len(answers.item))
    shuffled = replace(answers, item=answers.item[order], worker=answers.worker[order], label=answers.label[order])
    one, other = aggregator.fit(answers), aggregator.fit(shuffled)
    assert np.allclose(one.probabilities, other.probabilities)
    assert np.allclose(one.skills, other.skills)


def test_going_on_from_an_earlier_result_leads_to_the_same_place(aggregator: Aggregator, crowd: Any) -> None:
    answers, _ = crowd(200, 15, 3, 4, seed=6)
    part = answers.item < 100
    earlier = aggregator.fit(
        Responses(answers.item[part], answers.worker[part], answers.label[part], 200, answers.n_workers, 3)
    )
    assert np.allclose(aggregator.fit(answers, earlier).probabilities, aggregator.fit(answers).probabilities, atol=0.01)


def test_a_worker_who_came_after_the_fit_is_predicted_with_all_the_same(aggregator: Aggregator, coded: Any) -> None:
    consensus = aggregator.fit(coded([(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0)], 2, 2, 2))
    predicted = aggregator.predict(coded([(0, 2, 1)], 1, 3, 2), consensus)
    assert np.isfinite(predicted).all()
    assert predicted[0, 1] >= 0.5


def test_no_answers_at_all_is_a_defined_result(aggregator: Aggregator, coded: Any) -> None:
    consensus = aggregator.fit(coded([], 3, 0, 4))
    assert np.allclose(consensus.probabilities, 0.25)
    assert consensus.skills.shape == (0,)
    assert aggregator.fit(coded([], 0, 0, 2)).probabilities.shape == (0, 2)


def test_an_item_without_answers_is_wide_open(aggregator: Aggregator, coded: Any) -> None:
    probabilities = aggregator.fit(coded([(0, 0, 0), (0, 1, 1)], 2, 2, 2)).probabilities
    assert np.allclose(probabilities[1], 0.5)


def test_one_class_is_always_right(aggregator: Aggregator, coded: Any) -> None:
    consensus = aggregator.fit(coded([(0, 0, 0), (1, 0, 0)], 2, 1, 1))
    assert np.allclose(consensus.probabilities, 1)
    assert np.isfinite(consensus.skills).all()


def test_one_worker_is_believed_more_than_not(aggregator: Aggregator, coded: Any) -> None:
    probabilities = aggregator.fit(coded([(0, 0, 2), (1, 0, 0)], 2, 1, 3)).probabilities
    assert np.isfinite(probabilities).all()
    assert best(probabilities).tolist() in ([2, 0], [0, 0])


def test_ties_go_to_the_lowest_label(aggregator: Aggregator, coded: Any) -> None:
    # Two workers who always contradict each other, so that nothing tells them apart.
    triples = [(item, worker, (item + worker) % 2) for item in range(4) for worker in range(2)]
    assert best(aggregator.fit(coded(triples, 4, 2, 2)).probabilities).tolist() == [0, 0, 0, 0]


def test_a_known_answer_stays_what_it_is(aggregator: Aggregator, coded: Any) -> None:
    known = np.array([2, -1], np.int32)
    answers = coded([(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1)], 2, 2, 3, known=known)
    probabilities = aggregator.fit(answers).probabilities
    assert probabilities[0].tolist() == [0, 0, 1]
    assert best(probabilities)[1] == 1


def test_closed_labels_get_no_probability(aggregator: Aggregator, coded: Any) -> None:
    allowed = np.array([[True, False, True], [True, True, True]])
    answers = coded([(0, 0, 2), (1, 0, 1), (1, 1, 1)], 2, 2, 3, allowed=allowed)
    probabilities = aggregator.fit(answers).probabilities
    assert probabilities[0, 1] == 0
    assert np.allclose(probabilities.sum(axis=1), 1)


def test_an_item_with_a_hundred_thousand_answers_does_not_overflow(aggregator: Aggregator) -> None:
    n = 100_000
    rng = np.random.default_rng(7)
    label = (rng.random(n) < 0.4).astype(np.int32)
    item = np.zeros(n, np.int32)
    item[-10:] = 1
    answers = Responses(item, rng.integers(500, size=n).astype(np.int32), label, 2, 500, 2)
    consensus = aggregator.fit(answers)
    assert np.isfinite(consensus.probabilities).all()
    assert np.isfinite(consensus.skills).all()
    assert best(consensus.probabilities)[0] == 0


def test_the_same_answers_give_the_same_result(aggregator: Aggregator, crowd: Any) -> None:
    answers, _ = crowd(90, 9, 3, 3, seed=8)
    one, other = aggregator.fit(answers), aggregator.fit(answers)
    assert (one.probabilities == other.probabilities).all()


@pytest.mark.parametrize(
    ("triple", "what"),
    [((5, 0, 0), "item codes need to be 0..1"), ((0, -1, 0), "worker codes"), ((0, 0, 2), "label codes")],
)
def test_codes_out_of_range_are_refused(coded: Any, triple: tuple[int, int, int], what: str) -> None:
    with pytest.raises(AggregationError, match=what):
        coded([triple], 2, 1, 2)


def test_arrays_of_the_wrong_shape_are_refused(coded: Any) -> None:
    with pytest.raises(AggregationError, match="skill needs the shape"):
        coded([(0, 0, 0)], 1, 1, 2, skill=np.ones(3))
