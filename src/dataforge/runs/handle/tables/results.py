"""A run's results as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.data.frames import set_apart
from dataforge.data.items import Items
from dataforge.errors import SpecError
from dataforge.models import spent
from dataforge.policy import Policy
from dataforge.records import FOREVER, MICRO, REPORT_REASONS
from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import ACCEPTED, REJECTED
from dataforge.runs.driving.snapshot import flags, skills
from dataforge.runs.driving.view import RunView
from dataforge.runs.driving.ways import way_name, way_of
from dataforge.runs.handle.tables.columns import answer_column, id_column, item_columns
from dataforge.runs.handle.tables.mended import authors, changed, unchanged_shares
from dataforge.tasks.task import Slot, Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "control_items",
    "cost",
    "labels",
    "names_of_labels",
    "probabilities",
    "responses",
    "voters",
    "workers",
]

WORKER_COLUMNS = {
    "worker": "object",
    "name": "object",
    "language": "object",
    "responses": "int64",
    "pages": "int64",
    "pages_accepted": "int64",
    "pages_rejected": "int64",
    "control_correct": "int64",
    "control_total": "int64",
    "control_accuracy": "float64",
    "skill": "float64",
    "seconds_per_item": "float64",
    "earned": "float64",
    "hourly": "float64",
    "restricted": "bool",
    "restricted_until": "float64",
    "reason": "object",
    "discarded": "bool",
    "ring": "Int64",
    "worse_since": "float64",
    "hurries_since": "float64",
    "drafts_unchanged": "float64",
}
"""The columns of `workers` and their types, so that a run without workers has the same."""
JUDGED_COLUMNS = {"judged_right": "int64", "judged_total": "int64"}
"""Those beside them where answers are judged by others."""


class _LabelColumns(NamedTuple):
    """How our columns of `labels` are called."""

    answers: list[str]
    confidences: list[str]
    grades: list[tuple[str, str, str] | None]
    others: list[str]

    @property
    def all(self) -> list[str]:
        """All of them."""
        return [*self.answers, *self.confidences, *_of_grades(self.grades), *self.others]


def names_of_labels(task: Task, policy: Policy, items: Items, *, control: bool = False) -> _LabelColumns:
    """How our columns of `labels` are called, with one or with several outputs."""
    outputs = [slot.name for slot in task.outputs]
    confidences = ["confidence"] if len(outputs) == 1 else [f"{name}_confidence" for name in outputs]
    middling = way_name(task, policy) in ("consensus", "merge")
    grades = [_grade_columns(slot, alone=len(outputs) == 1) if middling else None for slot in task.outputs]
    verdict = ["verdict"] if way_of(task, policy).with_verdicts else []
    mended = ["changed"] if items.drafted and way_name(task, policy) != "collect" else []
    mended += ["author"] if items.drafted and policy.check_drafts else []
    told = [*verdict, *mended, _count_of_answers(task, policy), "flag", *(["control"] if control else [])]
    others = [items.key_column, *told]
    return _LabelColumns(set_apart(outputs, [*confidences, *_of_grades(grades), *others]), confidences, grades, others)


def _grade_columns(slot: Slot, *, alone: bool) -> tuple[str, str, str] | None:
    """How the columns are called that tell of grades beside the answer; None where answers are no grades."""
    if not slot.type.graded:
        return None
    of = "" if alone else f"{slot.name}_"
    return f"{of}mean", f"{of}low", f"{of}high"


def _of_grades(grades: Sequence[tuple[str, str, str] | None]) -> list[str]:
    return [name for names in grades if names is not None for name in names]


def _count_of_answers(task: Task, policy: Policy) -> str:
    """How the column is called that counts an item's answers: opinions on it, or attempts at it."""
    return "attempts" if way_name(task, policy) == "check" else "overlap"


def labels(view: RunView, *, control: bool = False) -> pd.DataFrame:
    """One row per item: its id, inputs and carried columns, then answer, confidence, overlap (or attempts) and flag.

    With several outputs each has the columns `<output>` and `<output>_confidence`. Grades of a scale have `mean`, and
    `low` and `high`, between which the true grade is with a probability of .95. Our names are the same whatever the
    data holds: a column of the data that is called like one of ours ends in `_given`, as everywhere in results. Control
    items are left out unless asked for, and those that were set aside always. `changed`: whether the answer differs
    from the draft that workers began with; `author`: who has given it, where drafts are judged first.
    """
    with view.lock:
        places = _places(view, control)
        ours = names_of_labels(view.task, view.policy, view.items, control=control)
        frame = item_columns(view, places, ours.all, of="all" if control else "real")
        outcomes = view.quality.outcomes(places)
        for answer, confidence, graded, outcome in zip(*ours[:3], outcomes, strict=True):
            frame[answer] = answer_column(view, outcome.output, outcome.values)
            frame[confidence] = outcome.confidence.astype(float)
            if graded is not None and outcome.grades is not None:
                for name, told in zip(graded, outcome.grades, strict=True):
                    frame[name] = told
        if "verdict" in ours.others:
            frame["verdict"] = _verdicts(view, places)
        if "changed" in ours.others:
            frame["changed"] = changed(view, places, {outcome.output: outcome.values for outcome in outcomes})
        if "author" in ours.others:
            frame["author"] = authors(view, places, {outcome.output: outcome.values for outcome in outcomes})
        frame[_count_of_answers(view.task, view.policy)] = view.state.responses.answered(places)
        frame["flag"] = flags(view, places)
        if control:
            frame["control"] = view.state.numbering.control[places]
        return frame


def probabilities(view: RunView) -> pd.DataFrame:
    """One row per item: its id and the probability of each label; with several outputs `<output>.<label>`."""
    import pandas as pd

    with view.lock:
        places = _places(view, False)
        key, chances = view.items.key_column, view.quality.chances(places)
        of = {slot.name: "" if len(view.task.outputs) == 1 else f"{slot.name}." for slot in view.task.outputs}
        nothing = [f"{of[output]}nothing" for output, label, _ in chances if label is None]
        labels = [f"{of[output]}{label}" for output, label, _ in chances if label is not None]
        named = iter(set_apart(labels, [key, *nothing]))
        columns: dict[str, Any] = {key: id_column(view, places)}
        for output, label, values in chances:
            columns[f"{of[output]}nothing" if label is None else next(named)] = values
        return pd.DataFrame(columns)


def responses(view: RunView) -> pd.DataFrame:
    """One row per response, in the order they came; `accepted` is missing while the page waits for its verdict.

    `discarded`: the worker's answers do not count, whether or not they were paid. `seconds` is how long the whole page
    was on the screen, missing where that is not known, `at` when it was submitted.
    """
    import pandas as pd

    with view.lock:
        state = view.state
        items = state.responses.item.values
        page = state.responses.page.values
        status = np.array(state.pages.status, np.int8)[page]
        ours: dict[str, Any] = {
            view.items.key_column: id_column(view, items),
            "worker": _choose([record.id for record in state.workers], state.responses.workers(np.arange(len(items)))),
            "report": _choose([None, *REPORT_REASONS], state.responses.report.values),
            "accepted": pd.arrays.BooleanArray(status == ACCEPTED, ~np.isin(status, (ACCEPTED, REJECTED))),
            "discarded": ~state.responses.counting(),
            "page": _choose(state.pages.ids, page),
            "seconds": np.array(state.pages.seconds)[page],
            "at": pd.to_datetime(np.array(state.pages.submitted_at)[page], unit="s", utc=True),
            "control": state.numbering.control[items],
        }
        given = view.quality.given(np.arange(len(items)))
        if view.items.drafted:
            ours["changed"] = changed(view, items, given)
        answers = [answer_column(view, output, values) for output, values in given.items()]
        frame = pd.DataFrame(ours)
        for place, (name, column) in enumerate(zip(set_apart(list(given), list(ours)), answers, strict=True), 2):
            frame.insert(place, name, column)
        return frame


def workers(view: RunView) -> pd.DataFrame:
    """One row per worker: what they did, how well, how fast, what they earned, and whether they are restricted.

    `drafts_unchanged`: the share of the drafts that they began with and left as they were; missing without any.
    Where answers are judged by others also how many of theirs were, and how many of these were found right.
    """
    import pandas as pd

    with view.lock:
        state = view.state
        rings = view.quality.rings(np.arange(len(state.workers))).tolist()
        worse = view.quality.worse_since(np.arange(len(state.workers))).tolist()
        rows = [
            {
                "worker": record.id,
                "name": record.name,
                "language": record.language,
                "responses": record.responses,
                "pages": record.pages,
                "pages_accepted": record.pages_accepted,
                "pages_rejected": record.pages_rejected,
                "control_correct": record.control_correct,
                "control_total": record.control_total,
                "control_accuracy": _share(record.control_correct, record.control_total),
                "judged_right": record.judged_right,
                "judged_total": record.judged_total,
                "skill": skill,
                "seconds_per_item": record.seconds_per_item,
                "earned": record.earned / MICRO,
                "hourly": record.hourly,
                "restricted": record.restricted_until > state.now,
                "restricted_until": record.restricted_until if 0 < record.restricted_until < FOREVER else None,
                "reason": record.restriction.get("en"),
                "discarded": record.number in state.responses.discarded,
                "ring": ring if ring >= 0 else None,
                "worse_since": state.pages.submitted_at[page] if page >= 0 else None,
                "hurries_since": state.pages.submitted_at[since] if (since := record.hurries_since) >= 0 else None,
                "drafts_unchanged": unchanged,
            }
            for record, skill, ring, page, unchanged in zip(
                state.workers, skills(view, state.workers), rings, worse, unchanged_shares(view), strict=True
            )
        ]
        columns = WORKER_COLUMNS | (JUDGED_COLUMNS if state.responses.solutions is not None else {})
        frame = pd.DataFrame(rows, columns=list(columns)).astype(columns)
        for column in ("restricted_until", "worse_since", "hurries_since"):
            frame[column] = pd.to_datetime(frame[column], unit="s", utc=True)
        return frame


def voters(view: RunView) -> pd.DataFrame:
    """One row per model whose labels join people's answers: what it labels, how well, and how much that counts.

    `control_correct` counts a label by how probable the model held it; `weight`: 0 for nothing, 1 for as much as its
    accuracy at control items says, less as far as it errs where people err.
    """
    import pandas as pd

    with view.lock:
        found = view.quality.voters()
    columns = {
        "model": [one.name for one in found],
        "items": [one.labelled - one.control_total for one in found],
        "control_correct": [one.control_right for one in found],
        "control_total": [one.control_total for one in found],
        "control_accuracy": [_share(one.control_right, one.control_total) for one in found],
        "weight": [one.weight for one in found],
    }
    return pd.DataFrame(columns).astype({"control_accuracy": float})


def cost(view: RunView, checks: RunView | None = None) -> pd.DataFrame:
    """Money in the run's currency, one row: paid, waiting for a verdict, commission, total, per item and response.

    With the run in which answers are judged, or models that cost something, a row for each of these, named by `stage`.
    """
    import pandas as pd

    stages = {"answers": _cost(view)}
    if checks is not None:
        stages["checks"] = _cost(checks)
    if models := [one for each in (view, checks) if each is not None for one in spent(each.folder.path)]:
        paid, asked = sum(one.cost for one in models) / MICRO, sum(one.items for one in models)
        stages["models"] = _money(view, 0, paid, asked, asked)
    frame = pd.DataFrame(list(stages.values()))
    if len(stages) > 1:
        frame.insert(0, "stage", list(stages))
    return frame


def _cost(view: RunView) -> dict[str, Any]:
    with view.lock:
        state = view.state
        answered = int((state.responses.accepted > 0).sum())
        commission = round(state.paid * view.description.commission) / MICRO
        return _money(
            view,
            state.pages_accepted,
            state.paid / MICRO,
            answered,
            state.responses.accepted_total,
            pending=state.pending / MICRO,
            commission=commission,
        )


def _money(
    view: RunView, pages: int, paid: float, items: int, responses: int, *, pending: float = 0.0, commission: float = 0.0
) -> dict[str, Any]:
    total = paid + commission
    return {
        "currency": view.policy.currency,
        "accepted_pages": pages,
        "paid": paid,
        "pending": pending,
        "commission": commission,
        "total": total,
        "per_item": _share(total, items),
        "per_response": _share(total, responses),
    }


def control_items(
    view: RunView, *, min_confidence: float, min_overlap: int, limit: int | None, balanced: bool
) -> pd.DataFrame:
    """Items whose answers are sure enough to be control items of another run: id, inputs and answers.

    The surest come first. `balanced`: every combination of answers occurs equally often, as often as the rarest one
    does, or as nearly as `limit` allows; a worker who always says the most frequent label must not pass.
    """
    if not 0 <= min_confidence <= 1:
        raise SpecError(f"min_confidence: expected a number from 0 to 1, got {min_confidence!r}")
    if min_overlap < 0 or (limit is not None and limit < 0):
        raise SpecError(f"min_overlap and limit: expected numbers of 0 or more, got {min_overlap!r} and {limit!r}")
    with view.lock:
        state, quality = view.state, view.quality
        places = _places(view, False)
        surest = _surest(view, places)
        chosen = (surest >= min_confidence) & (state.responses.answered(places) >= min_overlap)
        places = places[chosen][np.argsort(-surest[chosen], kind="stable")]
        if balanced and len(places):
            places = _balanced(quality.kinds(places), places, limit)
        places = places[:limit]
        key = view.items.key_column
        frame = item_columns(view, places, [key])
        frame = frame[[key, *(slot.name for slot in view.task.inputs if slot.name in frame)]].copy()
        keys = [state.numbering.keys[place] for place in places]
        if keys == [str(place) for place in places]:
            # Rows without names were numbered, and so may be those of the launch that these are for.
            frame[key] = [f"{view.description.name}-{name}" for name in keys]
        for outcome in quality.outcomes(places):
            frame[outcome.output] = answer_column(view, outcome.output, outcome.values)
        return frame


# --- inside ---------------------------------------------------------------------------------------


def _places(view: RunView, control: bool) -> Places:
    state = view.state
    real = state.in_results()
    return np.sort(np.concatenate([real, np.flatnonzero(state.numbering.control)])) if control else real


def _verdicts(view: RunView, places: Places) -> NDArray[np.object_]:
    """What became of the answers to these items; nothing where there are none."""
    answered = view.state.responses.answered(places) > 0
    if (solutions := view.state.responses.solutions) is not None:
        answered |= solutions.with_draft(places) & ~solutions.draft_awaited(places)
    return np.where(answered, np.array(view.quality.verdicts(places), object), "")


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _choose(values: Sequence[Any], places: NDArray[Any]) -> NDArray[Any]:
    everything = np.empty(len(values), object)
    everything[:] = values
    chosen: NDArray[Any] = everything[places]
    return chosen


def _surest(view: RunView, places: Places) -> NDArray[np.float32]:
    """How sure the least sure answer to each of these items is; NaN without answers."""
    surest: NDArray[np.float32] = np.min([outcome.confidence for outcome in view.quality.outcomes(places)], axis=0)
    return surest


def _balanced(kind: NDArray[np.int64], places: Places, limit: int | None) -> Places:
    """The first places of each kind in turn."""
    counts = np.bincount(kind)
    rank = np.empty(len(kind), np.int64)
    for number in range(len(counts)):
        members = np.flatnonzero(kind == number)
        rank[members] = np.arange(len(members))
    most = int(counts.min()) if limit is None else max(1, -(-limit // len(counts)))
    keep = rank < most
    order = np.lexsort((kind[keep], rank[keep]))
    chosen: Places = places[keep][order]
    return chosen
