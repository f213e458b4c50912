"""Dawid and Skene's model: one confusion matrix per worker."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, Self

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.classification._advice import warn_of_few_answers
from dataforge.aggregation.classification._initial_error import read_initial_error
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification._model import (
    BEGINNER,
    Fitted,
    LabelsPriors,
    LogPriors,
    WorkerModel,
    class_prior,
    two_counts,
)
from dataforge.aggregation.classification.verdict import Verdict, read_answers
from dataforge.aggregation.kernels.dawid_skene import (
    Confusions,
    Fit,
    Workers,
    dawid_skene,
    log_errors_of,
    log_prior_of,
    posteriors_under,
)
from dataforge.aggregation.kernels.information import right_or_wrong
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.memory import refuse_beyond_memory
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import LabelAnswers, Moves
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["DawidSkene", "error_table", "expected_accuracy", "pairs_given"]

# Tables of all matrices that are in memory at once: counts, errors, their logarithms, and a spare one.
TABLES = 4


@named_entries
@dataclass(eq=False)
class DawidSkene(WorkerModel[Fit]):
    """EM over one confusion matrix per worker (Dawid and Skene, 1979).

    `initial_error_strategy` says what the first iteration does with `initial_error`: take its counts or probabilities
    in place of its own ("assign") or add them ("addition"). `worker_prior` is a pair of pseudo-counts, right and
    wrong, added to every worker's answers for each right label: (4, 1) says that workers are right four times in five.
    `labels_priors` holds the probability of each label, which is not estimated then; "votes" takes the shares of votes.

    The textbook's model is what these are by default, and it needs many answers of each worker: one who gave few is
    explained perfectly whatever is right. `strength` draws each worker to the mean of all, which counts for so many
    answers, and `temper` is the power that the evidence is taken to in the probabilities. Runs with
    `aggregation="dawid-skene"` and the command's `--method dawid-skene` are
    `DawidSkene(strength=15, temper=0.7, labels_priors="votes")`; by default both take `HierarchicalDawidSkene`.

    `partial_fit` and a warm start go on from the workers of the last fit, drawn towards a useful worker by a few
    pseudo-answers at the start; each time the answers have doubled, EM from the votes is tried as well, and the better
    of the two by the objective is kept.
    """

    n_iter: int = 100
    tol: float = 1e-5
    initial_error_strategy: Literal["assign", "addition"] | None = None
    labels_priors: LabelsPriors = field(default=None, kw_only=True)
    worker_prior: tuple[float, float] | None = field(default=None, kw_only=True)
    strength: float = field(default=0.0, kw_only=True)
    temper: float = field(default=1.0, kw_only=True)

    def fit(self, data: Table, true_labels: Keyed | None = None, initial_error: Any = None) -> Self:
        """The estimator itself.

        `true_labels` holds the known answer of some tasks, which stay as they are. `initial_error` holds counts or
        probabilities with the index (worker, label) and a column for each right label.
        """
        answers = read_answers(data, self.duplicates, true_labels)
        return self._fit(answers, partial(self._run, initial_error=initial_error))

    def fit_predict(self, data: Table, true_labels: Keyed | None = None, initial_error: Any = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels, initial_error).labels_

    def fit_predict_proba(self, data: Table, true_labels: Keyed | None = None, initial_error: Any = None) -> Any:
        """The probability of each label, a row for each task."""
        return self.fit(data, true_labels, initial_error).probas_

    def _run(self, answers: LabelAnswers, start: Fit | None, initial_error: Any = None) -> Fit:
        initial = None
        if initial_error is not None and self.initial_error_strategy is not None and start is None:
            initial = read_initial_error(initial_error, self.initial_error_strategy, answers)
        _, n_workers, n_labels = answers.shape
        refuse_beyond_memory(
            TABLES * 8.0 * n_workers * n_labels**2,
            f"confusion matrices of {n_workers:,} workers with {n_labels:,} labels",
            "take OneCoinDawidSkene, which learns one number of each worker, or fewer labels",
        )
        engine = answers.engine()
        return dawid_skene(
            engine,
            n_iter=self.n_iter,
            tol=self.tol,
            start=None if start is None else start.parameters,
            initial=initial,
            class_prior=class_prior(answers, self.labels_priors, engine),
            workers=Workers(_pseudo_counts(self.worker_prior, len(answers.labels)), self.strength),
            temper=self.temper,
            on_iteration=self.on_iteration,
        )

    def _advise(self, verdict: Verdict) -> None:
        super()._advise(verdict)
        if self.strength == 0 and self.worker_prior is None and self.initial_error_strategy is None:
            warn_of_few_answers(verdict)

    def _moved(self, found: Fit, answers: LabelAnswers, moves: Moves) -> Fit:
        _, n_workers, n_labels = moves.shape
        before = len(found.parameters.prior)
        kept = moves.worker >= 0
        old = found.parameters.errors.reshape(-1, before, before)[kept]
        if found.counts.size:
            old = old * found.counts.reshape(-1, before, before)[kept].sum(axis=1, keepdims=True)
        errors = np.zeros((n_workers, n_labels, n_labels))
        errors[np.ix_(moves.worker[kept], moves.label, moves.label)] = old
        errors += _right_and_wrong(BEGINNER, n_labels)
        errors /= errors.sum(axis=1, keepdims=True)
        prior = np.full(n_labels, 1 / (answers.shape[0] + n_labels))
        prior[moves.label] = found.parameters.prior
        parameters = Confusions(errors.reshape(-1, n_labels), prior / prior.sum())
        return replace(found, parameters=parameters)

    def _log_priors(self, found: Fit) -> LogPriors | None:
        if self.strength > 0:  # the prior is in every M-step already
            return None
        n_labels = len(found.parameters.prior)
        pseudo = _pseudo_counts(self.worker_prior, n_labels)
        log_errors = log_errors_of(found.parameters).reshape(-1, n_labels, n_labels)
        return log_prior_of(found.parameters), 0.0 if pseudo is None else float((pseudo * log_errors).sum())

    def _posteriors(self, part: Part, found: Fit) -> Floats:
        workers = found.used or found.parameters
        stranger = np.full((part.n_labels, part.n_labels), 1 / max(part.n_labels, 1))
        if self.strength > 0:
            stranger = workers.errors.reshape(-1, part.n_labels, part.n_labels).mean(axis=0)
        errors = Confusions(np.vstack([workers.errors, stranger]), workers.prior)
        return posteriors_under(part, errors, self.temper)

    @property
    def priors_(self) -> Any:
        """The share of tasks of each label."""
        return self._last.answers.by_label(self._last.found.parameters.prior, "prior")

    @property
    def errors_(self) -> Any:
        """P(the worker gives the label of the row | the label of the column is right); labels given only."""
        answers = self._last.answers
        return error_table(answers, self._last.found.parameters.errors[pairs_given(answers)])

    @property
    def errors_std_(self) -> Any:
        """Standard deviation of `errors_`, each column of a worker taken as a Dirichlet posterior of a flat prior."""
        answers = self._last.answers
        counts = _counts(self._last) + 1.0
        total = counts.sum(axis=1, keepdims=True)
        mean = counts / total
        spread = np.sqrt(mean * (1 - mean) / (total + 1)).reshape(-1, len(answers.labels))
        return error_table(answers, spread[pairs_given(answers)])

    @property
    def skills_(self) -> Any:
        """P(the worker is right) over tasks with the label shares of `priors_`."""
        return self._last.answers.by_worker(expected_accuracy(self._last.found.parameters), "skill")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `skill` (expected share of right answers), and its interval `low`, `high`.

        The interval is that of a Beta law with a flat prior, over as many answers as the worker's are worth given that
        the right labels are not known for sure.
        """
        answers, verdict = self._last.answers, self._last.verdict
        counts = _counts(self._last)
        given_by_worker = counts.sum(axis=(1, 2))
        prior = _pseudo_counts(self.worker_prior, len(answers.labels))
        if prior is not None:
            counts = counts + prior
        right, given = np.trace(counts, axis1=1, axis2=2), counts.sum(axis=(1, 2))
        law = right_or_wrong(answers.part(), verdict.matrix, right, given)
        return beta_intervals(answers, given_by_worker, right / given, *law, level)


def _counts(fitted: Fitted[Fit]) -> Floats:
    n_labels = len(fitted.answers.labels)
    counts = fitted.found.counts
    if counts.size == 0:
        raise AggregationError("counts by worker need at least one iteration, n_iter is 0")
    return counts.reshape(-1, n_labels, n_labels)


def expected_accuracy(parameters: Confusions) -> Floats:
    """P(right) of each worker over tasks with these label shares, shape (n_workers,)."""
    n_labels = len(parameters.prior)
    diagonals = np.diagonal(parameters.errors.reshape(-1, n_labels, n_labels), axis1=1, axis2=2)
    accuracy: Floats = diagonals @ parameters.prior
    return accuracy


def _pseudo_counts(worker_prior: tuple[float, float] | None, n_labels: int) -> Floats | None:
    if worker_prior is None:
        return None
    return _right_and_wrong(two_counts(worker_prior), n_labels)


def _right_and_wrong(pseudo: tuple[float, float], n_labels: int) -> Floats:
    """Pseudo-counts [answer, right label], shape (n_labels, n_labels)."""
    right, wrong = pseudo
    counts = np.full((n_labels, n_labels), wrong / max(n_labels - 1, 1))
    np.fill_diagonal(counts, right)
    return counts


def pairs_given(answers: LabelAnswers) -> Places:
    """The pairs of worker and label that occur, as rows of the matrices, in order."""
    n_labels = len(answers.labels)
    row = answers.worker.astype(np.int64) * n_labels + answers.label
    return np.flatnonzero(np.bincount(row, minlength=len(answers.workers) * n_labels))


def error_table(answers: LabelAnswers, matrix: Floats) -> Any:
    """Rows (worker, label) that occur, with a number for each right label; `matrix` holds those rows."""
    n_labels = len(answers.labels)
    rows = pairs_given(answers)
    return answers.kind.pair_table(
        answers.workers.take(rows // max(n_labels, 1)),
        answers.labels.take(rows % max(n_labels, 1)),
        answers.labels,
        matrix,
    )
