"""Measures of workers."""

from dataforge.metrics.workers.scores import accuracy_on_aggregates, precision_recall

__all__ = ["accuracy_on_aggregates", "precision_recall"]
