"""What the requester's pages show of a run, made from what changed since it was last shown."""

from __future__ import annotations

import numpy as np

from dataforge.policy import Policy
from dataforge.records import Flag, ItemQuality, Snapshot, Stage, WorkerQuality
from dataforge.runs import decide
from dataforge.runs.book import Book
from dataforge.runs.charts import DURATIONS_TO
from dataforge.runs.log import AddRange
from dataforge.runs.responses import Places
from dataforge.runs.state import RunState
from dataforge.runs.worker_record import WorkerRecord

__all__ = ["MOST_ITEMS", "answers_of", "flags", "make_snapshot", "stage"]

MOST_ITEMS = 2_000
MOST_WORKERS = 500


def stage(book: Book) -> Stage:
    """Where the run stands: starting, running, stalled, paused, finishing, or how it ended."""
    state = book.state
    if state.ending is not None:
        return state.ending
    if state.closing is not None:
        return "finishing"
    if state.platform_state == "paused":
        return "paused"
    if not state.all_added or any(isinstance(order, AddRange) for order in state.unsent.values()):
        return "starting"
    quiet = state.now - state.last_event >= book.policy.stall_seconds
    return "stalled" if quiet and state.responses.incomplete else "running"


def make_snapshot(book: Book) -> Snapshot:
    """The run now. Items and workers are those that changed; call it until it has no items to show all of them."""
    with book.lock:
        state, quality = book.state, book.quality
        real = state.coding.real_total
        outputs = state.coding.outputs
        return Snapshot(
            at=state.now,
            stage=stage(book),
            items_total=real,
            items_final=items_final(book),
            control_total=state.control_total,
            responses=state.responses.accepted_total,
            pages_accepted=state.pages_accepted,
            pages_rejected=state.pages_rejected,
            pages_pending=state.pages_pending,
            cost=state.paid,
            mean_confidence=quality.mean_confidence,
            min_confidence=min_confidence(book.policy),
            control_accuracy=state.control_correct / state.control_total if state.control_total else None,
            notices=book.notices(),
            series={name: series.points() for name, series in state.charts.series.items()},
            confidence=quality.histogram.tolist(),
            overlap=list(state.responses.overlaps),
            durations=list(state.charts.durations),
            durations_to=DURATIONS_TO * state.hint,
            answers={
                output.name: {
                    str(label): int(count)
                    for label, count in zip(output.labels, counts, strict=True)
                    if label is not None
                }
                for output, counts in zip(outputs, quality.label_counts, strict=True)
            },
            workers=tuple(worker_quality(book, record) for record in _changed_workers(state)),
            items=_items(book, quality.changed(MOST_ITEMS)),
        )


def min_confidence(policy: Policy) -> float:
    """The least confidence that the policy asks for, where it differs by label."""
    asked = policy.min_confidence
    return float(asked) if isinstance(asked, float | int) else float(min(asked.values()))


def items_final(book: Book) -> int:
    """How many real items want no more answers; a run that has ended wants none."""
    state = book.state
    return state.coding.real_total - state.responses.incomplete if state.all_added else 0


def flags(book: Book, items: Places) -> list[Flag]:
    """Why these items have no sure answer: empty where they have one."""
    state, quality, rules = book.state, book.quality, book.rules
    accepted = state.responses.accepted[items]
    lacking = decide.needed(state, quality, rules, items) > 0
    unsure = decide.unsure(quality, rules, items)
    reason = state.ending or state.closing
    early = "" if reason in (None, "done") else str(reason)
    found = np.where(accepted == 0, "no_answers", np.where(unsure | lacking, "unsure", ""))
    if early:
        found = np.where(lacking, early, found)
    flagged: list[Flag] = found.tolist()
    return flagged


def answers_of(book: Book, item: int) -> tuple[dict[str, object], dict[str, float]]:
    """An item's answer and confidence by output; empty without answers."""
    answer: dict[str, object] = {}
    confidence: dict[str, float] = {}
    quality = book.quality
    for output, top, sure in zip(book.state.coding.outputs, quality.top, quality.confidence, strict=True):
        if top[item] >= 0:
            answer[output.name] = output.labels[top[item]]
            confidence[output.name] = round(float(sure[item]), 6)
    return answer, confidence


def worker_quality(book: Book, record: WorkerRecord) -> WorkerQuality:
    """One worker as the run sees them."""
    return WorkerQuality(
        worker=record.id,
        responses=record.responses,
        pages_accepted=record.pages_accepted,
        pages_rejected=record.pages_rejected,
        control_correct=record.control_correct,
        control_total=record.control_total,
        seconds_per_item=record.seconds_per_item,
        skill=book.quality.skill(record.number),
        earned=record.earned,
    )


def _changed_workers(state: RunState) -> list[WorkerRecord]:
    numbers = sorted(state.changed_workers)[:MOST_WORKERS]
    state.changed_workers.difference_update(numbers)
    return [state.workers[number] for number in numbers]


def _items(book: Book, items: Places) -> tuple[ItemQuality, ...]:
    state = book.state
    names = state.coding.keys
    final = (state.responses.accepted[items] >= state.responses.wanted[items]) | (state.ending is not None)
    found = []
    for place, flag, done in zip(items.tolist(), flags(book, items), final.tolist(), strict=True):
        answer, confidence = answers_of(book, place)
        overlap = int(state.responses.accepted[place])
        found.append(ItemQuality(names[place], answer, confidence, overlap, bool(done), flag))
    return tuple(found)
