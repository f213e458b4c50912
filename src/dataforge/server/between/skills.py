"""Skills of workers as the requester gives them, and how many workers pass what a run asks."""

from __future__ import annotations

from collections.abc import Sequence

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.filters import count, skills_asked
from dataforge.issue.skills import BY_HAND, give_skill, take_skill
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import AskedOfWorkers, PassingWorkers
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.skills import GivenSkill, SkillChange, WorkersAsked, WorkerSkills

__all__ = ["ROUTES"]


async def _show_skills(call: Call[None]) -> WorkerSkills:
    """The skills of a worker."""
    worker = call.path("worker")
    return await call.context.readers.read(lambda store: _skills_of(store, worker))


async def _give_skill(call: Call[SkillChange]) -> WorkerSkills:
    """Give a worker a skill, or take it."""
    worker, name, value = call.path("worker"), call.body.name, call.body.value

    def give(transaction: Transaction[SqliteStore]) -> WorkerSkills:
        if value is None:
            take_skill(transaction, worker, name)
        else:
            give_skill(transaction, worker, name, value, BY_HAND)
        return _skills_of(transaction.store, worker)

    return await call.context.writer.write(give)


def _skills_of(store: SqliteStore, worker: str) -> WorkerSkills:
    account = store.accounts.worker_by_name(worker)
    if account is None:
        raise Refused(f"there is no worker {worker[:40]!r}", status=404, code="worker_unknown")
    return WorkerSkills([GivenSkill(name, *skill) for name, skill in store.skills.of(account.id).items()])


async def _count_for_run(call: Call[None]) -> PassingWorkers:
    """How many workers pass what a run asks."""
    publication = call.run.publication
    return await _counted(call, publication.workers or AskedOfWorkers(), publication.languages)


async def _count(call: Call[WorkersAsked]) -> PassingWorkers:
    """How many workers would pass what a run is to ask."""
    return await _counted(call, call.body.workers or AskedOfWorkers(), call.body.languages)


async def _counted(
    call: Call[None] | Call[WorkersAsked], asked: AskedOfWorkers, languages: Sequence[str]
) -> PassingWorkers:
    now = call.context.now()

    return await call.context.readers.read(lambda store: counted(store, asked, languages, now))


def counted(store: SqliteStore, asked: AskedOfWorkers, languages: Sequence[str], now: float) -> PassingWorkers:
    """How many workers of a store pass."""
    names = skills_asked(asked)
    skills = store.skills.of_everybody(names) if names else {}
    alike = store.accounts.alike((*asked.allowed, *asked.barred), names)
    return count(asked, languages, [(worker, skills.get(worker.id, {}), number) for worker, number in alike], now)


SKILLS = "/api/workers/{worker}/skills"

ROUTES = (
    Route("GET", SKILLS, "requester", _show_skills, "A worker's skills", reply=WorkerSkills),
    Route(
        "POST",
        SKILLS,
        "requester",
        _give_skill,
        "Give a worker a skill, or take it",
        body=SkillChange,
        reply=WorkerSkills,
    ),
    Route(
        "GET",
        "/api/runs/{run}/filters",
        "requester",
        _count_for_run,
        "How many workers pass what a run asks",
        reply=PassingWorkers,
    ),
    Route(
        "POST",
        "/api/filters",
        "requester",
        _count,
        "How many workers would pass what a run is to ask",
        body=WorkersAsked,
        reply=PassingWorkers,
    ),
)
