"""What parameters that many estimators have need to be, checked in one place and refused in one form."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

from dataforge.errors import AggregationError

__all__ = ["check_level", "check_parameters", "tail_of"]


def _is_count(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, Integral) and int(value) >= 0


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, Real) and not math.isnan(value)


def _is_seed(value: Any) -> bool:
    import numpy as np

    try:
        np.random.default_rng(value)
    except (TypeError, ValueError):
        return False
    return True


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "n_iter": (_is_count, "a whole number of iterations, 0 or more"),
    "tol": (_is_number, "a number, 0 or less to use up all iterations"),
    "random_state": (_is_seed, "a whole number of 0 or more, or None for another start every time"),
}


def check_parameters(estimator: str, parameters: Mapping[str, Any]) -> None:
    """Raise if one of the parameters that have a check here is not what it needs to be."""
    for name, value in parameters.items():
        if name in CHECKS:
            is_good, need = CHECKS[name]
            if not is_good(value):
                raise AggregationError(f"{estimator}: {name} needs to be {need}, got {value!r}")


def check_level(level: float) -> float:
    """The probability of an interval, if it is one."""
    if not (_is_number(level) and 0 < level < 1):
        raise AggregationError(f"level needs to be a number between 0 and 1, such as 0.95, got {level!r}")
    return level


def tail_of(level: float) -> float:
    """The probability beyond either end of an interval of this level."""
    return (1 - check_level(level)) / 2
