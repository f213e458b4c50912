"""Who has judged an answer to an item is not asked for one as long as there are others: it would be copied."""

from __future__ import annotations

import numpy as np

from dataforge.records import Judge, Want, Withhold
from dataforge.runs.core.columns import Places
from dataforge.runs.core.log import Order
from dataforge.runs.core.state import RunState

__all__ = ["kept_from_judges"]

FEWEST_OTHERS = 5
"""So many people at work in the run who have judged nothing of an item are enough for it to do without its judges."""


def kept_from_judges(order: Order, state: RunState, judging: RunState) -> list[Withhold]:
    """What goes to the platform before an order by which items are asked again, in the run with this state.

    `judging`: the state of the run in which its answers are judged. Judgements count that were accepted; whoever was
    never at work in the run itself is not named.
    """
    items = _asked_again(order, state)
    if not len(items):
        return []
    at_work = {worker.id for worker in state.workers if worker.restricted_until <= state.now}
    judges = {item: names & at_work for item, names in _judges(items, state, judging).items()}
    names = state.numbering.keys
    kept = {
        names[item]: tuple(sorted(found))
        for item, found in judges.items()
        if found and len(at_work - found) >= FEWEST_OTHERS
    }
    return [Withhold(f"{order.key}-judges", kept)] if kept else []


def _asked_again(order: Order, state: RunState) -> Places:
    """The items that an order has asked again: those on pages that it rejects, and those that get more answers."""
    match order:
        case Judge():
            rows, _ = state.pages.responses(state.pages.numbers(order.rejected))
            items = state.responses.item.values[rows].astype(np.int64)
        case Want():
            items = np.array([state.numbering.index[key] for key, many in order.wanted.items() if many], np.int64)
        case _:
            return np.empty(0, np.int64)
    return np.unique(items[~state.numbering.control[items]])


def _judges(items: Places, state: RunState, judging: RunState) -> dict[int, set[str]]:
    """By item who has judged answers to it."""
    solutions = state.responses.solutions
    assert solutions is not None, "answers are judged where there are checks"
    asked = np.zeros(len(state.numbering), bool)
    asked[items] = True
    numbers = np.flatnonzero(asked[solutions.item.values]).tolist()
    index = judging.numbering.index
    of = {index[key]: solutions.item.values[number] for number in numbers if (key := solutions.keys[number]) in index}
    rows = judging.responses.of(np.array(list(of), np.int64))
    found: dict[int, set[str]] = {}
    checked, workers = judging.responses.item.values[rows].tolist(), judging.responses.workers(rows).tolist()
    for check, worker in zip(checked, workers, strict=True):
        found.setdefault(int(of[check]), set()).add(judging.workers[worker].id)
    return found
