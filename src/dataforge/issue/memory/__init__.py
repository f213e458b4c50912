"""The store in memory: dictionaries and lists, for the simulated platform and for tests.

It has one user at a time, so a transaction needs no beginning and no end, and it hands out its own items and counters:
only the functions of issue, which treat them as rows, may have them.
"""

from dataforge.issue.memory.store import MemoryStore

__all__ = ["MemoryStore"]
