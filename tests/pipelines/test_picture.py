"""The picture of a pipeline: boxes in the order of the questions, arrows with numbers, texts that are no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

from tests.pipelines.conftest import ITEMS, POLICY, Kind

import dataforge as df
from dataforge.pipelines.picture import Node, drawn
from dataforge.pipelines.run import PipelineRun

NAMESPACE = "{http://www.w3.org/2000/svg}"
LOOP = [
    ("items", "write", 20),
    ("write", "same", 18),
    ("write", "polite", 18),
    ("same", "write", 4),
    ("write", "write", 2),
    ("same", "results", 9),
    ("polite", "results", 11),
    ("items", "results", 1),
]


def boxes(svg: str) -> dict[str, tuple[float, float]]:
    groups = ElementTree.fromstring(svg).findall(f"{NAMESPACE}g")
    found = {}
    for group in groups:
        rectangle = group.find(f"{NAMESPACE}rect")
        assert rectangle is not None
        found[group.findtext(f"{NAMESPACE}title") or ""] = (
            float(rectangle.get("x", "")),
            float(rectangle.get("y", "")),
        )
    return found


def test_what_follows_stands_to_the_right_and_what_is_asked_together_below_one_another() -> None:
    places = boxes(drawn([Node(name) for name in ("items", "write", "same", "polite", "results")], LOOP))
    across = [places[name][0] for name in ("items", "write", "same", "results")]
    assert across == sorted(set(across))
    assert places["same"][0] == places["polite"][0]
    assert places["same"][1] < places["polite"][1]


def test_every_arrow_has_its_number_and_none_leads_through_a_box() -> None:
    svg = drawn([Node(name) for name in ("items", "write", "same", "polite", "results")], LOOP)
    tree, places = ElementTree.fromstring(svg), boxes(svg)
    numbers = [text.text for text in tree.findall(f"{NAMESPACE}text")]
    assert sorted(map(str, numbers)) == sorted(str(count) for _, _, count in LOOP)
    _, _, width, height = map(float, tree.get("viewBox", "").split())
    for path in tree.findall(f"{NAMESPACE}path"):
        corners = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
        assert all(0 <= corner <= max(width, height) for corner in corners)
        # Those that go around have their long part on a lane of its own, above all boxes or below them.
        if lane := re.search(r"V(-?[\d.]+) H", path.get("d", "")):
            assert not any(y - 2 < float(lane[1]) < y + 48 for _, y in places.values())


def test_a_name_that_would_be_a_script_is_a_text() -> None:
    svg = drawn([Node("items"), Node("<script>x</script>", '"><script>', stuck=True), Node("results")], [])
    assert "<script" not in svg
    assert boxes(svg).keys() == {"items", "<script>x</script>", "results"}


def test_a_notebook_shows_the_picture_with_its_numbers(launch: Callable[..., PipelineRun]) -> None:
    run = launch()
    run.wait(60)
    card = run._repr_html_()
    assert "12 of 12 items" in card
    assert "kind_of → is_big: 6" in card
    assert "12 answered" in card
    assert boxes(run.picture()).keys() == {"items", "kind_of", "is_big", "results"}


def test_before_anything_is_asked_there_is_a_picture() -> None:
    assert boxes(drawn([Node("items", "3"), Node("results", "0 done")], [])).keys() == {"items", "results"}


def test_a_task_that_is_called_as_an_end_of_the_picture_is_a_box_of_its_own(
    launch: Callable[..., PipelineRun],
) -> None:
    @df.task(duration="5s")
    def items(text: df.Text) -> Kind:
        """What is there?"""

    @df.step
    def results(kind: str) -> str:
        return kind

    @df.pipeline
    async def named(text: df.Text):
        return await results((await items(text)).answer)

    run = launch(ITEMS[:4], what=named, policies={items: POLICY})
    assert run.wait(60).ended
    flow = run.flow().set_index(["from", "to"])["items"].to_dict()
    assert flow == {("items_", "items"): 4, ("items", "results"): 4, ("results", "results_"): 4}
    assert boxes(run.picture()).keys() == {"items_", "items", "results", "results_"}
