"""Rings of workers: found where there is one, and nobody else with them."""

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.honest import honest
from dataforge.aggregation.radar.rings import rings, weighed
from dataforge.errors import SpecError
from dataforge.metrics.workers import worker_rings

WORKERS, EACH, LABELS = 200, 30, 4


def crowd(
    seed: int, ring: int, tasks: int = 100, wrong: float = 0.5, labels: int = LABELS
) -> tuple[pd.DataFrame, list[str]]:
    """Answers of 200 workers to 30 tasks each, and the ring: its members give what one source says, half of it wrong.

    Of the others every twentieth guesses, a few always give the same label; a tenth of the tasks cannot be told, and
    some mislead nearly everybody to the same wrong label.
    """
    chance = np.random.default_rng(seed)
    right = chance.integers(labels, size=tasks)
    source = np.where(chance.random(tasks) < wrong, (right + chance.integers(1, labels, size=tasks)) % labels, right)
    hard, misleads = chance.random(tasks) < 0.1, chance.random(tasks) < 0.03
    skill = chance.beta(9, 2, WORKERS)
    members = chance.choice(np.arange(20, WORKERS), ring, replace=False)
    rows = []
    for worker in range(WORKERS):
        for task in chance.choice(tasks, EACH, replace=False).tolist():
            label = right[task] if chance.random() < skill[worker] else chance.integers(labels)
            if worker in members:
                label = source[task]
            elif worker < 10 or hard[task]:
                label = chance.integers(labels)
            elif worker < 16:
                label = 0
            elif misleads[task] and chance.random() < 0.8:
                label = (right[task] + 1) % labels
            rows.append((f"t{task}", f"w{worker}", int(label)))
    return pd.DataFrame(rows, columns=["task", "worker", "label"]), sorted(f"w{member}" for member in members)


@pytest.mark.parametrize("seed", range(3))
def test_a_ring_of_five_among_two_hundred_is_found_within_thirty_answers_each(seed: int) -> None:
    answers, members = crowd(seed, ring=5)
    found = worker_rings(answers)
    assert sorted(found.index) == members
    assert found["ring"].eq(0).all()
    assert found["evidence"].gt(0).all()


def test_pairs_are_counted_alike_by_the_library_for_many_and_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, members = crowd(seed=1, ring=5)
    found = worker_rings(answers)
    monkeypatch.setattr("dataforge.aggregation.radar.rings.FEW_PAIRS", 0)
    pd.testing.assert_frame_equal(worker_rings(answers), found)
    assert sorted(found.index) == members


@pytest.mark.parametrize("labels", [2, 4])
def test_nobody_of_a_ring_that_is_wrong_a_third_of_the_time_is_missed(labels: int) -> None:
    # Some of its pairs share too few answers to stand out by themselves.
    for seed in range(4):
        answers, members = crowd(seed, ring=5, wrong=1 / 3, labels=labels)
        assert sorted(worker_rings(answers).index) == members


def test_a_ring_that_shares_forty_answers_of_two_labels_is_found() -> None:
    answers, members = crowd(3, ring=5, tasks=200, labels=2)
    assert sorted(worker_rings(answers).index) == members


def test_the_price_of_a_set_is_the_number_of_sets_that_weigh_as_much() -> None:
    # Four workers answer ten tasks, two of them each time as nobody else does: with two answers of the mean, an eighth
    # of which are unusual, they weigh ((10 + 2 / 2) / 12)² and the others ((0 + 2 / 2) / 12)².
    rows = [(task, worker, task % 2 if worker < 2 else 1 - task % 2) for task in range(10) for worker in range(4)]
    item, worker, label = np.array(rows, np.int32).T
    known = np.arange(10, dtype=np.int32) % 2
    answers = Responses(item, worker, 1 - label, 10, 4, 2, known=known)
    _, price = weighed(answers, np.eye(2)[known], [0, 1])
    heavy, light = (11 / 12) ** 2, (1 / 12) ** 2
    total = 2 * heavy + 2 * light
    share = (1 / 6 + 2 * heavy**2 / total**2) / 2
    assert price == pytest.approx(np.log(2 / share), rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_guessing_habits_and_tasks_that_mislead_everybody_are_no_ring(seed: int) -> None:
    answers, _ = crowd(seed, ring=0)
    assert len(worker_rings(answers)) == 0


def test_two_schools_of_one_crowd_are_no_rings() -> None:
    chance = np.random.default_rng(0)
    rows = []
    for task in range(400):
        views = chance.integers(2, size=2)
        for worker in chance.choice(40, 5, replace=False).tolist():
            rows.append((task, f"w{worker}", int(views[worker % 2] if chance.random() < 0.9 else chance.integers(2))))
    assert len(worker_rings(pd.DataFrame(rows, columns=["task", "worker", "label"]))) == 0


def test_mistakes_at_known_tasks_tell_a_ring_from_people_who_are_right_together() -> None:
    tasks = range(40)
    rows = [(task, f"w{worker}", task % 3) for task in tasks for worker in range(12)]
    rows += [(task, f"r{worker}", (task + (task % 2)) % 3) for task in tasks for worker in range(3)]
    answers = pd.DataFrame(rows, columns=["task", "worker", "label"])
    found = worker_rings(answers, pd.Series({task: task % 3 for task in tasks}))
    assert sorted(found.index) == ["r0", "r1", "r2"]


def test_an_answer_is_foretold_from_the_worker_the_item_and_the_others() -> None:
    # One item, three answers: what is left when the third worker is taken out are two answers of 0.
    responses = Responses(*(np.array(codes, np.int32) for codes in ([0, 0, 0], [0, 1, 2], [0, 0, 1])), 1, 3, 2)
    model = honest(responses, np.array([[0.8, 0.2]]))
    # Each answer counts .8 for the right label 0 and .2 for 1, and one more for each cell.
    assert model.crowd == pytest.approx(np.array([[2.6, 1.8], [1.4, 1.2]]) / [[4.4], [2.6]])
    right, likely = model.foretold(np.array([2]))
    said = np.log([0.8 + 1, 0.2 + 1]) + model.evidence[:2].sum(axis=0)
    assert right[0] == pytest.approx(np.exp(said) / np.exp(said).sum())
    expected = right[0] @ model.crowd
    moved = model.matrices[2] * ((model.kappa * expected + [2, 0]) / (model.kappa + 2) / model.crowd)
    assert likely[0] == pytest.approx(moved / moved.sum(axis=1, keepdims=True))


def test_nothing_and_nobody_make_no_ring() -> None:
    empty = pd.DataFrame({"task": [], "worker": [], "label": []}, dtype=object)
    assert list(worker_rings(empty).columns) == ["ring", "evidence"]
    none = np.empty(0, np.int32)
    assert rings(Responses(none, none, none, 0, 0, 2), np.empty((0, 2))) == []
    alone = pd.DataFrame({"task": ["a", "b"], "worker": ["x", "x"], "label": [0, 1]})
    assert len(worker_rings(alone)) == 0


def test_many_labels_cost_no_more_than_those_that_are_given_most() -> None:
    answers, members = crowd(1, ring=5)
    rare = pd.DataFrame({"task": "t0", "worker": [f"w{n}" for n in range(100)], "label": range(10, 110)})
    assert sorted(worker_rings(pd.concat([answers[answers["task"] != "t0"], rare])).index) == members


def test_an_error_that_is_no_probability_is_refused() -> None:
    with pytest.raises(SpecError, match="error is a probability"):
        worker_rings(crowd(0, 0)[0], error=0)
