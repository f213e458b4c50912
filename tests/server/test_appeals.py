"""A worker objects to a rejection over HTTP, a requester decides, and the run follows."""

import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import dataforge as df
from dataforge.cli.appeals import command
from dataforge.corrections import Upheld
from dataforge.errors import Refused, RunError, SpecError
from dataforge.issue.appeals import decide
from dataforge.issue.change import Transaction
from dataforge.issue.run import Runs
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


SURE = [{"id": f"sure{n}", "text": f"s{n}", "answer": True} for n in range(4)]


@pytest.fixture
def run(served: Any) -> Iterator[df.Run]:
    """A run of two items, one answer each, with a control item on the page, whose answer is yes."""
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(2)]
    policy = df.Policy(page=(2, 1), speed=(), overlap=1)
    options: dict[str, Any] = {"name": "run", "workspace": served.workspace, "detach": True, "progress": False}
    with df.launch(likes, rows, SURE, policy, **options) as run:
        run.drive()
        yield run


def rejected_page(served: Any, person: Any) -> str:
    """A page that the person has answered, rejected by hand."""
    page = person.page()
    assert person.submit(page).status_code == 200
    served.command("judge", rejected=[page["page"]], reasons={page["page"]: {"en": "not accurate"}})
    return str(page["page"])


def missed_page(run: df.Run, person: Any) -> str:
    """A page on which the person has missed the control item, rejected by the run for it."""
    page = person.page()
    assert person.submit(page, answer=False).status_code == 200
    while not run.status().pages_rejected:
        run.wait(1, progress=False)
    return str(page["page"])


def objected(person: Any, page: str, text: str = "I looked at each.") -> Any:
    return person.client.post(f"/api/work/pages/{page}/appeal", json={"text": text})


def decided(served: Any, page: str, *, upheld: bool, reply: str = "", status: int = 200) -> Any:
    return served.ask("POST", f"/api/runs/run/appeals/{page}", {"upheld": upheld, "reply": reply}, status)


@pytest.fixture
def one_page(served: Any) -> Any:
    served.publish()
    served.add(real=4, control=2)
    return served


def test_who_objects_reads_in_their_history_what_became_of_it(one_page: Any) -> None:
    ann = one_page.join()
    page = rejected_page(one_page, ann)
    assert objected(ann, page).json()["state"] == "open"
    assert one_page.ask("GET", "/api/appeals")["open"] == 1
    decided(one_page, page, upheld=False, reply="Two answers of three are wrong.")
    [shown] = ann.get("/api/work/history")["pages"]
    assert (shown["state"], shown["appeal"]["state"]) == ("rejected", "dismissed")
    assert shown["appeal"]["reply"] == "Two answers of three are wrong."
    assert one_page.ask("GET", "/api/appeals?state=open")["appeals"] == []


def test_the_requester_sees_the_page_and_what_others_answered(one_page: Any) -> None:
    one_page.command("want", wanted={f"r{n}": 2 for n in range(4)})
    ann, bob = one_page.join(), one_page.join(name="Bob")
    page = rejected_page(one_page, ann)
    assert bob.submit(bob.page(), answer="yes").status_code == 200
    objected(ann, page)
    detail = one_page.ask("GET", f"/api/runs/run/appeals/{page}")
    assert detail["appeal"]["reason"] == {"en": "not accurate"}
    assert (detail["appeal"]["name"], detail["who"]["pages_rejected"]) == ("Ann", 1)
    assert len(detail["items"]) == detail["appeal"]["items"] == 3
    answers = {response["name"] for item in detail["items"] for response in item["responses"]}
    assert "Ann" in answers
    assert [item["control"] for item in detail["items"]].count(True) == 1


def test_nobody_objects_for_another(one_page: Any) -> None:
    ann, bob = one_page.join(), one_page.join(name="Bob")
    page = rejected_page(one_page, ann)
    assert objected(bob, page).status_code == 404
    assert bob.client.get(f"/api/runs/run/appeals/{page}").status_code == 401
    assert one_page.ask("GET", "/api/appeals")["appeals"] == []
    one_page.ask("GET", f"/api/runs/run/appeals/{page}", None, 404)


def test_ten_requesters_who_decide_at_once_pay_once(one_page: Any) -> None:
    ann = one_page.join()
    page = rejected_page(one_page, ann)
    objected(ann, page)

    def click(number: int) -> int:
        body = {"upheld": number % 2 == 0, "reply": f"reply {number}"}
        client = one_page.client(one_page.workspace.secret())
        return int(client.post(f"/api/runs/run/appeals/{page}", json=body).status_code)

    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(click, range(10)))
    assert sorted(set(codes)) == [200, 409]
    assert codes.count(200) == 5, "those who say the same as the first"
    verdicts = [event for event in one_page.events() if event["kind"] == "page_judged"]
    upheld = one_page.ask("GET", "/api/appeals")["upheld"]
    assert len(verdicts) == 1 + upheld
    assert ann.get("/api/work/me")["earned"] == 30_000 * upheld


def test_ten_clicks_of_a_worker_make_one_appeal(one_page: Any) -> None:
    ann = one_page.join()
    page = rejected_page(one_page, ann)
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: objected(ann, page).json(), range(10)))
    assert all(reply == replies[0] for reply in replies)
    assert one_page.ask("GET", "/api/appeals")["open"] == 1


def test_what_a_worker_wrote_goes_when_they_are_forgotten(one_page: Any) -> None:
    ann = one_page.join()
    page = rejected_page(one_page, ann)
    objected(ann, page, "call me at 555")
    one_page.ask("DELETE", f"/api/workers/{ann.worker}")
    assert [one["text"] for one in one_page.ask("GET", "/api/appeals")["appeals"]] == [""]


def test_a_run_goes_on_from_its_log_when_a_page_is_accepted_on_appeal(served: Any, run: df.Run) -> None:
    ann, bob = served.join(), served.join(name="Bob")
    page = missed_page(run, ann)
    while not run.status().ended:
        if (other := bob.take()["page"]) is not None:
            assert bob.submit(other, answer=True).status_code == 200
        run.wait(1, progress=False)
    assert objected(ann, page).status_code == 200
    [appeal] = run.appeals().to_dict("records")
    assert (appeal["state"], appeal["text"], appeal["name"]) == ("open", "I looked at each.", "Ann")
    run.uphold(page, "You did.")
    assert run.wait(60, progress=False).ended
    assert run.appeals()["state"].tolist() == ["upheld"]
    workers = run.workers().set_index("name")
    assert (workers.loc["Ann", "pages_accepted"], workers.loc["Ann", "pages_rejected"]) == (1, 0)
    assert workers.loc["Ann", "earned"] == workers.loc["Bob", "earned"] > 0
    assert run.labels()["overlap"].tolist() == [2, 2], "the page's answers count"
    assert run.responses()["accepted"].all()
    assert run.control()["appeals"].sum() == 1
    assert not workers.loc["Ann", "restricted"]
    assert RunFolder.of(served.workspace, "run").feed().corrections(0) == (Upheld(page),)


def test_what_was_upheld_before_a_server_was_killed_is_told_to_the_run_by_the_next(
    served: Any, run: df.Run, run_server: Any
) -> None:
    ann = served.join()
    page = missed_page(run, ann)
    objected(ann, page)
    run.close()
    feed = RunFolder.of(served.workspace, "run").feed()
    uphold_and_die(served, page)
    assert feed.corrections(0) == ()
    assert ann.get("/api/work/history")["pages"][0]["state"] == "accepted", "it is paid whoever is killed"
    served.listener.should_exit = True
    served.ended.wait(30)
    with run_server():
        give_up = time.monotonic() + 60
        while not feed.corrections(0) and time.monotonic() < give_up:
            time.sleep(0.05)
    assert feed.corrections(0) == (Upheld(page),)


def uphold_and_die(served: Any, page: str) -> None:
    """Uphold as another server on the same file does that is killed before it tells the run."""
    store = SqliteStore.open_to_write(served.workspace.database)
    store.db.execute("BEGIN IMMEDIATE")
    transaction: Transaction[Any] = Transaction(store, now=served.clock(), source=random.Random(1), new_page=bytes)
    row = store.pages.by_page(bytes.fromhex(page))
    assert row is not None
    decide(transaction, Runs().by_name(store, "run"), row, "upheld", "")
    store.db.execute("COMMIT")
    store.close()


def test_an_appeal_that_was_dismissed_is_not_upheld(served: Any, run: df.Run) -> None:
    ann = served.join()
    page = missed_page(run, ann)
    objected(ann, page)
    run.dismiss(page, "no")
    with pytest.raises(Refused, match="dismissed already"):
        run.uphold(page)
    with pytest.raises(Refused, match="reply: expected 1 to 2,000 characters, got 0"):
        run.dismiss(page, "")
    with pytest.raises(Refused, match="no appeal against the page"):
        run.uphold("00" * 16)


def test_the_command_lists_appeals_and_decides_them(
    served: Any, run: df.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = served.join()
    root = served.workspace.root
    command("run", workspace=root)
    assert capsys.readouterr().out == "run 'run': nobody objects to a rejection\n"
    page = missed_page(run, ann)
    objected(ann, page, "I looked.\nTwice.")
    command("run", workspace=root)
    head, *said = capsys.readouterr().out.splitlines()
    assert head.startswith(f"open  {page}  Ann, $0.")
    assert said == ["    I looked.", "    Twice."]
    command("run", uphold=page, reply="You did.", workspace=root, as_json=True)
    [decided] = json.loads(capsys.readouterr().out)["appeals"]
    assert (decided["page"], decided["state"], decided["reply"]) == (page, "upheld", "You did.")
    with pytest.raises(SpecError, match="give one of them only"):
        command("run", uphold=page, dismiss=page, workspace=root)
    with pytest.raises(SpecError, match="nothing is decided"):
        command("run", reply="You did.", workspace=root)
    with pytest.raises(SpecError, match=f"--dismiss {page}: say why, for the worker reads it: --reply TEXT"):
        command("run", dismiss=page, reply=" ", workspace=root)


def test_a_platform_without_appeals_says_so(tmp_path: Any) -> None:
    options: dict[str, Any] = {"workspace": tmp_path, "name": "run", "progress": False}
    platform = SimulatedPlatform((), lambda inputs: {"answer": True}, seed=1)
    with (
        df.launch(likes, [{"text": "a"}], platform=platform, **options) as run,
        pytest.raises(RunError, match="workers of the platform 'simulated' make no appeals"),
    ):
        run.appeals()
