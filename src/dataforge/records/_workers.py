"""Who may work at a run, as it travels."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dataforge.records._words import Record

__all__ = ["AskedOfWorkers", "Device", "PassingWorkers", "WantedSkill"]

Device = Annotated[
    Literal["phone", "computer"],
    Meta(title="Device", description="What a worker works on, as the browser shows it."),
]


class WantedSkill(Record, frozen=True):
    """A skill that workers must have: `least`, 0 to 100; given at most so many seconds ago, or ever."""

    name: str
    least: float
    valid: float | None = None


class AskedOfWorkers(Record, frozen=True):
    """What a run asks of its workers; what is empty asks nothing.

    `speaks`: all of these languages; `regions`: one of these; both as ISO codes. `age`: the least and the most, in
    whole years. `allowed`: nobody but these, by their ids; `barred`: none of these. `named`: whom a link with their
    name let in, into any run of the workspace.
    """

    speaks: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    age: tuple[int | None, int | None] = (None, None)
    device: Device | None = None
    skills: tuple[WantedSkill, ...] = ()
    allowed: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    named: bool = False


class PassingWorkers(Struct, frozen=True):
    """Of so many workers, how many pass all that a run asks, and how many each filter leaves by itself.

    Filters by their names: "people" (allowed, barred, named), "language" (of their pages), "age", "region", "speaks",
    "device", and each skill, "skill medical".
    """

    workers: int
    passing: int
    by_filter: dict[str, int]
