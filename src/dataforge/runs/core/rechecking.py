"""Items whose answer is sure, given once more to people of whom nothing is known, which shows how far to believe them.

Pure.

Control items are few and are on everybody's first page, so that whoever comes with many accounts, or tells others what
came, knows them by their coming again. What the run has become sure of by people who stay has been seen by nobody else:
there is always more of it, and each is answered by one stranger, well or badly. What a stranger says of it tells how
much their answers count, as every answer to an item that others answered does, and decides nothing about their pay: who
is alike in the wrong answers has the run sure of these, and known answers alone show who is right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from dataforge.records import Recheck
from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.log import UNKEYED, Order
from dataforge.runs.core.quality import Certainty
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState

__all__ = ["rechecks"]

# There should be something that nobody knows for so many times the newcomers that have come.
AHEAD = 2
# Who had so many pages accepted has stayed.
STAYED = 3


def rechecks(state: RunState, certainty: Certainty, rules: Rules) -> Iterator[Order]:
    """The order to give items once more whose answers have just become sure, as many as newcomers lack that are fresh.

    A control item is fresh for as many as a real one is asked of.
    """
    if state.closing is not None or not rules.control_per_page or not state.numbering.control_total:
        return
    fresh = state.numbering.control_total * max(rules.policy.min_overlap, 1) + len(state.rechecked)
    # Who looks at a page and goes costs nobody anything, and may come with any number of accounts.
    came = sum(record.pages > 0 for record in state.workers)
    lacking = rules.control_per_page * AHEAD * came - fresh
    if lacking <= 0 or not len(state.responses.new_items):
        return
    found = _sure_by_who_stays(state, certainty, rules)[:lacking].tolist()
    if found:
        yield Recheck(UNKEYED, tuple(state.numbering.keys[item] for item in found))


def _sure_by_who_stays(state: RunState, certainty: Certainty, rules: Rules) -> Places:
    """Those of the items with new answers whose answer is sure, and which all who stay gave, two at least if asked.

    None has more answers for it than the policy allows.
    """
    items = state.responses.new_items
    items = items[state.responses.accepted[items] < rules.policy.max_overlap]
    items = items[state.responses.accepted[items] >= np.maximum(state.responses.wanted[items], 1)]
    for known in (state.rechecked, state.corrections.answered, state.corrections.aside):
        items = items[~_those_in(known, items)]
    rows = state.responses.of(items)
    stayed = np.array([record.pages_accepted >= STAYED for record in state.workers], bool)
    rows = rows[stayed[state.responses.workers(rows)]]
    agree, place = certainty.held_to_sure(rows).correct, np.searchsorted(items, state.responses.item.values[rows])
    who = np.bincount(place, minlength=len(items))
    good = np.bincount(place, agree, minlength=len(items)) == who
    good &= (who >= np.minimum(state.responses.accepted[items], 2)) & (state.responses.reported[items] == 0)
    found: Places = items[good]
    return found


def _those_in(known: Collection[int], items: NDArray[np.integer]) -> Flags:
    """Which of a few items are in a set that grows with the run, and is not gone through for each page."""
    return np.fromiter((item in known for item in items.tolist()), bool, len(items))
