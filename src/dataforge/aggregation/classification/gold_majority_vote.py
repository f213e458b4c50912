"""A vote weighted by accuracy on known answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._skilled import Agreement, SkilledVote
from dataforge.aggregation.classification.verdict import Verdict
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.parts import Hits
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["GoldMajorityVote"]


@named_entries
@dataclass(eq=False)
class GoldMajorityVote(SkilledVote):
    """A vote weighted by each worker's accuracy on tasks whose answer is known.

    Known answers are there to measure workers: they do not overrule the vote on their tasks. A task may have several,
    each in a row of its own: any of them is right.
    """

    several_right: ClassVar[bool] = True

    def fit(self, data: Table, true_labels: Keyed) -> Self:  # type: ignore[override]  # cannot learn without them
        """The estimator itself; `true_labels` holds the known answer of some tasks."""
        return super().fit(data, true_labels)

    def fit_predict(self, data: Table, true_labels: Keyed) -> Any:  # type: ignore[override]
        """The label of each task by the weighted vote."""
        return self.fit(data, true_labels).predict(data)

    def fit_predict_proba(self, data: Table, true_labels: Keyed) -> Any:  # type: ignore[override]
        """The share of the weighted vote for each label."""
        return self.fit(data, true_labels).predict_proba(data)

    def _agreement(self, answers: LabelAnswers, start: Floats | None) -> Agreement:
        if answers.known is None:
            raise AggregationError("a vote weighted by known answers needs true_labels, got none")
        marked = steps.marked(answers.part())
        first, *others = (steps.hits(marked, codes) for codes in answers.right_labels() or (answers.known,))
        hits = Hits(first.right + sum(more.right for more in others), first.given)
        return Agreement(votes.share_right(hits, unknown=np.nan), hits)

    def _vote(self, answers: LabelAnswers) -> Verdict:
        return super()._vote(replace(answers, known=None))
