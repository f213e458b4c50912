"""Workers who find each other's answers right whatever others say: what they say of each other counts for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from msgspec.structs import replace

from dataforge.aggregation.radar.friends import NO_WORKER, Judgements, friends
from dataforge.objects.base import ObjectType
from dataforge.runs.core.columns import Places
from dataforge.runs.core.log import Judged
from dataforge.runs.core.pages import ACCEPTED
from dataforge.runs.core.solutions import NO_SOLUTION, RIGHT, Solutions
from dataforge.runs.core.state import RunState
from dataforge.runs.driving.view import RunView

__all__ = ["Friends"]

# They are looked for when there is one judgement more to so many, to fewer once there are many, for each look reads
# all; the fewest that are more.
GROWN_BY, MANY, GROWN_LATER, LEAST_GROWTH = 10, 500, 4, 10
# More than this share of those at work are no friends among others but the crowd.
LARGEST = 0.45


class Friends:
    """Who is friends in a run whose answers are judged in another, which is `judging`; `kind`: how it asks."""

    def __init__(self, state: RunState, judging: RunView, kind: ObjectType) -> None:
        assert state.responses.solutions is not None, "answers are judged where there are checks"
        self._state = state
        self._solutions: Solutions = state.responses.solutions
        self._judging = judging
        self._rights = frozenset(kind.rights() or ())
        self._looked_at = 0

    def found(self) -> tuple[tuple[str, ...], ...]:
        """Groups of workers who are found to be friends since this was asked last, if enough was judged since."""
        judged = len(self._judging.state.responses)
        before = self._looked_at
        if judged - before < max(before / (GROWN_BY if before < MANY else GROWN_LATER), LEAST_GROWTH):
            return ()
        self._looked_at = judged
        names = {record.id: None for record in chain(self._state.workers, self._judging.state.workers)}
        code = {name: number for number, name in enumerate(names)}
        judgements = self._judgements(code)
        at_work = len(np.unique(judgements.judge))
        groups = [ring.workers for ring in friends(judgements) if len(ring.workers) <= LARGEST * at_work]
        order = list(names)
        named = [tuple(order[worker] for worker in group) for group in groups]
        return tuple(group for group in named if not self._known(group))

    def look_again(self) -> None:
        """Find those again who were found last, whatever was judged since."""
        self._looked_at = 0

    def _known(self, group: Sequence[str]) -> bool:
        return len({self._solutions.friends.get(worker, -1 - place) for place, worker in enumerate(group)}) == 1

    def _judgements(self, code: Mapping[str, int]) -> Judgements:
        """All that was said of answers and of control items on accepted pages, in codes of workers."""
        view, solutions = self._judging, self._solutions
        responses, items = view.state.responses, len(view.state.numbering)
        said = self._said(np.arange(len(responses)))
        # Who fails the control items of the check contradicts others without looking, and is not one to go by.
        rows = np.flatnonzero((said >= 0) & responses.on_pages(ACCEPTED))
        ours = np.array([code[record.id] for record in view.state.workers], np.int32)
        theirs = np.array([code[record.id] for record in self._state.workers], np.int32)
        author = np.full(items, NO_WORKER, np.int32)
        number, first = np.unique(solutions.of.values, return_index=True)
        first, number = first[number != NO_SOLUTION], number[number != NO_SOLUTION]
        place = self._places(number)
        author[place[place >= 0]] = theirs[self._state.responses.workers(first[place >= 0])]
        return Judgements(
            answer=responses.item.values[rows],
            judge=ours[responses.workers(rows)],
            yes=said[rows] == 1,
            author=author,
            known=self._as_said(view.quality.known(np.arange(items))).astype(np.int32),
            workers=len(code),
        )

    def _places(self, numbers: Iterable[int]) -> Places:
        """The places of these solutions among the items of the check; -1 of those that have none."""
        index, keys = self._judging.state.numbering.index, self._solutions.keys
        return np.array([index.get(keys[number], -1) for number in numbers], np.int64)

    def _said(self, rows: Places) -> Places:
        """What these judgements say: 1 right, 0 wrong, -1 neither."""
        return self._as_said(self._judging.quality.given(rows))

    def _as_said(self, values: Mapping[str, Iterable[object]]) -> Places:
        [said] = values.values()
        return np.array([-1 if one is None else int(one in self._rights) for one in said], np.int64)

    # --- what counts for nothing ------------------------------------------------------------------

    def beside(self, workers: Iterable[str]) -> tuple[str, ...]:
        """These workers and their friends: none of them judges what these have answered."""
        known = self._solutions.friends
        named = tuple(workers)
        groups = {known[worker] for worker in named if worker in known}
        friends_ = (worker for worker, group in known.items() if groups and group in groups and worker not in named)
        return (*named, *friends_)

    def to_withhold(self) -> dict[str, tuple[str, ...]]:
        """By key of what is still judged, and is of one who has friends, from whom it is to be withheld."""
        waiting = [number for number in self._solutions.asking if self._friends_of(number)]
        places = self._places(waiting)
        keys = self._solutions.keys
        return {
            keys[number]: self._friends_of(number)
            for number, place in zip(waiting, places.tolist(), strict=True)
            if place >= 0
        }

    def without(self, found: Judged) -> Judged:
        """What was found, but for what only friends have found right: that is as if nobody had judged it."""
        if not self._solutions.friends:
            return found
        index = self._solutions.index
        nothing = [
            right is True and key in index and self._by_friends(index[key])
            for key, right in zip(found.keys, found.right, strict=True)
        ]
        return replace(
            found,
            right=tuple(None if none else right for none, right in zip(nothing, found.right, strict=True)),
            chances=tuple(None if none else chance for none, chance in zip(nothing, found.chances, strict=True)),
        )

    def unjudged(self) -> tuple[str, ...]:
        """The keys of answers that were found right before it was known that only friends had found them so."""
        right = np.flatnonzero(self._solutions.verdict.values == RIGHT).tolist()
        return tuple(self._solutions.keys[number] for number in right if self._by_friends(number))

    def _by_friends(self, number: int) -> bool:
        """Whether friends of who gave an answer have judged it, and most, and enough, of the others do not say yes."""
        theirs = set(self._friends_of(number))
        [place] = self._places([number]).tolist()
        if not theirs or place < 0 or place in self._judging.state.corrections.answered:
            return False
        responses = self._judging.state.responses
        rows = responses.of(np.array([place]))
        judges = [self._judging.state.workers[one].id for one in responses.workers(rows).tolist()]
        if theirs.isdisjoint(judges):
            return False
        said = self._said(rows)[[judge not in theirs for judge in judges]]
        yes, no = int((said == 1).sum()), int((said == 0).sum())
        return yes + no < self._judging.policy.min_overlap or yes <= no

    def _friends_of(self, number: int) -> tuple[str, ...]:
        """Who has given an answer, and their friends; nobody if these have none."""
        if not self._solutions.friends:
            return ()
        rows = np.flatnonzero(self._solutions.of.values == number)
        names = {self._state.workers[one].id for one in self._state.responses.workers(rows).tolist()}
        return self.beside(sorted(names)) if names & self._solutions.friends.keys() else ()
