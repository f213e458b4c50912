"""What travels is typed once: the description, the replies and the pages' types are the same."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import time

import msgspec
import pytest
from scripts.wire import WIRE, typescript
from tests.server import test_assisting as assisting
from tests.server import test_files_of_workers as files
from tests.server.test_tables import sheet_of

import dataforge as df
from dataforge.changes.gone import bring_back
from dataforge.feed import ITEMS_FILE
from dataforge.loop_folder import JOURNAL, LoopStanding
from dataforge.pipeline_folder import FOLDER, About, Standing
from dataforge.records import LoopBatch, LoopPoint, LoopShown, LoopStop, PipelineBox, PipelineShown, TaskSpec
from dataforge.server.app import DESCRIBED, VERSION
from dataforge.server.openapi import description
from dataforge.server.shared.routes import Route
from dataforge.server.wire import appeals as appeal_replies
from dataforge.server.wire import assistants as assist_replies
from dataforge.server.wire import changing as changing_replies
from dataforge.server.wire import everybody as replies
from dataforge.server.wire import loops as loop_replies
from dataforge.server.wire import messages as message_replies
from dataforge.server.wire import pipelines as pipeline_replies
from dataforge.server.wire import requester as requester_replies
from dataforge.server.wire import training as training_replies
from dataforge.server.wire import worker as worker_replies

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
FILE = f"{hashlib.sha256(PICTURE).hexdigest()}.png"
JSON = [route for route in DESCRIBED if route.reply is not None]


@pytest.fixture(scope="module")
def described():
    return description(DESCRIBED, VERSION)


def test_the_types_of_the_pages_are_made_from_the_present_description(described):
    assert WIRE.read_text("utf-8") == typescript(described), "the API has changed: run `make wire`"


@pytest.mark.parametrize(
    "module",
    [
        replies,
        worker_replies,
        requester_replies,
        appeal_replies,
        changing_replies,
        message_replies,
        pipeline_replies,
        loop_replies,
        training_replies,
        assist_replies,
    ],
)
def test_every_body_and_reply_that_is_written_down_belongs_to_a_route(module, described):
    written = {
        name
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__
    }
    assert written == set(module.__all__)
    assert written <= described["components"]["schemas"].keys()


def test_closed_sets_are_enumerations_with_a_name(described):
    schemas = described["components"]["schemas"]
    for name in ("ClosedReason", "Flag", "PageState", "Stage", "State"):
        assert schemas[name]["enum"]
    open_texts = {
        (record, field)
        for record, schema in schemas.items()
        for field, kind in schema.get("properties", {}).items()
        if field in ("state", "stage", "flag", "reason", "status") and kind == {"type": "string"}
    }
    assert open_texts == set()


def test_every_route_replies_with_all_that_it_declares_and_nothing_else(served):
    seen: dict[str, Route] = {}

    def compare(reply) -> None:
        route = route_of(reply.request)
        if route is None or reply.read() is None or reply.status_code != 200:
            return
        seen[f"{route.method} {route.path}"] = route
        record = msgspec.json.decode(reply.content, type=route.reply)
        # What is at its default may be said or left out.
        fields = msgspec.structs.fields(record)
        usual = {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}
        said, known = json.loads(reply.content), json.loads(msgspec.json.encode(record))
        assert usual | said == usual | known, f"{route.method} {route.path} replies otherwise than it declares"

    every_client_tells(served, compare)
    tour(served)
    assert seen.keys() == {f"{route.method} {route.path}" for route in JSON}


def route_of(request) -> Route | None:
    for route in JSON:
        path = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(re.sub(r":\w+\}", "}", route.path)))
        if route.method == request.method and re.fullmatch(path, request.url.path):
            return route
    return None


def every_client_tells(served, hook) -> None:
    made = served.client

    def client(token=None):
        new = made(token)
        new.event_hooks = {"response": [hook]}
        return new

    served.client = client


def tour(served) -> None:
    """Use every route that replies with JSON once, with a run in which something has happened."""
    run = tour_of_the_requester(served)
    tour_of_pipelines(served)
    tour_of_loops(served)
    worker = served.join()
    page = worker.page()
    assert worker.submit(page).status_code == 200
    ahead = [worker.page(), worker.page(have=[worker.page()["page"]])]
    assert worker.do("release", ahead[1]).status_code == 200
    assert worker.do("skip", ahead[0]).status_code == 200
    for path in ("me", "runs", "runs/run", "runs/run/standing", "history", "about", "money"):
        worker.get(f"/api/work/{path}")
    for path in ("workers", f"workers/{worker.worker}", f"workers/{worker.worker}/pages"):
        served.ask("GET", f"/api/{path}")
    served.ask("POST", f"/api/workers/{worker.worker}/note", {"note": "asks twice"})
    assert worker.client.post("/api/work/about", json={"born": 1990}).status_code == 200
    served.ask("GET", f"/api/workers/{worker.worker}/skills")
    served.ask("POST", f"/api/workers/{worker.worker}/skills", {"name": "medical", "value": 70})
    served.ask("GET", "/api/runs/run/filters")
    served.ask("POST", "/api/filters", {"workers": {"age": [18, None]}})
    own = worker.get("/api/work/sessions")["sessions"][0]["session"]
    for path in (f"/api/work/sessions/{own}", "/api/work/sessions"):
        assert worker.client.request("DELETE", path, json={}).status_code == 200
    served.ask("DELETE", f"/api/workers/{worker.worker}/sessions", {})
    guest = served.client()
    invitation = served.invitation()
    assert guest.post("/api/work/join", json={"invitation": invitation, "name": "Bo"}).status_code == 200
    assert guest.post("/api/work/me", json={"name": "Bob"}).status_code == 200
    assert guest.post("/api/work/whose", json={"token": worker.token}).status_code == 200
    assert guest.post("/api/work/invited", json={"invitation": served.invitation()}).status_code == 200
    assert guest.post("/api/work/return", json={"token": worker.token}).status_code == 200
    assert guest.post("/api/work/link", json={}).status_code == 200
    assert guest.post("/api/work/leave", json={}).status_code == 200
    for method in ("POST", "DELETE"):
        served.ask(method, f"/api/workers/{worker.worker}/link", {})
    object_to_a_rejection(served)
    judge_and_look(served, run, worker.worker, page["page"])
    send_a_file(served)
    assert assisting.ask(*assisting.published(served, run="painted"), assisting.BOX).status_code == 200
    learn(served)
    mend(served)
    give_to_experts(served)


def learn(served) -> None:
    training = {"items": [{"inputs": {"text": str(n)}, "answers": {"answer": "yes"}} for n in range(2)]}
    served.publish("taught", training={**training, "page": 2, "score": 100})
    served.add(real=1, run="taught", prefix="taught ")
    path, worker = "/api/work/runs/taught/training", served.join("taught")
    worker.get(path)
    assert worker.client.post(path, json={"after": 0}).status_code == 200
    answer = {"number": 1, "place": 0, "answer": {"answer": "no"}}
    assert worker.client.post(f"{path}/answer", json=answer).status_code == 200


def object_to_a_rejection(served) -> None:
    worker = served.join()
    whole = worker.page()
    page = whole["page"]
    assert worker.submit(whole).status_code == 200
    served.command("judge", rejected=[page])
    assert worker.client.post(f"/api/work/pages/{page}/appeal", json={"text": "I looked"}).status_code == 200
    served.ask("GET", "/api/appeals")
    served.ask("GET", f"/api/runs/run/appeals/{page}")
    served.ask("POST", f"/api/runs/run/appeals/{page}", {"upheld": True})
    served.ask("GET", "/api/payouts")
    served.ask("GET", "/api/runs/run/money")
    owed = {"worker": worker.worker, "currency": "USD", "amount": 1}
    served.ask("POST", "/api/payouts", {"key": "june", "payments": [owed]})
    message = {"run": "run", "text": "What is a real item?", "key": "1", "page": page, "place": 0}
    number = worker.client.post("/api/work/messages", json=message).json()["message"]
    served.ask("GET", "/api/messages")
    served.ask("GET", "/api/inbox")
    served.ask("POST", f"/api/messages/{number}/reply", {"text": "This one."})
    worker.get("/api/work/messages")
    assert worker.client.post("/api/work/messages/seen", json={"until": served.clock()}).status_code == 200


def send_a_file(served) -> None:
    files.publish(served, run="spoken")
    worker = served.join("spoken")
    page, content = worker.page("spoken"), files.wav()
    assert files.put(worker, page, content).status_code == 200
    worker.get(f"/api/work/pages/{page['page']}/files/answer/{files.name_of(content)}")


def tour_of_pipelines(served) -> None:
    standing = Standing(served.workspace.root / FOLDER / "scenes")
    standing.path.mkdir(parents=True)
    standing.note(About("scenes", "scenes", 5.0, 1, source="scenes.py:scenes"))
    standing.show(
        PipelineShown(1, 0, 0, 0, 0, "USD", (9.0, 9.0), (PipelineBox("items", "items", 0.0, 0.0, 1),), (), (), 0.0)
    )
    assert served.ask("GET", "/api/pipelines")["pipelines"][0]["state"] == "waits_server"
    served.ask("GET", "/api/pipelines/scenes")
    served.ask("POST", "/api/pipelines/scenes/stop", {})
    served.ask("POST", "/api/pipelines/scenes/go-on", {})


def tour_of_loops(served) -> None:
    standing = LoopStanding(served.workspace.runs / "digits")
    standing.path.mkdir(parents=True)
    for file in (JOURNAL, "run.json"):
        (standing.path / file).write_text("{}")
    stop, batch = LoopStop(0.9, 0.03, 3, 500, 5.0), LoopBatch(0, "holdout", "digits", 9, 9, 90)
    point = LoopPoint(1, 20, 0.8, 0.7, 0.9)
    standing.show(LoopShown(90, 9, 9, 0, 90, "USD", stop, (batch,), (point,), ("digits",), "", "", 0.0))
    assert served.ask("GET", "/api/loops")["loops"][0]["state"] == "waits_launch"
    served.ask("GET", "/api/loops/digits")


def tour_of_the_requester(served) -> str:
    served.ask("GET", "/health")
    served.ask("GET", "/ready")
    served.ask("GET", "/api/workspace?nonce=once")
    session = served.client()
    assert session.post("/api/session", json={"secret": served.workspace.secret()}).status_code == 200
    elsewhere = served.client()
    assert elsewhere.post("/api/session", json={"secret": served.workspace.secret()}).status_code == 200
    newest = served.ask("GET", "/api/sessions")["sessions"][0]
    served.ask("DELETE", f"/api/sessions/{newest['session']}", {})
    assert session.request("DELETE", "/api/sessions", json={}).status_code == 200
    assert session.request("DELETE", "/api/session", json={}).status_code == 200
    assert served.requester.put(f"/api/media/{FILE}", content=PICTURE).status_code == 200
    assert served.requester.post("/api/uploads?extension=png", content=PICTURE).status_code == 200
    served.ask("POST", "/api/prices", {"duration": 9, "options": 3})
    assert served.requester.post("/api/tables", content=sheet_of([["text"], ["one"]])).status_code == 200
    published = served.publish()
    task = published["task"]
    served.add(real=9, control=3)
    invited = served.ask("POST", "/api/invitations", {"run": "run"})
    served.ask("POST", "/api/invitations/people", {"run": "run", "names": ["Anna"]})
    served.ask("GET", "/api/invitations")
    served.ask("DELETE", f"/api/invitations/{invited['invitation']}", {})
    preview = served.ask("POST", "/api/previews", {"task": task, "items": [{"text": "one"}]})
    served.ask("GET", f"/api/previews/{preview['preview']}")
    served.ask("GET", "/api/runs/run/preview")
    a_folder(served, published)
    known = [{"id": "gold", "text": "two", "answer": "yes"}]
    served.ask("POST", "/api/runs/run/items", {"items": [{"text": "one"}], "control": known})
    served.ask("POST", "/api/runs/run/corrections", {"corrections": [{"kind": "withdraw", "item": "gold"}]})
    served.ask("GET", "/api/runs/run/corrections")
    served.ask("GET", "/api/runs/run/known/gold")
    served.ask("GET", "/api/runs/run/certificate")
    served.ask("POST", "/api/runs/run/reopen")
    served.ask("GET", "/api/runs/run/terms")
    served.ask("POST", "/api/runs/run/terms", {"budget": 5})
    served.ask("POST", "/api/runs/run/finish")
    return "/api/runs/run"


def a_folder(served, published) -> None:
    """The folder that a run launched in this workspace has."""
    folder, task = served.workspace.runs / published["name"], published["task"]
    folder.mkdir(parents=True)
    df.Items.empty(df.Task.from_spec(msgspec.convert(task, TaskSpec))).save(folder / ITEMS_FILE)
    launched = {"name": published["name"], "publication": published, "policy": df.Policy().to_json()}
    launched |= {"platform": "embedded", "created": 0.0}
    (folder / "run.json").write_bytes(msgspec.json.encode(launched))


def mend(served) -> None:
    a_folder(served, served.publish("own", alone=True))
    served.ask(
        "POST",
        "/api/runs/own/items",
        {"items": [{"id": f"r{number}", "text": f"text {number}"} for number in range(9)]},
    )
    served.add(real=9, run="own")
    worker = served.join("own")
    page = worker.page("own")
    assert worker.submit(page).status_code == 200
    again = {"answers": [{"answer": "no"} for _ in page["items"]]}
    assert worker.client.post(f"/api/work/runs/own/pages/{page['page']}/mend", json=again).status_code == 200


def give_to_experts(served) -> None:
    policy = df.Policy.preset("no-control", overlap=1)
    task = df.Task.from_spec(msgspec.convert(served.publication("sampled")["task"], TaskSpec))
    options = {"policy": policy, "name": "sampled", "workspace": served.workspace, "progress": False}
    with df.launch(task, [{"text": "one"}], **options) as run:
        worker = served.join("sampled")
        while (page := worker.take("sampled")["page"]) is None:
            time.sleep(0.05)
        assert worker.submit(page, "yes").status_code == 200
        assert run.wait(60, progress=False).stage == "done"
    # A command is a process of its own, which a busy machine keeps waiting.
    reply = served.requester.post("/api/runs/sampled/verify", json={"experts": ["Anna"]}, timeout=120)
    assert reply.status_code == 200, reply.text


def judge_and_look(served, run: str, worker: str, page: str) -> None:
    served.command("judge", accepted=[page])
    quality = {"worker": worker, "responses": 3, "pages_accepted": 1, "pages_rejected": 0}
    snapshot = {
        **dict.fromkeys(("at", "items_total", "items_final", "control_total", "responses", "cost"), 1),
        **dict.fromkeys(("pages_accepted", "pages_rejected", "pages_pending"), 0),
        "stage": "running",
        "workers": [quality | {"control_correct": 1, "control_total": 1, "skill": 0.5}],
        "items": [{"key": "r0", "answer": {"answer": "yes"}, "confidence": {"answer": 0.5}, "overlap": 1}],
    }
    served.ask("PUT", f"{run}/snapshot", snapshot)
    for path in ("/api/runs", run, f"{run}/events", f"{run}/workers", f"{run}/items", f"{run}/items/r0"):
        served.ask("GET", path)
    served.ask("POST", f"{run}/workers/{worker}/restrict", {"until": served.clock() + 60, "reason": {"en": "a rest"}})
    served.ask("POST", f"{run}/workers/{worker}/allow", {})
    served.ask("POST", f"{run}/state", {"state": "paused"})
    served.ask("DELETE", f"/api/workers/{worker}")
    served.ask("GET", f"{run}/contents")
    served.ask("POST", f"{run}/name", {"name": "renamed"})
    the_runner_moves_the_folder(served, "run", "renamed")
    served.ask("DELETE", "/api/runs/renamed")


def the_runner_moves_the_folder(served, name: str, new: str) -> None:
    folder = served.workspace.runs / name
    bring_back(folder)
    folder.rename(served.workspace.runs / new)
