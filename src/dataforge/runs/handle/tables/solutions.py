"""All answers that workers gave, one by one, and what they are together, question by question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import ACCEPTED
from dataforge.runs.core.responses import NO_REPORT
from dataforge.runs.core.solutions import NO_SOLUTION, RIGHT, UNCHECKED, WRONG, Solutions
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.columns import item_columns
from dataforge.runs.handle.tables.mended import MODEL, judged_drafts
from dataforge.runs.handle.tables.results import responses
from dataforge.tasks.task import Slot

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["counting_rows", "judgements", "solutions", "summary"]

VERDICTS = {UNCHECKED: "unchecked", WRONG: "wrong", RIGHT: "right"}
OF_RESPONSES = ["worker", "accepted", "discarded", "page", "seconds", "at"]


def solutions(view: RunView) -> pd.DataFrame:
    """One row per answer to an item that is no control item: id, inputs, carried columns, answers, who gave it.

    Where answers are judged by others also `verdict` and `confidence`, the probability that it is right; and `reason`,
    in what it is wrong, if they are asked that. Drafts that are judged before anybody mends them come first, given by
    `model`. Items that were set aside are left out.
    """
    with view.lock:
        found, aside = _all_solutions(view), sorted(view.state.corrections.aside)
        if not aside:
            return found
        key = view.items.key_column
        left_out = item_columns(view, np.array(aside), [])[key]
        return found[~found[key].isin(left_out)].reset_index(drop=True)


def _all_solutions(view: RunView) -> pd.DataFrame:
    with view.lock:
        every = responses(view)
        rows = np.flatnonzero(~every["control"].to_numpy(bool) & every["report"].isna().to_numpy())
        left_out = {view.items.key_column, "report", "control", *OF_RESPONSES}
        answers = [name for name in every.columns if name not in left_out]
        known = view.state.responses.solutions
        found = {} if known is None else _found_of(view, known, known.of.values[rows])
        mended = ["changed"] if view.items.drafted else []
        answers = [name for name in answers if name not in mended]
        ours = [*answers, *found, *mended, *OF_RESPONSES]
        frame = item_columns(view, view.state.responses.item.values[rows].astype(np.int64), ours)
        given = every.iloc[rows].reset_index(drop=True)
        for name in ours:
            frame[name] = found[name] if name in found else given[name]
        places = judged_drafts(view)
        if known is None or not len(places):
            return frame
        first = item_columns(view, places, ours)
        drafts = view.items.drafts_at(places)
        told: dict[str, Any] = {
            name: [draft.get(slot.name) for draft in drafts]
            for name, slot in zip(answers, view.task.outputs, strict=True)
        }
        told |= _found_of(view, known, known.draft.values[places])
        return _stacked(first.assign(**told, worker=MODEL, changed=False, discarded=False), frame, answers)


def _stacked(drafts: pd.DataFrame, frame: pd.DataFrame, answers: Sequence[str]) -> pd.DataFrame:
    """Drafts before the answers of workers, in columns of the same types; nobody was paid for a draft."""
    import pandas as pd

    # Of no answers at all no column tells that it has texts.
    untold = [] if len(frame) else [name for name in ("verdict", "reason") if name in frame]
    types = frame.dtypes.drop(labels=[*answers, *untold]).to_dict()
    return pd.concat([drafts.reindex(columns=frame.columns), frame], ignore_index=True).astype(types)


def _found_of(view: RunView, known: Solutions, numbers: NDArray[np.int32]) -> dict[str, Any]:
    """What others found of these solutions."""
    verdicts, chances = known.verdict.values[numbers], known.chance.values[numbers]
    found = {"verdict": [VERDICTS[verdict] for verdict in verdicts.tolist()], "confidence": chances.astype(float)}
    if not view.rules.reasons:
        return found
    return found | {"reason": [known.reasons.get(number, "") for number in numbers.tolist()]}


def judgements(view: RunView, checks: RunView) -> pd.DataFrame:
    """One row per judgement of an answer: the item's id, the answers, who gave them, and what a `judge` said of them.

    `accepted` is that of the judge's page. `verdict` and `confidence` are what all judgements of the answer came to.
    """
    import pandas as pd

    every = _all_solutions(view)
    with view.lock, checks.lock:
        known, state = view.state.responses.solutions, view.state.responses
        assert known is not None
        drafts = known.draft.values[judged_drafts(view)]
        given = np.flatnonzero((known.of.values != NO_SOLUTION) & ~view.state.numbering.control[state.item.values])
        # A type of its own: where nobody has answered yet, there is no key to tell it by.
        numbers = [*drafts.tolist(), *known.of.values[given].tolist()]
        every["key"] = pd.Series([known.keys[number] for number in numbers], dtype=object)
        key, outputs = view.items.key_column, [slot.name for slot in view.task.outputs]
        shown = every.groupby("key", sort=False)
        answers = shown[[key, *outputs, "verdict", "confidence"]].first()
        answers["by"] = shown["worker"].unique().map(list)
        [said] = [slot.name for slot in checks.task.outputs]
        judged = responses(checks)
        judged = judged[~judged["control"].to_numpy(bool) & judged["report"].isna().to_numpy()]
        judged = judged.rename(columns={checks.items.key_column: "key", said: "said", "worker": "judge"})
        frame = judged[["key", "judge", "said", "accepted", "at"]].merge(answers, on="key")
        return frame[[key, *outputs, "by", "judge", "said", "accepted", "at", "verdict", "confidence"]]


def summary(view: RunView) -> pd.DataFrame:
    """One row per question: how many accepted answers to items, how many different, the most frequent, and figures.

    `counts` are of options; `mean`, `median`, `low` and `high` of numbers.
    """
    import pandas as pd

    with view.lock:
        given = view.quality.given(counting_rows(view))
        return pd.DataFrame([_of_question(view.task.output(name), values.tolist()) for name, values in given.items()])


def counting_rows(view: RunView) -> Places:
    """The responses to items that are no control items, that were accepted and count."""
    state = view.state.responses
    counting = state.on_pages(ACCEPTED) & (state.report.values == NO_REPORT) & state.counting()
    told = np.zeros(len(state.numbering), bool)
    told[view.state.in_results()] = True
    return np.flatnonzero(counting & told[state.item.values])


def _of_question(slot: Slot, values: Sequence[Any]) -> dict[str, Any]:
    said = [value for value in values if value is not None]
    keys = [slot.type.canonical(value) for value in said]
    first = dict(zip(reversed(keys), reversed(said), strict=True))
    ranked = Counter(keys).most_common()
    labels = slot.type.labels()
    return {
        "question": slot.name,
        "answers": len(said),
        "different": len(ranked),
        "most_frequent": first[ranked[0][0]] if ranked else None,
        "counts": None if labels is None else {label: keys.count(slot.type.canonical(label)) for label in labels},
        **_of_numbers(said),
    }


def _of_numbers(said: Sequence[Any]) -> dict[str, float | None]:
    names = ("mean", "median", "low", "high")
    if not said or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in said):
        return dict.fromkeys(names)
    return dict(zip(names, map(float, (fmean(said), median(said), min(said), max(said))), strict=True))
