"""Why a run has no page for a worker: its state, what it asks of them, their training, their first page, its items."""

from __future__ import annotations

from typing import NamedTuple

from dataforge.issue import filters, first_verdict, levels, rules, training
from dataforge.issue.rows import Counters, Member, Trainee, Worker
from dataforge.issue.run import Run
from dataforge.issue.skills import skill_of_training
from dataforge.issue.store import Store
from dataforge.records import ClosedReason, Texts

__all__ = ["Closed", "closed_to", "first_page_elsewhere", "is_open", "open_elsewhere", "reason_closed"]


class Closed(NamedTuple):
    """Why a run has no page for a worker; `why` of a restriction, what is lacking where the run asks it.

    `until` when it lasts, of what has an end; of `judging` only where it is the worker's first page that is looked at.
    """

    reason: ClosedReason
    until: float | None = None
    why: Texts | None = None
    lacking: filters.Refusal | None = None


def closed_to(store: Store, run: Run, worker: Worker, now: float) -> Closed | None:
    """Why the run has no new page for the worker; None if it seems to have one."""
    member, counters = store.members.load(run.id, worker.id), store.runs.counters(run.id)
    closed = reason_closed(store, run, worker, member, counters, now)
    if closed is not None:
        return closed
    group = rules.group_of(run.publication, worker)
    left = (levels.stretch(member, level) for level in levels.levels_in_turn(counters))
    if any(store.items.has_open(run.id, stretch, worker.id, group) for stretch in left):
        return None
    return Closed(rules.exhausted(run.publication, counters, member))


def is_open(store: Store, run: int) -> bool:
    """Whether any item of the run has a free place."""
    for level in levels.levels_in_turn(store.runs.counters(run)):
        # Mostly it is the first one, which a generator would take longer to ask about.
        if store.items.has_open(run, levels.WHOLE[level]):
            return True
    return False


def reason_closed(
    store: Store, run: Run, worker: Worker, member: Member, counters: Counters, now: float
) -> Closed | None:
    """Why the run has no new page for the worker, whatever items there are; None if items decide that."""
    reason = rules.closed_reason(run.publication, counters, member, now)
    if reason == "restricted":
        return Closed(reason, member.until, member.reason or {})
    # Who will not be let in is not told that the run is paused.
    if reason != "finished" and (lacking := _lacking(store, run, worker, now)) is not None:
        return Closed(lacking.reason, lacking=lacking)
    if reason is None and (untrained := _untrained(store, run, worker, counters, now)) is not None:
        return untrained
    first = first_verdict.first_verdict_by(run.publication, worker, member)
    if reason is None and first is not None and first > now:
        return Closed("judging", first)
    if reason is None and (elsewhere := first_page_elsewhere(store, run, worker, now)) is not None:
        return elsewhere
    if reason is None and rules.is_newcomer(member) and not _leaves_room(store, run, worker, counters):
        reason = "newcomers"
    return None if reason is None else Closed(reason)


def first_page_elsewhere(store: Store, run: Run, worker: Worker, now: float) -> Closed | None:
    """That the one page of somebody unknown is out in another run, or waits for its verdict there."""
    other = first_verdict.other_run(run.publication, worker, run.id)
    if other is None:
        return None
    if store.pages.held(other, worker.id):
        return Closed("elsewhere")
    until = first_verdict.waits_until(store.members.load(other, worker.id))
    return Closed("judging", until) if until is not None and until > now else None


def _lacking(store: Store, run: Run, worker: Worker, now: float) -> filters.Refusal | None:
    """What the worker lacks of what the run asks."""
    if filters.lets_all_in(run.publication):
        return None
    skills = store.skills.of(worker.id) if filters.asks_skills(run.publication) else {}
    return filters.refusal(run.publication, worker, skills, now)


def _untrained(store: Store, run: Run, worker: Worker, counters: Counters, now: float) -> Closed | None:
    """That the worker is to be trained first, if the run asks for that; nobody is trained where nothing is open."""
    asked = run.publication.training
    if asked is None:
        return None
    skill = store.skills.of(worker.id).get(skill_of_training(run.publication))
    if training.is_trained(asked, skill, now):
        return None
    if not is_open(store, run.id):
        return Closed(rules.exhausted(run.publication, counters, Member()))
    trainee = store.trainees.load(run.id, worker.id)
    elsewhere = open_elsewhere(store, run, worker)
    again = training.again_at(asked, trainee, skill, elsewhere.values())
    until = again if again > now else None
    return Closed("training", until, training.invitation_to(run.task, asked, trainee, skill, until, elsewhere.values()))


def open_elsewhere(store: Store, run: Run, worker: Worker) -> dict[int, Trainee]:
    """By run the tries of the task that the worker has begun in other runs and not come to the end of."""
    skill = skill_of_training(run.publication)
    return training.open_elsewhere(store.trainees.of_worker(worker.id), run.id, skill)


def _leaves_room(store: Store, run: Run, worker: Worker, counters: Counters) -> bool:
    if not (worker.origin or worker.invitation):
        return True
    if rules.leaves_room(run.publication, counters, counters.newcomers, counters.newcomers):
        return True
    by_origin, by_invitation = store.pages.newcomers_hold(run.id, worker.origin, worker.invitation)
    # Those of whom nobody knows from where they are count as people of one address.
    by_origin = by_origin if worker.origin else by_invitation
    return rules.leaves_room(run.publication, counters, by_origin, by_invitation if worker.invitation else 0)
