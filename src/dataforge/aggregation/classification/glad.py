"""GLAD: worker abilities and task difficulties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._intervals import normal_intervals
from dataforge.aggregation.classification._model import LabelsPriors, WorkerModel, class_prior
from dataforge.aggregation.kernels import difficulty
from dataforge.aggregation.kernels.glad import Abilities, Fit, glad, log_others_of
from dataforge.aggregation.kernels.information import ability_errors
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.progress import shown
from dataforge.aggregation.tables.frames import Keyed
from dataforge.aggregation.tables.labels import LabelAnswers, Moves, numbers_by
from dataforge.aggregation.tables.values import Values
from dataforge.arguments import named_entries

__all__ = ["GLAD"]


@named_entries
@dataclass(eq=False)
class GLAD(WorkerModel[Fit]):
    """Generative model of Labels, Abilities and Difficulties (Whitehill et al., 2009).

    P(a worker is right on a task) = sigmoid(alpha of the worker · exp(beta of the task)): a great alpha is an able
    worker, a small beta a hard task. Both have normal priors of variance 1 around 1, or around `alphas_priors_mean`
    and `betas_priors_mean`. Labels are equally probable beforehand, or as `labels_priors` says. `silent=False` shows
    progress.
    """

    n_iter: int = 100
    tol: float = 1e-5
    silent: bool = True
    labels_priors: LabelsPriors = None
    alphas_priors_mean: Keyed | None = None
    betas_priors_mean: Keyed | None = None
    m_step_max_iter: int = 25
    m_step_tol: float = 1e-2

    def _run(self, answers: LabelAnswers, start: Fit | None) -> Fit:
        engine = answers.engine()
        with shown("GLAD", self.n_iter, self.on_iteration, silent=self.silent) as on_iteration:
            return glad(
                engine,
                n_iter=self.n_iter,
                tol=self.tol,
                class_prior=class_prior(answers, self.labels_priors, engine),
                alpha_mean=_means(answers.workers, self.alphas_priors_mean, "alphas_priors_mean", answers),
                beta_mean=_means(answers.tasks, self.betas_priors_mean, "betas_priors_mean", answers),
                m_step_max_iter=self.m_step_max_iter,
                m_step_tol=self.m_step_tol,
                start=None if start is None else start.parameters,
                on_iteration=on_iteration,
            )

    def _moved(self, found: Fit, answers: LabelAnswers, moves: Moves) -> Fit:
        alpha, beta = moves.by_worker(found.parameters.alpha, 1.0), moves.by_task(found.parameters.beta, 1.0)
        prior = class_prior(answers, self.labels_priors, answers.engine())
        if prior is None:
            prior = np.full(moves.shape[2], 1 / moves.shape[2])
        return replace(found, parameters=Abilities(alpha, beta, prior))

    def _posteriors(self, part: Part, found: Fit) -> Floats:
        alpha = np.append(found.used.alpha, 0.0)  # a stranger's answer says nothing
        beta = np.ones(part.n_tasks)  # a new task is as easy as the prior says
        with np.errstate(divide="ignore"):
            log_prior = np.log(found.used.prior)
        log_others = log_others_of(part.n_labels)
        return difficulty.posteriors(part, alpha, beta, part.n_answers, log_others, log_prior)

    @property
    def alphas_(self) -> Any:
        """The ability of each worker."""
        return self._last.answers.by_worker(self._last.found.parameters.alpha, "alpha")

    @property
    def alphas_std_(self) -> Any:
        """The standard error of each worker's ability, from the curvature of the posterior at its maximum."""
        return self._last.answers.by_worker(self._errors(), "std")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `skill` (the ability of `alphas_`), and its interval `low`, `high`."""
        answers = self._last.answers
        given = np.bincount(answers.worker, minlength=len(answers.workers)).astype(np.float64)
        return normal_intervals(answers, given, self._last.found.parameters.alpha, self._errors(), level)

    def _errors(self) -> Floats:
        fitted = self._last
        return ability_errors(fitted.answers.part(), fitted.verdict.matrix, fitted.found.parameters)

    @property
    def betas_(self) -> Any:
        """The easiness of each task, as the log of 1 / difficulty."""
        return self._last.answers.by_task(self._last.found.parameters.beta, "beta")

    @property
    def priors_(self) -> Any:
        """The probability of each label beforehand."""
        return self._last.answers.by_label(self._last.found.parameters.prior, "prior")

    @property
    def prior_labels_(self) -> NDArray[Any]:
        """The labels, in the order of the columns of `probas_`."""
        return _as_array(self._last.answers.labels)

    @property
    def tasks_(self) -> NDArray[Any]:
        """The tasks, in the order of the rows of `probas_`."""
        return _as_array(self._last.answers.tasks)

    @property
    def workers_(self) -> NDArray[Any]:
        """The workers, in the order of `alphas_`."""
        return _as_array(self._last.answers.workers)

    @property
    def alphas_priors_mean_(self) -> Any:
        """The mean of the prior of each worker's ability."""
        answers = self._last.answers
        means = _means(answers.workers, self.alphas_priors_mean, "alphas_priors_mean", answers)
        return answers.by_worker(means, "alpha")

    @property
    def betas_priors_mean_(self) -> Any:
        """The mean of the prior of each task's easiness."""
        answers = self._last.answers
        means = _means(answers.tasks, self.betas_priors_mean, "betas_priors_mean", answers)
        return answers.by_task(means, "beta")


def _as_array(ids: Values) -> NDArray[Any]:
    values = ids.to_list()
    numbers = bool(values) and isinstance(values[0], int | float)
    return np.array(values) if numbers else np.fromiter(values, object, len(values))


def _means(ids: Values, given: Keyed | None, what: str, answers: LabelAnswers) -> Floats:
    if given is None:
        return np.ones(len(ids))
    means = numbers_by(ids, given, what, answers.kind)
    return np.where(np.isnan(means), 1.0, means)
