"""Simulated sets, for what no public set here holds: masks, and numbers of workers whose biases are known."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["masks", "packed", "ratings", "unpacked"]

SIDE = 32


@cache
def masks() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Ten discs in each of 60 pictures by 7 of 12 workers who shift, grow and spatter them; and the true masks."""
    rng = np.random.default_rng(0)
    down, right = np.mgrid[:SIDE, :SIDE]
    true, rows = {}, []
    blur = rng.uniform(0.3, 3.0, 12)
    for number in range(60):
        x, y, radius = (*rng.uniform(10, 22, 2), rng.uniform(4, 9))
        true[f"p{number:02}"] = (down - x) ** 2 + (right - y) ** 2 <= radius**2
        for worker in rng.choice(12, 7, replace=False):
            moved = [place + rng.normal(0, blur[worker]) for place in (x, y, radius)]
            drawn = (down - moved[0]) ** 2 + (right - moved[1]) ** 2 <= moved[2] ** 2
            drawn ^= rng.random((SIDE, SIDE)) < 0.01 * blur[worker]
            rows.append((f"p{number:02}", f"w{worker:02}", drawn))
    return pd.DataFrame(rows, columns=["task", "worker", "segmentation"]), true


def packed(mask: Any) -> str:
    """A mask as text."""
    return np.packbits(np.asarray(mask, bool)).tobytes().hex()


def unpacked(text: str) -> Any:
    """The mask that `packed` wrote."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8)).reshape(SIDE, SIDE).astype(bool)


@cache
def ratings(answers_each: int) -> tuple[pd.DataFrame, pd.Series]:
    """500 values of spread 20 rated by 5 of the workers, each with a bias of spread 8 and noise of spread 4 to 30."""
    rng = np.random.default_rng(answers_each)
    value = rng.normal(50, 20, 500)
    n_workers = 500 * 5 // answers_each
    bias = rng.normal(0, 8, n_workers)
    noise = np.exp(rng.uniform(np.log(4), np.log(30), n_workers))
    worker = np.concatenate([rng.permutation(n_workers) for _ in range(answers_each)])
    task = np.arange(len(worker)) % 500
    label = value[task] + bias[worker] + noise[worker] * rng.normal(size=len(worker))
    data = pd.DataFrame({"task": task, "worker": worker, "label": label})
    return data.drop_duplicates(["task", "worker"]), pd.Series(value)
