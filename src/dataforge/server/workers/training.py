"""The worker's routes about the training of a run: how they stand in it, a try, and the answers to its items."""

from __future__ import annotations

from typing import Any

import msgspec

from dataforge.errors import Refused
from dataforge.issue import train
from dataforge.issue.change import Transaction
from dataforge.issue.closed import closed_to, open_elsewhere
from dataforge.issue.rows import Trainee, Worker
from dataforge.issue.run import Run
from dataforge.issue.skills import skill_of_training
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.training import again_at, free_at, is_broken_off, is_passed, is_trained, items_of, score_of
from dataforge.records import TrainingItem
from dataforge.server.files.shown import with_addresses
from dataforge.server.shared.routes import SMALL, Call, Route
from dataforge.server.wire.training import (
    TrainingAnswer,
    TrainingAnswered,
    TrainingBegin,
    TrainingShown,
    TrainingStanding,
)
from dataforge.server.workers.work import LARGEST_ANSWERS, closed_reply, open_run

__all__ = ["ROUTES"]


async def _look(call: Call[None]) -> TrainingStanding:
    """How the worker stands in a run's training."""
    run = _run(call)
    return _told(call, run, call.context.store.trainees.load(run.id, call.worker.id))


async def _begin(call: Call[TrainingBegin]) -> TrainingStanding:
    """Begin the try after another, or go on with it."""
    run, worker, after = _run(call), call.worker, call.body.after

    def begin(transaction: Transaction[SqliteStore]) -> Trainee:
        return train.begin(transaction, _now(call, transaction, run), worker, after)

    return _told(call, run, await call.context.writer.write(begin))


async def _answer(call: Call[TrainingAnswer]) -> TrainingStanding:
    """Keep the first answer to an item; the reply says whether it was right."""
    run, worker, body = _run(call), call.worker, call.body

    def keep(transaction: Transaction[SqliteStore]) -> Trainee:
        return train.answer(transaction, _now(call, transaction, run), worker, body.number, body.place, body.answer)

    return _told(call, run, await call.context.writer.write(keep))


def _run(call: Call[Any]) -> Run:
    return open_run(call.context, call.worker, call.path("run"))


def _now(call: Call[Any], transaction: Transaction[SqliteStore], run: Run) -> Run:
    """The run as it is by now: it may have changed since the request came in."""
    return call.context.runs.by_id(transaction.store, run.id)


def _room_for_answer(call: Call[None]) -> int:
    each = _run(call).answer_bytes
    return LARGEST_ANSWERS if each is None else SMALL + each


def _told(call: Call[Any], run: Run, trainee: Trainee) -> TrainingStanding:
    store, now, training = call.context.store, call.context.now(), run.publication.training
    if training is None:
        raise Refused(f"the run {run.name!r} has no training", status=404, code="training_unknown")
    # Whoever has just passed is known by that: their account is not what it was when the request came in.
    worker = store.accounts.worker_by_name(call.worker.worker) or call.worker
    skill = store.skills.of(worker.id).get(skill_of_training(run.publication))
    trained, ended = is_trained(training, skill, now), trainee.ended is not None
    elsewhere = open_elsewhere(store, run, worker).values()
    again = again_at(training, trainee, skill, elsewhere)
    waits = again > now and not trained and (ended or not trainee.number)
    shown = (trained and is_broken_off(trainee)) or (waits and not ended)
    items = items_of(training, trainee)
    return TrainingStanding(
        run=run.name,
        number=trainee.number,
        needed=training.score,
        items=[_shown(call, worker, item) for item in items],
        answered=[_answered(items[place], trainee, place) for place in range(len(trainee.answers))],
        score=skill.value if shown and skill is not None else score_of(trainee) if ended else None,
        passed=ended and is_passed(training, trainee),
        trained=trained,
        until=again if waits else None,
        page=training.page,
        closed=closed_reply(closed_to(store, run, worker, now)),
        elsewhere=waits and free_at(training, elsewhere) == again,
    )


def _shown(call: Call[Any], worker: Worker, item: TrainingItem) -> TrainingShown:
    keys = call.context.keys
    inputs = with_addresses(item.inputs, lambda media: f"/api/work/media/{keys.media_token(worker.worker, media)}")
    return TrainingShown(msgspec.Raw(msgspec.json.encode(inputs)))


def _answered(item: TrainingItem, trainee: Trainee, place: int) -> TrainingAnswered:
    right = trainee.right[place]
    return TrainingAnswered(trainee.answers[place], right, item.answers, {} if right else item.hint)


ROUTES = (
    Route(
        "GET",
        "/api/work/runs/{run}/training",
        "worker",
        _look,
        "How the worker stands in a run's training",
        reply=TrainingStanding,
    ),
    Route(
        "POST",
        "/api/work/runs/{run}/training",
        "worker",
        _begin,
        "Begin the try after another; repeating it changes nothing",
        body=TrainingBegin,
        reply=TrainingStanding,
    ),
    Route(
        "POST",
        "/api/work/runs/{run}/training/answer",
        "worker",
        _answer,
        "Answer the next item of a try; repeating it changes nothing",
        body=TrainingAnswer,
        reply=TrainingStanding,
        limit=LARGEST_ANSWERS,
        room=_room_for_answer,
    ),
)
