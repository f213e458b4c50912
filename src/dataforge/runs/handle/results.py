"""A run's results as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import RunError
from dataforge.records import MICRO, REPORT_REASONS
from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import ACCEPTED, REJECTED
from dataforge.runs.driving.snapshot import flags
from dataforge.runs.driving.view import RunView

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["control_items", "cost", "labels", "probabilities", "responses", "workers", "write"]


def labels(view: RunView, *, control: bool = False) -> pd.DataFrame:
    """One row per item: its id, inputs and carried columns, then answer, confidence, overlap and flag.

    With several outputs each has the columns `<output>` and `<output>_confidence`. A column of ours whose name the
    user's data has taken ends in `_result`. Control items are left out unless asked for.
    """
    with view.lock:
        places = _places(view, control)
        frame = _user_frame(view, places)
        for outcome in view.quality.outcomes(places):
            _put(frame, outcome.output, outcome.values)
            _put(frame, _confidence_name(view, outcome.output), outcome.confidence.astype(float))
        _put(frame, "overlap", view.state.responses.answered(places))
        _put(frame, "flag", flags(view, places))
        if control:
            _put(frame, "control", view.state.numbering.control[places])
        return frame


def probabilities(view: RunView) -> pd.DataFrame:
    """One row per item: its id and the probability of each label; with several outputs `<output>.<label>`."""
    import pandas as pd

    with view.lock:
        places = _places(view, False)
        columns: dict[str, Any] = {view.items.key_column: _keys(view, places)}
        for output, label, values in view.quality.chances(places):
            shown = "nothing" if label is None else str(label)
            columns[shown if len(view.task.outputs) == 1 else f"{output}.{shown}"] = values
        return pd.DataFrame(columns)


def responses(view: RunView) -> pd.DataFrame:
    """One row per response, in the order they came; `accepted` is None while the page waits for its verdict.

    `seconds` is how long the whole page was on the screen, missing where that is not known, `at` when it was submitted.
    """
    import pandas as pd

    with view.lock:
        state = view.state
        items = state.responses.item.values
        page = state.responses.page.values
        status = np.array(state.pages.status, np.int8)[page]
        accepted = np.full(len(status), None, object)
        accepted[status == ACCEPTED] = True
        accepted[status == REJECTED] = False
        columns: dict[str, Any] = {
            view.items.key_column: _keys(view, items),
            "worker": _choose([record.id for record in state.workers], state.responses.workers(np.arange(len(items)))),
        }
        columns |= view.quality.given(np.arange(len(items)))
        columns |= {
            "report": _choose([None, *REPORT_REASONS], state.responses.report.values),
            "accepted": accepted,
            "page": _choose(state.pages.ids, page),
            "seconds": np.array(state.pages.seconds)[page],
            "at": pd.to_datetime(np.array(state.pages.submitted_at)[page], unit="s", utc=True),
            "control": state.numbering.control[items],
        }
        return pd.DataFrame(columns)


def workers(view: RunView) -> pd.DataFrame:
    """One row per worker: what they did, how well, how fast, what they earned, and whether they are restricted."""
    import pandas as pd

    with view.lock:
        state = view.state
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
                "control_accuracy": record.control_correct / record.control_total if record.control_total else None,
                "skill": view.quality.skill(record.number),
                "seconds_per_item": record.seconds_per_item,
                "earned": record.earned / MICRO,
                "restricted": record.restricted_until > state.now,
                "restricted_until": record.restricted_until or None,
                "reason": record.restriction.get("en"),
            }
            for record in state.workers
        ]
        columns = list(rows[0]) if rows else ["worker", "responses", "skill", "earned", "restricted"]
        frame = pd.DataFrame(rows, columns=columns)
        if rows:
            frame["restricted_until"] = pd.to_datetime(frame["restricted_until"].astype(float), unit="s", utc=True)
        return frame


def cost(view: RunView) -> pd.DataFrame:
    """One row of money in the run's currency: paid, waiting for a verdict, commission, total, per item and response."""
    import pandas as pd

    with view.lock:
        state = view.state
        paid = state.paid / MICRO
        commission = round(state.paid * view.description.commission) / MICRO
        total = paid + commission
        answered = int((state.responses.accepted > 0).sum())
        return pd.DataFrame(
            [
                {
                    "currency": view.policy.currency,
                    "accepted_pages": state.pages_accepted,
                    "paid": paid,
                    "pending": state.pending / MICRO,
                    "commission": commission,
                    "total": total,
                    "per_item": total / answered if answered else None,
                    "per_response": total / state.responses.accepted_total if state.responses.accepted_total else None,
                }
            ]
        )


def control_items(
    view: RunView, *, min_confidence: float, min_overlap: int, limit: int | None, balanced: bool
) -> pd.DataFrame:
    """Items whose answers are sure enough to be control items of another run: id, inputs and answers.

    The surest come first. `balanced`: every combination of answers occurs equally often, as often as the rarest one
    does, or as nearly as `limit` allows; a worker who always says the most frequent label must not pass.
    """
    with view.lock:
        state, quality = view.state, view.quality
        places = _places(view, False)
        surest = _surest(view, places)
        chosen = (surest >= min_confidence) & (state.responses.answered(places) >= min_overlap)
        places = places[chosen][np.argsort(-surest[chosen], kind="stable")]
        if balanced and len(places):
            places = _balanced(quality.kinds(places), places, limit)
        places = places[:limit]
        frame = _user_frame(view, places)
        key = view.items.key_column
        frame = frame[[key, *(slot.name for slot in view.task.inputs if slot.name in frame)]].copy()
        if (frame[key] == places.astype(str)).all():
            # Rows without names were numbered, and so may be those of the launch that these are for.
            frame[key] = f"{view.description.name}-" + frame[key]
        for outcome in quality.outcomes(places):
            frame[outcome.output] = outcome.values
        return frame


def write(frame: pd.DataFrame, path: str | Path, kind: str) -> Path:
    """Write a table as csv, json (one array of objects) or parquet; the file appears whole or not at all."""
    path = Path(path)
    aside = path.with_name(f".{path.name}.part")
    try:
        if kind == "csv":
            frame.to_csv(aside, index=False)
        elif kind == "json":
            frame.to_json(aside, orient="records", force_ascii=False, indent=1)
        else:
            frame.to_parquet(aside, index=False)
        aside.replace(path)
    except OSError as error:
        raise RunError(f"results cannot be written to {str(path)!r}: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)
    return path


# --- inside ---------------------------------------------------------------------------------------


def _places(view: RunView, control: bool) -> Places:
    flags_ = view.state.numbering.control
    return np.arange(len(flags_)) if control else np.flatnonzero(~flags_)


def _user_frame(view: RunView, places: Places) -> pd.DataFrame:
    """Id, inputs and carried columns of these items, as the user gave them."""
    frame = view.items.frame().iloc[places, :-1]
    return frame.reset_index(drop=True)


def _keys(view: RunView, places: NDArray[Any]) -> NDArray[Any]:
    return _choose(list(view.items.keys), places)


def _choose(values: Sequence[Any], places: NDArray[Any]) -> NDArray[Any]:
    everything = np.empty(len(values), object)
    everything[:] = values
    chosen: NDArray[Any] = everything[places]
    return chosen


def _surest(view: RunView, places: Places) -> NDArray[np.float32]:
    """How sure the least sure answer to each of these items is; NaN without answers."""
    surest: NDArray[np.float32] = np.min([outcome.confidence for outcome in view.quality.outcomes(places)], axis=0)
    return surest


def _confidence_name(view: RunView, output: str) -> str:
    return "confidence" if len(view.task.outputs) == 1 else f"{output}_confidence"


def _put(frame: pd.DataFrame, name: str, values: Any) -> None:
    while name in frame:
        name += "_result"
    frame[name] = values


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
