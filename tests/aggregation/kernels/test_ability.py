"""How much of workers' ability shows: held to sums by hand, to crowds of known ability, and to people who guess."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import HierarchicalDawidSkene
from dataforge.aggregation.kernels import ability
from dataforge.aggregation.kernels.ability import shown_ability, shown_now, with_ability, without_doubt
from dataforge.aggregation.kernels.engine import Engine, Local, local
from dataforge.aggregation.kernels.grouping import ordered
from dataforge.aggregation.kernels.hierarchical_dawid_skene import Fit, Parameters, hierarchical_dawid_skene
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.sampling import sample_of
from dataforge.errors import AggregationWarning


def answers_of(
    n_items: int, skill: np.ndarray, labels: int, each: int, seed: int, known: int = 0
) -> tuple[Part, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(labels, size=n_items)
    item = np.repeat(np.arange(n_items), each)
    worker = np.concatenate([rng.permutation(len(skill))[:each] for _ in range(n_items)])
    wrong = (truth[item] + rng.integers(1, labels, len(item))) % labels
    label = np.where(rng.random(len(item)) < skill[worker], truth[item], wrong)
    codes = np.where(np.arange(n_items) < known, truth, -1).astype(np.int32) if known else None
    return ordered(item, worker, label, (n_items, len(skill), labels), known=codes), truth


def learn(engine: Engine) -> Fit:
    prior = np.full(engine.n_labels, 1 / engine.n_labels)
    return hierarchical_dawid_skene(engine, n_iter=100, tol=1e-4, class_prior=prior, strength=15.0, damping=0.05)


def shown(part: Part) -> float:
    return shown_ability(local(part, 1, compiled=False), learn)


def test_what_is_left_of_a_matrix_keeps_how_often_its_worker_answers_what() -> None:
    errors = np.array([[0.9, 0.2], [0.1, 0.8]])
    before = Parameters(errors, np.array([0.75, 0.25]), np.array([1.0, 0.0]))
    # Of .75 times .9 and .25 times .2 answers: 0.725 are the first label.
    np.testing.assert_allclose(with_ability(before, 0.0).errors, [[0.725, 0.725], [0.275, 0.275]])
    np.testing.assert_allclose(with_ability(before, 0.5).errors, [[0.8125, 0.4625], [0.1875, 0.5375]])
    np.testing.assert_allclose(with_ability(before, 0.5).errors @ before.prior, [0.725, 0.275])


def test_the_share_is_the_mean_by_bayes_rule_of_what_left_out_items_tell() -> None:
    part, _ = answers_of(4, np.array([0.9, 0.7, 0.6]), 2, 3, seed=1)
    errors = np.array([[0.9, 0.2], [0.1, 0.8], [0.7, 0.4], [0.3, 0.6], [0.6, 0.5], [0.4, 0.5]])
    workers = Parameters(errors, np.array([0.6, 0.4]), np.array([0.8, 0.2]))

    def always(engine: Engine) -> Fit:
        return Fit(workers, engine.keep(lambda part: None), (), True)

    weights = []
    for share, before in [(0.0, 0.45), *((n / 10, 0.05 / 9) for n in range(1, 10)), (1.0, 0.5)]:
        likely = before
        for item in range(4):
            whole = 0.0
            for k, (often, guessed) in product(range(2), [(0.8, 0.0), (0.2, 0.8)]):
                joint = workers.prior[k] * often
                for row in part.row[part.offsets[item] : part.offsets[item + 1]]:
                    habit = errors[row] @ workers.prior
                    joint *= (1 - guessed) * (share * errors[row, k] + (1 - share) * habit) + guessed / 2
                whole += joint
            likely *= whole
        weights.append((share, likely))
    expected = sum(share * likely for share, likely in weights) / sum(likely for _, likely in weights)
    assert shown_ability(local(part, 1, compiled=False), always) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("labels", [2, 3, 10])
def test_of_people_who_guess_hardly_anything_shows(labels: int) -> None:
    each = [shown(answers_of(300, np.full(60, 1 / labels), labels, 5, seed)[0]) for seed in range(6)]
    assert np.mean(each) < 0.25
    assert np.median(each) < 0.15


@pytest.mark.parametrize(("labels", "skill"), [(2, 0.8), (3, 0.7), (10, 0.8)])
def test_of_people_who_look_nearly_all_shows(labels: int, skill: float) -> None:
    each = [shown(answers_of(300, np.full(60, skill), labels, 5, seed)[0]) for seed in range(4)]
    assert np.mean(each) > 0.9


def test_a_few_who_look_among_many_who_guess_are_seen() -> None:
    skill = np.where(np.arange(40) % 4 == 0, 0.9, 0.5)
    assert shown(answers_of(300, skill, 2, 5, seed=3)[0]) > 0.9


def test_workers_who_always_say_the_same_make_nobody_sure(make_frame: Callable[[Part], pd.DataFrame]) -> None:
    item, worker = np.repeat(np.arange(200), 4), np.tile(np.arange(4), 200)
    found = HierarchicalDawidSkene().fit(make_frame(ordered(item, worker, worker % 2, (200, 4, 2))))
    assert found.probas_.to_numpy().max() < 0.6


def test_what_nothing_can_show_is_left_as_it_is() -> None:
    alone, _ = answers_of(50, np.full(9, 0.5), 2, 1, seed=4)
    assert shown(alone) == 1.0
    told, _ = answers_of(50, np.full(9, 0.5), 2, 5, seed=4, known=10)
    assert shown(told) == 1.0


def test_who_knows_the_known_answers_and_guesses_elsewhere_shows_little() -> None:
    each = []
    for seed in range(6):
        part, truth = answers_of(200, np.full(9, 1 / 3), 3, 5, seed, known=9)
        label = np.where(part.task < 9, truth[part.task], part.label)
        each.append(shown(ordered(part.task, part.worker, label, (200, 9, 3), known=part.known)))
    assert np.mean(each) < 0.35


def test_neither_the_order_of_items_nor_the_parts_they_lie_in_change_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    # No two items have the same answers, so which are looked at follows from their answers alone.
    monkeypatch.setattr(ability, "MOST_ANSWERS", 600)
    part, _ = answers_of(900, np.full(80, 0.6), 4, 5, seed=6)
    order = np.random.default_rng(7).permutation(900)
    mixed = ordered(order[part.task], part.worker, part.label, (900, 80, 4))
    parts = mixed.slice(0, 100), mixed.slice(100, 101), mixed.slice(101, 900)
    cut = Local(parts, 900, part.n_answers, 80, 4, fixed=True)
    assert shown(part) == pytest.approx(shown_ability(cut, learn), abs=1e-9)


def test_of_items_with_the_same_answers_as_many_are_looked_at_wherever_they_lie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of three people and two labels there are eight kinds of items."""
    monkeypatch.setattr(ability, "MOST_ANSWERS", 600)
    part, _ = answers_of(900, np.array([0.6, 0.62, 0.64]), 2, 3, seed=8)
    for cuts in ([0, 450, 900], [0, 7, 8, 300, 900]):
        parts = tuple(part.slice(first, last) for first, last in pairwise(cuts))
        cut = Local(parts, 900, part.n_answers, 3, 2, fixed=True)
        assert shown_ability(cut, learn) == pytest.approx(shown(part), abs=1e-9)


def test_a_sample_has_its_share_of_each_kind_of_items_and_all_whose_answer_is_known() -> None:
    # Three workers and two labels: 600 items that all call 0, 300 where the last one says 1, 100 alone with 1 1 1.
    rows = [[0, 2, 4]] * 600 + [[0, 2, 5]] * 300 + [[1, 3, 5]] * 100
    known = np.full(1000, -1, np.int32)
    known[[3, 950]] = 0, 1
    part = Part(np.arange(0, 3001, 3), np.array(rows).ravel(), 3, 2, known)
    found = sample_of(local(part, 1, compiled=False), most=300)
    assert found.known is not None
    kinds = [tuple(found.row[first : first + 3].tolist()) for first in found.offsets[:-1]]
    counts = Counter(kind for kind, one in zip(kinds, found.known.tolist(), strict=True) if one < 0)
    # 599, 300 and 99 of 998 items, of which about a hundred are wanted.
    for kind, wanted in {(0, 2, 4): 60.0, (0, 2, 5): 30.1, (1, 3, 5): 9.9}.items():
        assert abs(counts[kind] - wanted) <= 1
    assert sorted(one for one in found.known.tolist() if one >= 0) == [0, 1]


def test_what_showed_holds_until_there_are_half_as_many_answers_more() -> None:
    few, more = (answers_of(n, np.full(20, 0.8), 2, 5, seed=9)[0] for n in (100, 149))
    much = answers_of(150, np.full(20, 0.8), 2, 5, seed=9)[0]
    before = 0.7, few.n_answers
    assert shown_now(local(more, 1, compiled=False), learn, before) == before
    assert shown_now(local(much, 1, compiled=False), learn, before) == (shown(much), much.n_answers)
    # Ten known answers say more than what showed without them.
    told = answers_of(110, np.full(20, 0.8), 2, 5, seed=9, known=10)[0]
    assert shown_now(local(told, 1, compiled=False), learn, before) == (1.0, few.n_answers)


def test_what_was_learnt_comes_back_from_what_is_left_of_it() -> None:
    learnt = Parameters(np.array([[0.9, 0.2], [0.1, 0.8]]), np.array([0.75, 0.25]), np.array([1.0, 0.0]))
    again = without_doubt(with_ability(learnt, 0.6), 0.6)
    assert again is not None
    np.testing.assert_allclose(again.errors, learnt.errors)
    assert without_doubt(with_ability(learnt, 0.3), 0.3) is None


def test_an_estimator_says_that_its_workers_may_be_guessing(make_frame: Callable[[Part], pd.DataFrame]) -> None:
    part, truth = answers_of(60, np.full(8, 1 / 3), 3, 8, seed=0)
    with pytest.warns(AggregationWarning, match="agree about as often as chance"):
        found = HierarchicalDawidSkene().fit(make_frame(part))
    assert found.shown_ < 0.4
    assert found.probas_.to_numpy().max(axis=1).mean() < 0.5
    # Known answers say how good they are.
    known = {n: int(truth[n]) for n in range(20)}
    assert HierarchicalDawidSkene().fit(make_frame(part), known).shown_ == 1


def test_an_estimator_goes_on_from_what_it_learnt_and_not_from_what_was_left_of_it(
    make_frame: Callable[[Part], pd.DataFrame],
) -> None:
    """What chance explains has equal columns, from which no iteration leads away."""
    guesses, _ = answers_of(60, np.full(8, 0.5), 2, 8, seed=1)
    able, truth = answers_of(400, np.full(8, 0.85), 2, 8, seed=2)
    frame = make_frame(able)
    frame["task"] += 1000
    model = HierarchicalDawidSkene()
    with pytest.warns(AggregationWarning):
        model.fit(make_frame(guesses))
    model.partial_fit(frame)
    assert (model.labels_.loc[1000:] == truth).mean() > 0.95
    assert model.shown_ > 0.8


@pytest.fixture
def make_frame() -> Callable[[Part], pd.DataFrame]:
    def made(part: Part) -> pd.DataFrame:
        return pd.DataFrame({"task": part.task, "worker": part.worker, "label": part.label})

    return made
