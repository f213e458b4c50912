"""Skills: given to workers by hand, by training, or by the control items of a run."""

from __future__ import annotations

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Worker
from dataforge.issue.store import Store
from dataforge.records import Publication

__all__ = [
    "BY_HAND",
    "BY_INVITATION",
    "BY_TRAINING",
    "EXPERT",
    "MOST_VALUE",
    "TRAINING",
    "check_skill",
    "expert_skills",
    "give_skill",
    "skill_of_training",
    "take_skill",
]

MOST_VALUE = 100.0
LONGEST_NAME = 100

BY_HAND = "hand"
BY_TRAINING = "training"
BY_INVITATION = "invitation"
TRAINING = "training:"
"""What the id of a task is prefixed by in the name of the skill that its training gives."""


EXPERT = "expert:"
"""What the name of the skill begins with that experts of a task have."""


def expert_skills(publication: Publication, language: str) -> tuple[str, ...]:
    """What a personal invitation to a run gives of what the run asks: who is let in by name is an expert of its task.

    A skill that ends in a language, after a second colon, goes to who reads their pages in it.
    """
    asked = () if publication.workers is None else publication.workers.skills
    names = [skill.name for skill in asked if skill.name.startswith(EXPERT)]
    return tuple(name for name in names if name.count(":") == 1 or name.rpartition(":")[2] == language)


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
    account = _known(transaction, worker)
    transaction.store.skills.give(account.id, name, float(value), by, transaction.now)


def take_skill(transaction: Transaction[Store], worker: str, name: str) -> None:
    """Take a skill from a worker, if they have it; raises `Refused` 404 for an unknown worker."""
    transaction.store.skills.take(_known(transaction, worker).id, name)


def _known(transaction: Transaction[Store], worker: str) -> Worker:
    account = transaction.store.accounts.worker_by_name(worker)
    if account is None:
        raise Refused(f"there is no worker {worker!r}", status=404, code="worker_unknown")
    return account


def _invalid(what: str) -> Refused:
    return Refused(f"skill: {what}", status=422, code="skill_invalid")
