"""From the seam of runs to the engine of the kernels."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.kernels.parts import Local, Part, group, local

__all__ = ["engine_of", "part_of"]


def part_of(responses: Responses) -> Part:
    """The answers grouped by item, in an order of their own: the order they came in must not move the last digits.

    Closed labels are not told: while workers are learnt they count as labels that nobody chose.
    """
    order = np.lexsort((responses.label, responses.worker, responses.item))
    shape = (responses.n_items, responses.n_workers, responses.n_labels)
    return group(responses.item[order], responses.worker[order], responses.label[order], shape, known=responses.known)


def engine_of(responses: Responses) -> Local:
    """The same as algorithms take it, on as many cores as pays."""
    return local(part_of(responses))
