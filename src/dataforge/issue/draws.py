"""A worker's own random order of a run's control items.

A shuffle drawn one by one (Fisher and Yates), of which only the swapped slots are stored: each draw costs the same
however many control items there are or have been drawn, and items that are added later join the part not yet drawn.
"""

from __future__ import annotations

import random

from dataforge.issue.store import Draws

__all__ = ["draw"]


def draw(draws: Draws, run: int, worker: int, drawn: int, total: int, source: random.Random) -> int:
    """The number of a control item, uniform among the `total - drawn` that this worker has not drawn yet."""
    slot = source.randrange(drawn, total)
    chosen = draws.at(run, worker, slot)
    if slot != drawn:
        draws.put(run, worker, slot, draws.at(run, worker, drawn))
    draws.drop(run, worker, drawn)
    return chosen
