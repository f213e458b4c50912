"""The store in memory: everything that issue asks."""

from __future__ import annotations

from dataforge.issue.memory.accounts import Accounts
from dataforge.issue.memory.appeals import Appeals
from dataforge.issue.memory.hours import Hours
from dataforge.issue.memory.items import Items
from dataforge.issue.memory.ledger import Ledger
from dataforge.issue.memory.members import Members
from dataforge.issue.memory.pages import Pages
from dataforge.issue.memory.runs import Runs
from dataforge.issue.memory.skills import Skills
from dataforge.issue.memory.trainees import Trainees

__all__ = ["MemoryStore"]


class MemoryStore:
    """A `Store` that lasts as long as the process."""

    def __init__(self) -> None:
        seen: dict[int, set[int]] = {}
        self.runs = Runs()
        self.items = Items(seen)
        self.pages = Pages(seen)
        self.accounts = Accounts()
        self.members = Members(self.accounts)
        self.skills = Skills()
        self.ledger = Ledger()
        self.hours = Hours()
        self.appeals = Appeals()
        self.trainees = Trainees()
