"""The rules that every platform keeps; the run relies on nothing else."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

import dataforge as df
from dataforge.errors import Refused
from dataforge.records import (
    AddItems,
    Allow,
    Item,
    Judge,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    Publication,
    Restrict,
    SetState,
    Want,
    Withhold,
    WorkerJoined,
    unit_price,
)

numbers = count(1)
WHY = {"en": "too fast", "ru": "слишком быстро"}


@df.task(duration="10s")
def likes(caption: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@df.task(duration="10s")
def better(left: df.Text, right: df.Text) -> df.SideBySide:
    """Which is better?"""
    raise NotImplementedError


@pytest.fixture
def publish(house: Any) -> Callable[..., str]:
    """Publish a run with items and control items; gives its name."""

    def put(real: int = 4, controls: int = 0, wanted: int = 1, page: tuple[int, int] = (2, 0), **more: Any) -> str:
        name = f"run{next(numbers)}"
        prices = tuple(unit_price(0.01) * n for n in range(1, sum(page) + 1))
        publication = Publication(name, likes.spec(), prices, page[0], page[1], **{"lease": 600.0, **more})
        house.platform.publish(publication)
        house.platform.publish(publication)
        items = [Item(f"control{n}", {"caption": f"control {n}"}, True) for n in range(controls)]
        items += [Item(f"item{n}", {"caption": f"item {n}"}, wanted=wanted) for n in range(real)]
        house.platform.execute(name, [AddItems("add", tuple(items))])
        return name

    return put


def answer(house: Any, run: str, worker: str, page: tuple[str, list[str]]) -> int:
    return house.submit(run, worker, page[0], [{"answer": True} for _ in page[1]])


def work(house: Any, run: str, worker: str) -> list[str]:
    """Answer pages until there are none; the captions seen."""
    seen: list[str] = []
    while (page := house.take(run, worker, [])) is not None:
        seen += page[1]
        assert answer(house, run, worker, page) == 200
    return seen


def test_a_worker_sees_every_item_once(house: Any, publish: Any) -> None:
    run = publish(real=5, wanted=3)
    assert sorted(work(house, run, "ann")) == [f"item {n}" for n in range(5)]
    assert house.closed(run, "ann") == "all_done"


def test_overlap_is_never_exceeded(house: Any, publish: Any) -> None:
    run = publish(real=6, wanted=2)
    seen = [caption for worker in ("ann", "bob", "eve") for caption in work(house, run, worker)]
    assert sorted(seen) == sorted([f"item {n}" for n in range(6)] * 2)


def test_a_page_has_the_real_and_control_items_asked_for(house: Any, publish: Any) -> None:
    run = publish(real=6, controls=4, page=(3, 2))
    _, captions = house.take(run, "ann", [])
    assert sum(caption.startswith("control") for caption in captions) == 2
    assert len(captions) == 5


def test_a_worker_who_has_seen_all_control_items_goes_on_with_real_ones(house: Any, publish: Any) -> None:
    run = publish(real=9, controls=2, page=(3, 1))
    seen = work(house, run, "ann")
    assert len(seen) == len(set(seen)) == 11


def test_what_happens_is_told_in_order(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=2)
    page = house.take(run, "ann", [])
    answer(house, run, "ann", page)
    joined, taken, submitted = all_events(house.platform, run)
    assert isinstance(joined, WorkerJoined)
    assert isinstance(taken, PageTaken)
    assert isinstance(submitted, PageSubmitted)
    assert joined.worker == taken.worker == submitted.worker
    assert taken.page == submitted.page == page[0]
    assert [key.replace("item", "item ") for key in taken.items] == page[1]
    assert submitted.items == taken.items
    assert submitted.answers == ({"answer": True},) * 2
    assert joined.cursor < taken.cursor < submitted.cursor
    assert submitted.seconds >= 0


def test_events_are_read_by_cursor(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=4)
    work(house, run, "ann")
    everything = all_events(house.platform, run)
    assert all_events(house.platform, run, everything[1].cursor) == everything[2:]
    assert house.platform.poll(run, everything[-1].cursor, 0).events == ()


def test_submitting_twice_counts_once(house: Any, publish: Any, all_events: Any) -> None:
    run = publish()
    page = house.take(run, "ann", [])
    assert answer(house, run, "ann", page) == 200
    assert answer(house, run, "ann", page) == 200
    assert sum(isinstance(event, PageSubmitted) for event in all_events(house.platform, run)) == 1


def test_a_wrong_number_of_answers_is_refused(house: Any, publish: Any) -> None:
    run = publish()
    page, _ = house.take(run, "ann", [])
    assert house.submit(run, "ann", page, [{"answer": True}]) == 422


def test_a_skipped_page_goes_to_others_and_not_to_the_same_worker(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=2)
    page, captions = house.take(run, "ann", [])
    house.skip(run, "ann", page)
    assert house.take(run, "ann", []) is None
    assert sorted(work(house, run, "bob")) == sorted(captions)
    assert any(isinstance(event, PageSkipped) for event in all_events(house.platform, run))


def test_a_page_fetched_ahead_and_released_goes_to_others(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=4)
    first, _ = house.take(run, "ann", [])
    ahead, captions = house.take(run, "ann", [first])
    assert house.release(run, "ann", ahead) == 200
    assert sorted(work(house, run, "bob")) == sorted(captions)
    assert any(isinstance(event, PageReleased) for event in all_events(house.platform, run))


def test_an_answer_that_is_none_is_refused(house: Any, publish: Any, all_events: Any) -> None:
    run = publish()
    page, captions = house.take(run, "ann", [])
    assert house.submit(run, "ann", page, [{"answer": "maybe"} for _ in captions]) == 422
    assert house.submit(run, "ann", page, [{"answer": None} for _ in captions]) == 422
    assert not any(isinstance(event, PageSubmitted) for event in all_events(house.platform, run))
    assert house.submit(run, "ann", page, [{"answer": True} for _ in captions]) == 200


def test_answers_after_the_lease_count_while_every_place_is_free(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=2, lease=0.2)
    page = house.take(run, "ann", [])
    house.wait(1.0)
    assert answer(house, run, "ann", page) == 200
    told = [type(event) for event in all_events(house.platform, run)]
    assert told == [WorkerJoined, PageTaken, PageExpired, PageTaken, PageSubmitted]


def test_answers_after_the_lease_do_not_count_once_a_place_is_taken(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=2, lease=0.2)
    page = house.take(run, "ann", [])
    house.wait(1.0)
    other = house.take(run, "bob", [])
    assert answer(house, run, "ann", page) == 409
    assert answer(house, run, "bob", other) == 200
    assert sum(isinstance(event, PageSubmitted) for event in all_events(house.platform, run)) == 1


def test_a_page_that_was_shown_cannot_be_released(house: Any, publish: Any, all_events: Any) -> None:
    run = publish()
    page, _ = house.take(run, "ann", [])
    assert house.release(run, "ann", page) == 409
    assert not any(isinstance(event, PageReleased) for event in all_events(house.platform, run))


def test_more_answers_to_an_unknown_item_are_refused_and_nothing_of_the_commands_is_done(
    house: Any, publish: Any
) -> None:
    run = publish(real=1)
    commands = [SetState("pause", "paused"), Want("more", {"item0": 2, "no such item": 2})]
    with pytest.raises(Refused) as refusal:
        house.platform.execute(run, commands)
    assert (refusal.value.status, refusal.value.code) == (422, "item_unknown")
    assert house.take(run, "ann", []) is not None


def test_two_sides_are_shown_the_other_way_each_time_and_put_right(house: Any, all_events: Any) -> None:
    run = f"run{next(numbers)}"
    house.platform.publish(Publication(run, better.spec(), (1, 2, 3), 3, 0, lease=600.0))
    items = tuple(Item(f"item{n}", {"left": "good", "right": "bad"}, wanted=4) for n in range(3))
    house.platform.execute(run, [AddItems("add", items)])
    shown = []
    for worker in ("ann", "bob", "cem", "eve"):
        page, lefts = house.take(run, worker, [])
        shown += lefts
        answers = [{"answer": "left" if left == "good" else "right"} for left in lefts]
        assert house.submit(run, worker, page, answers) == 200
    assert (shown.count("good"), shown.count("bad")) == (6, 6)
    submitted = [event for event in all_events(house.platform, run) if isinstance(event, PageSubmitted)]
    assert [answer for event in submitted for answer in event.answers] == [{"answer": "left"}] * 12


def test_a_worker_holds_two_pages_at_most(house: Any, publish: Any) -> None:
    run = publish(real=8)
    first, _ = house.take(run, "ann", [])
    second, _ = house.take(run, "ann", [first])
    assert first != second
    assert house.take(run, "ann", [first, second]) is None


def test_accepting_pays_and_rejecting_gives_the_places_back(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=4)
    good, bad = house.take(run, "ann", []), house.take(run, "bob", [])
    answer(house, run, "ann", good)
    answer(house, run, "bob", bad)
    house.platform.execute(run, [Judge("judge", (good[0],), (bad[0],), {bad[0]: WHY})])
    verdicts = {e.page: e for e in all_events(house.platform, run) if isinstance(e, PageJudged)}
    assert (verdicts[good[0]].accepted, verdicts[good[0]].amount) == (True, unit_price(0.02))
    assert (verdicts[bad[0]].accepted, verdicts[bad[0]].amount) == (False, 0)
    assert sorted(work(house, run, "eve")) == sorted(bad[1])


def test_the_first_verdict_stands(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=2)
    page = house.take(run, "ann", [])
    answer(house, run, "ann", page)
    house.platform.execute(run, [Judge("one", (page[0],))])
    house.platform.execute(run, [Judge("two", (), (page[0],), {page[0]: WHY}), Judge("three", (page[0],))])
    verdicts = [event for event in all_events(house.platform, run) if isinstance(event, PageJudged)]
    assert [verdict.accepted for verdict in verdicts] == [True]


def test_a_rejected_page_may_be_accepted_later_and_is_paid_once(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=2)
    page = house.take(run, "ann", [])
    answer(house, run, "ann", page)
    for key, verdict in (("one", ((), (page[0],))), ("two", ((page[0],), ())), ("three", ((page[0],), ()))):
        house.platform.execute(run, [Judge(key, *verdict)])
    verdicts = [event for event in all_events(house.platform, run) if isinstance(event, PageJudged)]
    assert [(verdict.accepted, verdict.amount) for verdict in verdicts] == [(False, 0), (True, unit_price(0.02))]


def test_a_control_item_that_is_wanted_no_more_is_shown_no_more(house: Any, publish: Any) -> None:
    run = publish(real=4, controls=2, page=(2, 1))
    house.platform.execute(run, [Want("broken", {"control0": 0})])
    assert "control 0" not in work(house, run, "ann")


def test_a_command_of_a_known_key_is_skipped(house: Any, publish: Any) -> None:
    run = publish(real=2)
    assert len(work(house, run, "ann")) == 2
    house.platform.execute(run, [Want("more", {"item0": 2})])
    house.platform.execute(run, [Want("more", {"item0": 2, "item1": 2})])
    assert work(house, run, "bob") == ["item 0"]


def test_an_item_that_is_there_already_is_left_as_it_is(house: Any, publish: Any) -> None:
    run = publish(real=1)
    house.platform.execute(run, [AddItems("again", (Item("item0", {"caption": "item 0"}, wanted=5),))])
    assert work(house, run, "ann") == ["item 0"]
    assert work(house, run, "bob") == []


def test_more_wanted_answers_open_an_item_again(house: Any, publish: Any) -> None:
    run = publish(real=3)
    work(house, run, "ann")
    assert house.take(run, "bob", []) is None
    house.platform.execute(run, [Want("more", {"item1": 2})])
    assert work(house, run, "bob") == ["item 1"]


def test_a_restricted_worker_gets_no_pages_until_allowed(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=6)
    page = house.take(run, "ann", [])
    answer(house, run, "ann", page)
    worker = next(e.worker for e in all_events(house.platform, run) if isinstance(e, WorkerJoined))
    house.platform.execute(run, [Restrict("stop", worker, house.platform.now() + 3600, WHY)])
    assert house.closed(run, "ann") == "restricted"
    house.platform.execute(run, [Allow("go", worker)])
    assert house.take(run, "ann", []) is not None


@pytest.mark.parametrize(("state", "reason"), [("paused", "paused"), ("closed", "finished")])
def test_a_run_that_is_not_open_gives_out_no_pages_and_takes_those_that_are_out(
    house: Any, publish: Any, all_events: Any, state: Any, reason: str
) -> None:
    run = publish(real=6)
    page = house.take(run, "ann", [])
    house.platform.execute(run, [SetState("state", state)])
    assert answer(house, run, "ann", page) == 200
    assert house.closed(run, "ann") == reason
    assert any(isinstance(event, PageSubmitted) for event in all_events(house.platform, run))
    house.platform.execute(run, [SetState("again", "open")])
    assert house.take(run, "ann", []) is not None


def test_the_budget_bounds_what_is_given_out(house: Any, publish: Any) -> None:
    run = publish(real=10, budget=unit_price(0.04))
    assert house.take(run, "ann", []) is not None
    assert house.take(run, "bob", []) is not None
    assert house.closed(run, "eve") == "budget"


def test_a_page_is_cut_to_what_is_left_of_the_budget(house: Any, publish: Any) -> None:
    run = publish(real=20, controls=8, page=(6, 3), budget=unit_price(0.15))
    pages = [house.take(run, worker, []) for worker in ("ann", "bob")]
    # Nine items for 0.09, then as many as 0.06 pay for, a third of them control items as on every page.
    assert [sum("control" in item for item in page[1]) for page in pages] == [3, 2]
    assert [len(page[1]) for page in pages] == [9, 6]
    assert house.closed(run, "eve") == "budget"
    # What was cut off is still there for the same worker when the money comes back.
    for worker, page in zip(("ann", "bob"), pages, strict=True):
        answer(house, run, worker, page)
        house.platform.execute(run, [Judge(f"judge {worker}", (), (page[0],), {page[0]: WHY})])
    again = house.take(run, "bob", [])
    assert len(again[1]) == 9
    assert not set(again[1]) & set(pages[1][1])


def test_a_control_item_alone_is_no_page(house: Any, publish: Any) -> None:
    run = publish(real=10, controls=5, page=(2, 1), budget=unit_price(0.04))
    assert house.take(run, "ann", []) is not None
    assert house.closed(run, "bob") == "budget"


def test_a_rejected_page_gives_its_money_back_to_the_budget(house: Any, publish: Any) -> None:
    run = publish(real=10, budget=unit_price(0.02))
    page = house.take(run, "ann", [])
    answer(house, run, "ann", page)
    assert house.closed(run, "eve") == "budget"
    house.platform.execute(run, [Judge("judge", (), (page[0],), {page[0]: WHY})])
    assert house.take(run, "eve", []) is not None


def test_so_many_pages_of_a_worker_wait_for_their_verdict(house: Any, publish: Any) -> None:
    run = publish(real=10, page=(1, 0), most_waiting=2)
    first, second = house.take(run, "ann", []), None
    second = house.take(run, "ann", [first[0]])
    assert second is not None
    answer(house, run, "ann", first)
    answer(house, run, "ann", second)
    assert house.closed(run, "ann") == "judging"
    assert house.take(run, "bob", []) is not None
    house.platform.execute(run, [Judge("judge", (first[0],), (second[0],), {second[0]: WHY})])
    for _ in range(3):
        answer(house, run, "ann", house.take(run, "ann", []))
    assert house.closed(run, "ann") == "judging", "one more, for the one that was accepted"


def test_what_is_withheld_from_a_worker_goes_to_others(house: Any, publish: Any, all_events: Any) -> None:
    run = publish(real=1, wanted=2, page=(1, 0), checks="another")
    assert work(house, run, "ann") == ["item 0"]
    [ann] = [event.worker for event in all_events(house.platform, run) if isinstance(event, WorkerJoined)]
    items = tuple(Item(key, {"caption": key}, wanted=2) for key in ("hers", "his"))
    house.platform.execute(run, [AddItems("more", items), Withhold("authors", {"hers": (ann,)})])
    assert work(house, run, "ann") == ["his"]
    assert sorted(work(house, run, "bob")) == ["hers", "his", "item 0"]
    assert house.closed(run, "ann") == house.closed(run, "bob") == "no_answers", "nobody is told what is their own"


def test_a_name_that_is_taken_by_another_publication_is_refused(house: Any, publish: Any) -> None:
    run = publish()
    with pytest.raises(Refused) as refusal:
        house.platform.publish(Publication(run, likes.spec(), (1,), 1, 0, lease=1.0))
    assert (refusal.value.status, refusal.value.code) == (409, "run_differs")
    assert refusal.value.details == {"fields": ["prices", "real_per_page", "lease"]}


def test_a_run_of_another_identity_is_another_run(house: Any, publish: Any) -> None:
    first = Publication("twice", likes.spec(), (1, 2), 1, 0, lease=600.0, identity="first")
    house.platform.publish(first)
    house.platform.publish(first)
    with pytest.raises(Refused, match="launched at another time") as refusal:
        house.platform.publish(replace(first, identity="second"))
    assert (refusal.value.status, refusal.value.code) == (409, "run_differs")


def test_an_unknown_run_is_refused(house: Any) -> None:
    with pytest.raises(Refused) as refusal:
        house.platform.poll("nobody-knows-it", 0, 0)
    assert refusal.value.status == 404


def test_a_file_is_attached_once_under_its_content(house: Any, tmp_path: Any) -> None:
    path = tmp_path / "Dog.PNG"
    path.write_bytes(b"not really a picture")
    reference = house.platform.attach(path)
    assert reference == house.platform.attach(path)
    assert reference["media"].endswith(".png")
    assert len(reference["media"]) == 64 + 4
