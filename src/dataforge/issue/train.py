"""What a worker does in the training of a run: begin a try, and answer its items one by one.

Doing it again changes nothing and tells the same: the first answer to an item stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from dataforge.errors import AnswerError, Refused
from dataforge.issue import training as rules
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.closed import closed_to, open_elsewhere
from dataforge.issue.rows import Trainee, Worker
from dataforge.issue.run import Run
from dataforge.issue.skills import skill_of_training
from dataforge.issue.store import Store
from dataforge.records import Training, TrainingItem, WorkerTrained

__all__ = ["answer", "begin"]


def begin(transaction: Transaction[Store], run: Run, worker: Worker, after: int) -> Trainee:
    """Begin the try after the one of that number, if the worker may; how they stand in the training then.

    One that goes on, or was begun meanwhile, is gone on with. One that goes on in another run of the task is broken
    off, for what is told there would be answered here. Raises `Refused` 404 where there is no training.
    """
    store, training = transaction.store, _training_of(run)
    trainee = store.trainees.load(run.id, worker.id)
    goes_on = trainee.number > 0 and trainee.ended is None
    skill = store.skills.of(worker.id).get(skill_of_training(run.publication))
    if goes_on or trainee.number != after or rules.is_trained(training, skill, transaction.now):
        return trainee
    closed = closed_to(store, run, worker, transaction.now)
    # Nobody is taught for a run that has nothing for them, whatever they learn.
    if closed is None or closed.reason != "training" or closed.until is not None:
        return trainee
    for other, there in open_elsewhere(store, run, worker).items():
        store.trainees.save(other, worker.id, rules.broken_off(there, transaction.now))
    begun = _begun(training, skill_of_training(run.publication), trainee, transaction)
    store.trainees.save(run.id, worker.id, begun)
    return begun


def _begun(training: Training, skill: str, before: Trainee, transaction: Transaction[Store]) -> Trainee:
    """The try after another; what was met in a training that had other items tells nothing of these."""
    met = tuple(sorted({*before.met, *before.items})) if before.training in ("", training.name) else ()
    items = rules.deal(training, met, transaction.source)
    return Trainee(
        before.number + 1,
        items,
        begun=transaction.now,
        failed=before.failed,
        met=met,
        taught=tuple(training.items[place] for place in items),
        training=training.name,
        skill=skill,
    )


def answer(
    transaction: Transaction[Store], run: Run, worker: Worker, number: int, place: int, given: Mapping[str, Any]
) -> Trainee:
    """Take the answer to the next item of a try; how the worker stands then. One that was answered stays as it is.

    Raises `Refused` 409 where it is another try's or item's turn, and 422 if the answer does not fit.
    """
    store, training = transaction.store, _training_of(run)
    trainee = store.trainees.load(run.id, worker.id)
    done = len(trainee.answers)
    if number == trainee.number and 0 <= place < done:
        return trainee
    if number != trainee.number or place != done or trainee.ended is not None:
        raise Refused(
            f"expected the answer to item {done + 1} of try {trainee.number}, got one to item {place + 1} of try "
            f"{number}; load the training anew",
            status=409,
            code="training_over",
        )
    item = rules.items_of(training, trainee)[place]
    clean = _checked(run, item, given)
    right = (*trainee.right, rules.is_right(run.task, training, item, clean))
    trainee = replace(trainee, answers=(*trainee.answers, clean), right=right)
    if len(right) == len(trainee.items):
        trainee = replace(trainee, right=rules.settled(run.task, training, trainee))
        trainee = _ended(transaction, run, worker, training, trainee)
    store.trainees.save(run.id, worker.id, trainee)
    return trainee


def _ended(transaction: Transaction[Store], run: Run, worker: Worker, training: Training, trainee: Trainee) -> Trainee:
    """The end of a try: its score is the worker's skill, and the run is told."""
    score, passed = rules.score_of(trainee), rules.is_passed(training, trainee)
    # As asked for, to the last bit, so that who has passed is let in.
    value = max(score, training.score) if passed else score
    transaction.store.skills.give(
        worker.id, skill_of_training(run.publication), float(value), rules.BY_TRAINING, transaction.now
    )
    if passed:
        transaction.store.accounts.set_known(worker.id)
    with RunChange(transaction, run.id) as change:
        about = worker.worker, trainee.number, score, passed, trainee.items, trainee.right, trainee.training
        change.emit(WorkerTrained(change.next_cursor(), change.now, *about))
    return replace(trainee, ended=transaction.now, failed=0 if passed else trainee.failed + 1)


def _training_of(run: Run) -> Training:
    if run.publication.training is None:
        raise Refused(f"the run {run.name!r} has no training", status=404, code="training_unknown")
    return run.publication.training


def _checked(run: Run, item: TrainingItem, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return run.task.check_answers(given, item.inputs)
    except AnswerError as error:
        details = {"item": 0, "output": error.output}
        raise Refused(str(error), status=422, code="answer_invalid", details=details) from None
