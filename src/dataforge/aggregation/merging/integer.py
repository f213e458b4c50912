"""Whole numbers: merged as numbers are, and whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataforge.aggregation.merging._numbers import NumberMerger
from dataforge.aggregation.merging.base import Merger, MergerOf

__all__ = ["PLUGIN"]


def _merger(settings: Mapping[str, Any]) -> Merger:
    return NumberMerger(settings, whole=True)


PLUGIN: MergerOf = _merger
