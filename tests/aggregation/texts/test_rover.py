import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import ROVER
from dataforge.errors import AggregationError


def rover(**parameters) -> ROVER:
    return ROVER(tokenizer=lambda text: text.split(" "), detokenizer=" ".join, **parameters)


def texts(*values: str) -> pd.DataFrame:
    return pd.DataFrame({"task": "t", "worker": [f"w{n}" for n in range(len(values))], "text": list(values)})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # The example of Fiscus (1997): words that most recognisers agree on, at each place.
        (("a b c d", "b z d e", "b c d e f"), "b c d e"),
        (("the cat sat", "the bat sat", "the cat sat"), "the cat sat"),
        (("one",), "one"),
        # Equally frequent tokens: the longest wins, then the last in the alphabet.
        (("a bb", "zz c"), "zz bb"),
        (("ab", "ba"), "ba"),
        # Leaving out loses a tie, and wins by majority.
        (("a b", "a"), "a b"),
        (("a b", "a", "a"), "a"),
        (("", ""), ""),
    ],
)
def test_the_most_frequent_word_wins_at_each_place(given: tuple[str, ...], expected: str) -> None:
    assert rover().fit_predict(texts(*given))["t"] == expected


def test_tasks_are_sorted_and_the_result_is_named() -> None:
    data = pd.DataFrame({"task": ["b", "a"], "worker": ["w", "w"], "text": ["x y", "z"]})
    found = rover().fit_predict(data)
    assert found.index.tolist() == ["a", "b"]
    assert (found.name, found.index.name) == ("agg_text", "task")


def test_polars_comes_back_as_polars() -> None:
    found = rover().fit_predict(pl.from_pandas(texts("a b", "a b", "c")))
    assert found.to_dict(as_series=False) == {"task": ["t"], "agg_text": ["a b"]}


def test_the_bar_and_the_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataforge.aggregation.texts import rover as module

    data = pd.concat([texts("a b c", "a c", "b c").assign(task=f"t{n}") for n in range(7)])
    plain = rover().fit_predict(data)
    monkeypatch.setattr(module, "CHUNK", 2)
    told: list[int] = []
    chunked = rover(silent=False, on_iteration=lambda done, share: told.append(done)).fit_predict(data)
    pd.testing.assert_series_equal(plain, chunked)
    assert told == [2, 4, 6, 7]


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(AggregationError, match="column 'text' needs a value in every row; row 1 has none"):
        rover().fit(texts("a", None))


def test_an_empty_table_gives_no_texts() -> None:
    assert len(rover().fit_predict(texts())) == 0


@pytest.mark.parametrize(
    ("tokenizer", "message"),
    [
        (str.lower, "list of texts, it returned str"),
        (lambda text: None, "list of texts, it returned NoneType"),
        (lambda text: [1, 2], "it returned one with 1"),
    ],
)
def test_a_tokenizer_that_returns_no_list_of_texts_is_refused(tokenizer, message: str) -> None:
    with pytest.raises(AggregationError, match=message):
        ROVER(tokenizer=tokenizer, detokenizer=" ".join).fit(texts("a b"))


def test_a_detokenizer_that_returns_no_text_is_refused() -> None:
    with pytest.raises(AggregationError, match="detokenizer needs to return a text, it returned list"):
        ROVER(tokenizer=str.split, detokenizer=list).fit(texts("a b"))
