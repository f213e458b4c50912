"""A run's answers as a notebook shows them: drawn over what they are about, played, or in words."""

from __future__ import annotations

import base64
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dataforge import cards
from dataforge.runs.core.quality import Outcome
from dataforge.runs.driving.view import RunView
from dataforge.workspace import media_path

__all__ = ["Drawn", "drawn"]

# Of files that are put into a notebook, one and all together, in bytes.
LARGEST, MOST = 1 << 20, 8 << 20


@dataclass(frozen=True)
class Drawn:
    """Answers that are drawn where a notebook shows them."""

    shown: int
    total: int
    _html: str

    def __repr__(self) -> str:
        return f"Drawn({self.shown} of {self.total} items; a notebook draws them)"

    def _repr_html_(self) -> str:
        return self._html


def drawn(view: RunView, limit: int) -> Drawn:
    """The first items with their answers, a card each."""
    with view.lock:
        every = view.state.in_results()
        places = every[: max(0, limit)]
        records = view.records(places, 1)
        outcomes = view.quality.outcomes(places)
    files = _Files(view)
    shown = []
    for row, record in enumerate(records):
        inputs = {name: files.with_address(value) for name, value in record.inputs.items()}
        answers = [_answer(view, outcome, row, inputs, files) for outcome in outcomes]
        shown.append(cards.card(record.key, "", *_asked(view, inputs), *answers))
    return Drawn(len(shown), len(every), "".join(shown))


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
        """A value that is a file with its address as `url`, empty if it is too large; other values as they are."""
        if not isinstance(value, Mapping) or not {"file", "media"} & value.keys():
            return value
        path = Path(value["file"]) if "file" in value else media_path(self._media, value["media"])
        return {**value, "url": self._embedded(path)}

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
