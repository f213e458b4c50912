"""A model that many ask about an item each at the same time: what has come by then is one batch."""

from __future__ import annotations

from collections.abc import Sequence
from threading import BoundedSemaphore, Event, Lock
from typing import Any

from dataforge.data.items import Items
from dataforge.errors import DataError, RunError
from dataforge.models._asking import draft_of, item_of, patience, tried
from dataforge.models._model import Model

__all__ = ["Together"]


class _Wanted:
    """Who waits for an answer about an item: `items` is that one; what came of it."""

    def __init__(self, items: Items) -> None:
        self.items = items
        self.given: Any = None
        self.wrong = ""
        self.done = Event()


class Together:
    """One model, asked by threads that wait; not more batches side by side than it takes, none larger than it wants."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._turns = BoundedSemaphore(model.parallel)
        self._lock = Lock()
        self._waiting: list[_Wanted] = []

    def answer(self, items: Items) -> Any:
        """What it says of the only item: an answer to its task, of several outputs by output.

        None where it says nothing, or what nobody could have answered. Raises `RunError` where it fails.
        """
        wanted = _Wanted(items)
        with self._lock:
            self._waiting.append(wanted)
        with self._turns:
            if batch := self._batch(wanted):
                self._ask(batch)
        # Another batch, which is asked beside, may have it.
        wanted.done.wait()
        if wanted.wrong:
            raise RunError(f"model {self._model.name!r}: {wanted.wrong}")
        return wanted.given

    def _batch(self, first: _Wanted) -> list[_Wanted]:
        """Those that wait with this one for answers to the same task; none if it is in a batch already."""
        with self._lock:
            if first not in self._waiting:
                return []
            others = (one for one in self._waiting if one is not first and one.items.task == first.items.task)
            found = [first, *others][: self._model.batch]
            self._waiting = [one for one in self._waiting if one not in found]
            return found

    def _ask(self, batch: Sequence[_Wanted]) -> None:
        task = batch[0].items.task
        asked = [item_of(one.items, 0) for one in batch]
        try:
            came = tried(self._model, task, asked, patience())
            for one, item, said in zip(batch, asked, came.given or [None] * len(batch), strict=True):
                one.wrong = came.wrong if came.given is None else ""
                try:
                    one.given = draft_of(task, item, said)
                except DataError:  # as at a launch: what nobody could have answered is no answer
                    one.given = None
        except Exception as error:
            for one in batch:
                one.wrong = str(error) or type(error).__name__
        finally:
            for one in batch:
                one.done.set()
