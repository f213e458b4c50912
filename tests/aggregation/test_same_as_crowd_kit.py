"""Where Crowd-Kit 1.4.2 is right ours equals it; its results are in tests/data, with where they come from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import (
    HRRASA,
    RASA,
    ROVER,
    ClosestToAverage,
    SegmentationEM,
    SegmentationMajorityVote,
    SegmentationRASA,
    TextHRRASA,
    TextRASA,
)

THEIRS = json.loads((Path(__file__).parents[1] / "data" / "crowd_kit_families.json").read_text("utf-8"))


def letters(text: str) -> np.ndarray:
    return np.array([text.count(letter) for letter in THEIRS["letters"]], float)


def common_words(one: str, other: str) -> float:
    words, others = set(one.split()), set(other.split())
    return len(words & others) / len(words | others)


def absolute(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).sum())


def texts() -> pd.DataFrame:
    return pd.DataFrame(THEIRS["texts"], columns=["task", "worker", "text"])


def embedded() -> pd.DataFrame:
    return texts().rename(columns={"text": "output"}).assign(embedding=[letters(text) for text in texts()["text"]])


ESTIMATORS = {
    "ClosestToAverage": ClosestToAverage(absolute),
    "RASA": RASA(n_iter=3),
    "HRRASA": HRRASA(n_iter=3, output_similarity=common_words),
}


@pytest.mark.parametrize("case", THEIRS["embeddings"])
def test_outputs_scores_and_skills_of_embeddings(case: str) -> None:
    name, _, known = case.partition(", ")
    expected: dict[str, Any] = THEIRS["embeddings"][case]
    task, text = THEIRS["true_text"]
    model = ESTIMATORS[name].unfitted().fit(embedded(), **({known: {task: letters(text)}} if known else {}))
    assert model.embeddings_and_outputs_["output"].to_dict() == expected["outputs"]
    assert model.scores_["score"].tolist() == pytest.approx(expected["scores"], abs=1e-9)
    if "skills" in expected:
        assert model.skills_.to_dict() == pytest.approx(expected["skills"], rel=1e-9)
        for one, mean in expected["means"].items():
            assert model.aggregated_embeddings_[one].tolist() == pytest.approx(mean, abs=1e-8)
    if "weights" in expected:
        assert model.weights_["weight"].tolist() == pytest.approx(expected["weights"], rel=1e-9)
        assert model.loss_history_ == pytest.approx(expected["loss_history"], rel=1e-9)


@pytest.mark.parametrize(
    ("estimator", "case"),
    [(TextRASA(letters, n_iter=3), "RASA"), (TextHRRASA(letters, n_iter=3, output_similarity=common_words), "HRRASA")],
)
def test_texts_chosen_by_their_embeddings(estimator: TextRASA | TextHRRASA, case: str) -> None:
    expected = THEIRS["embeddings"][case]
    assert estimator.fit_predict(texts()).to_dict() == expected["outputs"]
    assert estimator.skills_.to_dict() == pytest.approx(expected["skills"], rel=1e-9)


@pytest.mark.parametrize("case", THEIRS["rover"], ids=lambda case: " / ".join(case["texts"]))
def test_texts_joined_word_by_word(case: dict[str, Any]) -> None:
    data = pd.DataFrame({"task": "t", "worker": range(len(case["texts"])), "text": case["texts"]})
    rover = ROVER(tokenizer=lambda text: text.split(" "), detokenizer=" ".join)
    assert rover.fit_predict(data)["t"] == case["joined"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", THEIRS["masks"], ids=lambda case: " / ".join(case["masks"]))
def test_masks_joined_pixel_by_pixel(case: dict[str, Any]) -> None:
    masks = [pixels(mask) for mask in case["masks"]]
    data = pd.DataFrame({"task": "t", "worker": range(len(masks)), "segmentation": masks})
    assert (SegmentationMajorityVote().fit_predict(data)["t"] == pixels(case["majority"])).all()
    em, rasa = SegmentationEM().fit(data), SegmentationRASA().fit(data)
    assert (em.segmentations_["t"] == pixels(case["em"])).all()
    assert em.loss_history_ == pytest.approx(case["em_loss_history"], abs=1e-9)
    assert (rasa.segmentations_["t"] == pixels(case["rasa"])).all()
    assert rasa.loss_history_ == pytest.approx(case["rasa_loss_history"], abs=1e-9)


def pixels(rows: str) -> np.ndarray:
    """A mask written as rows of zeros and ones."""
    return np.array([[pixel == "1" for pixel in row] for row in rows.split()])
