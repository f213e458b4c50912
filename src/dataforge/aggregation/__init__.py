"""Aggregation: answers of many workers in, one answer for each task out, with probabilities and worker skills.

    from dataforge.aggregation import DawidSkene

    labels = DawidSkene(n_iter=100).fit_predict(answers)   # columns task, worker, label

Estimators take pandas, polars or Arrow tables and answer in the same kind. Names are loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataforge.aggregation.classification import GLAD as GLAD
    from dataforge.aggregation.classification import KOS as KOS
    from dataforge.aggregation.classification import MACE as MACE
    from dataforge.aggregation.classification import MMSR as MMSR
    from dataforge.aggregation.classification import DawidSkene as DawidSkene
    from dataforge.aggregation.classification import GoldMajorityVote as GoldMajorityVote
    from dataforge.aggregation.classification import MajorityVote as MajorityVote
    from dataforge.aggregation.classification import OneCoinDawidSkene as OneCoinDawidSkene
    from dataforge.aggregation.classification import Wawa as Wawa
    from dataforge.aggregation.classification import ZeroBasedSkill as ZeroBasedSkill

# Name -> module, so that importing the package costs next to nothing.
_HOMES = {
    name: f"dataforge.aggregation.{family}"
    for family, names in {
        "base": (
            "BaseClassificationAggregator",
            "BaseEmbeddingsAggregator",
            "BaseImageSegmentationAggregator",
            "BaseNumericAggregator",
            "BasePairwiseAggregator",
            "BaseTextsAggregator",
        ),
        "classification": (
            "DawidSkene",
            "GLAD",
            "GoldMajorityVote",
            "KOS",
            "MACE",
            "MMSR",
            "MajorityVote",
            "OneCoinDawidSkene",
            "Wawa",
            "ZeroBasedSkill",
        ),
    }.items()
    for name in names
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one table says which names there are and where they live


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'dataforge.aggregation' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
