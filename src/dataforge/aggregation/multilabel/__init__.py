"""Aggregation of answers that are sets of labels."""

from dataforge.aggregation.multilabel.binary_relevance import BinaryRelevance

__all__ = ["BinaryRelevance"]
