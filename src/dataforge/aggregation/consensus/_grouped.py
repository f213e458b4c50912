"""From the seam of runs to the engine of the kernels."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.kernels.parts import Local, Part, group, local

__all__ = ["engine_of", "part_of"]


def part_of(answers: Responses) -> Part:
    """The answers grouped by item, in an order of their own: the order they came in must not move the last digits.

    Closed labels are not told: while workers are learnt they count as labels that nobody chose.
    """
    order = np.lexsort((answers.label, answers.worker, answers.item))
    shape = (answers.n_items, answers.n_workers, answers.n_labels)
    return group(answers.item[order], answers.worker[order], answers.label[order], shape, known=answers.known)


def engine_of(answers: Responses) -> Local:
    """The same as algorithms take it, on as many cores as pays."""
    return local(part_of(answers))
