"""How alike two outputs are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.embeddings._answers import as_number
from dataforge.errors import AggregationError

__all__ = ["OutputSimilarity", "glue_similarity", "similarities"]

OutputSimilarity = Callable[[Any, Any], float]

# Sequences of one to four words are compared.
LONGEST = 4


def glue_similarity(hyp: str, ref: str | Sequence[Sequence[str]]) -> float:
    """GLEU of two texts: their common sequences of one to four words, over those of the longer one (Wu et al., 2016).

    `ref` is a text, or a list of references each of which is a list of words: then the best one counts.
    """
    references = [ref.split()] if isinstance(ref, str) else ref
    words = _grams(hyp.split())
    return max((_overlap(words, _grams(reference)) for reference in references), default=0.0)


def _grams(words: Sequence[str]) -> tuple[Counter[tuple[str, ...]], int]:
    """The sequences of one to four words, counted, and their number."""
    counted = Counter(
        tuple(words[start : start + size]) for size in range(1, LONGEST + 1) for start in range(len(words) - size + 1)
    )
    return counted, counted.total()


def _overlap(one: tuple[Counter[tuple[str, ...]], int], two: tuple[Counter[tuple[str, ...]], int]) -> float:
    """Common sequences over the larger number of sequences; 0 where there are none."""
    if one[1] < two[1]:
        one, two = two, one
    if one[1] == 0:
        return 0.0
    more = one[0]
    return sum(min(count, more[gram]) for gram, count in two[0].items() if gram in more) / one[1]


def similarities(
    outputs: Sequence[Any], one: Places, two: Places, similarity: OutputSimilarity
) -> tuple[Floats, Floats]:
    """Similarity of each pair of outputs, both ways round; each has the shape (n_pairs,).

    Equal pairs of outputs are compared once.
    """
    index: dict[Any, int] = {}
    try:
        codes = np.array([index.setdefault(output, len(index)) for output in outputs], np.int64)
    except TypeError as error:
        raise AggregationError(f"outputs need to be hashable to be compared: {error}") from error
    distinct = list(index)
    n = max(len(distinct), 1)
    if similarity is glue_similarity:
        texts = [text for text in distinct if not isinstance(text, str)]
        if texts:
            raise AggregationError(
                f"outputs need to be texts for the default similarity, got {type(texts[0]).__name__}: "
                "give output_similarity"
            )
        counted = [_grams(text.split()) for text in distinct]
        low, high = np.minimum(codes[one], codes[two]), np.maximum(codes[one], codes[two])
        keys, inverse = np.unique(low * n + high, return_inverse=True)
        found = np.array([_overlap(counted[key // n], counted[key % n]) for key in keys.tolist()], np.float64)
        return found[inverse], found[inverse]
    results = []
    for first, second in ((one, two), (two, one)):
        keys, inverse = np.unique(codes[first] * n + codes[second], return_inverse=True)
        measured = [
            as_number(similarity(distinct[key // n], distinct[key % n]), "output_similarity") for key in keys.tolist()
        ]
        results.append(np.array(measured, np.float64)[inverse])
    return results[0], results[1]
