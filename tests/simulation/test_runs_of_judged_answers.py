"""Answers that people on the workspace's server judge of each other: the same people work in both runs."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

import dataforge as df
from dataforge.simulation import simulate
from dataforge.workspace import Workspace

Serve = Callable[..., Any]

PATIENT = {"speed": (), "skips": None, "control": None}
CHECK = df.Policy(page=(3, 1), overlap=(2, 3), control_ratio=0, **PATIENT)
POLICY = df.Policy(page=(3, 1), control_ratio=0.5, check=CHECK, **PATIENT)


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"


@df.task(duration="10s")
def drawn(photo: df.Image) -> df.Boxes(Animal):
    """Draw a box around each animal."""
    raise NotImplementedError


@df.task(duration="10s")
def read_out(line: df.Text) -> df.Audio:
    """Read it out."""
    raise NotImplementedError


MIX = {"good": 7, "spammer": 1}


def sounds(stem: str, number: int) -> list[dict[str, str]]:
    return [{"sound": f"{stem} {n}", "answer": f"said in {stem} {n}"} for n in range(number)]


def pages_on(workspace: Workspace, run: str) -> set[tuple[str, str]]:
    """Who had which item on a page, as the server has written it down."""
    with contextlib.closing(sqlite3.connect(workspace.database)) as db:
        return set(
            db.execute(
                """
                SELECT workers.worker, items.key FROM seen JOIN items ON items.id = seen.item
                JOIN workers ON workers.id = seen.worker JOIN runs ON runs.id = items.run WHERE runs.name = ?
                """,
                (run,),
            )
        )


def judged_their_own(run: df.Run) -> list[Any]:
    """Who judged an answer after giving it, and not in vain: known items had not spoken against the page."""
    said = run.check.responses().merge(run.check.labels()[["id", "sound", "answer"]], on="id")
    given = run.solutions().query("accepted")
    both = said.merge(given, on=["sound", "answer", "worker"], suffixes=("_judged", "_given"))
    return both[both["at_judged"] > both["at_given"]].values.tolist()


def transcribe(workspace: Workspace) -> tuple[df.Run, list[tuple[Any, ...]]]:
    """A run, and of each of its people how much they did and what came of it."""
    items = [{"sound": row["sound"]} for row in sounds("new", 9)]
    with df.launch(
        heard, items, control=sounds("known", 6), policy=POLICY, name="run", workspace=workspace, progress=False
    ) as run:
        report = simulate("run", sounds("new", 9), workers=8, mix=MIX, seed=3, workspace=workspace)
        assert run.wait(60, progress=False).stage == "done"
    assert not report.stalled
    return run, [(one.name, one.pages, one.right, one.pages_accepted, one.earned) for one in report.workers]


def test_what_is_written_is_judged_by_the_same_people_and_all_is_the_same_each_time(serve: Serve) -> None:
    served = serve(1, "one")
    place = served.workspace
    run, people = transcribe(place)
    labels = run.labels()
    right = labels["answer"] == [row["answer"] for row in sounds("new", 9)]
    assert ((labels["verdict"] == "right") == right).all()
    assert right.sum() >= 8
    assert labels["attempts"].max() > 1, "an answer that was found wrong was tried again"
    assert len(pages_on(place, "run-check")) > 2 * 9
    assert not judged_their_own(run)
    assert len(set(run.workers()["worker"]) & set(run.check.workers()["worker"])) > 4, "people work in both"
    assert run.workers()["control_total"].sum() > 0
    told = httpx.get(
        f"{served.url}/api/runs/run/items/0", headers={"Authorization": f"Bearer {place.secret()}"}, trust_env=False
    ).json()["responses"]
    told = [one for one in told if one["confidence"] is not None]  # what was rejected at once nobody judged
    assert told
    found = run.solutions().set_index(["id", "page"])
    assert {(one["verdict"], round(one["confidence"], 4)) for one in told} == {
        (found.loc[("0", one["page"]), "verdict"], round(found.loc[("0", one["page"]), "confidence"], 4))
        for one in told
    }, "the item's page says of each answer what was found of it"
    again, the_same = transcribe(serve(1, "two").workspace)
    assert again.labels().to_json() == labels.to_json()
    assert the_same == people


class Fault(df.Choice):
    NOTHING = df.option("nothing", "Nothing is wrong", right=True)
    WORDS = df.option("words", "There are wrong words")


@df.task(duration="5s")
def examined(sound: df.Text, answer: df.Text) -> Fault:
    """What is wrong?"""
    raise NotImplementedError


def test_people_judge_in_words_of_the_requester(serve: Serve) -> None:
    served, items = serve(1), sounds("new", 6)
    asked, policy = [{"sound": row["sound"]} for row in items], POLICY.changed(page=(3, 0))
    with df.launch(
        heard, asked, sounds("known", 6), policy, "run", workspace=served.workspace, check=examined, progress=False
    ) as run:
        simulate("run", items, workers=16, mix={"good": 7, "spammer": 1}, seed=3, workspace=served.workspace)
        assert run.wait(60, progress=False).stage == "done"
        right = run.labels()["answer"] == [row["answer"] for row in items]
        assert ((run.labels()["verdict"] == "right") == right).all()
        wrong = run.solutions().query("verdict == 'wrong'")
        assert len(wrong)
        assert set(wrong["reason"]) == {"words"}
        ann = person(served.url, run.invitation, "Ann")
        [option, _] = ann.get("/api/work/runs/run-check").json()["task"]["outputs"][0]["settings"]["options"]
        assert option["label"]["en"] == "Nothing is wrong"


def person(url: str, invitation: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=url, trust_env=False)
    body = {"invitation": invitation.rpartition("/")[2], "name": name, "language": "en"}
    client.headers["Authorization"] = f"Bearer {client.post('/api/work/join', json=body).json()['token']}"
    client.cookies.clear()
    return client


def test_who_is_invited_to_a_run_may_judge_its_answers_and_gets_their_files(serve: Serve) -> None:
    served = serve(1)
    with df.launch(
        read_out, [{"line": f"line {n}"} for n in range(4)], policy=POLICY, name="run", workspace=served.workspace,
        progress=False,
    ) as run:  # fmt: skip
        assert run.check is not None
        ann, bob = (person(served.url, run.invitation, name) for name in ("Ann", "Bob"))
        invited = ann.post("/api/work/invited", json={"invitation": run.invitation.rpartition("/")[2]}).json()
        assert [task["run"] for task in invited["tasks"]] == ["run", "run-check"]
        assert {one["run"] for one in bob.get("/api/work/runs").json()["runs"]} == {"run", "run-check"}
        only = person(served.url, run.check.invitation, "Only a judge")
        assert [one["run"] for one in only.get("/api/work/runs").json()["runs"]] == ["run-check"]
        looked = []

        def look() -> None:
            """As soon as there is something to judge, look at it, and give it back."""
            page = None if looked else ann.post("/api/work/runs/run-check/pages", json={"have": []}).json()["page"]
            if page is not None:
                [address, *_] = [item["inputs"]["answer"]["url"] for item in page["items"]]
                assert hashlib.sha256(ann.get(address).content).hexdigest() in "".join(run.solutions()["answer"])
                looked.extend([bob.get(address).status_code, httpx.get(served.url + address).status_code])
                ann.post(f"/api/work/pages/{page['page']}/skip", json={})

        simulate(
            "run", workers=9, mix={"good": 7, "spammer": 2}, seed=1, workspace=served.workspace, on_page=look
        )  # fmt: skip
        assert looked == [404, 401]
        assert run.wait(60, progress=False).stage == "done"
        found = run.solutions()
    sounds = [Path(path).read_bytes() for path in found["answer"]]
    assert found["verdict"].tolist() == ["right" if any(sound[44:]) else "wrong" for sound in sounds]
    assert {"right", "wrong"} == set(found["verdict"]), "who does not look sends silence"
    assert not any(judge in by for judge, by in zip(run.checks()["judge"], run.checks()["by"], strict=True))


def photo(path: Path, left: int) -> Path:
    image = Image.new("RGB", (96, 64), "white")
    ImageDraw.Draw(image).ellipse((left, 10, left + 30, 40), fill="brown")
    image.save(path)
    return path


def test_boxes_on_pictures_are_judged(serve: Serve, tmp_path: Path) -> None:
    def row(n: int) -> dict[str, Any]:
        box = {"label": "cat", "box": [6.0 * n, 10.0, 6.0 * n + 30, 40.0]}
        answer = {"width": 96, "height": 64, "shapes": [box]}
        return {"photo": str(photo(tmp_path / f"{n}.png", 6 * n)), "answer": answer}

    rows = [row(n) for n in range(10)]
    workspace = serve(1).workspace
    with df.launch(
        drawn, [{"photo": one["photo"]} for one in rows[:6]], control=rows[6:], policy=POLICY, name="run",
        workspace=workspace, progress=False,
    ) as run:  # fmt: skip
        simulate("run", rows[:6], workers=8, mix=MIX, seed=2, workspace=workspace)
        assert run.wait(60, progress=False).stage == "done"
    labels, found = run.labels(), run.check.labels()
    assert labels["verdict"].tolist() == ["right"] * 6
    assert labels["confidence"].min() > 0.8
    assert {"shapes": []} in found[~found["ok"]]["answer"].tolist(), "judges err now and then, but not about nothing"
    assert sorted(run.check.control()["ok"]) == [False, True]
    assert len(run.control()) == 2, "asked in the run itself"
    assert not any(judge in by for judge, by in zip(run.checks()["judge"], run.checks()["by"], strict=True))
