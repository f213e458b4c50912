"""What is said of control items whose pages were accepted on appeal."""

from __future__ import annotations

from collections.abc import Sequence

from dataforge.catalogue import say
from dataforge.records import Texts

__all__ = ["MOST_LOST", "lost_appeals"]

MOST_LOST = 3
"""A control item that was missed on so many pages which were accepted on appeal is taken for a wrong one."""
MOST_NAMED = 5


def lost_appeals(keys: Sequence[str]) -> Texts:
    """Control items are probably wrong, for pages on which they were missed were accepted on appeal."""
    named = ", ".join(keys[:MOST_NAMED]) + (", …" if len(keys) > MOST_NAMED else "")
    return say("lost_appeals", named=named, most=MOST_LOST)
