"""A million random events of money, reckoned twice: by the ledger, and from what issue replied; prints both.

    python benchmarks/ledger.py --events 1000000

Workers take and submit pages of two runs in two currencies; pages are accepted, rejected, accepted after all and taken
back; bonuses are given and what is due is paid out, in part or whole, some of it twice. The second book is kept in
plain dictionaries from the events that a run reports, and knows nothing of the first.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys

# Run as a script this folder comes first on the path, and `import platform` inside others would find the benchmark.
sys.path[:] = [
    entry for entry in sys.path if os.path.abspath(entry or ".") != os.path.dirname(os.path.abspath(__file__))
]

import argparse
import random
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

import dataforge as df
from dataforge.errors import Refused
from dataforge.issue import commands, submit
from dataforge.issue.change import Transaction
from dataforge.issue.ledger import exact, totals
from dataforge.issue.payouts import Payment, pay_out
from dataforge.issue.run import Run, Runs, publish
from dataforge.issue.sqlite.database import connect, migrate
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.take import take
from dataforge.records import (
    AddItems,
    BonusPaid,
    Item,
    Judge,
    PageJudged,
    PageSubmitted,
    PayBonus,
    Publication,
)

WORKERS = 200
ITEMS_AT_ONCE = 2_000
PRICES = (24_001, 48_003, 72_007)
ANSWER = {"answer": True}


@df.task(duration="10s")
def likes(caption: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


class Market:
    """Two runs, their workers, and what happened to money as the runs' events tell it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        db = connect(Path(":memory:"), write=True)
        migrate(db)
        self.store = SqliteStore(db)
        self.now, self.pages, self.keys, self.counted = 1_750_000_000.0, 0, 0, 0
        self.workers = [f"worker{n}" for n in range(WORKERS)]
        for name in self.workers:
            self.store.accounts.add_worker(name, name.encode(), name, "en", self.now)
        self.known = Runs()
        self.runs = [self._publish(name, currency) for name, currency in (("usd", "USD"), ("eur", "EUR"))]
        self.cursors = Counter({run.id: 0 for run in self.runs})
        self.price: dict[str, int] = {}
        self.state: dict[str, str] = {}
        self.by_state: defaultdict[int, list[str]] = defaultdict(list)
        self.due: Counter[tuple[str, str]] = Counter()
        self.paid: Counter[tuple[str, str]] = Counter()
        self.pending: Counter[tuple[str, str]] = Counter()

    def _publish(self, name: str, currency: str) -> Run:
        publication = Publication(name, likes.spec(), PRICES, 2, 0, 600.0, currency=currency)
        publish(self._transaction(), publication)
        run = self.known.by_name(self.store, name)
        self._fill(run)
        return run

    def _fill(self, run: Run) -> None:
        start = self.keys
        self.keys += ITEMS_AT_ONCE
        items = tuple(Item(f"i{n}", {"caption": f"{n}"}, wanted=20) for n in range(start, start + ITEMS_AT_ONCE))
        self._execute(run, AddItems(f"add{start}", items))

    def _transaction(self) -> Transaction[SqliteStore]:
        return Transaction(self.store, now=self.now, source=self.chance, new_page=self._new_page)

    def _new_page(self) -> bytes:
        self.pages += 1
        return self.pages.to_bytes(8, "big")

    def _key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def _execute(self, run: Run, command: AddItems | Judge | PayBonus) -> None:
        self.store.db.execute("BEGIN")
        commands.execute(self._transaction(), run, [command])
        self.store.db.execute("COMMIT")

    # --- what happens -----------------------------------------------------------------------------

    def step(self) -> None:
        """One random thing, in one of the runs."""
        self.now += self.chance.random()
        run = self.chance.choice(self.runs)
        dice = self.chance.random()
        if dice < 0.45:
            self._work(run)
        elif dice < 0.9:
            self._judge(run)
        elif dice < 0.95:
            self._execute(run, PayBonus(self._key(), self.chance.choice(self.workers), self.chance.randint(1, 99_999)))
        else:
            self._pay(run)
        self._read(run)

    def _work(self, run: Run) -> None:
        worker = self.store.accounts.worker_by_name(self.chance.choice(self.workers))
        assert worker is not None
        self.store.db.execute("BEGIN")
        issued = take(self._transaction(), run, worker, ())
        if issued.page is not None:
            self.price[issued.page.page.hex()] = issued.page.price
            answers = tuple(ANSWER for _ in issued.items)
            submit.submit(self._transaction(), run, issued.page.page, issued.items, answers, 5.0)
        self.store.db.execute("COMMIT")
        if issued.page is None:
            self._fill(run)

    def _judge(self, run: Run) -> None:
        pages = self.by_state[run.id]
        if not pages:
            return
        # Most are judged once; some again, hours later.
        page = pages.pop() if self.chance.random() < 0.7 else self.chance.choice(pages)
        kind = self.chance.choice(("accepted", "accepted", "rejected", "taken_back"))
        self._execute(run, Judge(self._key(), **{kind: (page,)}))

    def _pay(self, run: Run) -> None:
        whose = self.chance.choice(self.workers), run.publication.currency
        amount = max(self.due[whose], 0)
        amount = self.chance.randint(0, amount) if self.chance.random() < 0.5 else amount
        payment, key = Payment(*whose, amount), self._key()
        for again in range(2):
            self.store.db.execute("BEGIN")
            with suppress(Refused):
                done = pay_out(self._transaction(), key, [payment])
                assert done.noted == 1 - again
                self.due[whose] -= amount * done.noted
                self.paid[whose] += amount * done.noted
                self.counted += done.noted
            self.store.db.execute("COMMIT")

    def _read(self, run: Run) -> None:
        """Keep the second book: what the run's events say since the last time."""
        currency = run.publication.currency
        for event in self.store.runs.events_after(run.id, self.cursors[run.id], 10_000):
            self.counted += 1
            match event:
                case PageSubmitted(page=page, worker=worker):
                    self.pending[worker, currency] += self.price[page]
                    self.state[page] = "submitted"
                    self.by_state[run.id].append(page)
                case PageJudged(page=page, worker=worker, amount=amount):
                    if self.state[page] == "submitted":
                        self.pending[worker, currency] -= self.price[page]
                    self.due[worker, currency] += amount
                    self.state[page] = "accepted" if event.accepted else "rejected"
                case BonusPaid(worker=worker, amount=amount):
                    self.due[worker, currency] += amount
            self.cursors[run.id] = event.cursor

    # --- both books -------------------------------------------------------------------------------

    def check(self) -> dict[str, object]:
        """What both books say; raises `AssertionError` where they differ by a millionth."""
        assert self.store.ledger.differences() == []
        by_kind: Counter[str] = Counter(
            dict(self.store.db.execute("SELECT kind, SUM(amount) FROM ledger GROUP BY kind"))
        )
        assert sum(totals(by_kind).values()) == 0
        for name in self.workers:
            worker = self.store.accounts.worker_by_name(name)
            assert worker is not None
            for run in self.runs:
                whose = name, run.publication.currency
                assert self.store.ledger.balance(worker.id, whose[1]) == (self.due[whose], self.paid[whose])
                member = self.store.members.load(run.id, worker.id)
                assert member.pending == self.pending[whose]
                assert member.earned + member.bonus == self.due[whose] + self.paid[whose]
        priced = Counter(dict.fromkeys(("submitted", "accepted", "rejected"), 0))
        for page, price, state in self.store.db.execute("SELECT lower(hex(page)), price, state FROM pages"):
            assert self.state.get(page, "held") == state
            priced[state] += price
        assert priced["submitted"] == sum(self.pending.values())
        assert priced["accepted"] + by_kind["bonus"] == sum(self.due.values()) + sum(self.paid.values())
        return {
            "events": self.counted,
            "pages": self.pages,
            **{kind: exact(amount) for kind, amount in sorted(by_kind.items())},
            "due": exact(sum(self.due.values())),
            "in debt": sum(amount < 0 for amount in self.due.values()),
        }


def main() -> None:
    """Play, compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    market = Market(asked.seed)
    began = time.process_time()
    while market.counted < asked.events:
        market.step()
    spent = time.process_time() - began
    for name, value in market.check().items():
        print(f"{name:>20}  {value}")
    print(f"{'CPU seconds':>20}  {spent:.0f}\nboth books say the same, to the millionth")


if __name__ == "__main__":
    main()
