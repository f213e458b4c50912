"""How the iterations of a fit went, told while it runs and afterwards, in the same words by every estimator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Course", "Iterative", "OnIteration", "shown"]

OnIteration = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Course:
    """How many iterations there were, whether they reached the tolerance, and what each of them reached."""

    n_iter: int
    converged: bool
    history: tuple[float, ...]


class Iterative(ABC):
    """Tells how the iterations of the last fit went.

    An estimator that iterates has the parameter `on_iteration`: `on_iteration(n, loss)` is called after each iteration
    with what is added to `loss_history_`. One that can go on from its last fit has `partial_fit`, which adds answers
    and goes on, and the parameter `warm_start`, with which `fit` starts from what the last fit found.
    """

    @abstractmethod
    def _course(self) -> Course:
        """How the last fit went."""

    @property
    def n_iter_(self) -> int:
        """Number of iterations done."""
        return self._course().n_iter

    @property
    def converged_(self) -> bool:
        """Whether the iterations ended because they had reached the tolerance."""
        return self._course().converged

    @property
    def loss_history_(self) -> list[float]:
        """What each iteration reached, or how far it moved: what the tolerance is held against."""
        return list(self._course().history)


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
