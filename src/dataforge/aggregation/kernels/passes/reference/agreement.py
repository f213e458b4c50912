"""Passes of a model with one number for each pair of worker and label."""

from __future__ import annotations

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.parts import AgreementSums, Part
from dataforge.aggregation.kernels.probabilities import entropy_of, softmax, softmax_evidence
from dataforge.aggregation.kernels.sums import of_columns, tally

__all__ = ["agreement_posteriors", "agreement_sums"]


def agreement_posteriors(part: Part, gain: Floats, log_prior: Floats) -> Floats:
    """P(k) ∝ prior[k] · Π exp(gain[row]) over the answers that name k, shape (n_tasks, n_labels)."""
    return softmax(_summed(part, part.cell, gain, log_prior), part)


def agreement_sums(part: Part, gain: Floats, log_prior: Floats) -> AgreementSums:
    """One E-step of a model that needs one number per pair of worker and label, and the sums for its M-step."""
    cell = part.cell
    posteriors, evidence = softmax_evidence(_summed(part, cell, gain, log_prior), part)
    credit = tally(part.answers, posteriors.ravel().take(cell), part.n_rows)
    answered = part.counts @ posteriors
    return AgreementSums(credit, of_columns(posteriors), answered, entropy_of(posteriors), float(evidence.sum()))


def _summed(part: Part, cell: Places, gain: Floats, log_prior: Floats) -> Floats:
    """Log weights of the labels, shape (n_tasks, n_labels)."""
    sums = tally(cell, gain.take(part.answers), part.n_tasks * part.n_labels)
    weights: Floats = sums.reshape(part.n_tasks, part.n_labels) + log_prior
    return weights
