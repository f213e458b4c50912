"""Items of a launch whose answers experts know: control and training items of a trial in place of a table."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, Literal

from dataforge.runs.handle.trial import Trial, open_trial
from dataforge.workspace import Workspace

__all__ = ["of_trial"]

TRIAL = "trial:"
"""What stands before the name of a trial where a table is expected."""


def of_trial(given: Any, kind: Literal["control", "training"], workspace: str | Path | Workspace | None) -> Any:
    """The control or training items of a trial, given as itself or as `trial:NAME`; anything else as it came.

    Raises `RunError` if there is no such trial, or nothing in it may be known yet.
    """
    if isinstance(given, Trial):
        return given.control_items() if kind == "control" else given.training_items()
    named = str(given) if isinstance(given, str | PathLike) else ""
    if not named.startswith(TRIAL):
        return given
    with open_trial(named.removeprefix(TRIAL), workspace) as trial:
        return of_trial(trial, kind, workspace)
