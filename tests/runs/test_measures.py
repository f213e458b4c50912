"""How far answers agree, and whether claims hold where answers are known: what `run.metrics()` tells."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
import pytest
from tests.runs.conftest import LABELS, crowd, right

import dataforge as df
from dataforge import metrics
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

OPEN: dict[str, Any] = {"control_ratio": 0, "speed": ()}


def saying(said: Mapping[str, str]) -> Callable[..., dict[str, str]]:
    """What one worker says of each caption."""
    return lambda inputs, truth, chance: {"answer": said[inputs["caption"]]}


@pytest.fixture
def asked(workspace: Path) -> Any:
    """Run a task over rows with workers to its end, and give its metrics by question and label."""
    runs: list[df.Run] = []

    def ask(task: df.Task, rows: Any, answers: Any, **more: Any) -> pd.DataFrame:
        workers = [SimulatedWorker(f"worker{n}", answer, arrives=0.0) for n, answer in enumerate(answers)]
        settings = {**OPEN, "page": (len(rows), 0), "overlap": len(workers), **more.pop("policy", {})}
        platform = SimulatedPlatform(workers, lambda inputs: {}, seed=0)
        policy = df.Policy(**settings)
        run = df.launch(
            task, rows, policy=policy, platform=platform, name="run", workspace=workspace, progress=False, **more
        )
        runs.append(run)
        assert run.wait(60, progress=False).ended
        return run.metrics().set_index(["question", "label"])

    yield ask
    for run in runs:
        run.close()


def test_alpha_agreement_and_entropy_are_those_worked_out_by_hand(task: df.Task, asked: Any) -> None:
    # Two workers, four items: they agree on three and differ on the last.
    first = dict(zip("abcd", ["dog", "dog", "cat", "cat"], strict=True))
    found = asked(task, [{"caption": name} for name in "abcd"], [saying(first), saying({**first, "d": "dog"})])
    whole = found.iloc[0]
    # Krippendorff: 2 of the answers' pairs differ, of 5 dogs and 3 cats 2 * 5 * 3 / 7 would by chance.
    assert whole["alpha"] == pytest.approx(1 - 2 / (2 * 5 * 3 / 7))
    # One item of four holds two labels, which is ln 2 of it; whatever came out there, one of eight answers differs.
    assert whole["uncertainty"] == pytest.approx(math.log(2) / 4)
    assert whole["agreement"] == pytest.approx(7 / 8)
    assert (whole["items"], whole["answers"], whole["known"]) == (4, 8, 0)
    assert math.isnan(whole["accuracy"])
    # Of an option beside all others: here it is the same, for there are two in use; nobody said "other".
    assert found.loc[("answer", "dog"), "alpha"] == pytest.approx(whole["alpha"])
    assert found.loc[("answer", "other"), ["items", "answers"]].tolist() == [0, 0]
    assert found.loc[("answer", "dog"), "answers"] == 5


def test_of_known_items_it_tells_what_was_claimed_and_what_was_right(start: Any, finish: Any) -> None:
    def wrong_of_cats(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Any) -> dict[str, Any]:
        known_cat = inputs["caption"].startswith("control") and truth["answer"] == "cat"
        return {"answer": "dog"} if known_cat else dict(truth)

    workers = [SimulatedWorker(f"worker{n}", wrong_of_cats, arrives=0.0) for n in range(5)]
    run = start(
        items=30, controls=15, platform=SimulatedPlatform(workers, right, seed=0), page=(6, 3), overlap=3, **OPEN
    )
    finish(run)
    found = run.metrics().set_index("label")
    assert found.loc[list(LABELS), "known"].tolist() == [5, 5, 5]
    assert found.loc[list(LABELS), "accuracy"].tolist() == [1, 0, 1]
    assert found["accuracy"].iloc[0] == pytest.approx(2 / 3)
    assert found.loc["cat", "calibration_error"] == pytest.approx(found.loc["cat", "claimed"])
    assert found.loc["dog", "calibration_error"] == pytest.approx(1 - found.loc["dog", "claimed"])


def test_the_figures_are_those_of_the_public_measures_over_the_run_s_tables(start: Any, finish: Any) -> None:
    run = start(items=40, controls=9, workers=crowd(8, 0.7, arrives=0.0), overlap=3, **OPEN)
    finish(run)
    given = run.responses()
    given = given[~given["control"] & given["accepted"]].rename(columns={"id": "task", "answer": "label"})
    came_out = run.labels().set_index("id")["answer"]
    whole = run.metrics().iloc[0]
    assert whole["alpha"] == pytest.approx(metrics.alpha_krippendorff(given))
    assert whole["uncertainty"] == pytest.approx(metrics.uncertainty(given))
    assert whole["agreement"] == pytest.approx(metrics.accuracy_on_aggregates(given, aggregates=came_out))
    assert whole["consistency"] == pytest.approx(metrics.consistency(given, aggregates=came_out))


def test_grades_lie_apart_by_their_order_numbers_by_their_distance_and_texts_are_only_counted(asked: Any) -> None:
    class Look(NamedTuple):
        grade: Annotated[int, df.Rating(1, 3)]
        size: float
        note: Annotated[str, df.Text()]

    @df.task(duration="10s")
    def look(caption: df.Text) -> Look:
        """Look."""
        raise NotImplementedError

    def says(**grades: int) -> Callable[..., dict[str, Any]]:
        return lambda inputs, truth, chance: {
            "grade": grades[inputs["caption"]], "size": float(grades[inputs["caption"]]), "note": "a note"
        }  # fmt: skip

    given = [says(a=1, b=2, c=3), says(a=1, b=3, c=3)]
    policy = {"quality": "collect"}
    found = asked(look, [{"caption": name} for name in "abc"], given, policy=policy)
    found = found.reset_index().set_index("question")
    # Two of six answers, 2 and 3, differ. By distance: 1 - 5 * (2 * 1) / (2 * sum over pairs of squared distances), of
    # which there are 2 of 1 and 2, 6 of 1 and 3, 3 of 2 and 3.
    assert found.loc["size", "alpha"] == pytest.approx(1 - 5 * 2 / (2 * (2 * 1 + 6 * 4 + 3 * 1)))
    # By order: 1 and 2 lie 2 / 2 + 1 / 2 apart, 2 and 3 lie 1 / 2 + 3 / 2, 1 and 3 lie 1 + 1 + 3 / 2.
    between = 2 * 1.5**2 + 6 * 3.5**2 + 3 * 2**2
    assert found.loc["grade", "alpha"].iloc[0] == pytest.approx(1 - 5 * 2 * 2**2 / (2 * between))
    assert found.loc["note", "answers"] == 6
    assert math.isnan(found.loc["note", "alpha"])


def test_of_collected_answers_nothing_came_out_and_agreement_of_workers_is_told(task: df.Task, asked: Any) -> None:
    said = dict(zip("abc", LABELS, strict=True))
    policy = {"quality": "collect", "overlap": 3}
    found = asked(task, [{"caption": name} for name in "abc"], [saying(said)] * 3, policy=policy).iloc[0]
    assert found["alpha"] == 1
    assert found[["consistency", "agreement", "accuracy"]].isna().all()


def test_where_no_item_has_two_answers_there_is_no_alpha_and_no_error(task: df.Task, asked: Any) -> None:
    said = dict(zip("abc", LABELS, strict=True))
    found = asked(task, [{"caption": name} for name in "abc"], [saying(said)])
    assert found["alpha"].isna().all()
    assert found["answers"].tolist() == [3, 1, 1, 1]


def test_before_anybody_has_answered_there_are_rows_and_no_figures(start: Any) -> None:
    found = start(items=3, controls=0).metrics()
    assert found["label"].tolist() == [None, *LABELS]
    assert found[["items", "answers", "known"]].to_numpy().sum() == 0
    assert found[["alpha", "consistency", "uncertainty", "agreement", "claimed", "accuracy"]].isna().all(axis=None)
