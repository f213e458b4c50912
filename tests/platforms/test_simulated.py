"""What is the simulated platform's own: virtual time, seeds, workers who come by themselves."""

from typing import Any

import pytest

import dataforge as df
from dataforge.errors import Refused, Unreachable
from dataforge.issue.closed import Closed
from dataforge.platforms import Platform
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, TakenPage, always, right_with
from dataforge.records import AddItems, Item, PageExpired, PageSubmitted, Publication


@df.task(duration="10s")
def likes(caption: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


def published(platform: SimulatedPlatform, items: int, **more: Any) -> None:
    settings = {"prices": (1, 2, 3), "real_per_page": 3, "control_per_page": 0, "lease": 100.0, **more}
    platform.publish(Publication("run", likes.spec(), **settings))
    platform.execute(
        "run", [AddItems("add", tuple(Item(f"{n}", {"caption": f"item {n}"}, wanted=1) for n in range(items)))]
    )


def test_it_is_a_platform() -> None:
    assert isinstance(SimulatedPlatform(), Platform)


def test_workers_come_by_themselves_while_time_passes() -> None:
    platform = SimulatedPlatform([SimulatedWorker("ann", always({"answer": True}), seconds=10)], seed=1)
    published(platform, 3)
    start = platform.now()
    assert platform.poll("run", 0, 5).events
    assert platform.now() == pytest.approx(start + 5)
    platform.forward(60)
    events = platform.poll("run", 0, 0).events
    assert sum(isinstance(event, PageSubmitted) for event in events) == 1


def test_time_does_not_pass_while_events_are_waiting() -> None:
    platform = SimulatedPlatform([SimulatedWorker("ann", always({"answer": True}))], seed=1)
    published(platform, 3)
    platform.forward(1000)
    now = platform.now()
    platform.poll("run", 0, 500)
    assert platform.now() == now


def test_the_same_seed_tells_the_same_story() -> None:
    def story(seed: int) -> Any:
        workers = [SimulatedWorker(f"w{n}", right_with(0.5, {"answer": (True, False)}), skips=0.2) for n in range(5)]
        platform = SimulatedPlatform(workers, lambda inputs: {"answer": True}, seed=seed)
        published(platform, 40)
        platform.forward(5000)
        return platform.poll("run", 0, 0).events

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_a_page_left_lying_comes_back_when_its_time_is_over() -> None:
    platform = SimulatedPlatform()
    published(platform, 2)
    page = platform.take("run", "ann")
    assert isinstance(page, TakenPage)
    platform.forward(101)
    assert isinstance(platform.poll("run", 0, 0).events[-1], PageExpired)
    assert isinstance(platform.take("run", "bob"), TakenPage)
    with pytest.raises(Refused) as late:
        platform.submit("run", page.id, [{"answer": True}, {"answer": True}])
    assert late.value.code == "lease_expired"


def test_a_page_fetched_ahead_has_its_time_from_when_it_is_seen() -> None:
    platform = SimulatedPlatform()
    published(platform, 6)
    first = platform.take("run", "ann")
    assert isinstance(first, TakenPage)
    second = platform.take("run", "ann", have=[first.id])
    assert isinstance(second, TakenPage)
    platform.forward(90)
    platform.submit("run", first.id, [{"answer": True}] * 3)
    platform.forward(90)
    assert platform.submit("run", second.id, [{"answer": True}] * 3) == "submitted"


def test_a_worker_whose_answers_do_not_fit_is_named_with_the_item() -> None:
    def answer(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
        return {"answer": "maybe" if inputs["caption"] == "item 2" else True}

    platform = SimulatedPlatform([SimulatedWorker("ann", answer)], seed=1)
    published(platform, 3)
    with pytest.raises(Refused, match=r"^simulated worker 'ann' answered item '2': output 'answer': .*mend its answer"):
        platform.forward(1000)


def test_a_worker_of_another_language_is_told_so() -> None:
    platform = SimulatedPlatform()
    published(platform, 2, languages=("ru",))
    closed = platform.take("run", "ann", language="en")
    assert isinstance(closed, Closed)
    assert closed.reason == "language"


def test_a_platform_that_is_down_is_unreachable() -> None:
    platform = SimulatedPlatform()
    published(platform, 2)
    platform.down = True
    with pytest.raises(Unreachable):
        platform.poll("run", 0, 0)


def test_events_may_be_forgotten_once_they_were_read() -> None:
    workers = [SimulatedWorker(f"w{n}", always({"answer": True})) for n in range(20)]
    platform = SimulatedPlatform(workers, keep_events=False, events_per_poll=500)
    published(platform, 20_000)
    cursor = 0
    for _ in range(60):
        cursor = platform.poll("run", cursor, 1e6).cursor
    with pytest.raises(Refused, match="no longer kept"):
        platform.poll("run", 0, 0)
