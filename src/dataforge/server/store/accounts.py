"""Workers' accounts and the invitations that open them. Tokens are stored as SHA-256 only."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

__all__ = [
    "InvitationRow",
    "WorkerRow",
    "add_invitation",
    "add_worker",
    "invitation_by_token",
    "invitation_of_run",
    "invitations",
    "is_guest",
    "may_work",
    "rekey_invitation",
    "rename_worker",
    "revoke_invitation",
    "use_invitation",
    "worker_by_name",
    "worker_by_token",
]


class WorkerRow(NamedTuple):
    """A worker's account; `worker` is its public id."""

    id: int
    worker: str
    name: str
    language: str
    joined: float


class InvitationRow(NamedTuple):
    """An invitation; `run` is None if it opens all runs, `of_run` marks the one made when its run was published."""

    id: str
    run: int | None
    of_run: int
    created: float
    expires: float
    uses: int | None
    used: int
    revoked: int


WORKER = f"SELECT {', '.join(WorkerRow._fields)} FROM workers"
INVITATION = f"SELECT {', '.join(InvitationRow._fields)} FROM invitations"


def worker_by_token(db: sqlite3.Connection, digest: bytes) -> WorkerRow | None:
    """The worker whose token has this digest."""
    row = db.execute(f"{WORKER} WHERE token = ?", (digest,)).fetchone()
    return WorkerRow(*row) if row else None


def worker_by_name(db: sqlite3.Connection, worker: str) -> WorkerRow | None:
    """The worker of that public id."""
    row = db.execute(f"{WORKER} WHERE worker = ?", (worker,)).fetchone()
    return WorkerRow(*row) if row else None


def add_worker(db: sqlite3.Connection, worker: str, digest: bytes, name: str, language: str, now: float) -> int:
    """Open an account; give its number."""
    number = db.execute(
        "INSERT INTO workers (worker, token, name, language, joined) VALUES (?, ?, ?, ?, ?)",
        (worker, digest, name, language, now),
    ).lastrowid
    assert number is not None
    return number


def rename_worker(db: sqlite3.Connection, worker: int, name: str, language: str) -> None:
    """Change what a worker is called and which language they chose."""
    db.execute("UPDATE workers SET name = ?, language = ? WHERE id = ?", (name, language, worker))


def invitation_by_token(db: sqlite3.Connection, digest: bytes) -> InvitationRow | None:
    """The invitation whose token has this digest."""
    row = db.execute(f"{INVITATION} WHERE token = ?", (digest,)).fetchone()
    return InvitationRow(*row) if row else None


def invitation_of_run(db: sqlite3.Connection, run: int) -> InvitationRow | None:
    """The invitation that was made when the run was published."""
    row = db.execute(f"{INVITATION} WHERE run = ? AND of_run = 1", (run,)).fetchone()
    return InvitationRow(*row) if row else None


def invitations(db: sqlite3.Connection) -> list[InvitationRow]:
    """All invitations, the newest first."""
    return [InvitationRow(*row) for row in db.execute(f"{INVITATION} ORDER BY created DESC, id")]


def add_invitation(db: sqlite3.Connection, row: InvitationRow, digest: bytes) -> None:
    """Add an invitation."""
    db.execute(
        f"INSERT INTO invitations ({', '.join(InvitationRow._fields)}, token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, digest),
    )


def rekey_invitation(db: sqlite3.Connection, invitation: str, digest: bytes) -> None:
    """Give the invitation another token."""
    db.execute("UPDATE invitations SET token = ? WHERE id = ?", (digest, invitation))


def revoke_invitation(db: sqlite3.Connection, invitation: str) -> bool:
    """Close the invitation to newcomers; False if there is none of that id."""
    return db.execute("UPDATE invitations SET revoked = 1 WHERE id = ?", (invitation,)).rowcount == 1


def is_guest(db: sqlite3.Connection, worker: int, invitation: str) -> bool:
    """Whether the worker came by this invitation before."""
    row = db.execute("SELECT 1 FROM guests WHERE worker = ? AND invitation = ?", (worker, invitation)).fetchone()
    return row is not None


def use_invitation(db: sqlite3.Connection, worker: int, invitation: str) -> None:
    """Count one use and open to the worker what the invitation is for."""
    db.execute("UPDATE invitations SET used = used + 1 WHERE id = ?", (invitation,))
    db.execute("INSERT INTO guests (worker, invitation) VALUES (?, ?)", (worker, invitation))


def may_work(db: sqlite3.Connection, worker: int) -> list[int | None]:
    """The runs that the worker was invited to; None among them means all."""
    rows = db.execute(
        "SELECT DISTINCT run FROM guests JOIN invitations ON invitations.id = guests.invitation WHERE worker = ?",
        (worker,),
    )
    return [run for (run,) in rows]
