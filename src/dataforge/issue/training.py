"""The rules of training: items with known answers and hints, which a worker learns on before a run has pages for them.

A try is not a page: it has no places, no lease and no price, and the run is told of its end alone. The skill that it
gives is the score of the last whole try, the share of items that were answered right at first: who repeats a training
until an answer is right has learnt that answer, and not the task. So another try draws items that were not met before,
as far as there are any, in an order of its own, and after a time that grows.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from dataforge.catalogue import joined, say
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.guessing import beats_any_constant, very_same
from dataforge.issue.rows import Skill, Trainee
from dataforge.objects.base import ObjectType, shorten
from dataforge.records import Publication, Texts, Training, TrainingItem
from dataforge.tasks.task import Task

__all__ = [
    "BY_TRAINING",
    "FEWEST_ITEMS",
    "LARGEST_TRY",
    "again_at",
    "broken_off",
    "deal",
    "faults",
    "free_at",
    "invitation_to",
    "is_broken_off",
    "is_passed",
    "is_right",
    "is_taught",
    "is_trained",
    "items_of",
    "open_elsewhere",
    "score_of",
    "settled",
]

BY_TRAINING = "training"
"""What a skill is given by that a try has shown."""
FEWEST_ITEMS, LARGEST_TRY = 2, 30
"""How many items a try has."""
LONGEST_WAIT = 86_400.0
"""However often somebody has failed, they may try again after this many seconds."""


# --- rules ----------------------------------------------------------------------------------------


def is_trained(training: Training, skill: Skill | None, now: float) -> bool:
    """Whether a worker of that skill gets pages; who was told so by hand is trained, too."""
    return skill is not None and skill.value >= training.score and now < skill.at + training.holds


def again_at(training: Training, trainee: Trainee, skill: Skill | None, open_tries: Iterable[Trainee] = ()) -> float:
    """When a worker may begin the next try: after the first that was not passed, twice as late after each other one.

    One in another run of the task counts as the first: its items may be the same, and were just explained. So does one
    of the `open_tries` that go on in other runs of it, from its beginning on.
    """
    elsewhere = free_at(training, open_tries)
    return max(_again_here(training, trainee), _again_after_elsewhere(training, trainee, skill), elsewhere)


def free_at(training: Training, open_tries: Iterable[Trainee]) -> float:
    """When a worker who has answered something in tries that go on in other runs may begin one here."""
    begun = [trainee.begun for trainee in open_tries if trainee.answers]
    return max(begun) + min(training.again_after, LONGEST_WAIT) if begun else 0.0


def open_elsewhere(tries: Iterable[tuple[int, Trainee]], run: int, skill: str) -> dict[int, Trainee]:
    """By run those of a worker's tries that go on in other runs, for the same skill."""
    return {
        other: there
        for other, there in tries
        if other != run and there.skill == skill and there.number and there.ended is None
    }


def broken_off(trainee: Trainee, now: float) -> Trainee:
    """A try that ends because another one of the task begins elsewhere: it is not passed, and fails if it was begun."""
    return replace(trainee, ended=now, failed=trainee.failed + bool(trainee.answers))


def is_broken_off(trainee: Trainee) -> bool:
    """Whether a try has ended before all of its items were answered, as another one was begun elsewhere."""
    return trainee.ended is not None and len(trainee.right) < len(trainee.items)


def _again_here(training: Training, trainee: Trainee) -> float:
    if trainee.ended is None or not trainee.failed:
        return 0.0
    return trainee.ended + min(training.again_after * 2.0 ** min(trainee.failed - 1, 30), LONGEST_WAIT)


def _again_after_elsewhere(training: Training, trainee: Trainee, skill: Skill | None) -> float:
    """After a try in another run, of which the skill tells that it gave."""
    if skill is None or skill.by != BY_TRAINING or skill.value >= training.score or skill.at == trainee.ended:
        return 0.0
    return skill.at + min(training.again_after, LONGEST_WAIT)


def deal(training: Training, met: Collection[int], source: random.Random) -> tuple[int, ...]:
    """The items of a try by their places: such as were not met before, as far as there are any, in any order."""
    fresh = [place for place in range(len(training.items)) if place not in met]
    known = sorted(set(range(len(training.items))).difference(fresh))
    source.shuffle(fresh)
    source.shuffle(known)
    found = (fresh + known)[: training.page]
    source.shuffle(found)
    return tuple(found)


def score_of(trainee: Trainee) -> float:
    """The share of right answers to the items of a try, 0 to 100."""
    return 100 * sum(trainee.right) / len(trainee.items)


def is_passed(training: Training, trainee: Trainee) -> bool:
    """Whether a try came to its end, and so many answers were right as the training asks for."""
    return len(trainee.right) == len(trainee.items) and score_of(trainee) >= training.score - 1e-9


def items_of(training: Training, trainee: Trainee) -> tuple[TrainingItem, ...]:
    """The items of a try, as they were when it began, whatever the training has become since."""
    return trainee.taught or tuple(training.items[place] for place in trainee.items)


def is_right(task: Task, training: Training, item: TrainingItem, answer: Mapping[str, Any]) -> bool:
    """Whether an answer is as similar to the known one as the training, or the type of each output, asks."""
    known = item.answers
    return all(_is_like(task, training, name, answer.get(name), value) for name, value in known.items())


def _is_like(task: Task, training: Training, output: str, one: Any, known: Any) -> bool:
    kind = task.output(output).type
    least = kind.control_similarity if training.similarity is None else training.similarity
    if kind.control_similarity is None or least is None:
        return True
    return one is not None and kind.similarity(one, known) >= least


def settled(task: Task, training: Training, trainee: Trainee) -> tuple[bool, ...]:
    """Which answers of a whole try are right, now that all are there.

    Grades that are near the known ones count for who has looked: whose grades are no more of the known ones than one
    and the same grade for all would be has only those that are the very ones.
    """
    items = items_of(training, trainee)
    doubted = [slot.name for slot in task.outputs if _is_doubted(slot.type, slot.name, items, trainee)]
    both = zip(items, trainee.answers, strict=True)
    exact = [all(_is_very(task, training, name, item, answers) for name in doubted) for item, answers in both]
    return tuple(right and very for right, very in zip(trainee.right, exact, strict=True))


def _is_very(task: Task, training: Training, output: str, item: TrainingItem, answers: Mapping[str, Any]) -> bool:
    known, given = item.answers.get(output), answers.get(output)
    if known is None or given is None:
        return known is None
    kind = task.output(output).type
    return given == known if kind.graded else very_same(kind, training.similarity, given, known)


def _is_doubted(kind: ObjectType, output: str, items: tuple[TrainingItem, ...], trainee: Trainee) -> bool:
    """Whether the grades in these answers are no more of the known ones than one grade for all would be."""
    if kind.grade is None:
        return False
    given: list[Any] = []
    known: list[Any] = []
    for item, answers in zip(items, trainee.answers, strict=True):
        if output in item.answers:
            ours = {} if answers.get(output) is None else kind.grades(answers[output])
            right = kind.grades(item.answers[output])
            given += [ours.get(place) for place in right]
            known += right.values()
    return bool(known) and not beats_any_constant(kind.grade, given, known)


def invitation_to(
    task: Task,
    training: Training,
    trainee: Trainee,
    skill: Skill | None,
    until: float | None,
    open_tries: Iterable[Trainee] = (),
) -> Texts:
    """What a worker reads who is to be trained first: what is asked for, what they have, and that it is over.

    `until` when they may not begin a try yet, if it is so; because of one of the `open_tries` elsewhere, perhaps.
    """
    text = say("training_first", score=training.score)
    if skill is not None and skill.value >= training.score:
        text = joined(text, say("training_stale"))
    elif trainee.ended is not None and trainee.answers:
        text = joined(text, say("training_had", score=round(score_of(trainee))))
        items = items_of(training, trainee)
        passed = [is_right(task, training, *one) for one in zip(items, trainee.answers, strict=False)]
        if sum(passed) > sum(trainee.right):
            text = joined(text, say("training_near"))
    elif skill is not None:
        text = joined(text, say("training_had", score=round(skill.value)))
    if until is None:
        return text
    return joined(text, say("training_begun" if free_at(training, open_tries) == until else "training_later"))


# --- what is published ----------------------------------------------------------------------------


def is_taught(publication: Publication, inputs: Mapping[str, Any]) -> bool:
    """Whether the training tells the answer to an item of these inputs; one that is null looks like one left out."""
    if publication.training is None:
        return False
    shown = _there(inputs)
    return any(_there(item.inputs) == shown for item in publication.training.items)


def _there(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if value is not None}


def faults(task: Task, training: Training) -> Iterator[str]:
    """Why a training cannot work, and how to mend it; nothing if it can."""
    if files := [slot.name for slot in task.outputs if slot.type.file_rules() is not None]:
        yield f"training: answers to {', '.join(files)} are files, which nobody can judge at once"
    if not FEWEST_ITEMS <= training.page <= LARGEST_TRY:
        yield f"training: page: expected {FEWEST_ITEMS} to {LARGEST_TRY} items, got {training.page}"
    if len(training.items) < training.page:
        yield f"training: expected as many items as a page has, {training.page}, or more, got {len(training.items)}"
    if not 0 <= training.score <= 100:
        yield f"training: score: expected 0 to 100, got {training.score:g}"
    if not training.again_after >= 0 or not training.holds > 0:
        yield f"training: expected times of 0 seconds or more, got {training.again_after:g} and {training.holds:g}"
    for place, item in enumerate(training.items):
        try:
            task.check_item(item.inputs)
            for name, value in item.answers.items():
                _check_known(task, name, value, item.inputs)
        except (DataError, AnswerError, SpecError) as error:
            yield f"training: item {place + 1}: {error}"
            return
        compared = [name for name in item.answers if task.output(name).type.control_similarity is not None]
        if not compared:
            yield f"training: item {place + 1}: there is no known answer that can be compared with what a worker gives"


def _check_known(task: Task, output: str, value: Any, inputs: Mapping[str, Any]) -> None:
    """Raise unless it may be a known answer, written as answers are compared."""
    kind = task.output(output).type
    written = kind.to_json(value)
    if written != value:
        raise DataError(f"known answer to {output!r}: expected it written {shorten(written)}, got {shorten(value)}")
    kind.check_known(value, inputs)
