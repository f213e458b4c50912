"""A requester corrects a run that goes on or is over: bad answers, wrong control items, answers of items."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import LABELS, control_rows, crowd, right

import dataforge as df
from dataforge.errors import DataError, RunEnded, RunError
from dataforge.platforms.simulated import SimulatedWorker

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]
GOOD = {"skips": None, "reports": None, "speed": ()}


def wrong(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Any) -> dict[str, str]:
    return {"answer": LABELS[(LABELS.index(truth["answer"]) + 1) % 3]}


def truths(run: df.Run) -> list[str]:
    return [right({"caption": caption})["answer"] for caption in run.labels()["caption"]]


def test_the_answers_of_a_bad_worker_are_taken_back_from_a_run_that_was_done(start: Start, finish: Finish) -> None:
    bad = SimulatedWorker("bad", wrong, arrives=0.0)
    run = start(items=12, controls=0, workers=[bad, *crowd(3, arrives=0.0)], overlap=2, **GOOD)
    assert finish(run).stage == "done"
    before = run.workers().set_index("worker")
    assert before.loc["bad", "responses"] > 0
    run.discard("bad")
    assert finish(run).stage == "done"
    assert run.labels()["answer"].tolist() == truths(run)
    assert run.labels()["overlap"].min() == 2
    responses = run.responses()
    assert responses.loc[responses["discarded"], "worker"].unique().tolist() == ["bad"]
    assert responses["accepted"].all()
    after = run.workers().set_index("worker")
    assert after.loc["bad", "earned"] == before.loc["bad", "earned"]
    assert (after.loc["bad", "discarded"], after.loc["bad", "restricted"]) == (True, True)


def test_a_worker_who_is_reinstated_counts_as_before(start: Start, finish: Finish) -> None:
    run = start(items=12, controls=0, workers=crowd(4, 0.7, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    before = run.labels()
    run.discard("worker1")
    finish(run)
    assert (run.responses()["worker"][~run.responses()["discarded"]] != "worker1").all()
    run.reinstate("worker1")
    finish(run)
    assert (run.labels()["overlap"] >= before["overlap"]).all()
    assert not run.responses()["discarded"].any()
    assert not run.workers()["restricted"].any()


def test_a_worker_is_meant_by_the_beginning_of_an_id_that_no_other_has(start: Start, finish: Finish) -> None:
    people = [SimulatedWorker(worker, wrong, arrives=0.0) for worker in ("3f9a0c11", "3f9a77aa")]
    run = start(items=4, controls=0, workers=[*people, *crowd(3, arrives=0.0)], overlap=4, **GOOD)
    finish(run)
    with pytest.raises(RunError, match=r"'3f9a' may be '3f9a0c11' .*, '3f9a77aa' .*; say which by its id"):
        run.discard("3f9a")
    run.discard("3f9a0c")
    finish(run)
    assert set(run.responses()["worker"][run.responses()["discarded"]]) == {"3f9a0c11"}


def test_a_run_that_ended_by_its_budget_says_what_it_lacks_without_the_answers(start: Start, finish: Finish) -> None:
    run = start(items=12, controls=0, workers=crowd(4, arrives=0.0), overlap=2, budget=0.08, page_price=0.02, **GOOD)
    assert finish(run).stage == "budget"
    whole = run.labels()
    worker = run.responses()["worker"].iloc[0]
    run.discard(worker)
    assert finish(run).stage == "budget"
    short = run.labels()
    lost = short["overlap"] < whole["overlap"]
    assert lost.any()
    assert set(short.loc[lost, "flag"]) <= {"budget", "no_answers"}
    assert run.cost()["paid"].iloc[0] == pytest.approx(0.08)


@pytest.fixture
def wrongly_known(start: Start) -> df.Run:
    """A run one of whose control items is known to be a dog, and is a cat."""
    known = [*control_rows(8), {"caption": "control 10", "answer": "dog"}]
    return start(items=24, known=known, workers=crowd(4, arrives=0.0), overlap=3, prompt=True, **GOOD)


def test_a_wrong_control_item_is_mended_and_the_pages_rejected_for_it_are_paid(
    wrongly_known: df.Run, finish: Finish
) -> None:
    run = wrongly_known
    finish(run)
    item = run.control().sort_values("missed").iloc[-1]
    assert (item["caption"], item["answer"], item["missed"]) == ("control 10", "dog", item["answered"])
    rejected = run.responses().query("~accepted")["page"].nunique()
    assert rejected == item["missed"] == len(item["missed_by"])
    run.correct(item["id"], "cat")
    finish(run)
    mended = run.control().set_index("id").loc[item["id"]]
    assert (mended["answer"], mended["missed"]) == ("cat", 0)
    assert run.responses()["accepted"].all()
    workers = run.workers()
    assert (workers["control_correct"] == workers["control_total"]).all()
    assert (workers["pages_rejected"] == 0).all()
    assert run.labels()["confidence"].min() > 0.95


def test_a_withdrawn_control_item_speaks_against_nobody(wrongly_known: df.Run, finish: Finish) -> None:
    run = wrongly_known
    finish(run)
    item = run.control().sort_values("missed").iloc[-1]["id"]
    run.withdraw(item)
    finish(run)
    assert run.responses()["accepted"].all()
    assert run.control().set_index("id")["shown"].to_dict() == {key: key != item for key in run.control()["id"]}
    assert run.labels(control=True).set_index("id").loc[item, "flag"] == "withdrawn"
    with pytest.raises(RunError, match="was withdrawn"):
        run.correct(item, "cat")


def test_an_answer_that_the_requester_gives_is_the_items_answer(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=0, workers=crowd(3, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    key = run.labels()["id"].iloc[1]
    run.correct(key, "other")
    status = finish(run)
    assert status.items_flagged == (~run.labels()["flag"].isin(["", "corrected"])).sum()
    row = run.labels().iloc[1]
    assert (row["answer"], row["confidence"], row["flag"], row["overlap"]) == ("other", 1.0, "corrected", 2)
    assert run.probabilities().iloc[1].tolist()[1:] == [0.0, 0.0, 1.0]
    # Who follows gets the answers of the run that has ended anew.
    assert [answer.flag for answer in run.follow() if answer.key == key] == ["", "corrected"]


def test_a_correction_is_taken_back_and_what_it_followed_from_holds_again(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=2, workers=crowd(3, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    before, checked = run.labels(), run.control()
    control, key = checked["id"].iloc[0], before["id"].iloc[1]
    wrong_answer = LABELS[(LABELS.index(before["answer"].iloc[1]) + 1) % 3]
    run.correct(key, wrong_answer)
    run.correct(control, LABELS[(LABELS.index(checked["answer"].iloc[0]) + 1) % 3])
    finish(run)
    assert run.labels()["answer"].iloc[1] == wrong_answer
    run.uncorrect(key)
    run.uncorrect(control)
    assert finish(run).stage == "done"
    after = run.labels()
    assert after.drop(columns="confidence").equals(before.drop(columns="confidence"))
    assert after["confidence"].tolist() == pytest.approx(before["confidence"].tolist())
    assert run.control().equals(checked)


@pytest.mark.parametrize("quality", ["merge", "collect"])
def test_a_correction_is_taken_back_whatever_the_way(start: Start, finish: Finish, quality: str) -> None:
    run = start(items=2, controls=0, workers=crowd(2, arrives=0.0), overlap=2, quality=quality, **GOOD)
    finish(run)
    before = run.labels()
    run.correct("0", "other")
    finish(run)
    run.uncorrect("0")
    finish(run)
    assert run.labels()["answer"].tolist() == before["answer"].tolist()
    assert run.labels()["flag"].tolist() == before["flag"].tolist()


def test_an_answer_that_is_taken_back_before_anybody_has_answered_is_asked(start: Start, finish: Finish) -> None:
    run = start(items=2, controls=0, workers=crowd(2, arrives=60.0), overlap=2, **GOOD)
    run.correct("0", "other")
    run.uncorrect("0")
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [2, 2]
    assert run.labels()["flag"].tolist() == ["", ""]


def test_an_answer_is_given_before_anybody_has_answered(start: Start, finish: Finish) -> None:
    run = start(items=2, controls=0, **GOOD)
    run.correct(run.labels()["id"].iloc[0], "cat")
    assert run.labels()[["answer", "overlap", "flag"]].iloc[0].tolist() == ["cat", 0, "corrected"]


def test_a_correction_by_another_process_is_taken_in_by_whoever_drives(
    start: Start, finish: Finish, workspace: Path
) -> None:
    run = start(items=12, controls=0, workers=crowd(4, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    with df.open_run("run", workspace) as other:
        other.discard("worker0")
    assert run.status().stage == "running"
    # Whoever waits takes a run over that nobody drives.
    finish(run)
    assert set(run.responses()["worker"][run.responses()["discarded"]]) == {"worker0"}


def test_a_feed_that_is_older_than_the_corrections_in_the_log_is_noticed(
    start: Start, finish: Finish, workspace: Path
) -> None:
    given: dict[str, Any] = {"items": 2, "controls": 0, "workers": crowd(2, arrives=0.0), "overlap": 1, **GOOD}
    run = start(**given)
    finish(run)
    run.correct("0", "cat")
    finish(run)
    run.close()
    for file in (workspace / "runs" / "run").glob("feed.sqlite3*"):
        file.unlink()
    again = start(**given)
    with pytest.raises(RunError, match="its feed is older than its log: it has 0 of 1 corrections"):
        again.discard("worker0")


@pytest.mark.parametrize(
    ("correct", "said"),
    [
        (lambda run: run.discard("nobody"), "has no worker 'nobody'; its workers are: worker0 .worker0."),
        (lambda run: run.correct("99", "dog"), "has no item '99'; give the id of one"),
        (lambda run: run.correct(" 0", "dog"), "has no item ' 0'; it has '0', which looks so; copy that one"),
        (lambda run: run.correct("0", "whale"), "answer, output 'answer': expected one of"),
        (lambda run: run.correct("0", {"colour": "red"}), "'colour' is no output; outputs are: 'answer'"),
        (lambda run: run.correct("0", {}), "output 'answer': an answer is required"),
        (lambda run: run.uncorrect("0"), "item '0' was not corrected; there is nothing to take back"),
        (lambda run: run.withdraw("0"), "is no control item; only those can be withdrawn"),
    ],
)
def test_what_cannot_be_corrected_is_said_and_changes_nothing(
    start: Start, finish: Finish, correct: Callable[[df.Run], None], said: str
) -> None:
    run = start(items=2, controls=0, workers=crowd(2, arrives=0.0), overlap=1, **GOOD)
    finish(run)
    with pytest.raises((DataError, RunError), match=said):
        correct(run)
    assert run.status().ended


# --- sent back, set aside -------------------------------------------------------------------------


def test_a_final_item_gets_more_answers_and_no_other_does(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=0, workers=crowd(6, arrives=0.0), overlap=2, **GOOD)
    assert finish(run).stage == "done"
    first, second = run.labels()["id"].iloc[:2]
    run.ask_more(first, 2)
    assert finish(run).stage == "done"
    assert run.labels().set_index("id")["overlap"].to_dict() == {
        key: 4 if key == first else 2 for key in run.labels()["id"]
    }
    run.ask_more([first, second])
    finish(run)
    assert run.labels()["overlap"].tolist()[:3] == [5, 3, 2]


def test_an_item_set_aside_is_in_no_table_of_results_and_comes_back_as_it_was(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=4, workers=crowd(4, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    before, item = run.labels(), run.labels()["id"].iloc[2]
    run.set_aside(item)
    finish(run)
    for table in (run.labels(), run.labels(control=True), run.probabilities(), run.solutions()):
        assert item not in set(table["id"])
    assert len(run.labels()) == 5
    assert (run.certificate().figures.items, len(run.select_control_items(0, 0, balanced=False))) == (5, 5)
    assert item in set(run.responses()["id"])
    run.uncorrect(item)
    finish(run)
    assert run.labels()[["id", "answer", "overlap"]].equals(before[["id", "answer", "overlap"]])


def test_a_run_without_money_for_more_answers_says_so_and_what_to_do(start: Start, finish: Finish) -> None:
    run = start(items=12, controls=0, workers=crowd(4, arrives=0.0), overlap=2, budget=0.08, page_price=0.02, **GOOD)
    assert finish(run).stage == "budget"
    with pytest.raises(RunEnded, match=r"takes no more answers: its budget pays for no more pages; raise it by ."):
        run.ask_more(run.labels()["id"].iloc[0])
    run.set_aside(run.labels()["id"].iloc[0])
    assert finish(run).stage == "budget"
    assert len(run.labels()) == 11


def test_control_items_are_neither_sent_back_nor_set_aside(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=4, workers=crowd(4, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    key = run.control()["id"].iloc[0]
    for act in (run.ask_more, run.set_aside):
        with pytest.raises(DataError, match="is a control item: its answer is known"):
            act(key)
    with pytest.raises(DataError, match=r"expected 1 to 100 more answers, got 0"):
        run.ask_more(run.labels()["id"].iloc[0], 0)
