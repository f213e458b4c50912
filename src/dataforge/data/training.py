"""Training items of a user's data: rows with known answers, and hints for whoever answers them otherwise."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.data.known_items import looks_of
from dataforge.data.reading import read_taught
from dataforge.data.rows import refuse_same_inputs
from dataforge.data.tables import cells, stacked
from dataforge.errors import DataError, SpecError
from dataforge.guessing import always_passes, passes, passing_shares
from dataforge.objects.base import Label, ObjectType, listed, shorten
from dataforge.policy import Policy
from dataforge.records import Publication, Texts, Training, TrainingItem, Values
from dataforge.tasks.task import Task
from dataforge.texts import LANGUAGES

__all__ = [
    "FEWEST",
    "SCORE",
    "TrainingItems",
    "in_short",
    "placed",
    "read_training",
    "refuse_taught",
    "share_for_score",
    "told_by",
    "try_size",
    "worth_telling",
]

SCORE = 80.0
"""The share of right answers, 0 to 100, that is asked for where the policy says nothing."""
FEWEST = 2
"""How many items a training has at least."""
SMALL_TRY, LARGE_TRY = 10, 30
GRADES = 10
"""In a try of so many grades honest people beat anybody who gives one grade to all; in one of five some do not."""
SHORT = 16
HINT = re.compile(r"hint(?:[:_]([a-z]{2}))?")


@dataclass(frozen=True)
class TrainingItems:
    """What workers are to be trained on: the items with their known answers, and a hint for each, by language."""

    items: Items
    hints: tuple[Texts, ...]

    def of(self, policy: Policy) -> Training:
        """The training as it is published; local files in it are not yet on the platform."""
        task = self.items.task
        known = {slot.name: self.items.known(slot.name) for slot in task.outputs}
        records = self.items.records()
        answers = [
            {name: values[row] for name, values in known.items() if values[row] is not None} for row in _rows(self)
        ]
        items = tuple(
            TrainingItem(record.inputs, answer, hint)
            for record, answer, hint in zip(records, answers, self.hints, strict=True)
        )
        score = SCORE if policy.training is None else policy.training
        name = blake2b(msgspec.json.encode(items, order="sorted"), digest_size=8).hexdigest()
        return Training(items, try_size(len(items)), score, policy.control_similarity, name=name)

    def refuse_shared(self, items: Items) -> None:
        """Raise `DataError` if an item of a run is one of these, whose answers workers are told."""
        ours = self.items

        def place(row: int) -> str:
            if row < ours.count:
                return f"{ours.place(row)} of {ours.name}"
            number = row - ours.count
            if items.real_count and items.control[number]:
                # They come behind the items to ask.
                return f"row {number - items.real_count + 1} of the control items"
            return f"{items.place(number)} of {items.name}"

        try:
            refuse_same_inputs(stacked([ours.values, items.values]), place)
        except DataError as error:
            raise DataError(f"training: workers are told the answers of these items: {error}") from None


def worth_telling(task: Task, training: Training, languages: Sequence[str] = ()) -> tuple[Texts, ...]:
    """What there is to say of who passes a training without looking at its items, of its score, and of hints that miss.

    `languages`: those of the workers who are asked; empty: any.
    """
    few = _few_grades(task, training)
    return (*_guessed(task, training), *_strict(training), *few, *_unsaid(training, languages))


def _rows(training: TrainingItems) -> range:
    return range(training.items.count)


def read_training(task: Task, data: Any, encoding: str | None = None) -> TrainingItems:
    """The rows of `data` as training items of the task, in the forms that control items have.

    Hints are in the column `hint`, or one for each language: `hint:ru`, or `hint_ru`. Raises `DataError` with the place
    of what does not fit, and `SpecError` where no answer to the task can be compared with a known one.
    """
    _check_task(task)
    items = data if isinstance(data, Items) else read_taught(task, data, encoding)
    if items.control_count < items.count:
        raise DataError(f"{items.name}: expected training items, got items to ask; read them by control=True")
    if items.count < FEWEST:
        raise DataError(f"training: {items.name}: expected {FEWEST} items or more, got {items.count}; ten teach well")
    return TrainingItems(items, tuple(_hints(items)))


def _check_task(task: Task) -> None:
    """Raise `SpecError` where no answer can be told to be right as soon as it is given."""
    if files := [slot.name for slot in task.outputs if slot.type.file_rules() is not None]:
        raise SpecError(f"training: answers to {listed(files)} are files, which nobody can judge at once; leave it out")
    if all(slot.type.control_similarity is None for slot in task.outputs):
        kinds = listed(dict.fromkeys(slot.type.name for slot in task.outputs))
        raise SpecError(f"training: answers of the type {kinds} cannot be compared with known ones; leave training out")


def told_by(asked: Iterable[Publication]) -> Iterator[bytes]:
    """What workers see of each item whose answer the trainings of these tell them; what was once told stays known."""
    trainings = [publication.training for publication in asked if publication.training is not None]
    return (looks_of(item.inputs) for training in trainings for item in training.items)


def refuse_taught(asked: Iterable[Publication], items: Items) -> None:
    """Raise `DataError` if the training, as it is or ever was, tells the answer to an item that is to be added."""
    taught = set(told_by(asked))
    for row, inputs in enumerate(items if taught else ()):
        if looks_of(inputs) in taught:
            raise DataError(
                f"{items.name}, {items.place(row)}: workers are told the answer to this item in the training; leave it "
                "out: an item whose answer is known need not be asked"
            )


def share_for_score(score: float | None) -> str | None:
    """What to say where a share of 1 was given for a score of 100, 0.8 for 80; None where it is a score."""
    if score is None or not 0 < score < 1:
        return None
    return f"training: expected a score from 0 to 100, such as 80, got {score:g}; write {score * 100:g}"


def in_short(training: Training) -> str:
    """How many items there are, and what the first one shows."""
    return f"{len(training.items)} items: {shorten(next(iter(training.items[0].inputs.values()), ''), SHORT)} …"


def try_size(count: int) -> int:
    """How many of so many items are on a try: all up to ten; of more half, 10 to 30, so that another try differs."""
    return min(count, max(SMALL_TRY, min(count // 2, LARGE_TRY)))


def placed(publication: Publication, place: Callable[[Any], Any]) -> Publication:
    """The publication with the local files of its training as `place` calls them."""
    training = publication.training
    if training is None:
        return publication
    items = tuple(
        replace(item, inputs={name: place(value) for name, value in item.inputs.items()}) for item in training.items
    )
    return replace(publication, training=replace(training, items=items))


def _hints(items: Items) -> Iterator[Texts]:
    """By row the hint in its languages; where English, which others fall back to, is missing, the first is taken."""
    taken = {slot.name for slot in (*items.task.inputs, *items.task.outputs)}
    columns: dict[str, list[Any]] = {}
    for name in items.rows.column_names:
        found = HINT.fullmatch(name)
        if found is not None and name not in taken and (found[1] or "en") in LANGUAGES:
            columns[found[1] or "en"] = cells(items.rows, name)
    for row in range(items.count):
        hint = {language: str(values[row]) for language, values in columns.items() if _is_said(values[row])}
        yield {"en": next(iter(hint.values())), **hint} if hint else {}


def _is_said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _guessed(task: Task, training: Training) -> Iterator[Texts]:
    """That one and the same answer passes, if it does."""
    if any(slot.type.labels() is None and slot.type.grade is None for slot in task.outputs):
        return
    known = [item.answers for item in training.items]
    share, answer = max(
        ((_passing(task, training, guess), _written(task, guess)) for guess in _constants(task, training, known)),
        key=lambda found: found[0],
    )
    if 100 * share >= training.score > 0:
        yield say("training_guessed", answer=answer, share=round(100 * share), score=training.score)


def _constants(task: Task, training: Training, known: Sequence[Values]) -> Iterator[Values]:
    """Answers that might be given to all items: the most frequent one, and of each output what passes most often."""
    common = Counter(_written(task, answers) for answers in known).most_common(1)[0][0]
    yield next(answers for answers in known if _written(task, answers) == common)
    best: dict[str, Any] = {}
    for slot in task.outputs:
        if slot.type.labels() is None:
            best |= _one_grade(slot.type, slot.name, training, known)
            continue
        balance = Counter(answers[slot.name] for answers in known if slot.name in answers)
        shares = passing_shares(balance, slot.type, training.similarity)
        best |= {slot.name: max(shares, key=lambda one: shares[one])} if shares else {}
    yield best


def _one_grade(kind: ObjectType, output: str, training: Training, known: Sequence[Values]) -> dict[str, Label]:
    """The grade that passes most often if it is given to all that is graded in an answer."""
    values = [answers[output] for answers in known if output in answers]
    labels = () if kind.grade is None else kind.grade.labels() or ()
    passing = {one: sum(always_passes(kind, training.similarity, one, value) for value in values) for one in labels}
    return {output: max(passing, key=lambda one: passing[one])} if passing else {}


def _passing(task: Task, training: Training, guess: Values) -> float:
    """For how many of the items an answer passes, as a share."""
    right = [
        all(
            name in guess and _is_like(task.output(name).type, training.similarity, guess[name], value)
            for name, value in item.answers.items()
        )
        for item in training.items
    ]
    return sum(right) / len(right)


def _is_like(kind: ObjectType, alike: float | None, guess: Any, known: Any) -> bool:
    if kind.labels() is None and not isinstance(guess, list):
        return always_passes(kind, alike, guess, known)
    return passes(kind, alike, guess, known)


def _strict(training: Training) -> Iterator[Texts]:
    """That nobody may be wrong even once, where the score seems to say otherwise."""
    page, score = training.page, training.score
    if score < 100 and 100 * (page - 1) / page < score:
        enough = _items_that_forgive(score)
        if enough is None:
            yield say("training_strict", page=page, score=score)
        else:
            yield say("training_strict_unless", page=page, score=score, enough=enough)


def _items_that_forgive(score: float) -> int | None:
    """Of how many items a try forgives one mistake at such a score; None if no try is so large."""
    return next((count for count in range(FEWEST, 2 * LARGE_TRY + 1) if 100 * (1 - 1 / try_size(count)) >= score), None)


def _few_grades(task: Task, training: Training) -> Iterator[Texts]:
    """That a try has too few grades for all honest people to be told from who gives one grade to all."""
    items = len(training.items)
    for slot in task.outputs:
        known = [item.answers[slot.name] for item in training.items if slot.name in item.answers]
        if not known or not _counts_near(slot.type, training.similarity):
            continue
        each = sum(len(slot.type.grades(one)) for one in known) / items
        if training.page * each < GRADES:
            yield say("training_few_grades", page=training.page, enough=max(math.ceil(GRADES / each), items + 1))
            return


def _counts_near(kind: ObjectType, alike: float | None) -> bool:
    """Whether a grade beside the known one passes for right."""
    if kind.grade is None:
        return False
    labels = kind.labels()
    if kind.graded and labels is not None:
        return any(passes(kind, alike, one, other) for one, other in pairwise(labels))
    least = kind.control_similarity if alike is None else alike
    return least is not None and least < 1


def _unsaid(training: Training, languages: Sequence[str]) -> Iterator[Texts]:
    """In which languages some hints are missing, of those that others have or that workers are asked for."""
    hints = [item.hint for item in training.items]
    if not any(hints):
        return
    if missing := sum(not hint for hint in hints):
        yield say("training_hintless", missing=missing, items=len(hints))
    wanted = {language for hint in hints for language in hint} | {*languages}
    for language in sorted(wanted - {"en"}):
        said = sum(language in hint for hint in hints)
        if (not languages or language in languages) and said < len(hints) - missing:
            yield say("training_hints_untold", missing=len(hints) - missing - said, language=language)


def _written(task: Task, answers: Values) -> str:
    return ", ".join(task.output(name).type.canonical(value) for name, value in answers.items())
