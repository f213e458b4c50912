"""The one-coin model: one accuracy per worker."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification._model import (
    BEGINNER,
    LabelsPriors,
    LogPriors,
    WorkerModel,
    class_prior,
    two_counts,
)
from dataforge.aggregation.classification.dawid_skene import error_table, pairs_given
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.information import right_or_wrong
from dataforge.aggregation.kernels.one_coin import Accuracies, Fit, gain_of, log_prior_of, one_coin, right_and_wrong
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.tables.labels import LabelAnswers, Moves
from dataforge.arguments import named_entries

__all__ = ["OneCoinDawidSkene"]


@named_entries
@dataclass(eq=False)
class OneCoinDawidSkene(WorkerModel[Fit]):
    """EM over one accuracy per worker, errors spread evenly over the other labels (Zhang et al., 2016).

    `initial_error_strategy` has no effect. `worker_prior` is a pair of pseudo-counts, right and wrong, added to every
    worker's answers. `labels_priors` holds the probability of each label, which is not estimated then: "equal" keeps a
    learnt one from running away to one label for all. `temper` is the power that the evidence is taken to in the
    probabilities. More answers are taken as by `DawidSkene`. Runs and the command `dataforge aggregate` use
    `OneCoinDawidSkene(tol=1e-7, worker_prior=(4, 1), labels_priors="equal", temper=0.7)`.
    """

    n_iter: int = 100
    tol: float = 1e-5
    initial_error_strategy: Literal["assign", "addition"] | None = None
    labels_priors: LabelsPriors = field(default=None, kw_only=True)
    worker_prior: tuple[float, float] = field(default=(0.0, 0.0), kw_only=True)
    temper: float = field(default=1.0, kw_only=True)

    def _run(self, answers: LabelAnswers, start: Fit | None) -> Fit:
        engine = answers.engine()
        return one_coin(
            engine,
            n_iter=self.n_iter,
            tol=self.tol,
            start=None if start is None else start.parameters,
            class_prior=class_prior(answers, self.labels_priors, engine),
            worker_prior=two_counts(self.worker_prior),
            temper=self.temper,
            on_iteration=self.on_iteration,
        )

    def _moved(self, found: Fit, answers: LabelAnswers, moves: Moves) -> Fit:
        n_tasks, _, n_labels = moves.shape
        right, wrong = BEGINNER
        given = moves.by_worker(found.given, 0.0)
        skills = (moves.by_worker(found.parameters.skills, 0.0) * given + right) / (given + right + wrong)
        prior = np.full(n_labels, 1 / (n_tasks + n_labels))
        prior[moves.label] = found.parameters.prior
        return replace(found, parameters=Accuracies(skills, prior / prior.sum()))

    def _log_priors(self, found: Fit) -> LogPriors:
        workers = found.parameters
        right, wrong = right_and_wrong(workers.skills, len(workers.prior))
        pseudo_right, pseudo_wrong = self.worker_prior
        density = pseudo_right * np.log(right) + pseudo_wrong * np.log(wrong)
        return log_prior_of(workers.prior), float(density.sum())

    def _posteriors(self, part: Part, found: Fit) -> Floats:
        workers = found.used or found.parameters
        skills = np.append(workers.skills, 1 / max(part.n_labels, 1))
        return steps.agreement_posteriors(
            part, self.temper * gain_of(skills, part.n_labels), log_prior_of(workers.prior)
        )

    @property
    def priors_(self) -> Any:
        """The share of tasks of each label."""
        return self._last.answers.by_label(self._last.found.parameters.prior, "prior")

    @property
    def skills_(self) -> Any:
        """P(the worker is right)."""
        return self._last.answers.by_worker(self._last.found.parameters.skills, "skill")

    @property
    def errors_(self) -> Any:
        """P(the worker gives the label of the row | the label of the column is right); labels given only."""
        answers = self._last.answers
        return _by_pair(answers, *right_and_wrong(self._last.found.parameters.skills, len(answers.labels)))

    @property
    def errors_std_(self) -> Any:
        """Standard deviation of `errors_`, from the law behind `skill_intervals`."""
        answers = self._last.answers
        right, wrong = self._law()
        std = np.sqrt(right * wrong / (right + wrong + 1)) / (right + wrong)
        return _by_pair(answers, std, std / max(len(answers.labels) - 1, 1))

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `skill`, and its interval `low`, `high`.

        The interval is that of a Beta law with a flat prior, over as many answers as the worker's are worth given that
        the right labels are not known for sure.
        """
        found = self._last.found
        return beta_intervals(self._last.answers, found.given, found.parameters.skills, *self._law(), level)

    def _law(self) -> tuple[Floats, Floats]:
        fitted = self._last
        given = fitted.found.given + sum(self.worker_prior)
        right = fitted.found.parameters.skills * given
        return right_or_wrong(fitted.answers.part(), fitted.verdict.matrix, right, given)


def _by_pair(answers: LabelAnswers, same: Floats, other: Floats) -> Any:
    """`same` where the answer is the right label, `other` elsewhere, by worker and label given."""
    n_labels = len(answers.labels)
    worker, label = np.divmod(pairs_given(answers), max(n_labels, 1))
    matrix = np.repeat(other[worker, None], n_labels, axis=1)
    matrix[np.arange(len(worker)), label] = same[worker]
    return error_table(answers, matrix)
