"""Dawid–Skene: expectation–maximisation over one confusion matrix per worker (Dawid and Skene, 1979).

Three things differ from the textbook, because money is staked on the confidence and pages bring 2 to 5 answers an item:

* A worker's matrix is drawn towards the mean matrix of all workers, which counts like `strength` answers per row, so
  that a worker of few answers is neither an oracle nor a fool.
* Label frequencies are the shares of votes and stay fixed. Learnt together with the matrices they run away: on sets
  with few answers an item EM then calls nearly everything by the most frequent label.
* Reported probabilities take the answers' evidence to the power `temper`. Workers err on the same hard items, so their
  errors are not as independent as the model believes. EM itself runs on the full evidence.

Twelve public sets with gold labels (2 to 8 classes, binary to fine-grained), thinned to 2, 3 and 5 answers an item,
with none and a tenth of the items known; means over all of them:

    variant                                    accuracy   calibration error   mean confidence - accuracy
    share of votes                                0.751               0.102                        0.034
    textbook (0.01 per cell, learnt prior)        0.771               0.152                        0.145
    strength 3, votes as prior, temper 1          0.784               0.101                        0.087
    strength 3, votes as prior, temper 0.7        0.783               0.077                        0.044
    strength 3, votes as prior, temper 0.5        0.780               0.069                       -0.003
    strength 1, votes as prior, temper 0.7        0.781               0.094                        0.072
    strength 6, votes as prior, temper 0.7        0.781               0.072                        0.027

A temper of 0.5 is a little more honest still, but asks for more answers where workers do err independently; 0.7 is
the default. Of the items with a confidence of 0.9 or more, 90 % were right (textbook: 82 %).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus.base import Consensus, Responses, normalised, shares, vote_counts

__all__ = ["PLUGIN", "DawidSkene"]


@dataclass(frozen=True)
class DawidSkene:
    """Probabilities and confusion matrices by expectation–maximisation; known answers stay what they are.

    `strength` is how many answers per row the mean matrix counts for. `temper` is the power of the evidence in the
    probabilities reported. EM ends when the probabilities of an item move by less than `tolerance` on average.
    """

    strength: float = 3.0
    temper: float = 0.7
    max_iter: int = 100
    tolerance: float = 1e-5

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels and each worker's confusion matrix."""
        voted = shares(vote_counts(responses), responses)
        prior = label_frequencies(responses, voted)
        believed = voted
        earlier = None if start is None else start.for_workers(np.arange(responses.n_workers)).confusion
        if earlier is not None:
            believed = posteriors(responses, earlier, prior, 1.0)
        answered = np.bincount(responses.item, minlength=responses.n_items) > 0
        n_iter, converged = 0, not answered.any()
        confusion = self._confusion(responses, believed)
        while not converged and n_iter < self.max_iter:
            n_iter += 1
            before, believed = believed, posteriors(responses, confusion, prior, 1.0)
            confusion = self._confusion(responses, believed)
            converged = bool(np.abs(believed - before)[answered].mean() < self.tolerance)
        return Consensus(
            probabilities=posteriors(responses, confusion, prior, self.temper),
            skills=np.einsum("wcc,c->w", confusion, prior),
            confusion=confusion,
            n_iter=n_iter,
            converged=converged,
            prior=prior,
        )

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the confusion matrices of `consensus`; a worker who is new has the mean matrix."""
        confusion = consensus.for_workers(np.arange(responses.n_workers)).confusion
        if confusion is None or consensus.prior is None:
            return shares(vote_counts(responses), responses)
        return posteriors(responses, confusion, consensus.prior, self.temper)

    def _confusion(self, responses: Responses, believed: Floats) -> Floats:
        """Smoothed confusion matrices under the believed labels, shape (n_workers, n_labels, n_labels)."""
        n_labels = responses.n_labels
        cell = responses.worker.astype(np.int64) * n_labels + responses.label
        counts = np.zeros((responses.n_workers, n_labels, n_labels))
        for right in range(n_labels):
            weights = believed[:, right][responses.item]
            counts[:, right] = np.bincount(cell, weights=weights, minlength=responses.n_workers * n_labels).reshape(
                responses.n_workers, n_labels
            )
        # One right answer and one spread over all labels, so that a label nobody has met yet has a row as well.
        mean = counts.sum(axis=0) + np.eye(n_labels) + 1.0 / max(n_labels, 1)
        mean /= mean.sum(axis=1, keepdims=True)
        counts += self.strength * mean
        counts /= counts.sum(axis=2, keepdims=True)
        return counts


def posteriors(responses: Responses, confusion: Floats, prior: Floats, power: float) -> Floats:
    """Label probabilities under given matrices, the evidence taken to a power, shape (n_items, n_labels)."""
    cell = responses.worker.astype(np.int64) * responses.n_labels + responses.label
    evidence = np.zeros(responses.shape)
    for right in range(responses.n_labels):
        log_row = power * np.log(confusion[:, right, :]).ravel()
        evidence[:, right] = np.bincount(responses.item, weights=log_row[cell], minlength=responses.n_items)
    return normalised(evidence + np.log(prior), responses)


def label_frequencies(responses: Responses, voted: Floats) -> Floats:
    """Smoothed label frequencies among the items whose answer is not known, shape (n_labels,)."""
    counted = np.bincount(responses.item, minlength=responses.n_items) > 0
    if responses.known is not None:
        counted &= responses.known < 0
    counts = voted[counted].sum(axis=0) + 1.0
    frequency: Floats = counts / max(counts.sum(), 1.0)
    return frequency


PLUGIN = DawidSkene()
