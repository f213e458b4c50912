"""Local files of items, put on the platform before the run has the items: later they may be gone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dataforge.cards import bar, card
from dataforge.platforms import Platform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.display import Card, in_notebook

__all__ = ["upload"]

# Fewer files than this are uploaded before a progress bar could be read.
FILES_WORTH_A_BAR = 20


def upload(folder: RunFolder, files: Iterable[str], platform: Callable[[], Platform], *, show: bool) -> None:
    """Put those of the local files on the platform that it does not have from this run already.

    In an order that says nothing: paths often have a folder for control items.
    """
    known = folder.media()
    files = sorted({file for file in files if file not in known})
    random.Random(folder.name).shuffle(files)
    if not files:
        return
    media = {}
    with _bar(len(files), show and len(files) >= FILES_WORTH_A_BAR) as advance:
        for file in files:
            media[file] = platform().attach(Path(file))
            advance()
    folder.add_media(media)


@contextmanager
def _bar(total: int, show: bool) -> Iterator[Callable[[], None]]:
    if not show:
        yield lambda: None
    elif in_notebook():
        yield _Cell(total).advance
    else:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Uploading files", total=total)
            yield lambda: progress.advance(bar)


class _Cell:
    """The bar in a cell of a notebook, for which the terminal's would need widgets."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._card = Card()

    def advance(self) -> None:
        """One more is done; drawn in a hundred steps."""
        self._done += 1
        share = self._done / self._total
        if int(100 * share) > int(100 * (self._done - 1) / self._total):
            self._card.draw(card("Uploading files", f"{self._done:,} of {self._total:,}", bar(share)))
