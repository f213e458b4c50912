"""Measures of workers."""

from dataforge.metrics.workers.changes import worker_changes
from dataforge.metrics.workers.copies import worker_copies
from dataforge.metrics.workers.rings import worker_rings
from dataforge.metrics.workers.scores import accuracy_on_aggregates, precision_recall

__all__ = ["accuracy_on_aggregates", "precision_recall", "worker_changes", "worker_copies", "worker_rings"]
