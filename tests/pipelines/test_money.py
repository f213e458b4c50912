"""What a pipeline may cost: parted among its runs, never exceeded, and why a run takes no more questions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.pipelines.conftest import POLICY, is_big, kind_of, only_kinds, platform

import dataforge as df
from dataforge.changes.terms import terms_of
from dataforge.errors import SpecError
from dataforge.pipelines.budget import shares
from dataforge.pipelines.run import PipelineRun


def test_what_a_run_that_ended_too_early_left_open_is_waited_for_and_told_of(
    launch: Callable[..., PipelineRun],
) -> None:
    poor = df.Policy(page=(5, 0), overlap=1, speed=(), budget=0.03)
    vehicles = [{"id": number, "text": f"scene {2 * number + 1}"} for number in range(40)]
    run = launch(vehicles, policies={kind_of: POLICY, is_big: poor})
    for _ in range(200):
        if "is_big" in (status := run.wait(0.3)).stuck:
            break
    assert "budget" in status.stuck["is_big"]
    assert not status.ended
    # Of those that are done all answers are there.
    done = run.labels().reindex(columns=["big", "again"]).dropna(subset=["big"])
    assert len(done) == status.done < 40
    assert done["again"].notna().all()
    run.stages["is_big"].change(budget=5.0)
    assert run.wait(60).ended
    assert run.labels()[["big", "again"]].notna().all(axis=None)


def test_all_runs_together_keep_to_the_budget_and_go_on_with_a_larger_one(launch: Callable[..., PipelineRun]) -> None:
    vehicles = [{"id": number, "text": f"scene {2 * number + 1}"} for number in range(60)]
    on, one = platform(), df.Policy(page=(5, 0), overlap=1, speed=())
    poor = {"policies": {kind_of: one, is_big: one}, "on": on}
    run = launch(vehicles, budget=0.2, **poor)
    while not run.stages:
        run.wait(0.1)
    for _ in range(600):
        status = run.wait(0.3)
        assert run.cost()[["paid", "pending"]].sum().sum() <= 0.2
        # What is left is less than a page in each of the two.
        if status.stuck and 0.2 - run.cost()["paid"].sum() < 2 * 0.007:
            break
    else:
        pytest.fail(f"{run.cost()} {status}")
    assert 0 < status.done < 60
    run.close()
    run = launch(vehicles, budget=5.0, **poor)
    assert run.wait(60).ended
    # On a machine with much to do questions come in small parts: a page of three or less costs 0.005.
    assert 0.2519 < run.cost()["paid"].sum() < 0.28


def test_a_budget_is_parted_evenly_where_questions_wait_and_never_exceeded() -> None:
    assert shares(1.0, {"a": 0.2, "b": 0.1}, {"a", "b"}) == pytest.approx({"a": 0.55, "b": 0.45})
    assert shares(1.0, {"a": 0.2, "b": 0.1}, {"b"}) == pytest.approx({"a": 0.2, "b": 0.8})
    assert shares(0.2, {"a": 0.2, "b": 0.1}, {"b"}) == {"a": 0.2, "b": 0.1}
    assert sum(shares(1.0, dict.fromkeys("abc", 0.1), set("abc")).values()) <= 1.0


def test_what_another_run_s_money_leaves_nothing_for_waits_and_goes_on_with_a_larger_budget(
    launch: Callable[..., PipelineRun],
) -> None:
    vehicles = [{"id": number, "text": f"scene {2 * number + 1}"} for number in range(40)]
    on = platform()
    run = launch(vehicles, budget=0.02, on=on)
    for _ in range(600):
        if "is_big" in (status := run.wait(0.1)).stuck:
            break
    assert status.stuck["is_big"] == "the budget of the pipeline is spent; launch it again with a larger one"
    assert (status.done, set(run.stages)) == (0, {"kind_of"})
    run.close()
    assert launch(vehicles, budget=5.0, on=on).wait(60).ended


def test_a_task_for_whose_smallest_page_too_little_is_left_waits_and_says_the_sum(
    launch: Callable[..., PipelineRun],
) -> None:
    dear = {kind_of: POLICY, is_big: df.Policy(page=(5, 0), overlap=1, speed=(), page_price=2)}
    run = launch(budget=0.3, policies=dear)
    for _ in range(600):
        if "smallest page" in (told := run.wait(0.1).stuck.get("is_big", "")):
            break
    assert "for it, and its smallest page costs 0.4" in told
    assert "kind_of" in run.stages
    assert "is_big" not in run.stages


def test_a_run_that_was_begun_without_a_budget_gets_one_with_the_pipeline(launch: Callable[..., PipelineRun]) -> None:
    on = platform()
    run = launch(on=on, what=only_kinds)
    run.wait(60)
    paid = float(run.cost()["paid"].iloc[0])
    run.close()
    run = launch(None, on=on, what=only_kinds, budget=1_000)
    assert run.wait(60).ended
    of_run = df.Policy.from_json(terms_of(run.stages["kind_of"]._held.folder.path).policy).budget
    assert of_run == pytest.approx(paid)


def test_a_task_s_own_budget_beside_that_of_the_whole_is_refused(launch: Callable[..., PipelineRun]) -> None:
    own = {kind_of: POLICY, is_big: df.Policy(budget=1)}
    with pytest.raises(df.SpecError, match=r"'is_big' has a budget of its own, 1, beside that of the whole pipeline"):
        launch(policies=own, budget=5)
    launch(budget=5).close()
    with pytest.raises(df.SpecError, match="has a budget of its own"):
        launch(None, policies=own)


def test_why_a_run_took_no_more_is_not_told_once_it_goes_on(launch: Callable[..., PipelineRun]) -> None:
    run = launch(what=only_kinds, policies={kind_of: df.Policy(page=(5, 0), overlap=2, speed=(), budget=0.03)})
    for _ in range(600):
        if (status := run.wait(0.1)).stuck:
            break
    assert "budget" in status.stuck["kind_of"]
    run.stages["kind_of"].change(budget=5.0)
    assert not run.wait(60).stuck


def test_tasks_of_one_pipeline_are_paid_in_one_currency(launch: Callable[..., PipelineRun]) -> None:
    euros = {kind_of: POLICY, is_big: POLICY.changed(currency="EUR")}
    told = r"policies: expected one currency, .* got USD of 'kind_of', EUR of 'is_big'; use one for all"
    with pytest.raises(SpecError, match=told):
        launch(policies=euros)


NET = df.Model("net", lambda items: ["vehicle"] * len(items), price=0.02)


@df.pipeline
async def modelled(text: df.Text):
    """What a model says, and people after it."""
    said = await NET(kind_of, text)
    return (await kind_of(text)).answer == said


def test_a_launch_says_what_models_cost_and_that_they_leave_people_nothing(
    launch: Callable[..., PipelineRun], capsys: pytest.CaptureFixture[str]
) -> None:
    launch(what=modelled, budget=0.1, progress=True, policies={kind_of: POLICY}).close()
    told = capsys.readouterr().out
    assert "asking model 'net' about an item costs $0.02, $0.24 if each item asks it once" in told
    assert "the budget does not leave people anything if each item asks 'net': that costs $0.24" in told
    launch(what=modelled, budget=9, name="rich", progress=True, policies={kind_of: POLICY}).close()
    assert "does not leave" not in capsys.readouterr().out


def test_waiting_says_once_why_nothing_goes_on(
    launch: Callable[..., PipelineRun], capsys: pytest.CaptureFixture[str]
) -> None:
    vehicles = [{"id": number, "text": f"scene {2 * number + 1}"} for number in range(40)]
    run = launch(vehicles, budget=0.02)
    for _ in range(600):
        if "is_big" in run.wait(0.1).stuck:
            break
    capsys.readouterr()
    run.wait(3)
    said = capsys.readouterr().err
    assert said.count("Pipeline s: is_big: the budget of the pipeline is spent; launch it again with a larger one") == 1


def test_a_task_named_by_a_text_is_told_to_be_written_without_quotes(launch: Callable[..., PipelineRun]) -> None:
    with pytest.raises(SpecError, match="got the key 'kind_of'; write the function itself, kind_of without quotes"):
        launch(policies={"kind_of": POLICY})
