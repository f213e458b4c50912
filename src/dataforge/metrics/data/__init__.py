"""Measures of answers: how far they agree and how sure they leave one."""

from dataforge.metrics.data.alpha import (
    AlphaInterval,
    alpha_interval,
    alpha_krippendorff,
    binary_distance,
    interval_distance,
    jaccard_distance,
    masi_distance,
)
from dataforge.metrics.data.kappa import KappaInterval, cohen_kappa, cohen_kappa_interval, cohen_kappas, fleiss_kappa
from dataforge.metrics.data.posterior import consistency, uncertainty

__all__ = [
    "AlphaInterval",
    "KappaInterval",
    "alpha_interval",
    "alpha_krippendorff",
    "binary_distance",
    "cohen_kappa",
    "cohen_kappa_interval",
    "cohen_kappas",
    "consistency",
    "fleiss_kappa",
    "interval_distance",
    "jaccard_distance",
    "masi_distance",
    "uncertainty",
]
