"""The SQLite file of a run's feed: how it is made, opened, read from and written to, by any process at any time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataforge.errors import RunError

__all__ = ["FeedFile"]

PATIENCE = 60.0
MADE_BY_ANOTHER = 0.01

# `known` has the keys of all items of the run, with the numbers that they have there and digests of what they say; of
# answers to be judged only once somebody else adds to the run, because its rows lie anywhere in the file. The index
# `controls` was that of an older version. A batch is an Arrow record batch without its schema, which many batches
# share; `first` to `last` count the fed items from 1. `answers` says which are answers to be judged, who has given each
# and is never shown it, and whether they are in `known`; `withheld` has further authors.
FORMAT = 4
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS about (only INTEGER PRIMARY KEY CHECK (only = 1), launched INTEGER, "
    "finished INTEGER NOT NULL DEFAULT 0, ended TEXT)",
    "INSERT OR IGNORE INTO about (only) VALUES (1)",
    "CREATE TABLE IF NOT EXISTS known (key TEXT PRIMARY KEY, digest BLOB NOT NULL, number INTEGER NOT NULL, "
    "inputs BLOB NOT NULL, control INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS inputs ON known (inputs)",
    "DROP INDEX IF EXISTS controls",
    "CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY, layout BLOB NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS batches (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, "
    "layout INTEGER NOT NULL REFERENCES layouts, rows BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS answers (last INTEGER PRIMARY KEY REFERENCES batches, first INTEGER NOT NULL, "
    "authors BLOB NOT NULL, entered INTEGER NOT NULL DEFAULT 0)",
    "CREATE TABLE IF NOT EXISTS withheld (key TEXT NOT NULL, worker TEXT NOT NULL, PRIMARY KEY (key, worker)) "
    "WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS corrections (number INTEGER PRIMARY KEY, correction BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY, terms BLOB NOT NULL, "
    "taken INTEGER NOT NULL DEFAULT 0)",
)


class FeedFile:
    """The file, which is made by the first who writes; threads may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The open file in a transaction that sees one state of it; None if nobody has fed the run."""
        with self._lock:
            if self._db is None and not self.path.exists():
                yield None
                return
            try:
                with _transaction(self._open(), "BEGIN") as db:
                    # Whoever has made the file may not have come further.
                    yield db if db.execute("SELECT 1 FROM sqlite_master").fetchone() else None
            except sqlite3.Error as error:
                raise RunError(f"the feed {str(self.path)!r} cannot be read: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The open file in a transaction that nobody else writes in; what is written is on the disk afterwards."""
        with self._lock:
            try:
                with _transaction(self._open(), "BEGIN IMMEDIATE") as db:
                    _make(db)
                    yield db
            except sqlite3.Error as error:
                raise RunError(f"the feed {str(self.path)!r} cannot be written: {error}; nothing was added") from error

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            run = self.path.parent
            if not run.is_dir():
                raise RunError(f"there is no run {run.name!r} in {str(run.parent)!r}")
            db = _connect(self.path)
            if (version := _version_of(db)) > FORMAT:
                db.close()
                raise RunError(
                    f"the feed {str(self.path)!r} was written by a newer DataForge (format {version}, this one reads "
                    f"up to {FORMAT}): update DataForge"
                )
            if 0 < version < FORMAT:
                with _transaction(db, "BEGIN IMMEDIATE"):
                    _make(db)
            self._db = db
        return self._db


def _make(db: sqlite3.Connection) -> None:
    """Make what a feed has today."""
    for statement in SCHEMA:
        db.execute(statement)
    if _version_of(db) < FORMAT:
        db.execute(f"PRAGMA user_version = {FORMAT}")


def _connect(path: Path) -> sqlite3.Connection:
    """The file, with a log beside it, so that who adds does not hold up who drives, nor the other way round."""
    db = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            # Of two who make the file at once SQLite turns one away without waiting.
            if time.monotonic() > give_up:
                raise
            time.sleep(MADE_BY_ANOTHER)
        else:
            break
    # With the log as with FULL; where a file system has no room for one, the folder is written through as well.
    db.execute("PRAGMA synchronous = EXTRA")
    return db


def _version_of(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


@contextmanager
def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
    db.execute(begin)
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        # Where the disk is full SQLite may have done so itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
