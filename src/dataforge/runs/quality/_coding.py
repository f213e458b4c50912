"""Answers of a run in codes, as an aggregator takes them in, with what is known of how far to believe them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus import base
from dataforge.runs.core.columns import Flags, Places, distinct, places_in
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._doubt import Coded, Doubts
from dataforge.runs.quality._fits import of_fit
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._workers import Workers

__all__ = ["Coding"]


class Coding:
    """Codes the answers of a run; what its workers are like is looked up in `workers` each time."""

    def __init__(self, responses: Responses, workers: Workers) -> None:
        self._responses = responses
        self._workers = workers

    def of(self, output: Output, items: Places, rows: Places, workers: NDArray[np.integer], drawn: Flags) -> Coded:
        """Coded answers: `items` first, then the control items that `rows` name; `workers` in their order."""
        numbering = self._responses.numbering
        rows = self._workers.by_themselves(self._responses, rows[output.answers.codes[rows] >= 0])
        labels, named = output.answers.codes[rows], self._responses.item.values[rows]
        controls = distinct(named[numbering.control[named]])
        everything = np.concatenate([items, controls])
        # Of what somebody has picked by hand only a sample that was drawn by chance shows how good answers are.
        shows = numbering.control[everything] | drawn[everything]
        answers = base.Responses(
            item=places_in(everything, named, len(numbering)),
            worker=places_in(workers, self._responses.workers(rows), len(self._workers)),
            label=labels.astype(np.int32),
            n_items=len(everything),
            n_workers=len(workers),
            n_labels=len(output.answers.labels),
            known=output.known_to_be(everything, shows),
            skill=self._workers.weights(output, workers) if self._workers.checked else None,
            allowed=None if output.allowed is None else output.allowed.values[everything],
            ordered=output.slot.type.ordered and output.slot.required,
        )
        left = self._workers.left(self._responses, rows)
        changed = None if left is None else left < 1
        if not self._workers.checked:
            alone = None if left is None else Doubts.of_ability(left)
            return Coded(answers, everything, alone, changed, rows)
        few = (of_fit(self._workers.worth, self._responses.workers(rows), 1.0) < 1) & ~numbering.control[named]
        vouched = of_fit(self._workers.vouched, self._responses.page.values[rows], 1.0)
        right, as_one = of_fit(output.shares, workers, 1.0), of_fit(self._workers.recognises, workers, False)
        doubts = Doubts(vouched if left is None else vouched * left, right[answers.worker], as_one[answers.worker])
        return Coded(answers, everything, doubts, changed, rows, few)
