"""What every estimator keeps to that goes on from its last fit, takes known answers, or iterates.

The estimators are found by a walk over the public classes. Which promise an estimator has to keep is read off its
parameters and the arguments of its `fit`; the few that cannot keep one say so in the table of docs/aggregation.md.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tests.aggregation.promises import contrary, estimators, family, learn, made, result

from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.progress import Iterative
from dataforge.errors import AggregationError

EVERY = estimators()
ITERATIVE = [one for one in EVERY if "n_iter" in inspect.signature(one).parameters]
RESUMABLE = [one for one in EVERY if "warm_start" in inspect.signature(one).parameters]
PREDICTING = [one for one in EVERY if hasattr(one, "predict")]
INCREMENTAL = [one for one in EVERY if hasattr(one, "partial_fit")]
KNOWING = [one for one in EVERY if set(inspect.signature(one.fit).parameters) & {family(one).known_argument}]
# Nothing carries over from one task to the next.
EACH_BY_ITSELF = {"ClosestToAverage", "ROVER", "SegmentationEM", "SegmentationMajorityVote", "SegmentationRASA"}
# So many iterations that what is left to go does not show. The likelihood of the first three may fall from one
# iteration to the next, which ends them early, unless the tolerance is negative.
TIGHT: dict[str, Any] = {"n_iter": 2000, "tol": 1e-10}
TIGHT_OF: dict[str, dict[str, Any]] = {
    "DawidSkene": {"n_iter": 300, "tol": -1.0},
    "OneCoinDawidSkene": {"n_iter": 300, "tol": -1.0},
    "GLAD": {"n_iter": 30, "tol": -1e9, "m_step_tol": 1e-5},
    "MACE": {"n_iter": 100, "n_restarts": 2},
    "BiasVariance": {"n_iter": 400, "tol": 1e-6},
    "NoisyBradleyTerry": {"n_iter": 2000, "tol": 1e-12, "regularization_ratio": 0.1, "worker_prior": (1.0, 1.0)},
}
# Elo is a walk through the comparisons, not a fit; these restart their messages or their agreement.
WALKS, ANEW = {"Elo"}, {"KOS", "MMSR"}


def close(one: Any, two: Any, tolerance: float = 1e-3) -> bool:
    """Whether two results have the same index and, to the tolerance, the same content."""
    assert list(one.index) == list(two.index)
    if isinstance(one, pd.Series) and one.dtype.kind == "f":
        return bool(np.allclose(one, two, rtol=0, atol=tolerance * max(1.0, float(two.abs().max()))))
    if isinstance(one, pd.DataFrame):
        return list(one["output"]) == list(two["output"])
    return list(one) == list(two)


def tight(estimator: type[Any]) -> Any:
    """An estimator that iterates until its result stands still."""
    return made(estimator, **(TIGHT_OF.get(estimator.__name__) or TIGHT))


def named(several: list[type[Any]]) -> Any:
    return pytest.mark.parametrize("estimator", several, ids=lambda one: one.__name__)


def split(answers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nine tenths of the answers and the rest, in which an item, a task or a worker is new."""
    column = "task" if "task" in answers else "left"
    worker = answers["worker"] == answers["worker"].max()
    late = np.arange(len(answers)) >= 0.9 * len(answers)
    if column == "left":
        newcomer = (answers["left"] == "h") | (answers["right"] == "h")
        late = (np.arange(len(answers)) >= 0.6 * len(answers)) & (newcomer | late)
        return answers[~(newcomer | late)], answers[newcomer | late]
    return answers[~(late | worker)], answers[late | worker]


def counted(estimator: type[Any], **parameters: Any) -> tuple[Any, list[int]]:
    """An estimator, and the list of iterations that it tells."""
    told: list[int] = []
    return made(estimator, on_iteration=lambda n, loss: told.append(n), **parameters), told


def test_the_walk_finds_estimators_of_every_family() -> None:
    assert len(EVERY) >= 27
    assert len({family(one).result for one in EVERY}) == 6


@named(ITERATIVE)
def test_what_iterates_tells_how_it_went(estimator: type[Any]) -> None:
    assert issubclass(estimator, Iterative)
    model, told = counted(estimator)
    learn(model, "fit", family(estimator).answers)
    assert isinstance(model.n_iter_, int)
    assert isinstance(model.converged_, bool)
    assert 0 < model.n_iter_ <= model.n_iter
    assert len(told) >= model.n_iter_ or estimator.__name__.startswith("Segmentation")
    assert told[0] == 1
    assert model.loss_history_
    assert np.isfinite(model.loss_history_).all()


@named(ITERATIVE)
def test_too_few_iterations_have_not_converged(estimator: type[Any]) -> None:
    model = learn(made(estimator, n_iter=1, tol=1e-12), "fit", family(estimator).answers)
    assert model.n_iter_ == 1
    assert not model.converged_


@named([one for one in EVERY if one.__name__ not in EACH_BY_ITSELF])
def test_what_learns_of_workers_or_items_takes_more_answers(estimator: type[Any]) -> None:
    assert hasattr(estimator, "partial_fit")
    assert estimator in RESUMABLE or not issubclass(estimator, Iterative) or estimator.__name__ in ANEW


@named([one for one in INCREMENTAL if one.__name__ not in WALKS])
def test_answers_in_two_parts_give_what_all_of_them_give(estimator: type[Any]) -> None:
    answers = family(estimator).answers
    early, late = split(answers)
    model = learn(learn(tight(estimator), "fit", early), "partial_fit", late)
    whole = learn(tight(estimator), "fit", pd.concat([early, late]))
    assert close(result(model, answers), result(whole, answers))
    for name in ("probas_", "skills_", "biases_", "tie_rate_"):
        if hasattr(model, name):
            assert np.allclose(getattr(model, name), getattr(whole, name), atol=2e-3, equal_nan=True), name


@named([one for one in INCREMENTAL if one.__name__ not in WALKS])
def test_a_first_partial_fit_is_a_fit(estimator: type[Any]) -> None:
    answers = family(estimator).answers
    one, two = (learn(made(estimator), method, answers) for method in ("fit", "partial_fit"))
    assert close(result(one, answers), result(two, answers), 1e-12)


@named(RESUMABLE)
def test_going_on_takes_fewer_iterations_than_starting_anew(estimator: type[Any]) -> None:
    if estimator.__name__ == "GLAD":
        pytest.skip("the field's rule ends it after two iterations here, and no sooner than that anywhere")
    answers = family(estimator).answers
    more = answers.iloc[-20:]
    fresh, anew = counted(estimator)
    learn(fresh, "fit", pd.concat([answers, more]))
    model, told = counted(estimator)
    learn(model, "fit", answers)
    told.clear()
    learn(model, "partial_fit", more)
    assert len(told) < len(anew)


@named(RESUMABLE)
def test_a_warm_start_goes_on_from_the_last_fit(estimator: type[Any]) -> None:
    answers = family(estimator).answers
    model, told = counted(estimator, warm_start=True)
    learn(model, "fit", answers)
    cold, first = len(told), result(model, answers)
    told.clear()
    learn(model, "fit", answers)
    assert len(told) < cold or estimator.__name__ == "GLAD"  # which takes two iterations at least
    assert close(result(model, answers), first, 0.02)  # it moves on by what the tolerance had left


@named(KNOWING)
def test_known_answers_stay(estimator: type[Any]) -> None:
    of = family(estimator)
    if estimator.__name__ == "GoldMajorityVote":
        pytest.skip("known answers measure workers there, and do not overrule their vote")
    if of.result in ("texts_", "embeddings_and_outputs_"):
        pytest.skip("one of the outputs is chosen, the one closest to what is known")
    model = learn(made(estimator), "fit", of.answers, of.known)
    found = result(model, of.answers)
    assert all(found[task] == value for task, value in of.known.items())


@named(KNOWING)
def test_known_answers_teach(estimator: type[Any]) -> None:
    if estimator.__name__ in ("MajorityVote", "MeanValue", "MedianValue", "RobustMean", "ClosestToAverage"):
        pytest.skip("nothing is learnt of workers that would count for other tasks")
    of = family(estimator)
    names = ("skills_", "alphas_", "biases_", "probabilities_")
    # Known answers that contradict everybody: workers must be thought less of.
    known = {task: contrary(value) for task, value in of.known.items()}
    plain = learn(made(estimator), "fit", of.answers)
    taught = learn(made(estimator), "fit", of.answers, known)
    if hasattr(plain, "aggregators_"):
        assert taught.labels_.map(tuple).ne(plain.labels_.map(tuple)).any()
        return
    name = next((name for name in names if hasattr(plain, name)), None)
    if name is None:
        assert (taught.labels_ != plain.labels_).any()
    else:
        assert np.abs(getattr(plain, name) - getattr(taught, name)).max() > 1e-3


@named([one for one in KNOWING if one in INCREMENTAL])
def test_known_answers_may_come_before_or_after_the_answers(estimator: type[Any]) -> None:
    of = family(estimator)
    early, late = split(of.answers)
    known = {task: contrary(value) for task, value in of.known.items()}
    whole = learn(tight(estimator), "fit", pd.concat([early, late]), known)
    before = learn(learn(tight(estimator), "fit", early, known), "partial_fit", late, {})
    expected = result(whole, of.answers)
    assert close(result(before, of.answers), expected)
    if estimator.__name__ != "GoldMajorityVote":
        after = learn(learn(tight(estimator), "fit", early), "partial_fit", late, known)
        assert close(result(after, of.answers), expected)


def told(estimator: type[Any]) -> tuple[Any, Any]:
    """A fitted estimator and answers, or pairs, for it to predict."""
    of = family(estimator)
    model = learn(made(estimator), "fit", of.answers)
    pairs = pd.DataFrame({"left": list("adbh"), "right": list("bcha")}, index=[7, 5, 3, 1])
    return model, pairs if of.result == "scores_" else of.answers


@named([one for one in PREDICTING if family(one).result != "scores_"])
def test_predicting_the_answers_of_a_fit_gives_what_the_fit_gives(estimator: type[Any]) -> None:
    of = family(estimator)
    model = learn(tight(estimator), "fit", of.answers)
    assert close(model.predict(of.answers), result(model, of.answers), 1e-6)
    others = of.answers.sample(frac=1, random_state=0)  # and learns nothing
    assert close(model.predict(others), result(model, of.answers), 1e-6)
    # Difficulties belong to tasks: to GLAD those of other answers are of mean difficulty, whatever their names.
    if hasattr(model, "predict_proba") and estimator.__name__ != "GLAD":
        assert np.allclose(model.predict_proba(of.answers), model.probas_, atol=1e-6)
    if of.result in ("texts_", "embeddings_and_outputs_"):
        scores = model.predict_scores(of.answers)
        assert np.allclose(scores["score"], model.scores_["score"], atol=1e-3)


@named(PREDICTING)
def test_some_answers_are_predicted_without_the_others(estimator: type[Any]) -> None:
    model, answers = told(estimator)
    column = "left" if "left" in answers else "task"
    some = answers[answers[column] <= answers[column].iloc[len(answers) // 2]]
    whole, part = model.predict(answers), model.predict(some)
    assert 0 < len(part) < len(whole)
    assert close(part, whole.loc[part.index], 1e-9)


@named([one for one in EVERY if hasattr(one, "predict_proba")])
def test_predicted_probabilities_sum_to_one_and_name_what_is_predicted(estimator: type[Any]) -> None:
    model, answers = told(estimator)
    chances, predicted = model.predict_proba(answers), model.predict(answers)
    assert list(chances.index) == list(predicted.index)
    assert np.allclose(chances.sum(axis=1), 1)
    assert ((chances >= 0) & (chances <= 1)).all(axis=None)
    if "left" in answers:
        likelier = np.where(chances["left"] > chances["right"], answers["left"], answers["right"])
        assert predicted.tolist() == likelier.tolist()
    else:
        assert predicted.tolist() == chances.idxmax(axis=1).tolist()


@named([one for one in EVERY if hasattr(one, "predict_scores")])
def test_predicted_scores_have_a_row_for_each_task_answer_or_pair(estimator: type[Any]) -> None:
    model, answers = told(estimator)
    scores = model.predict_scores(answers)
    if "left" in answers:
        assert scores["left"].tolist() == model.scores_[answers["left"]].tolist()
        assert list(scores.index) == list(answers.index)
    elif hasattr(model, "predict_proba"):
        shares = scores.div(scores.sum(axis=1), axis=0)
        assert np.allclose(shares, model.predict_proba(answers))
    else:
        assert list(scores.index) in (list(answers["task"]), sorted(answers["task"].unique()))


@pytest.mark.parametrize("kind", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "arrow"])
@named(PREDICTING)
def test_predictions_come_in_the_kind_of_table_that_came_in(estimator: type[Any], kind: Any) -> None:
    if estimator.__name__ in ("BinaryRelevance", "GLAD", "MACE"):
        pytest.skip("as the others of their family, and slower")
    _, asked = told(estimator)
    model = learn(made(estimator), "fit", kind(lists(family(estimator).answers)))
    for name in ("predict", "predict_proba", "predict_scores"):
        if hasattr(model, name):
            assert type(getattr(model, name)(kind(lists(asked)))) is type(kind(asked[asked.columns[:1]])), name


def lists(answers: pd.DataFrame) -> pd.DataFrame:
    """Embeddings as lists, which every kind of table takes."""
    return answers.assign(embedding=answers["embedding"].map(list)) if "embedding" in answers else answers


@named(PREDICTING)
def test_what_has_not_learnt_predicts_nothing(estimator: type[Any]) -> None:
    _, answers = told(estimator)
    with pytest.raises(AggregationError, match="call fit first"):
        made(estimator).predict(answers)


@named([one for one in EVERY if issubclass(one, BasePairwiseAggregator)])
def test_pairs_of_unknown_items_are_refused_by_name(estimator: type[Any]) -> None:
    model, pairs = told(estimator)
    with pytest.raises(AggregationError, match="items that it has seen in fit, got 'nobody' in column 'right'"):
        model.predict_scores(pairs.assign(right=["b", "c", "nobody", "a"]))
    with pytest.raises(AggregationError, match="two different items; row 0"):
        model.predict_scores(pairs.assign(right=["a", "c", "h", "a"]))


@named([one for one in EVERY if hasattr(one, "skill_intervals")])
def test_skill_intervals_grow_with_the_level(estimator: type[Any]) -> None:
    model = learn(made(estimator), "fit", family(estimator).answers)
    wide, narrow = model.skill_intervals(level=0.95), model.skill_intervals(level=0.5)
    assert list(wide.columns) == ["answers", "skill", "low", "high"]
    assert (wide["low"] <= narrow["low"]).all()
    assert (narrow["high"] <= wide["high"]).all()
    assert wide["answers"].dtype.kind == "i"
    assert (wide["answers"] > 0).all()


@named([one for one in EVERY if any(name.endswith("_intervals") for name in dir(one))])
def test_an_interval_holds_its_estimate(estimator: type[Any]) -> None:
    answers = family(estimator).answers
    # Few answers, so that some workers are always right.
    some = answers[answers["worker"].isin(answers["worker"].unique()[:5])].iloc[:16]
    for model in (learn(made(estimator), "fit", answers), learn(made(estimator), "fit", some)):
        for name in (name for name in dir(estimator) if name[0] != "_" and name.endswith("_intervals")):
            found = getattr(model, name)(level=0.8)
            estimate = found[name.removesuffix("_intervals")]
            assert ((found["low"] <= estimate) & (estimate <= found["high"])).all(), name
