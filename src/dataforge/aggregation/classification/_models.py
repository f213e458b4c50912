"""What estimators share that fit a model of workers by EM: start, warm start, more answers, posteriors of others."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar, cast

import numpy as np

from dataforge.aggregation._frames import Floats, as_series
from dataforge.aggregation._progress import Course, Resumable
from dataforge.aggregation._responses import Moves, Responses, numbers_by
from dataforge.aggregation.classification._estimator import ProbableClassifier, Verdict
from dataforge.aggregation.kernels.engine import PerPart
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.parts import Part
from dataforge.errors import AggregationError

__all__ = ["BEGINNER", "LikelihoodModel", "Model", "two_counts"]

# Answers, right and wrong, by which the start of a fit that goes on draws every worker towards a useful one.
BEGINNER = (3.0, 1.0)


class Found(Protocol):
    """What the EM of every model returns."""

    @property
    def posteriors(self) -> PerPart: ...
    @property
    def loss_history(self) -> tuple[float, ...]: ...
    @property
    def converged(self) -> bool: ...


F = TypeVar("F", bound=Found)


@dataclass(eq=False)
class Model(ProbableClassifier, Resumable, Generic[F]):
    """A model of workers fitted by EM; a warm start goes on from the workers of the last fit."""

    @abstractmethod
    def _run(self, responses: Responses, start: F | None) -> F:
        """EM over the answers; `start` has the codes of these answers already."""

    @abstractmethod
    def _moved(self, found: F, responses: Responses, moves: Moves) -> F:
        """The workers of an earlier fit under new codes, with strangers who know nothing."""

    @abstractmethod
    def _posteriors(self, part: Part, found: F) -> Floats:
        """Posteriors of other tasks; the part has one worker more than the model: the stranger."""

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself; `true_labels` holds the known answer of some tasks, which stay as they are."""
        return self._fit(self._read(data, true_labels))

    def partial_fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself, going on with more answers from where it is; a first call is a `fit`."""
        more = self._read(data, true_labels, early=True)
        responses: Responses | None = getattr(self, "_responses", None)
        if responses is None:
            return self._fit(more)
        joined, moves = responses.joined(more, self.duplicates)
        return self._accept(joined, self._moved(self._found, joined, moves))

    def fit_predict(self, data: Any, true_labels: Any = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels).labels_

    def fit_predict_proba(self, data: Any, true_labels: Any = None) -> Any:
        """The probability of each label, a row for each task."""
        return self.fit(data, true_labels).probas_

    def predict(self, data: Any) -> Any:
        """The label of each task in other answers, under the workers as they are."""
        return self._judged(data).labels

    def predict_proba(self, data: Any) -> Any:
        """The probability of each label for other answers, under the workers as they are."""
        return self._judged(data).table

    def _fit(self, responses: Responses) -> Self:
        earlier: Responses | None = getattr(self, "_responses", None) if self.warm_start else None
        if earlier is None:
            return self._accept(responses, None)
        moves = earlier.moves_to(responses)
        if moves is None:
            raise AggregationError(
                f"a warm start needs the labels of the fit before, {earlier.labels.to_list()!r}, "
                f"got {responses.labels.to_list()!r}; fit anew with warm_start=False, or add answers with partial_fit"
            )
        return self._accept(responses, self._moved(self._found, responses, moves))

    def _accept(self, responses: Responses, start: F | None) -> Self:
        found = self._best(responses, start)
        self._responses = responses
        pieces = found.posteriors.pieces
        self._verdict = Verdict(responses, pieces[0] if len(pieces) == 1 else np.concatenate(pieces))
        self._found: F = replace(cast(Any, found), posteriors=PerPart(()))  # the verdict has them
        return self

    def _best(self, responses: Responses, start: F | None) -> F:
        """What EM finds from this start."""
        return self._run(responses, start)

    def _judged(self, data: Any) -> Verdict:
        responses: Responses = self._need("_responses")
        others = self._read(data)
        labels = responses.labels.locate(as_series(others.labels))
        if np.any(labels < 0):
            unknown = others.labels.take(np.flatnonzero(labels < 0)).to_list()
            raise AggregationError(f"labels {unknown!r} were not seen in fit; fit again or call partial_fit")
        workers = responses.workers.locate(as_series(others.workers))
        workers[workers < 0] = len(responses.workers)
        shape = (len(others.tasks), len(responses.workers) + 1, len(responses.labels))
        part = group(others.task, workers[others.worker], labels[others.label], shape)
        relabelled = Responses(
            others.task, others.worker, others.label, others.tasks, others.workers, responses.labels, others.kind
        )
        return Verdict(relabelled, self._posteriors(part, self._found))

    @staticmethod
    def _class_prior(responses: Responses, labels_priors: Any) -> Floats | None:
        if labels_priors is None:
            return None
        prior = numbers_by(responses.labels, labels_priors, "labels_priors", responses.kind)
        if np.isnan(prior).any() or prior.min(initial=1) < 0 or not prior.sum() > 0:
            raise AggregationError(
                f"labels_priors need a probability for each of the labels {responses.labels.to_list()!r}"
            )
        shares: Floats = prior / prior.sum()
        return shares

    def _course(self) -> Course:
        found: F = self._need("_found")
        return Course(len(found.loss_history), found.converged, found.loss_history)


@dataclass(eq=False)
class LikelihoodModel(Model[F]):
    """A model whose objective has no prior of its own on workers.

    A few answers, one a task, are explained perfectly by workers who are always right, always wrong or always say the
    same, and EM that goes on from such workers stays with them. So its start draws them towards a `BEGINNER`, and each
    time the answers have doubled a fit from the votes is tried too, of which the one with the better objective stays.
    """

    def _best(self, responses: Responses, start: F | None) -> F:
        n_answers = len(responses.task)
        if start is None:
            self._compared_at = n_answers
            return self._run(responses, None)
        resumed = self._run(responses, start)
        if n_answers < 2 * self._compared_at:
            return resumed
        self._compared_at = n_answers
        anew = self._run(responses, None)
        return anew if self._evidence(responses, anew) > self._evidence(responses, resumed) else resumed

    @abstractmethod
    def _log_priors(self, found: F) -> tuple[Floats, float]:
        """The log share of each label, and the log density of all workers under `worker_prior`."""

    def _evidence(self, responses: Responses, found: F) -> float:
        """The bound of the log posterior that EM raises.

        The losses count the log share of a task's label once per answer, as the field's library has it, and so would
        put the same label for all tasks above everything else: here it counts once per task.
        """
        if not found.loss_history:
            return -np.inf
        log_shares, of_workers = self._log_priors(found)
        posteriors = np.concatenate(found.posteriors.pieces)
        given = np.bincount(responses.task, minlength=len(responses.tasks))
        once = float(((1.0 - given) @ posteriors) @ log_shares)
        return found.loss_history[-1] * len(responses.task) + once + of_workers


def two_counts(worker_prior: Any) -> tuple[float, float]:
    """Pseudo-counts of right and wrong answers, or the error that says what they need to be."""
    try:
        right, wrong = (float(count) for count in worker_prior)
        if right >= 0 and wrong >= 0:
            return right, wrong
    except (TypeError, ValueError):
        pass
    raise AggregationError(f"worker_prior needs two counts, right and wrong, of 0 or more, got {worker_prior!r}")
