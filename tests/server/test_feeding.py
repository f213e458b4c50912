"""Items that are added to a run over HTTP, by the requester only, and what is refused."""

from contextlib import closing
from typing import Any

import pytest

import dataforge as df
from dataforge.data.voters import share_of_labels
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.run import open_run


@df.task(duration="5s")
def likes(text: df.Text, picture: df.Image | None) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture
def run(served: Any) -> df.Run:
    """An open run with one item that nobody drives."""
    rows = [{"id": "first", "text": "one"}]
    return df.launch(
        likes, rows, name="run", workspace=served.workspace, detach=True, progress=False, open=True
    )  # fmt: skip


@pytest.fixture
def checked_run(served: Any) -> df.Run:
    """The same with a control item, so that its pages have room for one."""
    rows, sure = [{"id": "first", "text": "one"}], [{"id": "sure", "text": "surely", "answer": True}]
    policy = df.Policy(page=(2, 1))
    return df.launch(
        likes, rows, sure, policy=policy, name="run", workspace=served.workspace, detach=True, progress=False, open=True
    )  # fmt: skip


def row(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "text": f"text {name}", **more}


def added(served: Any, status: int = 200, **body: Any) -> Any:
    return served.ask("POST", "/api/runs/run/items", body, status)


def test_rows_become_items_of_the_run(served: Any, checked_run: df.Run) -> None:
    known = [{"id": "gold", "text": "known", "answer": True}]
    assert added(served, items=[row("a"), row("b", shot="May")], control=known) == {"new": 3, "known": 0}
    assert added(served, items=[row("b", shot="May"), row("c")]) == {"new": 1, "known": 1}
    with checked_run as run:
        run.drive()
        while run.wait(0.1, progress=False).items_total < 4:
            pass
        assert run.labels()["id"].tolist() == ["first", "a", "b", "c"]
    assert served.ask("GET", "/api/runs/run/items")["total"] == 6


def test_a_control_item_that_no_page_has_room_for_is_refused(served: Any, run: df.Run) -> None:
    refusal = added(served, 422, items=[row("a")], control=[{"id": "gold", "text": "known", "answer": True}])
    assert "has no control items on its pages" in refusal["error"]["message"]


def test_no_more_items_come(served: Any, run: df.Run) -> None:
    assert served.ask("POST", "/api/runs/run/finish") == {}
    assert RunFolder.of(served.workspace, "run").feed().state().finished


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"items": [{"id": "a"}]}, "no column 'text' for the input of that name"),
        ({"items": [row("a"), {"id": "b", "text": None}]}, "row 2, column 'text': expected a value, got none"),
        ({"items": [row("a"), row("a")]}, "row 1 and row 2 have the same id 'a'"),
        (
            {"items": [row("a"), {"id": "first", "text": "two"}]},
            "an item 'first' already, and it differs: column 'text'",
        ),
        ({"items": [row("a", picture="/etc/hostname.jpg")]}, "is no address of a file; store it by `PUT /api/media/"),
        ({"items": [row("a", picture="file:///etc/hostname.jpg")]}, "is no address of a file"),
        ({"items": [row("a", picture={"file": "/etc/hostname.jpg"})]}, 'expected {"url": "https://…"} or {"media"'),
        ({"items": [row("a")], "control": [{"text": "no answer"}]}, "no column 'answer' with the known answers"),
    ],
)
def test_what_is_wrong_with_rows_is_said_and_none_are_added(
    served: Any, run: df.Run, body: dict[str, Any], said: str
) -> None:
    error = added(served, 422, **body)["error"]
    assert error["code"] == "item_invalid"
    assert said in error["message"]
    assert RunFolder.of(served.workspace, "run").feed().state().fed == 0


def test_no_rows_are_none_to_add(served: Any, run: df.Run) -> None:
    assert added(served, items=[]) == {"new": 0, "known": 0}


@pytest.mark.parametrize("body", [{"itmes": [row("a")]}, {"items": [row("a")], "controls": []}])
def test_a_field_that_nobody_knows_is_refused_and_no_rows_are_lost(
    served: Any, run: df.Run, body: dict[str, Any]
) -> None:
    error = added(served, 422, **body)["error"]
    assert (error["code"], "unknown field" in error["message"]) == ("body_invalid", True)
    assert RunFolder.of(served.workspace, "run").feed().state().fed == 0


def test_files_that_were_stored_and_addresses_are_taken(served: Any, run: df.Run) -> None:
    stored = {"media": f"{'0' * 64}.jpg"}
    rows = [row("a", picture=stored), row("b", picture="https://example.org/b.jpg")]
    assert added(served, items=rows)["new"] == 2


def test_rows_are_known_by_the_column_that_the_run_was_launched_with(served: Any) -> None:
    rows = [{"name": "first", "text": "one"}]
    run = df.launch(
        likes, rows, id="name", name="run", workspace=served.workspace, detach=True, progress=False, open=True
    )  # fmt: skip
    again, other = {"name": "first", "text": "one"}, {"name": "second", "text": "two"}
    assert added(served, items=[again, other]) == {"new": 1, "known": 1}
    assert run.add([other]).known == 1


@pytest.mark.parametrize("file", ["items.parquet", "feed.sqlite3"])
def test_a_run_whose_files_are_damaged_is_told_from_one_that_has_ended(served: Any, run: df.Run, file: str) -> None:
    (RunFolder.of(served.workspace, "run").path / file).write_bytes(b"garbage" * 1000)
    error = added(served, 503, items=[row("a")])["error"]
    assert (error["code"], file in error["message"]) == ("feed_unusable", True)


def test_a_damaged_feed_cannot_be_finished(served: Any, run: df.Run) -> None:
    (RunFolder.of(served.workspace, "run").path / "feed.sqlite3").write_bytes(b"garbage" * 1000)
    error = served.ask("POST", "/api/runs/run/finish", None, 503)["error"]
    assert error["code"] == "feed_unusable"


def test_a_run_that_has_ended_says_why_it_takes_no_more(served: Any, run: df.Run) -> None:
    run.stop()
    with run:
        run.drive()
        assert run.wait(60, progress=False).stage == "stopped"
    error = added(served, 409, items=[row("a")])["error"]
    assert (error["code"], "it was stopped by hand" in error["message"]) == ("run_closed", True)


def test_a_run_launched_from_another_workspace_is_fed_there(served: Any) -> None:
    served.publish("elsewhere")
    for path in ("items", "finish"):
        error = served.ask("POST", f"/api/runs/elsewhere/{path}", {"items": [{"text": "a"}]}, 409)["error"]
        assert error["code"] == "run_elsewhere"
    assert served.ask("POST", "/api/runs/nothing/items", {"items": []}, 404)["error"]["code"] == "run_unknown"


def test_what_was_added_over_http_is_known_to_who_adds_it_by_the_handle(served: Any, run: df.Run) -> None:
    added(served, items=[row("a")])
    assert open_run("run", served.workspace).add([row("a"), row("b")]).known == 1


def test_drafts_of_known_items_are_planted_as_the_policy_of_the_run_says(served: Any) -> None:
    # Where drafts are judged first only wrong ones are left to mend, so that right ones would give known items away.
    policy = df.Policy(quality="check", check_drafts=True, page=(2, 2))
    rows, known = [row("first", guess=True)], [row(f"k{n}", answer=n % 2 == 0) for n in range(4)]
    df.launch(
        likes, rows, known, policy=policy, prefill="guess", name="run", workspace=served.workspace, detach=True,
        progress=False, open=True,
    )  # fmt: skip
    more = [row(f"m{n}", answer=n % 2 == 0) for n in range(8)]
    assert added(served, items=[row("a", guess=True)], control=more, prefill="guess")["new"] == 9
    with closing(RunFolder.of(served.workspace, "run").feed()) as feed:
        items = feed.read(likes, 0, feed.state().fed)
    drafts = {item.key: item.draft["answer"] for item in items.records() if item.key.startswith("m")}
    assert drafts == {f"m{n}": n % 2 != 0 for n in range(8)}


def test_items_that_are_fed_bring_what_models_say_of_them(served: Any) -> None:
    known = [row(f"k{n}", answer=n % 2 == 0, model=n % 2 == 0) for n in range(4)]
    df.launch(
        likes, [row("first", model=True)], known, voters={"cnn": "model"}, name="run", workspace=served.workspace,
        detach=True, progress=False, open=True,
    )  # fmt: skip
    refused = added(served, 422, items=[row("a")])
    assert "no column 'model' with what the model 'cnn' says" in refused["error"]["message"]
    assert added(served, items=[row("a", model=False), row("b", model=None)])["new"] == 2
    with closing(RunFolder.of(served.workspace, "run").feed()) as feed:
        items = feed.read(likes, 0, 2)
    assert share_of_labels(items, "model", (True, False)).tolist() == [[0, 1], [0, 0]]


def test_rows_have_drafts_that_a_worker_gets_beside_the_inputs(served: Any, run: df.Run) -> None:
    assert added(served, items=[row("a", guess=True), row("b", guess=None)], prefill="guess")["new"] == 2
    wrong = added(served, 422, items=[row("c", guess="perhaps")], prefill="guess")
    assert "row 1, column 'guess'" in wrong["error"]["message"]
    assert "has several outputs" not in added(served, 422, items=[row("c")], prefill="sure")["error"]["message"]
    with run:
        run.drive()
        worker = served.join()
        drafts: dict[str, Any] = {}
        while len(drafts) < 3:
            page = worker.take()["page"]
            drafts |= {item["inputs"]["text"]: item.get("draft") for item in (page or {"items": []})["items"]}
            if page is not None:
                worker.client.post(f"/api/work/pages/{page['page']}/skip", json={})
    assert drafts == {"one": None, "text a": {"answer": True}, "text b": None}


@df.task(duration="5s")
def near(id: int, text: df.Text) -> bool:  # noqa: A002 - what the test is about
    """Is it near?"""
    raise NotImplementedError


def test_rows_without_a_name_are_called_by_what_they_say(served: Any, run: df.Run) -> None:
    rows = [{"text": "two"}, {"text": "three", "shot": "May"}]
    assert added(served, items=rows, by_content=True) == {"new": 2, "known": 0}
    assert added(served, items=[*reversed(rows), row("mine")], by_content=True) == {"new": 1, "known": 2}


def test_rows_without_a_name_that_say_the_same_are_named_by_their_numbers(served: Any, run: df.Run) -> None:
    error = added(served, 422, items=[{"text": "two"}, {"text": "three"}, {"text": "two"}], by_content=True)["error"]
    assert error["message"] == "row 1 and row 3 say the same; remove one, or name each in 'id'"


def test_an_input_called_id_is_the_name_of_no_row(served: Any) -> None:
    options: dict[str, Any] = {"workspace": served.workspace, "detach": True, "progress": False, "open": True}
    with df.launch(near, [{"id": 7, "text": "one"}], name="run", **options) as run:
        rows = [{"id": 7, "text": "two"}, {"id": 8, "text": "two"}]
        assert added(served, items=rows, by_content=True) == {"new": 2, "known": 0}
        assert added(served, items=rows, by_content=True) == {"new": 0, "known": 2}
        run.drive()
        while run.wait(0.1, progress=False).items_total < 3:
            pass
        assert run.labels()["id"].tolist() == [7, 7, 8]


def test_rows_of_a_run_with_ids_of_its_own_get_no_other_column(served: Any) -> None:
    rows = [{"name": "first", "text": "one"}]
    options: dict[str, Any] = {"workspace": served.workspace, "detach": True, "progress": False, "open": True}
    with df.launch(likes, rows, id="name", name="run", **options) as run:
        assert added(served, items=[{"text": "two"}], by_content=True) == {"new": 1, "known": 0}
        run.drive()
        while run.wait(0.1, progress=False).items_total < 2:
            pass
        labels = run.labels()
        assert "id" not in labels
        assert labels["name"].str.startswith("page-").tolist() == [False, True]
