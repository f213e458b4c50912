"""From the seam of runs to the engine of the kernels."""

from __future__ import annotations

from dataclasses import replace

from dataforge.aggregation._answers import Answers
from dataforge.aggregation.kernels.engine import Local, local
from dataforge.aggregation.kernels.grouping import ordered
from dataforge.aggregation.kernels.parts import Part

__all__ = ["engine_of", "part_of"]


def part_of(answers: Answers) -> Part:
    """The answers grouped by item, in an order of their own: the order they came in must not move the last digits."""
    shape = (answers.n_items, answers.n_workers, answers.n_labels)
    return ordered(answers.item, answers.worker, answers.label, shape, known=answers.known, allowed=answers.allowed)


def engine_of(part: Part) -> Local:
    """The same as models take it that learn workers without closed labels: those count as labels that nobody chose."""
    return local(replace(part, allowed=None))
