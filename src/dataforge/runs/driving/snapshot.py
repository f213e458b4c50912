"""What the requester's pages show of a run, made from what changed since it was last shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dataforge.endings import Ending
from dataforge.policy import Policy
from dataforge.records import FLAGS, Flag, ItemQuality, Snapshot, Stage, TrainingFigures, WorkerQuality, unit_price
from dataforge.runs.core import decide
from dataforge.runs.core.charts import DURATIONS_TO
from dataforge.runs.core.columns import Places
from dataforge.runs.core.haste import hurries
from dataforge.runs.core.log import AddRange
from dataforge.runs.core.outlook import forecast
from dataforge.runs.core.quality import Outcome
from dataforge.runs.core.state import NOT_FINAL, RunState
from dataforge.runs.core.tried import usual_time
from dataforge.runs.core.worker_record import WorkerRecord
from dataforge.runs.driving.opinions import shown_scores
from dataforge.runs.driving.telling import (
    about_run,
    all_notices,
    answers_to_target,
    models_cost,
    promise_of,
    still_foreseen,
)
from dataforge.runs.driving.view import RunView
from dataforge.trials import OK

__all__ = ["MOST_ITEMS", "flags", "make_snapshot", "not_shown", "note_shown", "skills", "stage", "training_figures"]

MOST_ITEMS = 2_000
MOST_WORKERS = 500


def stage(view: RunView) -> Stage:
    """Where the run stands: starting, running, waiting for items, stalled, paused, finishing, or how it ended."""
    state = view.state
    fed = view.items_waiting > 0 if state.ending is None else view.waiting
    if state.ending is not None and not fed:
        return state.ending
    if state.closing is not None and not fed:
        return "finishing"
    if state.platform_state == "paused":
        return "paused"
    if fed or not state.all_added or any(isinstance(order, AddRange) for order in state.unsent.values()):
        # A run that people have worked on has started long since: only more items are on their way.
        return "running" if state.workers else "starting"
    if state.waits_for_items:
        return "waiting"
    quiet = state.now - state.last_event >= view.policy.stall_seconds
    return "stalled" if quiet and state.responses.incomplete else "running"


def make_snapshot(view: RunView, items: Places) -> Snapshot:
    """The run now, with these items, and some of the workers who changed; once it is on the pages see `note_shown`."""
    with view.lock:
        state, quality = view.state, view.quality
        # First, because notices tell of them.
        scores = shown_scores(view)
        return Snapshot(
            at=state.now,
            stage=stage(view),
            items_total=state.numbering.real_total,
            items_final=items_final(view),
            control_total=state.control_total,
            responses=state.responses.accepted_total,
            pages_accepted=state.pages_accepted,
            pages_rejected=state.pages_rejected,
            pages_pending=state.pages_pending,
            cost=state.paid,
            mean_confidence=quality.mean_confidence,
            min_confidence=_min_confidence(view.policy),
            control_accuracy=state.control_correct / state.control_total if state.control_total else None,
            judged_total=state.judged_total,
            judged_right=state.judged_right / state.judged_total if state.judged_total else None,
            about=about_run(view),
            policy=view.policy_in_words(),
            way=view.way,
            notices=all_notices(view),
            promise=promise_of(view),
            series={name: series.points() for name, series in state.charts.series.items()},
            confidence=quality.histogram(),
            overlap=list(state.responses.overlaps),
            durations=list(state.charts.durations),
            durations_to=DURATIONS_TO * state.hint,
            answers=quality.counts(),
            workers=_workers(view, _changed_workers(state)),
            items=_items(view, items),
            training=training_figures(view),
            forecast=forecast(state, view.rules, answers_to_target(view), still_foreseen(view)),
            expert_seconds=_expert_seconds(view),
            scores=scores,
            models_cost=models_cost(view),
        )


def _expert_seconds(view: RunView) -> float | None:
    """What an item takes experts who answer as workers will; None where they judge, and in runs of workers."""
    first, *others = [slot.name for slot in view.task.outputs]
    return usual_time(view.state) if first != OK and OK in others else None


def training_figures(view: RunView) -> TrainingFigures | None:
    """How the run's training goes; None where workers are not trained."""
    training = view.publication.training
    return None if training is None else view.state.trainings.figures(training)


def note_shown(view: RunView, items: Places, snapshot: Snapshot) -> None:
    """Note that the requester's pages have a snapshot of these items."""
    with view.lock:
        state = view.state
        state.changed_workers.difference_update([state.worker_number[worker.worker] for worker in snapshot.workers])
        state.shown_overlaps.values[items] = [item.overlap for item in snapshot.items]
        finals = [FLAGS.index(item.flag) if item.final else NOT_FINAL for item in snapshot.items]
        state.shown_finals.values[items] = finals


def not_shown(view: RunView) -> Places:
    """The items of a run that has ended of which the requester's pages do not yet say how it ended for them.

    Nothing else of them has changed: an item that nobody answered, or one that time or money left unsure.
    """
    with view.lock:
        state = view.state
        items = np.flatnonzero(~state.numbering.control)
        found = state.shown_finals.values[items] != state.finals.values[items]
        found |= state.shown_overlaps.values[items] != state.responses.answered(items)
        return state.numbering.in_order(items[found])


def _min_confidence(policy: Policy) -> float:
    """The least confidence that the policy asks for, where it differs by label."""
    asked = policy.min_confidence
    return float(asked) if isinstance(asked, float | int) else float(min(asked.values()))


def items_final(view: RunView) -> int:
    """How many real items want no more answers; a run that has ended wants none."""
    state = view.state
    return state.numbering.real_total - state.responses.incomplete if state.all_added else 0


def flags(view: RunView, items: Places, ending: Ending | None = None) -> list[Flag]:
    """Why these items have no sure answer, empty where they have one; `ending`: how the run is about to end."""
    state, quality, rules = view.state, view.quality, view.rules
    answered = state.responses.answered(items)
    lacking = decide.needed(state, quality, rules, items) > 0
    unsure, unverified = quality.unsure(items), quality.unverified(items)
    reason = ending or state.ending or state.closing
    early = "" if reason in (None, "done") else str(reason)
    found = np.where(unverified, "unverified", np.where(unsure | lacking, "unsure", ""))
    if reason is None:
        found = np.where(lacking, "incomplete", found)
    drafted = state.responses.solutions.with_draft(items) if state.responses.solutions is not None else answered < 0
    found = np.where((answered == 0) & ~(drafted & ~unsure), "no_answers", found)
    found = np.where((found == "no_answers") & decide.given_up(state, rules, items), "rejected", found)
    found = np.where(decide.taken_out(state, items), "reported", found)
    if by_hand := state.control_reports.by_hand:
        found = np.where(np.isin(items, list(by_hand)), "withdrawn", found)
    if early:
        found = np.where(lacking, early, found)
    if reason == "budget" and view.policy.target is not None:
        # What is left was spent where doubts were deepest; more would have brought further answers here.
        found = np.where((found == "unsure") & (answered < view.policy.max_overlap), "budget", found)
    found = np.where(decide.corrected(state, items), _by_hand(state, items), found)
    found = np.where(decide.set_aside(state, items), "set_aside", found)
    declared = state.finals.values[items]
    found = np.where(declared == NOT_FINAL, found, np.array(FLAGS)[declared])
    flagged: list[Flag] = found.tolist()
    return flagged


def _by_hand(state: RunState, items: Places) -> list[Flag]:
    """What was said of these items by somebody trusted, where anything was."""
    verified = state.corrections.verified
    if not verified:
        return ["corrected"] * len(items)
    told = (verified.get(item) for item in items.tolist())
    return ["corrected" if one is None else one.flag for one in told]


def skills(view: RunView, records: Sequence[WorkerRecord]) -> list[float]:
    """The workers' skills; NaN where nothing shows one: answers that were rejected count for nothing.

    Where answers are judged by others it is the share of a worker's that was found right.
    """
    if view.state.responses.solutions is not None:
        return [one.judged_right / one.judged_total if one.judged_total else math.nan for one in records]
    found = view.quality.skills(np.array([record.number for record in records], np.int64)).tolist()
    return [skill if record.pages_accepted else math.nan for record, skill in zip(records, found, strict=True)]


def _workers(view: RunView, records: Sequence[WorkerRecord]) -> tuple[WorkerQuality, ...]:
    """Workers as the run sees them."""
    return tuple(
        WorkerQuality(
            worker=record.id,
            responses=record.responses,
            pages_accepted=record.pages_accepted,
            pages_rejected=record.pages_rejected,
            control_correct=record.control_correct,
            control_total=record.control_total,
            seconds_per_item=record.seconds_per_item,
            skill=None if math.isnan(skill) else skill,
            earned=record.earned,
            discarded=record.number in view.state.responses.discarded,
            hourly=None if record.hourly is None else unit_price(record.hourly),
            hurries_since=_hurries_since(view, record),
        )
        for record, skill in zip(records, skills(view, records), strict=True)
    )


def _hurries_since(view: RunView, record: WorkerRecord) -> float | None:
    """When they sent the page from which on they hurry; None where they do not, or look all the same."""
    return view.state.pages.submitted_at[record.hurries_since] if hurries(record, view.rules) else None


def _changed_workers(state: RunState) -> list[WorkerRecord]:
    return [state.workers[number] for number in sorted(state.changed_workers)[:MOST_WORKERS]]


def _items(view: RunView, items: Places) -> tuple[ItemQuality, ...]:
    """Items as the run sees them."""
    state = view.state
    final = (state.responses.accepted[items] >= state.responses.wanted[items]) | (state.ending is not None)
    outcomes = view.quality.outcomes(items)
    answers, confidences = _stated(outcomes, len(items))
    columns = (
        map(state.numbering.keys.__getitem__, items.tolist()),
        answers,
        confidences,
        state.responses.answered(items).tolist(),
        final.tolist(),
        flags(view, items),
        state.responses.reported[items].tolist(),
        _grades(outcomes, len(items)),
    )
    return tuple(map(ItemQuality, *columns))


def _grades(outcomes: Sequence[Outcome], count: int) -> list[dict[str, tuple[float, float, float]]]:
    """For each item what is told beside answers that are grades."""
    found: list[dict[str, tuple[float, float, float]]] = [{} for _ in range(count)]
    for outcome in outcomes:
        if outcome.grades is not None:
            for grades, mean, low, high in zip(found, *(one.tolist() for one in outcome.grades), strict=True):
                if not math.isnan(mean):
                    grades[outcome.output] = round(mean, 6), low, high
    return found


def _stated(outcomes: Sequence[Outcome], count: int) -> tuple[list[dict[str, Any]], list[dict[str, float]]]:
    """For each item its answers by output, and how sure they are where that is known."""
    answers: list[dict[str, Any]] = [{} for _ in range(count)]
    confidences: list[dict[str, float]] = [{} for _ in range(count)]
    for outcome in outcomes:
        name = outcome.output
        told = zip(answers, confidences, outcome.values.tolist(), outcome.confidence.tolist(), strict=True)
        for answer, confidence, value, sure in told:
            if sure >= 0:  # it is not NaN
                confidence[name] = round(sure, 6)
                answer[name] = value
            elif value is not None:
                answer[name] = value
    return answers, confidences
