"""What a run's opinion scores say of each system: counted from the answers of accepted pages, whoever asks."""

from __future__ import annotations

import math
import warnings

import msgspec
import numpy as np
import pyarrow as pa

from dataforge.catalogue import say
from dataforge.data.tables import cells
from dataforge.objects.base import listed
from dataforge.objects.mos import Mos
from dataforge.records import SystemScore, Texts
from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import ACCEPTED
from dataforge.runs.core.responses import NO_REPORT
from dataforge.runs.driving.view import RunView
from dataforge.tasks.task import Slot, Task

__all__ = ["answers_that_count", "names_in", "opinion_table", "scored_outputs", "shown_scores"]

# Scores on the pages are put together again when there are so many times as many answers, or fewer than there were.
MORE = 1.02


def scored_outputs(task: Task) -> list[Slot]:
    """The outputs that are opinion scores."""
    return [slot for slot in task.outputs if isinstance(slot.type, Mos)]


def answers_that_count(view: RunView) -> Places:
    """The answers to real items on accepted pages of workers whose answers count."""
    state, responses = view.state, view.state.responses
    counts = responses.counting() & responses.on_pages(ACCEPTED) & (responses.report.values == NO_REPORT)
    found: Places = np.flatnonzero(counts & ~state.numbering.control[responses.item.values])
    return found


def names_in(view: RunView, column: str | None, items: Places) -> list[str]:
    """What a column of the data says of these items; without one each is of its own."""
    if column is None:
        return [view.state.numbering.keys[item] for item in items.tolist()]
    every = cells(view.items.rows, column)
    return [str(every[item]) for item in items.tolist()]


def opinion_table(view: RunView, slot: Slot) -> pa.Table:
    """Scores as `mean_opinion_scores` takes them: `task`, `system`, `worker`, `label`, and `seconds` an item took."""
    kind = slot.type
    assert isinstance(kind, Mos)
    state, responses = view.state, view.state.responses
    rows = answers_that_count(view)
    items, page = responses.item.values[rows].astype(np.int64), responses.page.values[rows]
    on_page = np.maximum(np.bincount(responses.page.values, minlength=len(state.pages)), 1)
    seconds = np.array([math.nan if one is None else one for one in state.pages.seconds], np.float64)
    given = view.quality.given(rows)[slot.name].tolist()
    return pa.table(
        {
            "task": pa.array(names_in(view, kind.item, items), pa.string()),
            "system": pa.array(names_in(view, kind.system, items), pa.string()),
            "worker": pa.array([state.workers[n].id for n in responses.workers(rows).tolist()], pa.string()),
            "label": pa.array([None if one is None else float(one) for one in given], pa.float64()),
            "seconds": pa.array((seconds / on_page)[page], pa.float64()),
        }
    )


def shown_scores(view: RunView) -> tuple[SystemScore, ...]:
    """Scores by system for the requester's page; now and then, for they take a look at all answers."""
    outputs, count = scored_outputs(view.task), view.state.responses.accepted_total
    before, scores = view.scores
    over = view.state.ending is not None and count != before
    if outputs and count and (over or not before <= count < MORE * before):
        found = [_scores(view, slot, named=len(outputs) > 1) for slot in outputs]
        scores = tuple(one for shown, _ in found for one in shown)
        # What is so of several questions is said once.
        view.of_scores = tuple({msgspec.json.encode(text): text for _, said in found for text in said}.values())
        view.scores = count, scores
    return scores


def _scores(view: RunView, slot: Slot, *, named: bool) -> tuple[tuple[SystemScore, ...], tuple[Texts, ...]]:
    """The scores as the page shows them, and what is to be known of them."""
    from dataforge.aggregation import mean_opinion_scores

    kind = slot.type
    assert isinstance(kind, Mos)
    table = opinion_table(view, slot)
    systems = set(table["system"].to_pylist())

    def heard(system: str | None) -> str | None:
        """A hidden system, if anybody has heard it yet."""
        return system if system in systems else None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mean_opinion_scores(
            table, reference=heard(kind.reference), anchor=heard(kind.anchor), scale=(kind.low, kind.high)
        )
    rows = found.systems.to_pylist()
    best_first = sorted(rows, key=lambda row: (math.isnan(row["score"]), -row["score"], row["system"]))
    told = (
        {name: None if math.isnan(row[name]) else round(row[name], 4) for name in ("score", "low", "high")}
        for row in best_first
    )
    scores = tuple(
        SystemScore(
            row["system"],
            answers=row["answers"],
            workers=row["workers"],
            output=slot.name if named else "",
            **numbers,
        )
        for row, numbers in zip(best_first, told, strict=True)
    )
    return scores, _to_know(found.workers["verdict"].to_pylist(), scores)


def _to_know(verdicts: list[str], scores: tuple[SystemScore, ...]) -> tuple[Texts, ...]:
    unheard = sum(verdict != "counts" for verdict in verdicts)
    said = [say("listeners_unheard", unheard=unheard, workers=len(verdicts))] if unheard else []
    alone = [one.system for one in scores if one.answers == 1]
    return (*said, *([say("scores_alone", systems=listed(alone))] if alone else []))
