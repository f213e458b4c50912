"""Scores of items from comparisons of two."""

from dataforge.aggregation.pairwise.bradley_terry import BradleyTerry
from dataforge.aggregation.pairwise.davidson import Davidson
from dataforge.aggregation.pairwise.elo import Elo
from dataforge.aggregation.pairwise.intervals import bootstrap_intervals
from dataforge.aggregation.pairwise.noisy_bradley_terry import NoisyBradleyTerry
from dataforge.aggregation.pairwise.preferences import Preferences, preference_test
from dataforge.aggregation.pairwise.win_rate import AverageWinRate

__all__ = [
    "AverageWinRate",
    "BradleyTerry",
    "Davidson",
    "Elo",
    "NoisyBradleyTerry",
    "Preferences",
    "bootstrap_intervals",
    "preference_test",
]
