"""Bad luck, end to end: real servers and launchers as processes, full disks, taken ports, and what nobody may learn."""

from __future__ import annotations

import json
import os
import re
import resource
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.known_people import know_everybody

import dataforge as df
from dataforge import cli
from dataforge.errors import RunError
from dataforge.platforms.embedded import connect
from dataforge.workspace import Workspace

SOURCE = Path(__file__).parents[1] / "src"
GOLD = [f"gold-answer-{number}" for number in range(4)]
NOTE = "note-for-the-requester"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with a running server, a process of its own."""
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    know_everybody(workspace)
    address = workspace.server()
    assert address is not None
    yield workspace
    server = psutil.Process(address.pid)
    server.terminate()
    server.wait(30)


def requester(workspace: Workspace) -> httpx.Client:
    address = workspace.server()
    assert address is not None
    headers = {"Authorization": f"Bearer {workspace.secret()}"}
    return httpx.Client(base_url=address.url, headers=headers, timeout=60, trust_env=False)


def worker(run: df.Run, name: str) -> httpx.Client:
    """A client that has joined the run."""
    assert run.invitation is not None
    base, invitation = run.invitation.split("/join/")
    client = httpx.Client(base_url=base, timeout=60, trust_env=False)
    client.post("/api/work/join", json={"invitation": invitation, "name": name, "language": "en"}).raise_for_status()
    return client


def pages(client: httpx.Client, run: str) -> Iterator[dict[str, Any]]:
    """The worker's pages until there are none."""
    while (page := client.post(f"/api/work/runs/{run}/pages", json={}).json()["page"]) is not None:
        yield page


def answer(client: httpx.Client, page: dict[str, Any], label: str = "yes") -> httpx.Response:
    answers = {"answers": [{"answer": label}] * len(page["items"])}
    return client.post(f"/api/work/pages/{page['page']}/submit", json=answers)


class Reply(df.Choice):
    YES = df.option("yes")
    NO = df.option("no")


@df.task(duration="5s")
def question(text: df.Text) -> Reply:
    """Yes or no?"""


POLICY = df.Policy(overlap=1, page=(2, 0), speed=(), skips=None, control=None)


def launch(workspace: Workspace, **more: Any) -> df.Run:
    rows = [{"text": f"text {number}"} for number in range(8)]
    settings = {"policy": POLICY, "name": "run", "workspace": workspace, "progress": False}
    return df.launch(question, rows, **(settings | more))


def begun(run: df.Run) -> df.Run:
    while run.status().stage == "starting":
        run.wait(0.05, progress=False)
    return run


# --- control answers ------------------------------------------------------------------------------


def test_no_answer_of_a_control_item_ever_reaches_the_server(workspace: Workspace) -> None:
    """Labels that only control items have stand in the form and nowhere else; carried columns are for the requester."""

    class Grade(df.Choice):
        YES = df.option("yes")
        NO = df.option("no")
        A = df.option(GOLD[0])
        B = df.option(GOLD[1])
        C = df.option(GOLD[2])
        D = df.option(GOLD[3])

    @df.task(duration="5s")
    def grade(text: df.Text) -> Grade:
        """Which one?"""

    real = [{"text": f"real {number}", "remark": NOTE} for number in range(12)]
    control = [{"text": f"control {n}", "answer": GOLD[n % 4], "remark": NOTE} for n in range(8)]
    policy = df.Policy(overlap=2, page=(2, 2), control_ratio=0.5, speed=(), skips=None, control=None)
    run = df.launch(grade, real, control=control, policy=policy, name="run", workspace=workspace, progress=False)
    begun(run)
    heard: list[str] = []
    for name, label in (("Ann", "yes"), ("Bob", "no"), ("Eve", "yes")):
        with closing(worker(run, name)) as client:
            for page in pages(client, "run"):
                heard += [json.dumps(page), answer(client, page, label).text]
            paths = ("/api/work/me", "/api/work/runs", "/api/work/history", "/api/work/runs/run")
            heard += [without_form(client.get(path)) for path in paths]
    assert_silent("replies to workers", *heard)
    # Everybody failed every control item, so every page was rejected and its worker reads why.
    while run.status().control_accuracy is None:
        run.wait(0.05, progress=False)
    assert df.open_run("run", workspace).status().control_accuracy == 0
    run.stop()
    assert run.wait(60, progress=False).ended
    with closing(requester(workspace)) as client:
        heard += [without_notes(without_form(client.get(path))) for path in requester_paths(client)]
    assert any('"rejected"' in reply for reply in heard)
    assert_silent("replies", *heard)
    assert_silent("log", workspace.server_log.read_text())
    assert not workspace.media.exists() or not any(workspace.media.rglob("*.*"))
    assert_silent("database", *stored(workspace.database))
    assert run.labels(control=True)["remark"].eq(NOTE).all()


def without_form(reply: httpx.Response) -> str:
    """What a reply says, less the task's description, where the options stand for everybody to choose from."""
    assert reply.status_code == 200, reply.text
    content = reply.json()
    return json.dumps(stripped(content)) if isinstance(content, dict) else reply.text


def without_notes(text: str) -> str:
    """A text without the column that is carried."""
    return re.sub(rf'{{"remark": ?"{NOTE}"}}', "{}", text)


def stripped(content: dict[str, Any]) -> dict[str, Any]:
    for form in ("task", "publication"):
        assert NOTE not in json.dumps(content.pop(form, {}))
    for holder in (
        content,
        content.get("snapshot") or {},
        *(run.get("snapshot") or {} for run in content.get("runs", ())),
    ):
        # How often each label is the answer of a real item: all labels are listed, none of these ever occurs.
        for counts in holder.get("answers", {}).values():
            assert [counts.pop(label) for label in GOLD] == [0, 0, 0, 0]
    return content


def requester_paths(client: httpx.Client) -> list[str]:
    fixed = ["/api/runs", "/api/invitations"]
    of_run = [
        "",
        "/events?limit=10000",
        "/workers",
        "/items?limit=500",
        "/items?order=confidence&limit=500",
        "/preview",
    ]
    keys = [item["key"] for item in client.get("/api/runs/run/items?limit=500").json()["items"]]
    return [*fixed, *(f"/api/runs/run{path}" for path in of_run), *(f"/api/runs/run/items/{key}" for key in keys)]


def stored(database: Path) -> Iterator[str]:
    """Everything in the database but the form."""
    with closing(sqlite3.connect(database)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        assert {"items", "inputs", "item_qualities", "events", "commands", "pages", "snapshots"} <= set(tables)
        for table in tables:
            columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
            for row in db.execute(f"SELECT * FROM {table}"):
                for column, value in zip(columns, row, strict=True):
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    if (table, column) == ("runs", "publication"):
                        assert NOTE not in text
                    else:
                        told = json.dumps(stripped(json.loads(text))) if column == "snapshot" else text
                        yield without_notes(told) if column == "notes" else told


def assert_silent(where: str, *texts: str) -> None:
    for text in texts:
        for secret in (*GOLD, "gold-answer", NOTE):
            assert secret not in text, (where, secret, text[:500])


# --- disks that are full ---------------------------------------------------------------------------


def limit_files(process: int, size: int) -> None:
    """Let the process write no file beyond a size, as on a disk without space."""
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, most))


def test_a_server_on_a_full_disk_says_so_and_loses_nothing(workspace: Workspace) -> None:
    run = begun(launch(workspace))
    address = workspace.server()
    assert address is not None
    with closing(worker(run, "Ann")) as ann:
        page = next(pages(ann, "run"))
        limit_files(address.pid, 1)
        refused = answer(ann, page)
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "storage_full")
        assert ann.get("/api/work/history").json()["pages"][0]["state"] == "held"
        limit_files(address.pid, resource.RLIM_INFINITY)
        assert answer(ann, page).json()["state"] == "submitted"
        for page in pages(ann, "run"):
            assert answer(ann, page).status_code == 200
    assert run.wait(60, progress=False).stage == "done"
    assert run.labels()["overlap"].tolist() == [1] * 8


def test_a_launcher_on_a_full_disk_says_so_and_launching_again_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    # The run is driven by this process; its log cannot grow, whoever waits is told, and nothing is lost.
    run = begun(launch(workspace))
    log = workspace.runs / "run" / "log.jsonl"
    limit_files(os.getpid(), log.stat().st_size + 10)
    try:
        with closing(worker(run, "Ann")) as ann:
            for page in pages(ann, "run"):
                answer(ann, page)
        with pytest.raises(RunError, match=r"cannot be written.*free space, then launch again"):
            run.wait(60, progress=False)
    finally:
        limit_files(os.getpid(), resource.RLIM_INFINITY)
    again = launch(workspace)
    assert again.wait(60, progress=False).stage == "done"
    assert again.labels()["answer"].tolist() == ["yes"] * 8
    assert Counter(again.responses()["id"]) == Counter(map(str, range(8)))


# --- two of the same -------------------------------------------------------------------------------

LAUNCHER = """
import sys
import dataforge as df
sys.path.insert(0, {tests!r})
from test_bad_luck import launch
from dataforge.workspace import Workspace
run = launch(Workspace.at({workspace!r}))
print("launched", run.driving, flush=True)
status = run.wait(120, progress=False)
print(status.stage, run.labels()["answer"].tolist(), flush=True)
"""


def test_launchers_of_one_name_at_the_same_moment_make_one_run(tmp_path: Path) -> None:
    """Three processes launch where not even a server is: one server, one run, one driver, the same results for all."""
    workspace = Workspace.at(tmp_path / ".dataforge")
    program = LAUNCHER.format(tests=str(Path(__file__).parent), workspace=str(workspace.root))
    command = [sys.executable, "-c", program]
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    launchers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    try:
        told = [process.stdout.readline().split() for process in launchers if process.stdout is not None]
        assert [line[:1] for line in told] == [["launched"]] * 3, [process.communicate() for process in launchers]
        run = begun(df.open_run("run", workspace))
        know_everybody(workspace)
        with closing(worker(run, "Ann")) as ann:
            for page in pages(ann, "run"):
                answer(ann, page)
        said = [process.communicate(timeout=120)[0] for process in launchers]
        assert said == [f"done {['yes'] * 8}\n"] * 3
        responses = run.responses()
        assert len(responses) == 8
        with closing(requester(workspace)) as client:
            assert [run["run"] for run in client.get("/api/runs").json()["runs"]] == ["run"]
            assert client.get("/api/runs/run/items").json()["total"] == 8
    finally:
        for process in launchers:
            process.kill()
            process.wait()
        address = workspace.server()
        if address is not None:
            psutil.Process(address.pid).terminate()


def test_a_run_whose_launcher_was_killed_goes_on_in_the_servers_runner(workspace: Workspace) -> None:
    program = LAUNCHER.format(tests=str(Path(__file__).parent), workspace=str(workspace.root))
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == ["launched", "True"]
        process.kill()
    run = begun(df.open_run("run", workspace))
    with closing(worker(run, "Ann")) as ann:
        for page in pages(ann, "run"):
            answer(ann, page)
    assert run.wait(60, progress=False).stage == "done"
    assert run.labels()["answer"].tolist() == ["yes"] * 8
    # Launching it again gives its results and asks nothing.
    assert len(launch(workspace).responses()) == 8


# --- the command line ------------------------------------------------------------------------------


def test_serving_on_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "dataforge", "serve", "--port", str(port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | {"PYTHONPATH": str(SOURCE), "COLUMNS": "200"},
        )
    assert done.returncode != 0
    assert f"port {port} of 127.0.0.1 is taken by another program" in done.stderr
    assert "Traceback" not in done.stderr
    assert Workspace.at(tmp_path / ".dataforge").server() is None


TASK = """
import dataforge as df

class Reply(df.Choice):
    YES = df.option("yes")
    NO = df.option("no")

@df.task(duration="5s")
def question(text: df.Text) -> Reply:
    'Yes or no?'
"""


@pytest.mark.parametrize(
    ("items", "control", "said"),
    [
        ("txt\nhello\n", None, "text"),
        ("text\n", None, "items.csv"),
        ("", None, "items.csv"),
        ("text\nhello\nhello\n", None, "line 2 and line 3 have the same inputs"),
        ("text\nhello\n", "text\nbye\n", "answer"),
        ("text\nhello\n", "text,answer\nbye,\n", "line 2, column 'answer'"),
        ("text\nhello\n", "text,answer\nbye,maybe\n", "'maybe'"),
        ("text\nhello\n", "text,answer\nhello,yes\n", "nothing is left to ask"),
        ("text\n\x00\xff\xfe\n", None, "items.csv"),
        (None, None, "items.csv"),
    ],
    ids=[
        "unknown column",
        "no rows",
        "empty file",
        "the same row twice",
        "control without answers",
        "control item without its answer",
        "answer outside the options",
        "items that are all control items, too",
        "not a text file",
        "no file",
    ],
)
def test_data_that_cannot_be_launched_is_one_clear_line_and_starts_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    items: str | None,
    control: str | None,
    said: str,
) -> None:
    # In this process: nothing is started, and a process for each would only cost time.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "task.py").write_text(TASK)
    for name, content in (("items.csv", items), ("gold.csv", control)):
        if content is not None:
            (tmp_path / name).write_bytes(content.encode("latin-1"))
    more = ["--control", "gold.csv"] if control is not None else []
    with pytest.raises(SystemExit) as ended:
        cli.run(["launch", "task.py", "--items", "items.csv", *more, "--detach"])
    told = capsys.readouterr().err
    assert ended.value.code == 2, told
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / ".dataforge").exists()
