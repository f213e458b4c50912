"""A progress bar for those who ask for one; nothing is shown otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["shown"]

OnIteration = Callable[[int, float], None]


@contextmanager
def shown(what: str, total: int, also: OnIteration | None, *, silent: bool) -> Iterator[OnIteration | None]:
    """What to call after each iteration: it moves a bar on the terminal unless silent, and calls `also`."""
    if silent:
        yield also
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(what, total=total)

        def on_iteration(iteration: int, loss: float) -> None:
            progress.update(bar, advance=1, description=f"{what} {loss:.5g}")
            if also is not None:
                also(iteration, loss)

        yield on_iteration
