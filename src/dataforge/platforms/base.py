"""What a platform is: it executes a run's commands and reports what workers did, nothing more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

from dataforge.records import AskedOfWorkers, Batch, Command, PageAppeal, PassingWorkers, Publication, Snapshot
from dataforge.workspace import Workspace

__all__ = ["Platform", "RunKeeper"]


@runtime_checkable
class Platform(Protocol):
    """Where workers work. Every call may be repeated: a publication by its name, a command by its key.

    Calls raise `Unreachable` when nothing answers and `Refused` when the platform says no.
    """

    name: str
    commission: float
    """The platform's share on top of what workers are paid; 0.3 is thirty per cent."""

    def settings(self) -> dict[str, Any]:
        """JSON settings from which another process makes this platform again; they are stored with the run.

        No secrets: those are in the environment or the workspace, where `from_settings` finds them.
        """
        ...

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], workspace: Workspace) -> Self:
        """The platform that `settings` describes, for a run of this workspace; raises `PlatformError` if it cannot."""
        ...

    def now(self) -> float:
        """The platform's time in seconds since the epoch."""
        ...

    def publish(self, publication: Publication) -> None:
        """Put a run on the platform; it gets its items by commands."""
        ...

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        """Carry out commands; those whose key is known are skipped."""
        ...

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; waits up to `wait` seconds while there are none, better for no more than one.

        A run looks between polls whether items were added.
        """
        ...

    def show(self, run: str, snapshot: Snapshot) -> None:
        """Put what the run knows of its quality on the requester's pages."""
        ...

    def attach(self, path: Path) -> dict[str, Any]:
        """Upload a file and get the reference that items carry in its place."""
        ...

    def invitation(self, run: str) -> str | None:
        """The address that lets a worker join, or None where workers come by other ways."""
        ...

    def dashboard(self, run: str) -> str | None:
        """The address where the requester follows the run, or None."""
        ...


@runtime_checkable
class Inviting(Protocol):
    """A platform that makes any number of invitations, each with limits of its own."""

    def invite(self, run: str, uses: int | None, seconds: float) -> str:
        """A further address that lets so many workers join for so long."""
        ...


@runtime_checkable
class InvitingByName(Protocol):
    """A platform that invites people by their names."""

    def invite_people(self, run: str, names: Sequence[str], label: str, seconds: float) -> Sequence[str]:
        """An address for each name, which lets one person join, who is called so."""
        ...


@runtime_checkable
class Appealing(Protocol):
    """A platform whose workers may object to the rejection of a page; deciding the same again changes nothing."""

    def appeals(self, run: str) -> list[PageAppeal]:
        """What workers object: the open ones by age, then the others, the newest first."""
        ...

    def decide_appeal(self, run: str, page: str, *, upheld: bool, reply: str) -> None:
        """Pay the page after all, or leave it rejected; raises `Refused` if it was decided otherwise."""
        ...


@runtime_checkable
class Filtering(Protocol):
    """A platform that knows its workers and lets a run ask something of them."""

    def passing(self, workers: AskedOfWorkers | None, languages: Sequence[str]) -> PassingWorkers:
        """How many of its workers would pass what a run asks."""
        ...


@runtime_checkable
class RunKeeper(Protocol):
    """A platform that lets a run be renamed and deleted; not every one does. Both may be repeated."""

    def rename(self, publication: Publication, name: str) -> None:
        """Call a run otherwise from now on; raises `Refused` 409 if another one is called so."""
        ...

    def delete(self, publication: Publication) -> None:
        """Keep nothing of a run but what its workers are owed; one that is not there is no error."""
        ...
