"""Numbers: the middle of those that agree, each worker with errors of their own size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataforge.aggregation.merging._numbers import NumberMerger
from dataforge.aggregation.merging.base import Merger, MergerOf

__all__ = ["PLUGIN"]


def _merger(settings: Mapping[str, Any]) -> Merger:
    return NumberMerger(settings)


PLUGIN: MergerOf = _merger
