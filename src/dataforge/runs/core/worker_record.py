"""What a run knows of one worker."""

from __future__ import annotations

from dataforge.records import Money, Texts

__all__ = ["WorkerRecord"]


class WorkerRecord:
    """What a run knows of one worker."""

    __slots__ = (
        "control_correct",
        "control_total",
        "earned",
        "id",
        "joined",
        "language",
        "name",
        "number",
        "pages",
        "pages_accepted",
        "pages_rejected",
        "responses",
        "restricted_until",
        "restriction",
        "seconds",
        "skips",
        "timed",
    )

    def __init__(self, worker: str, number: int, joined: float) -> None:
        self.id = worker
        self.number = number
        self.name = ""
        self.language = "en"
        self.joined = joined
        self.responses = 0
        self.pages = 0
        self.pages_accepted = 0
        self.pages_rejected = 0
        self.control_correct = 0
        self.control_total = 0
        self.seconds = 0.0
        self.timed = 0
        self.skips = 0
        self.earned: Money = 0
        self.restricted_until = 0.0
        self.restriction: Texts = {}

    @property
    def seconds_per_item(self) -> float | None:
        """Mean time for one item, over all submitted pages whose time is known."""
        return self.seconds / self.timed if self.timed else None
