"""A vote that a single opinion does not make certain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation import Consensus, Responses

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CautiousVote:
    """Shares of votes, with `doubt` votes more that are spread evenly over the labels open for an item."""

    doubt: float = 1.0

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels, and of each worker how probable the given labels are on average."""
        found = self._probabilities(responses)
        agreed = np.bincount(
            responses.worker, weights=found[responses.item, responses.label], minlength=responses.n_workers
        )
        given = np.bincount(responses.worker, minlength=responses.n_workers)
        return Consensus(probabilities=found, skills=(agreed + 0.5) / (given + 1))

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities of the labels of other items; workers do not matter to a vote."""
        return self._probabilities(responses)

    def _probabilities(self, responses: Responses) -> Floats:
        votes = np.zeros(responses.shape)
        np.add.at(votes, (responses.item, responses.label), 1.0)
        is_open = np.ones(responses.shape) if responses.allowed is None else responses.allowed.astype(np.float64)
        votes = votes * is_open + self.doubt * is_open / np.maximum(is_open.sum(axis=1, keepdims=True), 1.0)
        found: Floats = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-300)
        if responses.known is not None:
            sure = np.flatnonzero(responses.known >= 0)
            found[sure] = np.eye(responses.n_labels)[responses.known[sure]]
        return found


PLUGIN = CautiousVote()
