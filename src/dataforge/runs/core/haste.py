"""Who is suddenly much faster than they were, and what follows: further answers, and control items. Pure.

It is looked at with each look at all answers together, and stays as it was found until the next one; who was found
stays so for as long as they are that quick. Who hurries is neither barred nor paid less; whose control items since then
are right is only quick.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.radar.haste import hasty, still_hasty
from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import GONE, TAKEN
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["BORNE_OUT", "hurried", "hurries", "in_haste", "note_haste"]

BORNE_OUT = 4
"""So many control items show that who is quick looks all the same."""


def note_haste(state: RunState) -> None:
    """Note of each worker from which page on they hurry, and how their control items went since."""
    pages = state.pages
    worker, seconds, answered = np.array(pages.worker), np.array(pages.seconds), np.array(pages.size)
    # To see that an item does not open takes no time.
    answered = answered - np.array(pages.reported)
    shown = ~np.isnan(seconds) & (answered > 0) & ~np.isin(np.array(pages.status), (TAKEN, GONE))
    rows = np.flatnonzero(shown)
    rows = rows[np.argsort(np.array(pages.submitted_at)[rows], kind="stable")]
    pace = seconds[rows] / answered[rows]
    found = {one.worker: int(rows[one.since]) for one in hasty(worker[rows], pace)}
    controls, correct = np.array(pages.controls), np.array(pages.correct)
    for record in state.workers:
        before = record.hurries_since, record.since_then
        if record.number not in found and record.hurries_since >= 0:
            own, late = worker[rows] == record.number, rows >= record.hurries_since
            still = still_hasty(pace[own & ~late], pace[own & late])
            record.hurries_since = record.hurries_since if still else -1
        else:
            record.hurries_since = found.get(record.number, -1)
        if record.hurries_since >= 0:
            since = np.flatnonzero((worker == record.number) & (np.arange(len(worker)) >= record.hurries_since))
            record.since_then = int(correct[since].sum()), int(controls[since].sum())
        if before != (record.hurries_since, record.since_then):
            state.changed_workers.add(record.number)


def hurries(record: WorkerRecord, rules: Rules) -> bool:
    """Whether a worker hurries, and control items do not show that they look all the same."""
    if record.hurries_since < 0:
        return False
    right, met = record.since_then
    return met < BORNE_OUT or right < rules.policy.needed_correct(met)


def in_haste(state: RunState, rules: Rules) -> dict[int, int]:
    """From which page on each worker hurries who does; asked in every round of however many workers."""
    found = [record for record in state.workers if record.hurries_since >= 0]
    return {record.number: record.hurries_since for record in found if hurries(record, rules)}


def hurried(state: RunState, rules: Rules, items: Places) -> NDArray[np.int32]:
    """How many of the answers that count to each of these items were given in haste."""
    since = in_haste(state, rules)
    found = np.zeros(len(items), np.int32)
    if not since or not len(items):
        return found
    rows = state.responses.of(items)
    begins = np.full(len(state.workers), len(state.pages))
    begins[list(since)] = list(since.values())
    late = rows[state.responses.page.values[rows] >= begins[state.responses.workers(rows)]]
    order = np.argsort(items)
    np.add.at(found, order[np.searchsorted(items, state.responses.item.values[late], sorter=order)], 1)
    return found
