"""How good it is what a method found: by known answers, by how workers agree, and who agrees least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.summary import Known, WorkerBelow
from dataforge.aggregation.tables.frames import Table, encode, pairs
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.aggregation.tables.values import as_series
from dataforge.errors import AggregationError
from dataforge.intervals import share_bounds

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GOLD", "against", "agreement_of", "below", "beside"]

GOLD = ("task", "label")
"""The columns of known answers."""


def beside(result: pa.Table, gold: pa.Table, *, numbers: bool) -> Known:
    """How known answers compare with what was found: how far off numbers are, or in what order scores stand."""
    own, right, unanswered = _both(result, gold)
    return Known(
        n=len(own),
        unanswered=unanswered,
        error=float(np.abs(own - right).mean()) if numbers and len(own) else None,
        correlation=_rank_correlation(own, right) if not numbers and len(own) > 1 else None,
    )


def _both(result: pa.Table, gold: pa.Table) -> tuple[Floats, Floats, int]:
    """What was found and what is known, where both are there, and how much more is known; ids are compared as texts."""
    try:
        known = {str(key): float(value) for key, value in zip(*_lists(gold, *GOLD), strict=True)}
    except (TypeError, ValueError) as error:
        raise AggregationError(f"known answers need to be numbers: {error}") from error
    ids, values = _lists(result, *result.column_names[:2])
    pairs_found = [(value, known[str(key)]) for key, value in zip(ids, values, strict=True) if str(key) in known]
    own, right = np.array(pairs_found, np.float64).reshape(-1, 2).T
    return own, right, len(known) - len(pairs_found)


def _lists(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def _rank_correlation(one: Floats, other: Floats) -> float | None:
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(one), rankdata(other)])
    return float(np.corrcoef(ranks)[0, 1]) if (ranks.std(axis=1) > 0).all() else None


def agreement_of(responses: LabelAnswers) -> tuple[float, float]:
    """The share of equal pairs among answers to one task, and Krippendorff's alpha for nominal labels.

    Tasks with one answer have no pairs and do not count. Both are NaN without pairs; alpha is 1 with one label only.
    """
    counts = steps.vote_sums(responses.part())
    given = counts.sum(axis=1)
    several = given >= 2
    counts, given = counts[several], given[several]
    if len(given) == 0:
        return float("nan"), float("nan")
    equal = (counts * (counts - 1)).sum(axis=1)
    agreement = float(equal.sum() / (given * (given - 1)).sum())
    observed = 1 - float((equal / (given - 1)).sum() / given.sum())
    total, by_label = float(given.sum()), counts.sum(axis=0)
    expected = 1 - float((by_label * (by_label - 1)).sum() / (total * (total - 1)))
    return agreement, 1 - observed / expected if expected > 0 else 1.0


def against(best: Codes, responses: LabelAnswers, gold: Table, *, learnt: bool) -> Known:
    """How known answers compare with the labels that were found; `learnt`: the method learnt from them."""
    known = responses.with_known(gold)
    assert known.known is not None
    # Labels that only gold has shift the codes, so labels are compared, not codes.
    places = known.labels.locate(as_series(responses.labels))
    sure = known.known >= 0
    layers = known.right_labels()
    right = np.unique(np.concatenate([layer[layer >= 0] for layer in layers or (known.known[sure],)]))
    unheard = np.setdiff1d(right, places)
    named = encode(pairs(gold, "known answers", responses.kind)[0]).values
    hits = np.any([layer == places[best] for layer in layers], axis=0)
    return Known(
        n=int(sure.sum()),
        unanswered=int((responses.tasks.locate(as_series(named)) < 0).sum()),
        accuracy=float(hits[sure].mean()) if np.isin(right, places).any() else None,
        unheard=tuple(known.labels.take(unheard).to_list()),
        heard=tuple(responses.labels.to_list()) if len(unheard) else (),
        learnt=learnt,
    )


def below(responses: LabelAnswers) -> tuple[WorkerBelow, ...]:
    """Workers who agree with the others surely less than three quarters as often as the median worker does.

    Agreement is with the answers of others to the same tasks: the result itself may have been won over.
    """
    counts = steps.vote_sums(responses.part())
    others = counts.sum(axis=1)[responses.task] - 1
    met = others > 0
    share = (counts[responses.task, responses.label][met] - 1) / others[met]
    given = np.bincount(responses.worker[met], minlength=len(responses.workers)).astype(np.float64)
    if not given.any():
        return ()
    agreed = np.bincount(responses.worker[met], weights=share, minlength=len(given)) / np.maximum(given, 1)
    upper = share_bounds(agreed, np.maximum(given, 1))[1]
    places = np.flatnonzero((upper < 0.75 * np.median(agreed[given > 0])) & (given > 0))
    places = places[np.argsort(agreed[places], kind="stable")]
    names = responses.workers.take(places).to_list()
    return tuple(
        WorkerBelow(name, int(given[w]), float(agreed[w]), float(upper[w]))
        for name, w in zip(names, places, strict=True)
    )
