"""Aggregation of numbers and of grades on an ordered scale."""

from dataforge.aggregation.numeric.averages import MeanValue, MedianValue, RobustMean
from dataforge.aggregation.numeric.opinions import OpinionScores, mean_opinion_scores
from dataforge.aggregation.numeric.worker_model import BiasVariance

__all__ = ["BiasVariance", "MeanValue", "MedianValue", "OpinionScores", "RobustMean", "mean_opinion_scores"]
