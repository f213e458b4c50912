"""Workers' accounts and the invitations that open them. Tokens are stored as SHA-256 only."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from dataforge.issue.rows import Worker
from dataforge.issue.sqlite.database import folded
from dataforge.issue.told import TOLD, Told

__all__ = ["Accounts", "InvitationRow", "InvitedRow"]


class InvitationRow(NamedTuple):
    """An invitation; `run` is None if it opens all runs, `of_run` marks the one made when its run was published.

    `name` is whom a personal one is for, `label` what the requester calls those who come; both may be empty.
    """

    id: str
    run: int | None
    of_run: int
    created: float
    expires: float
    uses: int | None
    used: int
    revoked: int
    name: str = ""
    label: str = ""

    @property
    def group(self) -> str:
        """What is the same of all who come by it, or by others of the same label."""
        return f"label/{self.label}" if self.label else self.id


class InvitedRow(NamedTuple):
    """An invitation with the name of its run, and who came by a personal one."""

    row: InvitationRow
    run: str | None
    worker: str | None


LOOKED_AT = ("language", "speaks", "region", "born", "device", "named")
BLANK = {"id": "MIN(id)", "worker": "MIN(worker)", "shut_out": "NULL", "known": "0", "first_run": "NULL"}
APART = """
  worker IN (SELECT value FROM json_each(:named))
  OR id IN (SELECT worker FROM skills WHERE name IN (SELECT value FROM json_each(:skills)))
"""
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
        self.db.execute("INSERT INTO people (worker, sought, seen) VALUES (?, ?, ?)", (number, folded(name), now))
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

    def set_known(self, worker: int) -> None:
        """Note that something is known of the worker."""
        self.db.execute("UPDATE workers SET known = 1 WHERE id = ? AND known = 0", (worker,))

    def set_first_run(self, worker: int, run: int) -> None:
        """Note the run that gave the worker, of whom nothing is known, a page."""
        self.db.execute("UPDATE workers SET first_run = ? WHERE id = ?", (run, worker))

    def is_shut_out(self, digest: bytes) -> bool:
        """Whether the token of this digest is of somebody who was shut out."""
        return self.db.execute("SELECT 1 FROM shut_out WHERE token = ?", (digest,)).fetchone() is not None

    def forget(self, worker: int, token: bytes) -> None:
        """Keep of a worker, who was shut out, nothing by which a person is known: the answers hang on the id alone."""
        self.db.execute(
            """
            UPDATE workers SET name = '', language = '', origin = '', invitation = '', token = ?, speaks = '',
              region = '', born = 0, speaks_told = NULL, region_told = NULL, born_told = NULL, device = '', named = 0
            WHERE id = ?
            """,
            (token, worker),
        )
        self.db.execute("DELETE FROM shut_out WHERE worker = ?", (worker,))
        self.db.execute(
            "UPDATE invitations SET name = '' WHERE id IN (SELECT invitation FROM guests WHERE worker = ?)", (worker,)
        )
        self.db.execute("DELETE FROM guests WHERE worker = ?", (worker,))
        self.db.execute("DELETE FROM worker_notes WHERE worker = ?", (worker,))
        self.db.execute("UPDATE people SET sought = '' WHERE worker = ?", (worker,))
        self.db.execute("DELETE FROM skills WHERE worker = ?", (worker,))
        self.db.execute("DELETE FROM learnt WHERE worker = ?", (worker,))
        self.db.execute("DELETE FROM messages WHERE worker = ?", (worker,))
        self.db.execute(
            "UPDATE appeals SET text = '', reply = '' WHERE page IN (SELECT id FROM pages WHERE worker = ?)", (worker,)
        )
        self.db.execute("DELETE FROM trainees WHERE worker = ?", (worker,))
        # What the requester wrote to them may call them by their name.
        for table in ("pages", "members", "ledger"):
            self.db.execute(f"UPDATE {table} SET reason = NULL WHERE worker = ? AND reason IS NOT NULL", (worker,))

    def tell(self, worker: int, what: Told, value: str | int, at: float | None) -> None:
        """Note what a worker tells of themselves; with `at` as something new, told then."""
        self.db.execute(f"UPDATE workers SET {what} = ? WHERE id = ?", (value, worker))
        if at is not None:
            self.db.execute(f"UPDATE workers SET {what}_told = ? WHERE id = ?", (at, worker))

    def told(self, worker: int) -> dict[Told, float | None]:
        """When the worker told what of themselves last."""
        columns = ", ".join(f"{what}_told" for what in TOLD)
        row = self.db.execute(f"SELECT {columns} FROM workers WHERE id = ?", (worker,)).fetchone()
        return dict(zip(TOLD, row, strict=True))

    def set_device(self, worker: int, device: str) -> None:
        """Note what the worker works on."""
        self.db.execute("UPDATE workers SET device = ? WHERE id = ?", (device, worker))

    def alike(self, named: Sequence[str], skills: Sequence[str]) -> list[tuple[Worker, int]]:
        """All workers whose account is open, by what filters look at: one of each kind, with how many are like them.

        Those of these ids, and who has any of these skills, stand for themselves alone.
        """
        given = {"named": msgspec.json.encode(named).decode(), "skills": msgspec.json.encode(skills).decode()}
        # What is not looked at is left out of those who stand for others.
        each, kind = ", ".join(Worker.__struct_fields__), ", ".join(LOOKED_AT)
        one_of = ", ".join(name if name in LOOKED_AT else BLANK.get(name, "''") for name in Worker.__struct_fields__)
        apart = self.db.execute(f"SELECT {each}, 1 FROM workers WHERE shut_out IS NULL AND ({APART})", given)
        others = self.db.execute(
            f"SELECT {one_of}, COUNT(*) FROM workers WHERE shut_out IS NULL AND NOT ({APART}) GROUP BY {kind}", given
        )
        return [(Worker(*row), number) for rows in (apart, others) for *row, number in rows]

    def rename_worker(self, worker: int, name: str, language: str) -> None:
        """Change what a worker is called and which language they chose."""
        self.db.execute("UPDATE workers SET name = ?, language = ? WHERE id = ?", (name, language, worker))
        self.db.execute("UPDATE people SET sought = ? WHERE worker = ?", (folded(name), worker))

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

    def listed(self, offset: int, limit: int, invitation: str | None = None) -> list[InvitedRow]:
        """A part of all invitations, the newest first, or the one of that id."""
        columns = ", ".join(f"invitations.{name}" for name in InvitationRow._fields)
        rows = self.db.execute(
            f"""
            SELECT runs.name, CASE WHEN invitations.name <> '' THEN (
              SELECT workers.worker FROM guests JOIN workers ON workers.id = guests.worker
              WHERE guests.invitation = invitations.id LIMIT 1
            ) END, {columns}
            FROM invitations LEFT JOIN runs ON runs.id = invitations.run
            {"" if invitation is None else "WHERE invitations.id = :invitation"}
            ORDER BY invitations.created DESC, invitations.rowid DESC LIMIT :limit OFFSET :offset
            """,
            {"offset": offset, "limit": limit, "invitation": invitation},
        )
        return [InvitedRow(InvitationRow(*row), run, worker) for run, worker, *row in rows]

    def count_invitations(self) -> int:
        """How many invitations there are."""
        return int(self.db.execute("SELECT COUNT(*) FROM invitations").fetchone()[0])

    def waiting_for(self, name: str, label: str, run: int | None, now: float) -> InvitationRow | None:
        """The personal invitation of that name, label and run which still lets its person join."""
        row = self.db.execute(
            f"{INVITATION} WHERE name = ? AND label = ? AND run IS ? AND used = 0 AND revoked = 0 AND expires > ?",
            (name, label, run, now),
        ).fetchone()
        return InvitationRow(*row) if row else None

    def extend_invitation(self, invitation: str, expires: float) -> None:
        """Let the invitation end then."""
        self.db.execute("UPDATE invitations SET expires = ? WHERE id = ?", (expires, invitation))

    def add_invitation(self, row: InvitationRow, digest: bytes) -> None:
        """Add an invitation."""
        self.db.execute(
            f"INSERT INTO invitations ({', '.join(InvitationRow._fields)}, token) "
            f"VALUES ({', '.join('?' * len(row))}, ?)",
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

    def use_invitation(self, worker: int, row: InvitationRow) -> None:
        """Count one use and open to the worker what the invitation is for; whom it names keeps that name."""
        self.db.execute("UPDATE invitations SET used = used + 1 WHERE id = ?", (row.id,))
        self.db.execute("INSERT INTO guests (worker, invitation) VALUES (?, ?)", (worker, row.id))
        if row.name:
            self.db.execute("UPDATE workers SET named = 1 WHERE id = ?", (worker,))

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
