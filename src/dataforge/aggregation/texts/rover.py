"""Texts joined word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Codes
from dataforge.aggregation.base import BaseTextsAggregator
from dataforge.aggregation.kernels.alignment import vote_all
from dataforge.aggregation.progress import OnIteration, shown
from dataforge.aggregation.tables.frames import Table
from dataforge.aggregation.texts.answers import TextAnswers, read_texts
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["ROVER"]


# Tasks between two reports of progress.
CHUNK = 2_000


@named_entries
@dataclass(eq=False)
class ROVER(BaseTextsAggregator):
    """Recognizer output voting error reduction (Fiscus, 1997).

    The texts of a task are aligned token by token, in the order of the rows, at the least number of insertions,
    deletions and substitutions; at each place the token of most texts wins. Of equally frequent tokens the longest
    wins, then the last in the alphabet; leaving the place out loses every tie.

    Args:
        tokenizer: a function from a text to its tokens.
        detokenizer: a function from tokens to a text.
        silent: whether no progress bar is shown.
        on_iteration: called with the number of finished tasks and their share of all.
    _joined_texts: tuple[TextAnswers, list[str]] | None = field(default=None, init=False, repr=False)
    """

    tokenizer: Callable[[str], Sequence[str]]
    detokenizer: Callable[[list[str]], str]
    silent: bool = True
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)

    def fit(self, data: Table) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `text`."""
        answers = read_texts(data, with_workers=False)
        tokens, ends, vocabulary = self._tokens(answers)
        task_ends = (
            np.append(answers.starts[1:], len(answers.row)).astype(np.int32) if len(answers.starts) else ends[:0]
        )
        texts: list[str] = []
        for start, stop in self._chunks(len(task_ends)):
            first = int(task_ends[start - 1]) if start else 0
            last = int(task_ends[stop - 1])
            offset = int(ends[first - 1]) if first else 0
            winners, stops = vote_all(
                tokens[offset : ends[last - 1]],
                ends[first:last] - np.int32(offset),
                task_ends[start:stop] - np.int32(first),
            )
            texts += self._joined(winners, stops, vocabulary)
        self._joined_texts = answers, texts
        return self

    def fit_predict(self, data: Table) -> Any:
        """The aggregated text of each task."""
        return self.fit(data).texts_

    @property
    def texts_(self) -> Any:
        """The aggregated text of each task, tasks sorted."""
        answers, texts = self._after_fit(self._joined_texts)
        return answers.by_task(texts)

    def _tokens(self, answers: TextAnswers) -> tuple[Codes, Codes, list[str]]:
        """Ranks of all tokens in the order of the answers, where each text ends, and the tokens by rank.

        Tokens are ranked by (length, token), so that the higher rank wins a tie; the empty token is 0.
        """
        index: dict[str, int] = {"": 0}
        distinct = [self._coded(text, index) for text in answers.distinct]
        words = list(index)
        order = sorted(range(len(words)), key=lambda n: (len(words[n]), words[n]))
        rank = np.empty(len(words), np.int32)
        rank[order] = np.arange(len(words), dtype=np.int32)
        lengths = np.array([len(codes) for codes in distinct], np.int64)[answers.text]
        flat = [code for n in answers.text.tolist() for code in distinct[n]]
        tokens = rank[np.array(flat, np.int64)] if flat else np.zeros(0, np.int32)
        return tokens, np.cumsum(lengths, dtype=np.int32), [words[n] for n in order]

    def _coded(self, text: str, index: dict[str, int]) -> list[int]:
        given = self.tokenizer(text)
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise AggregationError(f"tokenizer needs to return a list of texts, it returned {type(given).__name__}")
        tokens = list(given)
        for token in tokens:
            if not isinstance(token, str):
                raise AggregationError(f"tokenizer needs to return a list of texts, it returned one with {token!r}")
        return [index.setdefault(token, len(index)) for token in tokens]

    def _joined(self, winners: Codes, stops: Codes, vocabulary: list[str]) -> list[str]:
        words = [vocabulary[code] for code in winners.tolist()]
        bounds = [0, *stops.tolist()]
        texts = [self.detokenizer(words[start:stop]) for start, stop in pairwise(bounds)]
        for text in texts:
            if not isinstance(text, str):
                raise AggregationError(f"detokenizer needs to return a text, it returned {type(text).__name__}")
        return texts

    def _chunks(self, n_tasks: int) -> Iterator[tuple[int, int]]:
        size = n_tasks if self.silent and self.on_iteration is None else CHUNK
        starts = range(0, n_tasks, max(size, 1))
        with shown("ROVER", len(starts), self.on_iteration, silent=self.silent) as on_iteration:
            for start in starts:
                stop = min(start + size, n_tasks)
                yield start, stop
                if on_iteration is not None:
                    on_iteration(stop, stop / n_tasks)
