"""How much memory the bodies of requests take while they come in: bounded for each client, and for all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from dataforge.errors import Refused

__all__ = ["Bodies", "HeldBody"]

# The largest answers and half as much again; nobody has reason to send more than two pages at a time.
MOST_OF_A_CLIENT = 32 << 20
MOST_IN_ALL = 512 << 20
# How long, in seconds, to wait before sending again.
RETRY = 2


class Bodies:
    """The bytes held of bodies that have not yet been read to their end, by client."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def of(self, client: str) -> Iterator[HeldBody]:
        """A body that a client sends; what it holds is given back at the end of the block."""
        body = HeldBody(self, client)
        try:
            yield body
        finally:
            self._held[client] -= body.size
            if not self._held[client]:
                del self._held[client]

    def hold(self, client: str, size: int) -> None:
        """Hold so many bytes more; raises `Refused` 429 or 503 if there is no room for them."""
        if self._held[client] + size > MOST_OF_A_CLIENT:
            raise Refused(
                f"more than {MOST_OF_A_CLIENT:,} bytes of your requests are on their way: send one after another",
                status=429,
                code="too_much_at_once",
                retry_after=RETRY,
            )
        if self._held.total() + size > MOST_IN_ALL:
            raise Refused(
                "too many large requests are on their way at once: try again in a moment",
                status=503,
                code="overloaded",
                retry_after=RETRY,
            )
        self._held[client] += size


class HeldBody:
    """A body that comes in."""

    def __init__(self, bodies: Bodies, client: str) -> None:
        self._bodies = bodies
        self._client = client
        self.size = 0

    def hold(self, size: int) -> None:
        """Hold so many bytes more of it."""
        self._bodies.hold(self._client, size)
        self.size += size
