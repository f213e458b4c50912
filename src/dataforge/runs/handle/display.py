"""How a run looks while one waits for it: a bar in a terminal, a card in a notebook, one line elsewhere."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from dataforge.records import Texts
from dataforge.runs.driving.status import RunStatus

__all__ = ["Watch", "as_html", "as_text", "in_notebook", "watching"]


class Watch(Protocol):
    """Shows a run's status as it changes."""

    def show(self, status: RunStatus) -> None:
        """Show the newest status."""
        ...

    def say(self, text: str) -> None:
        """Say something once."""
        ...


class _Silent:
    def show(self, status: RunStatus) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Say it, whatever else is silent."""
        print(text, file=sys.stderr)


class _Notebook:
    """A card that is drawn anew in its place."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown = ""

    def show(self, status: RunStatus) -> None:
        """Draw the card if it would look different."""
        from IPython.display import HTML, display

        drawn = as_html(status)
        if drawn == self._shown:
            return
        self._shown = drawn
        if self._handle is None:
            self._handle = display(HTML(drawn), display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(HTML(drawn))  # type: ignore[no-untyped-call]

    def say(self, text: str) -> None:
        """Print a line under the card."""
        print(text)


class _Terminal:
    """A progress bar; notices are printed above it when they appear."""

    def __init__(self, progress: Any, name: str) -> None:
        self._progress = progress
        self._bar = progress.add_task(name, total=None, detail="")
        self._said: set[str] = set()

    def show(self, status: RunStatus) -> None:
        """Move the bar."""
        from rich.markup import escape

        self._progress.update(
            self._bar, total=status.items_total, completed=status.items_final, detail=escape(_detail(status))
        )
        for notice in status.notices:
            text = _english(notice)
            if text not in self._said:
                self._said.add(text)
                self.say(text)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        from rich.markup import escape

        self._progress.console.print(escape(text))


@contextmanager
def watching(name: str, *, enabled: bool) -> Iterator[Watch]:
    """A watch that fits where this process shows things."""
    if not enabled:
        yield _Silent()
    elif in_notebook():
        yield _Notebook()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            yield _Terminal(progress, name)


def in_notebook() -> bool:
    """Whether this is a notebook's kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def as_text(status: RunStatus) -> str:
    """The status in one line."""
    return f"Run({status.name}: {status.stage}, {status.items_final} of {status.items_total} items, {_detail(status)})"


def as_html(status: RunStatus) -> str:
    """The status as a small card; every text in it is escaped."""
    share = status.items_final / status.items_total if status.items_total else 0.0
    notices = "".join(
        f'<div style="margin-top:.4em">&#9888; {html.escape(_english(notice))}</div>' for notice in status.notices
    )
    return (
        '<div style="font-family:sans-serif;max-width:36em;padding:.7em 1em;border:1px solid #8884;border-radius:8px">'
        f"<b>{html.escape(status.name)}</b> &middot; {html.escape(status.stage)}"
        '<div style="background:#8883;border-radius:4px;height:8px;margin:.5em 0">'
        f'<div style="background:#2f7d5b;border-radius:4px;height:8px;width:{100 * share:.1f}%"></div></div>'
        f"{status.items_final:,} of {status.items_total:,} items &middot; {html.escape(_detail(status))}{notices}</div>"
    )


def _detail(status: RunStatus) -> str:
    parts = [f"{status.responses:,} responses of {status.workers} workers", f"{status.cost:.2f} {status.currency}"]
    if status.mean_confidence is not None:
        parts.append(f"confidence {status.mean_confidence:.3f}")
    return ", ".join(parts)


def _english(notice: Texts) -> str:
    return notice.get("en", "")
