"""What estimators are held to in `test_promises.py`: data of each family, and which promises a family can keep.

An estimator is found by itself: a walk over the public classes. One that asks for arguments of its own, or answers of
another family, is looked up here by its family, so a new estimator of a family is held to the family's promises.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import dataforge.aggregation as package
from dataforge.aggregation import base


def estimators() -> list[type[Any]]:
    """Every public estimator of the package."""
    found = [getattr(package, name) for name in package.__all__]
    return [
        one for one in found if inspect.isclass(one) and issubclass(one, base.Estimator) and not inspect.isabstract(one)
    ]


@dataclass(frozen=True)
class Family:
    """Answers of a seeded crowd, what is right, and how the family's estimators take and give them."""

    answers: pd.DataFrame
    known: dict[Any, Any]
    known_argument: str
    result: str


def family(estimator: type[Any]) -> Family:
    """The data that an estimator is tried on."""
    for kind, make in FAMILIES.items():
        if issubclass(estimator, kind):
            return make()
    raise AssertionError(f"{estimator.__name__} belongs to no family of which there is data: add it to FAMILIES")


def made(estimator: type[Any], **parameters: Any) -> Any:
    """An estimator with the arguments that it cannot do without."""
    wanted = inspect.signature(estimator).parameters
    given = {name: value for name, value in parameters.items() if name in wanted}
    needed = {name: NEEDED[name] for name, one in wanted.items() if one.default is one.empty and name not in given}
    return estimator(**needed, **given)


def learn(model: Any, method: str, answers: pd.DataFrame, known: dict[Any, Any] | None = None) -> Any:
    """The model after `fit` or `partial_fit`; known answers go along if given, or if `fit` cannot do without."""
    of = family(type(model))
    call = inspect.signature(model.fit).parameters
    if of.known_argument in call and call[of.known_argument].default is inspect.Parameter.empty:
        known = of.known if known is None else known
    more = {} if known is None else {of.known_argument: known}
    getattr(model, method)(answers, **more)
    return model


def contrary(known: Any) -> Any:
    """Another known answer than the crowd's: what is not heeded shows."""
    if isinstance(known, list):
        return ["d"]
    if isinstance(known, str):
        return {"l0": "l1", "l1": "l0"}.get(known, known)
    return known + 3.0


def result(model: Any, answers: pd.DataFrame) -> Any:
    """What the model says of each task or item, by a call that needs answers where the model does."""
    of = family(type(model))
    try:
        return getattr(model, of.result)
    except AttributeError:
        return model.predict(answers)


def pairs_of(
    n_tasks: int, n_workers: int, per_task: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    worker = np.concatenate([rng.permutation(n_workers)[:per_task] for _ in range(n_tasks)])
    return np.repeat(np.arange(n_tasks), per_task), worker, rng


def chosen(n_labels: int = 2) -> tuple[pd.DataFrame, np.ndarray]:
    """Labels by workers who are right with 0.65 to 0.97."""
    task, worker, rng = pairs_of(150, 10, 7, 3)
    truth = rng.integers(0, n_labels, 150)
    right = rng.random(len(task)) < np.linspace(0.65, 0.97, 10)[worker]
    label = (truth[task] + np.where(right, 0, rng.integers(1, n_labels, len(task)))) % n_labels
    frame = {"task": [f"t{n:03}" for n in task], "worker": [f"w{n}" for n in worker], "label": [f"l{n}" for n in label]}
    return pd.DataFrame(frame), truth


def classification() -> Family:
    answers, truth = chosen()
    known = {f"t{n:03}": f"l{truth[n]}" for n in range(0, 150, 5)}
    return Family(answers, known, "true_labels", "labels_")


def multilabel() -> Family:
    answers, truth = chosen(3)
    names = {"l0": ["a"], "l1": ["a", "b"], "l2": ["c"]}
    known = {f"t{n:03}": names[f"l{truth[n]}"] for n in range(0, 150, 5)}
    return Family(answers.assign(label=answers["label"].map(names)), known, "true_labels", "labels_")


def numeric() -> Family:
    task, worker, rng = pairs_of(150, 10, 6, 4)
    value = rng.normal(50, 10, 150)
    label = value[task] + rng.normal(0, 3, 10)[worker] + rng.normal(size=len(task)) * np.linspace(1, 5, 10)[worker]
    return Family(
        pd.DataFrame({"task": task, "worker": worker, "label": label}),
        {n: float(value[n]) for n in range(0, 150, 5)},
        "true_values",
        "values_",
    )


def pairwise() -> Family:
    rng = np.random.default_rng(5)
    strength, names = np.linspace(-1.5, 1.5, 8), np.array(list("abcdefgh"))
    left = rng.integers(0, 8, 1500)
    right = (left + rng.integers(1, 8, 1500)) % 8
    worker = rng.integers(0, 6, 1500)
    looked = rng.random(1500) < np.linspace(0.6, 0.9, 6)[worker]  # and who does not look prefers the left item
    won = rng.random(1500) < np.where(looked, 1 / (1 + np.exp(strength[right] - strength[left])), 0.7)
    label = names[np.where(won, left, right)]
    frame = {"worker": worker, "left": names[left], "right": names[right], "label": label}
    return Family(pd.DataFrame(frame), {}, "", "scores_")


def embeddings() -> Family:
    task, worker, rng = pairs_of(60, 8, 5, 6)
    truth = rng.normal(size=(60, 4))
    spread = np.linspace(0.1, 1.0, 8)[worker]
    vectors = list(truth[task] + spread[:, None] * rng.normal(size=(len(task), 4)))
    output = [f"answer {n}" for n in range(len(task))]
    frame = pd.DataFrame({"task": task, "worker": worker, "output": output})
    frame["embedding"] = vectors
    known = {n: truth[n] for n in range(0, 60, 5)}
    return Family(frame, known, "true_embeddings", "embeddings_and_outputs_")


def texts() -> Family:
    task, worker, rng = pairs_of(40, 8, 5, 7)
    words = rng.integers(0, 9, (40, 6))
    noisy = np.where(rng.random((len(task), 6)) < np.linspace(0.05, 0.5, 8)[worker][:, None], 9, words[task])
    text = [" ".join(f"w{n}" for n in row) for row in noisy]
    known = {n: " ".join(f"w{m}" for m in words[n]) for n in range(0, 40, 5)}
    return Family(pd.DataFrame({"task": task, "worker": worker, "text": text}), known, "true_objects", "texts_")


def masks() -> Family:
    task, worker, rng = pairs_of(6, 5, 4, 8)
    truth = np.zeros((6, 8, 8), bool)
    truth[:, 2:6, 2:6] = True
    segmentation = [truth[t] ^ (rng.random((8, 8)) < 0.1) for t in task]
    frame = pd.DataFrame({"task": task, "worker": worker})
    frame["segmentation"] = segmentation
    return Family(frame, {}, "", "segmentations_")


FAMILIES: dict[type[Any], Callable[[], Family]] = {
    package.BinaryRelevance: multilabel,
    base.BaseClassificationAggregator: classification,
    base.BaseNumericAggregator: numeric,
    base.BasePairwiseAggregator: pairwise,
    base.BaseEmbeddingsAggregator: embeddings,
    base.BaseTextsAggregator: texts,
    base.BaseImageSegmentationAggregator: masks,
}


def letters(text: str) -> np.ndarray:
    """Counts of words at places: an embedding without a model."""
    vector = np.zeros(60)
    for place, word in enumerate(text.split()):
        vector[10 * place + int(word[1:])] = 1.0
    return vector


NEEDED: dict[str, Any] = {
    "n_iter": 1000,
    "encoder": letters,
    "tokenizer": str.split,
    "detokenizer": " ".join,
    "distance": lambda one, two: float(np.linalg.norm(one - two)),
}
