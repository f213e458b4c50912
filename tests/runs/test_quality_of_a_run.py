"""Overlap, acceptance and what becomes of each item."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import crowd

import dataforge as df
from dataforge import registry
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always, right_with
from dataforge.policy import ControlRule
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.verdicts import trusted
from dataforge.runs.core.worker_record import WorkerRecord

LABELS = ("dog", "cat", "other")
Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]


def good(count: int, **more: Any) -> list[SimulatedWorker]:
    return [
        SimulatedWorker(f"good{n}", right_with(1, {"answer": LABELS}), arrives=60.0 * n, **more) for n in range(count)
    ]


def test_every_item_gets_the_static_overlap(start: Start, finish: Finish) -> None:
    run = start(items=30, workers=good(6), overlap=3)
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["overlap"].tolist() == [3] * 30
    assert labels["flag"].tolist() == [""] * 30
    assert labels["answer"].tolist() == [LABELS[n % 3] for n in range(30)]
    assert labels["caption"].tolist() == [f"animal {n}" for n in range(30)]


def test_an_item_the_workers_disagree_on_gets_more_answers(start: Start, finish: Finish) -> None:
    def answering(own: str) -> Any:
        # Nobody agrees on item 3.
        return lambda inputs, truth, chance: {"answer": own if inputs["caption"] == "animal 3" else truth["answer"]}

    workers = [SimulatedWorker(f"w{n}", answering(LABELS[n % 3]), arrives=60.0 * n) for n in range(8)]
    run = start(items=20, workers=workers, overlap=(2, 6), min_confidence=0.9, aggregation="majority-vote")
    finish(run)
    overlap = run.labels()["overlap"]
    assert overlap[3] > 2
    assert set(overlap.drop(3)) == {2}


def test_an_item_at_the_maximum_without_confidence_is_flagged_unsure(start: Start, finish: Finish) -> None:
    run = start(
        items=30, controls=0, workers=crowd(6, 0.8), overlap=(2, 3), min_confidence=0.99, aggregation="majority-vote"
    )
    assert finish(run).stage == "done"
    labels = run.labels()
    doubted = labels[labels["overlap"] == 3]
    assert 0 < len(doubted) < 30
    assert set(doubted["flag"]) == {"unsure"}
    assert labels["confidence"].max() < 0.99


def test_confidence_wanted_may_differ_per_option(start: Start, finish: Finish) -> None:
    half = [right_with(1, {"answer": LABELS}), always({"answer": "dog"})]
    workers = [SimulatedWorker(f"w{n}", half[n % 2], arrives=60.0 * n) for n in range(8)]
    wanted = {"dog": 0.2, "cat": 0.9, "other": 0.9}
    run = start(
        items=9, controls=0, workers=workers, overlap=(2, 4), min_confidence=wanted, aggregation="majority-vote"
    )
    finish(run)
    labels = run.labels()
    dogs = labels["caption"].isin([f"animal {n}" for n in range(0, 9, 3)])
    # Before there are different answers nothing says how sure they are, so the first few get another one.
    assert labels["overlap"][dogs].max() <= 3 < labels["overlap"][~dogs].max()


def test_bad_pages_are_rejected_and_their_places_go_to_others(start: Start, finish: Finish) -> None:
    bad = SimulatedWorker("bad", right_with(0, {"answer": LABELS}))
    run = start(items=12, workers=[bad, *good(4)], overlap=2, control=None)
    finish(run)
    workers = run.workers().set_index("worker")
    assert workers.loc["bad", "pages_rejected"] == workers.loc["bad", "pages"] > 0
    assert workers.loc["bad", "earned"] == 0
    assert run.labels()["answer"].tolist() == [LABELS[n % 3] for n in range(12)]
    responses = run.responses()
    assert not responses.loc[responses["worker"] == "bad", "accepted"].any()


def test_a_worker_who_fails_control_items_is_restricted_for_a_reason_that_tells_no_item(
    start: Start, finish: Finish
) -> None:
    bad = SimulatedWorker("bad", right_with(0, {"answer": LABELS}))
    run = start(items=60, workers=[bad, *good(4)], overlap=2, control=ControlRule(after=2), prompt=True)
    finish(run)
    row = run.workers().set_index("worker").loc["bad"]
    # The verdict on the second page comes when the third is out.
    assert row["pages"] == 3
    assert row["restricted"]
    assert "control" not in row["reason"]


def test_who_guesses_is_paid_for_what_they_did_and_dismissed_when_others_are_enough(
    start: Start, finish: Finish
) -> None:
    guesses = SimulatedWorker("guesses", right_with(0.33, {"answer": LABELS}))
    run = start(items=150, controls=0, workers=[guesses, *good(6)], overlap=(2, 4), prompt=True)
    assert finish(run).stage == "done"
    workers = run.workers().set_index("worker")
    assert workers["restricted"].tolist() == [name == "guesses" for name in workers.index]
    assert "what was accepted is paid" in workers.loc["guesses", "reason"]
    assert 8 <= workers.loc["guesses", "responses"] < 60
    assert workers.loc["guesses", "earned"] > 0
    assert (run.labels()["answer"] == [LABELS[n % 3] for n in range(150)]).mean() > 0.97


def test_pages_that_are_far_too_fast_are_rejected_and_their_worker_restricted(start: Start, finish: Finish) -> None:
    hasty = SimulatedWorker("hasty", right_with(1, {"answer": LABELS}), seconds=0.5)
    quick = SimulatedWorker("quick", right_with(1, {"answer": LABELS}), seconds=2.2)
    run = start(items=40, workers=[hasty, quick, *good(4)], prompt=True)
    finish(run)
    workers = run.workers().set_index("worker")
    # Under a tenth of the hint: not paid, one day. Under three tenths: paid, two hours.
    assert workers.loc["hasty", "pages_accepted"] == 0
    assert workers.loc["quick", "pages_rejected"] == 0
    lasts = workers["restricted_until"] - workers["restricted_until"].min()
    assert lasts["hasty"].total_seconds() > 20 * 3600
    # The page that was out when the verdict came is the last.
    assert workers.loc[["hasty", "quick"], "pages"].tolist() == [2, 2]


def test_five_skipped_pages_in_a_row_close_the_run_to_a_worker(start: Start, finish: Finish) -> None:
    picky = SimulatedWorker("picky", right_with(1, {"answer": LABELS}), skips=1.0)
    run = start(items=60, workers=[picky, *good(3)])
    finish(run)
    row = run.workers().set_index("worker").loc["picky"]
    assert row["restricted"]
    assert row["pages"] == 0


def test_a_page_without_control_items_is_judged_by_the_workers_record(start: Start, finish: Finish) -> None:
    # One control item in all: every later page of a worker has none.
    bad = SimulatedWorker("bad", right_with(0, {"answer": LABELS}))
    run = start(items=14, controls=1, workers=[bad, *good(3)], control=None)
    finish(run)
    workers = run.workers().set_index("worker")
    assert workers.loc["bad", "pages"] > 1
    assert workers.loc["bad", "pages_accepted"] == 0
    assert workers.loc["good0", "pages"] > 1
    assert workers.loc["good0", "pages_rejected"] == 0


def wrong_once(place: int) -> Any:
    """Right in everything but one control item, the one that comes at this place."""
    met = itertools.count(1)

    def answer(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
        wrong = inputs["caption"].startswith("control") and next(met) == place
        return {"answer": next(label for label in LABELS if label != truth["answer"]) if wrong else truth["answer"]}

    return answer


def test_one_mistake_among_many_control_items_does_not_cost_a_worker_all_later_pages(
    start: Start, finish: Finish
) -> None:
    # Of nine control items, every one must be right.
    careful = SimulatedWorker("careful", wrong_once(5))
    run = start(items=80, workers=[careful, *good(2)], control_ratio=1, control=None)
    finish(run)
    worker = run.workers().set_index("worker").loc["careful"]
    assert worker["pages"] > 9
    assert worker["pages_rejected"] == 1


def test_a_record_of_guesses_is_not_trusted_even_where_a_guess_passes_every_other_page() -> None:
    # Half of the control items right: two of three are guessed half the time.
    rules = Rules(df.Policy(control_ratio=0.6), control_per_page=3, budget=None)
    record = WorkerRecord("guesser", 0, 0.0)
    record.control_correct, record.control_total = 6, 12
    assert not trusted(record, rules)
    record.control_correct = 8
    assert trusted(record, rules)


def test_a_record_that_would_not_pass_a_page_closes_the_run_instead_of_taking_unpaid_work(
    start: Start, finish: Finish
) -> None:
    bad = SimulatedWorker("bad", right_with(0, {"answer": LABELS}))
    run = start(items=60, controls=3, workers=[bad, *good(4)], control=ControlRule(after=5), prompt=True)
    finish(run)
    row = run.workers().set_index("worker").loc["bad"]
    # Three pages show all control items, too few for the rule itself; the fourth is judged by them and is the last.
    assert row["pages"] in (3, 4)
    assert row["pages_accepted"] == 0
    assert row["restricted"]


def test_without_control_items_all_pages_are_accepted_and_it_is_said(start: Start, finish: Finish) -> None:
    run = start(items=12, controls=0, workers=good(3))
    status = finish(run)
    assert status.pages_rejected == 0
    assert status.control_accuracy is None
    assert any("unverified" in notice["en"] for notice in status.notices)
    assert all(notice["ru"] for notice in status.notices)


def test_fewer_items_than_a_page_are_labelled_all_the_same(start: Start, finish: Finish) -> None:
    run = start(items=1, controls=2, workers=good(3), page=(10, 2))
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [2]


def test_pages_left_lying_come_back_and_are_done_by_others(start: Start, finish: Finish) -> None:
    lazy = SimulatedWorker("lazy", right_with(1, {"answer": LABELS}), abandons=1.0, pages=3)
    run = start(items=16, workers=[lazy, *good(2)], lease="2m")
    assert finish(run).stage == "done"
    assert run.labels()["overlap"].tolist() == [2] * 16


def test_the_budget_is_never_exceeded_and_items_left_say_so(start: Start, finish: Finish) -> None:
    run = start(items=40, workers=good(5), overlap=3, page_price=0.1, budget=0.55)
    assert finish(run).stage == "budget"
    cost = run.cost().iloc[0]
    # Five full pages, and one of the two items that the rest pays for.
    assert cost["paid"] == pytest.approx(0.54)
    labels = run.labels()
    assert set(labels["flag"]) == {"", "budget"} or set(labels["flag"]) == {"budget"}
    never = labels[labels["overlap"] == 0]
    assert len(never) > 0
    assert never["answer"].isna().all()
    assert never["confidence"].isna().all()
    assert len(labels) == 40


def test_the_commission_is_paid_out_of_the_budget(start: Start, finish: Finish) -> None:
    run = start(items=40, workers=good(5), overlap=3, page_price=0.1, budget=0.55, commission=0.3)
    finish(run)
    cost = run.cost().iloc[0]
    assert cost["paid"] == pytest.approx(0.4)
    assert cost["total"] == pytest.approx(0.52)


def test_the_time_limit_ends_a_run_that_nobody_finishes(start: Start, finish: Finish) -> None:
    run = start(items=12, workers=good(1), overlap=3, time_limit="3h")
    assert finish(run).stage == "time"
    labels = run.labels()
    assert labels["overlap"].tolist() == [1] * 12
    assert labels["flag"].tolist() == ["time"] * 12
    assert labels["answer"].tolist() == [LABELS[n % 3] for n in range(12)]


@dataclass
class Look:
    kind: df.Rating(1, 3)  # type: ignore[valid-type]
    clear: bool


@df.task(duration="10s")
def look(caption: df.Text) -> Look:
    """How good is the caption?"""
    raise NotImplementedError


def test_several_outputs_are_aggregated_each_on_its_own(workspace: Path, finish: Finish) -> None:
    def truth(inputs: Any) -> dict[str, Any]:
        number = int(inputs["caption"].rsplit(" ", 1)[1])
        return {"kind": number % 3 + 1, "clear": number % 2 == 0}

    def answer(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
        # All agree on one output and half of the time not on the other.
        return {"kind": truth["kind"], "clear": chance.random() < 0.5}

    workers = [SimulatedWorker(f"w{n}", answer, arrives=60.0 * n) for n in range(8)]
    run = df.launch(
        look,
        [{"caption": f"text {n}"} for n in range(12)],
        policy=df.Policy(overlap=(2, 5), page=(4, 0), min_confidence=0.9, aggregation="majority-vote"),
        name="several",
        platform=SimulatedPlatform(workers, truth, seed=3),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    labels = run.labels()
    assert labels["kind"].tolist() == [n % 3 + 1 for n in range(12)]
    # Without control items workers may all be wrong together: 3 % are kept back for that.
    assert labels["kind_confidence"].tolist() == pytest.approx([0.97] * 12)
    # An item goes on while any of its outputs is unsure.
    unsure = labels["clear_confidence"] < 0.9
    assert unsure.any()
    assert (labels["overlap"][unsure] == 5).all()
    assert {"kind.1", "clear.True"} <= set(run.probabilities().columns)


class Breed(df.Choice):
    POODLE = df.option("poodle")
    BOXER = df.option("boxer")
    SIAMESE = df.option("siamese")
    MANX = df.option("manx")


def breed_of(animal: df.Text) -> Breed:
    """Which breed is it?"""
    raise NotImplementedError


def test_options_that_depend_on_an_input_share_no_probability(workspace: Path, finish: Finish) -> None:
    dependent = df.task(
        duration="10s", options={"answer": {"animal": {"dog": ["poodle", "boxer"], "cat": ["siamese", "manx"]}}}
    )(breed_of)
    workers = [
        SimulatedWorker(
            f"w{n}",
            lambda inputs, truth, chance: {"answer": "poodle" if inputs["animal"] == "dog" else "manx"},
            arrives=60.0 * n,
        )
        for n in range(3)
    ]
    run = df.launch(
        dependent,
        [{"animal": "dog"}, {"animal": "cat"}],
        policy=df.Policy(overlap=2, page=(2, 0)),
        name="dependent",
        platform=SimulatedPlatform(workers, seed=4),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    assert run.labels()["answer"].tolist() == ["poodle", "manx"]
    chances = run.probabilities()
    assert chances.loc[0, ["siamese", "manx"]].tolist() == [0, 0]
    assert chances.loc[1, ["poodle", "boxer"]].tolist() == [0, 0]


def test_the_same_seed_gives_the_same_run(workspace: Path, tmp_path: Path, start: Start, finish: Finish) -> None:
    workers = [SimulatedWorker(f"w{n}", right_with(0.8, {"answer": LABELS}), arrives=60.0 * n) for n in range(10)]
    one = start(items=40, workers=workers, overlap=(2, 4), name="one")
    finish(one)
    first = one.labels()
    again = df.launch(
        one._held.view.task,
        one._held.view.items,
        policy=one._held.view.policy,
        name="one",
        platform=SimulatedPlatform(workers, lambda i: {"answer": LABELS[int(i["caption"].split()[1]) % 3]}, seed=1),
        workspace=tmp_path / "other",
        progress=False,
    )
    finish(again)
    assert again.labels().equals(first)
    assert again.cost().equals(one.cost())


@pytest.mark.parametrize("aggregation", registry.names("aggregation"))
def test_every_aggregation_carries_a_run_to_its_end(start: Start, finish: Finish, aggregation: str) -> None:
    workers = [SimulatedWorker(f"w{n}", right_with(0.9, {"answer": LABELS}), arrives=60.0 * n) for n in range(12)]
    run = start(items=30, workers=workers, overlap=(2, 5), aggregation=aggregation, control_ratio=0, control=None)
    finish(run)
    labels = run.labels()
    assert (labels["answer"] == [LABELS[n % 3] for n in range(30)]).mean() > 0.85
    assert labels["overlap"].between(2, 5).all()


def test_results_follow_from_the_answers_and_not_from_when_the_run_looked_at_them(
    task: df.Task, tmp_path: Path, finish: Finish
) -> None:
    fair = right_with(0.7, {"answer": LABELS})
    workers = [SimulatedWorker(f"w{n}", fair, arrives=60.0 * n) for n in range(6)]
    rows = [{"caption": f"animal {n}"} for n in range(60)]
    found = []
    for events in (1, 1000):
        run = df.launch(
            task,
            rows,
            policy=df.Policy(page=(4, 0), overlap=3, speed=(), skips=None),
            name="run",
            platform=SimulatedPlatform(
                workers, lambda i: {"answer": LABELS[int(i["caption"].split()[1]) % 3]}, seed=1, events_per_poll=events
            ),
            workspace=tmp_path / str(events),
            progress=False,
        )
        finish(run)
        found.append((run.responses(), run.probabilities(), run.workers()["skill"].tolist()))
    (answers, probabilities, skills), (same_answers, same_probabilities, same_skills) = found
    assert answers.equals(same_answers)
    assert probabilities.equals(same_probabilities)
    assert skills == same_skills


def test_an_item_is_incomplete_while_answers_are_wanted_however_sure_those_are_that_it_has(start: Start) -> None:
    run = start(items=8, workers=good(1), overlap=2, min_confidence=0.4)
    while run.status().stage != "stalled":
        threading.Event().wait(0.02)
    labels = run.labels()
    assert labels["overlap"].tolist() == [1] * 8
    assert (labels["confidence"] > 0.4).all()
    assert labels["flag"].tolist() == ["incomplete"] * 8
    run.stop()
    run.wait(60, progress=False)
    assert run.labels()["flag"].tolist() == ["stopped"] * 8


def test_who_had_nothing_accepted_has_no_skill(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> None:
    wrong = SimulatedWorker("wrong", right_with(0, {"answer": ("dog", "cat", "other")}))
    run = start(workers=[wrong, *crowd(3)], control=None)
    finish(run)
    workers = run.workers().set_index("worker")
    assert (workers.pages_accepted["wrong"], workers.control_correct["wrong"]) == (0, 0) < (workers.pages["wrong"], 1)
    assert workers.skill.isna().to_dict() == {name: name == "wrong" for name in workers.index}
