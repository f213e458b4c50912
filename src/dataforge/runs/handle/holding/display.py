"""How a run looks while one waits for it: a bar in a terminal, a card in a notebook, one line elsewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from dataforge.runs.driving.status import RunStatus

__all__ = ["Card", "Watch", "in_notebook", "watching"]

FIGURES = re.compile(r"\d[\d.,]*")


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


class Card:
    """A place in a cell of a notebook, with HTML that changes."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown = ""

    def draw(self, html: str) -> None:
        """Show this from now on."""
        from IPython.display import HTML, display

        if html == self._shown:
            return
        self._shown = html
        if self._handle is None:
            self._handle = display(HTML(html), display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(HTML(html))  # type: ignore[no-untyped-call]


class _Notebook:
    """A card that is drawn anew in its place, with a link to the run's page."""

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._card = Card()

    def show(self, status: RunStatus) -> None:
        """Draw the card if it would look different."""
        self._card.draw(status.card(self._address))

    def say(self, text: str) -> None:
        """Print a line under the card."""
        print(text)


class _Terminal:
    """A progress bar; notices are printed above it when they appear, and again at the end if figures moved."""

    def __init__(self, progress: Any, name: str) -> None:
        self._progress = progress
        self._bar = progress.add_task(name, total=None, detail="")
        self._said: set[str] = set()
        self._kinds: set[str] = set()

    def show(self, status: RunStatus) -> None:
        """Move the bar."""
        from rich.markup import escape

        self._progress.update(
            self._bar, total=status.items_total, completed=status.items_final, detail=escape(status.detail)
        )
        for notice in status.notices:
            text = str(notice)
            # What differs by its figures alone has been read; how they stand at the end is worth saying once more.
            kind = FIGURES.sub("", text)
            if text not in self._said and (status.ended or kind not in self._kinds):
                self._said.add(text)
                self._kinds.add(kind)
                self.say(text)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        from rich.markup import escape

        self._progress.console.print(escape(text))


@contextmanager
def watching(name: str, address: Callable[[], str | None] = lambda: None, *, enabled: bool) -> Iterator[Watch]:
    """A watch that fits where this process shows things; `address` is asked for the run's page where it is linked."""
    if not enabled:
        yield _Silent()
    elif in_notebook():
        yield _Notebook(address())
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
    """Whether this is a notebook's kernel; services have shells of their own that are made from Jupyter's."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell).__mro__)
