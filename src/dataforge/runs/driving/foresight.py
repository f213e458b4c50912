"""What a run is foreseen to become: rehearsed several times from where it stands, in its driver's spare time."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import suppress

from dataforge.runs.core.crowd import Presumed, presumed_of
from dataforge.runs.core.outlook import REHEARSALS, Course, Foreseen, foreseen_of, seen_of
from dataforge.runs.driving.earlier import earlier_runs
from dataforge.runs.driving.rehearsal import rehearse
from dataforge.runs.driving.standing import MOST_ITEMS, Standing, standing_of
from dataforge.runs.driving.view import RunView

__all__ = ["Foresight", "can_be_rehearsed", "foresee", "foresee_quickly"]

# It may take so large a share of the time since a run is driven, and nothing at first, when there is most to do.
SHARE = 0.03
FIRST_AFTER = 10.0
# It is done again when there are so many times as many answers.
GROWN = 1.25
# Every rehearsal looks at all answers several times: of larger runs that takes too long. And none may take more seconds
# of a processor than that.
LARGEST, LONGEST = 100_000, 4.0


def can_be_rehearsed(view: RunView) -> bool:
    """Whether what becomes of the run is not plain: how many answers its items get follows from the answers."""
    bounded = all(slot.type.labels() is not None for slot in view.task.outputs)
    depends = any(getattr(slot.type, "depends", None) is not None for slot in view.task.outputs)
    alone = view.way == "consensus" and bounded and not depends
    asks = view.policy.dynamic and not view.policy.voters
    state = view.state
    # A target is of all answers together: once there are some, a sample of the items does not tell what they reach.
    whole = view.policy.target is None or not len(state.responses) or state.numbering.real_total <= MOST_ITEMS
    ends = state.ending is not None or state.closing is not None
    few = len(state.numbering) <= LARGEST and len(state.responses) <= LARGEST
    return alone and asks and whole and not ends and few and state.numbering.real_total > 0


def foresee(
    view: RunView, runs: int = REHEARSALS, seed: int = 0, most: int | None = None, longest: float = math.inf
) -> Foreseen | None:
    """What the run is foreseen to become, at once; None where that is plain, or over. `most`: of so many items."""
    presumed = presumed_of(earlier_runs(view.folder, view.publication.task.id))
    with view.lock:
        if not can_be_rehearsed(view):
            return None
        standing = standing_of(view, most, presumed)
    first = _seed(view.description.name, seed)
    return _of([rehearse(standing, first + run, longest) for run in range(runs)], standing)


def foresee_quickly(view: RunView, runs: int, most: int) -> Foreseen | None:
    """What the run is foreseen to become; None also where that cannot be told soon: nobody launched it for that."""
    with suppress(Exception):
        return foresee(view, runs, most=most, longest=LONGEST / runs)
    return None


class Foresight:
    """Rehearses one run a little at a time and leaves what is foreseen in its view."""

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._since = time.monotonic()
        self._spent = self._longest = 0.0
        self._standing: Standing | None = None
        self._courses: list[Course] = []
        self._of = (-1, -1)
        self._given_up = False
        self._presumed: Presumed | None = None

    def go_on(self) -> None:
        """Rehearse once, if it is due and has not taken too much time yet."""
        if self._given_up:
            return
        begun = time.monotonic()
        allowed = SHARE * (begun - self._since)
        if begun - self._since < FIRST_AFTER or self._spent + self._longest > allowed or not self._begun():
            return
        assert self._standing is not None, "it has begun"
        first = _seed(self._view.description.name, self._standing.state.responses.accepted_total)
        try:
            self._courses.append(rehearse(self._standing, first + len(self._courses), LONGEST))
        except Exception:  # a run does not end for want of a forecast
            self._standing, self._given_up = None, True
            return
        if len(self._courses) == REHEARSALS:
            with self._view.lock:
                self._view.foreseen = _of(self._courses, self._standing)
            self._standing = None
        took = time.monotonic() - begun
        self._spent, self._longest = self._spent + took, max(self._longest, took)

    def _begun(self) -> bool:
        """Whether there is a standing that is being rehearsed, or a new one that is worth it."""
        view = self._view
        if self._presumed is None:
            self._presumed = presumed_of(earlier_runs(view.folder, view.publication.task.id))
        with view.lock:
            asked = (view.state.fed, view.state.changes)
            answers = seen_of(view.state)
            grown = view.foreseen is None or asked != self._of or answers >= max(view.foreseen.at * GROWN, 1)
            if self._standing is not None and asked == self._of:
                return True
            if not grown or not can_be_rehearsed(view):
                return False
            self._of, self._standing, self._courses = asked, standing_of(view, presumed=self._presumed), []
        return True


def _of(courses: list[Course], standing: Standing) -> Foreseen:
    return foreseen_of(courses, standing.items, seen_of(standing.state), standing.presumed)


def _seed(name: str, number: int) -> int:
    """The first of the seeds, which follow each other."""
    digest = hashlib.blake2b(f"{name}\x1f{number}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")
