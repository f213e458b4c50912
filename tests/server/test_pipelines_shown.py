"""What the server tells of the pipelines of its workspace, and how they are stopped and gone on with from a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.pipelines.conftest import ITEMS, POLICIES, platform, scenes
from tests.server.conftest import Served

import dataforge as df
from dataforge.pipelines.run import PipelineRun


@pytest.fixture
def played(served: Served) -> Iterator[PipelineRun]:
    """A pipeline of simulated people in the server's workspace, to its end."""
    run = df.launch(
        scenes,
        ITEMS,
        policies=POLICIES,
        name="scenes",
        workspace=served.workspace,
        platform=platform(),
        progress=False,
        budget=5.0,
    )
    run.wait(60)
    yield run
    run.close()


def of(served: Served, path: str = "") -> Any:
    reply = served.requester.get(f"/api/pipelines{path}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_pipeline_is_shown_with_its_numbers_its_money_and_its_last_results(
    served: Served, played: PipelineRun
) -> None:
    played.close()  # whatever it showed last is what it ended with
    [row] = of(served)["pipelines"]
    paid = round(float(played.cost()["paid"].sum()) * 1e6)
    told = {"pipeline": "scenes", "state": "ended", "items": 12, "done": 12, "failed": 0, "cost": paid, "budget": 5.0}
    assert row == {**told, "currency": "USD"}
    view = of(served, "/scenes")
    assert (view["state"], view["function"], view["held"]) == ("ended", "scenes", "")
    assert view["runs"] == {}, "its people are no workers of this server"
    shown = view["shown"]
    arrows = {(one["start"], one["to"]): one["items"] for one in shown["arrows"]}
    assert arrows == {(one["from"], one["to"]): one["items"] for one in played.flow().to_dict("records")}
    boxes = {box["name"]: box for box in shown["boxes"]}
    assert list(boxes) == ["items", "kind_of", "is_big", "results"]
    assert [(box["kind"], box["count"]) for box in boxes.values()] == [
        ("items", 12),
        ("task", 12),
        ("task", 12),
        ("results", 12),
    ]
    assert boxes["kind_of"]["cost"] + boxes["is_big"]["cost"] == shown["cost"] == paid
    assert len(shown["results"]) == 12
    results = {one["item"]: one["result"] for one in shown["results"]}
    assert msgspec.json.decode(results["101"]) == {"big": True, "again": True}
    assert results["100"] == "null"


def test_one_that_is_played_is_stopped_from_a_page_and_another_launch_goes_on_with_it(
    served: Served, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"policies": POLICIES, "name": "waits", "workspace": served.workspace, "progress": False}
    nobody = platform()
    nobody.workers = []  # type: ignore[attr-defined]
    run = df.launch(scenes, ITEMS, platform=nobody, **settings)
    assert of(served, "/waits")["state"] == "playing"
    reply = served.requester.post("/api/pipelines/waits/stop")
    assert (reply.status_code, reply.json()["state"]) == (200, "stopped")
    run._thread.join(60)
    assert run.status().stuck["scenes"].startswith("stopped by its owner")
    refused = served.requester.post("/api/pipelines/waits/go-on")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "pipeline_elsewhere")
    # Nobody has let go of the first handle yet.
    again = df.launch(scenes, None, platform=nobody, **settings)
    assert of(served, "/waits")["state"] == "playing"
    again.close()
    run.close()
    assert of(served, "/waits")["state"] == "waits_launch"


@pytest.mark.parametrize("name", ["unknown", "..", "a%2Fb", "%00", "A b"])
def test_of_what_is_no_pipeline_nothing_is_told(served: Served, name: str) -> None:
    for method, path in (("GET", ""), ("POST", "/stop"), ("POST", "/go-on")):
        reply = served.requester.request(method, f"/api/pipelines/{name}{path}")
        assert reply.status_code == 404, (method, name, reply.text)
    assert not (served.workspace.root / "pipelines").exists()


def test_a_pipeline_that_cannot_be_read_is_listed_and_hides_no_other(served: Served, played: PipelineRun) -> None:
    folder = served.workspace.root / "pipelines"
    for name, content in (("broken", b"{"), ("strange", b'{"name": 1}')):
        (folder / name).mkdir()
        (folder / name / "pipeline.json").write_bytes(content)
    (folder / "scenes" / "shown.json").write_bytes(b"\xff{")
    (folder / ".DS_Store").write_bytes(b"is no pipeline")
    rows = of(served)["pipelines"]
    assert [(row["pipeline"], row["state"]) for row in rows] == [
        ("broken", "failed"),
        ("scenes", "ended"),
        ("strange", "failed"),
    ]
    assert [row["done"] for row in rows] == [None] * 3
    assert of(served, "/scenes")["shown"] is None


def test_of_a_pipeline_that_cannot_be_read_its_own_page_says_why(served: Served) -> None:
    folder = served.workspace.root / "pipelines" / "broken"
    folder.mkdir(parents=True)
    (folder / "pipeline.json").write_bytes(b"{")
    for method, path in (("GET", ""), ("POST", "/stop"), ("POST", "/go-on")):
        reply = served.requester.request(method, f"/api/pipelines/broken{path}")
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, "pipeline_damaged"), reply.text
        assert "take the folder back from a copy" in reply.json()["error"]["message"]


def test_a_reason_that_is_no_text_hides_no_pipeline(served: Served, played: PipelineRun) -> None:
    (played._standing.path / "held").write_bytes(b"stopped \xff")
    assert [row["pipeline"] for row in of(served)["pipelines"]] == ["scenes"]
    assert of(served, "/scenes")["held"] == "stopped \ufffd"
