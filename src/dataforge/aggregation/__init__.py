"""Aggregation: answers of many workers in, one answer for each task out, with probabilities and worker skills.

    from dataforge.aggregation import DawidSkene

    labels = DawidSkene(n_iter=100).fit_predict(answers)   # columns task, worker, label

Estimators take pandas, polars or Arrow tables and answer in the same kind. Names are loaded when first used.
`Aggregator` is what a run asks for its answers: write your own over `Responses` and give back a `Consensus`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from dataforge.arguments import no_attribute

if TYPE_CHECKING:
    from dataforge.aggregation.classification import GLAD as GLAD
    from dataforge.aggregation.classification import KOS as KOS
    from dataforge.aggregation.classification import MACE as MACE
    from dataforge.aggregation.classification import MMSR as MMSR
    from dataforge.aggregation.classification import DawidSkene as DawidSkene
    from dataforge.aggregation.classification import GoldMajorityVote as GoldMajorityVote
    from dataforge.aggregation.classification import HierarchicalDawidSkene as HierarchicalDawidSkene
    from dataforge.aggregation.classification import MajorityVote as MajorityVote
    from dataforge.aggregation.classification import OneCoinDawidSkene as OneCoinDawidSkene
    from dataforge.aggregation.classification import Wawa as Wawa
    from dataforge.aggregation.classification import ZeroBasedSkill as ZeroBasedSkill
    from dataforge.aggregation.consensus.base import Aggregator as Aggregator
    from dataforge.aggregation.consensus.base import Consensus as Consensus
    from dataforge.aggregation.consensus.base import Responses as Responses
    from dataforge.aggregation.embeddings import HRRASA as HRRASA
    from dataforge.aggregation.embeddings import RASA as RASA
    from dataforge.aggregation.embeddings import ClosestToAverage as ClosestToAverage
    from dataforge.aggregation.image_segmentation import SegmentationEM as SegmentationEM
    from dataforge.aggregation.image_segmentation import SegmentationMajorityVote as SegmentationMajorityVote
    from dataforge.aggregation.image_segmentation import SegmentationRASA as SegmentationRASA
    from dataforge.aggregation.multilabel import BinaryRelevance as BinaryRelevance
    from dataforge.aggregation.numeric import BiasVariance as BiasVariance
    from dataforge.aggregation.numeric import MeanValue as MeanValue
    from dataforge.aggregation.numeric import MedianValue as MedianValue
    from dataforge.aggregation.numeric import RobustMean as RobustMean
    from dataforge.aggregation.numeric import mean_opinion_scores as mean_opinion_scores
    from dataforge.aggregation.pairwise import AverageWinRate as AverageWinRate
    from dataforge.aggregation.pairwise import BradleyTerry as BradleyTerry
    from dataforge.aggregation.pairwise import Davidson as Davidson
    from dataforge.aggregation.pairwise import Elo as Elo
    from dataforge.aggregation.pairwise import NoisyBradleyTerry as NoisyBradleyTerry
    from dataforge.aggregation.pairwise import bootstrap_intervals as bootstrap_intervals
    from dataforge.aggregation.pairwise import preference_test as preference_test
    from dataforge.aggregation.texts import ROVER as ROVER
    from dataforge.aggregation.texts import TextHRRASA as TextHRRASA
    from dataforge.aggregation.texts import TextRASA as TextRASA

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
            "HierarchicalDawidSkene",
            "KOS",
            "MACE",
            "MMSR",
            "MajorityVote",
            "OneCoinDawidSkene",
            "Wawa",
            "ZeroBasedSkill",
        ),
        "consensus.base": ("Aggregator", "Consensus", "Responses"),
        "embeddings": ("HRRASA", "RASA", "ClosestToAverage"),
        "image_segmentation": ("SegmentationEM", "SegmentationMajorityVote", "SegmentationRASA"),
        "pairwise": (
            "AverageWinRate",
            "BradleyTerry",
            "Davidson",
            "Elo",
            "NoisyBradleyTerry",
            "bootstrap_intervals",
            "preference_test",
        ),
        "texts": ("ROVER", "TextHRRASA", "TextRASA"),
        "multilabel": ("BinaryRelevance",),
        "numeric": ("BiasVariance", "MeanValue", "MedianValue", "RobustMean", "mean_opinion_scores"),
    }.items()
    for name in names
}

# Families too are there without an import of their own: `aggregation.classification.DawidSkene`.
_FAMILIES = {home.split(".")[2] for home in _HOMES.values()} | {"utils"}

__all__ = sorted([*_HOMES, "base"])


def __getattr__(name: str) -> object:
    if name in _FAMILIES:
        return importlib.import_module(f"dataforge.aggregation.{name}")
    try:
        home = _HOMES[name]
    except KeyError:
        raise no_attribute(__name__, name, __all__) from None
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
