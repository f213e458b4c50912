"""Who may work at a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects.base import is_number
from dataforge.policy._values import Duration, positive, put
from dataforge.records import AskedOfWorkers, WantedSkill
from dataforge.regions import check_region
from dataforge.texts import check_language

__all__ = ["Workers", "workers_of"]

MOST_SKILL = 100
OLDEST = 120
DEVICES = ("phone", "computer")

Least = float | tuple[float, Duration | None]
"""How much of a skill is asked, or that and how long ago it was given at most."""


@named_entry
@dataclass(frozen=True, kw_only=True)
class Workers:
    """What a run asks of its workers; what is left out asks nothing.

    Args:
        speaks: they speak all of these languages, by their codes: ("en", "tr"). They say so, or have the skill
            "speaks:tr" from you.
        regions: they are in one of these countries: ("RU", "KZ").
        age: the least and the most years: (18, None).
        device: "phone" or "computer".
        skills: {"medical": 70}, or {"medical": (70, "90d")} where it must have been given in the last 90 days.
        allowed: nobody but these, by their ids.
        barred: none of these.
        named: nobody but people whom you know: a link with their name let them in, into any run of the workspace.
    """

    speaks: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    age: tuple[int | None, int | None] = (None, None)
    device: Literal["phone", "computer"] | None = None
    skills: Mapping[str, Least] | None = None
    allowed: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    named: bool = False

    def __post_init__(self) -> None:
        put(self, speaks=tuple(check_language(code, "workers: speaks") for code in _listed("speaks", self.speaks)))
        put(self, regions=tuple(check_region(code, "workers: regions") for code in _listed("regions", self.regions)))
        put(self, age=_ages(self.age), skills=_skills(self.skills))
        put(self, allowed=_listed("allowed", self.allowed), barred=_listed("barred", self.barred))
        if self.device is not None and self.device not in DEVICES:
            raise SpecError(f"workers: device must be 'phone' or 'computer', or None for any, got {self.device!r}")
        if not isinstance(self.named, bool):
            raise SpecError(f"workers: named must be True or False, got {self.named!r}; names go on links")
        if both := sorted({*self.allowed} & {*self.barred}):
            raise SpecError(f"workers: {both[0]!r} is allowed and barred; leave out one of the two")

    def __hash__(self) -> int:
        return hash((self.speaks, self.regions, self.age, self.device, self.allowed, self.barred, self.named))

    def to_json(self) -> dict[str, Any]:
        """The same in JSON values, of which `Workers` makes an equal one: `Workers(**written)`."""
        written = {field.name: getattr(self, field.name) for field in fields(self)}
        skills = {name: list(least) for name, least in self._skills.items()}
        lists = {name: list(value) for name, value in written.items() if isinstance(value, tuple)}
        return {**written, **lists, "skills": skills or None}

    def record(self) -> AskedOfWorkers:
        """The same as it travels to a platform."""
        skills = tuple(WantedSkill(name, *least) for name, least in self._skills.items())
        lists = (self.allowed, self.barred)
        return AskedOfWorkers(self.speaks, self.regions, self.age, self.device, skills, *lists, self.named)

    @classmethod
    def of_record(cls, asked: AskedOfWorkers) -> Self:
        """The same as it is written; raises `SpecError` if nobody can be asked so."""
        skills = {skill.name: (skill.least, skill.valid) for skill in asked.skills}
        if len(skills) < len(asked.skills):
            raise SpecError("workers: a skill is asked twice; name each once")
        return cls(
            speaks=asked.speaks,
            regions=asked.regions,
            age=asked.age,
            device=asked.device,
            skills=skills,
            allowed=asked.allowed,
            barred=asked.barred,
            named=asked.named,
        )

    @property
    def _skills(self) -> dict[str, tuple[float, float | None]]:
        return {**(self.skills or {})}  # type: ignore[dict-item]


def workers_of(value: Any) -> Workers | None:
    """What is asked of workers, also of a mapping of its parts; None where nothing is."""
    if isinstance(value, Mapping):
        value = Workers(**value)
    if value is not None and not isinstance(value, Workers):
        raise SpecError(f"policy: workers must be df.Workers(…), such as df.Workers(age=(18, None)), got {value!r}")
    return None if value == Workers() else value


def _listed(what: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, tuple | list | set | frozenset):
        raise SpecError(f"workers: {what} must be a list such as ['…', '…'], got {value!r}")
    listed = sorted(value, key=str) if isinstance(value, set | frozenset) else value
    for one in listed:
        if not isinstance(one, str) or not one.strip():
            raise SpecError(f"workers: {what} must be a list of texts, got {one!r} in it")
    return tuple(dict.fromkeys(listed))


def _ages(value: Any) -> tuple[int | None, int | None]:
    wrong = f"workers: age must be (least, most) in whole years of 0 to {OLDEST}, None for no bound, got {value!r}"
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise SpecError(f"{wrong}; write (18, None) for 18 and older")
    least, most = value
    for bound in value:
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int) or not 0 <= bound <= OLDEST):
            raise SpecError(wrong)
    if least is not None and most is not None and least > most:
        raise SpecError(f"{wrong}; swap them")
    return least, most


def _skills(value: Any) -> dict[str, tuple[float, float | None]] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise SpecError(f"workers: skills must be a mapping such as {{'medical': 70}}, got {value!r}")
    return {_skill_name(name): _least(name, given) for name, given in value.items()} or None


def _skill_name(name: Any) -> str:
    if not isinstance(name, str) or not name or name != name.strip():
        raise SpecError(f"workers: skills: expected the name of a skill, got {name!r}")
    return name


def _least(name: str, given: Any) -> tuple[float, float | None]:
    least, valid = given if isinstance(given, tuple | list) and len(given) == 2 else (given, None)
    if not is_number(least) or not 0 <= least <= MOST_SKILL:
        raise SpecError(f"workers: skills: {name!r} must be a number from 0 to {MOST_SKILL}, such as 70, got {least!r}")
    return float(least), None if valid is None else positive(f"workers: skills: how long {name!r} is valid", valid)
