"""What a run asks, changed over HTTP, and what workers see of that."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import dataforge as df


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture
def run(served: Any) -> df.Run:
    """A run that nobody drives; a page pays a tenth."""
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(4)]
    policy = df.Policy(budget=1, page=(2, 0), page_price=0.1)
    return df.launch(likes, rows, policy=policy, name="run", workspace=served.workspace, detach=True, progress=False)


def changed(served: Any, status: int = 200, **terms: Any) -> Any:
    return served.ask("POST", "/api/runs/run/terms", terms, status)


def test_terms_change_over_http_and_are_told_as_they_were_and_are(served: Any, run: df.Run) -> None:
    assert changed(served, budget=2.5, overlap=[2, 4], time_limit="2h") == {
        "changed": [
            {"name": "overlap", "was": None, "now": [2, 4]},
            {"name": "budget", "was": 1, "now": 2.5},
            {"name": "time_limit", "was": None, "now": 7200.0},
        ]
    }
    assert changed(served, budget=2.5) == {"changed": []}
    terms = served.ask("GET", "/api/runs/run/terms")
    assert (terms["budget"], terms["overlap"], terms["time_limit"], terms["lease"]) == (2.5, [2, 4], 7200.0, 600.0)


def test_what_is_asked_of_workers_changes_over_http(served: Any, run: df.Run) -> None:
    run.drive()
    ann = served.join()
    adults = {"age": [18, None], "skills": {"medical": [70, "90d"]}}
    assert [one["name"] for one in changed(served, workers=adults)["changed"]] == ["workers"]
    # Only looked at: a page that was taken before the change would stay.
    while (closed := ann.get("/api/work/runs")["runs"][0]["closed"]) is None or closed["reason"] != "age":
        run.wait(0.1, progress=False)
    assert closed["untold"] == "born"
    assert run.filters().by_filter == {"age": 0, "skill medical": 0}
    assert changed(served, workers=adults) == {"changed": []}
    asked = served.ask("GET", "/api/runs/run/terms")["workers"]
    assert asked == {"age": [18, None], "skills": [{"name": "medical", "least": 70.0, "valid": 7_776_000.0}]}
    changed(served, workers=None)
    while ann.take()["page"] is None:
        run.wait(0.1, progress=False)
    refusal = changed(served, 422, workers={"age": [40, 18]})["error"]
    assert refusal["details"] == {"setting": "workers", "reason": "invalid"}
    assert "swap them" in refusal["message"]
    assert "'years'" in changed(served, 422, workers={"years": 18})["error"]["message"]
    run.close()


def test_a_budget_below_what_workers_hold_is_refused_with_the_sum(served: Any, run: df.Run) -> None:
    run.drive()
    ann = served.join()
    while ann.take()["page"] is None:
        run.wait(0.1, progress=False)
    refusal = changed(served, 422, budget=0.05)
    assert "$0.05 is less than what workers were paid or promised already, $0.10" in refusal["error"]["message"]
    assert refusal["error"]["details"] == {"setting": "budget", "reason": "below_promised", "least": 0.1}
    run.close()


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"min_confidence": 1.5}, {"setting": "min_confidence", "reason": "invalid"}),
        ({"overlap": [3, 1]}, {"setting": "overlap", "reason": "invalid"}),
        ({"lease": 0}, {"setting": "lease", "reason": "invalid"}),
        ({"budget": -1}, {"setting": "budget", "reason": "invalid"}),
        ({"time_limit": "soon"}, {"setting": "time_limit", "reason": "invalid"}),
        ({"time_limit": "1h"}, {"setting": "time_limit", "reason": "over_already"}),
        ({"instruction": {"en": ""}}, {"setting": "task", "reason": "invalid"}),
        ({"name": {"ru": "Имя"}}, {"setting": "task", "reason": "invalid"}),
        ({"duration": 99.0}, {"setting": "task", "reason": "another_question"}),
    ],
)
def test_a_refusal_says_of_which_setting_it_is_and_nothing_is_written(
    served: Any, run: df.Run, terms: dict[str, Any], told: dict[str, str]
) -> None:
    served.clock.move(7200)
    there = served.ask("GET", "/api/runs/run/terms")["task"]
    task = {"task": {**there, **terms}} if set(terms) & set(there) else terms
    refusal = changed(served, 422, **task)["error"]
    assert refusal["code"] == "change_refused"
    assert told.items() <= refusal["details"].items()
    assert run._held.feed.state().changes == 0


def test_a_page_that_is_out_keeps_its_texts_and_who_read_them_is_told_what_changed(served: Any) -> None:
    published = served.publish()
    served.add(6)
    ann = served.join()
    assert ann.page()["revision"] == 0
    task = dict(published["task"], instruction={"en": "Look.\nChoose at last."}, name={"en": "Other"})
    served.command("republish", publication=dict(published, task=task))
    # The page in hand is shown again as it was given out, and the next one has the new texts.
    first = ann.page()
    assert (first["revision"], ann.page(have=[first["page"]])["revision"]) == (0, 1)
    before, now = (ann.get(f"/api/work/runs/run?revision={number}")["task"] for number in (0, 1))
    assert (before["instruction"], now["instruction"]) == (published["task"]["instruction"], task["instruction"])
    assert ann.get("/api/work/runs/run")["changes"] == []
    told = {one["what"]: (one["was"], one["now"]) for one in ann.get("/api/work/runs/run?since=0")["changes"]}
    assert told == {
        "name": (published["task"]["name"]["en"], "Other"),
        "instruction": (published["task"]["instruction"]["en"], "Look.\nChoose at last."),
    }


def test_who_waits_for_news_of_a_run_reads_its_texts_as_they_are_when_it_has_changed(served: Any) -> None:
    published = served.publish()
    before = served.ask("GET", "/api/runs/run")["version"]
    notifier = served.listener.context.notifier
    with ThreadPoolExecutor(1) as thread:
        news = thread.submit(served.ask, "GET", f"/api/runs/run?after={before}&wait=20")
        while not notifier.runs:
            time.sleep(0.01)
        task = dict(published["task"], instruction={"en": "Look."})
        served.command("republish", publication=dict(published, task=task))
        told = news.result()
    assert told["version"] > before
    assert told["publication"]["task"]["instruction"] == {"en": "Look."}


def test_another_question_is_no_change(served: Any) -> None:
    published = served.publish()
    task = dict(published["task"], duration=99.0)
    refusal = served.command("republish", status=409, publication=dict(published, task=task))
    assert (
        "goes on with other texts, budget, lease, languages, workers or training items, and not with another task"
        in refusal["error"]["message"]
    )


# --- what workers learn on ------------------------------------------------------------------------

LESSONS = [{"text": f"lesson {n}", "answer": n % 2 == 0, "hint": "see whether it is even"} for n in range(6)]


@pytest.fixture
def taught(served: Any) -> df.Run:
    """A run with a training, and an item that was added later."""
    run = df.launch(
        likes,
        [{"id": f"i{n}", "text": f"text {n}"} for n in range(4)],
        training=LESSONS,
        policy=df.Policy(page=(2, 0)),
        name="run",
        workspace=served.workspace,
        open=True,
        progress=False,
    )
    run.add([{"id": "later", "text": "added later"}])
    return run


def test_items_and_score_of_a_training_change_over_http_and_workers_get_them(served: Any, taught: df.Run) -> None:
    lessons = [{**row, "text": f"other {n}", "hint:ru": "чётное ли"} for n, row in enumerate(LESSONS)]
    told = changed(served, training=lessons, training_score=60, overlap=2)["changed"]
    assert sorted(one["name"] for one in told) == ["overlap", "training", "training"]
    assert changed(served, training=lessons, training_score=60) == {"changed": []}
    shown = served.ask("GET", "/api/runs/run")["publication"]
    while shown["training"]["score"] != 60:
        taught.wait(0.1, progress=False)
        shown = served.ask("GET", "/api/runs/run")["publication"]
    assert [item["inputs"]["text"] for item in shown["training"]["items"]] == [f"other {n}" for n in range(6)]
    assert shown["training"]["items"][0]["hint"] == {"en": "see whether it is even", "ru": "чётное ли"}
    taught.close()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": "text 3", "answer": True}, "workers are told the answers of these items"),
        ({"text": "added later", "answer": True}, "workers are told the answers of these items"),
        ({"text": "new", "answer": "perhaps"}, "row 7"),
        ({"text": "new"}, "row 7"),
        ({"answer": True}, "row 7"),
    ],
)
def test_of_a_change_with_a_bad_training_row_nothing_is_done(
    served: Any, taught: df.Run, row: dict[str, Any], said: str
) -> None:
    error = changed(served, 422, training=[*LESSONS, row], budget=9)["error"]
    assert error["code"] == "item_invalid"
    assert said in error["message"]
    assert changed(served, 422, training=LESSONS, training_score=0.6, budget=9)["error"]["code"] == "change_refused"
    assert taught._held.feed.state().changes == 0
    taught.close()


def test_a_run_without_a_training_gets_none_over_http(served: Any, run: df.Run) -> None:
    error = changed(served, 422, training=LESSONS)["error"]
    assert error["details"] == {"setting": "training", "reason": "fixed"}


def test_a_picture_of_a_training_is_one_that_the_server_has_and_no_path_of_its_disk(served: Any) -> None:
    @df.task(duration="5s")
    def sharp(photo: df.Image) -> bool:
        """Is it sharp?"""
        raise NotImplementedError

    pictures = [f"https://example.com/{n}.png" for n in range(8)]
    lessons = [{"photo": picture, "answer": n % 2 == 0} for n, picture in enumerate(pictures[4:])]
    options = {"name": "run", "workspace": served.workspace, "progress": False, "detach": True}
    df.launch(sharp, pictures[:2], training=lessons, policy=df.Policy(page=(2, 0)), **options)
    error = changed(served, 422, training=[{"photo": "/etc/passwd", "answer": True}, *lessons])["error"]
    assert "row 1, column 'photo': '/etc/passwd' is no address of a file" in error["message"]
    other = [{"photo": f"https://example.com/other{n}.png", "answer": n % 2 == 0} for n in range(4)]
    assert len(changed(served, training=other)["changed"]) == 1
