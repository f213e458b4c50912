"""MACE for runs: workers either know the answer or answer by a habit of their own (Hovy et al., 2013).

P(worker w answers a | c is right) = knows[w] · [a = c] + spams[w] · theta[w, a], which is a confusion matrix. The start
is each worker's agreement with the others rather than a random one, so the same answers give the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import engine_of, part_of
from dataforge.aggregation.consensus.base import Consensus, Responses
from dataforge.aggregation.consensus.dawid_skene import confusions, predicted
from dataforge.aggregation.kernels import votes
from dataforge.aggregation.kernels.dawid_skene import posteriors_under, smoothed_shares
from dataforge.aggregation.kernels.mace import Settings, Spammers, mace
from dataforge.aggregation.kernels.parts import Part

__all__ = ["MACE", "PLUGIN"]


@dataclass(frozen=True)
class MACE:
    """Probabilities by who knows and who spams, by variational Bayes; known answers stay what they are.

    `temper` is the power of the evidence in the probabilities reported.
    """

    temper: float = 0.7
    n_iter: int = 50

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels and each worker's confusion matrix."""
        part = part_of(responses)
        prior = smoothed_shares(engine_of(part))
        earlier = None if start is None else start.for_workers(np.arange(responses.n_workers)).confusion
        found = mace(
            engine_of(part),
            n_restarts=1,
            n_iter=self.n_iter,
            settings=Settings("vb", alpha=0.5, beta=0.5, smoothing=0.0),
            noise=0.0,
            seed=None,
            class_prior=prior,
            start=_agreeing(part) if earlier is None else spammers(earlier),
        )
        confusion = confusion_of(found.parameters)
        return Consensus(
            probabilities=posteriors_under(part, confusions(confusion, prior), self.temper),
            skills=np.einsum("wcc,c->w", confusion, prior),
            confusion=confusion,
            n_iter=self.n_iter,
            converged=found.converged,
            prior=prior,
        )

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the confusion matrices of `consensus`; a worker who is new has the mean matrix."""
        return predicted(responses, consensus, self.temper)


def _agreeing(part: Part) -> Spammers:
    """Workers who know as often as they agree with the others, and else choose any label."""
    knows = votes.agreement_with_others(part)
    thetas = np.full((part.n_workers, part.n_labels), 1 / max(part.n_labels, 1))
    return Spammers(np.stack([1 - knows, knows], axis=1), thetas)


def confusion_of(workers: Spammers) -> Floats:
    """P(the worker answers a | c is right), shape (n_workers, n_labels, n_labels)."""
    n_labels = workers.thetas.shape[1]
    spam = workers.spamming[:, :1] * workers.thetas
    confusion: Floats = spam[:, None, :] + workers.spamming[:, 1, None, None] * np.eye(n_labels)
    # Parameters of variational Bayes do not add up to one.
    confusion /= confusion.sum(axis=2, keepdims=True)
    return confusion


def spammers(confusion: Floats) -> Spammers:
    """The workers who have these matrices."""
    n_labels = confusion.shape[1]
    label = np.arange(n_labels)
    # What a worker answers where something else is right is spam.
    spam = confusion[:, (label + 1) % max(n_labels, 1), label] if n_labels > 1 else np.zeros(confusion.shape[:2])
    spams = spam.sum(axis=1)
    thetas = np.divide(spam, spams[:, None], out=np.full_like(spam, 1 / max(n_labels, 1)), where=spams[:, None] > 0)
    return Spammers(np.stack([spams, 1 - spams], axis=1), thetas)


PLUGIN = MACE()
