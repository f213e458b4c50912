"""How far the answers to a run's questions agree, and whether what is claimed of them holds where they are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags
from dataforge.metrics import accuracy_on_aggregates, alpha_krippendorff, consistency, uncertainty
from dataforge.metrics.calibration import weighed
from dataforge.runs.core.columns import Places
from dataforge.runs.core.quality import Tries
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.solutions import counting_rows
from dataforge.tasks.task import Slot

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["measures"]

COUNTS = ("items", "answers", "known")
SHARES = ("alpha", "consistency", "uncertainty", "agreement", "claimed", "accuracy", "calibration_error")
COLUMNS = ("question", "label", "items", "answers", *SHARES[:4], "known", *SHARES[4:])


class _Known(NamedTuple):
    """Items of which an answer is known, read as if it were not, and that answer, beside each try."""

    tries: Tries
    answer: NDArray[np.object_]

    def row(self, of: Flags) -> dict[str, float]:
        """What was claimed of these tries, how many were right, and how far the two lie apart in bins of claims."""
        weight = self.tries.weight[of]
        if not weight.sum():
            return {"known": 0}
        claimed, right = self.tries.claimed[of], self.tries.right[of]
        return {
            "known": len(np.unique(self.tries.item[of])),
            "claimed": float(np.average(claimed, weights=weight)),
            "accuracy": float(np.average(right, weights=weight)),
            "calibration_error": weighed(claimed, right, weight).expected_error,
        }


def measures(view: RunView) -> pd.DataFrame:
    """One row per question, and below it one per option of it; what cannot be said is NaN.

    Answers of accepted pages to items that are no control items count; `known` items are read by themselves.
    """
    import pandas as pd

    with view.lock:
        rows = counting_rows(view)
        item = view.state.responses.item.values[rows].astype(np.int64)
        people = pd.DataFrame({"task": item, "worker": view.state.responses.workers(rows)})
        given = view.quality.given(rows)
        items = np.unique(item)
        found = {outcome.output: outcome.values for outcome in _outcomes(view, items)}
        known = {name: _Known(tries, view.quality.known(tries.item)[name]) for name, tries in _tries(view).items()}
    told = [
        {"question": slot.name, **row}
        for slot in view.task.outputs
        for row in _of_question(
            slot,
            people.assign(label=given[slot.name]).dropna(subset=["label"]),
            pd.Series(found[slot.name], items, dtype=object).dropna() if slot.name in found else None,
            known.get(slot.name),
        )
    ]
    frame = pd.DataFrame(told, columns=list(COLUMNS))
    # What is missing among texts is None, as it is in every table of a run.
    frame["label"] = pd.Series([row["label"] for row in told], dtype=object)
    return frame.astype({**dict.fromkeys(COUNTS, "int64"), **dict.fromkeys(SHARES, "float64")})


def _outcomes(view: RunView, items: Places) -> Any:
    """What came out of these items; of collected answers nothing does."""
    return () if view.way == "collect" else view.quality.outcomes(items)


def _tries(view: RunView) -> dict[str, Tries]:
    return {name: tries for name, tries in view.quality.tries().items() if len(tries.item)}


def _of_question(
    slot: Slot, answers: pd.DataFrame, found: pd.Series[Any] | None, known: _Known | None
) -> Iterator[dict[str, Any]]:
    """The row of a question, and those of its options where it has some."""
    labels = slot.type.labels()
    every = np.ones(0 if known is None else len(known.answer), np.bool_)
    yield {
        "label": None,
        "items": answers["task"].nunique(),
        "answers": len(answers),
        "alpha": _alpha(slot, answers),
        **({} if labels is None or found is None else _agreement(answers, found)),
        **({"known": 0} if known is None else known.row(every)),
    }
    for label in labels or ():
        said = answers.assign(label=(answers["label"] == label).to_numpy(bool))
        held = None if found is None else found[found == label]
        yield {
            "label": label,
            "items": said["task"][said["label"]].nunique() if held is None else len(held),
            "answers": int(said["label"].sum()),
            "alpha": alpha_krippendorff(said) if _told_twice(said) else np.nan,
            **({} if found is None else _agreement(answers, found, held)),
            **({"known": 0} if known is None else known.row(known.answer == label)),
        }


def _told_twice(answers: pd.DataFrame) -> bool:
    """Whether any item has two answers, without which nothing can agree."""
    return bool(answers["task"].duplicated().any())


def _alpha(slot: Slot, answers: pd.DataFrame) -> float:
    """Krippendorff's alpha: of grades by their order, of numbers by their distance; NaN of what cannot be counted."""
    labels = slot.type.labels()
    if not _told_twice(answers):
        return float("nan")
    if labels is None:
        numbers = answers["label"].map(lambda value: isinstance(value, int | float) and not isinstance(value, bool))
        return float(alpha_krippendorff(answers, "interval")) if numbers.all() else float("nan")
    if slot.type.ordered:
        return float(alpha_krippendorff(answers, "ordinal", levels=list(labels)))
    return float(alpha_krippendorff(answers))


def _agreement(answers: pd.DataFrame, found: pd.Series[Any], held: pd.Series[Any] | None = None) -> dict[str, float]:
    """How far answers agree with what came out of their items, of those `held` or of all."""
    if not len(answers) or not len(found) or (held is not None and not len(held)):
        return {}
    wanted = found.index if held is None else held.index
    skills = accuracy_on_aggregates(answers, aggregates=found, by="worker")
    of_items = consistency(answers, skills, aggregates=found, by_task=True)
    entropies = uncertainty(answers, aggregate=False)
    return {
        "consistency": float(of_items.reindex(wanted).mean()),
        "uncertainty": float(entropies.reindex(wanted).mean()),
        "agreement": float(accuracy_on_aggregates(answers, aggregates=found if held is None else held)),
    }
