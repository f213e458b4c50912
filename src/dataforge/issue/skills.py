"""Skills: given to workers by hand, by training, or by the control items of a run."""

from __future__ import annotations

import math

from dataforge.errors import Refused
from dataforge.intervals import wilson
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Worker
from dataforge.issue.run import Run
from dataforge.issue.store import Store
from dataforge.records import Learn, Publication

__all__ = [
    "BY_HAND",
    "BY_INVITATION",
    "EXPERT",
    "MOST_VALUE",
    "TRAINING",
    "check_learnt",
    "check_skill",
    "expert_skills",
    "give_skill",
    "learn_skill",
    "only_experts",
    "shown_by",
    "skill_of_training",
    "take_skill",
]

MOST_VALUE = 100.0
LONGEST_NAME = 100

FEWEST = 10
"""So many control items, over all runs, show a skill."""

BY_HAND = "hand"
BY_INVITATION = "invitation"
BY_CONTROL = "control items of "
"""What stands before the name of the run whose control items showed a skill last."""
TRAINING = "training:"
"""What the id of a task is prefixed by in the name of the skill that its training gives."""


EXPERT = "expert:"
"""What the name of the skill begins with that experts of a task have."""


def expert_skills(publication: Publication) -> tuple[str, ...]:
    """What a personal invitation to a run gives of what the run asks: who is let in by name is an expert of its task.

    Of its language, too, whatever they read their pages in when they come: that keeps pages from them, and can change.
    """
    asked = () if publication.workers is None else publication.workers.skills
    return tuple(skill.name for skill in asked if skill.name.startswith(EXPERT))


def only_experts(publication: Publication) -> bool:
    """Whether the run is for experts of its task alone, so that nobody else need hear of it."""
    return publication.workers is not None and any(one.name.startswith(EXPERT) for one in publication.workers.skills)


def skill_of_training(publication: Publication) -> str:
    """The name of the skill that the training of a run gives: one for all runs of its task."""
    return TRAINING + publication.task.id


def check_skill(name: str, value: float) -> None:
    """Raise `Refused` 422 unless a skill may have that name and that value."""
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise _invalid(f"expected a name of 1 to {LONGEST_NAME} characters, without spaces around it, got {name!r}")
    if not 0 <= value <= MOST_VALUE:
        raise _invalid(f"{name}: expected 0 to {MOST_VALUE:g}, got {value:g}")


def give_skill(transaction: Transaction[Store], worker: str, name: str, value: float, by: str) -> None:
    """Give a worker a skill in place of the one of that name.

    Raises `Refused` 404 for an unknown worker, and 422 for a name or value that no skill has.
    """
    check_skill(name, value)
    account = _known(transaction.store, worker)
    transaction.store.skills.give(account.id, name, float(value), by, transaction.now)
    transaction.store.accounts.set_known(account.id)


def take_skill(transaction: Transaction[Store], worker: str, name: str) -> None:
    """Take a skill from a worker, if they have it; raises `Refused` 404 for an unknown worker."""
    transaction.store.skills.take(_known(transaction.store, worker).id, name)


def check_learnt(store: Store, command: Learn) -> None:
    """Raise `Refused` unless a skill may be learnt so: 404 for an unknown worker, 422 for what cannot be."""
    check_skill(command.skill, 0)
    for name, (right, total) in command.controls.items():
        _known(store, name)
        if not 0 <= right <= total:
            raise _invalid(f"{command.skill}: expected right answers of so many, got {right} of {total}")


def learn_skill(transaction: Transaction[Store], run: Run, command: Learn) -> None:
    """Give workers the skill that control items of all runs show, those of this one as they are told now.

    Where these are too few by now a skill that they had shown is taken, and one that was given otherwise stays.
    """
    skills = transaction.store.skills
    for name, (right, total) in command.controls.items():
        account = _known(transaction.store, name)
        # Who was forgotten, while the run had still something to tell of them, stays forgotten.
        if account.shut_out is not None and not account.name:
            continue
        value = shown_by(*skills.learn(account.id, command.skill, run.id, right, total))
        if value is not None:
            skills.give(account.id, command.skill, value, f"{BY_CONTROL}{run.name}", transaction.now)
        elif (there := skills.of(account.id).get(command.skill)) is not None and there.by.startswith(BY_CONTROL):
            skills.take(account.id, command.skill)


def shown_by(right: int, total: int) -> float | None:
    """The skill that so many right answers of so many control items show; None where these are too few to show any.

    It is in how many of a hundred the worker is right at least: the lower end of the 95 % interval of Wilson (1927).
    """
    interval = wilson(right, total)
    return None if interval is None or total < FEWEST else math.floor(1_000 * interval[0]) / 10


def _known(store: Store, worker: str) -> Worker:
    account = store.accounts.worker_by_name(worker)
    if account is None:
        raise Refused(f"there is no worker {worker!r}", status=404, code="worker_unknown")
    return account


def _invalid(what: str) -> Refused:
    return Refused(f"skill: {what}", status=422, code="skill_invalid")
