"""Experts on a server: who gets in by which link, and what they read if they do not."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import dataforge as df
from dataforge.errors import RunError
from dataforge.platforms.embedded import connect
from dataforge.simulation import simulate
from dataforge.workspace import Workspace


@df.task(duration="5s")
def clear(text: df.Text) -> bool:
    """Is it clear?"""
    raise NotImplementedError


def join(link: str, language: str = "en") -> tuple[httpx.Client, httpx.Response]:
    url, _, code = link.rpartition("/join/")
    client = httpx.Client(base_url=url, headers={"Origin": url})
    order = {"invitation": code, "name": "Anybody", "language": language}
    return client, client.post("/api/work/join", json=order)


def answer_all(client: httpx.Client, run: str) -> int:
    """Answer every page that comes, each item with yes and OK; give how many items there were."""
    items = 0
    while (page := client.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()["page"]) is not None:
        answers = [{"answer": True, "_ok": True, "_comment": None} for _ in page["items"]]
        items += len(answers)
        body: dict[str, Any] = {"answers": answers, "seconds": 12.0}
        client.post(f"/api/work/pages/{page['page']}/submit", json=body).raise_for_status()
    return items


def test_each_expert_comes_by_a_link_that_works_once_and_answers_everything(served: Workspace) -> None:
    with df.try_out(
        clear, [f"text {n}" for n in range(7)], ["Anna", "Boris"], name="asked", workspace=served, progress=False
    ) as trial:
        assert list(trial.links) == ["Anna", "Boris"]
        anna, joined = join(trial.links["Anna"])
        assert joined.status_code == 200
        _, again = join(trial.links["Anna"])
        assert again.status_code == 409
        assert again.json()["error"]["code"] == "invitation_personal"
        boris, _ = join(trial.links["Boris"])
        assert answer_all(anna, "asked") == answer_all(boris, "asked") == 7
        assert trial.wait(60, progress=False).stage == "done"
        assert set(trial.feedback()["expert"]) == {"Anna", "Boris"}
        assert len(trial.control_items()) == 7
        assert trial.run.status().cost == 0


def test_links_are_the_same_whoever_opens_the_trial_and_a_substitute_gets_one_more(served: Workspace) -> None:
    asked: dict[str, Any] = {"name": "linked", "workspace": served, "progress": False}
    with df.try_out(clear, ["one", "two"], ["Anna"], **asked) as trial:
        links = trial.links
    with df.try_out(clear, ["one", "two"], ["Anna"], **asked) as again:
        assert again.links == links
        [more] = again.invite("Clara").values()
        assert more not in links.values()
    with df.open_trial("linked", served) as opened:
        assert opened.links == {**links, "Clara": more}


def test_an_expert_of_another_language_reads_why_there_is_nothing(served: Workspace) -> None:
    with df.try_out(
        clear, ["one", "two"], ["Anna"], name="russian", languages=["ru"], workspace=served, progress=False
    ) as trial:
        anna, _ = join(trial.links["Anna"], language="en")
        refused = anna.post("/api/work/runs/russian/pages", json={"have": []}).json()
        assert refused["page"] is None
        assert refused["closed"]["reason"] == "language"


def test_two_who_try_the_same_out_at_once_have_the_same_links(served: Workspace) -> None:
    with df.try_out(clear, ["one"], ["Anna"], name="twice", workspace=served, progress=False) as trial:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: df.open_trial("twice", served).invite("Clara")["Clara"], range(4)))
        assert len(set(made)) == 1
        assert trial.invite("Clara") == {"Clara": made[0]}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_says_what_to_judge_before_the_workers_instruction(served: Workspace, language: str) -> None:
    with df.try_out(clear, ["one"], ["Anna"], name=f"told-{language}", workspace=served, progress=False) as trial:
        anna, _ = join(trial.links["Anna"], language)
        task = anna.get(f"/api/work/runs/{trial.name}").json()["task"]
        assert task["instruction"][language].endswith("Is it clear?")
        assert {"en": "You are asked as an expert", "ru": "Вас спрашивают как эксперта"}[language] in task[
            "instruction"
        ][language]
        assert [field["name"] for field in task["outputs"]] == ["answer", "_ok", "_comment"]


# --- who is an expert -----------------------------------------------------------------------------


def closed(client: httpx.Client, run: str) -> dict[str, Any]:
    """Why a run has no page for somebody; nothing if it has one."""
    found = client.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()
    return found["closed"] or {}


def test_who_comes_by_an_invitation_to_everything_is_no_expert_and_reads_so(served: Workspace) -> None:
    with df.try_out(clear, ["one"], ["Anna"], name="for-experts", workspace=served, progress=False) as trial:
        for link in (trial.run.invitation, trial.run.invite(uses=5)):
            assert link is not None
            stranger, _ = join(link)
            found = closed(stranger, "for-experts")
            assert found["reason"] == "skill"
            assert "This task is for experts" in found["text"]["en"]
            assert "Эта задача для экспертов" in found["text"]["ru"]


def test_who_is_invited_to_whatever_there_is_hears_of_no_trial(served: Workspace) -> None:
    platform = connect(served)
    everything = platform.url + platform._call("POST", "/api/invitations", {"run": None}).json()["path"]
    with (
        df.try_out(clear, ["one"], ["Anna"], name="unseen", workspace=served, progress=False) as trial,
        df.launch(clear, ["two"], policy="no-control", name="seen", workspace=served, progress=False),
    ):
        stranger, _ = join(everything)
        code = everything.rpartition("/join/")[2]
        offered = stranger.post("/api/work/invited", json={"invitation": code}).json()
        assert [task["run"] for task in offered["tasks"]] == ["seen"]
        assert [run["run"] for run in stranger.get("/api/work/runs").json()["runs"]] == ["seen"]
        anna, _ = join(trial.links["Anna"])
        assert [run["run"] for run in anna.get("/api/work/runs").json()["runs"]] == ["unseen"]


def test_an_expert_stays_one_of_the_task_and_gets_pages_once_they_read_its_language(served: Workspace) -> None:
    asked: dict[str, Any] = {"workspace": served, "progress": False}
    with (
        df.try_out(clear, ["one"], ["Anna"], name="first-in-russian", languages=["ru"], **asked) as first,
        df.try_out(clear, ["two"], ["Boris"], name="second-in-russian", languages=["ru"], **asked) as second,
        df.try_out(clear, ["three"], ["Clara"], name="in-english", languages=["en"], **asked) as third,
    ):
        anna, joined = join(first.links["Anna"], "ru")
        platform = connect(served)
        assert platform.skills(joined.json()["worker"]) == {"expert:clear:ru": 100}
        for trial, reason in ((first, None), (second, None), (third, "language")):
            code = str(trial.run.invite()).rpartition("/join/")[2]
            anna.post("/api/work/join", json={"invitation": code, "name": "Anna", "language": "ru"}).raise_for_status()
            assert closed(anna, trial.name).get("reason") == reason
        boris, joined = join(second.links["Boris"], "en")
        assert platform.skills(joined.json()["worker"]) == {"expert:clear:ru": 100}
        assert closed(boris, "second-in-russian")["reason"] == "language"
        boris.post("/api/work/me", json={"language": "ru"}).raise_for_status()
        assert closed(boris, "second-in-russian")["reason"] == "busy", "somebody has the only item, and that is all"


def test_simulated_people_are_no_experts_and_that_is_said(served: Workspace) -> None:
    with (
        df.try_out(clear, ["one"], ["Anna"], name="no-crowd", workspace=served, progress=False),
        pytest.raises(RunError, match="the run 'no-crowd' is a trial, to which nobody but experts comes"),
    ):
        simulate("no-crowd", [{"text": "one", "answer": True, "_ok": True}], workers=1, workspace=served)
