"""What somebody has of whom nothing is known: one page, until it has its verdict. No store, no clock."""

from __future__ import annotations

from dataforge.issue.rows import Member, Worker
from dataforge.issue.rules import MOST_HELD
from dataforge.records import Publication

__all__ = ["FIRST_VERDICT", "first_verdict_by", "is_unknown", "most_held", "other_run", "waits_until"]

# So long, in seconds, somebody of whom nothing is known waits for a verdict; a run that is driven gives it in one.
FIRST_VERDICT = 60.0


def is_unknown(publication: Publication, worker: Worker) -> bool:
    """Whether nothing is known of the worker in any run: no verdict, no skill, nor a link with their name.

    What a training gave that they failed is no skill here.
    Nobody is where verdicts take their time, because others judge, or decide nothing, because one labels alone.
    """
    at_once = publication.most_waiting is None and not publication.alone
    return at_once and not (worker.known or worker.named)


def most_held(publication: Publication, worker: Worker) -> int:
    """How many pages of the run the worker may hold; who is unknown has nothing fetched ahead."""
    return 1 if is_unknown(publication, worker) else MOST_HELD


def first_verdict_by(publication: Publication, worker: Worker, member: Member) -> float | None:
    """Until when somebody unknown waits for what is said of the page that they sent; None if they need not.

    Where nobody gives verdicts the time runs out, once: nobody is shut out for good, or works at a page a minute.
    """
    return waits_until(member) if is_unknown(publication, worker) else None


def waits_until(member: Member) -> float | None:
    """Until when a first page waits for what is said of it; None if none does."""
    return member.worked_until + FIRST_VERDICT if member.pages_pending == 1 else None


def other_run(publication: Publication, worker: Worker, run: int) -> int | None:
    """The run that gave somebody unknown their last page, if it was not this one: it is looked at first."""
    return worker.first_run if is_unknown(publication, worker) and worker.first_run != run else None
