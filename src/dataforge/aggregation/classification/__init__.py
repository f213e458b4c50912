"""Aggregation of categorical answers: votes, weighted votes and models of workers."""

from dataforge.aggregation.classification.dawid_skene import DawidSkene
from dataforge.aggregation.classification.glad import GLAD
from dataforge.aggregation.classification.gold_majority_vote import GoldMajorityVote
from dataforge.aggregation.classification.hierarchical_dawid_skene import HierarchicalDawidSkene
from dataforge.aggregation.classification.kos import KOS
from dataforge.aggregation.classification.mace import MACE
from dataforge.aggregation.classification.majority_vote import MajorityVote
from dataforge.aggregation.classification.mmsr import MMSR
from dataforge.aggregation.classification.one_coin_dawid_skene import OneCoinDawidSkene
from dataforge.aggregation.classification.wawa import Wawa
from dataforge.aggregation.classification.zero_based_skill import ZeroBasedSkill

__all__ = [
    "GLAD",
    "KOS",
    "MACE",
    "MMSR",
    "DawidSkene",
    "GoldMajorityVote",
    "HierarchicalDawidSkene",
    "MajorityVote",
    "OneCoinDawidSkene",
    "Wawa",
    "ZeroBasedSkill",
]
