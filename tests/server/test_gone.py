"""A run that is renamed, put aside or deleted: what becomes of its name, its files, its workers and their money."""

import hashlib
import sqlite3
import time
import uuid
from contextlib import closing

import pytest

from dataforge.changes.gone import Gone, gone, mark_gone
from dataforge.errors import Refused
from dataforge.issue import verdicts
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.server.requesters import gone as server_gone
from dataforge.workspace import media_path

DISC = b"\x89PNG a disc"


def left_of(served, run="run"):
    """Tables that hold anything but what has to stay, once everything is swept."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with closing(sqlite3.connect(served.workspace.database)) as db:
            if not db.execute("SELECT 1 FROM leaving_runs UNION SELECT 1 FROM leaving_media").fetchone():
                tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
                found = {name for name in tables if db.execute(f"SELECT 1 FROM {name}").fetchone()}
                money = {"past_work", "ledger", "balances"}
                return found - {"settings", "sqlite_sequence", "workers", "people", "sessions", "runs"} - money
        time.sleep(0.02)
    raise AssertionError("what was deleted is still there")


@pytest.fixture
def worked(served):
    """A run in which Ann has a page accepted, one that waits for a verdict, and one in her hands."""
    served.publish()
    served.add(real=9, control=3)
    ann = served.join()
    for judged in (True, False):
        page = ann.page()
        ann.submit(page)
        if judged:
            served.command("judge", accepted=[page["page"]])
    ann.held = ann.page()
    return ann


def test_who_deletes_a_run_is_told_before_what_goes_and_who_is_cut_off(served, worked):
    contents = served.ask("GET", "/api/runs/run/contents")
    assert contents == {
        "items": 9,
        "control_items": 3,
        "responses": 6,
        "workers": 1,
        "files": 0,
        "pages_held": 1,
        "pages_pending": 1,
        "owed": 30_000,
        "earned": 30_000,
        "currency": "USD",
        "appeals": 0,
        "appealed": 0,
    }


def test_an_appeal_that_nobody_has_decided_is_upheld_when_its_run_is_deleted_and_that_is_said_before(served, worked):
    page = worked.held
    worked.submit(page)
    served.command("judge", rejected=[page["page"]])
    path = f"/api/work/pages/{page['page']}/appeal"
    assert worked.client.post(path, json={"text": "I looked at each"}).status_code == 200
    contents = served.ask("GET", "/api/runs/run/contents")
    assert (contents["appeals"], contents["appealed"]) == (1, 30_000)
    served.ask("DELETE", "/api/runs/run")
    me = worked.get("/api/work/me")
    assert (me["earned"], me["pages_accepted"], me["pages_rejected"]) == (90_000, 3, 0)
    [balance] = worked.get("/api/work/money")["balances"]
    assert balance["due"] == 90_000


def test_the_wage_floor_holds_for_what_nobody_has_decided_when_its_run_is_deleted(served):
    # A unit a second.
    served.publish(wage_floor=3_600_000_000, prices=[1, 1, 1], control_per_page=0, real_per_page=2)
    served.add(real=12)
    ann = served.join()
    for seconds in (30, 20):
        page = ann.page()
        served.clock.move(seconds)
        ann.submit(page, seconds=seconds)
    served.command("judge", rejected=[page["page"]])
    ann.client.post(f"/api/work/pages/{page['page']}/appeal", json={"text": "I looked at each"})
    served.ask("DELETE", "/api/runs/run")
    me = ann.get("/api/work/me")
    assert (me["earned"], me["pages_accepted"], me["pages_rejected"]) == (50_000_000, 2, 0)
    [balance] = ann.get("/api/work/money")["balances"]
    assert balance["due"] == 50_000_000
    # What was paid for a time stays known, so that it is paid nowhere else.
    assert left_of(served) == {"hours"}
    with closing(SqliteStore.open(served.workspace.database)) as store:
        assert store.ledger.differences() == []
        assert store.db.execute("SELECT SUM(ended - begun), MAX(page) FROM hours").fetchall() == [(50_000, None)]


def test_what_waits_is_accepted_in_parts_and_a_deletion_that_was_cut_off_pays_no_page_twice(served, monkeypatch):
    served.publish(wage_floor=3_600_000_000, prices=[1, 1, 1], control_per_page=0, real_per_page=2)
    served.add(real=40)
    people = [served.join() for _ in range(2)]
    for _ in range(5):
        for one in people:
            page = one.page()
            served.clock.move(10)
            one.submit(page, seconds=10)
    parts = []

    def cut_off(transaction, run, pages):
        parts.append(len(pages))
        if len(parts) == 3:
            raise Refused("the power went off", status=503, code="power")
        verdicts.accept(transaction, run, pages)

    monkeypatch.setattr(server_gone, "ACCEPTED_AT_ONCE", 2)
    monkeypatch.setattr(server_gone, "accept", cut_off)
    served.ask("DELETE", "/api/runs/run", status=503)
    assert [one.get("/api/work/me")["pages_accepted"] for one in people] == [4, 0], "two parts of two are done"
    served.ask("DELETE", "/api/runs/run")
    assert max(parts) == 2
    assert parts[-1] == 0, "nothing was left for the last one"
    for one in people:
        me = one.get("/api/work/me")
        assert (me["earned"], me["pages_accepted"]) == (50_000_000, 5), "five times ten seconds each"
    assert left_of(served) == {"hours"}
    with closing(SqliteStore.open(served.workspace.database)) as store:
        assert store.ledger.differences() == []


def test_nothing_is_left_of_a_deleted_run_but_what_its_workers_earned(served, worked):
    served.ask("DELETE", "/api/runs/run")
    assert left_of(served) == set()
    served.ask("GET", "/api/runs/run", status=404)
    assert served.ask("GET", "/api/runs")["runs"] == []
    me = worked.get("/api/work/me")
    assert (me["earned"], me["pending"], me["pages_accepted"], me["pages_pending"]) == (60_000, 0, 2, 0)
    history = worked.get("/api/work/history")
    assert history["pages"] == []
    [past] = history["deleted"]
    assert (past["pages_accepted"], past["earned"], past["currency"]) == (2, 60_000, "USD")
    assert worked.get("/api/work/runs")["runs"] == []


def test_no_file_of_a_workspace_has_what_a_deleted_run_showed_and_was_answered(served):
    shown, said, asked = (f"{word}-{uuid.uuid4().hex}" for word in ("shown", "said", "asked"))
    text = {"name": "answer", "type": "text", "title": {"en": "Answer"}}
    task = served.publication()["task"] | {"instruction": {"en": asked}, "outputs": [text]}
    served.publish(task=task)
    items = [
        {"key": f"{shown}{n}", "inputs": {"text": f"{shown} {n} " + "long " * 3_000}, "wanted": 1} for n in range(4)
    ]
    served.command("add_items", items=items)
    ann = served.join()
    ann.submit(ann.page(), said)
    assert {word for word in (shown, said, asked) if word in bytes_of(served)} == {shown, said, asked}
    # Somebody reads the database as it was: its log cannot be emptied until they are done.
    with closing(sqlite3.connect(served.workspace.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM items").fetchone()
        served.ask("DELETE", "/api/runs/run")
        assert left_of(served) == set()
    give_up = time.monotonic() + 60
    while there := [word for word in (shown, said, asked) if word in bytes_of(served)]:
        assert time.monotonic() < give_up, there
        time.sleep(0.1)


def bytes_of(served):
    """All that the files of the workspace hold, as far as it is text."""
    found = [path.read_bytes() for path in served.workspace.root.rglob("*") if path.is_file()]
    return b"\n".join(found).decode("ascii", "ignore")


def test_what_a_deleted_run_owes_stays_in_the_ledger_as_sums(served, worked):
    served.ask("DELETE", "/api/runs/run")
    left_of(served)
    with closing(SqliteStore.open(served.workspace.database)) as store:
        rows = store.db.execute(
            "SELECT kind, page, SUM(amount) FROM ledger GROUP BY kind, page ORDER BY kind"
        ).fetchall()
        assert rows == [("accepted", None, 60_000), ("submitted", None, 60_000)]
        assert store.ledger.differences() == []


def test_answers_to_a_page_of_a_deleted_run_are_refused_with_the_reason(served, worked):
    served.ask("DELETE", "/api/runs/run")
    reply = worked.submit(worked.held)
    assert reply.status_code in (404, 410)
    left_of(served)
    assert worked.submit(worked.held).status_code == 404


def test_after_a_deletion_the_same_name_is_a_run_without_a_past(served, worked):
    served.ask("DELETE", "/api/runs/run")
    served.publish(identity="another")
    served.ask("GET", "/api/runs/run/events?after=3", status=409)
    assert served.events() == []
    served.add(real=9, control=3)
    bob = served.join(name="Bob")
    assert bob.page()["items"]
    left_of(served)
    assert len(served.events()) == 2
    with closing(sqlite3.connect(served.workspace.database)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_who_was_shut_out_of_a_deleted_run_can_be_let_in(served, worked):
    served.ask("DELETE", "/api/runs/run")
    served.ask("DELETE", f"/api/workers/{worked.worker}/link")
    served.ask("POST", f"/api/workers/{worked.worker}/link")


def test_files_go_with_the_run_unless_another_one_shows_them(served):
    names = {}
    for content in (DISC, b"another"):
        name = f"{hashlib.sha256(content).hexdigest()}.png"
        assert served.requester.put(f"/api/media/{name}", content=content).status_code == 200
        names[content] = name
    task = served.publication()["task"]
    task["inputs"] = [{"name": "photo", "title": {"en": "Photo"}, "type": "image", "settings": {}}]
    for run, contents in (("run", (DISC, b"another")), ("other", (b"another",))):
        served.publish(run, task=task)
        items = [{"key": names[content], "inputs": {"photo": {"media": names[content]}}} for content in contents]
        served.command("add_items", run, items=items)
    assert served.ask("GET", "/api/runs/run/contents")["files"] == 1
    served.ask("DELETE", "/api/runs/run")
    left_of(served)
    assert served.requester.get(f"/api/media/{names[DISC]}").status_code == 404
    assert served.requester.get(f"/api/media/{names[b'another']}").content == b"another"


def test_files_of_a_training_go_with_the_run_unless_another_training_shows_them(served):
    names = []
    for content in (DISC, b"another"):
        names.append(f"{hashlib.sha256(content).hexdigest()}.png")
        assert served.requester.put(f"/api/media/{names[-1]}", content=content).status_code == 200
    task = served.publication()["task"]
    task["inputs"] = [{"name": "photo", "title": {"en": "Photo"}, "type": "image", "settings": {}}]
    for run, shown in (("run", names), ("other", [names[1], names[1]])):
        items = [{"inputs": {"photo": {"media": name}}, "answers": {"answer": "yes"}} for name in shown]
        served.publish(run, task=task, training={"items": items, "page": 2, "score": 80})
    assert served.ask("GET", "/api/runs/run/contents")["files"] == 1
    served.ask("DELETE", "/api/runs/run")
    left_of(served)
    assert served.requester.get(f"/api/media/{names[0]}").status_code == 404
    assert served.requester.get(f"/api/media/{names[1]}").content == b"another"


def test_files_of_a_training_whose_items_changed_stay_for_who_is_taught_with_them_and_go_with_the_run(served):
    kept, gone = (hashlib.sha256(content).hexdigest() + ".png" for content in (DISC, b"another"))
    for name, content in ((kept, DISC), (gone, b"another")):
        assert served.requester.put(f"/api/media/{name}", content=content).status_code == 200
    task = served.publication()["task"]
    task["inputs"] = [{"name": "photo", "type": "image", "title": {"en": "Photo"}}]

    def training(name):
        return {
            "items": [{"inputs": {"photo": {"media": name}}, "answers": {"answer": "yes"}}] * 2,
            "page": 2,
            "score": 80,
        }

    for run in ("run", "other"):
        served.publish(run, task=task, training=training(kept))
    changed = {**served.publication(), "task": task, "training": training(gone)}
    served.command("republish", publication=changed)
    served.ask("DELETE", "/api/runs/other")
    left_of(served)
    # Whoever asks for a file keeps it for a while.
    assert media_path(served.workspace.media, kept).exists()
    assert served.ask("GET", "/api/runs/run/contents")["files"] == 2
    served.ask("DELETE", "/api/runs/run")
    left_of(served)
    assert [served.requester.get(f"/api/media/{name}").status_code for name in (kept, gone)] == [404, 404]


def test_a_file_that_a_launch_was_told_is_here_stays(served):
    name = f"{hashlib.sha256(DISC).hexdigest()}.png"
    served.requester.put(f"/api/media/{name}", content=DISC)
    task = served.publication()["task"]
    task["inputs"] = [{"name": "photo", "title": {"en": "Photo"}, "type": "image", "settings": {}}]
    served.publish(task=task)
    served.command("add_items", items=[{"key": "a", "inputs": {"photo": {"media": name}}}])
    # Another launch asks for the file now, and brings its items later.
    assert served.requester.head(f"/api/media/{name}").status_code == 200
    served.ask("DELETE", "/api/runs/run")
    time.sleep(0.3)
    assert served.requester.get(f"/api/media/{name}").status_code == 200


def test_a_forgotten_worker_is_an_id_with_answers_and_nobody_has_the_account(served, worked):
    served.ask("DELETE", f"/api/workers/{worked.worker}")
    [row] = served.ask("GET", "/api/runs/run/workers")["workers"]
    assert (row["worker"], row["name"], row["responses"]) == (worked.worker, "", 6)
    assert worked.client.get("/api/work/me").status_code == 401
    served.ask("POST", f"/api/workers/{worked.worker}/link", status=409)
    with closing(sqlite3.connect(served.workspace.database)) as db:
        assert b"Ann" not in b"".join(line.encode() for line in db.iterdump())
    page = served.join(name="Ann").page()
    assert page["items"]


def test_a_run_is_called_otherwise_and_everything_goes_on(served, worked):
    served.ask("POST", "/api/runs/run/name", {"name": "фото-2.1"})
    served.ask("GET", "/api/runs/run", status=404)
    assert served.ask("GET", "/api/runs/фото-2.1")["publication"]["name"] == "фото-2.1"
    assert worked.submit(worked.held).status_code == 200
    assert [run["run"] for run in worked.get("/api/work/runs")["runs"]] == ["фото-2.1"]
    served.publish()
    served.ask("GET", "/api/runs/run")


def test_a_name_that_is_taken_or_cannot_be_one_is_refused(served):
    served.publish(identity="one")
    served.publish("other", identity="two")
    assert "another run" in served.ask("POST", "/api/runs/run/name", {"name": "other"}, 409)["error"]["message"]
    for name in ("-rf", "..", "a/b", "Photos", "con", "a.", ""):
        assert served.ask("POST", "/api/runs/run/name", {"name": name}, 422)["error"]["code"] == "name_invalid"


def test_an_archived_run_has_no_work_until_it_is_brought_back(served):
    served.publish()
    served.add(real=9, control=3)
    ann = served.join()
    served.ask("POST", "/api/runs/run/state", {"state": "archived"})
    assert ann.take()["closed"]["reason"] == "finished"
    served.ask("POST", "/api/runs/run/state", {"state": "paused"})
    assert ann.take()["closed"]["reason"] == "paused"


def test_a_run_that_was_brought_back_by_half_is_brought_back_whole_by_the_next_word_on_it(served):
    served.publish(identity="one")
    folder = served.workspace.runs / "run"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    (folder / "identity").write_text("one")
    served.ask("POST", "/api/runs/run/state", {"state": "paused"})
    # Here the server was killed.
    mark_gone(folder, Gone("archived"))
    served.ask("POST", "/api/runs/run/state", {"state": "open"})
    assert gone(folder) is None
    # A deletion that has begun is not called off.
    served.ask("POST", "/api/runs/run/state", {"state": "archived"})
    assert served.ask("POST", "/api/runs/run/terms", {"budget": 5}, 409)["error"]["code"] == "run_archived"
    assert served.ask("POST", "/api/runs/run/name", {"name": "other"}, 409)["error"]["code"] == "run_archived"
    mark_gone(folder, Gone("deleted"))
    assert served.ask("POST", "/api/runs/run/terms", {"budget": 5}, 409)["error"]["code"] == "run_deleted"
    served.ask("POST", "/api/runs/run/state", {"state": "paused"})
    assert gone(folder) == Gone("deleted")


def test_with_a_run_goes_the_one_in_which_its_answers_are_judged(served):
    served.publish(identity="first")
    served.publish("run-check", checks="first", identity="second")
    assert served.ask("GET", "/api/runs/run")["checks"] == ["run-check"]
    assert {one["run"]: one["judges"] for one in served.ask("GET", "/api/runs")["runs"]} == {
        "run": None,
        "run-check": "run",
    }
    states = {one: lambda one=one: served.ask("GET", f"/api/runs/{one}")["state"] for one in ("run", "run-check")}
    assert served.ask("POST", "/api/runs/run-check/state", {"state": "archived"}, 409)["error"]["code"] == "run_judges"
    assert served.ask("POST", "/api/runs/run-check/name", {"name": "other"}, 409)["error"]["code"] == "run_judges"
    served.ask("POST", "/api/runs/run-check/state", {"state": "paused"})
    for state in ("archived", "paused"):
        served.ask("POST", "/api/runs/run/state", {"state": state})
        assert [told() for told in states.values()] == [state] * 2
    served.ask("POST", "/api/runs/run/name", {"name": "new"})
    served.ask("DELETE", "/api/runs/new")
    served.ask("POST", "/api/runs/run-check/state", {"state": "archived"})


def test_a_run_that_people_work_at_is_not_archived(served, worked):
    refusal = served.ask("POST", "/api/runs/run/state", {"state": "archived"}, 409)["error"]
    assert "pages that workers hold: 1, that wait for a verdict: 1" in refusal["message"]
