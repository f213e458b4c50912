"""What an estimator found, how long it took, and the same as JSON."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Case", "Outcome", "difference"]

Table = pd.DataFrame | None
# Below this a case is timed twice: the first time also loads modules and compiled kernels.
SHORT = 5.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """`answers` by task or item; `table` holds the numbers behind them, `error` why there is nothing."""

    seconds: float
    answers: pd.Series | None = None
    table: Table = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"seconds": self.seconds, "error": self.error}
        if self.answers is not None:
            found["keys"], found["values"] = self.answers.index.tolist(), self.answers.tolist()
        if self.table is not None:
            rows, columns = self.table.index.tolist(), self.table.columns.tolist()
            found["table"] = {"rows": rows, "columns": columns, "values": self.table.to_numpy().tolist()}
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Outcome:
        answers = pd.Series(found["values"], index=found["keys"]) if "keys" in found else None
        table = None
        if "table" in found:
            rows, columns, values = (found["table"][part] for part in ("rows", "columns", "values"))
            table = pd.DataFrame(values, index=rows, columns=columns)
        return cls(found["seconds"], answers, table, found["error"])


@dataclass(frozen=True, eq=False)
class Case:
    """One estimator on one set.

    `make` gives the estimator of a package ("dataforge" or "crowdkit"), whose `fit_predict` gets `inputs(package)`.
    """

    family: str
    data: str
    method: str
    make: Callable[[str], Any]
    inputs: Callable[[str], tuple[Any, ...]]
    quality: Callable[[pd.Series], dict[str, float]]
    read: Callable[[Any, Any], tuple[pd.Series, Table]]
    in_peer: bool = True
    answers: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.family, self.data, self.method

    def run(self, package: str) -> Outcome:
        """The outcome; of short cases the better time of two."""
        inputs = self.inputs(package)
        seconds = []
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for _ in range(2):
                start = time.process_time()
                try:
                    estimator = self.make(package)
                    result = estimator.fit_predict(*inputs)
                except Exception as error:
                    return Outcome(time.process_time() - start, error=f"{type(error).__name__}: {error}")
                seconds.append(time.process_time() - start)
                if seconds[0] > SHORT:
                    break
            answers, table = self.read(estimator, result)
        return Outcome(min(seconds), answers, table)


def difference(ours: Outcome, theirs: Outcome) -> tuple[float | None, int | None]:
    """The largest difference of two numbers, and how many answers differ; None where there are no such."""
    assert ours.answers is not None
    assert theirs.answers is not None
    differ = None
    if not pd.api.types.is_float_dtype(ours.answers.dtype):
        theirs_by_key = dict(zip(theirs.answers.index, theirs.answers.tolist(), strict=True))
        pairs = zip(ours.answers.index, ours.answers.tolist(), strict=True)
        differ = sum(theirs_by_key.get(key) != value for key, value in pairs)
    if ours.table is None or theirs.table is None:
        return None, differ
    ours_there = ours.table.reindex(index=theirs.table.index, columns=theirs.table.columns)
    gap = np.abs(ours_there.to_numpy(float) - theirs.table.to_numpy(float))
    return float(np.nanmax(gap)) if gap.size and not np.isnan(gap).all() else None, differ
