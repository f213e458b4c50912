"""Simulated people at work on a real server."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dataforge.errors import PlatformError, Refused, SpecError
from dataforge.simulation.personas import Persona, crowd
from dataforge.simulation.simulation import Simulation


def parity(inputs: Mapping[str, Any]) -> str:
    return "odd" if int(inputs["number"]) % 2 else "even"


def test_people_answer_until_the_run_is_closed_whatever_its_name(served: Any) -> None:
    invitation = served.publish("прогон", items=50, wanted=3)
    with served.accepting("прогон", answers=45 * 3) as pages:
        report = Simulation(served.url, invitation, parity, crowd(10, "honest"), seed=1).run()
    assert not report.stalled
    assert {worker.closed for worker in report.workers} == {"finished"}
    assert report.responses == sum(len(page.items) for page in pages)
    real = Counter(key for page in pages for key in page.items if int(key[1:]) % 10)
    assert set(real.values()) == {3}
    assert sum(worker.earned for worker in report.workers) == 10_000 * report.pages
    assert sum(worker.pages_accepted for worker in report.workers) == report.pages


def test_what_people_are_is_what_their_answers_are(served: Any) -> None:
    people = [
        Persona("good", skill=1.0),
        Persona("wrong", skill=0.0),
        Persona("always", honesty="always", option="odd"),
        Persona("spammer", honesty="spammer"),
    ]
    invitation = served.publish("run", items=100, wanted=4)
    with served.accepting("run", answers=90 * 4) as pages:
        report = Simulation(served.url, invitation, parity, people, seed=1).run()
    right = {worker.name: worker.right / worker.answers for worker in report.workers}
    assert (right["good"], right["wrong"]) == (1.0, 0.0)
    assert right["always"] == pytest.approx(0.5, abs=0.05)
    assert right["spammer"] == pytest.approx(0.5, abs=0.2)
    names = {worker.worker: worker.name for worker in report.workers}
    given = {(names[page.worker], answer["answer"]) for page in pages for answer in page.answers}
    assert {answer for name, answer in given if name == "always"} == {"odd"}


def answers_of(pages: list[Any], report: Any) -> dict[tuple[str, str], str]:
    names = {worker.worker: worker.name for worker in report.workers}
    return {
        (names[page.worker], key): answer["answer"]
        for page in pages
        for key, answer in zip(page.items, page.answers, strict=True)
    }


def test_the_same_person_gives_the_same_answer_to_the_same_item_whatever_the_order(served: Any) -> None:
    people = crowd(8, "hostile", seed=2)
    rounds = []
    for name in ("one", "two"):
        invitation = served.publish(name, items=40, wanted=6)
        with served.accepting(name, answers=36 * 6) as pages:
            report = Simulation(served.url, invitation, parity, people, run=name, seed=5).run()
        rounds.append(answers_of(pages, report))
    both = rounds[0].keys() & rounds[1].keys()
    assert len(both) > 100
    assert all(rounds[0][place] == rounds[1][place] for place in both)


def test_in_turns_on_a_seeded_server_everything_is_the_same(serve: Callable[..., Any]) -> None:
    rounds = []
    for folder in ("one", "two"):
        served = serve(seed=3, folder=folder)
        invitation = served.publish("run", items=40, wanted=2)
        with served.accepting("run", answers=36 * 2) as pages:
            report = Simulation(served.url, invitation, parity, crowd(6, "hostile"), seed=5, turns=True).run()
        names = {worker.worker: worker.name for worker in report.workers}
        rounds.append([(names[page.worker], page.items, page.answers) for page in pages])
    assert rounds[0] == rounds[1]
    assert len(rounds[0]) > 5


def test_people_skip_and_go_home_as_described(served: Any) -> None:
    people = [Persona("skips", skip_rate=1.0), Persona("leaves", leaves_after=2), Persona("stays")]
    invitation = served.publish("run", items=60, wanted=1)
    with served.accepting("run", answers=54):
        report = Simulation(served.url, invitation, parity, people, seed=1, turns=True, patience=3).run()
    skips, leaves, _ = report.workers
    assert (skips.pages, leaves.pages, leaves.closed) == (0, 2, "went home")
    assert skips.skipped > 2


def test_nobody_waits_for_ever_for_pages_that_do_not_come(served: Any) -> None:
    invitation = served.publish("run", items=20, wanted=3)
    with served.accepting("run", answers=10**6):
        report = Simulation(served.url, invitation, parity, [Persona("only")], seed=1, patience=0.3).run()
    assert report.stalled
    assert report.workers[0].closed == ""


def test_stop_lets_people_finish_and_go(served: Any) -> None:
    people = [replace(person, seconds=1000) for person in crowd(4, "honest")]
    invitation = served.publish("run", items=50, wanted=4)
    simulation = Simulation(served.url, invitation, parity, people, seed=1, time_scale=1.0)
    reports = []
    with served.accepting("run", answers=10**6):
        thread = threading.Thread(target=lambda: reports.append(simulation.run()))
        thread.start()
        served.platform.poll("run", 0, 10)
        simulation.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert not reports[0].stalled


def test_a_wrong_invitation_is_told(served: Any) -> None:
    with pytest.raises(Refused) as caught:
        Simulation(served.url, "/join/nonsense", parity, [Persona("p")]).run()
    assert caught.value.code == "invitation_unknown"


def test_an_invitation_to_several_runs_needs_a_name(served: Any) -> None:
    for name in ("one", "two"):
        served.publish(name, items=20, wanted=1)
    made = served.platform._call("POST", "/api/invitations", {"run": None, "expires_in": 60, "uses": None}).json()
    with pytest.raises(PlatformError, match="opens 2 runs"):
        Simulation(served.url, made["path"], parity, [Persona("p")]).run()


def test_two_people_of_the_same_name_are_refused() -> None:
    with pytest.raises(SpecError, match="the same name"):
        Simulation("http://127.0.0.1:9", "x", parity, [Persona("p"), Persona("p")])


def test_people_can_be_simulated_where_an_event_loop_runs_already_as_in_a_notebook(served: Any) -> None:
    invitation = served.publish("run", items=20, wanted=1)

    async def cell() -> int:
        return Simulation(served.url, invitation, parity, crowd(2, "honest"), seed=1).run().responses

    with served.accepting("run", answers=18):
        assert asyncio.run(cell()) >= 18
