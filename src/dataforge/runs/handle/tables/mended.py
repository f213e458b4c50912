"""What workers made of the drafts with which they began: which answers say anything else, and who changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dataforge.checks import check_key
from dataforge.data.drafts import is_changed
from dataforge.runs.core.columns import Places
from dataforge.runs.core.responses import NO_REPORT
from dataforge.runs.core.solutions import NO_SOLUTION
from dataforge.runs.driving.view import RunView

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MODEL", "authors", "changed", "judged_drafts", "unchanged_shares"]

MODEL = "model"
"""Who has given a draft that is judged before anybody mends it, as tables of results say it."""


def changed(view: RunView, items: NDArray[Any], answers: Mapping[str, NDArray[Any]]) -> pd.arrays.BooleanArray:
    """Whether these answers, by output, differ from the drafts of these items; missing where one is missing."""
    import pandas as pd

    values, known = np.zeros(len(items), bool), np.zeros(len(items), bool)
    names = list(answers)
    drafts = view.items.drafts_at(items.astype(np.int64))
    for row, (draft, *given) in enumerate(zip(drafts, *answers.values(), strict=True)):
        if draft and any(value is not None for value in given):
            known[row], values[row] = True, is_changed(view.task, dict(zip(names, given, strict=True)), draft)
    return pd.arrays.BooleanArray(values, ~known)


def judged_drafts(view: RunView) -> Places:
    """The items whose drafts are judged before anybody mends them."""
    solutions = view.state.responses.solutions
    places = np.arange(len(view.state.numbering))
    found: Places = places[:0] if solutions is None else places[solutions.with_draft(places)]
    return found


def authors(view: RunView, items: Places, answers: Mapping[str, NDArray[Any]]) -> list[str | None]:
    """Who has given these answers to these items, by output: a worker, or the model; None where there is none.

    What several have given is the first worker's.
    """
    solutions, names = view.state.responses.solutions, view.state.numbering.keys
    assert solutions is not None, "authors are told where answers are judged"
    rows = view.state.responses.of(items)
    rows = rows[solutions.of.values[rows] != NO_SOLUTION][::-1]
    workers = (view.state.workers[worker].id for worker in view.state.responses.workers(rows).tolist())
    first = dict(zip(solutions.of.values[rows].tolist(), workers, strict=True))
    found: list[str | None] = []
    for item, *given in zip(items.tolist(), *answers.values(), strict=True):
        key = check_key(view.task.outputs, names[item], dict(zip(answers, given, strict=True)))
        number = solutions.index.get(key, NO_SOLUTION)
        drafted = number != NO_SOLUTION and number == solutions.draft.values[item]
        found.append(first.get(number, MODEL if drafted else None))
    return found


def unchanged_shares(view: RunView) -> NDArray[np.float64]:
    """By worker the share of their answers to items with a draft that say what it says; NaN without such."""
    state = view.state
    shares = np.full(len(state.workers), np.nan)
    if not view.items.drafted:
        return shares
    rows: Places = np.flatnonzero(state.responses.report.values == NO_REPORT)
    found = changed(view, state.responses.item.values[rows], view.quality.given(rows))
    there = ~np.asarray(found.isna())
    workers = state.responses.workers(rows)[there]
    drafts = np.bincount(workers, minlength=len(shares))
    kept = np.bincount(workers, weights=~found.to_numpy(bool, na_value=False)[there], minlength=len(shares))
    np.divide(kept, drafts, out=shares, where=drafts > 0)
    return shares
