"""Estimators over a cluster. Results by task are Dask objects with the partitions of the answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.base import Estimator
from dataforge.aggregation.distributed.answers import open_cluster
from dataforge.aggregation.distributed.cluster import Cluster, Slice
from dataforge.aggregation.distributed.cut import cut
from dataforge.aggregation.distributed.memory import refuse_large_tables
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.ability import as_able_as_shown
from dataforge.aggregation.kernels.dawid_skene import Fit as ConfusionFit
from dataforge.aggregation.kernels.dawid_skene import Workers, dawid_skene, smoothed_shares
from dataforge.aggregation.kernels.engine import PerPart, TableEngine
from dataforge.aggregation.kernels.glad import Fit as AbilityFit
from dataforge.aggregation.kernels.glad import glad
from dataforge.aggregation.kernels.hierarchical_dawid_skene import Fit as HierarchicalFit
from dataforge.aggregation.kernels.hierarchical_dawid_skene import Parameters as HierarchicalParameters
from dataforge.aggregation.kernels.hierarchical_dawid_skene import (
    ceiling_error,
    hierarchical_dawid_skene,
    label_shares,
    limited,
    skills_of,
)
from dataforge.aggregation.kernels.one_coin import Fit as AccuracyFit
from dataforge.aggregation.kernels.one_coin import one_coin
from dataforge.aggregation.kernels.parts import Hits, Part
from dataforge.aggregation.kernels.ties import winners
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["GLAD", "DawidSkene", "HierarchicalDawidSkene", "MajorityVote", "OneCoinDawidSkene", "Wawa"]

SMALLER = "take machines with more memory or fewer threads each, or OneCoinDawidSkene, whose table is smaller"


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Results that stay where the answers are: the cluster, and the posteriors of each of its parts."""

    cluster: Cluster
    posteriors: PerPart

    def by_worker(self, numbers: Floats, name: str) -> pd.Series[Any]:
        """A number by worker."""
        return pd.Series(self.cluster.fetched(numbers), index=pd.Index(self.cluster.workers, name="worker"), name=name)


@named_entries
@dataclass(eq=False)
class _ClusterEstimator(Estimator):
    """What estimators over a cluster share: results by task are Dask objects."""

    columns = ("task", "worker", "label")
    _held: _Held | None = field(default=None, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        if self._held is not None:
            raise AggregationError(
                f"a fitted {type(self).__name__} cannot be pickled, its results are on the cluster: store them, "
                "for example by labels_.to_frame().to_parquet(...)"
            )
        return self.__dict__

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to a Dask DataFrame whose partitions hold whole tasks."""

    def fit_predict(self, data: Any) -> Any:
        """The label of each task."""
        return self.fit(data).labels_

    def fit_predict_proba(self, data: Any) -> Any:
        """The probability of each label for each task."""
        return self.fit(data).probas_

    @property
    def probas_(self) -> Any:
        """The probability of each label for each task: a Dask DataFrame with the partitions of the answers."""
        held = self._after_fit(self._held)
        columns = pd.Index(held.cluster.labels, name="label")
        meta = pd.DataFrame(np.empty((0, len(columns))), columns=columns, index=held.cluster.no_tasks)
        return _collection(held.cluster, _probabilities, held.posteriors, columns, meta)

    @property
    def labels_(self) -> Any:
        """The label of each task, named `agg_label`: a Dask Series with the partitions of the answers."""
        held = self._after_fit(self._held)
        columns = pd.Index(held.cluster.labels, name="label")
        meta = pd.Series(columns[:0], index=held.cluster.no_tasks, name="agg_label")
        return _collection(held.cluster, _labels, held.posteriors, columns, meta)


@named_entries
@dataclass(eq=False)
class MajorityVote(_ClusterEstimator):
    """The label that most workers chose; `skills_` is each worker's agreement with it."""

    _skills: Floats | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any) -> Self:
        """The estimator itself."""
        cluster = open_cluster(data)
        self._skills = votes.share_right(cluster.total(_agreement_with_vote))
        self._held = _Held(cluster, cluster.keep(votes.shares))
        return self

    @property
    def skills_(self) -> pd.Series[Any]:
        """The share of each worker's answers that agree with the vote."""
        return self._after_fit(self._held).by_worker(self._after_fit(self._skills), "skill")


@named_entries
@dataclass(eq=False)
class Wawa(_ClusterEstimator):
    """A vote weighted by each worker's agreement with the plain vote."""

    _skills: Floats | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any) -> Self:
        """The estimator itself."""
        cluster = open_cluster(data)
        self._skills = votes.share_right(cluster.total(_agreement_with_vote))
        self._held = _Held(cluster, cluster.keep(votes.shares, self._skills))
        return self

    @property
    def skills_(self) -> pd.Series[Any]:
        """The share of each worker's answers that agree with the plain vote."""
        return self._after_fit(self._held).by_worker(self._after_fit(self._skills), "skill")


@named_entries
@dataclass(eq=False)
class DawidSkene(_ClusterEstimator, Iterative):
    """EM over one confusion matrix per worker; parameters are those of the estimator in one memory."""

    n_iter: int = 100
    tol: float = 1e-5
    strength: float = field(default=0.0, kw_only=True)
    temper: float = field(default=1.0, kw_only=True)
    labels_priors: Literal["votes"] | None = field(default=None, kw_only=True)
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    _found: ConfusionFit | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself; `true_labels` is a Series of known answers by task."""
        cluster = _cut(data, true_labels, lambda n_labels: n_labels**2, SMALLER)
        found = dawid_skene(
            cluster,
            n_iter=self.n_iter,
            tol=self.tol,
            class_prior=None if self.labels_priors is None else smoothed_shares(cluster),
            workers=Workers(strength=self.strength),
            temper=self.temper,
            on_iteration=self.on_iteration,
        )
        self._found, self._held = found, _Held(cluster, found.posteriors)
        return self

    def _course(self) -> Course:
        found = self._after_fit(self._found)
        return Course(len(found.loss_history), found.converged, found.loss_history)

    @property
    def errors_(self) -> pd.DataFrame:
        """P(the worker gives the label of the row | the label of the column is right)."""
        cluster = self._after_fit(self._held).cluster
        rows = pd.MultiIndex.from_product([cluster.workers, cluster.labels], names=["worker", "label"])
        return pd.DataFrame(
            cluster.fetched(self._after_fit(self._found).parameters.errors),
            index=rows,
            columns=pd.Index(cluster.labels),
        )

    @property
    def priors_(self) -> pd.Series[Any]:
        """The share of tasks of each label."""
        cluster = self._after_fit(self._held).cluster
        return pd.Series(
            self._after_fit(self._found).parameters.prior, index=pd.Index(cluster.labels, name="label"), name="prior"
        )


@named_entries
@dataclass(eq=False)
class HierarchicalDawidSkene(_ClusterEstimator, Iterative):
    """EM over matrices drawn to the crowd's; parameters are those of the estimator in one memory."""

    n_iter: int = 100
    tol: float = 1e-4
    strength: float = field(default=15.0, kw_only=True)
    damping: float = field(default=0.05, kw_only=True)
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    _found: HierarchicalFit | None = field(default=None, init=False, repr=False)
    _error: float | None = field(default=None, init=False, repr=False)
    _skills: Floats | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself; `true_labels` is a Series of known answers by task."""
        # Both difficulties of each table of probabilities.
        cluster = _cut(data, true_labels, lambda n_labels: 2 * n_labels**2, SMALLER)
        prior = label_shares(cluster)

        def learnt(engine: TableEngine, on_iteration: OnIteration | None = None) -> HierarchicalFit:
            return hierarchical_dawid_skene(
                engine,
                n_iter=self.n_iter,
                tol=self.tol,
                class_prior=prior,
                strength=self.strength,
                damping=self.damping,
                on_iteration=on_iteration,
            )

        found = as_able_as_shown(cluster, learnt(cluster, self.on_iteration), learnt, self.damping)
        self._error = ceiling_error(cluster, found.parameters, self.damping)
        self._found, workers = found, found.parameters
        self._skills = cluster.by_worker(_skills, workers.errors, workers.prior, workers.difficulties)
        self._held = _Held(cluster, cluster.keep(limited, found.posteriors, self._error))
        return self

    def _course(self) -> Course:
        found = self._after_fit(self._found)
        return Course(len(found.loss_history), found.converged, found.loss_history)

    @property
    def ceiling_(self) -> float:
        """No probability is higher than this, but for known answers."""
        return 1 - self._after_fit(self._error)

    @property
    def skills_(self) -> pd.Series[Any]:
        """P(the worker is right) over tasks as frequent and as hard as these."""
        return self._after_fit(self._held).by_worker(self._after_fit(self._skills), "skill")


@named_entries
@dataclass(eq=False)
class OneCoinDawidSkene(_ClusterEstimator, Iterative):
    """EM over one accuracy per worker."""

    n_iter: int = 100
    tol: float = 1e-5
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    _found: AccuracyFit | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself; `true_labels` is a Series of known answers by task."""
        advice = "take machines with more memory or fewer threads each"
        cluster = _cut(data, true_labels, lambda n_labels: n_labels, advice)
        found = one_coin(cluster, n_iter=self.n_iter, tol=self.tol, on_iteration=self.on_iteration)
        self._found, self._held = found, _Held(cluster, found.posteriors)
        return self

    def _course(self) -> Course:
        found = self._after_fit(self._found)
        return Course(len(found.loss_history), found.converged, found.loss_history)

    @property
    def skills_(self) -> pd.Series[Any]:
        """P(the worker is right)."""
        return self._after_fit(self._held).by_worker(self._after_fit(self._found).parameters.skills, "skill")


@named_entries
@dataclass(eq=False)
class GLAD(_ClusterEstimator, Iterative):
    """EM over worker abilities and task difficulties; the difficulties, one for each task, go through the client."""

    n_iter: int = 100
    tol: float = 1e-5
    m_step_max_iter: int = 25
    m_step_tol: float = 1e-2
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    _found: AbilityFit | None = field(default=None, init=False, repr=False)

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself; `true_labels` is a Series of known answers by task."""
        cluster = open_cluster(data, known=true_labels)
        found = glad(
            cluster,
            n_iter=self.n_iter,
            tol=self.tol,
            class_prior=None,
            alpha_mean=np.ones(cluster.n_workers),
            beta_mean=np.ones(cluster.n_tasks),
            m_step_max_iter=self.m_step_max_iter,
            m_step_tol=self.m_step_tol,
            on_iteration=self.on_iteration,
        )
        self._found, self._held = found, _Held(cluster, found.posteriors)
        return self

    def _course(self) -> Course:
        found = self._after_fit(self._found)
        return Course(len(found.loss_history), found.converged, found.loss_history)

    @property
    def alphas_(self) -> pd.Series[Any]:
        """The ability of each worker."""
        return self._after_fit(self._held).by_worker(self._after_fit(self._found).parameters.alpha, "alpha")

    @property
    def betas_(self) -> Any:
        """The easiness of each task, as the log of 1 / difficulty: a Dask Series with the partitions of the answers."""
        cluster = self._after_fit(self._held).cluster
        meta = pd.Series(np.empty(0), index=cluster.no_tasks, name="beta")
        return _collection(cluster, _easiness, cluster.split(self._after_fit(self._found).parameters.beta), None, meta)


def _cut(data: Any, known: Any, numbers: Callable[[int], int], advice: str) -> Cluster:
    """The answers, and tables of so many `numbers` for each worker, by how many labels there are; they need to fit."""
    opened = open_cluster(data, known=known)
    cluster = cut(opened, numbers(opened.n_labels))
    refuse_large_tables(cluster, numbers(opened.n_labels), advice)
    return cluster


def _skills(errors: Floats, prior: Floats, difficulties: Floats) -> Floats:
    return skills_of(HierarchicalParameters(errors, prior, difficulties))


def _agreement_with_vote(part: Part) -> Hits:
    """Answers that agree with the plain vote, and answers that count, by worker."""
    return steps.hits(steps.marked(part), votes.best(part))


def _collection(
    cluster: Cluster,
    make: Callable[..., object],
    posteriors: PerPart,
    columns: pd.Index[Any] | None,
    meta: pd.DataFrame | pd.Series[Any],
) -> Any:
    import dask.dataframe as dd

    found = [posteriors.pieces[each.part] for each in cluster.slices]
    tasks = cluster.client.map(_index, cluster.tasks, none=cluster.no_tasks, pure=False)
    pieces = cluster.client.map(make, tasks, found, cluster.slices, columns=columns, pure=False)
    return dd.from_delayed(pieces, meta=meta, verify_meta=False)


def _index(tasks: pd.Index[Any], none: pd.Index[Any]) -> pd.Index[Any]:
    """The names of tasks as an index; that of an empty partition has the type of the others, as files need it."""
    return pd.Index(tasks, name="task") if len(tasks) else none


def _probabilities(tasks: pd.Index[Any], posteriors: Floats, rows: Slice, columns: pd.Index[Any]) -> pd.DataFrame:
    own = posteriors[rows.first : rows.last]
    return pd.DataFrame(own, index=tasks, columns=columns)


def _labels(tasks: pd.Index[Any], posteriors: Floats, rows: Slice, columns: pd.Index[Any]) -> pd.Series[Any]:
    codes: Codes = winners(posteriors[rows.first : rows.last])
    return pd.Series(columns.take(codes), index=tasks, name="agg_label")


def _easiness(tasks: pd.Index[Any], beta: Floats, rows: Slice, columns: None) -> pd.Series[Any]:
    return pd.Series(beta[rows.first : rows.last], index=tasks, name="beta")
