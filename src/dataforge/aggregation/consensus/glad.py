"""GLAD for runs: worker abilities and item difficulties (Whitehill et al., 2009).

P(worker w is right on item i) = sigmoid(alpha[w] · exp(beta[i])). Abilities are learnt together with difficulties. An
item's own difficulty is not kept between calls, and hardly known from the few answers of a page: probabilities are the
mean over all difficulties, weighted by their normal prior and by how well they explain the item's answers.

Labels are equally frequent beforehand: on twelve public sets thinned to 3 answers an item 0.780 of the labels are right
and the calibration error is 0.074, with frequencies taken from the votes 0.758 and 0.102.

A worker's skill is P(right) on an item of ordinary difficulty, from which the ability follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import engine_of, part_of
from dataforge.aggregation.consensus.base import Consensus, Responses
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.glad import Abilities, glad, log_others_of
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.probabilities import softmax

__all__ = ["GLAD", "PLUGIN"]

# The mean of the normal prior of beta; its variance is 1.
ORDINARY = 1.0
# A skill of exactly 0 or 1 would be an endless ability.
LEAST = 1e-12


@dataclass(frozen=True)
class GLAD:
    """Probabilities by abilities and difficulties; known answers stay what they are.

    `nodes` is how many difficulties stand for all. `temper` is the power of the evidence in the probabilities reported.
    EM takes `n_iter` iterations: its loss has no entropy, so that it falls now and then long before the end.
    """

    nodes: int = 9
    temper: float = 0.7
    n_iter: int = 20

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels and each worker's skill."""
        part = part_of(responses)
        begin = None
        if start is not None:
            earlier = start.for_workers(np.arange(responses.n_workers)).skills
            even = np.full(responses.n_labels, 1 / max(responses.n_labels, 1))
            begin = Abilities(abilities(earlier), np.full(responses.n_items, ORDINARY), even)
        found = glad(
            engine_of(part),
            n_iter=self.n_iter,
            tol=-np.inf,
            class_prior=None,
            alpha_mean=np.ones(responses.n_workers),
            beta_mean=np.full(responses.n_items, ORDINARY),
            m_step_max_iter=25,
            m_step_tol=1e-2,
            start=begin,
        )
        skills = 1 / (1 + np.exp(-found.parameters.alpha * np.exp(ORDINARY)))
        return Consensus(
            probabilities=self._probabilities(part, skills),
            skills=skills,
            n_iter=len(found.loss_history),
        )

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the skills of `consensus`; a worker who is new has the mean one."""
        skills = consensus.for_workers(np.arange(responses.n_workers)).skills
        return self._probabilities(part_of(responses), skills)

    def _probabilities(self, part: Part, skills: Floats) -> Floats:
        """Label probabilities, the difficulties integrated out by Gauss–Hermite quadrature."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(self.nodes)
        alpha = abilities(skills)
        log_others = log_others_of(part.n_labels)
        whole = np.full((part.n_tasks, part.n_labels), -np.inf)
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            odds = alpha * np.exp(ORDINARY + node)
            missed = steps.vote_sums(part, -np.logaddexp(0.0, odds) - log_others).sum(axis=1, keepdims=True)
            whole = np.logaddexp(whole, np.log(weight) + missed + steps.vote_sums(part, odds + log_others))
        return softmax(self.temper * whole, part)


def abilities(skills: Floats) -> Floats:
    """The alpha of workers who are right with these probabilities on an item of ordinary difficulty."""
    sure = np.clip(skills, LEAST, 1 - LEAST)
    alpha: Floats = (np.log(sure) - np.log1p(-sure)) / np.exp(ORDINARY)
    return alpha


PLUGIN = GLAD()
