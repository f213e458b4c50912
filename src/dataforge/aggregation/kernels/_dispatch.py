"""Load compiled kernels when first needed: importing numba costs more than most small problems."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["compiled", "unrolled"]

MOST_UNROLLED = 8


@cache
def compiled(theme: str) -> ModuleType:
    """The compiled passes of one theme: the file `…_compiled` of that name."""
    return importlib.import_module(f"dataforge.aggregation.kernels.{theme}_compiled")


def unrolled(n_labels: int) -> Any:
    """What tells a compiled pass the number of labels: a tuple's length is known to the compiler, an array's is not.

    Loops over the labels are unrolled for the former; above MOST_UNROLLED one compiled version serves all numbers.
    """
    return (1,) * n_labels if n_labels <= MOST_UNROLLED else np.empty(n_labels, np.int8)
