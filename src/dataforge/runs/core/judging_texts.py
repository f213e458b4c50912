"""What is said to requesters of workers who judge each other's answers."""

from __future__ import annotations

from dataforge.catalogue import percent, say
from dataforge.records import Texts

__all__ = ["all_rejected", "found_right_wrongly", "friends"]


def friends(workers: int) -> Texts:
    """Some workers find each other's answers right where others do not."""
    return say("friends", workers=workers)


def all_rejected(items: int, right: int) -> Texts:
    """All answers to some items are on rejected pages, and nobody is asked about them any more."""
    return say("all_rejected", items=items, right=right)


def found_right_wrongly(shown: float) -> Texts:
    """Judges find answers right that are wrong, as answers show of people who could not know that they were tested."""
    return say("found_right_wrongly", shown=percent(shown))
