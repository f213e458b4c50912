from collections.abc import Callable, Sequence

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses

Triples = Sequence[tuple[int, int, int]]


@pytest.fixture
def coded() -> Callable[..., Responses]:
    """Answers from (item, worker, label) triples."""

    def build(triples: Triples, n_items: int, n_workers: int, n_labels: int, **more: object) -> Responses:
        columns = np.array(triples, np.int32).reshape(-1, 3).T
        return Responses(columns[0], columns[1], columns[2], n_items, n_workers, n_labels, **more)  # type: ignore[arg-type]

    return build


@pytest.fixture
def crowd() -> Callable[..., tuple[Responses, np.ndarray]]:
    """Answers of a simulated crowd whose workers differ, and the right labels."""

    def build(n_items: int, n_workers: int, n_labels: int, overlap: int, seed: int) -> tuple[Responses, np.ndarray]:
        rng = np.random.default_rng(seed)
        right = rng.integers(n_labels, size=n_items).astype(np.int32)
        skill = rng.uniform(0.5, 0.95, size=n_workers)
        item = np.repeat(np.arange(n_items), overlap).astype(np.int32)
        worker = np.concatenate([rng.permutation(n_workers)[:overlap] for _ in range(n_items)]).astype(np.int32)
        wrong = (right[item] + rng.integers(1, max(n_labels, 2), size=len(item))) % n_labels
        label = np.where(rng.random(len(item)) < skill[worker], right[item], wrong).astype(np.int32)
        return Responses(item, worker, label, n_items, n_workers, n_labels), right

    return build
