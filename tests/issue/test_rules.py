"""The rules of issue as tables: what goes in, what must come out."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from msgspec.structs import asdict, replace
from tests.issue.histories import publication

from dataforge.issue import rules
from dataforge.issue.rows import Counters, Member, PageRow, PageState, Span
from dataforge.issue.rules import ClosedReason

STATES: tuple[PageState, ...] = get_args(get_args(PageState)[0])


# --- states of a page -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "nexts"),
    [
        ("held", {"submitted", "expired", "skipped", "released"}),
        ("expired", {"submitted", "late"}),
        ("submitted", {"accepted", "rejected"}),
        ("accepted", {"rejected"}),
        ("rejected", {"accepted"}),
        ("skipped", set()),
        ("released", {"held"}),
        ("late", set()),
    ],
)
def test_a_page_moves_only_where_it_may(state: PageState, nexts: set[PageState]) -> None:
    assert {other for other in STATES if rules.may_become(state, other)} == nexts


def test_every_state_can_be_reached() -> None:
    reached = {other for state in STATES for other in STATES if rules.may_become(state, other)}
    assert reached == set(STATES)


def test_answers_count_from_submission_on_whatever_the_verdict() -> None:
    assert {"submitted"} | {other for other in STATES if rules.may_become("submitted", other)} == rules.COUNTED


# --- why a run is closed to a worker --------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "until", "spent", "reason"),
    [
        ("open", 0.0, 0, None),
        ("open", 100.0, 0, None),  # the restriction ends now
        ("open", 100.5, 0, "restricted"),
        ("paused", 0.0, 0, "paused"),
        ("closed", 0.0, 0, "finished"),
        ("open", 0.0, 90, None),  # the smallest page still fits
        ("open", 0.0, 91, "budget"),
        # Of several reasons the worker reads the one that lasts longest.
        ("closed", 100.5, 91, "finished"),
        ("paused", 100.5, 91, "restricted"),
        ("paused", 0.0, 91, "paused"),
    ],
)
def test_why_a_run_has_no_page(state: Any, until: float, spent: int, reason: ClosedReason | None) -> None:
    run = publication(budget=100)
    found = rules.closed_reason(run, Counters(state=state, spent=spent), Member(until=until), 100.0)
    assert found == reason


@pytest.mark.parametrize(("seen", "there", "reason"), [(0, 0, "no_items"), (3, 3, "all_done"), (2, 3, "busy")])
def test_a_worker_who_has_seen_all_is_done_and_others_wait(seen: int, there: int, reason: ClosedReason) -> None:
    counters, member = Counters(reals=there), Member(reals=seen)
    assert rules.exhausted(publication(), counters, member) == reason
    assert rules.exhausted(publication(checks="run"), counters, member) == "no_answers"


@pytest.mark.parametrize(
    ("most", "accepted", "pending", "held", "waits"),
    [(None, 0, 99, 2, False), (2, 0, 1, 0, False), (2, 0, 1, 1, True), (2, 0, 2, 0, True), (2, 3, 4, 0, False)],
)
def test_with_each_page_that_was_accepted_one_more_may_wait(
    most: int | None, accepted: int, pending: int, held: int, waits: bool
) -> None:
    run, member = publication(most_waiting=most), Member(pages_accepted=accepted, pages_pending=pending)
    assert rules.waits_for_verdicts(run, member, held) is waits
    assert (rules.closed_reason(run, Counters(), member, 0.0) == "judging") is (waits and not held)


@pytest.mark.parametrize(
    ("budget", "spent", "exceeds"), [(None, 10**15, False), (0, 0, False), (5, 5, False), (5, 6, True)]
)
def test_a_budget_may_be_used_up_and_not_exceeded(budget: int | None, spent: int, exceeds: bool) -> None:
    assert rules.exceeds_budget(publication(budget=budget), spent) is exceeds


@pytest.mark.parametrize(
    ("budget", "spent", "price", "most"),
    [
        # Of the 60 free places they hold half, a page of three at a time.
        (None, 0, 10, 30),
        (10**6, 0, 10, 30),
        # The rest pays for ten pages, and for eleven with the last one cut.
        (500, 100, 10, 15),
        (530, 100, 10, 15),
        (300, 60, 10, 12),  # for six pages: a household has four of them
        (100, 100, 0, 30),  # pages that cost nothing
    ],
)
def test_newcomers_leave_room_in_what_can_still_be_paid(budget: int | None, spent: int, price: int, most: int) -> None:
    run = publication(real_per_page=3, control_per_page=1, budget=budget, prices=[price * size for size in range(1, 5)])
    held = 0
    # What they hold was free, and costs.
    while rules.leaves_room(run, Counters(free=60 - held, spent=spent + held // 3 * 4 * price), held, 0):
        held += 3
    assert held == most


def test_newcomers_of_two_addresses_leave_a_page_to_a_third_by_the_same_invitation() -> None:
    run = publication(real_per_page=3, control_per_page=0, prices=[1, 2, 3])
    by_address = [0, 0]
    for address in (0, 1):
        while rules.leaves_room(run, Counters(free=600 - sum(by_address)), by_address[address], sum(by_address)):
            by_address[address] += 3
    # The invitation leaves a quarter free.
    assert by_address == [300, 150]
    assert rules.leaves_room(run, Counters(free=150), 0, 450)
    # A household's few, and no more.
    assert [rules.leaves_room(run, Counters(free=141), held, 450 + held) for held in (9, 12)] == [True, False]


# --- what a page is made of -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "reals", "most", "controls"),
    [
        ((6, 3), 6, 3, 3),
        ((6, 3), 7, 3, 3),  # control items have run out: more real ones take their places
        ((6, 3), 6, 1, 1),
        ((6, 3), 4, 3, 2),
        ((6, 3), 3, 3, 2),  # 1.5 is rounded up
        ((6, 3), 1, 3, 1),
        ((6, 3), 4, 1, 1),
        ((9, 1), 1, 1, 1),  # a page that is not full has a control item, too
        ((9, 1), 1, 0, 0),
        ((2, 0), 1, 0, 0),
    ],
)
def test_control_items_come_in_their_usual_share(page: tuple[int, int], reals: int, most: int, controls: int) -> None:
    run = publication(real_per_page=page[0], control_per_page=page[1])
    assert rules.controls_beside(run, reals, most) == controls


RUN = Counters(reals=600, controls=30, free=1800, fresh=90, workers=9)
AT_WORK = Member(reals=96, controls=4, checked=3)


@pytest.mark.parametrize(
    ("counters", "member", "due"),
    [
        (RUN, Member(), (2, 2)),  # a newcomer
        (RUN, replace(AT_WORK, checked=0), (0, 2)),  # after a rejected page they need not be fresh
        (replace(RUN, workers=200), Member(), (0, 2)),  # nor on first pages, where many have come
        # 10 fresh ones for each of nine people, who may do 21 pages more: 10 / (10 * log(1 + 21 / 10)) a page.
        (RUN, AT_WORK, (0, 0)),
        (replace(RUN, fresh=120, controls=40), AT_WORK, (1, 0)),
        (replace(RUN, fresh=0), AT_WORK, (0, 0)),
        (replace(RUN, fresh=0), replace(AT_WORK, unchecked=4), (1, 1)),  # a check is due, fresh or not
        (replace(RUN, fresh=900, controls=300), AT_WORK, (2, 0)),  # they suffice for every page
        (RUN, replace(AT_WORK, controls=29, reals=71), (0, 0)),  # one is left for the worker
        (RUN, replace(AT_WORK, controls=30, reals=70, unchecked=4), (0, 0)),  # none is
    ],
)
def test_fresh_control_items_are_dealt_so_that_they_last(
    counters: Counters, member: Member, due: tuple[int, int]
) -> None:
    run = publication(real_per_page=8, control_per_page=2)
    assert rules.controls_due(run, counters, member, 0.0)[:2] == due
    # What is left over is dealt by chance.
    assert rules.controls_due(run, counters, member, 0.999)[0] in (due[0], due[0] + 1)


PLENTY = replace(RUN, fresh=900, controls=300)


@pytest.mark.parametrize(
    ("counters", "member", "wish", "due"),
    [
        (PLENTY, AT_WORK, 0.3, (0, 0)),  # without the wish there are two on every page
        (PLENTY, AT_WORK, 1.5, (1, 0)),
        (PLENTY, AT_WORK, 2.0, (2, 2)),  # as many as there may be are needed
        (RUN, AT_WORK, 2.0, (0, 2)),  # by others, where fresh ones have to last
        (RUN, AT_WORK, 1.5, (0, 0)),  # fewer come from fresh ones alone
        (PLENTY, replace(AT_WORK, unchecked=4), 0.0, (1, 1)),  # what is overdue comes whatever is wished
        (PLENTY, replace(AT_WORK, checked=0), 0.0, (0, 2)),  # and so does all that a stranger's page needs
        (replace(RUN, workers=300, controls=100), replace(AT_WORK, controls=10), 0.0, (0, 0)),
        (replace(RUN, workers=300, controls=100), replace(AT_WORK, controls=10), None, (0, 2)),
    ],
)
def test_of_control_items_no_more_are_dealt_than_the_run_wishes(
    counters: Counters, member: Member, wish: float | None, due: tuple[int, int]
) -> None:
    run, wished = publication(real_per_page=8, control_per_page=2), replace(member, control_wish=wish)
    assert rules.controls_due(run, counters, wished, 0.0)[:2] == due


def test_a_wish_for_a_third_of_a_control_item_is_one_on_every_third_page() -> None:
    run, member = publication(real_per_page=8, control_per_page=2), replace(AT_WORK, control_wish=1 / 3)
    dealt = [rules.controls_due(run, PLENTY, member, chance / 300).fresh for chance in range(300)]
    assert (max(dealt), sum(dealt)) == (1, 100)


@pytest.mark.parametrize(
    ("budget", "spent", "reals", "controls", "page"),
    [
        (None, 10**9, 6, 3, (6, 3)),
        (90, 0, 6, 3, (6, 3)),
        (150, 90, 6, 3, (4, 2)),  # six items of ten each, a third of them control items
        (150, 91, 6, 3, (3, 2)),
        (150, 120, 6, 3, (2, 1)),
        (150, 130, 6, 3, (1, 1)),
        (150, 131, 6, 3, (0, 1)),  # a control item alone is no page
        (150, 140, 6, 0, (1, 0)),
        (150, 141, 6, 0, (0, 0)),
    ],
)
def test_a_page_is_cut_to_what_is_left_of_the_budget(
    budget: int | None, spent: int, reals: int, controls: int, page: tuple[int, int]
) -> None:
    prices = tuple(10 * size for size in range(1, 10))
    run = publication(prices=prices, real_per_page=6, control_per_page=3, budget=budget)
    assert rules.affordable(run, spent, reals, controls) == page


@pytest.mark.parametrize(("last", "coin", "side"), [(None, 0, 0), (None, 1, 1), (0, 0, 1), (0, 1, 1), (1, 1, 0)])
def test_the_first_side_is_chance_and_then_they_alternate(last: int | None, coin: int, side: int) -> None:
    assert rules.next_side(last, coin) == side


# --- what becomes of a worker in a run ------------------------------------------------------------

PAGE = PageRow(1, b"page", 1, 1, "ann", "held", 30, (1, 2, 3), None, 0.0, 600.0, 600.0, controls=1, newcomer=False)
BEFORE = Member(
    joined=1.0,
    active=2.0,
    accounted=3.0,
    worked_from=2.5,
    worked_until=3.5,
    position=40,
    reals=5,
    controls=6,
    responses=7,
    pages_pending=2,
    pages_accepted=3,
    pages_rejected=4,
    earned=500,
    pending=600,
    control_position=50,
    recycled_position=60,
    checked=8,
    unchecked=2,
    until=9.0,
    reason={"en": "why"},
)


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (rules.passed(BEFORE, {0: 70}), {"position": 70}),
        (
            rules.took_page(BEFORE, {0: 80, 2: 90}, 2, 1, 20.0),
            {"active": 20.0, "position": 80, "position_2": 90, "reals": 7, "controls": 7, "unchecked": 0},
        ),
        (
            rules.took_page(BEFORE, {0: 80, 2: 90}, 3, 0, 20.0),
            {"active": 20.0, "position": 80, "position_2": 90, "reals": 8, "unchecked": 3},
        ),
        (rules.took_again(BEFORE, 20.0), {"active": 20.0}),
        (
            rules.submitted_page(BEFORE, PAGE, 20.0, 12.0),
            {
                "active": 20.0,
                "accounted": 15.0,
                "worked_from": 8.0,
                "worked_until": 20.0,
                "responses": 10,
                "checked": 9,
                "pages_pending": 3,
                "pending": 630,
            },
        ),
        (
            rules.judged_page(BEFORE, PAGE, accepted=True),
            {"pages_pending": 1, "pages_accepted": 4, "pending": 570, "earned": 530},
        ),
        (
            rules.judged_page(BEFORE, PAGE, accepted=False),
            {"pages_pending": 1, "pages_rejected": 5, "pending": 570, "checked": 0},
        ),
        (
            rules.judged_page(BEFORE, replace(PAGE, controls=0), accepted=False),
            {"pages_pending": 1, "pages_rejected": 5, "pending": 570},
        ),
        (
            rules.accepted_after_all(BEFORE, PAGE),
            {"pages_accepted": 4, "pages_rejected": 3, "earned": 530, "checked": 9},
        ),
    ],
    ids=[
        "passed",
        "took",
        "took without control items",
        "took again",
        "submitted",
        "accepted",
        "rejected",
        "rejected without control items",
        "accepted after all",
    ],
)
def test_what_happens_changes_what_it_says_and_nothing_else(after: Member, changed: dict[str, Any]) -> None:
    assert asdict(after) == asdict(BEFORE) | changed


def test_a_worker_joins_with_the_first_page() -> None:
    first = rules.took_page(Member(), {0: 80}, 2, 1, 20.0)
    assert (first.joined, rules.took_page(first, {0: 90}, 2, 1, 30.0).joined) == (20.0, 20.0)


@pytest.mark.parametrize("accepted", [True, False])
def test_money_that_waits_is_earned_or_lost(accepted: bool) -> None:
    worked = rules.submitted_page(Member(), PAGE, 1.0, 1.0)
    judged = rules.judged_page(worked, PAGE, accepted=accepted)
    assert (judged.pending, judged.pages_pending) == (0, 0)
    assert judged.earned == (30 if accepted else 0)


@pytest.mark.parametrize(
    ("accounted", "taken", "had"),
    [
        (0.0, 100.0, 34.0),
        # The page before it took its time.
        (120.0, 100.0, 14.0),
        (134.0, 100.0, 0.0),
        # The clock was set back.
        (0.0, None, None),
        (0.0, 150.0, None),
        (150.0, 100.0, None),
    ],
)
def test_a_worker_had_the_time_that_no_other_page_took(
    accounted: float, taken: float | None, had: float | None
) -> None:
    time = rules.time_for(Member(accounted=accounted), taken, 134.0)
    assert (None if time is None else time.seconds) == had


@pytest.mark.parametrize(
    ("spent", "left"),
    [
        ([], 60.0),
        ([Span(0, 100), Span(160, 180)], 60.0),
        # In the other run time was spent before, in between, behind.
        ([Span(0, 120)], 40.0),
        ([Span(110, 120)], 50.0),
        ([Span(135, 170)], 35.0),
        # In two others, partly the same.
        ([Span(110, 125), Span(90, 120)], 35.0),
        # Nothing is left of it: the runs share.
        ([Span(100, 160)], 30.0),
        ([Span(0, 160), Span(90, 170)], 20.0),
    ],
)
def test_what_was_spent_in_other_runs_is_taken_off(spent: list[Span], left: float) -> None:
    had = Span(100.0, 160.0)
    assert rules.time_left(had, rules.beside(had, spent)) == left


@pytest.mark.parametrize(
    ("told", "beside", "spent"),
    [
        # Told: what is left stays for the page that was held beside it.
        (17.0, 1, 17.0),
        (34.0, 1, 34.0),
        # Nothing told, or more than there was: the pages that are held share.
        (None, 0, 34.0),
        (None, 1, 17.0),
        (600.0, 0, 34.0),
        (600.0, 1, 17.0),
        # A device whose clock is a little fast is not taken for a liar.
        (35.0, 1, 33.0),
    ],
)
def test_a_page_takes_what_it_tells_or_its_share(told: float | None, beside: int, spent: float) -> None:
    assert rules.time_spent(34.0, told, beside) == spent
