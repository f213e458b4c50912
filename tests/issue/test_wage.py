"""The wage floor: nobody who works earns less for an hour, and nobody earns more by not working."""

from __future__ import annotations

import statistics
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.issue.histories import History, publication

from dataforge.errors import Refused
from dataforge.issue import wage
from dataforge.issue.ledger import totals
from dataforge.issue.rows import CountedTime, Member, MiddlePaces, PageRow
from dataforge.issue.run import check_publication
from dataforge.records import AddItems, Item, Judge, NotPaid, Republish, ToppedUp

# 3.60 an hour is 1,000 millionths a second.
A_SECOND = 1_000
FLOOR = 3_600 * A_SECOND


def page(
    seconds: float | None, *, price: int = 10_000, items: int = 1, worker: int = 9, lease: float = 600.0
) -> PageRow:
    """A page of items that take ten seconds by the hint, for a price of what the floor makes of that."""
    numbers = tuple(range(items))
    return PageRow(
        1, b"page", 1, worker, "ann", "submitted", price, numbers, None, 0.0, lease, 600.0, 0, False, 0, seconds
    )


def others(*seconds: float) -> wage.Paces:
    """Workers who took so long for ten items."""
    return wage.Paces(MiddlePaces(len(seconds), 0, sorted(100 * one for one in seconds)), hint=10.0)


def who(seconds: float | None = None) -> Member:
    """A worker who took so long for ten items, or has no accepted page."""
    return Member() if seconds is None else Member(pace=100.0 * seconds)


# --- what time counts -----------------------------------------------------------------------------


def test_time_counts_up_to_five_times_what_half_of_the_others_take() -> None:
    known = others(100, 120, 140, 900)
    # The median of four is 130 seconds for ten items.
    assert wage.counted(page(50.0), known, who()) == 50_000
    assert wage.counted(page(65.0), known, who()) == 65_000
    assert wage.counted(page(66.0), known, who()) == 65_000
    assert wage.counted(page(500.0, items=2), known, who()) == 130_000


def test_nobody_moves_their_own_bound() -> None:
    known = others(100, 120, 140, 9_000)
    assert known.of_others(3, who(9_000)) == 12_000
    assert known.of_others(0, who(100)) == 14_000
    assert known.of_others(1, who(120)) == 14_000
    assert known.of_others(99, who()) == 13_000
    # Not even by what is accepted in the same breath.
    assert known.of_others(0, who(9_999)) == 14_000


def test_while_fewer_than_three_others_are_measured_the_hint_says_how_long_an_item_takes() -> None:
    known = others(100, 120, 140)
    assert known.of_others(0, who(100)) == 10_000
    assert known.of_others(77, who()) == 12_000
    assert wage.counted(page(80.0, worker=0), known, who(100)) == 50_000


def test_no_page_counts_longer_than_it_may_be_kept_and_one_of_unknown_time_counts_as_the_hint() -> None:
    slow = others(180, 180, 180)
    assert wage.counted(page(480.0), slow, who()) == 90_000
    assert wage.counted(page(480.0, lease=60.0), slow, who()) == 60_000
    assert wage.counted(page(None, items=2), slow, who()) == 20_000


@given(st.lists(st.integers(1, 30), min_size=0, max_size=9), st.integers(0, 9))
@settings(max_examples=200, deadline=None)
def test_the_middle_alone_says_what_the_median_of_the_others_is(seconds: list[int], own: int) -> None:
    members = [Member(pace=1000.0 * one) for one in seconds]
    paces = sorted(1000.0 * one for one in seconds)
    first = MiddlePaces.begin(len(paces))
    known = wage.Paces(MiddlePaces(len(paces), first, paces[first : first + 3]), hint=10.0)
    rest = [1000.0 * one for place, one in enumerate(seconds) if place != own]
    member = members[own] if own < len(members) else Member()
    assert known.of_others(own, member) == (statistics.median(rest) if len(rest) >= wage.ENOUGH else 10_000.0)


# --- adversaries ----------------------------------------------------------------------------------


def earned(pages: list[tuple[float, float]], price: int) -> int:
    """What pages bring somebody who works on each so long, and then leaves it open for so long."""
    publish, known = publication(wage_floor=FLOOR), others(90, 100, 110)
    member, accepted = Member(), dict[int, PageRow]()
    for number, (work, idle) in enumerate(pages):
        one = replace(page(work + idle, price=price), id=number)
        member = replace(member, earned=member.earned + price)
        # Of the median of the others the worker's own pace is no part here.
        counted = wage.counted(one, known, replace(member, pace=None))
        member = wage.earned_page(member, one, counted, [CountedTime(0, counted)])
        accepted[number] = replace(one, counted=counted)
        for longer, more in wage.made_good(one, known, replace(member, pace=None), list(accepted.values())):
            member = wage.counted_anew(member, longer, longer.counted, more, [CountedTime(0, more)])
            accepted[longer.id] = replace(longer, counted=more)
        assert member.beyond == sum(ceil(1000 * (row.seconds or 0)) - row.counted for row in accepted.values())
        member = wage.topped_up(member, wage.lacking(publish, member))
    return member.earned + member.topped_up


works = st.lists(st.tuples(st.floats(1, 100), st.floats(0, 400)), min_size=1, max_size=12)


@given(works, st.integers(1, 30_000))
@settings(max_examples=300, deadline=None)
def test_who_leaves_pages_open_gets_no_more_for_an_hour_than_work_brings_or_the_floor(
    pages: list[tuple[float, float]], price: int
) -> None:
    honest, idle = earned([(work, 0.0) for work, _ in pages], price), earned(pages, price)
    extra = sum(rest for _, rest in pages)
    # What idling adds is at most the floor for the seconds that it took, and a millionth for each rounding.
    assert idle - honest <= A_SECOND * extra + len(pages)
    # And whatever somebody does: nothing beyond the bounds of all pages.
    assert idle <= max(price, 50 * A_SECOND) * len(pages) + len(pages)


@given(works)
@settings(max_examples=200, deadline=None)
def test_who_works_within_the_bound_earns_the_floor_whatever_the_price(pages: list[tuple[float, float]]) -> None:
    within = [(min(work, 50.0), 0.0) for work, _ in pages]
    assert earned(within, price=1) >= A_SECOND * sum(work for work, _ in within) - len(pages)


def test_a_page_that_took_longer_than_its_bound_has_what_earlier_ones_left_and_no_more() -> None:
    assert earned([(30.0, 0.0), (65.0, 0.0)], price=1) == 95 * A_SECOND
    assert earned([(30.0, 0.0), (65.0, 0.0), (40.0, 0.0), (90.0, 0.0)], price=1) == 200 * A_SECOND
    # The lease bounds each page, too, and what it left passes on in items.
    known, before = others(180, 180, 180), Member(timed=2, paced=80_000)
    assert wage.counted(page(300.0, lease=60.0), known, before) == 100_000


def test_a_first_page_that_took_longer_than_its_bound_is_made_good_by_later_ones_as_far_as_they_leave_some() -> None:
    assert earned([(65.0, 0.0)], price=1) == 50 * A_SECOND
    assert earned([(65.0, 0.0), (30.0, 0.0)], price=1) == 95 * A_SECOND
    assert earned([(90.0, 0.0), (40.0, 0.0), (65.0, 0.0), (30.0, 0.0)], price=1) == 200 * A_SECOND


@given(works, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_whichever_page_is_accepted_first_all_together_count_up_to_their_bounds(
    pages: list[tuple[float, float]], chance: Random
) -> None:
    shuffled = chance.sample(pages, len(pages))
    worked = min(sum(work + idle for work, idle in pages), 50.0 * len(pages))
    for order in (pages, shuffled):
        assert abs(earned(order, price=1) - A_SECOND * worked) <= 2 * A_SECOND / 1000 * len(pages) + len(pages)


def test_beyond_the_bound_a_page_left_open_brings_nothing() -> None:
    assert earned([(50.0, 0.0)], 10_000) == earned([(50.0, 3_000.0)], 10_000) == 50 * A_SECOND


def test_four_accounts_of_one_person_do_not_raise_each_others_bounds_beyond_ten_times_the_hint() -> None:
    paces, longest, members = others(), [0], [Member()] * 4
    for _ in range(6):
        found = enumerate(members)
        longest = [wage.counted(page(900.0, worker=one, lease=1_000.0), paces, member) for one, member in found]
        members = [Member(pace=float(took)) for took in longest]
        paces = wage.Paces(MiddlePaces(4, 0, sorted(map(float, longest))), hint=10.0)
    assert longest == [100_000] * 4


# --- on every store -------------------------------------------------------------------------------


def begun(**changes: Any) -> History:
    """A run whose page of two items is worth 20,000 millionths, twenty seconds of the floor."""
    played = History()
    wanted = {"wage_floor": FLOOR, "prices": (10_000, 20_000), **changes}
    played.publish(publication(**wanted))
    played.execute(
        "run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}, False, 9) for n in range(8)))]
    )
    return played


def answered(history: History, worker: str = "ann", seconds: float = 30.0) -> str:
    name: str = history.take("run", worker, [])["page"]
    history.now += seconds
    history.submit(name, [{"answer": True}] * 2, seconds)
    return name


def accounts(history: History, worker: str = "ann") -> dict[str, int]:
    """What entries of each kind sum to, the same in every store."""
    found = []
    for tried in history.tried:
        row, run = tried.store.accounts.worker_by_name(worker), tried.runs.by_name(tried.store, "run")
        assert row is not None
        sums = tried.store.ledger.sums(run.id, row.id, "USD")
        member = tried.store.members.load(run.id, row.id)
        assert totals(sums)["due"] == member.earned + member.bonus
        found.append({kind: amount for kind, amount in sums.items() if amount})
    assert all(one == found[0] for one in found)
    return found[0]


def spent(history: History) -> int:
    tried = history.tried[0]
    return tried.store.runs.counters(tried.runs.by_name(tried.store, "run").id).spent


def top_ups(history: History) -> list[tuple[int, int]]:
    return [(event.amount, event.lacking) for event in history.events() if isinstance(event, ToppedUp)]


def test_a_page_that_took_longer_than_its_price_allows_for_is_topped_up_with_its_verdict() -> None:
    history = begun()
    name = answered(history, seconds=30.0)
    order = Judge("1", accepted=(name,))
    history.execute("run", [order, order])
    history.execute("run", [order])
    assert accounts(history) == {"submitted": 20_000, "accepted": 20_000, "top_up": 10_000}
    assert (spent(history), top_ups(history)) == (30_000, [(10_000, 0)])


def test_a_quick_page_makes_up_for_a_slow_one_that_comes_later_and_takes_nothing_back() -> None:
    history = begun()
    history.execute("run", [Judge("1", accepted=(answered(history, seconds=10.0),))])
    history.execute("run", [Judge("2", accepted=(answered(history, seconds=35.0),))])
    history.execute("run", [Judge("3", accepted=(answered(history, seconds=10.0),))])
    assert accounts(history)["top_up"] == 5_000


def test_what_a_first_page_took_beyond_its_bound_is_paid_with_a_later_one_and_goes_back_with_the_first() -> None:
    history = begun()
    slow, quick = answered(history, seconds=130.0), answered(history, seconds=30.0)
    # Two items of ten seconds by the hint: up to a hundred seconds count.
    history.execute("run", [Judge("1", accepted=(slow,))])
    assert accounts(history)["top_up"] == 80_000
    history.execute("run", [Judge("2", accepted=(quick,))])
    # All of the 160 seconds count.
    assert (accounts(history)["top_up"], spent(history)) == (120_000, 160_000)
    history.execute("run", [Judge("3", taken_back=(slow,))])
    assert (accounts(history)["top_up_back"], spent(history)) == (110_000, 30_000)
    history.execute("run", [Judge("4", taken_back=(quick,))])
    assert (accounts(history)["top_up_back"], spent(history)) == (120_000, 0)


def test_who_leaves_the_first_page_open_for_ever_and_hurries_then_has_no_more_than_the_bounds_of_all() -> None:
    history = begun()
    pages = [answered(history, seconds=500.0), *(answered(history, seconds=5.0) for _ in range(3))]
    for number, name in enumerate(pages):
        history.execute("run", [Judge(str(number), accepted=(name,))])
    # Four pages of a hundred seconds at most, of which 80,000 are their prices.
    assert accounts(history)["top_up"] == 4 * 100_000 - 80_000


def test_a_page_that_is_rejected_after_all_gives_back_what_it_brought_on_top_and_brings_it_again() -> None:
    history = begun()
    name = answered(history, seconds=30.0)
    history.execute("run", [Judge("1", accepted=(name,)), Judge("2", taken_back=(name,))])
    assert (accounts(history)["top_up_back"], spent(history)) == (10_000, 0)
    history.execute("run", [Judge("3", accepted=(name,)), Judge("4", accepted=(name,))])
    assert (accounts(history)["top_up"], spent(history)) == (20_000, 30_000)
    assert top_ups(history) == [(10_000, 0), (-10_000, 0), (10_000, 0)]


def test_what_a_quick_page_has_made_up_for_is_paid_once_it_counts_no_more() -> None:
    history = begun()
    quick, slow = answered(history, seconds=10.0), answered(history, seconds=30.0)
    history.execute("run", [Judge("1", accepted=(quick, slow))])
    assert "top_up" not in accounts(history)
    history.execute("run", [Judge("2", taken_back=(quick,))])
    assert accounts(history)["top_up"] == 10_000
    # It is the slow page's: nothing is kept for work of which none counts.
    history.execute("run", [Judge("3", taken_back=(slow,))])
    assert (accounts(history)["top_up_back"], spent(history)) == (10_000, 0)


def test_an_appeal_that_is_upheld_brings_the_floor_as_well() -> None:
    history = begun()
    name = answered(history, seconds=30.0)
    history.execute("run", [Judge("1", rejected=(name,))])
    history.appeal(name, "I looked at each")
    history.decide(name, "upheld", "")
    assert accounts(history)["top_up"] == 10_000


def test_what_the_budget_does_not_reach_for_is_told_and_paid_once_it_does() -> None:
    history = begun(budget=55_000)
    for number, worker in enumerate(("ann", "bob")):
        history.execute("run", [Judge(f"{number}", accepted=(answered(history, worker, 30.0),))])
    assert (top_ups(history), spent(history)) == ([(10_000, 0), (5_000, 5_000)], 55_000)
    wanted = history.tried[0].runs.by_name(history.tried[0].store, "run").publication
    raised = Republish("more", replace(wanted, budget=90_000))
    history.execute("run", [raised, raised])
    assert accounts(history, "bob")["top_up"] == 10_000
    assert (spent(history), top_ups(history)[-1][1]) == (60_000, 0)
    assert not any(isinstance(event, NotPaid) for event in history.events())


def test_what_was_paid_once_the_budget_was_raised_goes_back_with_the_page_that_lacked_it() -> None:
    history = begun(budget=45_000)
    first, second = answered(history, seconds=30.0), answered(history, seconds=30.0)
    # The budget is spent but for 5,000: the first page lacks 5,000 of its 10,000, the second all of them.
    history.execute("run", [Judge("1", accepted=(first, second))])
    wanted = history.tried[0].runs.by_name(history.tried[0].store, "run").publication
    history.execute("run", [Republish("more", replace(wanted, budget=90_000))])
    assert (accounts(history)["top_up"], top_ups(history)[-1]) == (20_000, (15_000, 0))
    history.execute("run", [Judge("2", taken_back=(second,))])
    assert (accounts(history)["top_up_back"], spent(history)) == (10_000, 30_000)
    history.execute("run", [Judge("3", taken_back=(first,))])
    assert (accounts(history)["top_up_back"], spent(history)) == (20_000, 0)


def test_what_an_older_page_lacks_is_its_own_when_a_newer_one_finds_money_for_both() -> None:
    history = begun(budget=65_000)
    older, *others = (answered(history, worker, 30.0) for worker in ("ann", "bob", "eve"))
    history.execute("run", [Judge("1", accepted=(older,))])
    assert top_ups(history) == [(5_000, 5_000)]
    history.execute("run", [Judge("2", rejected=(others[0],))])
    newer = answered(history, "ann", 30.0)
    history.execute("run", [Judge("3", rejected=(others[1],)), Judge("4", accepted=(newer,))])
    assert top_ups(history)[-1] == (15_000, 0)
    # Nothing is kept for work of which none counts.
    history.execute("run", [Judge("5", taken_back=(newer,)), Judge("6", taken_back=(older,))])
    assert (accounts(history, "ann")["top_up_back"], spent(history)) == (20_000, 0)


def test_a_change_that_brings_nobody_anything_tells_of_nothing() -> None:
    history = begun(budget=40_000)
    history.execute("run", [Judge("1", accepted=(answered(history, seconds=30.0), answered(history, seconds=30.0)))])
    told, first = top_ups(history), history.tried[0]
    wanted = first.runs.by_name(first.store, "run").publication
    history.execute("run", [Republish("other", replace(wanted, lease=300.0))])
    assert told == top_ups(history) == [(0, 10_000), (0, 20_000)]


def test_what_was_lacking_is_shared_out_to_the_newest_pages_that_lack_it() -> None:
    publish = publication(wage_floor=FLOOR)
    pages = [(replace(page(None), counted=milliseconds), paid) for milliseconds, paid in ((30_000, 0), (5_000, 0))]
    older = replace(page(None), counted=40_000), 25_000
    # Prices are 10,000: the newest lacks 20,000, the next nothing, the oldest 5,000.
    assert wage.shared_out(publish, 22_000, [*pages, older]) == [20_000, 0, 2_000]
    assert wage.shared_out(publish, 26_000, [*pages, older]) == [20_000, 0, 6_000]
    assert wage.shared_out(publish, 0, []) == []


def test_a_floor_cannot_change_once_people_work_by_it() -> None:
    history = begun()
    wanted = history.tried[0].runs.by_name(history.tried[0].store, "run").publication
    refused = history.execute("run", [Republish("less", replace(wanted, wage_floor=0))])
    assert (refused["status"], refused["details"]) == (409, {"fields": ["wage_floor"]})


@pytest.mark.parametrize("floor", [-1, 10**16])
def test_a_floor_that_is_no_amount_is_refused(floor: int) -> None:
    with pytest.raises(Refused, match="wage_floor: expected 0 to"):
        check_publication(publication(wage_floor=floor))


def test_workers_and_requesters_read_the_bounds_that_count() -> None:
    told = (Path(__file__).parents[2] / "ui/src/lib/wage.ts").read_text()
    assert f"{{ patience: {wage.PATIENCE}, widest: {wage.WIDEST} }}" in told
