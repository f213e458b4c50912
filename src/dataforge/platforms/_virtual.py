"""Issue over a store in memory, at a virtual time: what simulated people and people by hand both go through."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dataforge.errors import Refused
from dataforge.issue import submit
from dataforge.issue.change import Transaction
from dataforge.issue.memory import MemoryStore
from dataforge.issue.rows import PageRow, StoredItem
from dataforge.issue.run import Run, Runs
from dataforge.issue.take import Issued, expire_due, take
from dataforge.objects.base import MadeFile
from dataforge.records import ReportReason

__all__ = ["VirtualIssue"]


class VirtualIssue:
    """A store in memory, the time there, and the files that were given to it."""

    def __init__(self, start: float) -> None:
        self.clock = start
        self.store = MemoryStore()
        self.runs = Runs()
        self.media: dict[str, bytes] = {}
        self._pages = 0

    def transaction(self, source: random.Random) -> Transaction[MemoryStore]:
        """A change of the store at the present time."""
        return Transaction(self.store, now=self.clock, source=source, new_page=self._new_page)

    def _new_page(self) -> bytes:
        # Nobody has to be kept from guessing them, and short ones make short logs.
        self._pages += 1
        return self._pages.to_bytes(4, "big")

    def expire(self, source: random.Random) -> None:
        """Give back the places of all pages whose time has run out."""
        while expire_due(self.transaction(source)):
            pass

    def page(self, name: str) -> PageRow:
        """The page of that public id; raises `Refused` if there is none."""
        try:
            row = self.store.pages.by_page(bytes.fromhex(name))
        except ValueError:
            row = None
        if row is None:
            raise submit.unknown_page(name)
        return row

    def take(self, source: random.Random, run: Run, worker: str, language: str, have: Collection[bytes] = ()) -> Issued:
        """A page for a worker, or why there is none."""
        account = self.store.accounts.enter(worker, worker, language)
        if not account.known:
            # Everybody here has worked before: what is tried out is the run, not how people are met.
            self.store.accounts.set_known(account.id)
            account = self.store.accounts.enter(worker, worker, language)
        return take(self.transaction(source), run, account, have)

    def submit(
        self,
        source: random.Random,
        run: Run,
        page: PageRow,
        items: Sequence[StoredItem],
        answers: Sequence[Mapping[str, Any] | ReportReason],
    ) -> None:
        """Keep the answers of a page; raises `Refused` where they do not fit, or come too late."""
        if run.takes_files:
            answers = [self.received(answer) for answer in answers]
        clean = submit.checked(run, page, items, answers)
        outcome = submit.submit(self.transaction(source), run, page.page, items, clean)
        if isinstance(outcome, Refused):
            raise outcome

    def received(self, answer: Mapping[str, Any] | ReportReason) -> Mapping[str, Any] | ReportReason:
        """The answer with its files taken in."""
        if isinstance(answer, str):
            return answer
        made = {name: value for name, value in answer.items() if isinstance(value, MadeFile)}
        if not made:
            return answer
        self.media |= {value.name: value.content for value in made.values()}
        return {**answer, **{name: value.answer for name, value in made.items()}}
