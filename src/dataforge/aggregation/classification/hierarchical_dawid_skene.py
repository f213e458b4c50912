"""Dawid and Skene's model with workers drawn to the crowd, hard items, and confidence that known answers limit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification._model import LabelsPriors, WorkerModel, class_prior
from dataforge.aggregation.classification.ability import warn_of_chance
from dataforge.aggregation.classification.dawid_skene import error_table, pairs_given
from dataforge.aggregation.classification.evidence import not_shown, warn_of_nothing_shown
from dataforge.aggregation.classification.verdict import Verdict
from dataforge.aggregation.kernels.ability import LEAST_SHOWN, Able, as_able_as_shown
from dataforge.aggregation.kernels.engine import TableEngine
from dataforge.aggregation.kernels.hierarchical_dawid_skene import (
    Fit,
    Parameters,
    believed_of,
    ceiling_error,
    hierarchical_dawid_skene,
    label_shares,
    limited,
    matrices,
    skills_of,
    tables_of,
)
from dataforge.aggregation.kernels.information import right_or_wrong
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.memory import refuse_beyond_memory
from dataforge.aggregation.progress import OnIteration
from dataforge.aggregation.tables.labels import LabelAnswers, Moves
from dataforge.arguments import named_entries

__all__ = ["HierarchicalDawidSkene"]

# Tables of all matrices that are in memory at once: errors, and both difficulties of probabilities, logs and sums.
TABLES = 7
# Of fewer tasks it goes without saying that they show little.
SPOKEN_OF = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Limited(Able):
    """The same, and how often workers who agree err together: `error`."""

    error: float


@named_entries
@dataclass(eq=False)
class HierarchicalDawidSkene(WorkerModel[_Limited]):
    """EM over confusion matrices drawn to the crowd's, where some items are hard and known answers limit confidence.

    Made for few answers of each worker and to each task. `strength` is how many answers the crowd's matrix counts for
    in each worker's. Of a hard task four answers in five are guesses; how frequent such tasks are is learnt. `damping`:
    workers err on the same tasks, so n answers to a task count as n / (1 + (n - 1) · damping). No probability is higher
    than `ceiling_`: 1 less how often workers who agree are wrong together. Without known answers that is 0.97, what
    crowds on public sets reach; agreement cannot show it, so give `true_labels` of some tasks, a few dozen if possible.

    Whoever guesses agrees with some others by chance. So workers are also learnt without a part of the tasks, and of
    their ability as much is believed, the share `shown_`, as the answers to that part show; with ten known answers or
    more these show it, and the share is 1.

    `labels_priors` holds the probability of each label; "votes" takes the shares of votes, "equal" equal ones.
    Runs and the command `dataforge aggregate` use this model as it is by default. `partial_fit` and a warm start go on
    from the workers of the last fit.
    """

    n_iter: int = 100
    tol: float = 1e-4
    strength: float = field(default=15.0, kw_only=True)
    damping: float = field(default=0.05, kw_only=True)
    labels_priors: LabelsPriors = field(default="votes", kw_only=True)

    def _run(self, answers: LabelAnswers, start: _Limited | None) -> _Limited:
        _, n_workers, n_labels = answers.shape
        refuse_beyond_memory(
            TABLES * 8.0 * n_workers * n_labels**2,
            f"confusion matrices of {n_workers:,} workers with {n_labels:,} labels",
            "take OneCoinDawidSkene, which learns one number of each worker, or fewer labels",
        )
        engine = answers.engine()
        by_votes = isinstance(self.labels_priors, str) and self.labels_priors == "votes"
        prior = None if by_votes else class_prior(answers, self.labels_priors, engine)
        prior = label_shares(engine) if prior is None else prior
        found = self._em(engine, prior, None if start is None else start.learnt, self.on_iteration)
        able = as_able_as_shown(engine, found, lambda some: self._em(some, prior), self.damping)
        error = ceiling_error(engine, able.parameters, self.damping)
        return _Limited(
            able.parameters,
            engine.keep(limited, able.posteriors, error),
            found.loss_history,
            found.converged,
            able.learnt,
            able.shown,
            able.shown_by,
            error,
        )

    def _em(
        self,
        engine: TableEngine,
        prior: Floats,
        start: Parameters | None = None,
        on_iteration: OnIteration | None = None,
    ) -> Fit:
        return hierarchical_dawid_skene(
            engine,
            n_iter=self.n_iter,
            tol=self.tol,
            class_prior=prior,
            strength=self.strength,
            damping=self.damping,
            start=start,
            on_iteration=on_iteration,
        )

    def _advise(self, verdict: Verdict) -> None:
        super()._advise(verdict)
        answers = verdict.answers
        if answers.known is None and len(verdict.best) >= SPOKEN_OF and (silent := not_shown(answers)).all():
            warn_of_nothing_shown(answers, silent, type(self).__name__)
        if self.shown_ < LEAST_SHOWN:
            warn_of_chance(type(self).__name__)

    def _moved(self, found: _Limited, answers: LabelAnswers, moves: Moves) -> _Limited:
        _, n_workers, n_labels = moves.shape
        kept = moves.worker >= 0
        errors = matrices(np.zeros((n_workers, n_labels, n_labels)), self.strength)
        rows = np.ix_(moves.worker[kept], moves.label, moves.label)
        errors[rows] = tables_of(found.learnt.errors)[kept]
        errors /= errors.sum(axis=1, keepdims=True)
        return replace(found, learnt=replace(found.learnt, errors=errors.reshape(n_workers * n_labels, n_labels)))

    def _posteriors(self, part: Part, found: _Limited) -> Floats:
        workers = found.parameters
        stranger = tables_of(workers.errors).mean(axis=0)
        parameters = replace(workers, errors=np.vstack([workers.errors, stranger]))
        return limited(part, believed_of(part, parameters, self.damping), found.error)

    @property
    def _parameters(self) -> Parameters:
        return self._last.found.parameters

    @property
    def ceiling_(self) -> float:
        """No probability is higher than this, but for known answers."""
        return 1 - self._last.found.error

    @property
    def shown_(self) -> float:
        """Which share of the ability that was learnt of workers shows on tasks that they were not learnt from."""
        return self._last.found.shown

    @property
    def hard_(self) -> float:
        """The share of hard tasks."""
        return float(self._parameters.difficulties[1])

    @property
    def priors_(self) -> Any:
        """The share of tasks of each label, as it was taken."""
        return self._last.answers.by_label(self._parameters.prior, "prior")

    @property
    def errors_(self) -> Any:
        """P(the worker gives the label of the row | the label of the column is right) where they do not guess."""
        answers = self._last.answers
        return error_table(answers, self._parameters.errors[pairs_given(answers)])

    @property
    def skills_(self) -> Any:
        """P(the worker is right) over tasks with the label shares of `priors_` and as many hard ones as there are."""
        return self._last.answers.by_worker(skills_of(self._parameters), "skill")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `skill`, and its interval `low`, `high`.

        The interval is that of a Beta law with a flat prior, over as many answers as the worker's are worth given that
        the right labels are not known for sure.
        """
        answers, part = self._last.answers, self._last.answers.part()
        believed = believed_of(part, self._parameters, 0.0)
        given = tally(part.worker, None, part.n_workers)
        right = tally(part.worker, believed[part.task, part.label], part.n_workers)
        law = right_or_wrong(part, believed, right, given)
        return beta_intervals(answers, given, skills_of(self._parameters), *law, level)
