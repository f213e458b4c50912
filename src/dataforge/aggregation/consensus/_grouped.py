"""From the seam of runs to the engine of the kernels.

Runs are aggregated in numpy, whatever the process has loaded: money is staked on the results, so a fit and a later
prediction must not differ in a bit. A run refits by the tenth that it grows, so it is small work mostly, and numpy is
what closed labels are told to.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.kernels.engine import Local, local
from dataforge.aggregation.kernels.grouping import ordered
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.probabilities import evened
from dataforge.aggregation.kernels.sums import tally

__all__ = ["engine_of", "part_of", "vote_shares", "whole"]


def part_of(responses: Responses) -> Part:
    """The answers grouped by item, in an order of their own: the order they came in must not move the last digits."""
    shape = (responses.n_items, responses.n_workers, responses.n_labels)
    return ordered(
        responses.item, responses.worker, responses.label, shape, known=responses.known, allowed=responses.allowed
    )


def vote_shares(responses: Responses) -> Floats:
    """Share of the votes of each label, shape (n_items, n_labels); counts, which no order of answers changes."""
    n_items, n_labels = responses.shape
    cell = responses.item * np.int64(n_labels)
    cell += responses.label
    return evened(tally(cell, None, n_items * n_labels).reshape(n_items, n_labels), responses)


def whole(part: Part) -> Local:
    """The part as algorithms take it: in one piece, and in numpy."""
    return local(part, 1, compiled=False)


def engine_of(part: Part) -> Local:
    """The same for models that learn workers without closed labels: those count as labels that nobody chose."""
    return whole(part if part.allowed is None else replace(part, allowed=None))
