"""A vote weighted by accuracy on known answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._skilled import SkilledVote
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.parts import Hits
from dataforge.errors import AggregationError

__all__ = ["GoldMajorityVote"]


@dataclass(eq=False)
class GoldMajorityVote(SkilledVote):
    """A vote weighted by each worker's accuracy on tasks whose answer is known.

    Known answers are there to measure workers: they do not overrule the vote on their tasks.
    """

    def fit(self, data: Any, true_labels: Any) -> Self:  # type: ignore[override]  # cannot learn without them
        """The estimator itself; `true_labels` holds the known answer of some tasks."""
        return self._learn(self._read(data, true_labels), None)

    def fit_predict(self, data: Any, true_labels: Any) -> Any:  # type: ignore[override]
        """The label of each task by the weighted vote."""
        self._learn(self._read(data, true_labels), None)._apply(self._read(data))
        return self.labels_

    def fit_predict_proba(self, data: Any, true_labels: Any) -> Any:  # type: ignore[override]
        """The share of the weighted vote for each label."""
        self.fit_predict(data, true_labels)
        return self.probas_

    def _agreement(self, responses: Responses, start: Floats | None) -> tuple[Floats, Hits]:
        if responses.known is None:
            raise AggregationError("a vote weighted by known answers needs true_labels, got none")
        hits = steps.hits(steps.marked(responses.part()), responses.known)
        return votes.share_right(hits, unknown=np.nan), hits

    def _apply(self, responses: Responses) -> None:
        super()._apply(replace(responses, known=None))
