"""The workers of a workspace, over all its runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dataforge.arguments import entry
from dataforge.platforms.embedded import Person, connect
from dataforge.pricing.amounts import in_full
from dataforge.records import MICRO
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["workers"]

COLUMNS = (
    "worker",
    "name",
    "language",
    "joined",
    "seen",
    "state",
    "invited_as",
    "label",
    "responses",
    "pages_accepted",
    "pages_rejected",
    "control_correct",
    "control_total",
    "control_accuracy",
    "accuracy_low",
    "accuracy_high",
    "seconds_per_item",
    "pace",
    "earned",
    "pending",
    "currency",
    "earned_beside",
    "noted",
)


@entry
def workers(
    workspace: str | Path | Workspace | None = None,
    *,
    search: str = "",
    state: Literal["active", "restricted", "shut_out"] | None = None,
    label: str = "",
) -> pd.DataFrame:
    """One row for each worker of the workspace's server over all runs, in the order in which they joined.

    `accuracy_low` to `accuracy_high` is the 95 % interval of the accuracy on control items (Wilson, 1927), `pace` the
    time taken as a share of the hint, `earned` in `currency`, and what was earned in others is in `earned_beside`.
    Times are in UTC, as in a run's tables. `search` finds names, and beginnings of ids; `label` is that of invitations.
    """
    import pandas as pd

    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    platform = connect(place)
    try:
        rows = [_row(person) for person in platform.people(search, state or "", label)]
    finally:
        platform.close()
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("joined", "seen"):
        frame[column] = pd.to_datetime(frame[column], unit="s", utc=True)
    return frame


def _row(person: Person) -> dict[str, Any]:
    first, others = next(iter(person.money), None), person.money[1:]
    return {
        "worker": person.worker,
        "name": person.name,
        "language": person.language,
        "joined": person.joined,
        "seen": person.seen,
        "state": person.state,
        "invited_as": _joined(came.name for came in person.came_by),
        "label": _joined(came.label for came in person.came_by),
        "responses": person.responses,
        "pages_accepted": person.pages_accepted,
        "pages_rejected": person.pages_rejected,
        "control_correct": person.control_correct,
        "control_total": person.control_total,
        "control_accuracy": person.control_correct / person.control_total if person.control_total else None,
        "accuracy_low": person.control_low,
        "accuracy_high": person.control_high,
        "seconds_per_item": person.seconds_per_item,
        "pace": person.pace,
        "earned": first.earned / MICRO if first else 0.0,
        "pending": first.pending / MICRO if first else 0.0,
        "currency": first.currency if first else None,
        "earned_beside": _joined(in_full(other.earned, other.currency)["en"] for other in others),
        "noted": person.noted,
    }


def _joined(texts: Iterable[str]) -> str:
    """The texts, each once and none that is empty, with commas."""
    return ", ".join(_each_once(text for text in texts if text))


def _each_once(texts: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(texts))
