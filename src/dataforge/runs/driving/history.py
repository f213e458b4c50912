"""Whether a run's log and its platform's store are still of one history: either may come back from an older copy.

A log that is older than the store catches up. A store that is older, or another one, has lost what the log says was
done: to go on would take new events for old ones, and ask nothing of what was asked and forgotten.
"""

from __future__ import annotations

from itertools import chain, filterfalse

from dataforge.errors import Refused, RunError
from dataforge.records import Batch, PageTaken
from dataforge.runs.core.state import RunState

__all__ = ["check_feed", "check_history", "check_items", "parted"]

WHAT_TO_DO = (
    "put back the newer database, or restore the run's folder from the same copy as the database: what came after "
    "that copy is lost then (see 'Restoring' in docs/security.md)"
)


def check_history(name: str, state: RunState, batch: Batch) -> None:
    """Raise `RunError` if a batch does not go on from what the log knows."""
    if state.epoch and batch.epoch and state.epoch != batch.epoch:
        raise RunError(
            f"run {name!r}: the platform's database is another one than that which the run was launched with; put back "
            "the one that belongs to the run's folder, or restore both from one copy (see 'Restoring' in "
            "docs/security.md)"
        )
    if batch.commands is not None and batch.commands < state.sent:
        raise RunError(
            f"run {name!r}: the database is older than the run's log: it has taken {batch.commands} of the "
            f"{state.sent} commands that the log says were sent; {WHAT_TO_DO}"
        )
    if batch.since is not None and batch.since != state.told_at:
        raise RunError(
            f"run {name!r}: the database is older than the run's log and has gone on since: its event {state.cursor} "
            f"is another one than the log's; {WHAT_TO_DO}"
        )


def check_feed(name: str, what: str, taken: int, there: int) -> None:
    """Raise `RunError` if the log has taken more of something than the feed has: new ones would pass for old ones."""
    if there < taken:
        raise RunError(
            f"run {name!r}: its feed is older than its log: it has {there} of {taken} {what} that the log has; "
            "restore feed.sqlite3 from the copy that the log is from"
        )


def check_items(name: str, state: RunState, batch: Batch) -> None:
    """Raise `RunError` if pages have items that neither the launch nor the feed knows."""
    taken = chain.from_iterable([event.items for event in batch.events if isinstance(event, PageTaken)])
    unknown = next(filterfalse(state.numbering.index.__contains__, taken), None)
    if unknown is not None:
        raise RunError(
            f"run {name!r}: workers were shown item {unknown!r}, which the run's folder does not know: its files are "
            "older than the database; restore the folder, feed.sqlite3 too, from a newer copy, or the database from "
            "the same copy as the folder (see 'Restoring' in docs/security.md)"
        )


def parted(name: str, state: RunState, refusal: Refused) -> RunError | None:
    """What a refusal to tell events says of the store; None if it is about something else."""
    if refusal.code == "events_unknown":
        told = refusal.details.get("cursor")
        return RunError(
            f"run {name!r}: the database is older than the run's log: it has {told} of the {state.cursor} events that "
            f"the log has; {WHAT_TO_DO}"
        )
    if refusal.code == "run_unknown" and (state.cursor or state.sent):
        return RunError(
            f"run {name!r}: the database does not know it: it is older than the run or another one, or the run was "
            f"deleted there; {WHAT_TO_DO}"
        )
    return None
