"""Several runs that one thread drives, in turns: each goes round when it is its turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from dataforge.errors import RunGone
from dataforge.runs.driving.loop import POLL_WAIT, RunLoop

__all__ = ["drive"]

# Of two runs that one thread drives neither keeps the other waiting for longer than the second; while there is much to
# do, for no longer than the first.
SHORTEST_TURN, LONGEST_TURN = 0.01, 1.0


def drive(
    loops: Sequence[RunLoop], stop: threading.Event, let_go: Callable[[RunLoop], None] = lambda loop: None
) -> None:
    """Go round until all of these runs are over and shown, or `stop` is set: in turns, so that they feed each other.

    A run that is no more there is let go of, but for the first, for which `RunGone` is raised.
    """
    going, pause = list(loops), SHORTEST_TURN
    while not stop.is_set() and (turns := [loop for loop in going if not loop.over]):
        # Of several, one that waits for items gets them from the others: these may take their time.
        alone = len(turns) - sum(loop.waits_for_items for loop in turns) <= 1
        moved = False
        for loop in turns:
            try:
                idle = loop.waits_for_items and len(turns) > 1
                moved |= loop.turn(stop, 0.0 if idle else POLL_WAIT if alone else pause)
            except RunGone:
                if loop is loops[0]:
                    raise
                going.remove(loop)
                let_go(loop)
            except Exception as error:
                loops[0].note_end(error)
                raise
        pause = SHORTEST_TURN if moved else min(2 * pause, LONGEST_TURN)
    for loop in going:
        loop.close()
