"""Whom a run lets in: what it asks of workers, held against what is known of one, as functions of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from dataforge.issue.rows import Skill, Worker
from dataforge.issue.told import Told
from dataforge.records import AskedOfWorkers, ClosedReason, PassingWorkers, Publication, WantedSkill

__all__ = ["SPEAKS", "Refusal", "asks_skills", "count", "lets_all_in", "refusal", "skills_asked"]

SPEAKS = "speaks:"
"""What the name of a skill begins with that says that somebody speaks a language; its code follows."""

NOTHING = AskedOfWorkers()
UNTOLD = 0
"""Year of birth of somebody who has not told it."""


class Refusal(NamedTuple):
    """Why a worker may not work at a run: what is `needed`, and what the worker `has`; in a skill's case its `name`.

    `untold`: what the worker would have to tell. `stale`: the skill was given too
    long ago.
    """

    reason: ClosedReason
    needed: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    name: str = ""
    untold: Told | None = None
    stale: bool = False


def lets_all_in(publication: Publication) -> bool:
    """Whether the run asks nothing of its workers, so that nothing need be known of one."""
    return publication.workers is None and not publication.languages


def asks_skills(publication: Publication) -> bool:
    """Whether one has to know a worker's skills to say whether they may work at the run."""
    return publication.workers is not None and bool(skills_asked(publication.workers))


def skills_asked(asked: AskedOfWorkers) -> tuple[str, ...]:
    """The names of all skills that are of account to what is asked."""
    return (*(wanted.name for wanted in asked.skills), *(SPEAKS + language for language in asked.speaks))


def refusal(publication: Publication, worker: Worker, skills: Mapping[str, Skill], now: float) -> Refusal | None:
    """The first reason for which the worker may not work at the run; None if they may."""
    return next(_refusals(publication.workers or NOTHING, publication.languages, worker, skills, now), None)


def _refusals(
    asked: AskedOfWorkers, languages: Sequence[str], worker: Worker, skills: Mapping[str, Skill], now: float
) -> Iterator[Refusal]:
    """Every reason for which the worker may not work: first what they can do nothing about."""
    if worker.worker in asked.barred or (asked.allowed and worker.worker not in asked.allowed):
        yield Refusal("people")
    elif asked.named and not worker.named:
        yield Refusal("people", ("named",))
    if languages and worker.language not in languages:
        yield Refusal("language", tuple(languages), (worker.language,))
    yield from _about_them(asked, worker, skills, now)
    if asked.device is not None and worker.device != asked.device:
        yield Refusal("device", (asked.device,), (worker.device,) if worker.device else ())
    for wanted in asked.skills:
        yield from _lacks(wanted, skills.get(wanted.name), now)


def _about_them(asked: AskedOfWorkers, worker: Worker, skills: Mapping[str, Skill], now: float) -> Iterator[Refusal]:
    """What workers have told of themselves, and which languages somebody who knows them says that they speak.

    That of their pages is none of these: it changes as often as they like.
    """
    if asked.age != (None, None) and not _is_aged(asked.age, worker.born, now):
        has = () if worker.born == UNTOLD else (str(worker.born),)
        yield Refusal("age", _written(asked.age), has, untold=None if has else "born")
    if asked.regions and worker.region not in asked.regions:
        has = (worker.region,) if worker.region else ()
        yield Refusal("region", asked.regions, has, untold=None if has else "region")
    told = worker.speaks.split()
    given = {language for language in asked.speaks if (skill := skills.get(SPEAKS + language)) and skill.value > 0}
    if not {*asked.speaks} <= {*told, *given}:
        yield Refusal("speaks", asked.speaks, tuple(told), untold=None if told else "speaks")


def _is_aged(bounds: tuple[int | None, int | None], born: int, now: float) -> bool:
    """Whether who was born in that year is for certain within the bounds, on whatever day it was."""
    least, most = bounds
    if born == UNTOLD:
        return False
    oldest = datetime.fromtimestamp(now, UTC).year - born
    return (least is None or oldest - 1 >= least) and (most is None or oldest <= most)


def _written(bounds: Iterable[int | None]) -> tuple[str, ...]:
    return tuple("" if bound is None else str(bound) for bound in bounds)


def _lacks(wanted: WantedSkill, skill: Skill | None, now: float) -> Iterator[Refusal]:
    stale = skill is not None and wanted.valid is not None and skill.at + wanted.valid <= now
    if skill is None or stale or skill.value < wanted.least:
        has = () if skill is None else (f"{skill.value:g}",)
        yield Refusal("skill", (f"{wanted.least:g}",), has, wanted.name, stale=stale)


# --- how many are left ------------------------------------------------------------------------------


def count(
    asked: AskedOfWorkers,
    languages: Sequence[str],
    people: Iterable[tuple[Worker, Mapping[str, Skill], int]],
    now: float,
) -> PassingWorkers:
    """How many of the people pass what a run asks, and how many each filter leaves by itself.

    Each of `people` stands for so many who are like them in all that filters look at.
    """
    filters = _named(asked, languages)
    workers = passing = 0
    left = dict.fromkeys(filters, 0)
    for worker, skills, alike in people:
        failed = {_name_of(found) for found in _refusals(asked, languages, worker, skills, now)}
        workers += alike
        passing += 0 if failed else alike
        for name in filters:
            left[name] += 0 if name in failed else alike
    return PassingWorkers(workers, passing, left)


def _named(asked: AskedOfWorkers, languages: Sequence[str]) -> list[str]:
    """The filters of a run in the order in which they are looked at; each skill is one."""
    there: dict[str, object] = {
        "people": asked.allowed or asked.barred or asked.named,
        "language": languages,
        "age": asked.age != (None, None),
        "region": asked.regions,
        "speaks": asked.speaks,
        "device": asked.device,
        **{f"skill {wanted.name}": True for wanted in asked.skills},
    }
    return [name for name, is_asked in there.items() if is_asked]


def _name_of(found: Refusal) -> str:
    return f"skill {found.name}" if found.reason == "skill" else found.reason
