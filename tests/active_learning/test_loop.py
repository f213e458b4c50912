"""Loops on the simulated platform: what is asked when, when it ends, what comes out, what is refused."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from tests.active_learning.conftest import CENTRES, POLICY, colour, features, people, points, regression, right, tells

import dataforge as df
from dataforge.active_learning.course import Asked, Course
from dataforge.active_learning.learners import learner_of
from dataforge.active_learning.rounds import Rounds, course_in
from dataforge.active_learning.samplers import Candidates
from dataforge.errors import ArgumentError, DataError, RunError, SpecError
from dataforge.files.journals import Journal
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with

Begin = Callable[..., df.Loop]


def asked(found: df.Loop) -> list[tuple[int, ...]]:
    return [one.places for one in course_in(found._rounds.folder.path).asked]


def test_the_holdout_is_labelled_first_and_nothing_is_learnt_from_it(begin: Begin) -> None:
    learnt: list[int] = []

    def model(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
        learnt.extend(int(item["point"].split()[0].replace(".", "").replace("-", "9")) for item in items)
        assert all(sum(one.values()) == pytest.approx(1) for one in labels)
        return lambda others: [right(item) for item in others]

    found = begin(model=model, stop=df.StopRule(labels=50), sampler="margin", features=None)
    rounds = asked(found)
    assert [len(places) for places in rounds] == [20, 10, 10, 10]
    assert len({place for places in rounds for place in places}) == 50, "nothing is asked twice"
    order = found.run.responses()["id"].tolist()
    assert sorted(order[:20]) == sorted(100 + place for place in rounds[0])
    held = {points(90)[place]["point"].split()[0].replace(".", "").replace("-", "9") for place in rounds[0]}
    assert not held & set(map(str, learnt))


def test_the_model_learns_and_its_curve_says_how_much(begin: Begin) -> None:
    found = begin(stop=df.StopRule(labels=70), holdout=30)
    curve = found.curve()
    assert curve["labels"].tolist() == [10, 20, 30, 40]
    assert curve["asked"].tolist() == ["chance", "sampler", "sampler", "sampler"]
    assert ((curve["low"] < curve["accuracy"]) & (curve["accuracy"] <= curve["high"] + 1e-9)).all()
    assert curve["accuracy"].iloc[-1] >= 0.9
    assert curve["gain"].isna().tolist() == [True, False, False, False]
    status = found.status()
    assert (status.round, status.labelled, status.waiting, status.ended) == (4, 70, 0, "labels")
    assert str(status).startswith("round 4; 70 of 90 items labelled: 40 to learn from, 30 held out; ")
    said = found.predict()
    assert said["id"].tolist() == [row["id"] for row in points(90)]
    assert (said["answer"] == [right(row) for row in points(90)]).mean() >= 0.9
    assert list(found.labelled().columns) == ["id", "point", "answer", "confidence"]
    assert found.notices == found.run.notices, "what the run says is said here, too"
    assert any("Nothing" in said or "nothing" in said for said in found.notices)


def test_the_curve_is_drawn(begin: Begin) -> None:
    found = begin(stop=df.StopRule(labels=40, target=0.8), holdout=20)
    drawn = found.plot().svg
    assert drawn.count("<circle") == len(found.curve())
    assert "target" in drawn
    assert found.plot()._repr_html_()[:60] in found._repr_html_() or "<svg" in found._repr_html_()
    assert "Loop colours" in found._repr_html_()


def test_what_is_asked_next_is_what_the_model_is_least_sure_of(begin: Begin) -> None:
    found = begin(stop=df.StopRule(labels=40), batch=10, holdout=20)
    first = [place for places in asked(found)[:2] for place in places]
    left = [place for place in range(90) if place not in first]
    rows = points(90)
    taught = asked(found)[1]
    model = regression().fit(features([rows[place] for place in taught]), [right(rows[place]) for place in taught])
    chances = np.sort(model.predict_proba(features([rows[place] for place in left])), axis=1)
    margin = chances[:, -1] - chances[:, -2]
    expected = {left[row] for row in np.argsort(margin)[:10]}
    assert set(asked(found)[2]) == expected


@pytest.mark.parametrize("sampler", ["random", "entropy", "spread", "farthest", "change", "badge"])
def test_every_sampler_goes_through(begin: Begin, sampler: str) -> None:
    found = begin(points(40), sampler=sampler, holdout=8, batch=8, stop=df.StopRule(labels=32))
    assert Counter(map(len, asked(found))) == {8: 4}
    assert found.status().ended == "labels"


def test_a_sampler_may_be_a_function_and_is_held_to_what_it_gives(begin: Begin) -> None:
    seen: list[tuple[int, ...]] = []

    def last(among: Candidates, count: int) -> list[int]:
        seen.append((len(among), len(among.items), among.features.shape[0], among.known.shape[0]))
        return list(range(len(among) - count, len(among)))

    found = begin(points(40), sampler=last, holdout=8, batch=8, stop=df.StopRule(labels=24))
    assert seen == [(24, 24, 24, 8)]
    left = [place for place in range(40) if place not in {p for places in asked(found)[:2] for p in places}]
    assert list(asked(found)[2]) == left[-8:]
    with pytest.raises(RunError, match="the sampler: expected 8 different rows from 0 to 23, got"):
        begin(points(40), sampler=lambda among, count: [0] * count, holdout=8, batch=8, name="twice")


def test_features_of_a_pipeline_serve_its_sampler(begin: Begin) -> None:
    rows = [{"id": n, "point": point["point"]} for n, point in enumerate(points(40))]
    model = make_pipeline(TfidfVectorizer(analyzer="char"), LogisticRegression())
    found = begin(rows, model, features=None, sampler="badge", holdout=8, batch=8, stop=df.StopRule(labels=24))
    assert found.status().ended == "labels"
    assert len(found.curve()) == 2


@pytest.mark.parametrize(("by", "said"), [("median", 2), ("mean", 3)])
def test_of_grades_the_model_says_the_one_in_the_middle(begin: Begin, by: Any, said: int) -> None:
    @df.task(duration="5s")
    def grade(point: df.Text) -> df.Rating(1, 9, answer_by=by):  # type: ignore[valid-type]
        """Which grade has the point?"""
        raise NotImplementedError

    def learn(items: list[dict[str, Any]], labels: list[dict[Any, float]]) -> Any:
        return lambda others: [{1: 0.4, 2: 0.35, 9: 0.25} for _ in others]

    def answer(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
        return {"answer": 1 if float(inputs["point"].split()[0]) > 1 else said}

    found = begin(model=learn, task=grade, platform=people(answer), stop=df.StopRule(labels=40))
    table = found.predict()
    assert set(table["answer"]) == {said}, "1 is the likeliest"
    assert table["probability"].tolist() == table[f"p_{said}"].tolist()
    people_said = found.labelled().set_index("id")["answer"]
    right_ones = np.mean([people_said[100 + place] == said for place in asked(found)[0]])
    assert 0 < right_ones < 1
    assert found.status().accuracy == pytest.approx(right_ones)


def test_labels_weigh_as_much_as_they_are_sure(begin: Begin) -> None:
    given: list[Any] = []

    class Weighed(LogisticRegression):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:  # noqa: N803
            given.append(sample_weight)
            return super().fit(X, y, sample_weight)

    found = begin(
        model=Weighed(), platform=people(tells(0.75)), policy=POLICY.changed(overlap=3), stop=df.StopRule(labels=50)
    )
    weights = given[-1]
    chances = found.run.probabilities().set_index("id")
    taught = [100 + place for places in asked(found)[1:] for place in places]
    expected = chances.loc[taught].to_numpy()
    assert weights.sum() == pytest.approx(expected[expected >= 0.01].sum())
    assert weights.min() < 0.5 < weights.max(), "of an answer that is not sure the other labels count, too"


def test_a_model_that_takes_no_weights_learns_the_likeliest_labels(begin: Begin) -> None:
    found = begin(model=KNeighborsClassifier(3), stop=df.StopRule(labels=40))
    assert len(found.curve()) == 2


# --- when it ends -----------------------------------------------------------------------------------


def test_no_target_is_reached_on_answers_that_nothing_shows_to_be_right(begin: Begin) -> None:
    found = begin(points(90), holdout=40, stop=df.StopRule(target=0.6, labels=80), platform=people(count=1))
    assert found.curve()["low"].iloc[-1] >= 0.75, "the model says what the one worker says"
    assert found.status().ended == "labels"
    assert any("so that the target cannot be reached" in said for said in found.notices)


def test_it_ends_when_the_target_is_surely_reached(begin: Begin) -> None:
    found = begin(points(150), holdout=40, stop=df.StopRule(target=0.8), policy=POLICY.changed(overlap=2))
    curve = found.curve()
    assert found.status().ended == "target"
    assert curve["low"].iloc[-1] >= 0.8
    rounds = found._rounds
    before = Course(rounds.course().asked[:-1], rounds.course().measured[:-1])
    assert rounds.why(before) is None, "and no later"
    assert len(found.run.labels()) < 150


def test_it_ends_when_more_labels_bring_little(begin: Begin) -> None:
    found = begin(
        points(200), holdout=100, batch=10, stop=df.StopRule(gain=0.08, rounds=2), policy=POLICY.changed(overlap=2)
    )
    assert found.status().ended == "gain"
    assert len(found.run.labels()) < 200


def test_it_ends_with_the_pool(begin: Begin) -> None:
    found = begin(points(45), holdout=10, batch=15)
    assert [len(places) for places in asked(found)] == [10, 15, 15, 5]
    assert found.status().ended == "pool"
    with pytest.raises(RunError, match="the whole pool is labelled; there is nothing left"):
        found.apply()


def test_the_budget_ends_it_with_what_was_learnt(begin: Begin) -> None:
    found = begin(policy=POLICY.changed(page_price=0.01), budget=0.1)
    assert found.status().ended == "budget"
    assert len(found.run.responses()) == 50
    assert found.curve()["labels"].iloc[-1] == 30


def test_a_stopped_loop_says_so_and_keeps_what_it_has(begin: Begin) -> None:
    found = begin(wait=False, platform=people(seconds=1e6))
    found.stop()
    assert found.wait(60, progress=False).status().ended == "stopped"


def test_a_loop_that_has_ended_goes_on_if_it_is_asked_for_more(begin: Begin) -> None:
    on = people()
    first = begin(stop=df.StopRule(labels=40), platform=on)
    before = asked(first)
    first.close()
    more = begin(None, stop=df.StopRule(labels=60), platform=on)
    assert asked(more)[: len(before)] == before
    assert more.status().labelled == 60


# --- what comes after -------------------------------------------------------------------------------


def test_the_model_votes_on_the_rest_and_is_measured_on_what_was_held_out(begin: Begin) -> None:
    crowd = people(tells(0.95))
    found = begin(
        points(160), holdout=40, stop=df.StopRule(labels=90), platform=crowd, policy=POLICY.changed(overlap=3)
    )
    control = found.held_out()
    assert len(control) >= 30
    assert (control["answer"] == [right(row) for row in control.to_dict("records")]).mean() >= 0.95
    policy = df.Policy(page=(4, 1), overlap=(1, 3), min_confidence=0.9, speed=())
    with found.apply(policy, platform=people(tells(0.9), count=12), progress=False) as run:
        assert run.wait(120, progress=False).ended
        voters, labels = run.voters(), run.labels()
    assert run.name == "colours.rest"
    assert len(labels[labels["overlap"] > 0]) >= 70
    assert "loop" in str(voters.to_dict("records")[0].values())


def test_without_sure_answers_the_model_is_measured_on_nothing_and_is_not_applied(begin: Begin) -> None:
    found = begin(points(60), stop=df.StopRule(labels=40))
    with pytest.raises(RunError, match="nothing shows how sure any held-out answer is"):
        found.apply()


def test_the_model_makes_drafts_where_they_are_asked_for(begin: Begin) -> None:
    crowd = people()
    found = begin(points(60), stop=df.StopRule(labels=40), platform=crowd)
    known = [{"point": row["point"], "answer": right(row)} for row in points(12, seed=99)]
    policy = df.Policy(page=(4, 1), overlap=1, speed=())
    with found.apply(policy, control=known, drafts=True, progress=False) as run:
        assert run._held.platform() is crowd, "the rest is asked where the loop was"
        assert run.wait(120, progress=False).ended
        assert (run.labels()["answer"].notna()).sum() >= 20


# --- bad luck ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """What ends a process, in a test that lives on."""


@pytest.mark.trials
@pytest.mark.parametrize(
    "moment", [pytest.param(n, marks=() if n % 3 == 1 else pytest.mark.thorough) for n in range(1, 8)]
)
@pytest.mark.parametrize("before", [True, False], ids=["before it is written", "before it is asked"])
def test_killed_at_any_write_it_goes_on_with_the_same_batches(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, moment: int, before: bool
) -> None:
    on, writes, write, died = people(), 0, Journal.write, threading.Event()

    def fatal(self: Any, entries: list[Any]) -> None:
        nonlocal writes
        writes += 1
        if writes >= moment:
            if not before:
                write(self, entries)
            died.set()
            raise Killed
        write(self, entries)

    settings = {"stop": df.StopRule(labels=50), "holdout": 20, "platform": on}
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "write", fatal)
        patch.setattr(threading, "excepthook", lambda arguments: None)
        killed = begin(wait=False, **settings)
        if not died.wait(60):
            assert killed.wait(60, progress=False).status().ended, "it had less to write"
        written = asked(killed)
        with suppress(Exception):
            killed.close()
    again = begin(None, **settings)
    assert asked(again)[: len(written)] == written, "what was written down is asked"
    assert [len(places) for places in asked(again)] == [20, 10, 10, 10]
    answers = again.run.responses()
    assert len(answers) == 50
    assert not answers["id"].duplicated().any(), "nothing is asked twice"
    assert again.curve()["labels"].tolist() == [10, 20, 30]


def test_every_round_is_in_the_journal_before_its_items_are_asked(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Rounds._add
    early: list[int] = []
    added: list[int] = []

    def witnessed(self: Rounds, asked: Asked) -> None:
        early.extend([] if asked in course_in(self.folder.path).asked else [asked.round])
        added.append(asked.round)
        add(self, asked)

    monkeypatch.setattr(Rounds, "_add", witnessed)
    begin(stop=df.StopRule(labels=50), holdout=20, platform=people())
    assert (sorted(set(added)), early) == ([0, 1, 2, 3], [])


def test_one_class_only_is_no_error_and_is_said(begin: Begin) -> None:
    found = begin(points(60), platform=people(lambda *_: {"answer": "red"}), stop=df.StopRule(labels=50))
    assert found.status().ended == "labels"
    assert len(found.curve()) == 0
    assert found.notices[:1] == (
        "all labels so far are 'red': nothing can be learnt yet, and items are chosen by chance",
    )
    assert [one.how for one in course_in(found._rounds.folder.path).asked] == ["holdout", "chance", "chance", "chance"]
    with pytest.raises(RunError, match="the model has learnt nothing yet"):
        found.predict()


def test_a_model_that_says_always_the_same_is_told(begin: Begin) -> None:
    found = begin(model=lambda items, labels: lambda others: ["green"] * len(others), stop=df.StopRule(labels=40))
    assert "the model says 'green' of everything that is held out" in found.notices
    assert found.status().ended == "labels"


def test_a_model_that_raises_stops_the_loop_and_nothing_is_lost(begin: Begin) -> None:
    on = people()

    def broken(items: Any, labels: Any) -> Any:
        raise ValueError("no memory left")

    with pytest.raises(RunError, match="the model raised ValueError: no memory left"):
        begin(model=broken, platform=on)
    raised = begin(None, model=broken, platform=on, wait=False)
    until = time.monotonic() + 60
    while not raised.status().failed and time.monotonic() < until:
        time.sleep(0.05)
    assert "the model raised ValueError: no memory left" in str(raised.status()), "said to who does not wait, too"
    assert "the model raised ValueError: no memory left" in raised.notices[0]
    raised.close()
    found = begin(None, platform=on, stop=df.StopRule(labels=40))
    assert len(found.run.responses()) == 40
    assert found.status().ended == "labels"


def test_a_model_that_never_ends_is_given_up(begin: Begin) -> None:
    def slow(items: Any, labels: Any) -> Any:
        time.sleep(30)

    with pytest.raises(RunError, match=r"the model: nothing came within timeout=0\.2 seconds"):
        begin(model=slow, timeout=0.2)


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (lambda others: others[:-1] and [0.5], "expected a list of 20, one for each item"),
        (lambda others: ["pink"] * len(others), "'pink' is no option; options are"),
        (lambda others: [{"pink": 1.0}] * len(others), "'pink' is no option; options are"),
        (lambda others: [[float("nan"), 0.0, 1.0]] * len(others), "expected probabilities, got"),
        (lambda others: [[0.5, 0.5]] * len(others), "expected 3 probabilities for an item, got 2"),
        (lambda others: [[0.0, 0.0, 0.0]] * len(others), "expected probabilities, got"),
    ],
)
def test_what_is_no_probability_stops_the_loop(begin: Begin, says: Any, error: str) -> None:
    with pytest.raises(RunError, match=error):
        begin(model=lambda items, labels: says)


def test_a_model_that_changes_learns_on_from_the_same_labels_and_is_told(begin: Begin) -> None:
    on = people()
    first = begin(stop=df.StopRule(labels=40), platform=on)
    before = asked(first)
    first.close()
    more = begin(None, regression(C=0.01), stop=df.StopRule(labels=60), platform=on)
    assert asked(more)[: len(before)] == before
    assert more.notices[:1] == ("another model learns since round 3: the curve is of both",)
    assert more.curve()["model"].nunique() == 2


def test_a_function_is_the_same_model_in_another_process_and_another_one_if_it_says_otherwise() -> None:
    def marked(source: str) -> str:
        space: dict[str, Any] = {}
        exec(source, space)
        return learner_of(space["model"], colour, ("red",), 1.0).mark

    one = "def model(items, labels):\n return lambda others: ['red' for one in others]"
    assert marked(one) == marked("\n\n" + one)
    assert marked(one) != marked(one.replace("red", "blue"))


# --- what is refused --------------------------------------------------------------------------------


@df.task(duration="5s")
def words(point: df.Text) -> df.Text:
    """What is it?"""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"pool": []}, "pool: expected items to choose from, got 0"),
        ({"pool": None}, "there is none of that name; give the items"),
        ({"batch": 71}, "batch=71: expected 1 to 70; of the 90 items of the pool 20 are held out"),
        ({"batch": 0}, "batch=0: expected 1 to 70"),
        ({"holdout": 90}, "holdout=90: expected 1 to 89"),
        ({"holdout": 0}, "holdout=0: expected 1 to 89"),
        ({"task": words}, "needs one output of options"),
        ({"model": LinearSVC()}, "has no predict_proba"),
        ({"model": "a model"}, "expected an estimator with fit and predict_proba, or a function"),
        ({"sampler": "best"}, "sampler: none is named 'best'; known: random, margin"),
        ({"features": None, "sampler": "spread"}, "sampler='spread' compares items by their features"),
        ({"features": np.full((90, 2), np.nan)}, "features: row 0 has NaN or infinity"),
        ({"features": np.zeros((89, 2))}, r"expected 90 rows, one for each item of the pool, got the shape \(89, 2\)"),
        ({"features": [["a"]] * 90}, "features: expected a row of numbers for each item"),
        ({"features": lambda items: 1 / 0}, "features: the function raised ZeroDivisionError"),
        ({"timeout": 0.0}, "timeout=0.0: expected seconds above 0"),
        ({"policy": df.Policy(quality="collect")}, "quality='collect' keeps all answers as they are"),
        ({"stop": df.StopRule(target=0.99)}, "target=0.99 cannot be shown on 20 held-out items"),
        ({"stop": df.StopRule(gain=0.01)}, "a gain of 0.01 cannot be told from none on 20 held-out items"),
    ],
)
def test_bad_calls_are_refused_before_anything_is_started(
    begin: Begin, workspace: Path, settings: dict[str, Any], error: str
) -> None:
    with pytest.raises((SpecError, DataError), match=error):
        begin(**settings)
    assert not list((workspace / "runs").glob("*")) if (workspace / "runs").exists() else True


@pytest.mark.parametrize("wrong", [{"gain": 0.0}, {"target": 1.0}, {"rounds": 0}, {"labels": 0}])
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="StopRule: "):
        df.StopRule(**wrong)


def test_a_name_that_is_taken_is_refused(begin: Begin, workspace: Path) -> None:
    on = people()
    begin(stop=df.StopRule(labels=30), platform=on)
    with pytest.raises(RunError, match="is there already with another pool of 90 items"):
        begin(points(60), platform=on)
    with (
        df.launch(colour, points(3), policy=POLICY, name="other", platform=on, workspace=workspace, progress=False),
        pytest.raises(RunError, match=r"'other' is there already, and was not launched by df\.loop"),
    ):
        begin(platform=on, name="other")


def test_the_centres_are_those_of_the_options() -> None:
    assert list(CENTRES) == list(colour.outputs[0].type.labels() or ())


def test_swapped_arguments_are_told_with_their_order(workspace: Path) -> None:
    pool, model = points(30), regression()
    for given in ((colour, pool, model), (pool, model, colour), (model, colour, pool)):
        with pytest.raises((SpecError, ArgumentError), match=r"the pool, (then )?the task, (then )?the model"):
            df.loop(*given, workspace=workspace)  # type: ignore[arg-type]


def test_how_many_of_the_labels_are_held_out_is_told_beside_them(begin: Callable[..., df.Loop]) -> None:
    status = begin(stop=df.StopRule(labels=40)).status()
    assert (status.labelled, status.held) == (40, 20)
    assert "40 of 90 items labelled: 20 to learn from, 20 held out" in str(status)


def test_a_picture_of_the_pool_that_was_overwritten_is_not_learnt_by_answers_to_what_it_showed(tmp_path: Path) -> None:
    @df.task(duration="5s")
    def bright(photo: df.Image) -> bool:
        """Is it bright?"""
        raise NotImplementedError

    def draw(number: int, shade: int) -> str:
        path = tmp_path / f"{number}.png"
        Image.new("L", (20 + number, 20), shade).save(path)
        return str(path)

    def learns(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
        return lambda others: [True for _ in others]

    def begin() -> df.Loop:
        stop, where = df.StopRule(labels=10), tmp_path / "workspace"
        given: dict[str, Any] = {"stop": stop, "batch": 5, "holdout": 5, "policy": POLICY, "progress": False}
        return df.loop(pool, bright, learns, name="shades", sampler="random", workspace=where, platform=on, **given)

    on = SimulatedPlatform(
        [SimulatedWorker("ann", right_with(0.9, {"answer": [True, False]}))], lambda _: {"answer": True}
    )
    pool = [{"photo": draw(number, number)} for number in range(12)]
    begin().close()
    for number in range(12):
        draw(number, 200)
    with pytest.raises(RunError, match=r"\(5 of its files were changed\)"):
        begin()


def test_of_two_that_begin_a_loop_of_one_name_at_once_with_other_pools_one_is_refused(workspace: Path) -> None:
    begun, refused = list[df.Loop](), list[RunError]()

    def start(seed: int) -> None:
        try:
            begun.append(
                df.loop(
                    points(60, seed), colour, regression(), features=features, policy=POLICY, name="colours",
                    holdout=20, workspace=workspace, platform=people(count=0), progress=False,
                )
            )  # fmt: skip
        except RunError as error:
            refused.append(error)

    threads = [threading.Thread(target=start, args=(seed,)) for seed in (5, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for found in begun:
        found.close()
    assert len(begun) == len(refused) == 1
    assert "is there already with another pool of 60 items" in str(refused[0])


def test_answers_that_nothing_shows_to_be_right_end_no_loop_by_its_gain(begin: Begin) -> None:
    found = begin(points(140), holdout=100, batch=10, stop=df.StopRule(gain=0.2, rounds=1, labels=140), policy=POLICY)
    assert found.status().ended == "pool"
    assert any("so that the gain cannot be judged" in one for one in found.notices)
