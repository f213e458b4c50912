"""Items of a launch whose answers experts know: control and training items of a trial in place of a table."""

from __future__ import annotations

from contextlib import closing
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from dataforge.runs.core.tried import tried_of
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.experts.feedback import Feedback
from dataforge.runs.handle.listing import folder_of
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["of_trial"]

TRIAL = "trial:"
"""What stands before the name of a trial where a table is expected."""


@runtime_checkable
class _Tried(Protocol):
    """A trial in the hand."""

    def control_items(self) -> pd.DataFrame: ...
    def training_items(self) -> pd.DataFrame: ...


def of_trial(given: Any, kind: Literal["control", "training"], workspace: str | Path | Workspace | None) -> Any:
    """The control or training items of a trial, given as itself or as `trial:NAME`; anything else as it came.

    Raises `RunError` if there is no such trial, or nothing in it may be known yet.
    """
    if isinstance(given, _Tried):
        return given.control_items() if kind == "control" else given.training_items()
    named = str(given) if isinstance(given, str | PathLike) else ""
    if not named.startswith(TRIAL):
        return given
    folder = folder_of(named.removeprefix(TRIAL), workspace)
    tried, view = tried_of(folder.path), RunView.open(folder)
    with closing(view.feed):
        view.catch_up()
        said = Feedback(view, tried)
        return said.control_items(None, None) if kind == "control" else said.training_items(None)
