"""Workers' accounts and the invitations that open them. Tokens are stored as SHA-256 only."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from dataforge.issue.rows import Worker

__all__ = ["Accounts", "InvitationRow"]


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


WORKER = f"SELECT {', '.join(Worker.__struct_fields__)} FROM workers"
INVITATION = f"SELECT {', '.join(InvitationRow._fields)} FROM invitations"


class Accounts:
    """The tables `workers`, `invitations` and `guests`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def worker_by_token(self, digest: bytes) -> Worker | None:
        """The worker whose token has this digest."""
        row = self.db.execute(f"{WORKER} WHERE token = ?", (digest,)).fetchone()
        return Worker(*row) if row else None

    def worker_by_name(self, worker: str) -> Worker | None:
        """The worker of that public id."""
        row = self.db.execute(f"{WORKER} WHERE worker = ?", (worker,)).fetchone()
        return Worker(*row) if row else None

    def add_worker(
        self, worker: str, digest: bytes, name: str, language: str, now: float, origin: str = "", invitation: str = ""
    ) -> int:
        """Open an account; give its number."""
        number = self.db.execute(
            """
            INSERT INTO workers (worker, token, name, language, joined, origin, invitation) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (worker, digest, name, language, now, origin, invitation),
        ).lastrowid
        assert number is not None
        return number

    def set_token(self, worker: int, digest: bytes) -> None:
        """Give a worker another token; the one before opens nothing."""
        self.db.execute("UPDATE workers SET token = ? WHERE id = ?", (digest, worker))

    def set_shut_out(self, worker: int, since: float | None) -> None:
        """Close the worker's account, or open it.

        While it is closed, their token and those of their browsers are noted, to open nothing and to let nobody join.
        """
        self.db.execute("UPDATE workers SET shut_out = ? WHERE id = ?", (since, worker))
        if since is None:
            self.db.execute("DELETE FROM shut_out WHERE worker = ?", (worker,))
            return
        self.db.execute(
            """
            INSERT INTO shut_out (token, worker)
            SELECT token, id FROM workers WHERE id = ? UNION SELECT token, worker FROM sessions WHERE worker = ?
            """,
            (worker, worker),
        )

    def is_shut_out(self, digest: bytes) -> bool:
        """Whether the token of this digest is of somebody who was shut out."""
        return self.db.execute("SELECT 1 FROM shut_out WHERE token = ?", (digest,)).fetchone() is not None

    def forget(self, worker: int, token: bytes) -> None:
        """Keep of a worker, who was shut out, nothing by which a person is known: the answers hang on the id alone."""
        self.db.execute(
            "UPDATE workers SET name = '', language = '', origin = '', invitation = '', token = ? WHERE id = ?",
            (token, worker),
        )
        self.db.execute("DELETE FROM shut_out WHERE worker = ?", (worker,))
        self.db.execute("DELETE FROM guests WHERE worker = ?", (worker,))
        self.db.execute("DELETE FROM skills WHERE worker = ?", (worker,))

    def rename_worker(self, worker: int, name: str, language: str) -> None:
        """Change what a worker is called and which language they chose."""
        self.db.execute("UPDATE workers SET name = ?, language = ? WHERE id = ?", (name, language, worker))

    def invitation_by_token(self, digest: bytes) -> InvitationRow | None:
        """The invitation whose token has this digest."""
        row = self.db.execute(f"{INVITATION} WHERE token = ?", (digest,)).fetchone()
        return InvitationRow(*row) if row else None

    def invitation_of_run(self, run: int) -> InvitationRow | None:
        """The invitation that was made when the run was published."""
        row = self.db.execute(f"{INVITATION} WHERE run = ? AND of_run = 1", (run,)).fetchone()
        return InvitationRow(*row) if row else None

    def invitations(self) -> list[InvitationRow]:
        """All invitations, the newest first."""
        return [InvitationRow(*row) for row in self.db.execute(f"{INVITATION} ORDER BY created DESC, id")]

    def add_invitation(self, row: InvitationRow, digest: bytes) -> None:
        """Add an invitation."""
        self.db.execute(
            f"INSERT INTO invitations ({', '.join(InvitationRow._fields)}, token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, digest),
        )

    def rekey_invitation(self, invitation: str, digest: bytes) -> None:
        """Give the invitation another token."""
        self.db.execute("UPDATE invitations SET token = ? WHERE id = ?", (digest, invitation))

    def revoke_invitation(self, invitation: str) -> bool:
        """Close the invitation to newcomers; False if there is none of that id."""
        return self.db.execute("UPDATE invitations SET revoked = 1 WHERE id = ?", (invitation,)).rowcount == 1

    def is_guest(self, worker: int, invitation: str) -> bool:
        """Whether the worker came by this invitation before."""
        row = self.db.execute(
            "SELECT 1 FROM guests WHERE worker = ? AND invitation = ?", (worker, invitation)
        ).fetchone()
        return row is not None

    def use_invitation(self, worker: int, invitation: str) -> None:
        """Count one use and open to the worker what the invitation is for."""
        self.db.execute("UPDATE invitations SET used = used + 1 WHERE id = ?", (invitation,))
        self.db.execute("INSERT INTO guests (worker, invitation) VALUES (?, ?)", (worker, invitation))

    def may_work(self, worker: int) -> list[int | None]:
        """The runs that the worker was invited to, with those of their checks; None among them means all."""
        rows = self.db.execute(
            """
            WITH invited AS (
              SELECT run FROM guests JOIN invitations ON invitations.id = guests.invitation WHERE worker = ?
            )
            SELECT run FROM invited UNION SELECT id FROM runs WHERE judged IN (SELECT run FROM invited)
            """,
            (worker,),
        )
        return [run for (run,) in rows]
