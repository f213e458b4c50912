"""Local files of items, put on the platform before the run has the items: later they may be gone."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dataforge.cards import bar, card
from dataforge.errors import RunError
from dataforge.objects.base import listed
from dataforge.platforms import Platform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.holding.display import Card, in_notebook

__all__ = ["refuse_changed", "upload"]

# Fewer files than this are uploaded before a progress bar could be read.
FILES_WORTH_A_BAR = 20
# What a platform calls a file that it names by its content, as the embedded one does.
BY_CONTENT = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,8}")


def upload(folder: RunFolder, files: Iterable[str], platform: Callable[[], Platform], *, show: bool) -> None:
    """Put those of the local files on the platform that it does not have from this run already.

    In an order that says nothing: paths often have a folder for control items. Raises `RunError` if one that it has
    shows something else now.
    """
    known, asked = folder.media(), set(files)
    refuse_changed(folder, asked & known.keys())
    files = sorted(asked - known.keys())
    random.Random(folder.name).shuffle(files)
    if not files:
        return
    media = {}
    with _bar(len(files), show and len(files) >= FILES_WORTH_A_BAR) as advance:
        for file in files:
            media[file] = platform().attach(Path(file))
            advance()
    folder.add_media(media)


def refuse_changed(folder: RunFolder, files: Iterable[str]) -> None:
    """Raise `RunError` if local files show something else now than what the run has of them.

    Those that were touched since the run was begun are read; all files together may be as large as a disk.
    """
    known, begun = folder.media(), folder.begun_at()
    changed = sorted(file for file in set(files) & known.keys() if _is_other(Path(file), known[file], begun))
    if changed:
        raise RunError(
            f"run {folder.name!r} has {listed(changed[:3])} with other content than now ({len(changed):,} of its files "
            "were changed): answers to what a file showed are none to what it shows; give the new files names of "
            "their own, put the old ones back, or launch a run of another name"
        )


def _is_other(path: Path, reference: Mapping[str, Any], since: float) -> bool:
    """Whether a file is no more the one that a platform has; of one that cannot be read nobody knows."""
    by_content = BY_CONTENT.fullmatch(str(reference.get("media")))
    if by_content is None:
        return False
    try:
        looks = path.stat()
        if max(looks.st_mtime, looks.st_ctime) < since:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != by_content[1]
    except OSError:
        return False


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
