"""How sure one can be of a worker's skill."""

from __future__ import annotations

from typing import Any

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses
from dataforge.errors import AggregationError

__all__ = ["beta_interval"]


def beta_interval(responses: Responses, right: Floats, given: Floats, level: float) -> Any:
    """A table by worker: `answers`, `skill`, `low`, `high`; Beta posterior of a flat prior over right and wrong."""
    from scipy.special import betaincinv

    if not 0 < level < 1:
        raise AggregationError(f"level needs to be between 0 and 1, got {level!r}")
    a, b = right + 1, given - right + 1
    tail = (1 - level) / 2
    columns = {
        "answers": given,
        "skill": right / given,
        "low": betaincinv(a, b, tail),
        "high": betaincinv(a, b, 1 - tail),
    }
    return responses.kind.columns(responses.workers, "worker", columns)
