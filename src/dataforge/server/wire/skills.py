"""Bodies and replies of the routes of skills and of what runs ask of workers."""

from __future__ import annotations

from msgspec import Struct

from dataforge.records import AskedOfWorkers, Time

__all__ = ["GivenSkill", "SkillChange", "WorkerSkills", "WorkersAsked"]


class GivenSkill(Struct, frozen=True):
    """A skill of a worker, 0 to 100; `by`: hand, training, or what of a run."""

    name: str
    value: float
    by: str
    at: Time


class WorkerSkills(Struct, frozen=True):
    """A worker's skills by name."""

    skills: list[GivenSkill]


class SkillChange(Struct, frozen=True):
    """A skill to be given by hand, or, with null, to be taken."""

    name: str
    value: float | None


class WorkersAsked(Struct, frozen=True):
    """What a run is to ask of workers."""

    workers: AskedOfWorkers | None = None
    languages: tuple[str, ...] = ()
