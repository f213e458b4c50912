"""What happens to money: from account to account, to the millionth, whatever happens in which order."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.issue.histories import STORES, History, Tried, publication

from dataforge.issue.ledger import FLOWS, Balance, Entry, Kind, balance_of, payable, postings, totals
from dataforge.issue.sqlite.database import connect, migrate, steps
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import AddItems, BonusPaid, Item, Judge, NotPaid, PageJudged, PayBonus

entries = st.builds(
    Entry, st.sampled_from(sorted(FLOWS)), st.just(1), st.integers(0, 10**12), st.just("USD"), st.just(0.0)
)


@given(st.lists(entries, max_size=30))
def test_whatever_happens_the_accounts_sum_to_zero_exactly(happened: list[Entry]) -> None:
    assert sum(amount for entry in happened for _, amount in postings(entry)) == 0
    sums: Counter[Kind] = Counter()
    for entry in happened:
        sums[entry.kind] += entry.amount
    accounts = totals(sums)
    assert sum(accounts.values()) == 0
    assert balance_of(Balance(), happened) == (accounts["due"], accounts["paid"])


def test_a_verdict_that_is_taken_back_after_the_money_went_out_is_a_debt_and_no_negative_payment() -> None:
    story: list[tuple[Kind, int]] = [("submitted", 30), ("accepted", 30), ("paid_out", 30), ("taken_back", 30)]
    balance = balance_of(Balance(), [Entry(kind, 1, amount, "USD", 0.0) for kind, amount in story])
    assert balance == Balance(due=-30, paid=30)
    assert payable(balance) == 0
    # The debt is set against what is earned next.
    later = balance_of(balance, [Entry("bonus", 1, 50, "USD", 0.0)])
    assert payable(later) == 20


# --- pages ----------------------------------------------------------------------------------------


@pytest.fixture
def history() -> History:
    """A run with two items of one place each."""
    played = History()
    played.publish(publication())
    played.execute("run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(2)))])
    return played


def answered(history: History, worker: str = "ann") -> str:
    page: str = history.take("run", worker, [])["page"]
    history.submit(page, [{"answer": True}] * 2)
    return page


def accounts(history: History, worker: str = "ann") -> dict[str, int]:
    """The worker's accounts of the run, which are the same in every store."""
    found = []
    for tried in history.tried:
        row, run = tried.store.accounts.worker_by_name(worker), tried.runs.by_name(tried.store, "run")
        assert row is not None
        found.append(totals(tried.store.ledger.sums(run.id, row.id, "USD")))
    assert all(one == found[0] for one in found)
    return {name: amount for name, amount in found[0].items() if amount}


def spent(history: History) -> int:
    tried = history.tried[0]
    return tried.store.runs.counters(tried.runs.by_name(tried.store, "run").id).spent


def test_a_page_waits_then_is_earned_then_taken_back_then_paid_after_all(history: History) -> None:
    page = answered(history)
    assert accounts(history) == {"requester": -20, "pending": 20}
    history.execute("run", [Judge("1", accepted=(page,))])
    assert accounts(history) == {"requester": -20, "due": 20}
    history.execute("run", [Judge("2", taken_back=(page,))])
    assert (accounts(history), spent(history)) == ({}, 0)
    history.execute("run", [Judge("3", accepted=(page,))])
    assert (accounts(history), spent(history)) == ({"requester": -20, "due": 20}, 20)
    judged = [event for event in history.events() if isinstance(event, PageJudged)]
    assert [(event.accepted, event.amount) for event in judged] == [(True, 20), (False, -20), (True, 20)]


def test_a_page_that_is_rejected_is_only_taken_back_by_name(history: History) -> None:
    page = answered(history)
    history.execute("run", [Judge("1", accepted=(page,))])
    history.execute("run", [Judge("2", rejected=(page,))])
    assert accounts(history) == {"requester": -20, "due": 20}


def test_items_of_a_page_that_is_taken_back_go_to_others_and_their_places_come_back_once(history: History) -> None:
    page = answered(history)
    history.execute("run", [Judge("1", accepted=(page,))])
    history.execute("run", [Judge("2", taken_back=(page,))])
    other = answered(history, "bob")
    history.execute("run", [Judge("3", accepted=(page, other))])
    # Both answers count now; taken back once more it has no places to give, for they are bob's.
    history.execute("run", [Judge("4", taken_back=(page,))])
    for tried in history.tried:
        number = tried.runs.by_name(tried.store, "run").id
        assert tried.store.runs.counters(number).free == 0
        found = [tried.store.items.wanted(number, f"item{n}") for n in range(2)]
        assert [item.held for item in found if item] == [1, 1]


def test_an_order_that_comes_twice_takes_back_once(history: History) -> None:
    page = answered(history)
    order = Judge("2", taken_back=(page,))
    history.execute("run", [Judge("1", accepted=(page,))])
    history.execute("run", [order, order])
    history.execute("run", [order])
    assert accounts(history) == {}


def test_the_second_of_two_bonuses_that_the_budget_does_not_pay_is_told_of() -> None:
    history = History()
    history.publish(publication(budget=50))
    history.execute("run", [AddItems("add", (Item("item", {"caption": "item"}),))])
    orders = [PayBonus(key, "ann", 30, {"en": key}, 0.5) for key in ("one", "two")]
    history.execute("run", orders)
    history.execute("run", orders)
    paid = [event for event in history.events() if isinstance(event, BonusPaid)]
    told = [event for event in history.events() if isinstance(event, NotPaid)]
    assert [one.amount for one in paid] == [30]
    assert [(one.worker, one.amount, one.page, one.reason, one.step, one.budget) for one in told] == [
        ("ann", 30, "", {"en": "two"}, 0.5, 50)
    ]
    assert accounts(history) == {"requester": -30, "due": 30}


def test_a_rejected_page_that_the_budget_does_not_pay_is_told_of_and_stays_rejected() -> None:
    history = History()
    history.publish(publication(budget=30))
    history.execute("run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(2)))])
    page = answered(history)
    history.execute("run", [Judge("1", rejected=(page,)), PayBonus("thanks", "ann", 20), Judge("2", accepted=(page,))])
    told = [event for event in history.events() if isinstance(event, NotPaid)]
    assert [(one.worker, one.amount, one.page) for one in told] == [("ann", 20, page)]
    assert accounts(history) == {"requester": -20, "due": 20}


@pytest.mark.parametrize("make", STORES, ids=lambda make: make.__name__)
def test_nothing_that_was_asked_by_hand_is_entered_twice(make: Callable[[], Tried]) -> None:
    ledger = make().store.ledger
    entry = Entry("bonus", 1, 5, "USD", 0.0, key="thanks", reason={"en": "thanks"})
    ledger.enter(entry)
    with pytest.raises((RuntimeError, sqlite3.IntegrityError)):
        ledger.enter(entry)
    assert ledger.by_key("thanks") == entry
    assert (ledger.balance(1, "USD"), ledger.balance(1, "EUR")) == (Balance(5, 0), Balance(0, 0))


# --- what older servers have kept -----------------------------------------------------------------


def test_what_an_older_server_has_kept_of_money_is_entered(tmp_path: Path) -> None:
    db = connect(tmp_path / "old.sqlite3", write=True)
    migrate(db, steps()[:24])
    db.executescript(
        """
        INSERT INTO runs (id, name, publication, created) VALUES (1, 'run', CAST('{"currency":"EUR"}' AS BLOB), 0);
        INSERT INTO runs (id, name, publication, created, deleted) VALUES (2, '/2', x'', 0, 9);
        INSERT INTO counters (run, tail, spent) VALUES (1, 0, 50);
        INSERT INTO workers (id, worker, token, name, language, joined) VALUES (1, 'ann', x'00', 'Ann', 'en', 0);
        INSERT INTO members (run, worker, earned, pending) VALUES (1, 1, 20, 30);
        INSERT INTO past_work (worker, run, name, currency, pages_accepted, pages_rejected, earned, at)
          VALUES (1, 2, x'7b7d', 'USD', 3, 0, 77, 9);
        INSERT INTO pages (id, page, run, worker, state, price, size, items, taken, lease, finished)
          VALUES (1, x'01', 1, 1, 'accepted', 20, 1, '[]', 5, 600, 6),
                 (2, x'02', 1, 1, 'submitted', 30, 1, '[]', 6, 600, 7),
                 (3, x'03', 1, 1, 'rejected', 40, 1, '[]', 7, 600, 8),
                 (4, x'04', 1, 1, 'skipped', 50, 1, '[]', 8, 600, 9);
        INSERT INTO ledger (page, run, worker, amount, at) VALUES (1, 1, 1, 20, 6.5);
        """
    )
    migrate(db)
    store = SqliteStore(db)
    assert store.ledger.differences() == []
    assert store.ledger.sums(1, 1, "EUR") == {"submitted": 90, "accepted": 20, "rejected": 40}
    assert store.ledger.balance(1, "EUR") == Balance(20, 0)
    assert store.ledger.balance(1, "USD") == Balance(77, 0)
    assert store.ledger.was_rejected(3)
