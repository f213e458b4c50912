"""How far answers to control items would be believed if nobody knew what is right there.

What is measured at a control item must not have been told by it: an answer that is wrong lowers its worker's record and
fails its page, and so claims at control items would be low just where they are wrong, and come out too good. So each
answer is left out of its worker's record, in which one counts that is right as often as all are, and counts if its page
would have been accepted for the other control items on it, as one to a real item does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._doubt import Coded, Unseen
from dataforge.runs.quality._fits import of_fit
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._workers import Workers

__all__ = ["with_unseen"]

# What one answer weighs in the record of who met one control item.
MET_NO_OTHER = 0.5

Needed = Callable[[int], int]
"""How many of so many control items on a page must be right."""


def with_unseen(
    coded: Coded, output: Output, outputs: Sequence[Output], responses: Responses, workers: Workers, needed: Needed
) -> Coded:
    """The same answers to `output`, with what would be believed of those to control items if nobody knew these."""
    answers, doubts, rows = coded.answers, coded.doubts, coded.rows
    if doubts is None or rows is None or answers.known is None:
        return coded
    known = answers.known[answers.item]
    named = coded.items[answers.item].astype(np.int64)
    here = np.flatnonzero((known >= 0) & responses.numbering.control[named])
    if not len(here):
        return coded
    rows, named, given = rows[here], named[here], responses.workers(rows[here])
    counts = np.ones(len(known), bool)
    counts[here] = _accepted_by_others(responses, rows, _right(outputs, rows, named), needed)
    vouched, right = doubts.vouched.copy(), doubts.right.copy()
    left = workers.left(responses, rows)
    vouched[here] = of_fit(workers.worth, given, 1.0) * (1.0 if left is None else left)
    credit = output.credit(rows, known[here])
    weight = workers.weight_of_one(given)
    # Who met no other item is believed like everybody who met none.
    right[here] = np.where(weight < MET_NO_OTHER, right[here] + (credit.mean() - credit) * weight, 1.0)
    return coded._replace(unseen=Unseen(doubts._replace(vouched=vouched, right=right), counts))


def _right(outputs: Sequence[Output], rows: Places, named: Places) -> Flags:
    """Which of these answers pass for right, in all outputs whose answer is known."""
    found: Flags = np.all([output.is_right(rows, output.known.values[named]) for output in outputs], axis=0)
    return found


def _accepted_by_others(responses: Responses, rows: Places, right: Flags, needed: Needed) -> Flags:
    """Which of these answers to control items are on pages that the others there would have had accepted."""
    page = responses.page.values[rows]
    pages = responses.pages
    others, correct = (np.array(each, np.int64)[page] for each in (pages.controls, pages.correct))
    others = np.maximum(others - 1, 0)
    sizes, place = np.unique(others, return_inverse=True)
    least: Floats = np.array([needed(size) for size in sizes.tolist()])
    # A page with no other is one that is not judged by any.
    found: Flags = (others == 0) | (correct - right >= least[place])
    return found
