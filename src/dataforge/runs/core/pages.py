"""The pages of a run, one row each."""

from __future__ import annotations

from array import array

__all__ = ["ACCEPTED", "GONE", "REJECTED", "SUBMITTED", "TAKEN", "Pages"]

TAKEN, SUBMITTED, ACCEPTED, REJECTED, GONE = range(5)


class Pages:
    """The run's pages; `number[id]` finds those that are taken or submitted, the others need no finding."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.ids: list[str] = []
        self.worker = array("i")
        self.status = array("b")
        self.items = array("i")
        self.first = array("q")
        self.correct = array("i")
        self.controls = array("i")
        self.seconds = array("d")
        self.at = array("d")

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, page: str, worker: int, items: int, at: float) -> int:
        """Note a page that was taken, and give its number."""
        number = self.number[page] = len(self.ids)
        self.ids.append(page)
        self.worker.append(worker)
        self.status.append(TAKEN)
        self.items.append(items)
        self.first.append(-1)
        self.correct.append(0)
        self.controls.append(0)
        self.seconds.append(0.0)
        self.at.append(at)
        return number
