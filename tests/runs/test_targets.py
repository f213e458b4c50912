"""Runs with a target of the whole: how many of all answers are to be right, or what may be spent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import animal, control_rows, crowd, right, rows

import dataforge as df
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.target_texts import shown_beyond
from dataforge.runs.driving.checkpoint import save_checkpoint
from dataforge.runs.driving.foresight import foresee
from dataforge.runs.driving.view import RunView

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]

FREELY = {"control_ratio": 0.0, "control": None, "speed": (), "skips": None}


def share_right(run: df.Run) -> float:
    labels = run.labels()
    truth = [right({"caption": caption})["answer"] for caption in labels["caption"]]
    return float((labels["answer"] == truth).mean())


def said(run: df.Run) -> str:
    return "\n".join(line["en"] for line in (*run.about, *run.notices))


def launched(workspace: Path, workers: Any, **more: Any) -> df.Run:
    platform = SimulatedPlatform(workers, right, seed=1)
    return df.launch(
        animal, rows(120), control_rows(30), platform=platform, workspace=workspace, progress=False, **more
    )


@pytest.mark.parametrize("target", [0.85, 0.95])
def test_so_many_of_all_answers_are_right_as_is_wanted_and_no_more_is_paid(
    workspace: Path, finish: Finish, target: float
) -> None:
    policy = df.Policy(page=(6, 2), **FREELY)
    with launched(workspace, crowd(60, 0.8, arrives=5.0), policy=policy, target=target) as run:
        status = finish(run)
        assert (status.stage, status.target) == ("done", target)
        assert target <= status.mean_confidence <= target + 0.03
        assert share_right(run) >= target - 0.04, "120 items: two standard errors of 0.95 are 0.04"
        assert f"confidence {status.mean_confidence:.3f} of {target:g} wanted" in str(status)
        assert "to be right" not in "".join(notice["en"] for notice in run.notices)


def test_more_is_asked_where_doubts_are_deepest(workspace: Path, finish: Finish) -> None:
    policy = df.Policy(page=(6, 2), **FREELY)
    with launched(workspace, crowd(60, 0.8, arrives=5.0), policy=policy, target=0.9) as run:
        finish(run)
        labels, standing = run.labels(), run._held.fresh().quality.standing
        assert labels["overlap"].nunique() > 3
        assert standing.level == 0, "nothing more is to be brought anywhere"
        # What was sure early was left alone, and is surer than what many were asked about.
        alone, asked = labels[labels["overlap"] <= 2], labels[labels["overlap"] >= 6]
        assert alone["confidence"].mean() > asked["confidence"].mean()


def test_a_target_is_a_setting_and_chooses_the_overlap() -> None:
    assert df.Policy(target=0.95).overlap == (1, 9)
    assert df.Policy(target=0.95, overlap=(2, 5)).overlap == (2, 5)
    assert df.Policy.from_json(df.Policy(target=0.95).to_json()) == df.Policy(target=0.95)
    with pytest.raises(SpecError, match=r"target=0.95 asks more opinions .* overlap=2 leaves no choice"):
        df.Policy(target=0.95, overlap=2)
    with pytest.raises(SpecError, match=r"target is how many .* from 0.5 to 1, got 95; write 0.95"):
        df.Policy(target=95)


def test_a_launch_says_what_a_target_will_cost_about_and_at_most(workspace: Path) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
    with launched(workspace, (), policy=policy, target=0.95) as run:
        # A page of six costs .08. Three labels, workers right in three of four cases: told(.95) / told(.75) answers,
        # .925 ln 38 / (.625 ln 6) = 3.005 to each of 120 items: 4.81. Nine answers to each: 14.40.
        assert "from 1 to 9, most where doubts are deepest, until 95% of all are right" in said(run)
        assert "the run costs about $4.81 if workers are right in three of four cases, $14.40 at most" in said(run)


def test_an_amount_below_one_has_a_comma_in_russian_and_is_no_thousands(workspace: Path) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.008, **FREELY)
    with launched(workspace, (), policy=policy, target=0.95) as run:
        # A tenth of the prices above: 3.005 answers to each of 120 items at .008 / 6.
        told = next(line["ru"] for line in run.about if "в трёх случаях" in line["ru"])
    assert told.startswith("запуск стоит примерно 0,481\N{NO-BREAK SPACE}$, если"), "481 thousandths, not 481 dollars"


def test_a_budget_alone_is_spent_where_doubts_are_deepest_and_never_exceeded(workspace: Path, finish: Finish) -> None:
    shares = {}
    for budget in (2.0, 6.0):
        policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
        crowds = crowd(60, 0.8, arrives=5.0)
        with launched(workspace, crowds, policy=policy, budget=budget, name=f"for-{budget:g}") as run:
            # 2.00 pay for 150 answers, 1.25 an item: .625 ln 6 · 1.25 is what .81 tell of three labels.
            about = {2.0: "$2.00 at most, for about 1.2 answers an item", 6.0: "$6.00 at most, for about 3.8 answers"}
            assert about[budget] in said(run)
            status = finish(run)
            assert status.cost <= budget
            assert status.cost > budget - 0.08 or status.mean_confidence > 0.97, "no page more could be paid"
            assert run.labels()["overlap"].min() >= 1
            shares[budget] = share_right(run)
            short = run.labels()["flag"].eq("unsure") & run.labels()["overlap"].lt(9)
            assert not (status.stage == "budget" and short.any()), "it was the money that ended"
    assert shares[6.0] > shares[2.0]


@pytest.mark.parametrize("policy", ["no-control", df.Policy(overlap=3)], ids=["preset", "policy"])
def test_a_budget_beside_one_number_of_opinions_is_a_bound_and_no_target(
    workspace: Path, policy: str | df.Policy
) -> None:
    with launched(workspace, (), policy=policy, budget=100) as run:
        assert run.status().target is None
        assert "most where doubts are deepest" not in said(run)


def test_what_a_budget_leads_to_is_what_is_claimed_at_best_and_no_more(workspace: Path, finish: Finish) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
    with launched(workspace, crowd(60, 0.9, arrives=5.0), policy=policy, budget=100) as run:
        # Three labels, workers right in three of four cases: .9985 ln 1998 / (.625 ln 6) = 6.78 answers to each of 120
        # items. 30 control items, all of them right, are .6 errors in 50 tries, and have such claims believed the more.
        assert "the run costs about $10.84, $14.40 at most, for about 6.8 answers an item" in said(run)
        assert "about 99.2% of all answers will be" in said(run)
        assert finish(run).mean_confidence == pytest.approx(0.992, abs=0.003)


def test_a_run_with_a_target_is_rehearsed_and_foretells_before_the_first_answer_what_the_launch_says(
    workspace: Path,
) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
    with launched(workspace, (), policy=policy, target=1.0) as run:
        # As above; one answer an item, which each gets at least, would cost 1.60.
        assert run.status().expected_cost == pytest.approx(10.84, abs=0.01)
        foretold = run.forecast(runs=2)
        assert foretold.accuracy is not None, "it was rehearsed"
        assert foretold.cost[0] > 2 * 1.60


@pytest.mark.parametrize("name", ["budget", "plain"])
def test_of_a_sample_so_much_of_a_budget_is_spent_as_of_all_items(workspace: Path, name: str) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
    with launched(workspace, (), policy=policy, budget=4.0 if name == "budget" else 100) as run:
        found = foresee(run._held.view, 2, most=40)
        assert found is not None
        if name == "budget":
            # A page of six costs .08: half a page may be left.
            assert 3.4e6 < found.cost.expected <= 4.0e6
        else:
            assert found.cost.expected > 6e6


def test_a_run_costs_no_more_than_its_budget(workspace: Path) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.08, overlap=(2, 5), budget=4, **FREELY)
    with launched(workspace, (), policy=policy) as run:
        assert "the run costs about $3.20 at least, $4.00 at most" in said(run)


def test_a_budget_that_pays_for_no_page_is_refused_at_the_launch(workspace: Path) -> None:
    # A page of six and two for .08 pays .02 for one and one.
    policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
    expected = r"budget: expected \$0\.02 or more, which the smallest page costs, got \$0\.015: nobody"
    with pytest.raises(SpecError, match=expected):
        launched(workspace, (), policy=policy, budget=0.015, name="refused")
    assert not (workspace / "runs" / "refused").exists()
    with launched(workspace, (), policy=policy, budget=0.02, name="begun") as run:
        assert "pays for no page" not in said(run)


def test_where_there_are_no_control_items_the_target_is_not_said_to_be_beyond_them() -> None:
    told = shown_beyond(0.99, 0.97, None, 0)
    assert told["en"].startswith("99% of all answers are to be right, but without control items it cannot be shown")
    assert "без контрольных заданий нельзя показать" in told["ru"]
    assert "by the control items so far" in shown_beyond(0.99, 0.97, 40, 12)["en"]


def test_a_target_that_control_items_cannot_bear_out_is_told_at_the_launch_with_what_would(workspace: Path) -> None:
    with launched(workspace, (), policy=df.Policy(page=(6, 2), **FREELY), target=0.995) as run:
        assert "99.5% of all answers are to be right, but by the control items there are (30)" in said(run)
        assert "more control items, answered right, would show it" in said(run)


def test_workers_who_cannot_reach_the_target_are_told_of_and_what_was_reached_is_said(
    workspace: Path, finish: Finish
) -> None:
    policy = df.Policy(page=(6, 2), overlap=(1, 2), **FREELY)
    with launched(workspace, crowd(60, 0.6, arrives=5.0), policy=policy, target=0.95) as run:
        status = finish(run)
        assert status.mean_confidence < 0.9
        assert "as workers answer, about" in said(run)
        assert "95% of all answers were to be right, and by their confidences" in said(run)
        assert "a greater overlap" in said(run)


def test_a_higher_target_lets_a_run_that_is_done_go_on(workspace: Path, finish: Finish) -> None:
    policy = df.Policy(page=(6, 2), **FREELY)
    with launched(workspace, crowd(60, 0.8, arrives=5.0), policy=policy, target=0.85) as run:
        before = finish(run)
        changed = run.change(target=0.9)
        assert [str(one) for one in changed] == ["target was 0.85, is 0.9 now"]
        after = finish(run)
        assert after.responses > before.responses
        assert after.mean_confidence >= 0.9


def test_a_changed_run_has_the_same_level_by_its_checkpoint(workspace: Path, finish: Finish) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.08, **FREELY)
    with launched(workspace, crowd(60, 0.8, arrives=5.0), policy=policy, budget=3.0, name="run") as run:
        run.change(min_confidence=0.8)
        finish(run)
        before = run._held.fresh()
    folder = before.folder
    save_checkpoint(folder, folder.log.stat().st_size, before.state, before.quality)
    again = RunView.open(folder)
    again.catch_up()
    assert again.policy.min_confidence == 0.8
    assert again.quality.standing == before.quality.standing


def test_a_run_that_had_no_target_gets_one(start: Start, finish: Finish) -> None:
    run = start(items=60, controls=30, workers=crowd(60, 0.75, arrives=5.0), overlap=1, **FREELY)
    finish(run)
    with pytest.raises(SpecError, match="overlap=1 leaves no choice"):
        run.change(target=0.9)
    run.change(overlap=(1, 6), target=0.9)
    assert finish(run).mean_confidence >= 0.9


def test_answers_without_a_fixed_set_take_no_target(workspace: Path) -> None:
    @df.task(duration="10s")
    def describe(caption: df.Text) -> df.Text:
        """What is it?"""
        raise NotImplementedError

    with pytest.raises(SpecError, match=r"target=0.9 is for answers of which there is a fixed set, .* min_confidence"):
        df.launch(describe, rows(3), platform=SimulatedPlatform((), right), workspace=workspace, target=0.9)


@pytest.mark.parametrize("budget", [1.0, 1.6])
def test_the_notice_of_a_budget_that_is_spent_counts_the_items_that_are_flagged_so(
    workspace: Path, finish: Finish, budget: float
) -> None:
    policy = df.Policy(page=(6, 2), page_price=0.05, overlap=(1, 4), min_confidence=0.95, budget=budget, **FREELY)
    with launched(workspace, crowd(60, 0.8, arrives=5.0), policy=policy) as run:
        assert finish(run).stage == "budget"
        flagged = int((run.labels()["flag"] == "budget").sum())
        told = [line["en"] for line in run.notices if "pays for no more pages" in line["en"]]
        assert [f"enough answers: {flagged}." in line for line in told] == [True] * bool(flagged)
