"""A worker whose account is closed, on every store."""

from __future__ import annotations

from tests.issue.histories import History, likes, publication

from dataforge.records import (
    FOREVER,
    AddItems,
    Allow,
    Item,
    PageExpired,
    PageTaken,
    Restrict,
    WorkerAllowed,
    WorkerJoined,
    WorkerRestricted,
)


def with_a_page_of_all() -> History:
    """A run of two items and the money for one page, which ann holds."""
    history = History()
    history.publish(publication(task=likes, budget=20))
    history.execute("run", [AddItems("add", tuple(Item(key, {"caption": key}) for key in ("a", "b")))])
    history.take("run", "ann", [])
    return history


def test_what_who_is_shut_out_holds_goes_to_others_at_once() -> None:
    history = with_a_page_of_all()
    assert history.take("run", "bob", [])[0] == "budget"
    history.shut_out("ann")
    assert [type(event) for event in history.events()] == [WorkerJoined, PageTaken, WorkerRestricted, PageExpired]
    assert history.events()[2].until == FOREVER
    assert len(history.take("run", "bob", [])["shown"]) == 2, "the places and the money are free"


def test_the_run_hears_what_holds_when_who_was_shut_out_is_let_in() -> None:
    history = with_a_page_of_all()
    history.shut_out("ann")
    told = len(history.events())
    soon, reason = history.now + 60, {"en": "too fast"}
    history.execute("run", [Allow("allow", "ann"), Restrict("restrict", "ann", soon, reason)])
    history.shut_out("ann")
    assert history.events()[told:] == [], "to the run nothing has changed"
    history.let_in("ann")
    assert history.events()[told:] == [WorkerRestricted(told + 1, history.now, "ann", soon, reason)]
    history.shut_out("ann")
    history.now = soon
    history.let_in("ann")
    assert history.events()[-1] == WorkerAllowed(told + 3, soon, "ann")
