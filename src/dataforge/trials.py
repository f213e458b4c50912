"""A trial of a task: experts answer it, or judge given solutions, and say of each item whether it is fit for workers.

Pure: a task in, the task of its trial and the items of that out, and what experts said of an item taken together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Any, NamedTuple

from dataforge.catalogue import say
from dataforge.checks import check_task, shown_together
from dataforge.data.items import Items
from dataforge.data.places import Rows
from dataforge.data.rows import no_values
from dataforge.data.tables import cells, column_of, table_of
from dataforge.errors import DataError, SpecError
from dataforge.objects.boolean import Boolean
from dataforge.objects.text import Text
from dataforge.records import Values
from dataforge.tasks.task import Slot, Task

__all__ = [
    "COMMENT",
    "OK",
    "Opinion",
    "Said",
    "given_solutions",
    "right_names",
    "said_of_item",
    "trial_items",
    "trial_task",
    "usual_seconds",
]

OK = "_ok"
"""The output by which an expert says whether an item is fit for workers, or whether a given solution is right."""
COMMENT = "_comment"
"""The output with what the expert has to add; it may be left out."""
RIGHT = "_right"
ROWS = Rows("the solutions to be judged")
IDLING = 3.0
"""Pages on which an item took this many times the usual time were left open meanwhile."""

MENDED = frozenset({"boolean", "choice", "rating"})
"""Types of which an expert may say in one click what is right instead."""


# --- what experts are asked -----------------------------------------------------------------------


def trial_task(task: Task, *, judged: bool) -> Task:
    """The task of trying another one out: its outputs are asked, or `judged`, and `_ok` and `_comment` of each item.

    Where solutions are judged they are shown beside the inputs, and what is right instead may be told of options.
    Raises `SpecError` if the task has an input or output of one of these names.
    """
    for slot in (*task.inputs, *task.outputs):
        if slot.name in (OK, COMMENT) or slot.name.startswith(RIGHT):
            raise SpecError(f"task {task.id!r}: {slot.name!r} is what experts are asked in a trial; call it otherwise")
    check = check_task(task)
    asked = (
        Slot(OK, Boolean(), say("trial_ok_of_solution" if judged else "trial_ok_of_item")),
        Slot(COMMENT, Text(), say("trial_comment"), required=False),
    )
    return Task(
        id=f"{task.id[:94]}-trial",
        name=say("trial_name", task=task.name),
        instruction=say("trial_judge" if judged else "trial_label", task=task.instruction),
        duration=check.duration if judged else task.duration + asked[0].type.answering_seconds,
        inputs=check.inputs if judged else task.inputs,
        outputs=(asked[0], *_mended(task), asked[1]) if judged else (*task.outputs, *asked),
        description=say("trial_description"),
    )


def right_names(task: Task) -> dict[str, str]:
    """By output the name under which an expert who judges may say what is right instead."""
    options = [slot for slot in task.outputs if slot.type.name in MENDED]
    if len(task.outputs) == 1 and options and len(options[0].type.labels() or ()) == 2:
        # It is the other one.
        return {}
    return {slot.name: RIGHT if len(task.outputs) == 1 else f"{RIGHT}_{slot.name}" for slot in options}


def _mended(task: Task) -> list[Slot]:
    names = right_names(task)
    titles = {
        name: say("trial_right") if len(task.outputs) == 1 else say("trial_right_of", title=task.output(name).title)
        for name in names
    }
    return [replace(task.output(name), name=ours, title=titles[name], required=False) for name, ours in names.items()]


def given_solutions(items: Items) -> dict[str, list[Any]]:
    """The drafts of items by output, a value for each item: where solutions are judged they are read as drafts are."""
    return {slot.name: cells(items.drafts, slot.name) for slot in items.task.outputs}


def trial_items(items: Items, trial: Task, solutions: Mapping[str, list[Any]] | None = None) -> Items:
    """Items of a task as those of its trial; with `solutions` by output these are shown, and carried with the items.

    Raises `DataError` if an item has no solution.
    """
    nothing = no_values(trial.outputs, items.count)
    asked = replace(items, task=trial, answers=nothing, drafts=nothing)
    if solutions is None:
        return asked
    for slot in items.task.outputs:
        missing = [row for row, value in enumerate(solutions[slot.name]) if value is None]
        if slot.required and missing:
            raise DataError(
                f"{items.name}, {items.place(missing[0])}: expected a solution of {slot.name!r} to be judged, got none "
                f"(in {len(missing)} of {items.count} rows); leave out rows that have none"
            )
    rows = {field.name: (field, items.rows.column(field.name)) for field in items.rows.schema}
    rows |= {name: column_of(values, name, ROWS) for name, values in solutions.items()}
    shown = shown_together(items.task.outputs, items.values, solutions)
    return replace(asked, rows=table_of(list(rows.values())), values=shown)


# --- what they said -------------------------------------------------------------------------------


class Opinion(NamedTuple):
    """What one expert said of an item: whether it is OK, the answer by output, None if it was reported, the comment."""

    ok: bool
    answer: Values | None
    comment: str


class Said(NamedTuple):
    """What experts said of an item together.

    `ok`: all of them found it so. `agree`: those who answered did so alike. `answer`: the one that is most like all.
    """

    ok: bool
    agree: bool
    answer: Values | None
    comments: tuple[str, ...]

    @property
    def fit(self) -> bool:
        """Whether the answer may be held to be known."""
        return self.ok and self.agree and self.answer is not None


def said_of_item(outputs: Sequence[Slot], opinions: Sequence[Opinion]) -> Said:
    """What experts, at least one, said of an item together."""
    answers = [opinion.answer for opinion in opinions if opinion.answer is not None]
    likeness = [fmean(_alike(outputs, one, other) for other in answers) for one in answers]
    best = max(range(len(answers)), key=likeness.__getitem__, default=None)
    comments = dict.fromkeys(comment for opinion in opinions if (comment := opinion.comment.strip()))
    return Said(
        ok=all(opinion.ok for opinion in opinions),
        agree=all(_is_alike(outputs, one, other) for one in answers for other in answers),
        answer=None if best is None else answers[best],
        comments=tuple(comments),
    )


def _alike(outputs: Iterable[Slot], one: Values, other: Values) -> float:
    """How like each other two answers are, from 0 to 1."""
    return fmean(_likeness(slot, one, other) for slot in outputs)


def _is_alike(outputs: Iterable[Slot], one: Values, other: Values) -> bool:
    """Whether two answers differ no more than a right one may from the known answer of a control item."""
    return all(_likeness(slot, one, other) >= _least(slot) for slot in outputs)


def _least(slot: Slot) -> float:
    least = None if slot.type.labels() is not None else slot.type.control_similarity
    return 1.0 if least is None else least


def _likeness(slot: Slot, one: Mapping[str, object], other: Mapping[str, object]) -> float:
    mine, theirs = one.get(slot.name), other.get(slot.name)
    if mine is None or theirs is None:
        return float(mine is theirs)
    if slot.type.canonical(mine) == slot.type.canonical(theirs):
        return 1.0
    return 0.0 if slot.type.control_similarity is None else slot.type.similarity(mine, theirs)


def usual_seconds(seconds: Sequence[float]) -> float | None:
    """The mean time of an item, of a time by page; None without any.

    Pages that were left open, on which an item took three times as long as on the middle one, are left out.
    """
    if not seconds:
        return None
    most = IDLING * median(seconds)
    return fmean(one for one in seconds if one <= most)
