"""What a run asks, and what is to change of it, as the requester's routes take and give it; see docs/http-api.md."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from dataforge.records import AskedOfWorkers, TaskSpec, Values

__all__ = ["Changes", "Difference", "NewTerms", "RunTerms"]


class RunTerms(Struct, frozen=True):
    """What a run asks now, of what may change; durations are seconds.

    `min_confidence` is null where it differs by answer, `target` where there is none.
    """

    budget: float | None
    currency: str
    overlap: tuple[int, int]
    min_confidence: float | None
    target: float | None
    time_limit: float | None
    lease: float
    task: TaskSpec
    workers: AskedOfWorkers | None
    languages: tuple[str, ...]


class NewTerms(Struct, frozen=True):
    """What a run is to ask from now on; what is left out stays. Durations are seconds, or texts such as `2d`.

    `training`: rows of items in place of those of the training, with known answers and hints.
    """

    budget: float | UnsetType | None = UNSET
    overlap: int | tuple[int, int] | UnsetType = UNSET
    min_confidence: float | UnsetType = UNSET
    target: float | UnsetType | None = UNSET
    time_limit: float | str | UnsetType | None = UNSET
    lease: float | str | UnsetType | None = UNSET
    stall_after: float | str | UnsetType = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    workers: dict[str, Any] | UnsetType | None = UNSET
    task: TaskSpec | UnsetType = UNSET
    training: list[Values] | UnsetType = UNSET
    training_score: float | UnsetType = UNSET


class Difference(Struct, frozen=True):
    """A setting that differs: what it was, and what it is now."""

    name: str
    was: Any
    now: Any


class Changes(Struct, frozen=True):
    """What differs from before; nothing, if all was so already."""

    changed: list[Difference]
