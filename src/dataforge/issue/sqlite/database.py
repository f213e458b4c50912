"""The SQLite file: connections with full durability, and numbered migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from unicodedata import normalize

from dataforge.errors import PlatformError

__all__ = ["check_version", "connect", "explained", "folded", "migrate", "steps"]

# How long, in seconds, a statement waits for another process's.
PATIENCE = 10.0
LOOK = "`dataforge doctor` looks into it"
RESTORE = f"keep a copy of the workspace, then restore this file from a backup; {LOOK}"
ADVICE = {
    sqlite3.SQLITE_CORRUPT: RESTORE,
    sqlite3.SQLITE_NOTADB: RESTORE,
    sqlite3.SQLITE_BUSY: "end the program that holds it",
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_IOERR: "make room on its disk, and look whether the disk is sound",
    sqlite3.SQLITE_READONLY: "make it writable, or choose another workspace",
    sqlite3.SQLITE_CANTOPEN: "make it and its folder readable and writable, or choose another workspace",
}
READ_CACHE_KIB = 8_192
WRITE_CACHE_KIB = 65_536


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the database; transactions are begun and ended by hand, and the connection may change threads."""
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    cache = WRITE_CACHE_KIB if write else READ_CACHE_KIB
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        # Of macOS, whose drives keep in their own cache what was only synchronised.
        "fullfsync = ON",
        "checkpoint_fullfsync = ON",
        "foreign_keys = ON",
        # What is deleted is overwritten; some builds of SQLite do so unasked.
        "secure_delete = ON",
        # Checkpoints are made beside the writer, see checkpoints.py; inside a commit they would hold up everybody.
        "wal_autocheckpoint = 0",
        f"cache_size = -{cache}",
        "temp_store = MEMORY",
        f"query_only = {'OFF' if write else 'ON'}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def folded(text: str) -> str:
    """A text as names are sorted by and searched: without regard to case, and equal where it looks equal."""
    return normalize("NFC", text).casefold()


def steps() -> list[str]:
    """The migrations in order; the n-th takes a database from version n - 1 to n."""
    folder = files("dataforge.issue.sqlite") / "migrations"
    found = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    for number, (name, _) in enumerate(found, start=1):
        if not name.startswith(f"{number:04d}_"):
            raise RuntimeError(f"migration {name!r} should be number {number:04d}")
    return [entry.read_text("utf-8") for _, entry in found]


def migrate(connection: sqlite3.Connection, migrations: list[str] | None = None) -> int:
    """Bring the database to the newest version, a step a transaction, a new one all at once; give the version it had.

    Raises `PlatformError` if the database was made by a newer DataForge.
    """
    connection.create_function("folded", 1, folded, deterministic=True)
    known = steps() if migrations is None else migrations
    version = check_version(connection, len(known))
    numbered = list(enumerate(known, start=1))[version:]
    # Each transaction waits for the disk, and to a new database there are dozens of steps.
    for part in [numbered] if version == 0 else [[step] for step in numbered]:
        _apply(connection, part)
    return version


def check_version(connection: sqlite3.Connection, newest: int) -> int:
    """The database's version; raises `PlatformError` if it is newer than the newest known, or lost."""
    # In one look, for another process may be about to make the first tables.
    version, filled = connection.execute(
        "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table') FROM pragma_user_version"
    ).fetchone()
    if version > newest:
        raise PlatformError(
            f"the workspace's database has version {version}, this DataForge knows versions up to {newest}: "
            "update DataForge, or use another workspace"
        )
    if version == 0 and filled:
        raise PlatformError(
            "the workspace's database has tables but no version: its first page is damaged, or another program made "
            "it; restore it from a backup"
        )
    return int(version)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that it cannot work with into a `PlatformError` with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise PlatformError(f"the database {str(path)!r} cannot be used: {error}; {ADVICE.get(code, LOOK)}") from error


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _apply(connection: sqlite3.Connection, migrations: Sequence[tuple[int, str]]) -> None:
    """Apply migrations with their numbers in one transaction, but those in which another process was quicker."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version_of(connection)
        for number, script in migrations:
            if number > version:
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        # `executescript` would commit by itself and leave half a migration behind. Where the disk is full SQLite may
        # have rolled back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one; SQLite itself decides where one ends."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip() and not all(line.startswith("--") or not line.strip() for line in pending.splitlines()):
        raise RuntimeError(f"a migration ends in the middle of a statement: {pending.strip()!r}")
