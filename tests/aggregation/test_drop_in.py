"""A program written for Crowd-Kit 1.4.2 runs after one changed import: names, order, defaults and kinds of results.

The tables were read from that library, not from ours. What is more than they say has to be a keyword.
"""

import copy
import importlib
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from dataforge import aggregation
from dataforge.aggregation import utils
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.datasets import load_dataset
from dataforge.errors import AggregationError
from dataforge.metrics.data import alpha_krippendorff, consistency, uncertainty
from dataforge.metrics.workers import accuracy_on_aggregates
from dataforge.postprocessing import entropy_threshold

CONSTRUCTORS = {
    "MajorityVote": {"default_skill": None, "on_missing_skill": "error"},
    "Wawa": {},
    "ZeroBasedSkill": {
        "n_iter": 100,
        "lr_init": 1.0,
        "lr_steps_to_reduce": 20,
        "lr_reduce_factor": 0.5,
        "eps": 1e-5,
    },
    "GoldMajorityVote": {},
    "DawidSkene": {"n_iter": 100, "tol": 1e-5, "initial_error_strategy": None},
    "OneCoinDawidSkene": {"n_iter": 100, "tol": 1e-5, "initial_error_strategy": None},
    "GLAD": {
        "n_iter": 100,
        "tol": 1e-5,
        "silent": True,
        "labels_priors": None,
        "alphas_priors_mean": None,
        "betas_priors_mean": None,
        "m_step_max_iter": 25,
        "m_step_tol": 1e-2,
    },
    "MACE": {
        "n_restarts": 10,
        "n_iter": 50,
        "method": "vb",
        "smoothing": 0.1,
        "default_noise": 0.5,
        "alpha": 0.5,
        "beta": 0.5,
        "random_state": 0,
        "verbose": 0,
    },
    "MMSR": {"n_iter": 10000, "tol": 1e-10, "random_state": 0},
    "KOS": {"n_iter": 100, "random_state": 0},
}
REQUIRED = inspect.Parameter.empty
DATA = {"data": REQUIRED}
WITH_SKILLS = {"data": REQUIRED, "skills": None}
WITH_GOLD = {"data": REQUIRED, "true_labels": REQUIRED}
WITH_ERRORS = {"data": REQUIRED, "true_labels": None, "initial_error": None}
METHODS: dict[str, dict[str, dict[str, Any]]] = {
    "MajorityVote": dict.fromkeys(("fit", "fit_predict", "fit_predict_proba"), WITH_SKILLS),
    "Wawa": dict.fromkeys(("fit", "predict", "predict_proba", "fit_predict", "fit_predict_proba"), DATA),
    "ZeroBasedSkill": dict.fromkeys(("fit", "predict", "predict_proba", "fit_predict", "fit_predict_proba"), DATA),
    "GoldMajorityVote": dict.fromkeys(("fit", "fit_predict", "fit_predict_proba"), WITH_GOLD)
    | dict.fromkeys(("predict", "predict_proba"), DATA),
    "DawidSkene": dict.fromkeys(("fit", "fit_predict", "fit_predict_proba"), WITH_ERRORS),
    "OneCoinDawidSkene": dict.fromkeys(("fit", "fit_predict", "fit_predict_proba"), DATA),
    "GLAD": dict.fromkeys(("fit", "fit_predict", "fit_predict_proba"), DATA),
    "MACE": dict.fromkeys(("fit", "fit_predict", "fit_predict_proba"), DATA),
    "MMSR": dict.fromkeys(("fit", "predict", "predict_score", "fit_predict", "fit_predict_score"), DATA),
    "KOS": dict.fromkeys(("fit", "fit_predict"), DATA),
    "BinaryRelevance": dict.fromkeys(("fit", "fit_predict"), DATA),
}
FUNCTIONS: list[tuple[Callable[..., Any], list[str]]] = [
    (alpha_krippendorff, ["answers", "distance"]),
    (consistency, ["answers", "workers_skills", "aggregator", "by_task"]),
    (uncertainty, ["answers", "workers_skills", "aggregator", "compute_by", "aggregate"]),
    (accuracy_on_aggregates, ["answers", "aggregator", "aggregates", "by"]),
    (entropy_threshold, ["answers", "workers_skills", "percentile", "min_answers"]),
    (utils.evaluate, ["df_true", "df_pred", "evaluate_func"]),
    (utils.evaluate_equal, ["row"]),
    (utils.evaluate_in, ["row"]),
    (utils.factorize, ["data"]),
    (utils.get_most_probable_labels, ["proba"]),
    (utils.normalize_rows, ["scores"]),
    (utils.manage_data, ["data", "weights", "skills"]),
    (utils.get_accuracy, ["data", "true_labels", "by"]),
    (utils.add_skills_to_data, ["data", "skills", "on_missing_skill", "default_skill"]),
    (utils.named_series_attrib, ["name"]),
    (utils.clone_aggregator, ["aggregator"]),
]

Shape = tuple[str, ...]
LABELS: Shape = ("Series", "agg_label", "task")
SKILLS: Shape = ("Series", "skill", "worker")
PROBAS: Shape = ("DataFrame", "label", "task")
ERRORS: Shape = ("DataFrame", None, "worker", "label")
LIST, ARRAY = ("list",), ("ndarray",)
# After `fit`, or after `predict` where labels come with it. Kinds, names of Series and of columns, names of the index.
# Where Crowd-Kit leaves a name out, or says "variable" (GLAD's columns), the name is that of the same thing elsewhere.
ATTRIBUTES: dict[str, dict[str, Shape]] = {
    "MajorityVote": {"labels_": LABELS, "skills_": SKILLS, "probas_": PROBAS},
    "Wawa": {"skills_": SKILLS},
    "ZeroBasedSkill": {"skills_": SKILLS},
    "GoldMajorityVote": {"skills_": SKILLS},
    "DawidSkene": {
        "labels_": LABELS,
        "probas_": PROBAS,
        "priors_": ("Series", "prior", "label"),
        "errors_": ERRORS,
        "loss_history_": LIST,
    },
    "OneCoinDawidSkene": {
        "labels_": LABELS,
        "probas_": PROBAS,
        "priors_": ("Series", "prior", "label"),
        "errors_": ERRORS,
        "skills_": SKILLS,
        "loss_history_": LIST,
    },
    "GLAD": {
        "labels_": LABELS,
        "probas_": PROBAS,
        "alphas_": ("Series", "alpha", "worker"),
        "betas_": ("Series", "beta", "task"),
        "priors_": ("Series", "prior", "label"),
        "alphas_priors_mean_": ("Series", "alpha", "worker"),
        "betas_priors_mean_": ("Series", "beta", "task"),
        "prior_labels_": ARRAY,
        "tasks_": ARRAY,
        "workers_": ARRAY,
        "loss_history_": LIST,
    },
    "MACE": {
        "labels_": LABELS,
        "probas_": PROBAS,
        "spamming_": ARRAY,
        "thetas_": ARRAY,
        "theta_priors_": ARRAY,
        "strategy_priors_": ARRAY,
        "smoothing_": ("float",),
    },
    "MMSR": {"skills_": SKILLS, "loss_history_": LIST},
    "KOS": {"labels_": LABELS},
    "BinaryRelevance": {"labels_": LABELS, "aggregators_": ("dict",)},
}
AFTER_PREDICT: dict[str, dict[str, Shape]] = {
    "Wawa": {"labels_": LABELS, "probas_": PROBAS},
    "ZeroBasedSkill": {"labels_": LABELS, "probas_": PROBAS},
    "GoldMajorityVote": {"labels_": LABELS, "probas_": PROBAS},
    "MMSR": {"labels_": LABELS, "scores_": PROBAS},
}
RESULTS = {
    "predict": LABELS,
    "fit_predict": LABELS,
    "predict_proba": PROBAS,
    "fit_predict_proba": PROBAS,
    "predict_score": PROBAS,
    "fit_predict_score": PROBAS,
}
NAMES = sorted(METHODS)
KINDS = ["pandas", "polars", "arrow"]


def answers(estimator: str = "") -> pd.DataFrame:
    """Three workers and five tasks; with lists of labels for the estimator that takes them."""
    rows = [(f"t{t}", f"w{w}", ("no", "yes")[(t + (t + w == 5)) % 2]) for t in range(5) for w in range(3)]
    data = pd.DataFrame(rows, columns=["task", "worker", "label"])
    return data.assign(label=[[label] for label in data["label"]]) if estimator == "BinaryRelevance" else data


def gold() -> pd.Series:
    return pd.Series({"t0": "no", "t1": "yes"}, name="label").rename_axis("task")


def as_kind(data: pd.DataFrame, kind: str) -> Any:
    if kind == "pandas":
        return data
    return pl.from_pandas(data) if kind == "polars" else pa.Table.from_pandas(data, preserve_index=False)


def called(estimator: Any, method: str, data: Any) -> Any:
    """The method's result, after a `fit` where the method needs one."""
    more = (gold(),) if type(estimator).__name__ == "GoldMajorityVote" else ()
    if not method.startswith("fit"):
        estimator.fit(data, *more)
        return getattr(estimator, method)(data)
    return getattr(estimator, method)(data, *more)


def shape(found: Any) -> Shape:
    """What a program can rely on: the kind of object and its names."""
    if isinstance(found, pd.Series):
        return "Series", found.name, *found.index.names
    if isinstance(found, pd.DataFrame):
        return "DataFrame", found.columns.name, *found.index.names
    return (type(found).__name__,)


def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Names and defaults of what may be given by position."""
    signature = inspect.signature(function).parameters.values()
    return {
        p.name: p.default for p in signature if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and p.name != "self"
    }


@pytest.mark.parametrize("name", sorted(CONSTRUCTORS))
def test_a_constructor_takes_what_it_took(name: str) -> None:
    found = parameters(getattr(aggregation, name))
    assert list(found.items()) == list(CONSTRUCTORS[name].items())


def test_binary_relevance_has_majority_vote_inside_unless_told_otherwise() -> None:
    assert list(parameters(aggregation.BinaryRelevance)) == ["base_aggregator"]
    assert isinstance(aggregation.BinaryRelevance().base_aggregator, aggregation.MajorityVote)


@pytest.mark.parametrize(("name", "method"), [(name, method) for name in NAMES for method in METHODS[name]])
def test_a_method_takes_what_it_took(name: str, method: str) -> None:
    found = list(parameters(getattr(getattr(aggregation, name), method)).items())
    expected = list(METHODS[name][method].items())
    assert found[: len(expected)] == expected
    assert all(default is not REQUIRED for _, default in found[len(expected) :]), "what is added can be left out"


@pytest.mark.parametrize("name", NAMES)
def test_fitted_attributes_have_their_kinds_and_names(name: str) -> None:
    estimator = getattr(aggregation, name)()
    more = (gold(),) if name == "GoldMajorityVote" else ()
    assert estimator.fit(answers(name), *more) is estimator
    assert {key: shape(getattr(estimator, key)) for key in ATTRIBUTES[name]} == ATTRIBUTES[name]


@pytest.mark.parametrize("name", AFTER_PREDICT)
def test_what_only_predict_sets_there_is_there_after_a_fit_too(name: str) -> None:
    fitted = getattr(aggregation, name)().fit(answers(name), *((gold(),) if name == "GoldMajorityVote" else ()))
    expected = AFTER_PREDICT[name]
    assert {key: shape(getattr(fitted, key)) for key in expected} == expected
    fitted.predict(answers(name))
    assert {key: shape(getattr(fitted, key)) for key in expected} == expected


@pytest.mark.parametrize(("name", "method"), [(name, m) for name in NAMES for m in METHODS[name] if m != "fit"])
def test_a_result_has_its_kind_and_names(name: str, method: str) -> None:
    found = called(getattr(aggregation, name)(), method, answers(name))
    assert shape(found) == RESULTS[method]
    assert list(found.index) == ["t0", "t1", "t2", "t3", "t4"]


@pytest.mark.parametrize("name", ["KOS", "MMSR"])
def test_scores_are_not_called_probabilities(name: str) -> None:
    estimator = getattr(aggregation, name)()
    estimator.fit_predict(answers())
    assert not hasattr(estimator, "probas_")


@pytest.mark.parametrize(("function", "names"), FUNCTIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_function_takes_what_it_took(function: Callable[..., Any], names: list[str]) -> None:
    assert list(parameters(function))[: len(names)] == names


def test_defaults_of_functions_are_what_they_were() -> None:
    assert parameters(uncertainty) == {
        "answers": REQUIRED,
        "workers_skills": None,
        "aggregator": None,
        "compute_by": "task",
        "aggregate": True,
    }
    assert parameters(entropy_threshold) == {
        "answers": REQUIRED,
        "workers_skills": None,
        "percentile": 10,
        "min_answers": 2,
    }
    assert parameters(consistency)["by_task"] is False
    assert parameters(accuracy_on_aggregates)["by"] is None
    assert parameters(utils.evaluate)["evaluate_func"] is utils.evaluate_in
    assert parameters(utils.get_accuracy)["by"] is None


def test_metrics_give_unnamed_series_by_task_or_worker() -> None:
    data, by_task, by_worker = answers(), ("Series", None, "task"), ("Series", None, "worker")
    assert shape(consistency(data, by_task=True)) == by_task
    assert shape(uncertainty(data, aggregate=False)) == by_task
    assert shape(uncertainty(data, compute_by="worker", aggregate=False)) == by_worker
    assert shape(accuracy_on_aggregates(data, by="worker")) == by_worker
    assert shape(accuracy_on_aggregates(data, by="task")) == by_task
    for value in (alpha_krippendorff(data), consistency(data), uncertainty(data), accuracy_on_aggregates(data)):
        assert isinstance(value, float)


def test_helpers_give_unnamed_series() -> None:
    table = pd.DataFrame([[0.2, 0.8]], index=pd.Index(["t"], name="task"), columns=pd.Index(["a", "b"], name="label"))
    assert shape(utils.get_most_probable_labels(table)) == ("Series", None, "task")
    assert shape(utils.get_accuracy(answers(), gold(), by="worker")) == ("Series", None, "worker")
    assert shape(utils.get_accuracy(answers(), gold(), by="task")) == ("Series", None, "task")
    assert shape(utils.normalize_rows(table)) == ("DataFrame", "label", "task")
    assert list(utils.manage_data(answers()).columns) == ["task", "worker", "label", "weight", "skill"]


def test_cleaning_keeps_the_index_and_the_other_columns() -> None:
    data = answers().assign(seconds=1.5).set_index(pd.RangeIndex(100, 115))
    found = entropy_threshold(data, percentile=0, min_answers=99)
    pd.testing.assert_frame_equal(found, data)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("aggregation.classification", list(CONSTRUCTORS)),
        ("aggregation.multilabel", ["BinaryRelevance"]),
        ("aggregation.embeddings", ["ClosestToAverage", "HRRASA", "RASA"]),
        ("aggregation.texts", ["ROVER", "TextHRRASA", "TextRASA"]),
        ("aggregation.image_segmentation", ["SegmentationEM", "SegmentationMajorityVote", "SegmentationRASA"]),
        ("aggregation.pairwise", ["BradleyTerry", "NoisyBradleyTerry"]),
        ("aggregation.utils", [function.__name__ for function, _ in FUNCTIONS[5:]]),
        ("metrics.data", ["alpha_krippendorff", "consistency", "uncertainty"]),
        ("metrics.workers", ["accuracy_on_aggregates"]),
        ("postprocessing", ["entropy_threshold"]),
        ("datasets", ["get_datasets_list", "load_dataset"]),
        (
            "aggregation.base",
            [
                "BaseClassificationAggregator",
                "BaseEmbeddingsAggregator",
                "BaseImageSegmentationAggregator",
                "BasePairwiseAggregator",
                "BaseTextsAggregator",
            ],
        ),
    ],
)
def test_a_module_has_the_names_it_had(module: str, names: list[str]) -> None:
    there = importlib.import_module(f"dataforge.{module}")
    assert set(names) <= set(there.__all__)
    assert all(getattr(there, name).__doc__ for name in names)


def test_families_need_no_import_of_their_own() -> None:
    package = importlib.import_module("dataforge.aggregation")
    assert package.classification.DawidSkene is package.DawidSkene
    assert package.base.BaseTextsAggregator is package.BaseTextsAggregator
    assert "base" in package.__all__


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "method"), [(name, m) for name in NAMES for m in METHODS[name] if m != "fit"])
def test_what_came_in_as_a_kind_of_table_goes_out_as_that_kind(name: str, method: str, kind: str) -> None:
    expected = called(getattr(aggregation, name)(), method, answers(name))
    found = called(getattr(aggregation, name)(), method, as_kind(answers(name), kind))
    if kind == "pandas":
        assert type(found) is type(expected)
        return
    assert type(found).__module__.split(".")[0] == {"polars": "polars", "arrow": "pyarrow"}[kind]
    columns = found.to_dict(as_series=False) if kind == "polars" else found.to_pydict()
    flat = expected.reset_index()
    assert list(columns) == list(flat.columns)
    numbers = RESULTS[method] is PROBAS
    for column, values in columns.items():
        wanted = flat[column].tolist()
        assert values == (pytest.approx(wanted) if numbers and column != "task" else wanted)


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(
    "metric",
    [
        lambda data: consistency(data, by_task=True),
        lambda data: uncertainty(data, aggregate=False),
        lambda data: uncertainty(data, compute_by="worker", aggregate=False),
        lambda data: accuracy_on_aggregates(data, by="worker"),
        lambda data: entropy_threshold(data, percentile=0, min_answers=99),
    ],
)
def test_metrics_answer_in_the_kind_of_table_too(metric: Callable[[Any], Any], kind: str) -> None:
    expected, data = metric(answers()), as_kind(answers(), kind)
    found = metric(data)
    assert type(found) is type(data)
    columns = found.to_dict(as_series=False) if kind == "polars" else found.to_pydict()
    flat = expected.rename("value").reset_index() if isinstance(expected, pd.Series) else expected
    assert [list(values) for values in columns.values()] == [flat[name].tolist() for name in flat.columns]


@pytest.mark.parametrize("name", NAMES)
def test_a_fitted_estimator_survives_a_copy_and_a_file(name: str) -> None:
    estimator = getattr(aggregation, name)()
    expected = called(estimator, "fit_predict", answers(name))
    for other in (copy.deepcopy(estimator), pickle.loads(pickle.dumps(estimator))):
        pd.testing.assert_series_equal(other.labels_, expected)


def test_scikit_learn_sees_the_parameters_of_an_estimator_inside_another() -> None:
    model = aggregation.BinaryRelevance(aggregation.DawidSkene(n_iter=7))
    assert model.get_params()["base_aggregator__n_iter"] == 7
    copied = clone(model)
    assert copied.base_aggregator is not model.base_aggregator
    assert copied.get_params()["base_aggregator__n_iter"] == 7
    model.set_params(base_aggregator__n_iter=3, base_aggregator=aggregation.DawidSkene())
    assert model.base_aggregator.get_params()["n_iter"] == 3
    with pytest.raises(AggregationError, match="DawidSkene has no parameter 'speed'; it has: n_iter, tol"):
        model.set_params(base_aggregator__speed=1)
    with pytest.raises(AggregationError, match="'n_iter__deeper' needs an estimator in 'n_iter', got 7"):
        aggregation.DawidSkene(7).set_params(n_iter__deeper=1)


class FirstAnswer(BaseClassificationAggregator):
    """An estimator of a user's own, as they are written for Crowd-Kit: attributes are set, not computed."""

    def __init__(self, reverse: bool = False) -> None:
        self.reverse = reverse

    def fit(self, data: pd.DataFrame) -> "FirstAnswer":
        rows = data[::-1] if self.reverse else data
        self.labels_ = rows.drop_duplicates("task").set_index("task")["label"].sort_index()
        return self

    def fit_predict(self, data: pd.DataFrame) -> Any:
        return self.fit(data).labels_


def test_an_estimator_of_ones_own_over_a_base_class_is_an_estimator_like_the_others() -> None:
    model = clone(FirstAnswer(reverse=True))
    assert model.get_params() == {"reverse": True}
    assert not hasattr(model, "labels_")
    assert shape(model.fit_predict(answers())) == LABELS
    assert utils.clone_aggregator(model).get_params() == {"reverse": True}
    many = aggregation.BinaryRelevance(FirstAnswer()).fit_predict(answers("BinaryRelevance"))
    assert many["t0"] == ["no"]
    assert np.isfinite(consistency(answers(), aggregator=FirstAnswer(), workers_skills={"w0": 0.9, "w1": 0.8}))


def test_errors_written_for_the_field_s_library_still_catch_ours() -> None:
    lacking = answers().drop(columns="worker")
    for name in NAMES:
        with pytest.raises(KeyError, match="'worker' not found among 'task', 'label'"):
            called(getattr(aggregation, name)(), "fit_predict", lacking)
    with pytest.raises(ValueError, match="n_iter needs to be a whole number"):
        aggregation.DawidSkene(n_iter=-1)
    with pytest.raises(ValueError, match="skills need every worker"):
        aggregation.MajorityVote().fit(answers(), pd.Series({"w0": 1.0}))
    with pytest.raises(KeyError, match="compute_by needs to be 'task' or 'worker'"):
        uncertainty(answers(), compute_by="label")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no data set is named"):
        load_dataset("mnist")


@pytest.mark.parametrize("name", NAMES)
def test_a_table_of_results_can_be_stacked_and_its_index_be_put_back(name: str) -> None:
    fitted = called(getattr(aggregation, name)(), "fit", answers(name))
    tables = [
        value
        for key in dir(fitted)
        if key.endswith("_") and isinstance(value := getattr(fitted, key, None), pd.DataFrame)
    ]
    for table in tables:
        assert len(table.stack().reset_index()) == table.size


@pytest.mark.parametrize("name", NAMES)
def test_scikit_learn_tells_a_fitted_estimator_from_another(name: str) -> None:
    estimator = getattr(aggregation, name)()
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)
    check_is_fitted(called(estimator, "fit", answers(name)))


def test_a_task_may_have_several_right_answers() -> None:
    rows = [("t1", "w1", "l1"), ("t2", "w1", "l1"), ("t3", "w1", "l1"), ("t1", "w2", "l2"), ("t3", "w2", "l2")]
    data = pd.DataFrame(rows, columns=["task", "worker", "label"])
    right = pd.Series(["l1", "l2", "l2"], index=["t1", "t1", "t3"])
    model = aggregation.GoldMajorityVote().fit(data, right)
    assert model.skills_.to_dict() == {"w1": 0.5, "w2": 1.0}
    assert model.skill_intervals()["answers"].to_dict() == {"w1": 2, "w2": 2}
    later = aggregation.GoldMajorityVote().partial_fit(data, right).partial_fit(data[:0], pd.Series({"t1": "l2"}))
    assert later.skills_.to_dict() == {"w1": 0.0, "w2": 1.0}, "what is told later stands in for what was told before"
    assert utils.get_accuracy(data, right, by="true_label").to_dict() == {"l1": 1.0, "l2": 2 / 3}
    with pytest.raises(KeyError, match="by needs to be 'task', 'worker', 'label' or 'true_label', got 'tasks'"):
        utils.get_accuracy(data, right, by="tasks")


def test_skills_are_of_those_workers_whose_answers_count() -> None:
    found = aggregation.MajorityVote(on_missing_skill="ignore").fit(answers(), {"w0": 1.0, "w1": 0.5})
    assert found.skills_.index.tolist() == ["w0", "w1"]
    assert found.skill_intervals().index.tolist() == ["w0", "w1"]
