"""How sure one can be of a worker's skill."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.parameters import tail_of
from dataforge.aggregation.tables.labels import LabelAnswers

__all__ = ["beta_intervals", "normal_intervals"]


def beta_intervals(
    answers: LabelAnswers, given: Floats, skill: Floats, right: Floats, wrong: Floats, level: float
) -> Any:
    """A table by worker: `answers`, `skill`, and the interval `low`, `high` of a Beta law of these two counts.

    The interval holds the skill: of a worker who was always right it ends at 1 (Brown, Cai and DasGupta, 2001).
    """
    from scipy.special import betaincinv

    tail = tail_of(level)
    low, high = betaincinv(right, wrong, tail), betaincinv(right, wrong, 1 - tail)
    columns = {
        "answers": np.rint(given).astype(np.int64),
        "skill": skill,
        "low": np.minimum(low, skill),
        "high": np.maximum(high, skill),
    }
    return answers.kind.columns(answers.workers, "worker", columns)


def normal_intervals(answers: LabelAnswers, given: Floats, skill: Floats, std: Floats, level: float) -> Any:
    """The same table for a skill without bounds, from its standard error."""
    from scipy.special import ndtri

    width = -float(ndtri(tail_of(level))) * std
    columns = {"answers": given.astype(np.int64), "skill": skill, "low": skill - width, "high": skill + width}
    return answers.kind.columns(answers.workers, "worker", columns)
