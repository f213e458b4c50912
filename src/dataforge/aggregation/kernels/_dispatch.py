"""Load compiled kernels when first needed: importing numba costs more than most small problems."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

__all__ = ["compiled"]


@cache
def compiled(name: str) -> ModuleType:
    """The compiled twin of the kernel module `name`."""
    return importlib.import_module(f"dataforge.aggregation.kernels.{name}_compiled")
