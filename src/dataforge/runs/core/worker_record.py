"""What a run knows of one worker."""

from __future__ import annotations

import msgspec

from dataforge.records import Money, Texts

__all__ = ["WorkerRecord"]


class WorkerRecord(msgspec.Struct):
    """What a run knows of one worker; `reported` are the numbers of the items that they reported.

    `excused` counts the control items among them that were free because of those passed. `judged_total` counts
    answers that other workers judged, `judged_right` those of them that they found right. `control_wish`: how many
    control items a page of theirs should have on average, None: as many as the platform deals. `forgiven`: how many
    of the control items that they missed were on pages which were accepted on appeal. `learnt`: how many control
    items the platform was told of that they answered right, and how many in all. `topped_up`: what of their earnings
    the wage floor brought, `lacking`: what it would have brought besides, had the budget reached for that. `step`:
    the share of right answers up to which bonuses are ordered. `hurries_since`: from which page on they are much faster
    than before, -1: they are not; `since_then`: how many of how many control items were right from there on.
    """

    id: str
    number: int
    joined: float
    name: str = ""
    language: str = "en"
    responses: int = 0
    reported: list[int] = msgspec.field(default_factory=list)
    excused: int = 0
    pages: int = 0
    pages_accepted: int = 0
    pages_rejected: int = 0
    control_correct: int = 0
    control_total: int = 0
    judged_right: int = 0
    judged_total: int = 0
    seconds: float = 0.0
    timed: int = 0
    skips: int = 0
    earned: Money = 0
    restricted_until: float = 0.0
    restriction: Texts = {}
    control_wish: float | None = None
    forgiven: int = 0
    learnt: tuple[int, int] = (0, 0)
    topped_up: Money = 0
    lacking: Money = 0
    step: float = 0.0
    hurries_since: int = -1
    since_then: tuple[int, int] = (0, 0)

    @property
    def control_held(self) -> int:
        """How many control items the worker is held to."""
        return max(self.control_total - self.forgiven, self.control_correct)

    @property
    def hourly(self) -> float | None:
        """What was earned for an hour on the worker's screen, in currency units; of pages whose time is not known as of
        the others. None where none is known.
        """
        if not self.timed or not self.seconds:
            return None
        hours = self.seconds / 3600 * self.responses / self.timed
        return self.earned / 1_000_000 / hours

    @property
    def seconds_per_item(self) -> float | None:
        """Mean time for one item, over all submitted pages whose time is known."""
        return self.seconds / self.timed if self.timed else None
