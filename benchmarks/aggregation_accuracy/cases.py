"""Every estimator on every set that it applies to."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

import measures
import numpy as np
import pandas as pd
import simulated
from outcomes import Case, Table
from sets import CATEGORICAL, NUMBERS, PAIRS, TEXTS, Sets, plain, trigrams

__all__ = ["all_cases"]

VOTES = (
    "MajorityVote",
    "Wawa",
    "ZeroBasedSkill",
    "GoldMajorityVote",
    "DawidSkene",
    "OneCoinDawidSkene",
    "GLAD",
    "MMSR",
)
NUMERIC = ("MeanValue", "MedianValue", "RobustMean", "BiasVariance")
SIMULATED = {f"simulated, {each} answers a worker": each for each in (5, 20, 100)}
# An exact M-step takes the peer up to a hundred times as long.
EXACT_UP_TO = 8_100
EXACT = {"m_step_tol": 1e-9, "m_step_max_iter": 10_000}
# All comparisons of a set may take the peer longer than anybody waits.
SOME = 5_000
SPLITS = 20
SCALES = {"web": (0, 4), "vcc2018_mos": (1, 5)}
NOTHING: Mapping[str, Any] = {}


def all_cases(sets: Sets, families: Collection[str] = (), names: Collection[str] = ()) -> Iterator[Case]:
    """All cases, or those of some families and sets, family by family and set by set."""
    for family, (cases, of_family) in FAMILIES.items():
        if not families or family in families:
            for name in of_family:
                if not names or name in names:
                    yield from cases(sets, name)


def made(package: str, *, name: str, ours: Mapping[str, Any] = NOTHING, theirs: Mapping[str, Any] = NOTHING) -> Any:
    estimator = getattr(importlib.import_module(f"{package}.aggregation"), name)
    return estimator(**(ours if package == "dataforge" else theirs))


def labels_and(attribute: str | None, estimator: Any, result: Any) -> tuple[pd.Series, Table]:
    table = None if attribute is None else getattr(estimator, attribute)
    return result, table


def classification(sets: Sets, name: str) -> Iterator[Case]:
    """Labels: known ones, or one held-out answer a task, are what they are measured by."""
    n = len(sets.answers(name))

    def case(method: str, make: Callable[[str], Any], attribute: str | None = "probas_") -> Case:
        def inputs(_: str) -> tuple[Any, ...]:
            known = (sets.gold(name),) if method == "GoldMajorityVote" else ()
            return (sets.answers(name), *known)

        read = partial(labels_and, attribute)
        return Case(
            "classification", name, method, make, inputs, lambda f: measures.classes(f, sets.gold(name)), read,
            answers=n,
        )  # fmt: skip

    for method in VOTES:
        yield case(method, partial(made, name=method), "scores_" if method == "MMSR" else "probas_")
    yield case("MACE", partial(made, name="MACE", theirs={"n_restarts": 1}))
    if n <= EXACT_UP_TO:
        yield case("GLAD, exact M-step", partial(made, name="GLAD", ours=EXACT, theirs=EXACT))
    if sets.answers(name)["label"].nunique() == 2:
        yield case("KOS", partial(made, name="KOS"), None)
    yield one_label_sets(sets, name, n)


def one_label_sets(sets: Sets, name: str, n: int) -> Case:
    """`BinaryRelevance` on answers taken for sets of one label; a result that is not one label counts as wrong."""

    def inputs(_: str) -> tuple[Any, ...]:
        data = sets.answers(name)
        return (data.assign(label=[[label] for label in data["label"]]),)

    def quality(found: pd.Series) -> dict[str, float]:
        single = found.map(lambda labels: labels[0] if len(labels) == 1 else None)
        return measures.classes(single, sets.gold(name))

    read = partial(labels_and, None)
    make = partial(made, name="BinaryRelevance")
    return Case("classification", name, "BinaryRelevance", make, inputs, quality, read, answers=n)


def numbers(sets: Sets, name: str) -> Iterator[Case]:
    """Numbers and grades; Crowd-Kit has no estimator of them."""
    read = partial(labels_and, None)
    for method in NUMERIC:
        make = partial(made, name=method, ours={"levels": [0, 1, 2, 3, 4]} if name == "web" else {})
        if name in SIMULATED:
            data, value = simulated.ratings(SIMULATED[name])
            quality = partial(measures.numbers, gold=value)
        else:
            data, quality = sets.answers(name), partial(numeric_quality, sets, name, make)
        inputs = lambda _, data=data: (data,)  # noqa: E731
        yield Case("numbers", name, method, make, inputs, quality, read, in_peer=False)


def numeric_quality(sets: Sets, name: str, make: Callable[[str], Any], found: pd.Series) -> dict[str, float]:
    gold = sets.gold(name)
    quality = measures.numbers(found, gold)
    if name in SCALES:
        low, high = SCALES[name]
        nearest = np.clip(np.ceil(found.reindex(gold.index) - 0.5 - 1e-9), low, high)
        quality["nearest level"] = float((nearest == gold).mean())
    whole = sets.read(name)[["task", "worker", "label"]]
    rng = np.random.default_rng(0)
    halves = []
    for _ in range(SPLITS):
        first = rng.random(int(whole["worker"].nunique())) < 0.5
        in_first = first[whole["worker"].astype("category").cat.codes]
        values = [make("dataforge").fit_predict(whole[part]) for part in (in_first, ~in_first)]
        both = values[0].index.intersection(values[1].index)
        halves.append(measures.rank_correlation(values[0][both], values[1][both]))
    return {**quality, "split-half": float(np.mean(halves))}


def comparisons(sets: Sets, name: str) -> Iterator[Case]:
    """Pairs: learnt from four comparisons of five, measured by the others and by a reference order."""
    steps = {"n_iter": 100}
    optimum = {"n_iter": 20_000}
    learnt, left_out = sets.comparisons(name)
    decided = learnt.dropna(subset=["label"])
    with_ties = len(decided) < len(learnt)

    def case(method: str, make: Any, data: pd.DataFrame, ours_only: bool = False) -> Case:
        def quality(found: pd.Series) -> dict[str, float]:
            return measures.order(found, left_out, sets.reference_order(name))

        def read(_: Any, result: pd.Series) -> tuple[pd.Series, Table]:
            return result, result.to_frame("score")

        inputs = lambda _: (data,)  # noqa: E731
        return Case("comparisons", name, method, make, inputs, quality, read, not ours_only, len(data))

    own = partial(case, ours_only=True)
    yield case("BradleyTerry", partial(made, name="BradleyTerry", ours=steps, theirs=steps), decided)
    ends = {"ours": {**optimum, "tol": 1e-13}, "theirs": {**optimum, "tol": 0}}
    yield case("BradleyTerry, to the optimum", partial(made, name="BradleyTerry", **ends), decided)
    yield own("BradleyTerry, prior=0.5", partial(made, name="BradleyTerry", ours={**steps, "prior": 0.5}), decided)
    if with_ties:
        half = {**steps, "ties": "half"}
        yield own('BradleyTerry, ties="half"', partial(made, name="BradleyTerry", ours=half), learnt)
        yield own("Davidson", partial(made, name="Davidson"), learnt)
    if len(decided) > SOME:
        few = decided.sample(SOME, random_state=0)
        yield case(f"NoisyBradleyTerry, {SOME:,} comparisons", partial(made, name="NoisyBradleyTerry"), few)
    yield case("NoisyBradleyTerry", partial(made, name="NoisyBradleyTerry"), decided)
    yield own("Elo, in the order of rows", partial(made, name="Elo"), learnt.sort_index())
    many = {"step": 4, "n_orders": 20}
    yield own("Elo, mean of 20 orders", partial(made, name="Elo", ours=many), learnt)
    yield own("AverageWinRate", partial(made, name="AverageWinRate"), learnt)


def texts(sets: Sets, name: str) -> Iterator[Case]:
    """Texts; the encoder is a hash of trigrams of letters."""

    def case(method: str, make: Any, attribute: str | None) -> Case:
        def inputs(package: str) -> tuple[Any, ...]:
            known = (None,) if package == "crowdkit" and attribute else ()
            return (sets.heard(name), *known)

        return Case(
            "texts", name, method, make, inputs, partial(text_quality, sets, name), partial(means_and, attribute),
            answers=len(sets.heard(name)),
        )  # fmt: skip

    rover = {"tokenizer": str.split, "detokenizer": " ".join}
    rasa = {"encoder": trigrams}
    same = {**rasa, "output_similarity": shared_words}
    yield case("ROVER", partial(made, name="ROVER", ours=rover, theirs=rover), None)
    yield case("TextRASA", partial(made, name="TextRASA", ours=rasa, theirs=rasa), "aggregated_embeddings_")
    yield case("TextHRRASA", partial(made, name="TextHRRASA", ours=rasa, theirs=rasa), "aggregated_embeddings_")
    yield case(
        "TextHRRASA, similarity given",
        partial(made, name="TextHRRASA", ours=same, theirs=same),
        "aggregated_embeddings_",
    )


def text_quality(sets: Sets, name: str, found: pd.Series) -> dict[str, float]:
    gold = {task: plain(text) for task, text in sets.gold(name).items()}
    return measures.word_errors({task: plain(text) for task, text in found.items()}, gold)


def shared_words(one: str, two: str) -> float:
    """Common words over all words: a similarity that is the same in both packages."""
    first, second = set(one.split()), set(two.split())
    return len(first & second) / max(len(first | second), 1)


def means_and(attribute: str | None, estimator: Any, result: Any) -> tuple[pd.Series, Table]:
    answers = result["output"] if isinstance(result, pd.DataFrame) else result
    if attribute is None:
        return answers, None
    found = getattr(estimator, attribute)
    if isinstance(found, pd.DataFrame):
        return answers, found[["score"]].set_axis(range(len(found)))
    return answers, pd.DataFrame(np.stack(found.to_list()), index=found.index)


def embeddings(sets: Sets, name: str) -> Iterator[Case]:
    """The same texts as outputs with embeddings."""
    cosine = {"distance": cosine_distance}
    same = {"output_similarity": shared_words}
    for method, estimator, parameters, attribute in (
        ("ClosestToAverage", "ClosestToAverage", cosine, "scores_"),
        ("RASA", "RASA", {}, "aggregated_embeddings_"),
        ("HRRASA", "HRRASA", {}, "aggregated_embeddings_"),
        ("HRRASA, similarity given", "HRRASA", same, "aggregated_embeddings_"),
    ):
        yield Case(
            "embeddings",
            name,
            method,
            partial(made, name=estimator, ours=parameters, theirs=parameters),
            lambda _: (sets.embedded(name),),
            partial(text_quality, sets, name),
            partial(means_and, attribute),
            answers=len(sets.heard(name)),
        )


def cosine_distance(one: Any, two: Any) -> float:
    return float(1 - one @ two / np.sqrt((one @ one) * (two @ two)))


def masks(_: Sets, name: str) -> Iterator[Case]:
    """Masks of simulated pictures."""
    data, true = simulated.masks()

    def read(_: Any, result: pd.Series) -> tuple[pd.Series, Table]:
        return result.map(simulated.packed), None

    def quality(found: pd.Series) -> dict[str, float]:
        return measures.intersection({task: simulated.unpacked(text) for task, text in found.items()}, true)

    for method in ("SegmentationMajorityVote", "SegmentationEM", "SegmentationRASA"):
        make = partial(made, name=method)
        yield Case("masks", name, method, make, lambda _: (data,), quality, read, answers=len(data))


class Metric:
    """A metric in an estimator's clothes."""

    def __init__(self, function: Callable[..., Any], parameters: Mapping[str, Any]) -> None:
        self.function, self.parameters = function, parameters

    def fit_predict(self, data: pd.DataFrame) -> pd.Series:
        found = self.function(data, **self.parameters)
        return found if isinstance(found, pd.Series) else pd.Series([float(found)], index=["all"])


def metrics(sets: Sets, name: str) -> Iterator[Case]:
    """Measures of agreement, from one answer of a worker to a task."""
    for module, function, parameters in (
        ("data", "alpha_krippendorff", {}),
        ("data", "consistency", {"by_task": True}),
        ("data", "uncertainty", {"aggregate": False}),
        ("workers", "accuracy_on_aggregates", {"by": "worker"}),
    ):

        def make(package: str, module: str = module, function: str = function, parameters: Any = parameters) -> Any:
            return Metric(getattr(importlib.import_module(f"{package}.metrics.{module}"), function), parameters)

        def inputs(_: str) -> tuple[Any, ...]:
            return (sets.answers(name).drop_duplicates(["task", "worker"]),)

        def read(_: Any, result: pd.Series) -> tuple[pd.Series, Table]:
            return result, result.to_frame("value")

        yield Case(
            "metrics", name, function, make, inputs, lambda found: {"mean": float(found.mean())}, read,
            answers=len(sets.answers(name)),
        )  # fmt: skip


FAMILIES: dict[str, tuple[Callable[[Sets, str], Iterator[Case]], tuple[str, ...]]] = {
    "classification": (classification, CATEGORICAL),
    "numbers": (numbers, (*NUMBERS, *SIMULATED)),
    "comparisons": (comparisons, PAIRS),
    "texts": (texts, TEXTS),
    "embeddings": (embeddings, TEXTS),
    "masks": (masks, ("simulated discs",)),
    "metrics": (metrics, CATEGORICAL),
}
