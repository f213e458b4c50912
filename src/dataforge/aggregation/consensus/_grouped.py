"""From the seam of runs to the engine of the kernels."""

from __future__ import annotations

from dataclasses import replace

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.kernels.engine import Local, local
from dataforge.aggregation.kernels.grouping import ordered
from dataforge.aggregation.kernels.parts import Part

__all__ = ["engine_of", "part_of"]


def part_of(responses: Responses) -> Part:
    """The answers grouped by item, in an order of their own: the order they came in must not move the last digits."""
    shape = (responses.n_items, responses.n_workers, responses.n_labels)
    return ordered(
        responses.item, responses.worker, responses.label, shape, known=responses.known, allowed=responses.allowed
    )


def engine_of(part: Part) -> Local:
    """The same as models take it that learn workers without closed labels: those count as labels that nobody chose."""
    return local(replace(part, allowed=None))
