"""The pages of a run: which are out, and for how long."""

from __future__ import annotations

from dataforge.runs.core.pages import SUBMITTED, Pages

LEASE = 600.0


def test_no_page_is_out_where_none_is_held() -> None:
    pages = Pages()
    pages.status[pages.add("a", 0, 5, 100.0)] = SUBMITTED
    assert pages.held(LEASE) == (0, None)


def test_a_page_is_out_for_its_lease_and_the_one_fetched_ahead_for_another_one() -> None:
    pages = Pages()
    pages.add("first", 3, 5, 100.0)
    assert pages.held(LEASE) == (5, 700.0)
    pages.add("ahead", 3, 5, 101.0)
    assert pages.held(LEASE) == (10, 1300.0), "its lease begins when the first one is finished, at 700 at the latest"
    pages.add("other", 1, 4, 650.0)
    assert pages.held(LEASE) == (14, 1300.0)


def test_the_lease_of_a_page_fetched_ahead_begins_when_the_one_before_was_sent() -> None:
    pages = Pages()
    first = pages.add("first", 3, 5, 100.0)
    pages.add("ahead", 3, 5, 101.0)
    pages.status[first], pages.submitted_at[first] = SUBMITTED, 400.0
    assert pages.held(LEASE) == (5, 1000.0)
    other = pages.add("other", 1, 4, 90.0)
    pages.status[other], pages.submitted_at[other] = SUBMITTED, 900.0
    assert pages.held(LEASE) == (5, 1000.0), "what others sent says nothing of it"
