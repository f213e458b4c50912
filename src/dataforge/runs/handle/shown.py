"""A run's items as a notebook shows them: answers drawn over what they are about, played, or in words."""

from __future__ import annotations

import base64
import html
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dataforge import cards
from dataforge.errors import SpecError
from dataforge.objects.base import listed
from dataforge.runs.core.columns import Places
from dataforge.runs.core.quality import Outcome
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.results import labels
from dataforge.workspace import media_path

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Shown", "Where", "shown"]

Where = str | Callable[["pd.DataFrame"], Any]
"""Which rows of `labels` are meant: an expression over its columns, or what gives True or False for each row."""

# Of files that are put into a notebook, one and all together, in bytes.
LARGEST, MOST = 1 << 20, 8 << 20


@dataclass(frozen=True)
class Shown:
    """Items with their answers, drawn where a notebook shows them; of `total` that were meant so many."""

    shown: int
    total: int
    _html: str

    def __repr__(self) -> str:
        return f"Shown({self.shown} of {self.total} items; a notebook draws them)"

    def _repr_html_(self) -> str:
        return self._html


def shown(view: RunView, count: int, where: Where | None) -> Shown:
    """The first items, or of those that are meant, with their media and answers, a card each."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise SpecError(f"n: expected how many items to show, 1 or more, got {count!r}")
    with view.lock:
        every = view.state.in_results()
        every = every if where is None else every[_meant(labels(view), where)]
        places = every[:count]
        records = view.records(places, 1)
        outcomes = view.quality.outcomes(places)
    files = _Files(view)
    drawn = []
    for row, record in enumerate(records):
        inputs = {name: files.with_address(value) for name, value in record.inputs.items()}
        answers = [_answer(view, outcome, row, inputs, files) for outcome in outcomes]
        drawn.append(cards.card(record.key, "", *_asked(view, inputs), *answers))
    told = "no item is like that" if not drawn else f"{len(drawn):,} of {len(every):,} items"
    return Shown(len(drawn), len(every), "".join([*drawn, cards.note(told)]))


def _meant(frame: pd.DataFrame, where: Where) -> Places:
    """The rows of `labels` for which it holds, by number; raises `SpecError` where that cannot be said."""
    try:
        found = frame.eval(where) if isinstance(where, str) else where(frame)
    except Exception as error:  # whatever an expression or a function of the user's raises
        raise SpecError(
            f"where: {_written(where)} fails: {type(error).__name__}: {error}; columns are {listed(frame.columns)}"
        ) from error
    held = np.asarray(found)
    if held.shape != (len(frame),) or held.dtype != np.bool_:
        raise SpecError(
            f"where: expected True or False for each of {len(frame):,} items, as by 'confidence < 0.7' or lambda "
            f"labels: labels.confidence < 0.7; {_written(where)} gives {type(found).__name__} {str(found)[:60]!r}"
        )
    return np.flatnonzero(held)


def _written(where: Where) -> str:
    return repr(where) if isinstance(where, str) else getattr(where, "__name__", "the function")


def _asked(view: RunView, inputs: Mapping[str, Any]) -> list[str]:
    """The inputs that no answer is drawn over."""
    under = {slot.type.settings().get("of") for slot in view.task.outputs}
    alone = [slot for slot in view.task.inputs if slot.name not in under and inputs.get(slot.name) is not None]
    return [f'<div style="margin-top:.4em">{slot.type.drawn(inputs[slot.name], inputs)}</div>' for slot in alone]


def _answer(view: RunView, outcome: Outcome, row: int, inputs: Mapping[str, Any], files: _Files) -> str:
    """What came out of one question of an item; of collected answers each."""
    kind = view.task.output(outcome.output).type
    value, sure = outcome.values[row], float(outcome.confidence[row])
    confidence = "" if np.isnan(sure) else f" &middot; {sure:.0%}"
    given = [] if value is None else value if view.way == "collect" else [value]
    drawn_ones = [f'<div style="margin-top:.2em">{kind.drawn(files.with_address(one), inputs)}</div>' for one in given]
    head = f'<div style="margin-top:.4em"><b>{html.escape(outcome.output)}</b>{confidence}</div>'
    return head + ("".join(drawn_ones) or cards.line("no answer yet"))


class _Files:
    """Where a notebook finds files: on the web, or in itself while there is room."""

    def __init__(self, view: RunView) -> None:
        self._media = view.folder.path.parent.parent / "media"
        self._room = MOST

    def with_address(self, value: Any) -> Any:
        """A value that is a file with it as `file` and its address as `url`, empty if it is too large; others as they
        are."""
        if not isinstance(value, Mapping) or not {"file", "media"} & value.keys():
            return value
        path = Path(value["file"]) if "file" in value else media_path(self._media, value["media"])
        return {**value, "file": str(path), "url": self._embedded(path)}

    def _embedded(self, path: Path) -> str:
        try:
            size = path.stat().st_size
            if size > min(LARGEST, self._room):
                return ""
            content = base64.b64encode(path.read_bytes()).decode()
        except OSError:
            return ""
        self._room -= size
        return f"data:{mimetypes.guess_type(path.name)[0] or 'application/octet-stream'};base64,{content}"
