"""Runs in memory: their counters, events and commands."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from dataforge.errors import Refused
from dataforge.issue.rows import (
    Counters,
    RunRow,
)
from dataforge.records import Event, Publication

__all__ = ["Runs"]

# Events are thrown away in portions of this size.
FORGOTTEN_AT_ONCE = 10_000


class Runs:
    """Runs, their counters, events and commands."""

    def __init__(self) -> None:
        self.rows: list[RunRow] = []
        self.counted: list[Counters] = []
        self.done: list[set[str]] = []
        self.events: list[list[Event]] = []
        self.forgotten: list[int] = []

    def add(self, publication: Publication, now: float) -> int:
        """Add a run; numbers count from 0."""
        run = len(self.rows)
        self.rows.append(RunRow(run, publication.name, publication, now))
        self.counted.append(Counters())
        self.done.append(set())
        self.events.append([])
        self.forgotten.append(0)
        return run

    def by_name(self, name: str) -> RunRow | None:
        """The run of that name."""
        return next((row for row in self.rows if row.name == name), None)

    def number(self, name: str) -> int | None:
        """The number of the run of that name."""
        row = self.by_name(name)
        return None if row is None else row.id

    def by_id(self, run: int) -> RunRow:
        """The run with that number."""
        return self.rows[run]

    def revision(self, run: int) -> int:
        """How often the run was published anew."""
        return self.rows[run].revision

    def republish(self, run: int, publication: Publication) -> None:
        """Put a publication in place of the run's."""
        row = self.rows[run]
        self.rows[run] = replace(row, publication=publication, revision=row.revision + 1)

    def rename(self, run: int, publication: Publication) -> None:
        """Call the run as the publication does."""
        self.rows[run] = replace(self.rows[run], name=publication.name, publication=publication)

    def delete(self, run: int) -> None:
        """Keep nothing of the run but its number."""
        self.rows[run] = replace(self.rows[run], name="")
        self.done[run], self.events[run] = set(), []

    def counters(self, run: int) -> Counters:
        """The run's own counters, not a copy."""
        return self.counted[run]

    def save(self, run: int, counters: Counters, events: Sequence[Event]) -> None:
        """Put events behind the others."""
        self.counted[run] = counters
        self.events[run].extend(events)

    def events_after(self, run: int, after: int, limit: int) -> list[Event]:
        """Events after a cursor; raises `Refused` 410 if they were forgotten."""
        start = after - self.forgotten[run]
        if start < 0:
            raise Refused(
                f"events before {self.forgotten[run]} are no longer kept, {after} was asked for; "
                "keep_events=True keeps all",
                status=410,
                code="events_gone",
            )
        return self.events[run][start : start + limit]

    def forget_events(self, run: int, until: int) -> None:
        """Throw events up to a cursor away, once there are many of them."""
        count = until - self.forgotten[run]
        if count > FORGOTTEN_AT_ONCE:
            del self.events[run][:count]
            self.forgotten[run] = until

    def known_commands(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose commands were carried out."""
        return self.done[run].intersection(keys)

    def remember_commands(self, run: int, keys: Sequence[str]) -> None:
        """Note that the commands of these keys are carried out."""
        self.done[run].update(keys)
