"""The ledger in memory: sums of what happened to pages, and the entries that were made by hand."""

from __future__ import annotations

from collections import Counter, defaultdict

from dataforge.issue.ledger import OF_BALANCES, REJECTIONS, Balance, Entry, Kind, Sums, balance_of, totals

__all__ = ["Ledger"]


NOTHING = Balance()
TOP_UPS: dict[Kind, int] = {"top_up": 1, "top_up_back": -1}


class Ledger:
    """What happened to money; of pages only the sums are kept, for a simulation has millions."""

    def __init__(self) -> None:
        self.balances: dict[tuple[int, str], Balance] = {}
        self.keys: dict[str, Entry] = {}
        self.rejected: set[int] = set()
        self.on_top: Counter[int] = Counter()
        self.summed: dict[tuple[int | None, int, str], Counter[Kind]] = defaultdict(Counter)

    def enter(self, entry: Entry) -> None:
        """Keep an entry; raises if there is one of its key."""
        if entry.key is not None:
            if entry.key in self.keys:
                raise RuntimeError(f"the ledger has an entry {entry.key!r} already")
            self.keys[entry.key] = entry
        if entry.kind in REJECTIONS and entry.page is not None:
            self.rejected.add(entry.page)
        if entry.kind in TOP_UPS and entry.page is not None:
            self.on_top[entry.page] += TOP_UPS[entry.kind] * entry.amount
        if entry.kind in OF_BALANCES:
            whose = entry.worker, entry.currency
            self.balances[whose] = balance_of(self.balances.get(whose, NOTHING), (entry,))
        self.summed[entry.run, entry.worker, entry.currency][entry.kind] += entry.amount

    def balance(self, worker: int, currency: str) -> Balance:
        """What the worker is owed in a currency and was paid."""
        return self.balances.get((worker, currency), NOTHING)

    def by_key(self, key: str) -> Entry | None:
        """The entry of that key, if there is one."""
        return self.keys.get(key)

    def was_rejected(self, page: int) -> bool:
        """Whether the page was ever rejected."""
        return page in self.rejected

    def topped_up(self, page: int) -> int:
        """What was paid on top for the page, less what went back."""
        return self.on_top[page]

    def sums(self, run: int | None, worker: int, currency: str) -> Sums:
        """What the worker's entries of each kind sum to in a run, or outside of all runs."""
        return self.summed.get((run, worker, currency), {})

    def paid_in(self, run: int) -> int:
        """What workers have earned in a run."""
        return sum(totals(sums)["due"] for (there, _, _), sums in self.summed.items() if there == run)
