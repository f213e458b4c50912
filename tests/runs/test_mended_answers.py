"""Runs whose workers begin with drafts: what they are shown, what results say, and who only waves drafts through."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import RunError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, TakenPage

Launch = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


@df.task(duration="10s")
def better(query: df.Text, left: df.Text, right: df.Text) -> df.SideBySide:
    """Which serves the query better?"""
    raise NotImplementedError


def said(number: int, *, of: str = "s") -> str:
    return f"{of} says {number} and something"


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    kind, number = inputs["sound"][0], int(inputs["sound"][1:])
    return {"answer": said(number, of=kind)}


def knows(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": truth["answer"]}


def rows(count: int, *, wrong: int) -> list[dict[str, Any]]:
    """Every `wrong`-th draft is not what is said."""
    return [
        {"sound": f"s{number}", "draft": "a slip" if number % wrong == 0 else said(number)} for number in range(count)
    ]


def gold(count: int) -> list[dict[str, Any]]:
    return [{"sound": f"k{number}", "answer": said(number, of="k")} for number in range(count)]


@pytest.fixture
def start(workspace: Path) -> Iterator[Launch]:
    launched: list[df.Run] = []

    def launch(workers: list[SimulatedWorker], items: Any, control: Any = None, **more: Any) -> df.Run:
        policy: dict[str, Any] = {"quality": "merge", "overlap": (1, 2), "page": (4, 2), "speed": ()}
        platform = more.pop("platform", None) or SimulatedPlatform(workers, truth, seed=3)
        run = df.launch(
            heard,
            items,
            control,
            policy=df.Policy(**{**policy, **more.pop("policy", {})}),
            name="run",
            platform=platform,
            workspace=workspace,
            progress=False,
            **{"prefill": "draft", **more},
        )
        launched.append(run)
        return run

    yield launch
    for run in launched:
        run.close()


def test_results_say_of_each_answer_whether_it_differs_from_the_draft(start: Launch, finish: Finish) -> None:
    items = [*rows(12, wrong=3), {"sound": "s90", "draft": None}]
    run = start([SimulatedWorker("w", knows)], items, policy={"overlap": 1})
    finish(run)
    labels = run.labels()
    # What a slip was mended to, what was left as it was, and what was begun with nothing.
    assert labels["changed"].tolist()[:12] == [n % 3 == 0 for n in range(12)]
    assert labels["changed"].isna().tolist() == [False] * 12 + [True]
    assert labels["draft"].tolist()[:2] == ["a slip", said(1)]
    assert run.responses()["changed"].sum() == 4
    assert list(run.solutions().columns)[-7:-5] == ["changed", "worker"]
    assert run.workers()["drafts_unchanged"].tolist() == pytest.approx([8 / 12])


def test_without_drafts_results_have_no_column_of_them(start: Launch, finish: Finish) -> None:
    run = start([SimulatedWorker("w", knows)], rows(4, wrong=2), prefill=None, policy={"overlap": 1})
    finish(run)
    assert "changed" not in run.labels()
    assert "changed" not in run.responses()
    assert "changed" not in run.solutions()
    assert run.workers()["drafts_unchanged"].isna().all()


def test_who_waves_drafts_through_fails_the_control_items_and_who_looks_does_not(start: Launch, finish: Finish) -> None:
    waver = SimulatedWorker("waver", knows, waves=1.0)
    good = [SimulatedWorker(f"good{n}", knows, arrives=2_000.0 * (n + 1)) for n in range(2)]
    run = start([waver, *good], rows(40, wrong=10), gold(12), policy={"page": (4, 2), "overlap": 1})
    finish(run)
    workers = run.workers().set_index("worker")
    # Half of the control items begin with a mistake.
    assert workers.loc["waver", "control_accuracy"] <= 0.67
    assert workers.loc["waver", "restricted"]
    assert workers.loc["waver", "drafts_unchanged"] == 1
    assert workers.loc["good0", "control_accuracy"] == 1
    assert run.labels()["answer"].tolist().count("a slip") <= 1


def test_a_page_has_the_draft_of_each_item_and_nothing_that_tells_control_items(start: Launch) -> None:
    run = start([], rows(8, wrong=2), gold(6))
    platform = run._held.platform()
    assert isinstance(platform, SimulatedPlatform)
    run.drive()
    page = platform.take("run", "somebody")
    while not isinstance(page, TakenPage):
        page = platform.take("run", "somebody")
    assert len(page.drafts) == 6
    assert all(set(draft) == {"answer"} for draft in page.drafts)
    run.stop()


def test_left_and_right_are_exchanged_in_drafts_as_they_are_in_the_item(workspace: Path) -> None:
    platform = SimulatedPlatform(seed=1)
    items = [{"query": f"q{n}", "left": f"good {n}", "right": f"bad {n}", "draft": "left"} for n in range(12)]
    with df.launch(
        better, items, name="run", platform=platform, workspace=workspace, progress=False, prefill="draft"
    ) as run:
        sides = set()
        for worker in range(4):
            page = None
            while not isinstance(page, TakenPage):
                page = platform.take("run", f"w{worker}")
            for inputs, draft in zip(page.inputs, page.drafts, strict=True):
                sides.add(draft["answer"])
                assert inputs[draft["answer"]].startswith("good")
        assert sides == {"left", "right"}
        run.stop()


def test_a_launch_again_goes_on_with_the_same_drafts_and_refuses_others(start: Launch, finish: Finish) -> None:
    worker = SimulatedWorker("w", knows)
    platform = SimulatedPlatform([worker], truth, seed=3)
    start([], rows(6, wrong=2), gold(6), platform=platform).close()
    start([], rows(6, wrong=2), gold(6), platform=platform).close()
    with pytest.raises(RunError, match="the draft of 'answer' has 'a slip' there, None here"):
        start([], rows(6, wrong=2), gold(6), platform=platform, prefill=None)


def test_items_that_are_fed_have_drafts_and_so_have_control_items_among_them(start: Launch, finish: Finish) -> None:
    worker = SimulatedWorker("w", knows)
    run = start([worker], rows(4, wrong=2), gold(6), open=True, policy={"overlap": 1})
    more = [{"id": f"s{n}", "sound": f"s{n}", "draft": said(n)} for n in range(20, 24)]
    assert run.add(more, [{"id": "late", "sound": "k9", "answer": said(9, of="k")}], prefill="draft").new == 5
    assert run.add(more, prefill="draft").known == 4
    run.finish()
    finish(run)
    assert run.labels()["changed"].tolist() == [True, False] * 2 + [False] * 4
    control = run.responses()[run.responses()["control"]]
    assert control["changed"].notna().all()
