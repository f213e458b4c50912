"""Measures of answers, of workers and of aggregated labels."""

from dataforge.metrics.calibration import Reliability, expected_calibration_error, reliability
from dataforge.metrics.cuboids import CuboidMatch, match_cuboids
from dataforge.metrics.data import (
    AlphaInterval,
    KappaInterval,
    alpha_interval,
    alpha_krippendorff,
    cohen_kappa,
    cohen_kappa_interval,
    cohen_kappas,
    consistency,
    fleiss_kappa,
    uncertainty,
)
from dataforge.metrics.tracks import Hota, Idf1, hota, idf1
from dataforge.metrics.workers import (
    accuracy_on_aggregates,
    precision_recall,
    worker_changes,
    worker_copies,
    worker_rings,
)

__all__ = [
    "AlphaInterval",
    "CuboidMatch",
    "Hota",
    "Idf1",
    "KappaInterval",
    "Reliability",
    "accuracy_on_aggregates",
    "alpha_interval",
    "alpha_krippendorff",
    "cohen_kappa",
    "cohen_kappa_interval",
    "cohen_kappas",
    "consistency",
    "expected_calibration_error",
    "fleiss_kappa",
    "hota",
    "idf1",
    "match_cuboids",
    "precision_recall",
    "reliability",
    "uncertainty",
    "worker_changes",
    "worker_copies",
    "worker_rings",
]
