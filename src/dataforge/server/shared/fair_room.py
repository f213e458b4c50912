"""Room for so much at once, given to those who wait by groups in turn: many of one take nothing from another."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

__all__ = ["FairRoom"]


class FairRoom:
    """So many places; those that become free go round the groups that wait, and in each to who has waited longest.

    Of a group at most `most` wait; `enter` says False to who comes then.
    """

    def __init__(self, places: int, most: int) -> None:
        self._free = places
        self._most = most
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, group: str) -> bool:
        """Wait for a place, which `leave` gives back; False where too many of the group wait already."""
        if self._free:
            self._free -= 1
            return True
        line = self._waiting.setdefault(group, deque())
        if len(line) >= self._most:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The place came in the same moment: it is the next one's.
                self.leave()
            else:
                self._forget(group, turn)
            raise
        return True

    def leave(self) -> None:
        """Give a place to whose turn it is."""
        while self._waiting:
            group, line = next(iter(self._waiting.items()))
            turn = line.popleft()
            self._waiting.move_to_end(group)
            if not line:
                del self._waiting[group]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _forget(self, group: str, turn: asyncio.Future[None]) -> None:
        line = self._waiting.get(group)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._waiting[group]
