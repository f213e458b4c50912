"""Answers that other workers judge: a run and the run of its checks, driven as one."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.cli import run as command
from dataforge.errors import RunError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.core import texts
from dataforge.runs.handle.announce import announcement
from dataforge.simulation import simulate

Launch = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is said is the sound with `!` behind it; of an answer that is shown, whether it is that."""
    right = f"{inputs['sound']}!"
    return {"answer": right, "ok": inputs.get("answer") == right}


def hears(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who is always right, in both tasks."""
    return {"ok": truth["ok"]} if "answer" in inputs else {"answer": truth["answer"]}


def mishears(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who writes nonsense, always the same, and judges well."""
    return {"ok": truth["ok"]} if "answer" in inputs else {"answer": "nonsense"}


def mishears_what_is_new(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who writes nonsense but where the answer is known, and judges well."""
    known = inputs["sound"].startswith("k")
    return {"ok": truth["ok"]} if "answer" in inputs else {"answer": truth["answer"] if known else "nonsense"}


def says_yes(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who writes nonsense, and finds everything right."""
    return {"ok": True} if "answer" in inputs else {"answer": "nonsense"}


def crowd(*answers: Any, seconds: float = 10.0) -> list[SimulatedWorker]:
    return [
        SimulatedWorker(f"w{number}", answer, arrives=100.0 * number, seconds=seconds)
        for number, answer in enumerate(answers)
    ]


@pytest.fixture
def start(workspace: Path) -> Iterator[Launch]:
    launched: list[df.Run] = []

    def launch(workers: list[SimulatedWorker], items: int = 8, controls: int = 6, **policy: Any) -> df.Run:
        feeds = policy.pop("feeds", False)
        known = [{"sound": f"k{number}", "answer": f"k{number}!"} for number in range(controls)]
        settings: dict[str, Any] = {
            "page": (4, 0),
            "control": None,
            "check": df.Policy(page=(3, 1), control=None, overlap=(2, 3)),
        }
        run = df.launch(
            heard,
            [{"sound": f"s{number}"} for number in range(items)],
            policy.pop("known", known) or None,
            policy=df.Policy(**{**settings, **policy}),
            name="run",
            platform=SimulatedPlatform(workers, truth, seed=2),
            workspace=workspace,
            progress=False,
            open=feeds,
        )
        launched.append(run)
        return run

    yield launch
    for run in launched:
        run.close()


def checks_of(run: df.Run, workspace: Path) -> df.Run:
    return df.open_run(f"{run.name}-check", workspace)


def authors(run: df.Run) -> set[tuple[str, str]]:
    """Who said what of which sound."""
    said = run.responses().merge(run.labels()[["id", "sound"]], on="id")
    return set(zip(said["worker"], said["sound"] + said["answer"], strict=True))


def test_answers_found_right_by_others_are_the_labels(start: Launch, finish: Finish, workspace: Path) -> None:
    run = start(crowd(hears, hears, hears, hears))
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels.columns.tolist() == ["id", "sound", "answer", "confidence", "verdict", "attempts", "flag"]
    assert labels["answer"].tolist() == [f"{sound}!" for sound in labels["sound"]]
    assert labels["verdict"].tolist() == ["right"] * 8
    assert labels["attempts"].tolist() == [1] * 8
    assert labels["flag"].tolist() == [""] * 8
    assert (labels["confidence"] >= 0.85).all()
    # What another process reads is the same.
    assert df.open_run("run", workspace).labels().to_json() == labels.to_json()
    checks = checks_of(run, workspace)
    assert checks.status().stage == "done"
    assert checks.labels()["ok"].tolist() == [True] * 8
    listed = [(info.name, info.judges) for info in df.list_runs(workspace)]
    assert listed == [("run", ""), ("run-check", "run")]


def test_nobody_judges_their_own_answer(start: Launch, finish: Finish, workspace: Path) -> None:
    run = start(crowd(hears, mishears, hears, mishears, hears, hears), items=12)
    finish(run)
    checks = checks_of(run, workspace)
    judged = checks.responses().merge(checks.labels()[["id", "sound", "answer"]], on="id", suffixes=("_said", ""))
    assert len(judged) > 24
    assert not authors(run) & set(zip(judged["worker"], judged["sound"] + judged["answer"], strict=True))
    table = run.checks()
    assert len(table) == len(judged)
    assert not any(judge in by for judge, by in zip(table["judge"], table["by"], strict=True))
    assert (table["said"] == (table["verdict"] == "right")).all(), "everybody here judges well"


def copied(run: df.Run) -> int:
    """How often somebody answered an item after judging an answer to it."""
    judged = run.checks().rename(columns={"judge": "worker"})
    both = run.solutions().merge(judged[["id", "worker", "at"]], on=["id", "worker"], suffixes=("", "_judged"))
    return int((both["at"] > both["at_judged"]).sum())


def test_who_has_judged_an_answer_is_not_asked_for_one_where_there_are_others(start: Launch, finish: Finish) -> None:
    people = [SimulatedWorker(f"w{n}", mishears if n % 4 == 1 else hears, seconds=10.0) for n in range(12)]
    run = start(people, items=48, page=(2, 0))
    assert finish(run).stage == "done"
    assert run.labels()["verdict"].tolist() == ["right"] * 48
    assert len(run.solutions()) > 60, "much was asked again"
    assert copied(run) == 0


def test_a_small_team_answers_what_it_has_judged_rather_than_not_at_all(start: Launch, finish: Finish) -> None:
    run = start(crowd(mishears, hears, hears, hears), items=8)
    assert finish(run).stage == "done"
    assert run.labels()["verdict"].tolist() == ["right"] * 8
    assert copied(run) > 0


def test_the_command_shows_who_judged_what_and_the_cost_of_both_stages(
    start: Launch, finish: Finish, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = start(crowd(hears, hears, hears, hears))
    finish(run)
    for what, count in (("checks", len(run.checks())), ("cost", 2)):
        with pytest.raises(SystemExit, match="0"):
            command(["results", "run", "--what", what, "--json", "--workspace", str(workspace)])
        assert json.loads(capsys.readouterr().out)["count"] == count
    with pytest.raises(SystemExit, match="0"):
        command(["results", "run", "--what", "cost", "--workspace", str(workspace)])
    said = capsys.readouterr().out
    assert all(stage in said for stage in run.cost()["stage"])


def test_wrong_answers_are_tried_again_and_who_gave_them_is_not_paid(
    start: Launch, finish: Finish, workspace: Path
) -> None:
    run = start(crowd(mishears, hears, hears, hears), attempts=1)
    finish(run)
    labels = run.labels()
    assert labels["attempts"].tolist() == [1] * 8, "what was on rejected pages does not count"
    assert labels["verdict"].tolist() == ["right"] * 8
    workers = run.workers().set_index("worker")
    assert workers.loc["w0", ["pages_accepted", "earned"]].tolist() == [0, 0.0]
    assert workers.loc["w0", "pages_rejected"] > 0
    # They are told that others found so, and not that they failed a test.
    log = (workspace / "runs/run/log.jsonl").read_text("utf-8")
    assert "Other workers looked at the answers on this page, and found too few of them right." in log
    assert texts.INACCURATE_PAGE["en"] not in log
    assert workers.loc["w0", ["judged_right", "judged_total"]].tolist() == [0, 4 * workers.loc["w0", "pages"]]


def test_the_same_answer_of_several_people_is_judged_once(start: Launch, finish: Finish, workspace: Path) -> None:
    run = start(crowd(mishears, mishears, mishears, hears, hears), items=4, control_ratio=0, attempts=3)
    finish(run)
    assert len(run.responses()) > 4, "nonsense came several times"
    checks = checks_of(run, workspace).labels()
    assert not checks.duplicated(["sound", "answer"]).any()
    assert set(checks["answer"]) <= {"nonsense", *(f"s{number}!" for number in range(4))}


def test_answers_that_differ_in_their_spaces_alone_are_one(start: Launch, finish: Finish, workspace: Path) -> None:
    def spaced(spaces: int) -> Any:
        def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
            return {"ok": truth["ok"]} if "answer" in inputs else {"answer": f"not{' ' * spaces}this"}

        return answer

    run = start(crowd(*map(spaced, (1, 2, 3, 4))), items=4, control_ratio=0, attempts=3)
    assert finish(run).stage == "done"
    assert len(checks_of(run, workspace).labels()) == 4
    assert run.solutions()["answer"].nunique() == 3, "each is kept as it was written"
    assert run.labels()["verdict"].tolist() == ["wrong"] * 4


def test_a_late_item_may_be_one_whose_answer_is_known(start: Launch, finish: Finish) -> None:
    run = start(crowd(hears, hears, hears, hears), items=4, feeds=True)
    run.add([{"id": f"late {number}", "sound": f"k{number}"} for number in range(4)])
    run.finish()
    assert finish(run).stage == "done"
    assert run.labels()["answer"].tolist()[4:] == ["k0!", "k1!", "k2!", "k3!"]


def test_an_item_that_nobody_gets_right_is_given_up_after_so_many_attempts(start: Launch, finish: Finish) -> None:
    run = start(crowd(*[mishears] * 5), items=4, control_ratio=0, attempts=2)
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["verdict"].tolist() == ["wrong"] * 4
    assert labels["attempts"].tolist() == [2] * 4
    assert labels["flag"].tolist() == ["unsure"] * 4
    assert (labels["confidence"] < 0.15).all(), "it is the chance of being right"


def test_a_page_is_accepted_by_the_exact_share_of_its_answers(start: Launch, finish: Finish) -> None:
    """Of four answers three are right: at .75 the page is accepted, at .76 it is not."""

    def three_of_four(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if "answer" in inputs:
            return {"ok": truth["ok"]}
        return {"answer": "nonsense" if inputs["sound"] == "s1" else truth["answer"]}

    for ratio, paid in ((0.75, [1, 0]), (0.76, [0, 1])):
        run = start(crowd(three_of_four, hears, hears, hears), items=4, control_ratio=ratio)
        finish(run)
        workers = run.workers().set_index("worker")
        assert workers.loc["w0", ["pages_accepted", "pages_rejected"]].tolist() == paid
        run.delete()


def test_with_a_sample_one_answer_of_a_page_is_judged_and_speaks_for_the_others(
    start: Launch, finish: Finish, workspace: Path
) -> None:
    run = start(crowd(hears, hears, hears, hears), check_sample=1, finalize_at=1.0)
    finish(run)
    labels = run.labels()
    assert sorted(labels["verdict"]) == ["right"] * 2 + ["unchecked"] * 6
    assert labels["attempts"].tolist() == [1] * 8
    unchecked = labels[labels["verdict"] == "unchecked"]
    assert unchecked["confidence"].isna().all(), "nothing shows how sure they are"
    assert unchecked["flag"].tolist() == ["unverified"] * 6
    assert len(checks_of(run, workspace).labels()) == 2


def test_pages_done_too_fast_are_not_worth_a_check(start: Launch, finish: Finish, workspace: Path) -> None:
    hasty = [SimulatedWorker("hasty", mishears, seconds=0.1)]
    run = start([*hasty, *crowd(hears, hears, hears)], speed=(df.SpeedRule(0.1, reject=True),))
    finish(run)
    assert run.workers().set_index("worker").loc["hasty", "pages_rejected"] == 1
    assert set(checks_of(run, workspace).labels()["answer"]) == {f"s{number}!" for number in range(8)}


def test_control_items_of_the_check_are_right_and_wrong_ones_so_that_yes_fails(
    start: Launch, finish: Finish, workspace: Path
) -> None:
    run = start(crowd(hears, says_yes, hears, hears, hears), controls=8)
    finish(run)
    checks = checks_of(run, workspace)
    known = checks.control()
    assert sorted(known["ok"]) == [False] * 4 + [True] * 4
    assert ((known["answer"] == known["sound"] + "!") == known["ok"]).all()
    workers = checks.workers().set_index("worker")
    assert workers.loc["w1", "pages_rejected"] > 0
    assert run.labels()["answer"].tolist() == [f"s{number}!" for number in range(8)]


def test_without_anybody_else_a_run_waits_and_says_for_what(start: Launch, workspace: Path) -> None:
    run = start(crowd(hears), items=4, stall_after="1m")
    while not run.notices:
        assert not run.wait(0.1, progress=False).ended
    assert run.notices[0]["en"].startswith("1 pages wait until other workers have judged their answers.")
    assert checks_of(run, workspace).responses().empty


@pytest.mark.parametrize("end", ["stopped", "deleted"])
def test_without_its_checks_a_run_ends_with_what_it_has(
    start: Launch, finish: Finish, workspace: Path, end: str
) -> None:
    run = start(crowd(hears), items=4, attempts=3)
    assert run.check is not None
    while run.status().pages_pending == 0:
        run.wait(0.1, progress=False)
    if end == "stopped":
        run.check.stop()
    else:
        run.check.delete(force=True)
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["answer"].tolist() == [f"s{number}!" for number in range(4)]
    assert labels["verdict"].tolist() == ["unchecked"] * 4
    assert labels["attempts"].tolist() == [1] * 4, "a second answer that nobody judges would be no better"
    assert all(map(math.isnan, labels["confidence"]))
    assert run.workers()["pages_accepted"].tolist() == [1], "who worked is paid"


def test_a_launch_again_goes_on_and_other_known_answers_are_refused(start: Launch, finish: Finish) -> None:
    run = start(crowd(hears, hears, hears, hears))
    finish(run)
    labels = run.labels()
    run.close()
    assert start(crowd(hears, hears, hears, hears)).labels().to_json() == labels.to_json()
    with pytest.raises(RunError, match="run 'run-check' is there already and differs"):
        start(crowd(hears, hears, hears, hears), controls=5)


def test_the_budget_bounds_both_stages_together(start: Launch, finish: Finish, workspace: Path) -> None:
    run = start(crowd(mishears, hears, hears, mishears, hears), items=40, budget=0.3, page_price=0.02)
    finish(run)
    spent = run.cost()["total"].sum()
    assert 0 < spent <= 0.3
    assert checks_of(run, workspace).cost()["total"].sum() > 0


def test_a_budget_of_the_check_that_leaves_nothing_is_refused(start: Launch, workspace: Path) -> None:
    with pytest.raises(SpecError, match="the budget of check, 2, is part of the whole, 2, and leaves nothing"):
        start([], budget=2, check=df.Policy(budget=2))
    assert not workspace.exists(), "nothing was begun"


def test_more_items_go_the_same_way(start: Launch, finish: Finish) -> None:
    run = start(crowd(hears, hears, hears, hears), items=4, feeds=True)
    followed = [answer.key for answer in islice(run.follow(timeout=30), 4)]
    assert sorted(followed) == ["0", "1", "2", "3"]
    run.add([{"id": "late", "sound": "late"}])
    run.finish()
    finish(run)
    assert run.labels().iloc[-1][["sound", "answer", "verdict"]].tolist() == ["late", "late!", "right"]


def test_what_cannot_be_is_answered_with_what_to_write() -> None:
    with pytest.raises(SpecError, match=r"check: whether an answer is right is found by consensus"):
        df.Policy(check=df.Policy(quality="collect"))
    with pytest.raises(SpecError, match=r"how many of a page are by check_sample=…"):
        df.Policy(finalize_at=0.9)
    with pytest.raises(SpecError, match=r"attempts must be a whole number from 1 to 20, got 0"):
        df.Policy(attempts=0)
    with pytest.raises(SpecError, match=r"check must be a policy such as df.Policy\(overlap=\(2, 5\)\), got 3"):
        df.Policy(check=3)  # type: ignore[arg-type]


def test_a_correction_that_is_taken_back_leaves_what_was_judged(start: Launch, finish: Finish) -> None:
    run = start(crowd(hears, hears, hears, hears))
    finish(run)
    before = run.labels()
    run.correct(before["id"].iloc[0], "something else")
    finish(run)
    assert run.labels()["answer"].iloc[0] == "something else"
    run.uncorrect(before["id"].iloc[0])
    finish(run)
    assert run.labels().drop(columns="confidence").equals(before.drop(columns="confidence"))


def test_an_answer_that_judges_are_wrong_about_does_not_keep_a_run_going(start: Launch, finish: Finish) -> None:
    """Everybody gives the same answer, nobody finds it right: each page of it is rejected."""

    def denied(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        return {"ok": truth["ok"] and inputs["sound"] != "s1"} if "answer" in inputs else {"answer": truth["answer"]}

    run = start(crowd(*[denied] * 8), items=2, page=(1, 0), attempts=1)
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["verdict"].tolist() == ["right", ""]
    assert labels["flag"].tolist() == ["", "rejected"]
    assert next(one["en"] for one in run.notices if "rejected pages" in one["en"]).startswith(
        "Items of which all answers are on rejected pages, so that they have none and nobody is asked any more: 1; "
        "of these an answer was found right: 0."
    )
    assert run.workers()["pages_rejected"].sum() == 2


def test_a_launch_says_what_judging_costs_and_in_which_run_it_is_done(start: Launch) -> None:
    # A page of 4 takes 40 s and pays 0.011. A judgement takes 4.9 s, a page of 3 + 1 of them pays 0.005: eight answers
    # are judged twice at least; at most three times, three times eight of them and as many again and again on pages
    # that are rejected.
    assert announcement(start([]), None)[:8] == [
        "Run run",
        "  items: 8; control items: 0, the others for those who judge; answers an item: up to 3, "
        "until other workers find one right",
        "  items on a page: 4; control items: 0; about 40 s, $0.011, $0.99 an hour; pages for one worker: up to 2",
        "  the run costs about $0.022 at least, $0.066 at most",
        "  to have its answers judged costs about $0.027 at least, $0.36 at most, besides",
        "  Answers are judged in the run run-check",
        "    items: as they are added; control items: 6; answers an item: from 2 to 3, as its confidence needs",
        "    items on a page: 3; control items: 1; about 20 s, $0.005, $0.918 an hour; pages for one worker: up to 1",
    ]


def test_media_of_known_answers_are_compared_with_those_of_items_to_ask(workspace: Path) -> None:
    @df.task
    def plate(photo: df.Image) -> df.Text:
        """Write down the number plate."""
        raise NotImplementedError

    def told(host: str) -> list[str]:
        known = [{"photo": f"https://{host}/k{number}.jpg", "answer": f"AB {number}"} for number in range(6)]
        asked = [{"photo": f"https://photos.example/{number}.jpg"} for number in range(9)]
        run = df.launch(plate, asked, known, platform=SimulatedPlatform(), workspace=workspace, progress=False)
        assert run.check is not None
        notices = [*run.notices, *run.check.notices]
        run.stop()
        return [notice["en"] for notice in notices if "give themselves away" in notice["en"]]

    assert told("photos.example") == []
    [elsewhere] = told("known.example")
    assert elsewhere.endswith("control-0, control-1, control-2, control-3, control-4, control-5")


def test_a_judged_run_that_is_stopped_before_anybody_has_answered_ends(start: Launch, finish: Finish) -> None:
    run = start([], items=2)
    run.stop()
    assert finish(run).stage == "stopped"
    assert run.labels()["flag"].tolist() == ["stopped"] * 2


def of_answer(checks: df.Run, said: str) -> str:
    """By which id an answer is judged."""
    labels = checks.labels()
    [found] = labels.loc[labels["answer"] == said, "id"]
    return str(found)


def paid(run: df.Run, worker: str) -> list[int]:
    pages = run.workers().set_index("worker").loc[worker, ["pages_accepted", "pages_rejected"]]
    return [int(number) for number in pages]


def test_right_answers_of_a_rejected_page_are_labels_once_it_is_accepted_and_paid(
    start: Launch, finish: Finish
) -> None:
    def misses_some(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        right = "answer" in inputs or inputs["sound"] == "s0"
        return hears(inputs, truth, rng) if right else {"answer": "nonsense"}

    run = start(crowd(*[misses_some] * 8), items=4, controls=0, attempts=1)
    finish(run)
    assert set(run.labels()["flag"]) == {"rejected"}
    solutions = run.solutions()
    right = solutions[solutions["verdict"] == "right"]
    assert len(right) == 2
    assert not run.responses()["accepted"].any(), "nothing is paid"
    run.accept(right["page"].iloc[0])
    assert finish(run).stage == "done"
    labels = run.labels().set_index("sound")
    assert labels.loc["s0", ["answer", "verdict"]].tolist() == ["s0!", "right"]
    assert run.responses()["accepted"].sum() == 4, "the whole page is"
    assert len(run.solutions()) == len(solutions), "nobody was asked again"


def test_a_correction_of_the_judges_accepts_the_page_that_was_rejected_for_them(
    start: Launch, finish: Finish, workspace: Path
) -> None:
    """Nobody likes the answers to s0 and s1; the requester says that the one to s0 is right."""

    def denied(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if "answer" not in inputs:
            return {"answer": truth["answer"]}
        return {"ok": truth["ok"] and inputs["sound"] not in ("s0", "s1")}

    run = start(crowd(*[denied] * 6), items=4, attempts=1, control_ratio=0.75)
    finish(run)
    assert run.labels().set_index("sound").loc["s0", "flag"] == "rejected"
    assert paid(run, "w0") == [0, 1], "two of four are right, three are needed"
    assert run.check is not None
    run.check.correct(of_answer(run.check, "s0!"), True)
    finish(run)
    mended = run.labels().set_index("sound")
    assert mended.loc["s0", ["answer", "verdict", "confidence", "flag"]].tolist() == ["s0!", "right", 1.0, ""]
    assert paid(run, "w0") == [1, 0]
    assert df.open_run("run", workspace).labels().to_json() == run.labels().to_json(), "the log says the same"
    earned = run.workers().set_index("worker")["earned"]
    # The reverse takes no pay back: the item is without a right answer, and who gave it keeps what they earned.
    run.check.correct(of_answer(run.check, "s0!"), False)
    finish(run)
    assert run.labels().set_index("sound").loc["s0", "verdict"] == "wrong"
    assert (run.workers().set_index("worker")["earned"] >= earned).all()
    assert paid(run, "w0") == [1, 0]


def test_a_check_that_gets_more_money_goes_on_and_with_it_the_run(start: Launch, finish: Finish) -> None:
    people = crowd(mishears, hears, hears, hears, hears)
    check = df.Policy(page=(3, 1), control=None, overlap=(2, 3), page_price=1, budget=0.5)
    run = start(people, attempts=2, check=check, budget=100, page_price=0.01)
    assert finish(run).stage == "done"
    assert run.check is not None
    assert run.check.status().stage == "budget"
    labels = run.labels()
    unjudged = labels["verdict"] == "unchecked"
    assert unjudged.any()
    answers = len(run.responses())
    run.check.change(budget=60)
    assert finish(run).stage == "done"
    after = run.labels()
    assert after["verdict"].tolist() == ["right"] * 8
    assert after["flag"].tolist() == [""] * 8
    assert len(run.responses()) > answers, "what was found wrong was asked again"
    workers = run.workers().set_index("worker")
    assert workers.loc["w0", "pages_accepted"] > 0, "what was paid unjudged stays paid"
    assert run.check.status().cost <= 60
    judged = workers["judged_total"].sum()
    assert judged == len(run.solutions().query("verdict != 'unchecked'")), "each judged answer counts once"


def test_a_run_that_is_stopped_still_has_judged_what_was_answered(
    start: Launch, finish: Finish, workspace: Path
) -> None:
    def stopped(workers: list[SimulatedWorker]) -> df.Run:
        run = start(workers, items=40, stall_after="1m")
        while run.status().pages_pending == 0:
            run.wait(0.1, progress=False)
        run.stop()
        return run

    judged = stopped(crowd(*[hears] * 6))
    assert finish(judged).stage == "stopped"
    answered = judged.labels().dropna(subset="answer")
    assert 0 < len(answered) < 40
    assert set(answered["verdict"]) == {"right"}
    judged.delete()
    # Without anybody to judge it says for what it waits, and how to end that: who worked is paid.
    waiting = stopped(crowd(hears))
    assert not waiting.wait(1, progress=False).ended
    assert any(notice["en"].startswith("What was answered is still judged") for notice in waiting.notices)
    assert waiting.check is not None
    waiting.check.stop()
    assert finish(waiting).stage == "stopped"
    assert set(waiting.labels().dropna(subset="answer")["verdict"]) == {"unchecked"}
    assert paid(waiting, "w0")[1] == 0 < paid(waiting, "w0")[0]


def test_a_budget_that_is_too_small_says_what_of_the_whole_is_set_aside_for_judging(start: Launch) -> None:
    run = start([], items=40, budget=0.12, check=df.Policy(page=(3, 1), overlap=2, budget=0.05))
    [notice] = [notice for notice in run.notices if "does not cover" in notice["en"]]
    assert notice["en"].startswith("the budget of $0.07 does not cover the run")
    assert notice["en"].endswith("; $0.05 more are set aside for judging the answers")
    assert notice["ru"].endswith("; ещё 0,05\N{NO-BREAK SPACE}$ отложено на проверку ответов")


def test_people_are_simulated_where_answers_are_given_and_confused_where_they_are_judged(
    start: Launch, workspace: Path
) -> None:
    run = start([])
    with pytest.raises(RunError, match=r"in the run 'run-check' answers to 'run' are judged, .*: simulate that one"):
        simulate("run-check", workspace=workspace)
    with pytest.raises(RunError, match=r"asks for no options, .*; of those who judge its answers run.check.confusion"):
        run.confusion()


# Written otherwise than workers do, and like enough.
LESSONS = [
    {"sound": f"lesson {n} that is a long one to listen", "answer": f"lesson {n} that is a long one to listen!!"}
    for n in range(6)
]


def test_who_writes_what_others_judge_is_trained_by_likeness_to_the_known_answers(
    workspace: Path, finish: Finish
) -> None:
    deaf = SimulatedWorker("deaf", mishears)
    run = df.launch(
        heard,
        [{"sound": f"s{number}"} for number in range(24)],
        policy=df.Policy(page=(4, 0), control=None, check=df.Policy(page=(3, 0), control=None, overlap=3)),
        training=LESSONS,
        name="run",
        platform=SimulatedPlatform([SimulatedWorker(name, hears) for name in ("a", "b", "c")] + [deaf], truth, seed=2),
        workspace=workspace,
        progress=False,
    )
    assert finish(run).stage == "done"
    trained = run.trainees().set_index("worker")
    assert trained["passed"].to_dict() == {"a": True, "b": True, "c": True, "deaf": False}
    assert trained["score"].to_dict() == {"a": 100, "b": 100, "c": 100, "deaf": 0}
    assert "deaf" not in set(run.responses()["worker"]), "who has not passed writes nothing"
    assert set(run.labels()["answer"]) == {f"s{number}!" for number in range(24)}
    judges = checks_of(run, workspace)
    assert "deaf" in set(judges.responses()["worker"]), "judging is another task, which nobody was taught"
    with pytest.raises(RunError, match="has no training"):
        judges.training()
    run.close()
