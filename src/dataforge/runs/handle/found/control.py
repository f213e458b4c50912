"""Control items, and which of them are probably wrong themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dataforge.data.frames import set_apart
from dataforge.intervals import wilson
from dataforge.runs.core.columns import Places
from dataforge.runs.core.responses import NO_REPORT
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.columns import answer_column, item_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Doubt", "control", "doubts", "evidence"]

MOST_ABLE = 0.99
"""Nobody is taken for surer than this, however many control items they got right."""


class Doubt(NamedTuple):
    """How many times likelier the answers to a control item are if `rather` is right and not the known answer.

    Below 1 they speak for the known answer; NaN and None where nobody said anything else, or nothing can be compared.
    """

    ratio: float = math.nan
    rather: Any = None


def control(view: RunView) -> pd.DataFrame:
    """One row per control item: id, inputs, known answers, and how workers answered.

    `answered` and `missed` count workers, `missed_by` lists those who missed it, `reported` counts accepted reports.
    `appeals` counts the pages on which it was missed and that were accepted on appeal. `shown` is false once the item
    was withdrawn. `miss_low` and `miss_high` are the 95 % interval of the share that misses it. `suspicion`: how many
    times likelier the answers are if `rather` is right and not the known answer, see `doubts`.
    """
    import pandas as pd

    with view.lock:
        state, responses = view.state, view.state.responses
        places = np.flatnonzero(state.numbering.control)
        outputs = [slot.name for slot in view.task.outputs]
        ours = [view.items.key_column, "answered", "missed", "missed_by", "reported", "appeals", "shown"]
        ours += ["miss_low", "miss_high", "suspicion", "rather"]
        answers = set_apart(outputs, ours)
        frame = item_columns(view, places, [*answers, *ours], of="control")
        for answer, (output, values) in zip(answers, view.quality.known(places).items(), strict=True):
            frame[answer] = answer_column(view, output, values)
        rows = np.flatnonzero(responses.report.values == NO_REPORT)
        answered = np.bincount(responses.item.values[rows], minlength=len(state.numbering))
        frame["answered"] = answered[places]
        missed = _missed_by(view, places)
        frame["missed"] = [len(workers) for workers in missed]
        frame["missed_by"] = missed
        frame["reported"] = responses.reported[places]
        frame["appeals"] = [state.corrections.lost.get(place, 0) for place in places.tolist()]
        frame["shown"] = ~np.isin(places, list(state.control_reports.withdrawn))
        intervals = [wilson(few, many) for few, many in zip(frame["missed"], answered[places].tolist(), strict=True)]
        frame["miss_low"] = [np.nan if one is None else one[0] for one in intervals]
        frame["miss_high"] = [np.nan if one is None else one[1] for one in intervals]
        found = doubts(view, places)
        frame["suspicion"] = np.array([one.ratio for one in found], float)
        frame["rather"] = pd.Series([one.rather for one in found], dtype=object)
        return frame


def _missed_by(view: RunView, places: Places) -> list[list[str]]:
    """The workers who gave each of these control items another answer than the known one."""
    state = view.state
    found: dict[int, list[str]] = {place: [] for place in places.tolist()}
    failed = state.responses.failed.values
    named, workers = state.responses.item.values[failed].tolist(), state.responses.workers(failed).tolist()
    for item, worker in zip(named, workers, strict=True):
        found[item].append(state.workers[worker].id)
    return list(found.values())


def doubts(view: RunView, places: Places) -> list[Doubt]:
    """The evidence against the known answers to these control items; of several questions the greatest.

    Only questions with options count. What a worker's answer weighs follows from the other control items that they
    answered, never from this one; whose answers were discarded weighs nothing. Workers are taken to err each by
    themselves: an item on which good workers share an error looks wrong, too.
    """
    state, responses = view.state, view.state.responses
    rows = np.flatnonzero((responses.report.values == NO_REPORT) & responses.counting())
    rows = rows[state.numbering.control[responses.item.values[rows]]]
    items, workers = responses.item.values[rows].tolist(), responses.workers(rows).tolist()
    wrong = np.isin(rows, responses.failed.values).tolist()
    # A control item may come to the same worker again: the first answer is what they thought.
    first: dict[tuple[int, int], int] = {}
    for row, pair in enumerate(zip(items, workers, strict=True)):
        first.setdefault(pair, row)
    record: dict[int, list[int]] = {}
    for (_, worker), row in first.items():
        record.setdefault(worker, []).append(not wrong[row])
    known, given = view.quality.known(places), view.quality.given(rows)
    best = [Doubt()] * len(places)
    for slot in view.task.outputs:
        labels = slot.type.labels()
        if labels is None or view.way == "collect":
            continue
        said: dict[int, list[tuple[Any, float]]] = {place: [] for place in places.tolist()}
        for (item, worker), row in first.items():
            theirs, right = record[worker], not wrong[row]
            able = (sum(theirs) - right + 2 / len(labels)) / (len(theirs) - 1 + 2)
            said[item].append((given[slot.name][row], able))
        for place, item in enumerate(places.tolist()):
            one = evidence(known[slot.name][place], said[item], len(labels))
            if not one.ratio <= best[place].ratio and not math.isnan(one.ratio):
                best[place] = one if len(view.task.outputs) == 1 else Doubt(one.ratio, {slot.name: one.rather})
    return best


def evidence(known: Any, said: Sequence[tuple[Any, float]], labels: int) -> Doubt:
    """How much likelier what workers `said`, each right with a probability, is under another answer than the known one.

    Errors fall on each of the other `labels` alike.
    """
    others = {answer for answer, _ in said if answer is not None and answer != known}
    if known is None or not others:
        return Doubt()
    weight: dict[Any, float] = {}
    for answer, able in said:
        able = min(max(able, 1 / labels), MOST_ABLE)
        weight[answer] = weight.get(answer, 0.0) + math.log(able * (labels - 1) / (1 - able))
    rather = max(sorted(others, key=str), key=lambda answer: weight[answer])
    return Doubt(math.exp(min(weight[rather] - weight.get(known, 0.0), 700.0)), rather)
