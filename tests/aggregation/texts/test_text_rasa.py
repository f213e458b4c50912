import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import RASA, TextHRRASA, TextRASA
from dataforge.errors import AggregationError

ENCODED: list[str] = []


def encode(text: str) -> np.ndarray:
    ENCODED.append(text)
    return np.array([text.count(letter) for letter in "abcdefgh"], float) + 0.1


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for task in range(8):
        right = " ".join(rng.choice(list("abcdefgh"), 5))
        rows += [(f"t{task}", f"w{n}", right) for n in range(3)]
        rows.append((f"t{task}", "noise", " ".join(rng.choice(list("abcdefgh"), 5))))
    return pd.DataFrame(rows, columns=["task", "worker", "text"])


@pytest.mark.parametrize("estimator", [TextRASA, TextHRRASA])
def test_the_text_of_reliable_workers_is_chosen(estimator) -> None:
    data = answers()
    model = estimator(encode).fit(data)
    expected = data[data.worker == "w0"].set_index("task")["text"]
    pd.testing.assert_series_equal(model.texts_, expected, check_names=False)
    assert model.texts_.name == "agg_text"
    assert model.skills_["noise"] < model.skills_["w0"]


def test_it_is_rasa_over_the_encoded_texts() -> None:
    data = answers()
    encoded = data.rename(columns={"text": "output"}).assign(embedding=[encode(text) for text in data.text])
    expected = RASA(tol=1e-5).fit(encoded)
    pd.testing.assert_series_equal(TextRASA(encode).fit(data).skills_, expected.skills_)


def test_equal_texts_are_encoded_once() -> None:
    ENCODED.clear()
    TextRASA(encode).fit(answers())
    assert len(ENCODED) == len(set(ENCODED))


def test_known_texts_are_followed() -> None:
    data = answers()
    known = data[(data.task == "t0") & (data.worker == "noise")].set_index("task")["text"]
    model = TextRASA(encode)
    assert model.fit_predict(data, known)["t0"] == known["t0"]


@pytest.mark.parametrize("estimator", [TextRASA, TextHRRASA])
def test_what_was_not_learnt_is_not_there(estimator) -> None:
    assert not hasattr(estimator(encode), "skills_")
    assert not hasattr(estimator(encode).fit(answers()), "nothing_of_the_kind")


@pytest.mark.parametrize("table", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda text: None, "the shape \\(\\)"),
        (lambda text: "no vector", "returned str"),
        (lambda text: np.ones((1, 2)), "the shape \\(1, 2\\)"),
        (lambda text: [np.nan], "NaN or infinity"),
        (lambda text: np.ones(len(text)), "returned 3 numbers for 'a b' and 1 for 'c'"),
    ],
)
def test_an_encoder_that_returns_no_vector_is_named_with_the_text(table, returned, message: str) -> None:
    data = table({"task": ["t", "t"], "worker": ["v", "w"], "text": ["a b", "c"]})
    with pytest.raises(AggregationError, match=message):
        TextRASA(returned).fit(data)


@pytest.mark.parametrize("estimator", [TextRASA, TextHRRASA])
def test_answers_and_truths_need_to_be_texts(estimator) -> None:
    data = answers()
    with pytest.raises(AggregationError, match="needs texts, got int"):
        estimator(encode).fit(data.assign(text=["a", *range(len(data) - 1)]))
    with pytest.raises(AggregationError, match="got None for the task 't0'"):
        estimator(encode).fit(data, {"t0": None})


@pytest.mark.parametrize("estimator", [TextRASA, TextHRRASA])
def test_an_empty_table_gives_no_texts(estimator) -> None:
    assert len(estimator(encode).fit_predict(answers()[:0])) == 0
