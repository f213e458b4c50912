"""MACE: workers either know the answer or spam."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._advice import warn_of_levelled_labels
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification._model import LabelsPriors, WorkerModel, class_prior
from dataforge.aggregation.classification.verdict import Verdict
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.information import knows_or_spams
from dataforge.aggregation.kernels.mace import Fit, Settings, Spammers, gain_of, mace
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.progress import shown
from dataforge.aggregation.tables.labels import LabelAnswers, Moves
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["MACE"]


@named_entries
@dataclass(eq=False)
class MACE(WorkerModel[Fit]):
    """Multi-Annotator Competence Estimation (Hovy et al., 2013): of several random starts the most probable one.

    A worker spams with some probability and then answers by a strategy of their own, or else knows. `method` is "vb"
    (variational Bayes with a Beta prior `alpha`, `beta`) or "em" (smoothing 0.01 divided by the number of labels;
    `smoothing` is kept for compatibility). `default_noise` widens the random start; `verbose` shows progress.
    `labels_priors` holds the probability of each label, equal otherwise. `loss_history_` is the objective, priors
    included, after each iteration of the start chosen: it never falls, and no other start ends higher.
    """

    n_restarts: int = 10
    n_iter: int = 50
    method: Literal["vb", "em"] = "vb"
    smoothing: float = 0.1
    default_noise: float = 0.5
    alpha: float = 0.5
    beta: float = 0.5
    random_state: int | None = 0
    verbose: int = 0
    labels_priors: LabelsPriors = field(default=None, kw_only=True)

    def _run(self, answers: LabelAnswers, start: Fit | None) -> Fit:
        if self.method not in ("vb", "em"):
            raise AggregationError(f"method needs to be 'vb' or 'em', got {self.method!r}")
        engine = answers.engine()
        total = self.n_iter * (1 if start else self.n_restarts)
        with shown("MACE", total, self.on_iteration, silent=self.verbose < 1) as on_iteration:
            return mace(
                engine,
                n_restarts=self.n_restarts,
                n_iter=self.n_iter,
                settings=Settings(self.method, self.alpha, self.beta, _smoothing(answers)),
                noise=self.default_noise,
                seed=self.random_state,
                class_prior=class_prior(answers, self.labels_priors, engine),
                start=None if start is None else start.parameters,
                on_iteration=on_iteration,
            )

    def _advise(self, verdict: Verdict) -> None:
        super()._advise(verdict)
        if self.labels_priors is None:
            warn_of_levelled_labels(verdict, type(self).__name__)

    def _moved(self, found: Fit, answers: LabelAnswers, moves: Moves) -> Fit:
        _, n_workers, n_labels = moves.shape
        spamming = np.full((n_workers, 2), 0.5)
        thetas = np.full((n_workers, n_labels), 1 / n_labels)
        kept = moves.worker >= 0
        spamming[moves.worker[kept]] = found.parameters.spamming[kept]
        thetas[np.ix_(moves.worker[kept], moves.label)] = found.parameters.thetas[kept]
        return replace(found, parameters=Spammers(spamming, thetas))

    def _posteriors(self, part: Part, found: Fit) -> Floats:
        stranger = np.array([[1.0, 0.0]])  # whose answer says nothing
        spamming = np.vstack([found.parameters.spamming, stranger])
        thetas = np.vstack([found.parameters.thetas, np.full((1, part.n_labels), 1 / max(part.n_labels, 1))])
        prior = class_prior(self._last.answers, self.labels_priors, self._last.answers.engine())
        with np.errstate(divide="ignore"):
            log_prior = np.log(np.full(part.n_labels, 1 / part.n_labels) if prior is None else prior)
        return steps.agreement_posteriors(part, gain_of(Spammers(spamming, thetas)), log_prior)

    @property
    def spamming_(self) -> Floats:
        """P(spams) and P(knows), a row for each worker in sorted order."""
        return self._last.found.parameters.spamming.copy()

    @property
    def thetas_(self) -> Floats:
        """P(label | spams), a row for each worker and a column for each label, both in sorted order."""
        return self._last.found.parameters.thetas.copy()

    @property
    def skills_(self) -> Any:
        """P(the worker knows)."""
        return self._last.answers.by_worker(self._last.found.parameters.spamming[:, 1], "skill")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `skill` (P(the worker knows)), and its interval `low`, `high`.

        The interval is that of a Beta law with a flat prior, over as many answers as the worker's are worth given that
        neither the right labels nor who spammed are known for sure; strategies of spammers are taken as they are.
        """
        answers, workers = self._last.answers, self._last.found.parameters
        given = np.bincount(answers.worker, minlength=len(answers.workers)).astype(np.float64)
        law = knows_or_spams(answers.part(), self._last.verdict.matrix, workers.spamming, workers.thetas)
        return beta_intervals(answers, given, workers.spamming[:, 1], *law, level)

    @property
    def theta_priors_(self) -> Floats:
        """The Beta prior of spamming, a row for each worker."""
        return np.tile(np.array([self.alpha, self.beta]), (len(self._last.answers.workers), 1))

    @property
    def strategy_priors_(self) -> Floats:
        """The Dirichlet prior of spammers' strategies, a row for each worker."""
        return np.full(self._last.found.parameters.thetas.shape, 10.0)

    @property
    def smoothing_(self) -> float:
        """What "em" adds to each count."""
        return _smoothing(self._last.answers)


def _smoothing(answers: LabelAnswers) -> float:
    return 0.01 / max(len(answers.labels), 1)
