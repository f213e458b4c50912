"""A run from the command line: launched, answered by simulated people, looked at, written to files, stopped."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

import httpx
import pandas as pd
import psutil
import pytest

from dataforge.cli._companion import Companion
from dataforge.policy import Policy
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.trial import open_trial
from dataforge.workspace import ServerAddress, Workspace

Dataforge = Callable[..., subprocess.CompletedProcess[str]]
SOURCE = Path(__file__).parents[2] / "src"
OTHER = '''
import dataforge as df

@df.task(duration="5s")
def parity(number: df.Text) -> bool:
    """Is it even?"""
'''
TASK = '''
import dataforge as df

class Parity(df.Choice):
    ODD = df.option("odd")
    EVEN = df.option("even")

@df.task(duration="5s")
def parity(number: df.Text) -> Parity:
    """Is the number odd or even?"""
'''


@pytest.fixture
def folder(tmp_path: Path, dataforge: Dataforge) -> Iterator[Path]:
    """A folder with a task and its tables; its server is stopped in the end."""
    (tmp_path / "task.py").write_text(TASK)
    for name, numbers, known in (
        ("items", range(40), False),
        ("truth", range(40), True),
        ("gold", range(100, 112), True),
    ):
        with open(tmp_path / f"{name}.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["number", "answer"][: 1 + known])
            rows.writerows([f"{n}", ("even", "odd")[n % 2]][: 1 + known] for n in numbers)
    yield tmp_path
    if Workspace.at(tmp_path / ".dataforge").server() is not None:
        dataforge("stop")


LAUNCH = ["launch", "task.py", "--items", "items.csv", "--control", "gold.csv", "--name", "parity"]
POLICY = ["--overlap", "2-4", "--page", "6+3", "--control-ratio", "0.6", "--no-speed-rules"]


@pytest.mark.usefixtures("seeded_server")
def test_a_run_goes_from_launch_to_files(dataforge: Dataforge, dataforge_process: Dataforge, folder: Path) -> None:
    launched = dataforge_process(*LAUNCH, *POLICY, "--detach", "--json")
    assert launched.returncode == 0, launched.stderr
    report = json.loads(launched.stdout)
    assert report["name"] == "parity"
    assert "/join/" in report["invitation"]

    options = ("--truth", "truth.csv", "--workers", 20, "--seed", 1, "--json")
    simulated = dataforge_process("simulate", "parity", *options)
    assert simulated.returncode == 0, simulated.stderr
    people = json.loads(simulated.stdout)["workers"]
    good = [person for person in people if person["honesty"] == "good"]
    assert sum(person["earned"] for person in good) > 0

    status = dataforge("status", "parity", "--json")
    run = json.loads(status.stdout)["runs"][0]
    assert (run["stage"], run["ended"], run["items_final"], run["items_total"]) == ("done", True, 40, 40)
    assert run["cost"] == pytest.approx(sum(person["earned"] for person in people) / 1e6)
    shown = dataforge_process("status", "parity").stdout
    assert "/login?next=/runs#" in shown
    assert Workspace.at(folder / ".dataforge").secret() not in shown + status.stdout + launched.stdout + launched.stderr
    assert "/join/" in shown

    for kind in ("csv", "json", "parquet"):
        assert dataforge("results", "parity", "--out", f"labels.{kind}").returncode == 0
    with open(folder / "labels.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert run["items_flagged"] == sum(row["flag"] != "" for row in rows)
    labels = {row["number"]: row["answer"] for row in rows}
    right = [labels[str(n)] == ("even", "odd")[n % 2] for n in range(40)]
    # Guesses give 20.
    assert sum(right) >= 36
    assert len(json.loads((folder / "labels.json").read_text())) == 40
    for what in ("labels", "probabilities", "responses", "workers", "voters", "cost"):
        table = json.loads(dataforge("results", "parity", "--what", what, "--json").stdout)
        assert (table["run"], table["what"], table["count"]) == ("parity", what, len(table["rows"]))
    assert "even" in dataforge_process("results", "parity").stdout
    assert dataforge("results", "parity", "--out", "labels.xls").returncode == 2


@pytest.mark.usefixtures("seeded_server")
def test_good_workers_are_paid_and_spammers_rejected(dataforge: Dataforge, folder: Path) -> None:
    dataforge(*LAUNCH, *POLICY[:-1], "--page", "4+4", "--control-ratio", "0.75", "--no-speed-rules", "--detach")
    reply = dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 24, "--mix", "hostile", "--json")
    assert reply.returncode == 0, reply.stderr
    people = json.loads(reply.stdout)["workers"]
    pages = {
        kind: (
            sum(person["pages_accepted"] for person in people if person["honesty"] in kinds),
            sum(person["pages_rejected"] for person in people if person["honesty"] in kinds),
        )
        for kind, kinds in {"good": ("good",), "spam": ("spammer", "always")}.items()
    }
    assert pages["good"][0] > 5 * pages["good"][1]
    # Who guesses is right about three of four control items five times in sixteen; some dozen pages are no more exact.
    accepted, rejected = pages["spam"]
    assert accepted / (accepted + rejected) < 2 / 3
    paid = {person["name"]: person["earned"] for person in people if person["honesty"] in ("spammer", "always")}
    earned = [person["earned"] for person in people if person["honesty"] == "good" and person["pages"]]
    assert sum(earned) / len(earned) > sum(paid.values()) / len(paid)


def test_a_run_is_closed_and_the_server_stopped(dataforge: Dataforge, folder: Path) -> None:
    assert dataforge(*LAUNCH, *POLICY, "--detach").returncode == 0
    workspace = Workspace.at(folder / ".dataforge")
    address = workspace.server()
    assert address is not None
    link = dataforge("invite", "parity", "--hours", 1, "--uses", 1, "--json")
    assert json.loads(link.stdout)["link"].startswith(f"{address.url}/join/")
    assert "as many names as they like" in dataforge("invite", "parity", "--uses", 2).stderr
    assert "as many names as they like" not in dataforge("invite", "parity", "--uses", 1).stderr
    assert "dataforge invite parity --name NAME" in dataforge("invite", "parity").stderr
    assert "dataforge invite --name NAME" in dataforge("invite").stderr
    assert dataforge("invite", "--revoke", json.loads(link.stdout)["link"]).returncode == 0
    assert "expected a link" in dataforge("invite", "--revoke", f"{address.url}/join/nonsense").stderr
    assert "leave out --name" in dataforge("invite", "--revoke", "any", "--name", "Anna").stderr
    assert dataforge("invite", "nonsense").returncode == 1
    course = folder / "course.txt"
    course.write_text("Anna\n\nБорис \n", encoding="utf-8")
    lines = dataforge("invite", "parity", "--names", course, "--name", "Cid", "--label", "course 3").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Cid", "Anna", "Борис"]
    assert all(line.split("\t")[1].startswith(f"{address.url}/join/") for line in lines)
    people = json.loads(dataforge("invite", "parity", "--name", "Anna", "--label", "course 3", "--json").stdout)
    assert people["invitations"][0]["link"] == lines[1].split("\t")[1], "who still waits keeps the link"
    assert dataforge("workers").stdout.startswith("nobody has joined yet")
    order = {"invitation": lines[1].rpartition("/")[2], "language": "en"}
    assert httpx.post(f"{address.url}/api/work/join", json=order, trust_env=False).status_code == 200
    listed = json.loads(dataforge("workers", "--label", "course 3", "--json").stdout)
    assert [(person["name"], person["state"]) for person in listed["workers"]] == [("Anna", "active")]
    assert "Anna" in dataforge("workers", "ann").stdout
    assert dataforge("workers", "nobody of this name").stdout.startswith("there are no such workers")
    assert "expected a file that ends in" in dataforge("workers", "--out", "people.doc").stderr
    assert "leave --uses out" in dataforge("invite", "--name", "Anna", "--uses", 2).stderr
    assert "cannot be read" in dataforge("invite", "--names", folder / "none.txt").stderr
    closed = dataforge("stop", "parity", "--json")
    assert json.loads(closed.stdout) == {"closed": "parity"}
    server = psutil.Process(address.pid)
    companions = server.children(recursive=True)
    stopped = dataforge("stop", "--json")
    assert json.loads(stopped.stdout) == {"stopped": address.pid}
    _, alive = psutil.wait_procs([server, *companions], timeout=90)
    assert not alive
    again = dataforge("stop")
    assert (again.returncode, "no server runs" in again.stderr) == (2, True)


def test_an_interrupted_launch_leaves_the_run_to_the_server(dataforge: Dataforge, folder: Path) -> None:
    command = [sys.executable, "-m", "dataforge", *LAUNCH, *POLICY]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    launch = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert launch.stdout is not None
    lines = iter(launch.stdout.readline, "")
    assert next(lines) == "Run parity\n"
    assert any("/join/" in line for line in lines)
    assert any("/runs/parity" in line for line in lines)
    launch.send_signal(signal.SIGINT)
    assert launch.wait(120) == 130
    launch.stdout.close()
    assert dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20).returncode == 0
    assert json.loads(dataforge("status", "parity", "--json").stdout)["runs"][0]["stage"] == "done"
    again = dataforge(*LAUNCH, *POLICY, "--json")
    assert (again.returncode, json.loads(again.stdout)["stage"]) == (0, "done")


def test_a_recorded_process_that_is_not_ours_is_left_alone(dataforge: Dataforge, folder: Path) -> None:
    workspace = Workspace.at(folder / ".dataforge").make()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        workspace.announce(ServerAddress("http://127.0.0.1:9", stranger.pid, started=0.0, version="0"))
        reply = dataforge("stop")
        assert reply.returncode == 2
        assert "is gone; nothing to stop" in reply.stderr
        assert stranger.poll() is None
        stranger.communicate(b"\n")
    assert workspace.server() is None


def test_the_server_of_another_user_is_ended_by_its_owner(
    dataforge: Dataforge, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(process: psutil.Process) -> None:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "terminate", denied)
    workspace = Workspace.at(folder / ".dataforge").make()
    with subprocess.Popen([sys.executable, "-c", "input('dataforge')"], stdin=subprocess.PIPE) as theirs:
        workspace.announce(ServerAddress("http://127.0.0.1:9", theirs.pid, started=time.time(), version="0"))
        reply = dataforge("stop")
        assert (reply.returncode, "end the server as its owner" in reply.stderr) == (1, True)
        theirs.communicate(b"\n")


def test_who_finds_the_workspace_served_leaves_the_mark_of_its_runner(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path)
    workspace.show_runner(True)
    Companion(workspace).stop()
    assert workspace.runner_silent() is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--overlap", "five"], "--overlap: expected 3 or 2-5, got 'five'"),
        (["--overlap", "5-2"], "swap them"),
        (["--aggregation", "magic"], "no aggregation is named 'magic'"),
        (["--preset", "magic"], "no preset is named 'magic'"),
        (["--control", "items.csv"], "answer"),
        (["--items", "missing.csv"], "missing.csv"),
        (["--name", "Not A Name"], "name: expected"),
    ],
)
def test_a_launch_that_cannot_be_done_starts_nothing(
    dataforge: Dataforge, folder: Path, arguments: list[str], message: str
) -> None:
    reply = dataforge(*LAUNCH, *arguments, "--detach")
    assert reply.returncode == 2
    assert message in reply.stderr
    assert reply.stderr.count("\n") == 1
    assert not (folder / ".dataforge" / "runs" / "parity" / "run.json").exists()


JUDGED = '''
import dataforge as df

@df.task(duration="5s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""

@df.task(duration="5s")
def rated(sound: df.Text, answer: df.Text) -> df.Rating(1, 5, right=4):
    """How well is it written down?"""
'''


def test_answers_are_judged_by_a_task_of_ones_own_and_by_whom_is_said(dataforge: Dataforge, folder: Path) -> None:
    (folder / "judged.py").write_text(JUDGED)
    (folder / "sounds.csv").write_text("sound\none\ntwo\n")
    launch = ["launch", "judged.py:heard", "--items", "sounds.csv", "--name", "heard", "--detach"]
    reply = dataforge(*launch, "--check", "judged.py:rated", "--groups-apart", "--most-waiting", "3")
    assert reply.returncode == 0, reply.stderr
    runs = folder / ".dataforge" / "runs"
    run, check = (RunFolder(runs / name).describe() for name in ("heard", "heard-check"))
    assert [slot.type.name for slot in check.task().outputs] == ["rating"]
    assert check.publication.groups_apart
    assert Policy.from_json(run.policy).most_waiting == 3
    reply = dataforge(*launch[:-3], "--name", "other", "--detach", "--check", "judged.py:heard")
    assert reply.returncode == 2
    assert "lacks the input 'answer'" in reply.stderr


def test_serve_says_where_and_ends_with_its_runner(folder: Path) -> None:
    command = [sys.executable, "-m", "dataforge", "serve", "--workspace", folder / ".dataforge", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    assert server.stdout is not None
    assert "DataForge serves" in server.stdout.readline()
    assert "#" not in server.stdout.readline(), "no secret where logs are kept"
    companions = psutil.Process(server.pid).children(recursive=True)
    second = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    assert second.returncode == 1
    assert "already served" in second.stderr
    server.send_signal(signal.SIGTERM)
    assert server.wait(90) == 0
    server.stdout.close()
    assert not psutil.wait_procs(companions, timeout=90)[1]


def test_the_runner_does_not_outlive_a_killed_server_and_one_at_a_port_of_ones_own_is_not_replaced(
    folder: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "dataforge", "serve", "--workspace", folder / ".dataforge", "--port", port]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    assert server.stdout is not None
    server.stdout.readline()
    companions = psutil.Process(server.pid).children(recursive=True)
    server.kill()
    server.wait()
    server.stdout.close()
    assert companions
    assert not psutil.wait_procs(companions, timeout=90)[1]
    assert f"at port {port}" in str(Workspace.at(folder / ".dataforge").no_start())


def test_an_open_run_is_fed_and_finished(dataforge: Dataforge, folder: Path) -> None:
    opened = dataforge("launch", "task.py", "--control", "gold.csv", "--name", "parity", "--open", "--detach", *POLICY)
    assert opened.returncode == 0, opened.stderr
    added = dataforge("add", "parity", "items.csv")
    assert (added.returncode, added.stdout) == (0, "run 'parity': 40 new items, 0 known already\n")
    # The next week's table has the rows of this one, and some more.
    with open(folder / "items.csv", "a", newline="") as file:
        csv.writer(file).writerows([[n] for n in range(40, 44)])
    with open(folder / "truth.csv", "a", newline="") as file:
        csv.writer(file).writerows([[n, ("even", "odd")[n % 2]] for n in range(40, 44)])
    assert json.loads(dataforge("add", "parity", "items.csv", "--json").stdout) == {
        "run": "parity",
        "new": 4,
        "known": 40,
        "repeated": 0,
    }
    (folder / "items.csv").write_text("number\n99\n")
    refused = dataforge("add", "parity", "items.csv")
    assert refused.returncode == 2
    assert "has an item '0' already, and it differs: column 'number' has '0' there, '99' here" in refused.stderr
    assert dataforge("add", "parity").returncode == 2
    changed = dataforge("change", "parity", "task.py", "--budget", "50", "--time-limit", "none")
    assert changed.stdout == "run 'parity': budget was none, is 50 now\n", changed.stderr
    assert "all of this is so already" in dataforge("change", "parity", "--budget", "50").stdout
    assert dataforge("change", "parity").returncode == 2
    for promised in (("--wage-floor", "0.01"), ("--bonus", "0.9=1")):
        assert "who works was promised pay by it" in dataforge("change", "parity", *promised).stderr
    untaught = dataforge("change", "parity", "--budget", "60", "--training", "gold.csv")
    assert "training: workers are told the answers of these items" in untaught.stderr
    assert "all of this is so already" in dataforge("change", "parity", "--budget", "50").stdout
    assert dataforge("finish", "parity").returncode == 0
    simulated = dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20, "--seed", 1)
    assert simulated.returncode == 0, simulated.stderr
    [run] = json.loads(dataforge("status", "parity", "--json").stdout)["runs"]
    assert (run["stage"], run["items_final"], run["items_total"]) == ("done", 44, 44)


def test_what_was_wrong_in_a_finished_run_is_corrected(dataforge: Dataforge, folder: Path) -> None:
    launched = ("launch", "task.py", "--items", "items.csv", "--control", "gold.csv", "--name", "parity", "--detach")
    assert dataforge(*launched, *POLICY).returncode == 0
    assert dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20, "--seed", 1).returncode == 0

    def rows(what: str) -> list[dict[str, Any]]:
        return json.loads(dataforge("results", "parity", "--what", what, "--json").stdout)["rows"]

    known = rows("control")[0]
    corrected = dataforge("correct", "parity", known["id"], {"even": "odd", "odd": "even"}[known["answer"]])
    assert corrected.returncode == 0, corrected.stderr
    mended = rows("control")[0]
    assert mended["missed"] == known["answered"] - known["missed"]
    worker = rows("workers")[0]["worker"]
    told = dataforge("discard", "parity", worker).stdout
    assert re.search(rf"the answers of .+ \({worker}\) count no more: answers: \d+, on pages: \d+; items that", told)
    assert "nothing has changed" in dataforge("discard", "parity", worker).stdout
    assert re.search(r"its workers are: .+ \([0-9a-f]+\)", dataforge("discard", "parity", "nobody").stderr)
    assert {row["worker"] for row in rows("responses") if row["discarded"]} == {worker}
    assert dataforge("discard", "parity", worker, "--undo").returncode == 0
    assert not any(row["discarded"] for row in rows("responses"))
    assert dataforge("correct", "parity", "0").returncode == 2
    (folder / "other.py").write_text(OTHER)
    refused = dataforge("change", "parity", "other.py").stderr
    assert "outputs[answer].type was 'choice', is 'boolean' now" in refused
    assert "outputs[answer].settings.options[odd] was 'odd', is none now" in refused
    assert "{" not in refused


def test_an_expert_judges_items_that_were_drawn(dataforge: Dataforge, folder: Path) -> None:
    launched = ("launch", "task.py", "--items", "items.csv", "--control", "gold.csv", "--name", "parity", "--detach")
    assert dataforge(*launched, *POLICY).returncode == 0
    assert dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20, "--seed", 1).returncode == 0
    drawn = dataforge("verified", "parity", "--draw", 10, "--out", "judge.csv")
    assert "10 items to judge are in judge.csv: fill the column _ok" in drawn.stdout, drawn.stderr
    table = (folder / "judge.csv").read_text("utf-8-sig").splitlines()
    assert table[0] == '"id","number","answer","confidence","_ok"'
    judged = [table[0], *(f"{line}yes" for line in table[1:9]), f"{table[9]}no", table[10]]
    (folder / "judge.csv").write_text("\n".join(judged))
    told = dataforge("verified", "parity", "judge.csv")
    assert "8 answers are right, 1 are wrong; 1 rows say nothing yet" in told.stdout, told.stderr
    waits = json.loads(dataforge("verified", "parity", "--draw", 0, "--out", "rest.csv", "--json").stdout)
    assert waits == {"run": "parity", "out": "rest.csv", "count": 1}
    certificate = json.loads(dataforge("certificate", "parity", "--json").stdout)
    assert (certificate["verified"]["sample"], certificate["verified"]["waiting"]) == (0, 1)
    said = dataforge("certificate", "parity", "--html", "parity.html", "--language", "ru").stdout
    assert said == "the certificate is in parity.html\n"
    assert "Сертификат запуска parity" in (folder / "parity.html").read_text("utf-8")
    assert "Drawn and not judged yet: 1" in dataforge("certificate", "parity").stdout
    (folder / "odd.csv").write_text("id,_ok\n0,perhaps\n")
    refused = dataforge("verified", "parity", "odd.csv")
    assert refused.returncode == 2
    assert "odd.csv, line 2, column '_ok': expected yes or no, got 'perhaps'" in refused.stderr
    assert "--out: expected a file that ends in" in dataforge("verified", "parity", "--draw", 5).stderr
    assert dataforge("verified", "parity").returncode == 2


def answer_as_expert(link: str, run: str, says: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Join by an expert's link, and answer every page that comes."""
    url, _, code = link.rpartition("/join/")
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as client:
        order = {"invitation": code, "name": "x", "language": "en"}
        client.post("/api/work/join", json=order).raise_for_status()
        while True:
            given = client.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()
            if (page := given["page"]) is None and given["closed"]["reason"] != "no_items":
                break
            if page is None:  # whoever drives the run has still to put its items there
                time.sleep(0.1)
                continue
            body = {"answers": [says(item["inputs"]) for item in page["items"]], "seconds": 10.0}
            client.post(f"/api/work/pages/{page['page']}/submit", json=body).raise_for_status()


def parity_of(inputs: dict[str, Any]) -> str:
    return ("even", "odd")[int(inputs["number"]) % 2]


def test_experts_try_a_task_out_and_their_items_are_written_to_files(dataforge: Dataforge, folder: Path) -> None:
    begun = ("try-out", "task.py", "--items", "items.csv", "--name", "tried", "--detach", "--json")
    named = json.loads(dataforge(*begun, "--expert", "Anna", "--expert", "Boris").stdout)
    assert list(named["links"]) == ["Anna", "Boris"]
    for link in named["links"].values():
        answer_as_expert(link, "tried", lambda given: {"answer": parity_of(given), "_ok": int(given["number"]) > 1})
    trial = open_trial("tried", folder / ".dataforge")
    trial.wait(60, progress=False)
    trial.close()
    doubts = json.loads(dataforge("feedback", "tried", "--what", "doubts", "--json").stdout)
    assert [(row["number"], row["why"]) for row in doubts["rows"]] == [("0", "not_ok"), ("1", "not_ok")]
    assert doubts["duration"] == pytest.approx(2, abs=2)
    told = dataforge("feedback", "tried", "--what", "control", "--count", 4, "--out", "made.csv")
    assert "4 rows are in made.csv" in told.stdout, told.stderr
    assert pd.read_csv("made.csv")["answer"].value_counts().to_dict() == {"even": 2, "odd": 2}
    refused = dataforge("feedback", "tried", "--what", "control", "--count", 4000)
    assert refused.returncode == 2
    assert "4000 control items: 38 items" in refused.stderr
    assert "--count 4: is about control and training items" in dataforge("feedback", "tried", "--count", 4).stderr
    assert "say how many experts, or who they are" in dataforge(*begun, "--experts", 2, "--expert", "Anna").stderr
    assert dataforge("feedback", "none").returncode == 2


def test_a_budget_alone_aims_as_it_does_in_python(dataforge: Dataforge, folder: Path) -> None:
    launched = dataforge(*LAUNCH, "--budget", "0,5", "--page", "6+3", "--detach")
    assert launched.returncode == 0, launched.stderr
    assert "most where doubts are deepest" in launched.stdout
    assert "$0.50 at most, for about" in launched.stdout


def test_an_expert_verifies_a_sample_of_a_run(dataforge: Dataforge, folder: Path) -> None:
    launched = ("launch", "task.py", "--items", "items.csv", "--control", "gold.csv", "--name", "parity", "--detach")
    assert dataforge(*launched, *POLICY).returncode == 0
    assert dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20, "--seed", 1).returncode == 0
    asked = ("verify", "parity", "--sample", 10, "--expert", "Anna", "--detach")
    told = dataforge(*asked)
    assert "0 answers of the sample are right, 0 are wrong, 10 are not judged yet" in told.stdout, told.stderr
    [link] = re.findall(r"Anna joins at  (\S+)", told.stdout)
    answer_as_expert(link, "parity-verify", lambda given: {"_ok": given["answer"] == parity_of(given)})
    trial = open_trial("parity-verify", folder / ".dataforge")
    trial.wait(60, progress=False)
    trial.close()
    again = dataforge(*asked, "--json")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert (found["run"], found["left"]) == ("parity", 10), "what was found is taken in, and another sample drawn"
    certificate = json.loads(dataforge("certificate", "parity", "--json").stdout)
    assert (certificate["verified"]["sample"], certificate["verified"]["waiting"]) == (10, 10)


def test_a_run_is_renamed_put_aside_and_deleted_and_its_name_begins_anew(dataforge: Dataforge, folder: Path) -> None:
    def runs(*more: str) -> list[str]:
        return [run["name"] for run in json.loads(dataforge("status", "--json", *more).stdout)["runs"]]

    assert dataforge(*LAUNCH, *POLICY, "--detach", "--json").returncode == 0
    assert "is called 'чёт-2.1' now" in dataforge("rename", "parity", "чёт-2.1").stdout
    assert runs() == ["чёт-2.1"]
    refused = dataforge("results", "parity")
    assert refused.returncode == 2
    assert "there is no run 'parity'" in refused.stderr
    assert "dataforge archive чёт-2.1 --undo" in dataforge("archive", "чёт-2.1").stdout
    assert (runs(), runs("--archived")) == ([], ["чёт-2.1"])
    assert "archived: 1, dataforge status --archived shows them" in dataforge("status").stdout
    assert "paused: dataforge resume чёт-2.1, or" in dataforge("archive", "чёт-2.1", "--undo").stdout
    assert dataforge("resume", "чёт-2.1").stdout == "run 'чёт-2.1' gives out pages again\n"
    assert dataforge("reopen", "чёт-2.1").stdout == "run 'чёт-2.1' is open again\n"
    assert "to go on with it: dataforge resume чёт-2.1" in dataforge("pause", "чёт-2.1").stdout
    for other in ("чёт-2.1?", "чёт-2.1#", "чёт-2.1/", "../runs/чёт-2.1"):
        assert dataforge("delete", other, "--yes").returncode == 2
        assert dataforge("status", "чёт-2.1").returncode == 0
    # A Mac may spell it so.
    assert dataforge("delete", normalize("NFD", "чёт-2.1"), "--yes").stdout == "run 'чёт-2.1' is deleted\n"
    assert runs() == []
    assert dataforge("delete", "чёт-2.1", "--yes").returncode == 2
    # The same name twice: deleted here, and on its page, where the runner of the server does the rest.
    for _ in range(2):
        assert dataforge(*LAUNCH, *POLICY, "--detach", "--json").returncode == 0
        server = Workspace.at(folder / ".dataforge")
        address, headers = server.server(), {"Authorization": f"Bearer {server.secret()}"}
        assert address is not None
        reply = httpx.delete(f"{address.url}/api/runs/parity", headers=headers, trust_env=False)
        assert reply.status_code == 200, reply.text
        assert runs() == []
    give_up = time.monotonic() + 60
    while list((folder / ".dataforge" / "runs").iterdir()):
        assert time.monotonic() < give_up, "the runner has not removed the folder"
        time.sleep(0.1)


def test_pages_are_rejected_and_accepted_by_hand(dataforge: Dataforge, folder: Path) -> None:
    launched = ("launch", "task.py", "--items", "items.csv", "--control", "gold.csv", "--name", "parity", "--detach")
    assert dataforge(*launched, *POLICY).returncode == 0
    assert dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20, "--seed", 1).returncode == 0

    def accepted() -> dict[str, bool]:
        told = json.loads(dataforge("results", "parity", "--what", "responses", "--json").stdout)["rows"]
        return {row["page"]: row["accepted"] for row in told}

    one, two = [page for page, good in accepted().items() if good][:2]
    told = dataforge("reject", "parity", one, two, "--reason", "All answers are the same.")
    assert told.returncode == 0, told.stderr
    assert f"rejected: {one}, {two}; their answers do not count" in told.stdout
    assert (accepted()[one], accepted()[two]) == (False, False)
    back = json.loads(dataforge("accept", "parity", two, "--json").stdout)
    assert back == {"run": "parity", "accepted": [two]}
    assert (accepted()[one], accepted()[two]) == (False, True)
    # All or none: a page that is none changes nothing.
    refused = dataforge("accept", "parity", one, "beef")
    assert refused.returncode != 0
    assert "has no answers on a page 'beef'" in refused.stderr
    assert accepted()[one] is False


def test_a_bonus_is_paid_by_a_command_and_under_a_key_once(dataforge: Dataforge, folder: Path) -> None:
    launched = ("launch", "task.py", "--items", "items.csv", "--control", "gold.csv", "--name", "parity", "--detach")
    assert dataforge(*launched, *POLICY).returncode == 0
    assert dataforge("simulate", "parity", "--truth", "truth.csv", "--workers", 20, "--seed", 1).returncode == 0

    def workers() -> dict[str, float]:
        told = json.loads(dataforge("results", "parity", "--what", "workers", "--json").stdout)["rows"]
        return {row["worker"]: row["earned"] for row in told}

    before = workers()
    worker = next(iter(before))
    bonus = ("bonus", "parity", worker, "0,50", "--reason", "Thank you!", "--key", "june")
    told = dataforge(*bonus)
    assert told.returncode == 0, told.stderr
    assert "a bonus of $0.50 for " + worker in told.stdout
    assert workers()[worker] == pytest.approx(before[worker] + 0.5)
    again = json.loads(dataforge(*bonus, "--json").stdout)
    assert (again["amount"], again["currency"], again["key"]) == (0.5, "USD", "june")
    assert workers()[worker] == pytest.approx(before[worker] + 0.5), "the same key pays nothing more"
    for amount, said in (("much", "amount"), ("-1", "amount"), ("0", "amount: expected more than 0")):
        refused = dataforge("bonus", "parity", "--", worker, amount)
        assert refused.returncode == 2, refused.stderr
        assert said in refused.stderr
    assert sum(workers().values()) == pytest.approx(sum(before.values()) + 0.5)
