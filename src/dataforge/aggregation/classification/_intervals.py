"""How sure one can be of a worker's skill."""

from __future__ import annotations

from typing import Any

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._parameters import tail_of
from dataforge.aggregation._responses import Responses

__all__ = ["beta_intervals", "normal_intervals"]


def beta_intervals(
    responses: Responses, answers: Floats, skill: Floats, right: Floats, wrong: Floats, level: float
) -> Any:
    """A table by worker: `answers`, `skill`, and the interval `low`, `high` of a Beta law of these two counts."""
    from scipy.special import betaincinv

    tail = tail_of(level)
    low, high = betaincinv(right, wrong, tail), betaincinv(right, wrong, 1 - tail)
    columns = {"answers": answers, "skill": skill, "low": low, "high": high}
    return responses.kind.columns(responses.workers, "worker", columns)


def normal_intervals(responses: Responses, answers: Floats, skill: Floats, std: Floats, level: float) -> Any:
    """The same table for a skill without bounds, from its standard error."""
    from scipy.special import ndtri

    width = -float(ndtri(tail_of(level))) * std
    columns = {"answers": answers, "skill": skill, "low": skill - width, "high": skill + width}
    return responses.kind.columns(responses.workers, "worker", columns)
