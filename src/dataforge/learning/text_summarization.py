"""Texts joined by a language model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.base import BaseTextsAggregator
from dataforge.aggregation.texts.answers import TextAnswers, read_texts
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["TextSummarization"]


@named_entries
@dataclass(eq=False)
class TextSummarization(BaseTextsAggregator):
    """One text for each task, written by a summarising model that reads all of them (Orzhenovskii, 2021).

    Args:
        tokenizer: a tokenizer of the `transformers` library.
        model: a model of that library with `generate`.
        concat_token: what stands between the texts.
        num_beams: width of the beam search.
        n_permutations: how many orders of the texts are tried; one, that of the rows, if left out.
        permutation_aggregator: an aggregator of texts that joins the results of several orders; the most frequent one
            counts if left out, of equal ones the first.
        device: where the model runs.
        random_state: seed of the orders.
    """

    tokenizer: Any
    model: Any
    concat_token: str = " | "
    num_beams: int = 16
    n_permutations: int | None = None
    permutation_aggregator: BaseTextsAggregator | None = None
    device: str = "cpu"
    random_state: int = field(default=0, kw_only=True)
    _written: tuple[TextAnswers, list[str]] | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `text`."""
        if self.n_permutations is not None and self.n_permutations < 1:
            raise AggregationError(f"n_permutations needs to be 1 or more, got {self.n_permutations!r}")
        answers = read_texts(data, with_workers=False)
        self.model = self.model.to(self.device)
        rng = np.random.default_rng(self.random_state)
        ends = np.append(answers.starts[1:], len(answers.row)).tolist() if len(answers.starts) else []
        texts = [
            self._joined([answers.distinct[code] for code in answers.text[start:end]], rng)
            for start, end in zip(answers.starts.tolist(), ends, strict=True)
        ]
        self._written = answers, texts
        return self

    def fit_predict(self, data: Any) -> Any:
        """The aggregated text of each task."""
        return self.fit(data).texts_

    @property
    def texts_(self) -> Any:
        """The aggregated text of each task, tasks sorted."""
        answers, texts = self._after_fit(self._written)
        return answers.by_task(texts)

    def _joined(self, texts: list[str], rng: np.random.Generator) -> str:
        if self.n_permutations is None:
            return self._summary(texts)
        orders = distinct_orders(len(texts), self.n_permutations, rng)
        written = [self._summary([texts[n] for n in order]) for order in orders]
        if self.permutation_aggregator is None:
            return Counter(written).most_common(1)[0][0]
        import pandas as pd

        table = pd.DataFrame({"task": 0, "worker": np.arange(len(written)), "text": written})
        return str(self.permutation_aggregator.unfitted().fit_predict(table).iloc[0])

    def _summary(self, texts: list[str]) -> str:
        read = self.tokenizer.encode(self.concat_token.join(texts), return_tensors="pt").to(self.device)
        written = self.model.generate(read, num_beams=self.num_beams)
        return str(self.tokenizer.decode(written[0], skip_special_tokens=True))


def distinct_orders(n: int, wanted: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Different orders of n things, `wanted` of them or as many as there are; not all orders are formed for that."""
    possible = 1
    for factor in range(2, n + 1):
        possible *= factor
        if possible >= wanted:
            break
    orders: dict[tuple[int, ...], None] = {}
    while len(orders) < min(wanted, possible):
        orders[tuple(rng.permutation(n).tolist())] = None
    return list(orders)
