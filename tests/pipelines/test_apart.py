"""A question that shows an answer is asked of others than those who gave it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest
from tests.pipelines.conftest import ITEMS, POLICY, Kind, is_big, kind_of, truth

import dataforge as df
from dataforge.errors import SpecError
from dataforge.pipelines.contents import Contents
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.stages import Stages
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

BOX = {"label": "car", "box": [10, 20, 30, 40]}
ONCE = POLICY.changed(overlap=1)
ASKED = {kind_of: ONCE, is_big: ONCE}


def crowd(*names: str) -> SimulatedPlatform:
    workers = [SimulatedWorker(name, lambda inputs, truth, chance: dict(truth), arrives=0.0) for name in names]
    return SimulatedPlatform(workers, truth, seed=1)


@df.pipeline
async def judged(text: df.Text):
    """Whether a kind that somebody said is big."""
    kind = (await kind_of(text)).answer
    return (await is_big(text, kind)).answer


@df.pipeline(to_authors=[is_big])
async def by_anybody(text: df.Text):
    """The same, asked of whoever comes."""
    kind = (await kind_of(text)).answer
    return (await is_big(text, kind)).answer


def by_item(run: PipelineRun, task: str) -> dict[str, set[str]]:
    """Who answered what a task asked, by the item's id."""
    there = run.stages[task].responses()
    of_items = there[~there["control"]]
    places = of_items["place" if "place" in of_items else "id"].astype(str).str.partition("/")[0]
    return {key: set(of["worker"]) for key, of in of_items.groupby(places)}


def asked_of_themselves(run: PipelineRun) -> list[str]:
    found, judges = by_item(run, "kind_of"), by_item(run, "is_big")
    assert set(judges) == {str(item["id"]) for item in ITEMS}
    return [key for key in judges if judges[key] & found[key]]


def test_whose_page_was_rejected_is_not_asked_about_what_they_said(launch: Callable[..., PipelineRun]) -> None:
    """Who gives every control item the wrong answer is refused, and yet said what the next question shows."""
    workers = [SimulatedWorker("ann", lambda inputs, truth, chance: dict(truth), arrives=0.0)]
    workers += [SimulatedWorker(name, right_but_in_control, arrives=0.0) for name in ("bob", "cid", "dan")]
    control = {kind_of: [{"text": f"scene {1000 + n}", "answer": ("person", "vehicle")[n % 2]} for n in range(20)]}
    asked = {kind_of: POLICY.changed(page=(4, 1), overlap=1), is_big: POLICY.changed(page=(4, 0), overlap=1)}
    run = launch(what=judged, on=SimulatedPlatform(workers, truth, seed=1), policies=asked, control=control)
    for _ in range(60):
        if (status := run.wait(1)).ended or "is_big" in status.stuck:
            break
    there = run.stages["kind_of"].responses()
    assert not there[~there["control"] & (there["worker"] != "ann")]["accepted"].fillna(False).any()
    found, judges = by_item(run, "kind_of"), by_item(run, "is_big")
    assert any(len(found[key]) > 1 for key in judges)
    assert [key for key in judges if judges[key] & found[key]] == []


def right_but_in_control(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
    wrong = "kind" not in inputs and int(inputs["text"].split()[1]) >= 1000
    return {"answer": {"vehicle": "person", "person": "vehicle"}[truth["answer"]]} if wrong else dict(truth)


def test_of_two_who_work_neither_is_asked_about_what_they_said(launch: Callable[..., PipelineRun]) -> None:
    run = launch(what=judged, on=crowd("ann", "bob"), policies=ASKED)
    assert run.wait(60).ended
    assert asked_of_themselves(run) == []
    assert set().union(*by_item(run, "is_big").values()) == {"ann", "bob"}


def test_that_holds_where_the_question_was_not_asked_before_the_process_ended(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    on, first, asked = crowd("ann", "bob"), threading.Event(), Stages.ask

    def only_kinds(self: Stages, questions: Sequence[Any]) -> Any:
        """Take the second question for written down, and never put it to its run."""
        if any(one.task.id == "is_big" for one in questions):
            first.set()
        return asked(self, [one for one in questions if one.task.id != "is_big"])

    with monkeypatch.context() as patch:
        patch.setattr(Stages, "ask", only_kinds)
        run = launch(what=judged, on=on, policies=ASKED)
        assert first.wait(60)
        run.close()
    again = launch(None, what=judged, on=on, policies=ASKED)
    assert again.wait(60).ended
    assert asked_of_themselves(again) == []


def test_who_works_alone_is_not_asked_and_that_is_said(
    launch: Callable[..., PipelineRun], capsys: pytest.CaptureFixture[str]
) -> None:
    run = launch(what=judged, on=crowd("ann"), policies=ASKED)
    for _ in range(60):
        if "is_big" in run.wait(1).stuck:
            break
    assert "wait for somebody new" in run.status().stuck["is_big"]
    assert capsys.readouterr().err.count("to_authors") == 1  # said once, however many such questions there are
    assert run.status().done == 0


def test_whoever_comes_is_asked_where_the_pipeline_says_so(launch: Callable[..., PipelineRun]) -> None:
    run = launch(what=by_anybody, on=crowd("ann"), policies=ASKED)
    assert run.wait(60).ended
    assert len(asked_of_themselves(run)) == len(ITEMS)


@pytest.mark.parametrize("to_authors", [[], ["is_big"], "is_big", [judged], 3])
def test_tasks_that_are_none_are_refused(to_authors: Any) -> None:
    with pytest.raises(SpecError, match="to_authors: expected tasks in a list, or True"):
        df.pipeline(to_authors=to_authors)


# --- by what an answer is known --------------------------------------------------------------------------------------

FOUND = {"shapes": [BOX, {"label": "bus", "points": [[1, 2], [5, 2], [5, 9]]}]}
PHOTO = df.Image().of_item({"file": "a.png"})


def told(answer: Any, inputs: dict[str, Any], item: Any = "a.png") -> Collection[tuple[str, str]]:
    contents = Contents({"photo": item})
    contents.note([answer], {("parts", "1/1")})
    return contents.told(inputs)


@pytest.mark.parametrize(
    ("answer", "inputs"),
    [
        ("vehicle", {"kind": Kind.VEHICLE}),
        (["cat", "dog"], {"one": "dog"}),
        ([], {"shown": []}),
        (FOUND, {"found": FOUND}),
        (FOUND, {"found": FOUND["shapes"]}),
        (FOUND, {"hint": [BOX]}),
        (FOUND, {"hint": {"shapes": [{**BOX, "checked": True}, BOX]}}),
        (FOUND, {"label": "bus"}),
        (FOUND, {"sign": PHOTO.crop(BOX)}),
        (FOUND, {"sign": PHOTO.crop(FOUND["shapes"][1])}),
        (FOUND, {"sign": PHOTO.crop([10.0, 20.0, 30.0, 40.0])}),
        ({"segments": [{"start": 1.5, "end": 4, "text": "yes"}]}, {"sound": {"file": "a.wav", "cut": [1.5, 4.0]}}),
        ([{"start": 2, "end": 7, "label": "name"}], {"text": {"text": "Anna Bell", "piece": [2, 7]}}),
        ({"media": "ab12", "seconds": 3}, {"sound": {"media": "ab12", "seconds": 3}}),
        ([{"start": [1, 2], "end": {"x": 3}}], {"arrow": {"start": [1, 2], "end": {"x": 3}}}),
    ],
)
def test_an_answer_is_known_whole_and_in_its_parts(answer: Any, inputs: dict[str, Any]) -> None:
    assert told(answer, inputs) == {("parts", "1/1")}


@pytest.mark.parametrize(
    ("answer", "inputs", "item"),
    [
        ("vehicle", {"kind": "person"}, "a.png"),
        ("a.png", {"photo": "a.png"}, "a.png"),
        (FOUND, {"hint": [BOX]}, {"shapes": [BOX]}),
        (FOUND, {"sign": PHOTO.crop([1.0, 2.0, 30.0, 40.0])}, "a.png"),
        (FOUND, {"count": 20}, "a.png"),
        ("bus", {"hint": [{"label": "bus", "box": [1, 2, 3, 4]}]}, "a.png"),
        (True, {"count": 1}, "a.png"),
        (True, {"flag": True}, "a.png"),
        (3.0, {"grade": 3}, "a.png"),
        (False, {"text": ""}, "a.png"),
        ([], {"shapes": {}}, "a.png"),
        (None, {"kind": None}, "a.png"),
    ],
)
def test_what_nobody_answered_is_nobodys(answer: Any, inputs: dict[str, Any], item: Any) -> None:
    assert told(answer, inputs, item) == frozenset()


def test_what_a_step_made_of_an_answer_is_its_givers_too(launch: Callable[..., PipelineRun]) -> None:
    run = launch(what=mended, on=crowd("ann", "bob"), policies=ASKED)
    assert run.wait(60).ended
    assert asked_of_themselves(run) == []


@df.step
def shorter(kind: str) -> str:
    return {"vehicle": "person", "person": "vehicle"}[kind]


@df.pipeline
async def mended(text: df.Text):
    """Whether what a step makes of a kind is big."""
    return (await is_big(text, await shorter((await kind_of(text)).answer))).answer
