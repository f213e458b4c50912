"""A run as it stands, for who goes on with it in memory: its workers and what they had, and which pages are out."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.issue.rows import Member
from dataforge.records import PageJudged, Publication
from dataforge.runs.core.crowd import ARRIVALS, BEFOREHAND, Met, Presumed
from dataforge.runs.core.events import take_events
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import ACCEPTED, GONE, REJECTED, TAKEN
from dataforge.runs.core.quality import Quality
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord
from dataforge.runs.driving.view import RunView
from dataforge.tasks.task import Slot

__all__ = [
    "MOST_ITEMS",
    "Standing",
    "copied",
    "drawn_arrivals",
    "let_go_of_pages",
    "members_of",
    "met_in",
    "seen_in",
    "standing_of",
]

MOST_ITEMS = 1_000
"""So many open items at most are gone through."""
AWAY = 1_800.0


@dataclass(frozen=True)
class Standing:
    """A run as it stands: what a rehearsal begins with, and leaves as it is."""

    state: RunState
    quality: Quality
    rules: Rules
    publication: Publication
    outputs: Sequence[Slot]
    most: int = MOST_ITEMS
    presumed: Presumed = BEFOREHAND

    @property
    def items(self) -> int:
        """How many items the run asks."""
        return self.state.numbering.real_total


def standing_of(view: RunView, most: int | None = None, presumed: Presumed = BEFOREHAND) -> Standing:
    """How a run stands; hold its lock. `most` open items are gone through."""
    state, quality = copied(view.state, view.quality, view.task.outputs, view.state.numbering.as_it_is())
    return Standing(state, quality, view.rules, view.publication, view.task.outputs, most or MOST_ITEMS, presumed)


def copied(
    state: RunState, quality: Quality, outputs: Sequence[Slot], numbering: Numbering
) -> tuple[RunState, Quality]:
    """The same once more, but for what is never written to: these items' names and the types of the answers."""
    same: dict[int, Any] = {id(state.numbering): numbering} | {id(slot): slot for slot in outputs}
    return copy.deepcopy((state, quality), same)


def let_go_of_pages(state: RunState) -> set[int]:
    """Have no page out or waiting for its verdict: their items are asked of others, or accepted.

    Gives the workers whose page was taken before any verdict on them.
    """
    judged = _first_judged(state)
    holding = set()
    for name, page in list(state.pages.number.items()):
        worker = state.pages.worker[page]
        if state.pages.status[page] == TAKEN:
            state.pages.status[page] = GONE
            state.pages_out -= 1
            del state.pages.number[name]
            state.responses.showings.came_back(name)
            if judged.get(worker, math.inf) >= state.pages.taken_at[page]:
                holding.add(worker)
        else:
            price = state.price(state.pages.size[page])
            name_of = state.workers[worker].id
            take_events(state, [PageJudged(state.cursor, state.now, name, name_of, accepted=True, amount=price)])
    state.to_judge.clear()
    state.unsent.clear()
    # New ones may be called as old ones were.
    state.pages.ids[:] = [""] * len(state.pages.ids)
    state.feed_open = False
    state.started = state.started or state.now
    return holding


def _first_judged(state: RunState) -> dict[int, float]:
    """When each worker had their first page judged that had control items: that is right after it was answered."""
    found: dict[int, float] = {}
    for page, worker in enumerate(state.pages.worker):
        if state.pages.controls[page] and state.pages.status[page] in (ACCEPTED, REJECTED):
            found[worker] = min(found.get(worker, math.inf), state.pages.submitted_at[page])
    return found


def met_in(state: RunState) -> list[Met]:
    """The workers of the run, and what their control items showed."""
    last: dict[int, float] = {}
    for page, worker in enumerate(state.pages.worker):
        last[worker] = max(last.get(worker, 0.0), state.pages.submitted_at[page])
    return [
        Met(
            record.id,
            record.control_correct,
            record.control_total,
            record.seconds_per_item,
            here=state.now - max(last.get(record.number, 0.0), record.joined) < AWAY,
            shut_out=record.restricted_until > state.now,
        )
        for record in state.workers
    ]


def drawn_arrivals(state: RunState, rng: np.random.Generator) -> float:
    """How many workers come in an hour, as probable as that is by those who came after the first.

    Beforehand it has Jeffreys' shape about the mean `ARRIVALS`: that counts as half of somebody who came. Of fewer than
    two who came the mean is taken: what a run takes goes with one divided by this, which has no variance there.
    """
    later, passed = 0.5, 0.5 * 3_600 / ARRIVALS
    if state.workers and state.now > state.started:
        first = min(record.joined for record in state.workers)
        later += sum(record.joined > first + 1 for record in state.workers)
        passed += state.now - first
    return 3_600 * (float(rng.gamma(later)) if later > 2 else later) / passed


def seen_in(state: RunState) -> dict[str, list[str]]:
    """The keys of the items that each worker has answered."""
    found: dict[str, list[str]] = {}
    keys, items = state.numbering.keys, state.responses.item.values.tolist()
    for item, worker in zip(items, state.responses.workers().tolist(), strict=True):
        found.setdefault(state.workers[worker].id, []).append(keys[item])
    return found


def members_of(state: RunState) -> dict[str, Member]:
    """The workers of the run as their platform knows them."""
    pages: list[list[int]] = [[] for _ in range(len(state.workers))]
    for page, worker in enumerate(state.pages.worker):
        if state.pages.status[page] != GONE:
            pages[worker].append(page)
    return {record.id: _member(state, record, pages[record.number]) for record in state.workers}


def _member(state: RunState, record: WorkerRecord, answered: Sequence[int]) -> Member:
    checked = unchecked = 0
    for page in answered:
        unchecked = 0 if state.pages.controls[page] else unchecked + 1
        if state.pages.controls[page]:
            checked = checked + 1 if state.pages.status[page] == ACCEPTED else 0
    controls = sum(state.pages.controls[page] for page in answered)
    return Member(
        joined=record.joined,
        reals=sum(state.pages.size[page] for page in answered) - controls,
        controls=controls,
        responses=record.responses,
        pages_accepted=record.pages_accepted,
        pages_rejected=record.pages_rejected,
        checked=checked,
        unchecked=unchecked,
        until=record.restricted_until,
        control_wish=record.control_wish,
    )
