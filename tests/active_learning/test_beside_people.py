"""The model of a loop beside people while the loop goes on: it votes, or they begin with what it says."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.active_learning.conftest import CENTRES, POLICY, colour, features, people, points, regression, right, tells
from tests.active_learning.test_loop import Killed, asked

import dataforge as df
from dataforge.active_learning.parts import sharpened
from dataforge.active_learning.rounds import course_in
from dataforge.changes.terms import terms_of
from dataforge.errors import SpecError
from dataforge.files.journals import Journal

Begin = Callable[..., df.Loop]
VOTED = df.Policy(page=(4, 1), overlap=(1, 4), min_confidence=0.9, speed=())


def known(count: int = 30) -> list[dict[str, Any]]:
    return [{"point": row["point"], "answer": right(row)} for row in points(count, seed=77)]


def voted(begin: Begin, model: Any = None, **settings: Any) -> df.Loop:
    """A loop over 200 points whose people are right in 85 %."""
    given = {
        "stop": df.StopRule(labels=160),
        "holdout": 60,
        "batch": 20,
        "policy": VOTED,
        "control": known(),
        "pool": points(200),
        **settings,
    }
    return begin(given.pop("pool"), model, platform=people(tells(0.85), count=12), **given)


def answers_of(found: df.Loop) -> tuple[float, float]:
    """How many answers an item got that is not held out, and how many of these items came out right."""
    course = course_in(found._rounds.folder.path)
    ids = {str(100 + place) for one in course.asked if one.how == "sampler" for place in one.places}
    given = sum(run.responses()["id"].astype(str).isin(ids).sum() for run in found.runs)
    labels = found.labelled()
    labels = labels[labels["id"].astype(str).isin(ids)]
    return given / len(ids), float(np.mean([row["answer"] == right(row) for row in labels.to_dict("records")]))


def test_a_model_that_votes_is_measured_on_what_is_held_out_and_anew_when_it_knows_much_more(begin: Begin) -> None:
    found = voted(begin, votes=True)
    assert [run.name for run in found.runs] == ["colours", "colours.2", "colours.3"]
    course = course_in(found._rounds.folder.path)
    assert [one.part for one in course.asked] == [0, 0, 1, 1, 1, 2], "with 20 and with 80 labels"
    assert found.name == "colours", "it is called as before"
    assert found.run is found.runs[-1]
    for run in found.runs[1:]:
        [voter] = run.voters().to_dict("records")
        assert "loop" in voter.values()
        assert voter["control_total"] >= 60, "those held out, and those that were known"
        assert run.status().ended
    assert found.status().labelled == 160
    assert len(found.curve()) == len(course.asked) - 1
    assert len(found.labelled()) == 160


def nonsense(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
    """Surely says the next colour."""
    names = list(CENTRES)
    return lambda others: [names[(names.index(right(one)) + 1) % 3] for one in others]


def stubborn(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
    return lambda others: ["red" for _ in others]


MANY = {"stop": df.StopRule(labels=240), "batch": 60, "sampler": "random"}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, float]:
    """Answers an item where no model votes, and how many items come out right."""
    with df.loop(
        points(300),
        colour,
        regression(),
        features=features,
        holdout=60,
        policy=VOTED,
        control=known(),
        name="alone",
        platform=people(tells(0.85), count=12),
        workspace=tmp_path_factory.mktemp("alone"),
        progress=False,
        **MANY,
    ) as found:
        return answers_of(found.wait(120, progress=False))


@pytest.mark.parametrize(
    ("model", "saves"), [(None, 0.1), (stubborn, None), (nonsense, 0.1)], ids=["learns", "always red", "always wrong"]
)
def test_a_vote_saves_answers_where_it_tells_something_and_is_worth_nothing_where_not(
    begin: Begin, alone: tuple[float, float], model: Any, saves: float | None
) -> None:
    found = voted(begin, model, **MANY, votes=True, pool=points(300))
    answers, right_ones = answers_of(found)
    [voter] = found.run.voters().to_dict("records")
    assert right_ones >= VOTED.min_confidence - 0.05, "of 120 items nine of ten, and two standard errors"
    assert right_ones >= alone[1] - 0.06
    if saves is None:
        assert voter["weight"] == 0.0
    else:
        # One that is always wrong tells what the answer is not.
        assert answers < (1 - saves) * alone[0]


def test_who_begins_with_what_the_model_says_has_drafts_of_it(begin: Begin) -> None:
    found = begin(points(90), stop=df.StopRule(labels=60), holdout=20, batch=10, drafts=True)
    assert len(found.runs) == 1
    drafted = [one.places for one in course_in(found._rounds.folder.path).asked if one.how == "sampler"]
    items = df.Items.load(found._rounds.folder.path / "asked-2.parquet", colour)
    assert list(items.keys) == [str(100 + place) for place in drafted[0]]
    assert items.drafts.column("answer").null_count == 0
    assert found.status().labelled == 60


def test_a_budget_is_that_of_all_runs_together(begin: Begin) -> None:
    found = voted(begin, votes=True, budget=0.6, policy=VOTED.changed(commission=0.25))
    paid = sum(run.status().promised for run in found.runs)
    assert len(found.runs) > 1
    assert found.status().ended == "budget"
    assert 0.5 < 1.25 * paid <= 0.6, "with what the platform takes"
    assert found.status().promised == pytest.approx(paid)
    told = re.search(r"\$(0\.\d+) paid or promised", found._repr_html_())
    assert told is not None
    assert float(told[1]) == pytest.approx(paid, abs=0.001)


def test_what_is_paid_late_in_an_earlier_run_is_taken_off_the_last_one(begin: Begin) -> None:
    # As an appeal, a top-up: that run has ended, and what the last one may cost was what it had left by then.
    there: list[df.Loop] = []
    late: list[float] = []

    def learn(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
        if there and len(there[0].runs) > 2 and not late:
            late.append(0.1)
            there[0].runs[0].bonus(there[0].runs[0].workers()["worker"].iloc[0], 0.1)
        return lambda others: [right(one) for one in others]

    found = voted(begin, learn, votes=True, budget=0.75, wait=False, stop=df.StopRule())
    there.append(found)
    found.wait(120, progress=False)
    assert late
    assert found.status().ended == "budget"
    assert 0.65 < sum(run.status().promised for run in found.runs) <= 0.75
    # What somebody gives the last run by hand is theirs to give.
    found.run.change(budget=5.0)
    found.drive()
    found.wait(120, progress=False)
    assert found.status().ended == "pool"
    assert terms_of(found._rounds.folder.path.parent / found.run.name).policy["budget"] == 5.0


def test_a_budget_of_which_too_little_is_left_for_another_run_is_spent_in_the_one_there_is(begin: Begin) -> None:
    settings = {"votes": True, "stop": df.StopRule(labels=80), "batch": 20, "control": known(10), "pool": points(90)}
    settings |= {"policy": POLICY.changed(page=(4, 1), overlap=2), "platform": people(tells(1.0), count=8)}
    free = begin(settings.pop("pool"), name="free", **settings)
    before = next(one.promised for one in course_in(free._rounds.folder.path).asked if one.part)
    found = begin(points(90), **{**settings, "platform": people(tells(1.0), count=8)}, budget=before + 0.0044)
    assert found.status().ended == "budget"
    assert before - 0.02 < found.status().promised <= before + 0.0044


@pytest.mark.parametrize("moment", [4, 10])
@pytest.mark.parametrize("before", [True, False], ids=["before it is written", "before it is asked"])
def test_killed_between_two_runs_it_goes_on_in_the_same_ones(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, moment: int, before: bool
) -> None:
    on, writes, write, died = people(tells(1.0), count=8), 0, Journal.write, threading.Event()

    def fatal(self: Any, entries: list[Any]) -> None:
        nonlocal writes
        writes += 1
        if writes >= moment:
            if not before:
                write(self, entries)
            died.set()
            raise Killed
        write(self, entries)

    settings = {"stop": df.StopRule(labels=80), "holdout": 20, "platform": on, "votes": True, "control": known(10)}
    settings |= {"policy": POLICY.changed(page=(4, 1), overlap=2)}
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "write", fatal)
        patch.setattr(threading, "excepthook", lambda arguments: None)
        killed = begin(wait=False, **settings)
        died.wait(60)
        with suppress(Exception):
            killed.close()
    again = begin(None, **settings)
    assert [len(places) for places in asked(again)] == [20, *[10] * 6]
    assert [run.name for run in again.runs] == ["colours", "colours.2", "colours.3"]
    given = [(row["id"], row["worker"]) for run in again.runs for row in run.responses().to_dict("records")]
    real = [one for one in given if str(one[0]).isdigit() and int(one[0]) >= 100]
    assert len(real) == len(set(real)) == 160, "twice each, and by nobody twice"


def test_what_the_model_says_is_as_sure_as_it_is_right() -> None:
    chance = np.random.default_rng(0)
    right = chance.integers(3, size=400)
    timid = np.full((400, 3), 0.3)
    said = np.where(chance.random(400) < 0.9, right, (right + 1) % 3)
    timid[np.arange(400), said] = 0.4
    found = sharpened(timid, timid, right.tolist())
    assert found[np.arange(400), said].mean() == pytest.approx(0.9, abs=0.05)
    assert sharpened(timid, timid[:0], []) is timid, "nothing shows it"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"votes": True, "drafts": True}, "choose one of the two"),
        ({"votes": True, "policy": POLICY}, r"has room for none; give it some, such as page=\(8, 2\)"),
    ],
)
def test_what_cannot_be_measured_is_refused(begin: Begin, tmp_path: Path, wrong: dict[str, Any], error: str) -> None:
    with pytest.raises(SpecError, match=error):
        begin(**wrong)
