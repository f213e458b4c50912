import pandas as pd
import pytest

from dataforge.aggregation import ROVER
from dataforge.errors import AggregationError
from dataforge.learning.text_summarization import TextSummarization, distinct_orders


class Ids(list):
    """What a tokenizer returns: moves to a device."""

    def to(self, device: str) -> "Ids":
        self.device = device
        return self


class Tokenizer:
    def encode(self, text: str, return_tensors: str) -> Ids:
        assert return_tensors == "pt"
        return Ids(text.split())

    def decode(self, words: list[str], skip_special_tokens: bool) -> str:
        assert skip_special_tokens
        return " ".join(words)


class FirstText:
    """A model that repeats the first of the texts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def to(self, device: str) -> "FirstText":
        return self

    def generate(self, words: Ids, num_beams: int) -> list[list[str]]:
        self.asked.append(" ".join(words))
        return [words[: words.index("|")] if "|" in words else list(words)]


def texts() -> pd.DataFrame:
    return pd.DataFrame({"task": [2, 1, 1, 1], "worker": list("abcd"), "text": ["so it is", "yes", "no", "no"]})


def test_the_model_reads_all_texts_of_a_task() -> None:
    model = FirstText()
    found = TextSummarization(Tokenizer(), model).fit_predict(texts())
    assert model.asked == ["yes | no | no", "so it is"]
    assert found.to_dict() == {1: "yes", 2: "so it is"}
    assert (found.name, found.index.name) == ("agg_text", "task")


def test_the_most_frequent_result_of_several_orders_counts() -> None:
    found = TextSummarization(Tokenizer(), FirstText(), n_permutations=6).fit_predict(texts())
    assert found[1] == "no"


def test_results_of_several_orders_can_be_joined_by_another_aggregator() -> None:
    rover = ROVER(tokenizer=str.split, detokenizer=" ".join)
    model = TextSummarization(Tokenizer(), FirstText(), n_permutations=6, permutation_aggregator=rover)
    assert model.fit_predict(texts()).to_dict() == {1: "no", 2: "so it is"}


def test_orders_of_many_texts_are_drawn_without_forming_all() -> None:
    import numpy as np

    orders = distinct_orders(50, 20, np.random.default_rng(0))
    assert len(set(orders)) == 20
    assert len(distinct_orders(3, 100, np.random.default_rng(0))) == 6


def test_a_number_of_orders_below_one_is_refused() -> None:
    with pytest.raises(AggregationError, match="1 or more"):
        TextSummarization(Tokenizer(), FirstText(), n_permutations=0).fit(texts())
