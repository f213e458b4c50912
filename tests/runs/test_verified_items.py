"""Somebody trusted judges items of a run: what is found is final, and a drawn sample shows how good all are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.runs.conftest import LABELS, crowd, right

import dataforge as df
from dataforge.errors import DataError, RunError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]
GOOD = {"skips": None, "reports": None, "speed": ()}


@pytest.fixture
def done(start: Start, finish: Finish) -> df.Run:
    """Sixty items with two answers each, a fifth of the answers wrong, and no control items."""
    run = start(items=60, controls=0, workers=crowd(4, 0.8, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    return run


def truth(frame: pd.DataFrame) -> list[str]:
    return [right({"caption": caption})["answer"] for caption in frame["caption"]]


def by_id(run: df.Run) -> pd.DataFrame:
    return run.labels().set_index("id")


def test_right_answers_are_final_and_say_whether_the_runs_were_right(done: df.Run, finish: Finish) -> None:
    picked = done.labels().sort_values("confidence").head(20)
    counts = done.verified(pd.DataFrame({"id": picked["id"], "answer": truth(picked)}))
    finish(done)
    was_right = picked["answer"] == truth(picked)
    assert counts == (was_right.sum(), (~was_right).sum(), 0)
    assert 0 < was_right.sum() < 20
    now = by_id(done).loc[picked["id"]]
    assert now["answer"].tolist() == truth(picked)
    assert (now["confidence"] == 1).all()
    assert now["flag"].tolist() == ["verified" if one else "corrected" for one in was_right]
    assert (now["overlap"] == picked["overlap"].to_numpy()).all(), "nobody else was asked"


def test_an_answer_that_is_found_wrong_without_a_right_one_is_not_believed(done: df.Run, finish: Finish) -> None:
    [first, second, third] = done.labels()["id"].head(3)
    before = by_id(done).loc[[first, second, third], "answer"].tolist()
    told = [
        {"id": first, "_ok": "no", "_right": None},
        {"id": second, "_ok": "no", "_right": LABELS[LABELS.index(before[1]) - 1]},
        {"id": third, "_ok": "да", "_right": None},
    ]
    assert done.verified(told) == (1, 2, 0)
    finish(done)
    now = by_id(done).loc[[first, second, third]]
    assert now["flag"].tolist() == ["wrong", "corrected", "verified"]
    assert now["answer"].tolist() == [before[0], told[1]["_right"], before[2]]
    assert now["confidence"].tolist() == [0, 1, 1]
    chances = done.probabilities().set_index("id").loc[first]
    assert chances[before[0]] == 0
    assert chances.drop(before[0]).tolist() == [0.5, 0.5]
    assert done.status().items_flagged >= 1


def test_the_judged_answer_is_the_one_in_the_table_whatever_the_run_says_by_now(done: df.Run, finish: Finish) -> None:
    key, answer = done.labels().loc[0, ["id", "answer"]]
    other = next(label for label in LABELS if label != answer)
    done.verified([{"id": key, "answer": other, "_ok": True}])
    finish(done)
    assert by_id(done).loc[key, ["answer", "flag"]].tolist() == [other, "verified"]


def test_a_table_that_is_given_twice_says_the_same_of_the_runs_answers(done: df.Run, finish: Finish) -> None:
    drawn = done.to_verify(30)
    table = pd.DataFrame({"id": drawn["id"], "answer": truth(drawn)})
    counts = done.verified(table)
    finish(done)
    once, flags = done.certificate().figures, by_id(done)["flag"]
    assert counts.wrong > 0
    done.verified(table)
    finish(done)
    twice = done.certificate().figures
    assert twice.verified == once.verified
    assert twice.outputs[0].accuracy == once.outputs[0].accuracy
    assert by_id(done)["flag"].equals(flags)


def test_an_answer_that_was_found_right_by_mistake_is_found_wrong_later(done: df.Run, finish: Finish) -> None:
    drawn = done.to_verify(1)
    [key], [answer] = drawn["id"], drawn["answer"]
    other = next(label for label in LABELS if label != answer)
    for told, was_right in [(answer, 1), (other, 0), (answer, 1)]:
        done.verified([{"id": key, "answer": told}])
        finish(done)
        assert done.certificate().figures.verified.right == was_right
        assert by_id(done).loc[key, ["answer", "confidence"]].tolist() == [told, 1]


def test_what_was_verified_is_taken_back_as_a_correction_is(done: df.Run, finish: Finish) -> None:
    before = by_id(done)
    key = before.index[0]
    done.verified([{"id": key, "_ok": 0}])
    finish(done)
    done.uncorrect(key)
    finish(done)
    now = by_id(done).loc[key]
    assert (now["answer"], now["flag"]) == (before.loc[key, "answer"], before.loc[key, "flag"])


# --- which ----------------------------------------------------------------------------------------


def test_a_table_of_items_to_judge_comes_back_filled(done: df.Run, finish: Finish, tmp_path: Path) -> None:
    table = done.to_verify(12)
    assert table.columns.tolist() == ["id", "caption", "answer", "confidence", "_ok"]
    assert len(table) == 12
    assert table["_ok"].isna().all()
    assert done.status().stage == "done", "a draw alone changes nothing"
    table["_ok"] = table["answer"] == truth(table)
    table.to_csv(tmp_path / "judged.csv", index=False)
    counts = done.verified(tmp_path / "judged.csv")
    assert counts == (table["_ok"].sum(), (~table["_ok"]).sum(), 0)
    finish(done)
    assert set(by_id(done).loc[table["id"], "flag"]) <= {"verified", "wrong"}


def test_no_item_is_drawn_twice_and_those_that_wait_can_be_had_again(done: df.Run) -> None:
    first, second = done.to_verify(10), done.to_verify(10)
    assert not set(first["id"]) & set(second["id"])
    assert set(done.to_verify(0)["id"]) == {*first["id"], *second["id"]}
    done.verified(first.assign(_ok=True))
    assert set(done.to_verify(0)["id"]) == set(second["id"])
    assert len(done.to_verify(1000)) == 40, "all that are left"


def test_draws_and_findings_outlive_the_process(done: df.Run, finish: Finish, workspace: Path) -> None:
    first = done.to_verify(10)
    done.verified(first.assign(_ok=True))
    finish(done)
    labels = done.labels()
    done.close()
    (workspace / "runs/run/checkpoint.npz").unlink(missing_ok=True)
    with df.open_run("run", workspace) as again:
        pd.testing.assert_frame_equal(again.labels(), labels)
        assert again.to_verify(0).empty
        assert not set(again.to_verify(10)["id"]) & set(first["id"])


def test_a_run_that_goes_on_has_its_answered_items_judged(start: Start) -> None:
    run = start(items=40, controls=0, workers=[*crowd(1, arrives=0.0)], overlap=2, stall_after="1h", **GOOD)
    while run.status().responses < 20:
        run.wait(1, progress=False)
    drawn = run.to_verify(5)
    assert drawn["answer"].notna().all()
    run.verified(drawn.assign(_ok=True))
    assert (by_id(run).loc[drawn["id"], "flag"] == "verified").all()


# --- what a sample shows --------------------------------------------------------------------------


def mean_of_the_rest(run: df.Run) -> float:
    labels = run.labels()
    rest = labels[~labels["flag"].isin(["verified", "corrected", "wrong"])]
    return float(rest["confidence"].mean())


def wrong_together(inputs: Any, truth: Any, chance: Any) -> dict[str, str]:
    """Right about two items in three; all who answer so err together about the third."""
    shift = int(inputs["caption"].rsplit(" ", 1)[1]) // 3 % 3 == 0
    return {"answer": LABELS[(LABELS.index(truth["answer"]) + shift) % 3]}


@pytest.fixture
def misled(start: Start, finish: Finish) -> df.Run:
    """A hundred and twenty items that three workers answer alike, and a third of them wrongly."""
    workers = [SimulatedWorker(name, wrong_together, arrives=0.0) for name in ("ann", "bob", "cid")]
    run = start(items=120, controls=0, workers=workers, overlap=3, **GOOD)
    finish(run)
    return run


def test_a_sample_that_was_drawn_shows_that_workers_err_together(misled: df.Run, finish: Finish) -> None:
    before = mean_of_the_rest(misled)
    drawn = misled.to_verify(40)
    misled.verified(drawn.assign(_ok=drawn["answer"] == truth(drawn)))
    finish(misled)
    rest = misled.labels().query("flag not in ['verified', 'corrected', 'wrong']")
    assert before > 0.85
    assert rest["confidence"].max() < 0.8
    assert np.mean(rest["answer"] == truth(rest)) == pytest.approx(2 / 3, abs=0.06)


def test_items_that_somebody_has_picked_change_nothing_but_their_own_answers(misled: df.Run, finish: Finish) -> None:
    labels = misled.labels()
    wrong = labels[labels["answer"] != truth(labels)].head(30)
    misled.verified(wrong[["id"]].assign(answer=truth(wrong)))
    finish(misled)
    now = by_id(misled)
    rest = now.drop(index=wrong["id"])
    pd.testing.assert_frame_equal(rest, labels.set_index("id").drop(index=wrong["id"]))
    assert now.loc[wrong["id"], "answer"].tolist() == truth(wrong)


def test_items_corrected_one_by_one_change_nothing_else_either(misled: df.Run, finish: Finish) -> None:
    labels = misled.labels()
    wrong = labels[labels["answer"] != truth(labels)].head(6)
    for key, answer in zip(wrong["id"], truth(wrong), strict=True):
        misled.correct(key, answer)
    finish(misled)
    pd.testing.assert_frame_equal(by_id(misled).drop(index=wrong["id"]), labels.set_index("id").drop(index=wrong["id"]))


def test_a_draw_that_is_judged_in_part_shows_nothing_yet(misled: df.Run, finish: Finish) -> None:
    before, drawn = mean_of_the_rest(misled), misled.to_verify(40)
    judged = drawn.assign(_ok=drawn["answer"] == truth(drawn))
    # Whoever stops at the first mistakes, or passes over them, has no sample of all.
    misled.verified(judged[judged["_ok"]])
    finish(misled)
    assert mean_of_the_rest(misled) == pytest.approx(before, abs=0.001)
    misled.verified(judged[~judged["_ok"]])
    finish(misled)
    assert mean_of_the_rest(misled) < 0.8


def test_a_sample_shows_what_one_answer_each_is_worth(start: Start, finish: Finish) -> None:
    run = start(items=60, controls=0, workers=crowd(3, 0.9, arrives=0.0), overlap=1, **GOOD)
    finish(run)
    assert set(run.labels()["flag"]) == {"unverified"}
    assert run.labels()["confidence"].isna().all()
    drawn = run.to_verify(30)
    run.verified(drawn.assign(_ok=drawn["answer"] == truth(drawn)))
    finish(run)
    rest = run.labels().query("flag not in ['verified', 'corrected', 'wrong']")
    assert rest["confidence"].between(0.5, 1).all()


# --- what does not fit ----------------------------------------------------------------------------

REFUSED = (
    (
        [{"name": "0", "_ok": 1}],
        "verified: expected a column 'id' with the ids of items, got 'name', '_ok'; take the table of",
    ),
    (
        [{"id": "0"}],
        "verified: expected the right answers ('answer'), or a column '_ok' that says whether the run's are",
    ),
    ([{"id": "99", "_ok": 1}], "verified, row 1, column 'id': run 'run' has no item '99'; give ids as run.labels()"),
    ([{"id": "0", "_ok": 1}, {"id": "0", "_ok": 0}], "verified, row 2, column 'id': the id '0' stands in a row before"),
    ([{"id": "0", "_ok": "maybe"}], "verified, row 1, column '_ok': expected yes or no, got 'maybe'; leave it empty"),
    ([{"id": "0", "answer": "cow"}], "verified, row 1, column 'answer': answer, output 'answer': expected one of"),
    ([{"id": "0", "_ok": 0, "_right": "cow"}], "verified, row 1, column '_right': answer, output 'answer'"),
)


@pytest.mark.parametrize(("table", "message"), REFUSED)
def test_a_table_that_does_not_fit_is_refused_whole(done: df.Run, table: Any, message: str) -> None:
    before = done.labels()
    with pytest.raises(DataError) as refusal:
        done.verified(table)
    assert message in str(refusal.value)
    pd.testing.assert_frame_equal(done.labels(), before)


def test_all_mistakes_of_a_table_are_told_at_once(done: df.Run) -> None:
    with pytest.raises(DataError, match="2 mistakes") as refusal:
        done.verified([{"id": "99", "_ok": 1}, {"id": "1", "_ok": "perhaps"}, {"id": "2", "_ok": 1}])
    assert "row 1" in str(refusal.value)
    assert "row 2" in str(refusal.value)
    assert "verified" not in set(done.labels()["flag"])


def test_rows_that_nobody_has_judged_are_passed_over(done: df.Run) -> None:
    assert done.verified([{"id": "0", "_ok": None}, {"id": "1", "_ok": " "}, {"id": "2", "_ok": "yes"}]) == (1, 0, 2)


def test_a_control_item_is_not_verified(start: Start, finish: Finish) -> None:
    run = start(items=8, controls=4, workers=crowd(3, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    key = run.control()["id"].iloc[0]
    with pytest.raises(DataError, match=f"'{key}' is a control item, whose answer is known"):
        run.verified([{"id": key, "_ok": True}])
    assert not set(run.to_verify(100)["id"]) & set(run.control()["id"])


def test_nothing_is_verified_where_all_answers_are_kept(start: Start, finish: Finish) -> None:
    run = start(items=4, controls=0, workers=crowd(2, arrives=0.0), overlap=2, quality="collect", **GOOD)
    finish(run)
    for call in (lambda: run.to_verify(3), lambda: run.verified([{"id": "0", "_ok": True}])):
        with pytest.raises(RunError, match="keeps all answers to an item, and none of them is found right"):
            call()
    with pytest.raises(RunError):
        run.to_verify(-1)


def test_a_number_below_nothing_is_refused(done: df.Run) -> None:
    with pytest.raises(SpecError, match="expected a number of items of 0 or more, got -1"):
        done.to_verify(-1)


def test_a_column_of_the_user_is_not_taken_for_what_somebody_found(tmp_path: Path) -> None:
    @df.task(duration="5s")
    def odd(number: df.Text) -> bool:
        """Is it odd?"""
        raise NotImplementedError

    rows = [{"number": str(number), "_ok": "mine", "_right": True} for number in range(6)]
    worker = SimulatedWorker("ann", right_with(1.0, {"answer": [True, False]}))
    platform = SimulatedPlatform([worker], lambda inputs: {"answer": False})
    policy = df.Policy(overlap=1, speed=())
    run = df.launch(odd, rows, policy=policy, platform=platform, workspace=tmp_path / "workspace", name="run")
    run.wait(progress=False)
    table = run.to_verify(6)
    assert list(table) == ["id", "number", "_ok_given", "_right_given", "answer", "confidence", "_ok"]
    table["_ok"] = True
    assert run.verified(table) == (6, 0, 0)
