"""What estimators share that fit a model of workers by EM: start, warm start, more answers, posteriors of others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, Protocol, Self, TypeVar, cast

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification._advice import warn_of_vanished_labels
from dataforge.aggregation.classification.verdict import Verdict, read_answers
from dataforge.aggregation.kernels.dawid_skene import smoothed_shares
from dataforge.aggregation.kernels.engine import Engine, PerPart
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import Duplicates, LabelAnswers, Moves, numbers_by
from dataforge.aggregation.tables.values import as_series
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["BEGINNER", "Fitted", "LabelsPriors", "LogPriors", "WorkerModel", "class_prior", "two_counts"]

# Answers, right and wrong, by which the start of a fit that goes on draws every worker towards a useful one.
BEGINNER = (3.0, 1.0)

LabelsPriors = Keyed | Literal["votes", "equal"] | None
"""The probability of each label: given, the shares of the votes, or equal; None for what the model's paper says."""

LogPriors = tuple[Floats, float]
"""The log share of each label, and the log density of all workers under the prior on them."""


class _Found(Protocol):
    """What the EM of every model returns."""

    @property
    def posteriors(self) -> PerPart: ...
    @property
    def loss_history(self) -> tuple[float, ...]: ...
    @property
    def converged(self) -> bool: ...


F = TypeVar("F", bound=_Found)
Run = Callable[[LabelAnswers, F | None], F]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted(Generic[F]):
    """What a fit leaves behind: what is believed of tasks, and the workers; `found` is without its posteriors.

    EM from the votes was last tried at `compared_at` answers.
    """

    verdict: Verdict
    found: F
    compared_at: int

    @property
    def answers(self) -> LabelAnswers:
        """The answers fitted."""
        return self.verdict.answers


@named_entries
@dataclass(eq=False)
class WorkerModel(BaseClassificationAggregator, Iterative, Generic[F]):
    """A model of workers fitted by EM; a warm start goes on from the workers of the last fit."""

    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)
    duplicates: Duplicates = field(default="all", kw_only=True)
    _fitted: Fitted[F] | None = field(default=None, init=False, repr=False)

    @abstractmethod
    def _run(self, answers: LabelAnswers, start: F | None) -> F:
        """EM over the answers; `start` has the codes of these answers already."""

    @abstractmethod
    def _moved(self, found: F, answers: LabelAnswers, moves: Moves) -> F:
        """The workers of an earlier fit under new codes, with strangers who know nothing."""

    @abstractmethod
    def _posteriors(self, part: Part, found: F) -> Floats:
        """Posteriors of other tasks; the part has one worker more than the model: the stranger."""

    def _log_priors(self, found: F) -> LogPriors | None:
        """What a fit that goes on is compared by with one from the votes; None where that is not needed."""
        return None

    def fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself; `true_labels` holds the known answer of some tasks, which stay as they are."""
        return self._fit(read_answers(data, self.duplicates, true_labels), self._run)

    def partial_fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself, going on with more answers from where it is; a first call is a `fit`."""
        more = read_answers(data, self.duplicates, true_labels, early=True)
        earlier = self._fitted
        if earlier is None:
            return self._fit(more, self._run)
        joined, moves = earlier.answers.joined(more, self.duplicates)
        return self._go_on(earlier, joined, moves, self._run)

    def fit_predict(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels).labels_

    def fit_predict_proba(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The probability of each label, a row for each task."""
        return self.fit(data, true_labels).probas_

    def predict(self, data: Table) -> Any:
        """The label of each task in other answers, under the workers as they are."""
        return self._judged(data).labels

    def predict_proba(self, data: Table) -> Any:
        """The probability of each label for other answers, under the workers as they are."""
        return self._judged(data).table

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`."""
        return self._verdict.labels

    @property
    def probas_(self) -> Any:
        """The probability of each label (columns) for each task (rows)."""
        return self._verdict.table

    @property
    def _last(self) -> Fitted[F]:
        return self._after_fit(self._fitted)

    @property
    def _verdict(self) -> Verdict:
        return self._last.verdict

    def _course(self) -> Course:
        found = self._last.found
        return Course(len(found.loss_history), found.converged, found.loss_history)

    def _fit(self, answers: LabelAnswers, run: Run[F]) -> Self:
        earlier = self._fitted if self.warm_start else None
        if earlier is None:
            return self._accept(_fitted(answers, run(answers, None), len(answers.task)))
        moves = earlier.answers.moves_to(answers)
        if moves is None:
            raise AggregationError(
                f"a warm start needs the labels of the fit before, {earlier.answers.labels.to_list()!r}, "
                f"got {answers.labels.to_list()!r}; fit anew with warm_start=False, or add answers with partial_fit"
            )
        return self._go_on(earlier, answers, moves, run)

    def _go_on(self, earlier: Fitted[F], answers: LabelAnswers, moves: Moves, run: Run[F]) -> Self:
        """A fit from the workers so far; each time the answers have doubled, one from the votes is tried too.

        A few answers, one a task, are explained perfectly by workers who are always right, always wrong or always say
        the same, and EM that goes on from such workers stays with them. Where the objective has no prior of its own on
        workers, the start therefore draws them towards a `BEGINNER`, and of both fits the one with the better
        objective stays.
        """
        found = run(answers, self._moved(earlier.found, answers, moves))
        compared_at, priors = earlier.compared_at, self._log_priors(found)
        if priors is not None and len(answers.task) >= 2 * compared_at:
            compared_at = len(answers.task)
            anew = run(answers, None)
            if _evidence(answers, anew, self._log_priors(anew)) > _evidence(answers, found, priors):
                found = anew
        return self._accept(_fitted(answers, found, compared_at))

    def _accept(self, fitted: Fitted[F]) -> Self:
        self._fitted = fitted
        self._advise(fitted.verdict)
        return self

    def _advise(self, verdict: Verdict) -> None:
        """Warn of a result that is not to be trusted."""
        warn_of_vanished_labels(verdict, type(self).__name__)

    def _judged(self, data: Table) -> Verdict:
        fitted = self._last
        others = read_answers(data, self.duplicates)
        part, relabelled = _under_codes_of(fitted.answers, others)
        return Verdict(relabelled, self._posteriors(part, fitted.found))


def _fitted(answers: LabelAnswers, found: F, compared_at: int) -> Fitted[F]:
    pieces = found.posteriors.pieces
    verdict = Verdict(answers, pieces[0] if len(pieces) == 1 else np.concatenate(pieces))
    return Fitted(verdict, replace(cast(Any, found), posteriors=PerPart(())), compared_at)


def _evidence(answers: LabelAnswers, found: _Found, log_priors: LogPriors | None) -> float:
    """The bound of the log posterior that EM raises.

    The losses count the log share of a task's label once per answer, as the field's library has it, and so would
    put the same label for all tasks above everything else: here it counts once per task.
    """
    if not found.loss_history or log_priors is None:
        return -np.inf
    log_shares, of_workers = log_priors
    posteriors = np.concatenate(found.posteriors.pieces)
    given = np.bincount(answers.task, minlength=len(answers.tasks))
    once = float(((1.0 - given) @ posteriors) @ log_shares)
    return found.loss_history[-1] * len(answers.task) + once + of_workers


def _under_codes_of(fitted: LabelAnswers, others: LabelAnswers) -> tuple[Part, LabelAnswers]:
    """Other answers under the codes of those fitted, workers who are not among them as one more: the stranger."""
    labels = fitted.labels.locate(as_series(others.labels))
    if np.any(labels < 0):
        unknown = others.labels.take(np.flatnonzero(labels < 0)).to_list()
        raise AggregationError(f"labels {unknown!r} were not seen in fit; fit again or call partial_fit")
    workers = fitted.workers.locate(as_series(others.workers))
    workers[workers < 0] = len(fitted.workers)
    shape = (len(others.tasks), len(fitted.workers) + 1, len(fitted.labels))
    part = group(others.task, workers[others.worker], labels[others.label], shape)
    relabelled = LabelAnswers(
        others.task, others.worker, others.label, others.tasks, others.workers, fitted.labels, others.kind
    )
    return part, relabelled


def class_prior(answers: LabelAnswers, labels_priors: LabelsPriors, engine: Engine) -> Floats | None:
    """The probability of each label beforehand as asked for by the caller, scaled to sum to 1; None if it is not."""
    if labels_priors is None:
        return None
    if isinstance(labels_priors, str):
        if labels_priors == "votes":
            return smoothed_shares(engine)
        if labels_priors == "equal":
            return np.full(len(answers.labels), 1 / max(len(answers.labels), 1))
        raise AggregationError(
            f"labels_priors need to be 'votes', 'equal' or a probability for each label, got {labels_priors!r}"
        )
    prior = numbers_by(answers.labels, labels_priors, "labels_priors", answers.kind)
    if np.isnan(prior).any() or prior.min(initial=1) < 0 or not prior.sum() > 0:
        raise AggregationError(f"labels_priors need a probability for each of the labels {answers.labels.to_list()!r}")
    shares: Floats = prior / prior.sum()
    return shares


def two_counts(worker_prior: Any) -> tuple[float, float]:
    """Pseudo-counts of right and wrong answers, or the error that says what they need to be."""
    try:
        right, wrong = (float(count) for count in worker_prior)
        if right >= 0 and wrong >= 0:
            return right, wrong
    except (TypeError, ValueError):
        pass
    raise AggregationError(f"worker_prior needs two counts, right and wrong, of 0 or more, got {worker_prior!r}")
