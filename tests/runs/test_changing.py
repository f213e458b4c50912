"""Runs of which budget, overlap, confidence, time and texts change while they go on, or after they have ended."""

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.runs.conftest import animal, crowd, right
from tests.runs.test_feeding import eventually

import dataforge as df
from dataforge.changes.terms import Asked, Standing, change, terms_of
from dataforge.errors import RunEnded, RunError, SpecError
from dataforge.feed import Feed
from dataforge.issue.closed import Closed
from dataforge.platforms.simulated import SimulatedPlatform, TakenPage
from dataforge.records import BonusPaid, Command, PayBonus, Terms
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Changed, Reopened, read_entries

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]

# A page of four items and a control item costs a tenth.
PAID = {"page_price": 0.1, "speed": (), "skips": None}


def with_texts(**changes: Any) -> df.Task:
    return dataclasses.replace(animal, **changes)


def said(changed: Any) -> list[str]:
    return [str(difference) for difference in changed]


# --- more, and less -------------------------------------------------------------------------------


def test_a_run_that_stopped_at_its_budget_goes_on_with_a_larger_one(start: Start, finish: Finish) -> None:
    run = start(items=12, workers=crowd(4, arrives=0.0), budget=0.35, **PAID)
    assert finish(run).stage == "budget"
    stopped = run.labels()
    assert set(stopped["flag"]) >= {"budget"}
    assert any("run.change(budget=" in notice["en"] for notice in run.notices)
    assert said(run.change(budget=20)) == ["budget was 0.35, is 20 now"]
    assert not run.status().ended
    status = finish(run)
    assert (status.stage, status.items_final, status.items_flagged) == ("done", 12, 0)
    labels = run.labels()
    assert labels["overlap"].tolist() == [2] * 12
    sure = stopped["flag"] == ""
    assert labels[sure].equals(stopped[sure]), "what was final and sure has stayed"
    assert not any("budget" in notice["en"] for notice in run.notices)


def test_steps_that_the_budget_did_not_reach_for_are_paid_once_it_does(start: Start, finish: Finish) -> None:
    run = start(workers=crowd(6, arrives=0.0), controls=12, bonuses={0.3: 5}, budget=2, **(PAID | {"page_price": 0.01}))
    pages = finish(run).cost
    assert any("did not reach for 6 of the bonuses, $30.00 in all" in notice["en"] for notice in run.notices)
    for budget in (200, 300):
        run.change(budget=budget)
        assert finish(run).cost == pytest.approx(pages + 30)
        assert not any("did not reach for" in notice["en"] for notice in run.notices)


class RaisedMeanwhile(SimulatedPlatform):
    """The budget is raised right after it did not reach for bonuses, before anybody has heard of that."""

    run: Path
    refused = False

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        super().execute(run, commands)
        if not self.refused and any(isinstance(one, PayBonus) for one in commands):
            self.refused = True
            change(self.run, Asked({"budget": 200}), Standing(0.0, self.now(), 0))


def test_a_bonus_that_is_refused_while_the_budget_is_raised_is_paid(
    start: Start, finish: Finish, workspace: Path
) -> None:
    platform = RaisedMeanwhile(crowd(6, arrives=0.0), right, seed=1)
    platform.run = workspace / "runs" / "run"
    run = start(platform=platform, controls=12, bonuses={0.3: 5}, budget=2, **(PAID | {"page_price": 0.01}))
    assert finish(run).cost > 30
    paid = [event for event in platform.poll("run", 0, 0.0).events if isinstance(event, BonusPaid)]
    assert [one.amount for one in paid] == [5_000_000] * 6
    assert not any("did not reach for" in notice["en"] for notice in run.notices)


def test_more_opinions_and_more_confidence_ask_again_what_was_final(start: Start, finish: Finish) -> None:
    run = start(items=8, workers=crowd(6, arrives=0.0), overlap=2, speed=())
    assert finish(run).stage == "done"
    followed = {answer.key: answer.overlap for answer in run.follow()}
    assert set(followed.values()) == {2}
    assert said(run.change(overlap=3)) == ["overlap was 2, is 3 now"]
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [3] * 8
    again = list(run.follow(after=8))
    assert [answer.cursor for answer in again] == list(range(9, 17))
    assert {answer.overlap for answer in again} == {3}
    run.change(overlap=(3, 5), min_confidence=1)
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [5] * 8


def test_fewer_opinions_end_items_that_have_them(start: Start, finish: Finish) -> None:
    # Two people cannot give three answers to an item.
    run = start(items=8, controls=0, workers=crowd(2, arrives=0.0), overlap=3, speed=())
    eventually(lambda: run.status().responses == 16)
    assert run.status().items_final == 0
    run.change(overlap=2)
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [2] * 8


def test_a_done_run_that_has_enough_stays_done_whatever_else_changes(start: Start, finish: Finish) -> None:
    run = start(items=4, workers=crowd(3))
    finish(run)
    before = run.labels()
    run.change(with_texts(name={"en": "Animals"}), min_confidence=0.5)
    assert finish(run).stage == "done"
    assert run.labels().equals(before)


def test_a_run_whose_time_is_over_goes_on_with_more_of_it(start: Start, finish: Finish) -> None:
    run = start(items=40, workers=crowd(2, arrives=0.0), time_limit="2m", speed=())
    assert finish(run).stage == "time"
    with pytest.raises(RunEnded, match=r"its time is over; [0-9]+ s have passed since its launch: give it more by"):
        run.change(time_limit="1m")
    run.change(time_limit=None)
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [2] * 40


def test_a_budget_that_was_lowered_below_a_page_ends_the_run_and_says_that_it_pays_for_none(
    start: Start, finish: Finish
) -> None:
    run = start(items=8, workers=[], budget=5, **PAID)
    run.change(budget=0.01)
    assert finish(run).stage == "budget"
    assert any("The budget of the run pays for no more pages" in notice["en"] for notice in run.notices)
    run.change(budget=5)
    eventually(lambda: not run.status().ended)
    eventually(lambda: not any("pays for no" in notice["en"] for notice in run.notices))


def test_a_run_that_was_raised_too_little_ends_by_its_budget_again(start: Start, finish: Finish) -> None:
    run = start(items=12, workers=crowd(4, arrives=0.0), budget=0.35, **PAID)
    finish(run)
    before = run.labels()
    run.change(budget=0.36)
    assert finish(run).stage == "budget"
    assert run.labels().equals(before)


def test_a_run_that_ended_by_its_budget_takes_items_again_once_it_is_raised(start: Start, finish: Finish) -> None:
    run = start(items=12, workers=crowd(4, arrives=0.0), budget=0.35, **PAID)
    finish(run)
    more = [{"id": "more", "caption": "animal 50"}]
    with pytest.raises(RunEnded, match=r"raise it by `dataforge change --budget …` or run\.change"):
        run.add(more)
    run.change(budget=20)
    assert run.add(more).new == 1
    assert finish(run).items_total == 13


def test_a_run_that_was_stopped_by_hand_does_not_go_on(start: Start, finish: Finish) -> None:
    run = start(items=4, platform=SimulatedPlatform())
    run.stop()
    finish(run)
    with pytest.raises(RunEnded, match="nothing of it was changed: it was stopped by hand; open it again first"):
        run.change(budget=5)


# --- what may not change --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            {"page_price": 3},
            "page_price: it stays none while the run goes on: who works was promised pay by it; launch",
        ),
        ({"check": df.Policy(overlap=2)}, "how judging goes on is changed by run.check.change(…); launch another run"),
        ({"page": (9, 1)}, "page: it stays 4+1 while the run goes on: pages are made up as the launch made them"),
        (
            {"aggregation": "glad"},
            "aggregation: it stays 'hierarchical-dawid-skene' while the run goes on: answers that are final",
        ),
        (
            {"speed": ()},
            "speed: it stays ratio 0.1, restrict 1d, reject True; ratio 0.3, restrict 2h, reject False while",
        ),
        ({"min_confidence": 1.5}, "min_confidence must be a number from 0 to 1, got 1.5"),
        ({"lease": 0}, "lease must be longer than 0"),
        ({"instruction": "New"}, "'instruction' is a text of the task: give the task with it, run.change(task=…)"),
        ({"titles": {}}, "'titles' is a text of the task"),
        ({"max_overlap": 3}, "no setting is named 'max_overlap'; write overlap=(least, 3)"),
        ({"overlap": (5, 2)}, "overlap must be (minimum, maximum), got (5, 2); swap them"),
        ({}, "nothing to change"),
        (
            {"task": with_texts(duration=12.0)},
            "task: duration was 10, is 12 now: answers to the one cannot be counted",
        ),
        ({"task": dataclasses.replace(animal, id="other")}, "task: id was 'animal', is 'other' now"),
    ],
)
def test_what_may_not_change_is_refused_with_the_reason(start: Start, given: dict[str, Any], why: str) -> None:
    run = start(items=4, platform=SimulatedPlatform())
    with pytest.raises(SpecError, match=re.escape(why)):
        run.change(**given)
    assert run._held.feed.state().changes == 0


def test_a_time_limit_that_is_over_already_is_refused_with_the_time_that_has_passed(start: Start) -> None:
    run = start(items=4, platform=SimulatedPlatform())
    eventually(lambda: run.status().stage == "stalled")
    with pytest.raises(SpecError, match=r"time_limit: 10m are over already: the run was launched 1[0-9]m.* ago; name"):
        run.change(time_limit="10m")
    assert said(run.change(time_limit="2d", overlap=(2, 3))) == [
        "overlap was 2, is 2 to 3 now",
        "time_limit was none, is 2d now",
    ]


def test_another_set_of_options_is_another_question(start: Start) -> None:
    class Fewer(df.Choice):
        DOG = df.option("dog")
        CAT = df.option("cat")

    @df.task(duration="10s", id="animal")
    def fewer(caption: df.Text) -> Fewer:
        """Which animal is it?"""
        raise NotImplementedError

    run = start(items=4, platform=SimulatedPlatform())
    with pytest.raises(
        SpecError, match=r"task: outputs.answer..settings.options.[a-z]+. was .*answers to the one cannot"
    ):
        run.change(fewer)


def test_a_budget_below_what_is_paid_and_promised_is_refused_with_the_sum(start: Start) -> None:
    platform = SimulatedPlatform()
    run = start(items=12, platform=platform, budget=5, **PAID)
    eventually(lambda: run.status().stage == "stalled")
    platform.take("run", "ann")
    page = platform.take("run", "bob")
    assert isinstance(page, TakenPage)
    eventually(lambda: run.status().promised == 0.2)
    with pytest.raises(
        SpecError, match=r"budget: \$0.10 is less than what workers were paid or promised already, \$0.20"
    ):
        run.change(budget=0.1)
    with pytest.raises(SpecError, match=r"\$0\.21; name that or more"):
        change(run._held.folder.path, Asked({"budget": 0.2}), Standing(0, 0, promised=200_004))
    run.change(budget=0.2)
    eventually(lambda: platform._works[0].run.publication.budget == 200_000)
    eventually(lambda: not run._held.fresh().state.unsent)
    assert platform.take("run", "cem") == Closed("budget")
    assert platform.submit("run", page.id, [{"answer": "dog"}] * 5) == "submitted"


# --- texts ----------------------------------------------------------------------------------------


def test_texts_are_mended_for_the_pages_that_come(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform()
    run = start(items=4, platform=platform)
    mended = with_texts(instruction={"en": "Which animal is it, to the left?", "ru": "Какое животное слева?"})
    assert said(run.change(mended)) == [
        "task.instruction.en was 'Which animal is it?', is 'Which animal is it, to the left?' now",
        "task.instruction.ru was none, is 'Какое животное слева?' now",
    ]
    eventually(lambda: platform._works[0].run.publication.task == mended.spec())
    assert run.change(mended) == ()


# --- what the platform refuses all the same -------------------------------------------------------


def refused_by_the_platform(run: df.Run) -> Terms:
    """Note a change as an older version did, which let an instruction be empty; what the run asked before."""
    feed = Feed(run._held.folder.path)
    there = terms_of(run._held.folder.path)
    task = msgspec.structs.replace(there.publication.task, instruction={"en": ""})
    publication = msgspec.structs.replace(there.publication, task=task)
    feed.change(lambda was, ending: Terms({**there.policy, "overlap": 3}, publication))
    feed.close()
    return there


def test_a_change_that_the_platform_refuses_holds_in_nothing_and_the_run_goes_on(
    start: Start, finish: Finish, workspace: Path
) -> None:
    run = start(items=4, platform=(platform := SimulatedPlatform(crowd(4), right, seed=1)))
    there = refused_by_the_platform(run)
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [2] * 4
    (refused,) = (notice["en"] for notice in run.notices if "refused a change" in notice["en"])
    assert "'en' must not be empty" in refused
    assert terms_of(workspace / "runs" / "run") == there
    assert df.open_run("run", workspace).notices == run.notices
    # What is changed afterwards holds, and the refusal is old news.
    run.change(with_texts(instruction={"en": "Which one?"}))
    eventually(lambda: platform._works[0].run.publication.task.instruction == {"en": "Which one?"})
    assert finish(run).stage == "done"
    assert not any("refused" in notice["en"] for notice in run.notices)


# --- from anywhere --------------------------------------------------------------------------------


def test_a_change_by_another_process_is_taken_up_and_read_from_the_log(
    start: Start, finish: Finish, workspace: Path
) -> None:
    run = start(items=8, workers=crowd(4, arrives=0.0), budget=0.2, **PAID)
    finish(run)
    with df.open_run("run", workspace) as other:
        # It cannot reach the platform, which lives in this process.
        other._held.platform = run._held.platform
        other.change(budget=9, overlap=3)
        assert finish(run).stage == "done"
        assert other.labels().equals(run.labels())
        assert (
            other._held.view.policy
            == run._held.view.policy
            == df.Policy(page=(4, 1), control_ratio=1, overlap=3, budget=9, **PAID)
        )
    log = [entry for entry, _ in read_entries(RunFolder(workspace / "runs" / "run").log)]
    assert [entry.number for entry in log if isinstance(entry, Changed)] == [1]
    assert sum(len(entry.keys) for entry in log if isinstance(entry, Reopened)) == 8


def test_a_run_that_was_changed_is_gone_on_with_by_either_launch(start: Start, finish: Finish) -> None:
    run = start(items=8, workers=crowd(4, arrives=0.0), overlap=2)
    finish(run)
    run.change(overlap=3)
    finish(run)
    for overlap in (2, 3):
        assert start(items=8, platform=SimulatedPlatform(), overlap=overlap).labels().equals(run.labels())
    with pytest.raises(RunError, match=r"overlap was 3, is 4 here.*change\(overlap=…\), or `dataforge change`"):
        start(items=8, platform=SimulatedPlatform(), overlap=4)


def test_whether_the_budget_does_is_told_of_the_one_there_is_now(start: Start) -> None:
    run = start(items=40, platform=SimulatedPlatform(), budget=0.3, **PAID)
    assert any("does not cover" in notice["en"] for notice in run.notices)
    run.change(budget=50)
    eventually(lambda: not any("does not cover" in notice["en"] for notice in run.notices))


def test_a_budget_that_is_lowered_below_the_smallest_page_ends_the_run_and_says_how_it_goes_on(start: Start) -> None:
    run = start(items=40, platform=SimulatedPlatform(), budget=50, **PAID)
    run.change(budget=0.001)
    eventually(lambda: run.status().stage == "budget")
    said = "items left without enough answers: 40. With a larger one it goes on"
    eventually(lambda: any(said in notice["en"] for notice in run.notices))
