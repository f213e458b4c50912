"""A run in a cell of a notebook that moves on while other cells are at work: its card, its charts, a link."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from dataforge.cards import card, line
from dataforge.errors import DataForgeError, MissingDependency
from dataforge.runs.handle.found.plot import plot
from dataforge.runs.handle.holding.held import Held
from dataforge.runs.handle.holding.waiting import status_now

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise MissingDependency(
        "a run that moves in its cell needs: pip install 'dataforge-labeling[notebook]'; run.wait() needs nothing"
    ) from error

__all__ = ["LiveRun"]

EVERY = 1.0
SHARE = 0.1
"""Of the kernel's time, drawing takes so much at most."""
LOST = (
    "Nothing has come from this notebook's kernel for a while, and what you see may be old. The run goes on without "
    "it: see its page, or run the cell again."
)

FAILED = "What is shown here moves no more: {error}. The run goes on without it: see its page, or run the cell again."


class LiveRun(anywidget.AnyWidget):
    """A run as it stands, drawn anew while it goes on; whoever drives it, and in as many notebooks as have it open.

    It only looks: closing it, interrupting or restarting the kernel changes nothing in the run.
    """

    _esm = Path(__file__).with_name("live.js")
    html = traitlets.Unicode().tag(sync=True)
    over = traitlets.Bool(False).tag(sync=True)
    beat = traitlets.Int(0).tag(sync=True)
    lost = traitlets.Unicode(LOST).tag(sync=True)

    def __init__(self, held: Held) -> None:
        super().__init__()
        self._run = held
        self._page = held.page()
        self._told = ""
        self._closed = threading.Event()
        self._look()
        threading.Thread(target=self._follow, name=f"shows {held.name}", daemon=True).start()

    def __repr__(self) -> str:
        return f"LiveRun({self._told})"

    def close(self) -> None:
        """Stop looking and take the widget away; the run goes on."""
        self._closed.set()
        super().close()

    def _follow(self) -> None:
        took = 0.0
        while not self.over and not self._closed.wait(max(EVERY, took / SHARE)):
            began = time.monotonic()
            self._look()
            took = time.monotonic() - began

    def _look(self) -> None:
        """Draw the run as it stands; one that is there no more is said to be so, once."""
        try:
            status = status_now(self._run)
            told, over = str(status), status.ended and not self._run.driving
            if told != self._told or over:
                self.html = status.card(self._page) + plot(self._run.fresh())._repr_html_()
        except DataForgeError as error:
            told, over = str(error), True
            self.html = card(self._run.name, "", line(told))
        except Exception as error:  # the thread would end, and the page blame the kernel
            told, over = FAILED.format(error=f"{type(error).__name__}: {error}"), True
            self.html = card(self._run.name, "", line(told))
        self._told = told
        self.beat += 1
        self.over = over

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and for who shows none the line of text."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = repr(self)
        return bundle
