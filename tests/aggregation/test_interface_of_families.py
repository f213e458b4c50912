"""The names that users of Crowd-Kit 1.4.2 know, frozen: positional parameters with their order and defaults, methods,
fitted attributes, columns, names of indexes and Series. What DataForge adds is a keyword, or a name of its own."""

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.aggregation.promises import estimators

import dataforge.aggregation
from dataforge.aggregation import base
from dataforge.datasets import get_datasets_list, load_dataset
from dataforge.errors import MissingDependency

CONSTRUCTORS = {
    "embeddings.ClosestToAverage": "distance",
    "embeddings.RASA": "n_iter=100, tol=1e-09, alpha=0.05",
    "embeddings.HRRASA": (
        "n_iter=100, tol=1e-09, lambda_emb=0.5, lambda_out=0.5, alpha=0.05, calculate_ranks=False, "
        "output_similarity=glue_similarity"
    ),
    "texts.TextRASA": "encoder, n_iter=100, tol=1e-05, alpha=0.05",
    "texts.TextHRRASA": (
        "encoder, n_iter=100, tol=1e-05, lambda_emb=0.5, lambda_out=0.5, alpha=0.05, calculate_ranks=False, "
        "output_similarity=glue_similarity"
    ),
    "texts.ROVER": "tokenizer, detokenizer, silent=True",
    "image_segmentation.SegmentationMajorityVote": "default_skill=None, on_missing_skill='error'",
    "image_segmentation.SegmentationEM": "n_iter=10, tol=1e-05",
    "image_segmentation.SegmentationRASA": "n_iter=10, tol=1e-05",
    "pairwise.BradleyTerry": "n_iter, tol=1e-05",
    "pairwise.NoisyBradleyTerry": "n_iter=100, tol=1e-05, regularization_ratio=1e-05, random_state=0",
}
METHODS = {
    "ClosestToAverage.fit": "data, aggregated_embeddings=None, true_embeddings=None",
    "ClosestToAverage.fit_predict": "data, aggregated_embeddings=None",
    "ClosestToAverage.fit_predict_scores": "data, aggregated_embeddings=None",
    **{
        f"{name}.{call}": "data, true_embeddings=None" for name in ("RASA", "HRRASA") for call in ("fit", "fit_predict")
    },
    **{f"{name}.fit_predict_scores": "data, true_embeddings=None" for name in ("RASA", "HRRASA")},
    **{
        f"{name}.{call}": "data, true_objects=None"
        for name in ("TextRASA", "TextHRRASA")
        for call in ("fit", "fit_predict", "fit_predict_scores")
    },
    "SegmentationMajorityVote.fit": "data, skills=None",
    "SegmentationMajorityVote.fit_predict": "data, skills=None",
    **{
        f"{name}.{call}": "data"
        for name in ("ROVER", "SegmentationEM", "SegmentationRASA", "BradleyTerry", "NoisyBradleyTerry")
        for call in ("fit", "fit_predict")
    },
    "BinaryRelevance.fit": "data",
    "BinaryRelevance.fit_predict": "data",
}
VOTES = ("MajorityVote", "Wawa", "ZeroBasedSkill", "GoldMajorityVote")
MODELS = ("DawidSkene", "HierarchicalDawidSkene", "OneCoinDawidSkene", "GLAD", "MACE")
PREDICTIONS = {
    **dict.fromkeys(VOTES, "predict predict_proba predict_scores"),
    **dict.fromkeys(MODELS, "predict predict_proba"),
    "BinaryRelevance": "predict",
    "MMSR": "predict predict_score predict_scores",
    **dict.fromkeys(("MeanValue", "RobustMean", "BiasVariance"), "predict"),
    **dict.fromkeys(("RASA", "HRRASA", "TextRASA", "TextHRRASA"), "predict predict_scores"),
    **dict.fromkeys(("BradleyTerry", "NoisyBradleyTerry", "Davidson", "Elo"), "predict predict_proba predict_scores"),
    "AverageWinRate": "predict_scores",
}
COLUMNS = {
    "BaseClassificationAggregator": ("task", "worker", "label"),
    "BaseEmbeddingsAggregator": ("task", "worker", "output", "embedding"),
    "BaseImageSegmentationAggregator": ("task", "worker", "segmentation"),
    "BasePairwiseAggregator": ("worker", "left", "right", "label"),
    "BaseTextsAggregator": ("task", "worker", "text"),
}
DATASETS = [
    "relevance-2",
    "relevance-5",
    "netease_crowd",
    "mscoco",
    "mscoco_small",
    "crowdspeech-dev-clean",
    "crowdspeech-test-clean",
    "crowdspeech-dev-other",
    "crowdspeech-test-other",
    "imdb-wiki-sbs",
    "nist-trec-relevance",
]


def positional(function: Any) -> str:
    """Positional parameters as they are written, without `self`."""
    parameters = inspect.signature(function).parameters.values()
    return ", ".join(
        parameter.name
        if parameter.default is parameter.empty
        else f"{parameter.name}={getattr(parameter.default, '__name__', repr(parameter.default))}"
        for parameter in parameters
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
    )


@pytest.mark.parametrize("path", CONSTRUCTORS)
def test_constructors_take_the_same_parameters(path: str) -> None:
    family, name = path.split(".")
    estimator = getattr(dataforge.aggregation, name)
    assert positional(estimator) == CONSTRUCTORS[path]
    assert estimator.__module__.startswith(f"dataforge.aggregation.{family}.")


@pytest.mark.parametrize("path", METHODS)
def test_methods_take_the_same_arguments(path: str) -> None:
    name, method = path.split(".")
    expected = METHODS[path].split(", ")
    found = positional(getattr(getattr(dataforge.aggregation, name), method)).split(", ")
    assert found[: len(expected)] == expected
    assert all("=" in added for added in found[len(expected) :])


@pytest.mark.parametrize("estimator", estimators(), ids=lambda one: one.__name__)
def test_an_estimator_is_a_leaf_on_one_base_of_its_family_at_most(estimator: type[Any]) -> None:
    ours = [one for one in estimator.__mro__ if issubclass(one, base.Estimator) and one.__module__ != base.__name__]
    assert len(ours) <= 2, [one.__name__ for one in ours]


@pytest.mark.parametrize("estimator", estimators(), ids=lambda one: one.__name__)
def test_estimators_predict_what_they_have_learnt_to(estimator: Any) -> None:
    found = [name for name in dir(estimator) if name.startswith("predict")]
    assert " ".join(found) == PREDICTIONS.get(estimator.__name__, "")
    assert all(positional(getattr(estimator, name)) == "data" for name in found)


def test_the_base_of_binary_relevance_is_a_vote() -> None:
    assert isinstance(dataforge.aggregation.BinaryRelevance().base_aggregator, dataforge.aggregation.MajorityVote)
    assert [*inspect.signature(dataforge.aggregation.BinaryRelevance).parameters] == ["base_aggregator"]


@pytest.mark.parametrize("name", COLUMNS)
def test_each_family_has_its_base_and_columns(name: str) -> None:
    assert getattr(base, name) is getattr(dataforge.aggregation, name)
    assert getattr(base, name).columns == COLUMNS[name]


def outputs() -> pd.DataFrame:
    vectors = [np.array(vector, float) for vector in ((1, 0), (1, 0.5), (0, 1), (0.5, 1))]
    ids = {"task": ["u", "u", "t", "t"], "worker": ["b", "a", "b", "a"]}
    return pd.DataFrame({**ids, "output": ["p", "p q", "r", "s"], "embedding": vectors})


def texts() -> pd.DataFrame:
    return outputs().rename(columns={"output": "text"})


def masks() -> pd.DataFrame:
    return outputs().assign(segmentation=[np.array([[True, False]])] * 4)


def comparisons() -> pd.DataFrame:
    rows = {"worker": ["v", "v", "w", "w"], "left": ["b", "c", "a", "b"], "right": ["a", "b", "c", "a"]}
    return pd.DataFrame({**rows, "label": ["b", "c", "a", "a"]})


def sets_of_labels() -> pd.DataFrame:
    return outputs().assign(label=[["x"], ["x", "y"], ["y"], ["y"]])


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).sum())


def encode(text: str) -> np.ndarray:
    return np.array([len(text), 1.0])


SERIES = {
    "RASA": {"skills_": "worker", "prior_skills_": "worker", "aggregated_embeddings_": "task"},
    "HRRASA": {"skills_": "worker", "prior_skills_": "worker", "aggregated_embeddings_": "task"},
    "TextRASA": {"texts_": "task agg_text", "skills_": "worker"},
    "TextHRRASA": {"texts_": "task agg_text", "skills_": "worker"},
    "ROVER": {"texts_": "task agg_text"},
    "SegmentationMajorityVote": {"segmentations_": "task agg_segmentation"},
    "SegmentationEM": {"segmentations_": "task agg_segmentation"},
    "SegmentationRASA": {"segmentations_": "task agg_segmentation"},
    "BradleyTerry": {"scores_": "None agg_score"},
    "NoisyBradleyTerry": {"scores_": "label agg_score", "skills_": "None", "biases_": "None"},
    "BinaryRelevance": {"labels_": "task agg_label"},
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "ClosestToAverage": {"distance": distance},
    "TextRASA": {"encoder": encode},
    "TextHRRASA": {"encoder": encode},
    "ROVER": {"tokenizer": str.split, "detokenizer": " ".join},
    "BradleyTerry": {"n_iter": 100},
}
DATA = {
    **dict.fromkeys(("ClosestToAverage", "RASA", "HRRASA"), outputs),
    **dict.fromkeys(("TextRASA", "TextHRRASA", "ROVER"), texts),
    **dict.fromkeys(("SegmentationMajorityVote", "SegmentationEM", "SegmentationRASA"), masks),
    **dict.fromkeys(("BradleyTerry", "NoisyBradleyTerry"), comparisons),
    "BinaryRelevance": sets_of_labels,
}


def fitted(name: str) -> Any:
    model = getattr(dataforge.aggregation, name)(**ARGUMENTS.get(name, {}))
    assert model.fit(DATA[name]()) is model
    return model


@pytest.mark.parametrize("name", SERIES)
def test_series_are_named_and_sorted(name: str) -> None:
    model = fitted(name)
    for attribute, expected in SERIES[name].items():
        series = getattr(model, attribute)
        index_name, *own_name = expected.split()
        assert str(series.index.name) == index_name, attribute
        assert series.index.is_monotonic_increasing, attribute
        if own_name:
            assert series.name == own_name[0], attribute


@pytest.mark.parametrize("name", ["ClosestToAverage", "RASA", "HRRASA"])
def test_outputs_are_sorted_by_task_and_scores_in_the_order_of_rows(name: str) -> None:
    model = fitted(name)
    chosen, scores = model.embeddings_and_outputs_, model.scores_
    assert (chosen.index.name, chosen.index.tolist()) == ("task", ["t", "u"])
    assert chosen.columns.tolist() == ["output", "embedding"]
    assert (scores.index.name, scores.index.tolist()) == ("task", ["u", "u", "t", "t"])
    assert scores.columns.tolist() == ["output", "score", "embedding"]
    assert model.fit_predict(outputs())["output"].equals(chosen["output"])
    assert model.fit_predict_scores(outputs())["score"].equals(scores["score"])


def test_weights_of_hrrasa_are_indexed_by_task_and_worker() -> None:
    weights = fitted("HRRASA").weights_
    assert weights.index.names == ["task", "worker"]
    assert weights.columns.tolist() == ["weight"]


@pytest.mark.parametrize("name", ["HRRASA", "TextHRRASA", "SegmentationEM", "SegmentationRASA", "BradleyTerry"])
def test_the_history_of_iterations_is_a_list(name: str) -> None:
    assert isinstance(fitted(name).loss_history_, list)


def test_binary_relevance_keeps_an_aggregator_of_each_label() -> None:
    assert sorted(fitted("BinaryRelevance").aggregators_) == ["x", "y"]


def test_data_sets_have_the_same_names() -> None:
    assert [name for name, _ in get_datasets_list()] == DATASETS
    assert positional(load_dataset) == "dataset, data_dir=None"


def test_learning_takes_the_same_parameters() -> None:
    from dataforge import learning

    assert positional(learning.TextSummarization) == (
        "tokenizer, model, concat_token=' | ', num_beams=16, n_permutations=None, "
        "permutation_aggregator=None, device='cpu'"
    )
    try:
        layer, adaptation = learning.CrowdLayer, learning.CoNAL
    except MissingDependency as error:
        pytest.skip(str(error))
    assert positional(layer) == "num_labels, n_workers, conn_type='mw', device=None, dtype=None"
    assert positional(layer.forward) == "outputs, workers"
    assert positional(adaptation) == "num_labels, n_workers, com_emb_size=20, user_feature=None"
    assert positional(adaptation.forward) == "embeddings, logits, workers"
