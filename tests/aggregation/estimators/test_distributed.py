"""The cluster gives what one machine gives, whatever the number of partitions, and although a machine dies."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

distributed = pytest.importorskip("distributed")
dd = pytest.importorskip("dask.dataframe")

from dataforge import aggregation  # noqa: E402
from dataforge.aggregation import distributed as ours  # noqa: E402
from dataforge.errors import AggregationError  # noqa: E402


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def partitioned(data: pd.DataFrame, n: int) -> Any:
    """Answers whose tasks are dealt out to n partitions."""
    place = pd.util.hash_array(data["task"].to_numpy(dtype=object)) % n
    frames = [data[place == i].reset_index(drop=True) for i in range(n)]
    return dd.concat([dd.from_pandas(frame, npartitions=1) for frame in frames])


@pytest.mark.parametrize("name", ["MajorityVote", "Wawa", "DawidSkene", "OneCoinDawidSkene", "GLAD"])
@pytest.mark.parametrize("n", [1, 3, 10])
def test_partitions_change_nothing(name: str, n: int, client: Any, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_tasks=200)[["task", "worker", "label"]]
    # Conjugate gradients amplify the last digits from one EM iteration to the next, so GLAD is held after the first.
    parameters = {"n_iter": 1} if name == "GLAD" else {}
    local = getattr(aggregation, name)(**parameters).fit_predict_proba(data)
    found = getattr(ours, name)(**parameters).fit(partitioned(data, n))
    probas = found.probas_.compute().sort_index()
    np.testing.assert_allclose(probas.to_numpy(), local.to_numpy(), rtol=0, atol=1e-9)
    labels = found.labels_.compute().sort_index()
    assert (labels.name, labels.index.name) == ("agg_label", "task")
    assert list(labels) == list(getattr(aggregation, name)(**parameters).fit_predict(data))


def test_known_answers_stay(client: Any, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_tasks=60)
    known = data.drop_duplicates("task").set_index("task")["truth"].sort_index().head(20)
    found = ours.DawidSkene().fit(partitioned(data, 3), true_labels=known)
    local = aggregation.DawidSkene().fit(data, true_labels=known)
    np.testing.assert_allclose(found.probas_.compute().sort_index(), local.probas_, rtol=0, atol=1e-9)


def test_a_task_in_two_partitions_is_an_error(client: Any, answers: pd.DataFrame) -> None:
    with pytest.raises(AggregationError, match="more than one partition"):
        ours.DawidSkene().fit(dd.from_pandas(answers, npartitions=3))


def test_a_machine_that_dies_costs_only_time(client: Any, make_crowd: Callable[..., pd.DataFrame]) -> None:
    import psutil

    data = make_crowd(n_tasks=200)[["task", "worker", "label"]]
    local = aggregation.DawidSkene(n_iter=30, tol=-1).fit_predict_proba(data)
    pids = [worker["pid"] for worker in client.run(_pid).values()]
    killed: list[int] = []

    def kill(iteration: int, loss: float) -> None:
        if iteration == 10 and not killed:
            psutil.Process(pids[0]).kill()
            killed.append(pids[0])

    found = ours.DawidSkene(n_iter=30, tol=-1, on_iteration=kill).fit(partitioned(data, 6))
    assert killed
    np.testing.assert_allclose(found.probas_.compute().sort_index(), local, rtol=0, atol=1e-9)


def compared(n: int, n_items: int, tied: float = 0.0) -> pd.DataFrame:
    """Comparisons of items whose strengths differ, some without a winner."""
    rng = np.random.default_rng(n)
    left = rng.integers(n_items, size=n)
    right = (left + rng.integers(1, n_items, size=n)) % n_items
    strength = rng.normal(size=n_items)
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    names = np.array([f"item {code}" for code in range(n_items)], dtype=object)
    label = np.where(rng.random(n) < tied, None, names[np.where(won, left, right)])
    return pd.DataFrame({"left": names[left], "right": names[right], "label": label})


def scattered(data: pd.DataFrame, n: int) -> Any:
    """Comparisons dealt out to n partitions at random, one of which holds none."""
    place = np.random.default_rng(0).integers(n, size=len(data))
    frames = [data[place == i].reset_index(drop=True) for i in range(n)]
    frames.insert(1, data.iloc[:0])
    return dd.concat([dd.from_pandas(frame, npartitions=1) for frame in frames])


@pytest.mark.parametrize("n", [1, 3, 20])
@pytest.mark.parametrize(("ties", "prior"), [("error", 0.0), ("half", 0.5), ("drop", 0.0)])
def test_strengths_do_not_depend_on_the_partitions(n: int, ties: Any, prior: float, client: Any) -> None:
    data = compared(3000, 40, tied=0.0 if ties == "error" else 0.2)
    local = aggregation.BradleyTerry(n_iter=200, ties=ties, prior=prior).fit(data)
    found = ours.BradleyTerry(n_iter=200, ties=ties, prior=prior).fit(scattered(data, n))
    scores = found.scores_
    assert scores.name == local.scores_.name
    assert list(scores.index) == list(local.scores_.index)
    np.testing.assert_allclose(scores, local.scores_, rtol=0, atol=1e-9)
    assert (found.n_iter_, found.converged_) == (local.n_iter_, local.converged_)
    mine, theirs = found.intervals(), local.intervals()
    numbers = theirs.select_dtypes("number").columns
    np.testing.assert_allclose(mine[numbers], theirs[numbers], rtol=0, atol=1e-9)


def test_items_that_are_numbers_keep_their_type_and_order(client: Any) -> None:
    data = compared(500, 12)
    data = data.apply(lambda column: column.str.removeprefix("item ").astype(int))
    local = aggregation.BradleyTerry(n_iter=100).fit_predict(data)
    found = ours.BradleyTerry(n_iter=100).fit_predict(scattered(data, 5))
    assert list(found.index) == list(local.index) == list(range(12))
    np.testing.assert_allclose(found, local, rtol=0, atol=1e-9)


def test_comparisons_that_cannot_be_read_are_told_wherever_they_lie(client: Any) -> None:
    data = compared(100, 5, tied=0.1)
    with pytest.raises(AggregationError, match="there are ties"):
        ours.BradleyTerry(n_iter=10).fit(scattered(data, 3))
    with pytest.raises(AggregationError, match="a Dask DataFrame is needed, got DataFrame"):
        ours.BradleyTerry(n_iter=10).fit(data)


def _pid() -> dict[str, int]:
    import os

    return {"pid": os.getpid()}
