"""GLAD comes out the same to the last bit, whatever the order of its input and however it is cut."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.aggregation.kernels.strategies import EITHER

from dataforge.aggregation import GLAD
from dataforge.aggregation.kernels.engine import Local
from dataforge.aggregation.kernels.glad import glad
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.parts import Part

USUAL = {"n_iter": 100, "tol": 1e-5, "class_prior": None, "m_step_max_iter": 25, "m_step_tol": 1e-2}


def cut(task: Any, worker: Any, label: Any, shape: tuple[int, int, int], of: Any, n: int, compiled: bool) -> Local:
    """An engine over n parts; task t is in part `of[t]`, whose tasks keep their order."""
    parts: list[Part] = []
    for i in range(n):
        own = np.flatnonzero(of == i)
        place = np.full(shape[0], -1)
        place[own] = np.arange(len(own))
        use = of[task] == i
        parts.append(group(place[task[use]], worker[use], label[use], (len(own), *shape[1:]), compiled=compiled))
    return Local(tuple(parts), shape[0], len(task), *shape[1:], fixed=True)


def fitted(engine: Local) -> Any:
    return glad(engine, alpha_mean=np.ones(engine.n_workers), beta_mean=np.ones(engine.n_tasks), **USUAL)


@pytest.mark.parametrize("dataset", ["bluebird", "dog", "rte"])
def test_partitions_of_real_answers_change_no_bit_to_the_end_of_the_fit(dataset: str, shared: Path) -> None:
    data = pd.read_csv(shared / "datasets" / dataset / "labels.csv")
    codes = [pd.factorize(data[name], sort=True) for name in ("task", "worker", "label")]
    (task, worker, label), shape = [code for code, _ in codes], tuple(len(names) for _, names in codes)
    whole = GLAD().fit(data)
    for n in (1, 2, 7):
        of = np.random.default_rng(n).integers(n, size=shape[0])
        found = fitted(cut(task, worker, label, shape, of, n, compiled=False))  # type: ignore[arg-type]
        order = np.argsort(np.argsort(of, kind="stable"), kind="stable")
        assert np.array_equal(np.concatenate(found.posteriors.pieces)[order], whole.probas_)
        assert np.array_equal(found.parameters.alpha, whole.alphas_)
        assert np.array_equal(found.parameters.beta[order], whole.betas_)
        assert len(found.loss_history) == whole.n_iter_ > 2


@pytest.mark.parametrize("compiled", EITHER)
@settings(max_examples=10)
@given(
    seed=st.integers(0, 10_000), n_labels=st.sampled_from([1, 2, 3, 9]), n_tasks=st.integers(1, 40), n=st.integers(1, 5)
)
def test_names_rows_and_parts_change_no_bit(compiled: bool, seed: int, n_labels: int, n_tasks: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (n_tasks, 7, n_labels)
    task, worker, label = (rng.integers(0, bound, 150).astype(np.int32) for bound in shape)
    plain = fitted(cut(task, worker, label, shape, np.zeros(n_tasks, int), 1, compiled))
    renamed = [rng.permutation(bound).astype(np.int32) for bound in shape]
    rows = rng.permutation(len(task))
    of = rng.integers(n, size=n_tasks)
    engine = cut(renamed[0][task[rows]], renamed[1][worker[rows]], renamed[2][label[rows]], shape, of, n, compiled)
    found = fitted(engine)
    order = np.argsort(np.argsort(of, kind="stable"), kind="stable")[renamed[0]]
    assert np.array_equal(found.parameters.alpha[renamed[1]], plain.parameters.alpha)
    assert np.array_equal(found.parameters.beta[order], plain.parameters.beta)
    assert np.array_equal(
        np.concatenate(found.posteriors.pieces)[order][:, renamed[2]], np.concatenate(plain.posteriors.pieces)
    )
    assert found.loss_history == plain.loss_history
