"""The store in one SQLite file: everything that issue asks, and what a server keeps beside it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dataforge.issue.sqlite.accounts import Accounts
from dataforge.issue.sqlite.appeals import Appeals
from dataforge.issue.sqlite.database import connect, explained, migrate
from dataforge.issue.sqlite.hours import Hours
from dataforge.issue.sqlite.item_lists import ItemLists
from dataforge.issue.sqlite.items import Items
from dataforge.issue.sqlite.ledger import Ledger
from dataforge.issue.sqlite.members import Members
from dataforge.issue.sqlite.messages import Messages
from dataforge.issue.sqlite.pages import Pages
from dataforge.issue.sqlite.people import People
from dataforge.issue.sqlite.previews import Previews
from dataforge.issue.sqlite.removal import Removal
from dataforge.issue.sqlite.runs import Runs
from dataforge.issue.sqlite.sessions import Sessions
from dataforge.issue.sqlite.settings import Settings
from dataforge.issue.sqlite.skills import Skills
from dataforge.issue.sqlite.trainees import Trainees
from dataforge.issue.sqlite.views import Views
from dataforge.issue.sqlite.worker_files import WorkerFiles

__all__ = ["SqliteStore"]


class SqliteStore:
    """A `Store` over one connection. Several may be open on one file, in one process or in many."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.runs = Runs(db)
        self.items = Items(db)
        self.item_lists = ItemLists(db)
        self.pages = Pages(db)
        self.members = Members(db)
        self.accounts = Accounts(db)
        self.skills = Skills(db)
        self.ledger = Ledger(db)
        self.hours = Hours(db)
        self.appeals = Appeals(db)
        self.messages = Messages(db)
        self.trainees = Trainees(db)
        self.views = Views(db)
        self.people = People(db)
        self.previews = Previews(db)
        self.removal = Removal(db)
        self.settings = Settings(db)
        self.sessions = Sessions(db)
        self.worker_files = WorkerFiles(db)

    @classmethod
    def open(cls, path: Path) -> SqliteStore:
        """The store of a file to read from."""
        return cls(connect(path))

    @classmethod
    def open_to_write(cls, path: Path) -> SqliteStore:
        """The store of a file to write to, made new or brought up to date.

        Raises `PlatformError` if it is too new, damaged or cannot be written.
        """
        with explained(path):
            db = connect(path, write=True)
            migrate(db)
        return cls(db)

    def clock_set_back(self, now: float) -> None:
        """Put right what the time was measured by that is now to come once more; doing it again changes nothing."""
        self.pages.clock_set_back(now)
        self.members.clock_set_back(now)
        self.hours.clock_set_back(now)

    def close(self) -> None:
        """Close the connection."""
        self.db.close()
