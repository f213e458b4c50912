"""What a wage floor brings people whose speeds differ ten times, what it costs, and what idlers make of it.

    python benchmarks/wage_floor.py --workers 100 --pages 20

Honest people work at paces of their own, spread evenly in logarithm over a factor of ten, and each page varies by a
fifth. The price of a page is what the floor makes of its hint. Beside them are idlers, who can do a page in half of the
hint and then leave it open: until just below the bound, for the whole lease, by chance, or the first one for the whole
lease, so that quick ones make it good. All answers are accepted:
the floor alone has to tell who works. Where the hint is half of what people need, everybody is slower than it.
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
import heapq
import random
from dataclasses import dataclass

import dataforge as df
from dataforge.issue import commands, submit
from dataforge.issue.change import Transaction
from dataforge.issue.memory import MemoryStore
from dataforge.issue.run import Runs, publish
from dataforge.issue.take import take
from dataforge.issue.wage import PATIENCE
from dataforge.records import AddItems, Item, Judge, Publication

FLOOR = 6_000_000
HINT, ITEMS, SPREAD, VARIES = 10.0, 6, 10.0, 0.2
LEASE = max(600.0, 5 * HINT * ITEMS)
PRICE = int(FLOOR * HINT / 3600)
IDLERS = ("up to the bound", "the whole lease", "by chance", "on the first page")


@df.task(duration="10s")
def likes(caption: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@dataclass
class Person:
    """Somebody at work: how long a page takes them, how they idle, and the seconds that they spent."""

    name: str
    pace: float
    idles: str = ""
    pages: int = 0
    spent: float = 0.0

    def seconds(self, chance: random.Random, truth: float) -> float:
        """How long a page is on their screen."""
        work = self.pace * chance.lognormvariate(0, VARIES)
        if self.idles == "up to the bound":
            return max(work, 0.98 * PATIENCE * truth)
        if self.idles == "the whole lease":
            return LEASE - 1
        if self.idles == "on the first page":
            return work if self.pages else LEASE - 1
        return work + (chance.uniform(0, LEASE / 2) if self.idles else 0.0)


class Office:
    """One run with a floor, in memory, and the people who work there."""

    def __init__(self, people: list[Person], pages: int, seed: int) -> None:
        self.chance, self.now, self.given, self.pages = random.Random(seed), 1_750_000_000.0, 0, pages
        self.store, self.people = MemoryStore(), people
        for person in people:
            self.store.accounts.enter(person.name, person.name, "en")
        prices = tuple(PRICE * size for size in range(1, ITEMS + 1))
        wanted = Publication("run", likes.spec(), prices, ITEMS, 0, LEASE, wage_floor=FLOOR)
        publish(self._transaction(), wanted)
        self.run = Runs().by_name(self.store, "run")
        count = ITEMS * pages
        items = tuple(Item(f"i{n}", {"caption": f"{n}"}, wanted=len(people)) for n in range(count))
        commands.execute(self._transaction(), self.run, [AddItems("add", items)])

    def _transaction(self) -> Transaction[MemoryStore]:
        return Transaction(self.store, now=self.now, source=self.chance, new_page=self._new_page)

    def _new_page(self) -> bytes:
        self.given += 1
        return self.given.to_bytes(8, "big")

    def work(self, truth: float) -> None:
        """Everybody does their pages, at the same time, and each is judged when it comes."""
        begun = [(self.now + self.chance.uniform(0, 60), number) for number in range(len(self.people))]
        heapq.heapify(begun)
        done: list[tuple[float, int, bytes, float]] = []
        while begun or done:
            if begun and (not done or begun[0] <= done[0][:2]):
                self.now, number = heapq.heappop(begun)
                person = self.people[number]
                worker = self.store.accounts.worker_by_name(person.name)
                assert worker is not None
                page = take(self._transaction(), self.run, worker, []).page
                if page is not None:
                    took = person.seconds(self.chance, truth)
                    heapq.heappush(done, (self.now + took, number, page.page, took))
                continue
            self.now, number, name, took = heapq.heappop(done)
            self._finish(self.people[number], name, took)
            if self.people[number].pages < self.pages:
                heapq.heappush(begun, (self.now, number))

    def _finish(self, person: Person, name: bytes, took: float) -> None:
        page = self.store.pages.by_page(name)
        assert page is not None
        items = self.store.items.of_page(page)
        answers = [{"answer": True} for _ in items]
        clean = submit.checked(self.run, page, items, answers)
        submit.submit(self._transaction(), self.run, name, items, clean, took)
        commands.execute(self._transaction(), self.run, [Judge(name.hex(), accepted=(name.hex(),))])
        person.pages += 1
        person.spent += took

    def earned(self, person: Person) -> tuple[int, int]:
        """What somebody earned by the prices of pages, and on top, in millionths."""
        worker = self.store.accounts.worker_by_name(person.name)
        assert worker is not None
        member = self.store.members.load(self.run.id, worker.id)
        return member.earned, member.topped_up


def hourly(earned: float, seconds: float) -> float:
    """Currency units an hour."""
    return earned / 1e6 / seconds * 3600


def show(office: Office) -> None:
    """Print who earned what."""
    found = [(person, *office.earned(person)) for person in office.people]
    honest = [one for one in found if not one[0].idles]
    wages = sorted(hourly(price + top, person.spent) for person, price, top in honest)
    bare = sorted(hourly(price, person.spent) for person, price, _ in honest)
    floor = FLOOR / 1e6
    # Time counts in whole milliseconds.
    kept = sum(wage >= floor - 1e-4 for wage in wages)
    prices, tops = (sum(one[place] for one in honest) for place in (1, 2))
    alone = sum(wage >= floor for wage in bare)
    print(f"  honest: {kept} of {len(wages)} at or above {floor:g} an hour (by prices alone {alone})")
    print(f"    lowest {wages[0]:.2f} (by prices alone {bare[0]:.2f}), median {wages[len(wages) // 2]:.2f}")
    print(f"    cost: {tops / 1e6:.2f} on top of {prices / 1e6:.2f}, {tops / prices:.0%}")
    for kind in IDLERS:
        idle = [one for one in found if one[0].idles == kind]
        spent = sum(person.spent for person, _, _ in idle)
        price, top = (sum(one[place] for one in idle) for place in (1, 2))
        worked = hourly(price, sum(person.pace * person.pages for person, _, _ in idle))
        most = max(hourly(one[1] + one[2], one[0].spent) for one in idle)
        print(
            f"  idle {kind}: {hourly(price + top, spent):.2f} an hour, {most:.2f} at most, where work would bring "
            f"{worked:.2f}; {top / 1e6:.2f} on top of {price / 1e6:.2f}"
        )


def main() -> None:
    """Run both cases with each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=10)
    asked = parser.parse_args()
    for name, factor in (("the hint is right", 1.0), ("the hint is half of what people need", 2.0)):
        for seed in range(asked.seeds):
            chance, truth = random.Random(seed), HINT * ITEMS * factor
            spread = [SPREAD ** (n / (asked.workers - 1) - 0.5) for n in range(asked.workers)]
            people = [Person(f"w{n}", truth * pace) for n, pace in enumerate(spread)]
            people += [Person(f"idle{n}", 0.5 * truth, IDLERS[n % len(IDLERS)]) for n in range(asked.workers // 5)]
            chance.shuffle(people)
            office = Office(people, asked.pages, seed)
            office.work(truth)
            print(f"{name}, seed {seed}: {asked.workers} honest people, {asked.pages} pages each")
            show(office)


if __name__ == "__main__":
    main()
