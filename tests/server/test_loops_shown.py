"""What the server tells of the loops of its workspace."""

from __future__ import annotations

from typing import Any

import pytest
from tests.active_learning.conftest import POLICY, colour, features, people, points, regression, tells
from tests.server.conftest import Served

import dataforge as df
from dataforge.loop_folder import LoopStanding


def looped(served: Served, model: Any = None, **settings: Any) -> df.Loop:
    """A loop of simulated people in the server's workspace."""
    given = {"name": "colours", "holdout": 20, "batch": 10, "policy": POLICY, **settings}
    given.setdefault("platform", people(tells(1.0), count=8))
    found: df.Loop = df.loop(
        points(90), colour, model or regression(), features=features, workspace=served.workspace, progress=False,
        **given,
    )  # fmt: skip
    return found


def of(served: Served, path: str = "") -> Any:
    reply = served.requester.get(f"/api/loops{path}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_loop_is_shown_with_its_curve_its_batches_their_cost_and_what_ended_it(served: Served) -> None:
    assert of(served) == {"loops": []}
    with looped(served, stop=df.StopRule(labels=60), budget=50.0, policy=POLICY.changed(overlap=2)) as loop:
        loop.wait(60, progress=False)
        status, curve = loop.status(), loop.curve()
        paid = round(status.promised * 1e6)
    [row] = of(served)["loops"]
    assert (row["loop"], row["state"], row["ended"]) == ("colours", "ended", "labels")
    assert (row["labelled"], row["pool"], row["cost"], row["budget"]) == (60, 90, paid, 50.0)
    view = of(served, "/colours")
    assert view["here"] == [], "its people are no workers of this server"
    shown = view["shown"]
    assert [one["accuracy"] for one in shown["curve"]] == pytest.approx(curve["accuracy"].tolist())
    assert [one["labels"] for one in shown["curve"]] == [10, 20, 30, 40]
    assert row["last"] == shown["curve"][-1]
    assert all(one["low"] <= one["accuracy"] <= one["high"] for one in shown["curve"])
    assert [one["how"] for one in shown["batches"]] == ["holdout", "chance", *["sampler"] * 3]
    assert [(one["items"], one["labelled"], one["run"]) for one in shown["batches"]][:2] == [
        (20, 20, "colours"),
        (10, 10, "colours"),
    ]
    costs = [one["cost"] for one in shown["batches"]]
    assert all(cost > 0 for cost in costs)
    assert sum(costs) == pytest.approx(paid, abs=len(costs)), "each batch what it added, and together all"
    stop = shown["stop"]
    assert stop | {"low": None, "gained": None} == {
        "target": None, "gain": None, "rounds": 3, "labels": 60, "budget": 50.0, "low": None, "gained": None,
    }  # fmt: skip
    assert stop["low"] < shown["curve"][-1]["low"], "what is looked at after each round has wider limits"
    assert stop["gained"] > shown["curve"][-1]["accuracy"] - shown["curve"][0]["accuracy"]
    assert (shown["held"], shown["waiting"], shown["runs"]) == (20, 0, ["colours"])


def test_a_loop_that_nobody_goes_round_with_says_so_and_so_does_one_whose_model_raised(served: Served) -> None:
    nobody = people(tells(1.0), count=0)
    with looped(served, stop=df.StopRule(labels=60), platform=nobody):
        assert of(served, "/colours")["state"] == "asking"
    assert of(served, "/colours")["state"] == "waits_launch"

    def breaks(items: Any, labels: Any) -> Any:
        raise ValueError("no such word")

    again = looped(served, breaks, name="raised", stop=df.StopRule(labels=60))
    again._feeder.join(60)
    again.close()
    view = of(served, "/raised")
    assert view["state"] == "failed"
    assert "no such word" in view["shown"]["failed"]


def test_where_people_are_asked_is_told_until_that_is_over_also_when_nobody_goes_round_any_more(served: Served) -> None:
    with looped(served, platform=None, stop=df.StopRule(labels=60)) as loop:
        loop.status()
    view = of(served, "/colours")
    assert (view["state"], view["here"], view["asks"]) == ("waits_launch", ["colours"], "colours")
    for state, asks in (("paused", "colours"), ("closed", None)):
        assert served.requester.post("/api/runs/colours/state", json={"state": state}).status_code < 300
        assert of(served, "/colours")["asks"] == asks


@pytest.mark.parametrize("name", ["unknown", "..", "a%2Fb", "%00", "A b"])
def test_of_what_is_no_loop_nothing_is_told(served: Served, name: str) -> None:
    reply = served.requester.get(f"/api/loops/{name}")
    assert reply.status_code == 404, (name, reply.text)


def test_a_run_is_no_loop_and_one_that_cannot_be_read_hides_no_other(served: Served) -> None:
    with looped(served, stop=df.StopRule(labels=40)) as loop:
        loop.wait(60, progress=False)
    folder = served.workspace.runs
    for name in ("broken", "plain"):
        (folder / name).mkdir()
        (folder / name / "run.json").write_text("{")
    (folder / "broken" / "loop.jsonl").write_text("x")
    (folder / "broken" / "loop.json").write_bytes(b"\xff{")
    assert [(row["loop"], row["state"]) for row in of(served)["loops"]] == [
        ("broken", "waits_launch"),
        ("colours", "ended"),
    ]
    assert of(served, "/broken")["shown"] is None
    assert not LoopStanding(folder / "plain").exists
