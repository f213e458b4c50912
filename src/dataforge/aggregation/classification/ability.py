"""Whether workers agree as people do who guess, whatever method their answers are combined by."""

from __future__ import annotations

import warnings

from dataforge.aggregation.kernels.ability import shown_ability
from dataforge.aggregation.kernels.engine import TableEngine
from dataforge.aggregation.kernels.hierarchical_dawid_skene import Fit, hierarchical_dawid_skene, label_shares
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.errors import AggregationWarning

__all__ = ["ability_of", "warn_of_chance"]


def ability_of(answers: LabelAnswers) -> float:
    """Which share of workers' ability shows on tasks that it was not learnt from, by the model that is the default.

    1 where ten answers are known or more, and where nothing could show it.
    """
    engine = answers.engine()
    prior = label_shares(engine)

    def learnt(some: TableEngine) -> Fit:
        return hierarchical_dawid_skene(some, n_iter=100, tol=1e-4, class_prior=prior, strength=15.0, damping=0.05)

    return shown_ability(engine, learnt)


def warn_of_chance(name: str) -> None:
    """Warn that workers agree as people do who guess."""
    warnings.warn(
        f"{name}: workers agree about as often as chance would have it, so hardly anything shows which labels are "
        "right; give known answers to some tasks, or ask other workers",
        AggregationWarning,
        stacklevel=5,
    )
