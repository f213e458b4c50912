"""Known answers where others judge: asked in the run itself, so that friends who judge kindly do not help."""

import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.runs.test_judged_answers import Finish, Launch, crowd, heard, hears, mishears, says_yes, start

import dataforge as df
from dataforge.checks import asked_themselves
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core import texts

__all__ = ["start"]


def test_half_of_the_known_items_are_asked_in_the_run_and_the_others_in_its_check(start: Launch) -> None:
    run = start([], page=(4, 2))
    assert run.check is not None
    asked, judged = set(run.control()["sound"]), set(run.check.control()["sound"])
    assert (len(asked), len(judged)) == (3, 3)
    assert asked | judged == {f"k{number}" for number in range(6)}
    assert run.about[1]["en"].startswith("items on a page: 4; control items: 2; about 60 s")


def test_a_page_whose_known_items_fail_is_rejected_at_once_and_judged_by_nobody(start: Launch, finish: Finish) -> None:
    """Of five people two write nonsense, and say yes to everything."""
    run = start(crowd(says_yes, says_yes, hears, hears, hears), page=(4, 2), controls=12)
    assert finish(run).stage == "done"
    assert run.check is not None
    told = run.certificate().text()
    assert "Control items: 6; answers to them: " in told
    assert re.search(r"such of which it is known whether they are right: \d+; judgements of them: \d+, right: \d", told)
    assert "No answer was known" not in told
    assert run.labels()["answer"].tolist() == [f"s{number}!" for number in range(8)]
    assert "nonsense" not in set(run.check.labels()["answer"])
    workers = run.workers().set_index("worker")
    for worker in ("w0", "w1"):
        assert workers.loc[worker, "pages_rejected"] > 0
        assert workers.loc[worker, ["pages_accepted", "earned", "control_correct", "judged_total"]].tolist() == [0] * 4
    assert workers.loc["w2", ["control_correct", "judged_right"]].min() > 0
    log = (run._held.folder.path / "log.jsonl").read_text("utf-8")
    assert texts.INACCURATE_PAGE["en"] in log
    assert texts.JUDGED_PAGE["en"] not in log


def fails_known_items(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who is right where nobody knows the answer, and judges well."""
    if "answer" in inputs:
        return {"ok": truth["ok"]}
    return {"answer": "nonsense" if inputs["sound"].startswith("k") else truth["answer"]}


def test_who_gave_an_answer_on_a_page_that_nobody_judged_does_not_judge_it_either(
    start: Launch, finish: Finish
) -> None:
    """Others give the same answers later; these are judged, and not by whoever gave them, too."""
    people = [fails_known_items, hears, hears, hears, hears]
    run = start(crowd(*people, seconds=30.0), items=4, page=(4, 2), controls=12, attempts=2)
    finish(run)
    given = run.responses().merge(run.labels(control=True)[["id", "sound"]], on="id")
    failed = given[given["worker"] == "w0"]
    assert len(failed) > 0
    assert run.check is not None
    said = run.check.responses().merge(run.check.labels()[["id", "sound", "answer"]], on="id")
    both = said.merge(failed, on=["sound", "answer", "worker"])
    assert len(both) == 0


def test_who_fails_known_items_is_shut_out_as_in_any_run(start: Launch, finish: Finish) -> None:
    rule = df.ControlRule(after=2, hard_restrict="8h")
    run = start(crowd(mishears, hears, hears, hears), page=(4, 2), controls=12, control=rule)
    finish(run)
    workers = run.workers().set_index("worker")
    assert workers.loc["w0", "pages"] <= 2, "one more may have been out"
    assert workers.loc["w0", "control_correct"] == 0
    assert workers.loc["w0", "reason"] == texts.INACCURATE_WORKER["en"]


@pytest.mark.parametrize(("policy", "passes"), [({}, True), ({"control_similarity": 0.95}, False)])
def test_an_answer_to_a_known_item_is_right_that_is_so_similar(
    start: Launch, finish: Finish, policy: dict[str, Any], passes: bool
) -> None:
    """Ten words of which one is wrong: that is .9, and by default .8 of a text will do."""

    def says(last: str) -> Any:
        def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
            known = inputs["sound"].startswith("k") and "answer" not in inputs
            return {"answer": "well " * 9 + last} if known else hears(inputs, truth, rng)

        return answer

    known = [{"sound": f"k{number}", "answer": "well " * 9 + "well"} for number in range(6)]
    people = crowd(*map(says, ("no", "well", "well", "well", "well")))
    # Of five people four can judge an answer, and without known answers they are never sure enough to need no fifth.
    check = df.Policy(page=(3, 0), control=None, overlap=3)
    run = start(people, items=4, page=(4, 2), known=known, check=check, **policy)
    finish(run)
    right = run.workers().set_index("worker").loc["w0", "control_correct"]
    assert right == (2 if passes else 0)


@pytest.mark.parametrize(("policy", "pages"), [({}, 2), ({"most_waiting": None}, 8)])
def test_of_a_newcomer_two_pages_wait_to_be_judged(start: Launch, policy: dict[str, Any], pages: int) -> None:
    run = start(crowd(hears), page=(1, 0), stall_after="1m", **policy)
    wanted = f"{pages} pages wait until other workers have judged their answers."
    while not any(notice["en"].startswith(wanted) for notice in run.notices):
        assert not run.wait(0.1, progress=False).ended
    assert run.status().pages_pending == pages


def test_a_known_item_that_is_withdrawn_speaks_against_nobody(start: Launch, finish: Finish) -> None:
    run = start(crowd(mishears, hears, hears, hears), items=4, page=(4, 2), controls=4)
    finish(run)
    before = run.workers().set_index("worker").loc["w0"]
    assert (before["pages_rejected"], before["control_total"]) == (1, 2)
    for item in run.control()["id"]:
        run.withdraw(item)
    finish(run)
    after = run.workers().set_index("worker").loc["w0"]
    assert (after["pages_accepted"], after["pages_rejected"], after["control_total"]) == (1, 0, 0)
    assert run.labels()["answer"].tolist() == [f"s{number}!" for number in range(4)], "others had answered better"


def test_files_are_compared_with_nothing_and_the_launch_says_so(workspace: Path) -> None:
    @df.task
    def read_out(line: df.Text) -> df.Audio:
        """Read it out."""
        raise NotImplementedError

    known = [
        {"line": f"known {number}", "answer": {"media": f"{number:064x}.weba", "seconds": 2.0}} for number in range(4)
    ]
    run = df.launch(
        read_out, [{"line": "new"}], known, platform=SimulatedPlatform(), workspace=workspace, progress=False
    )
    assert run.check is not None
    assert (len(run.control()), len(run.check.control())) == (0, 4)
    assert texts.NOT_COMPARED["en"] in run.notices
    run.close()


def test_that_groups_are_apart_is_said_to_the_platform_of_the_check(start: Launch) -> None:
    run = start([], groups_apart=True)
    assert run.check is not None
    assert run.check._held.description.publication.groups_apart
    assert not run._held.description.publication.groups_apart, "everybody may answer"


def test_known_answers_that_are_not_whole_are_asked_and_files_are_judged() -> None:
    @df.task
    def both(line: df.Text) -> df.Text:
        """Write."""
        raise NotImplementedError

    known = [(f"k{number}", {"line": f"{number}"}, {"answer": "known"} if number else {}) for number in range(7)]
    asked = asked_themselves(both, known, seed=3)
    assert len(asked) == 3
    assert "k0" not in asked, "nothing is known of it"
    assert asked == asked_themselves(heard, known, seed=3), "the seed tells all"
    assert asked_themselves(both, known[1:2], seed=3) == set(), "the only one is shown to who judges"
