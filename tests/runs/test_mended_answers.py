"""Runs whose workers begin with drafts: what they are shown, what results say, and who only waves drafts through."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import RunError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, TakenPage
from dataforge.runs.driving.checkpoint import save_checkpoint
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.results import labels

Launch = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


@df.task(duration="10s")
def better(query: df.Text, left: df.Text, right: df.Text) -> df.SideBySide:
    """Which serves the query better?"""
    raise NotImplementedError


def said(number: int, *, of: str = "s") -> str:
    return f"{of} says {number} and something"


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    kind, number = inputs["sound"][0], int(inputs["sound"][1:])
    return {"answer": said(number, of=kind)}


def knows(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": truth["answer"]}


def rows(count: int, *, wrong: int) -> list[dict[str, Any]]:
    """Every `wrong`-th draft is not what is said."""
    return [
        {"sound": f"s{number}", "draft": "a slip" if number % wrong == 0 else said(number)} for number in range(count)
    ]


def gold(count: int) -> list[dict[str, Any]]:
    return [{"sound": f"k{number}", "answer": said(number, of="k")} for number in range(count)]


@pytest.fixture
def start(workspace: Path) -> Iterator[Launch]:
    launched: list[df.Run] = []

    def launch(workers: list[SimulatedWorker], items: Any, control: Any = None, **more: Any) -> df.Run:
        policy: dict[str, Any] = {"quality": "merge", "overlap": (1, 2), "page": (4, 2), "speed": ()}
        platform = more.pop("platform", None) or SimulatedPlatform(workers, truth, seed=3)
        run = df.launch(
            heard,
            items,
            control,
            policy=df.Policy(**{**policy, **more.pop("policy", {})}),
            name="run",
            platform=platform,
            workspace=workspace,
            progress=False,
            **{"prefill": "draft", **more},
        )
        launched.append(run)
        return run

    yield launch
    for run in launched:
        run.close()


def test_results_say_of_each_answer_whether_it_differs_from_the_draft(start: Launch, finish: Finish) -> None:
    items = [*rows(12, wrong=3), {"sound": "s90", "draft": None}]
    run = start([SimulatedWorker("w", knows)], items, policy={"overlap": 1})
    finish(run)
    found = run.labels()
    # What a slip was mended to, what was left as it was, and what was begun with nothing.
    assert found["changed"].tolist()[:12] == [n % 3 == 0 for n in range(12)]
    assert found["changed"].isna().tolist() == [False] * 12 + [True]
    assert found["draft"].tolist()[:2] == ["a slip", said(1)]
    assert run.responses()["changed"].sum() == 4
    assert list(run.solutions().columns)[-7:-5] == ["changed", "worker"]
    assert run.workers()["drafts_unchanged"].tolist() == pytest.approx([8 / 12])


def test_without_drafts_results_have_no_column_of_them(start: Launch, finish: Finish) -> None:
    run = start([SimulatedWorker("w", knows)], rows(4, wrong=2), prefill=None, policy={"overlap": 1})
    finish(run)
    assert "changed" not in run.labels()
    assert "changed" not in run.responses()
    assert "changed" not in run.solutions()
    assert run.workers()["drafts_unchanged"].isna().all()


def test_who_waves_drafts_through_fails_the_control_items_and_who_looks_does_not(start: Launch, finish: Finish) -> None:
    waver = SimulatedWorker("waver", knows, waves=1.0)
    good = [SimulatedWorker(f"good{n}", knows, arrives=2_000.0 * (n + 1)) for n in range(2)]
    run = start([waver, *good], rows(40, wrong=10), gold(12), policy={"page": (4, 2), "overlap": 1})
    finish(run)
    workers = run.workers().set_index("worker")
    # Half of the control items begin with a mistake.
    assert workers.loc["waver", "control_accuracy"] <= 0.67
    assert workers.loc["waver", "restricted"]
    assert workers.loc["waver", "drafts_unchanged"] == 1
    assert workers.loc["good0", "control_accuracy"] == 1
    assert run.labels()["answer"].tolist().count("a slip") <= 1


def test_a_page_has_the_draft_of_each_item_and_nothing_that_tells_control_items(start: Launch) -> None:
    run = start([], rows(8, wrong=2), gold(6))
    platform = run._held.platform()
    assert isinstance(platform, SimulatedPlatform)
    run.drive()
    page = platform.take("run", "somebody")
    while not isinstance(page, TakenPage):
        page = platform.take("run", "somebody")
    assert len(page.drafts) == 6
    assert all(set(draft) == {"answer"} for draft in page.drafts)
    run.stop()


def test_left_and_right_are_exchanged_in_drafts_as_they_are_in_the_item(workspace: Path) -> None:
    platform = SimulatedPlatform(seed=1)
    items = [{"query": f"q{n}", "left": f"good {n}", "right": f"bad {n}", "draft": "left"} for n in range(12)]
    with df.launch(
        better, items, name="run", platform=platform, workspace=workspace, progress=False, prefill="draft"
    ) as run:
        sides = set()
        for worker in range(4):
            page = None
            while not isinstance(page, TakenPage):
                page = platform.take("run", f"w{worker}")
            for inputs, draft in zip(page.inputs, page.drafts, strict=True):
                sides.add(draft["answer"])
                assert inputs[draft["answer"]].startswith("good")
        assert sides == {"left", "right"}
        run.stop()


def test_a_launch_again_goes_on_with_the_same_drafts_and_refuses_others(start: Launch, finish: Finish) -> None:
    worker = SimulatedWorker("w", knows)
    platform = SimulatedPlatform([worker], truth, seed=3)
    start([], rows(6, wrong=2), gold(6), platform=platform).close()
    start([], rows(6, wrong=2), gold(6), platform=platform).close()
    with pytest.raises(RunError, match="the draft of 'answer' has 'a slip' there, None here"):
        start([], rows(6, wrong=2), gold(6), platform=platform, prefill=None)


def test_items_that_are_fed_have_drafts_and_so_have_control_items_among_them(start: Launch, finish: Finish) -> None:
    worker = SimulatedWorker("w", knows)
    run = start([worker], rows(4, wrong=2), gold(6), open=True, policy={"overlap": 1})
    more = [{"id": f"s{n}", "sound": f"s{n}", "draft": said(n)} for n in range(20, 24)]
    assert run.add(more, [{"id": "late", "sound": "k9", "answer": said(9, of="k")}], prefill="draft").new == 5
    assert run.add(more, prefill="draft").known == 4
    run.finish()
    finish(run)
    assert run.labels()["changed"].tolist() == [True, False] * 2 + [False] * 4
    control = run.responses()[run.responses()["control"]]
    assert control["changed"].notna().all()


# --- where other workers judge answers ------------------------------------------------------------


def judged_truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    right = truth(inputs)["answer"]
    return {"answer": right, "ok": inputs.get("answer") == right}


def works(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"ok": truth["ok"]} if "answer" in inputs else {"answer": truth["answer"]}


FIRST: dict[str, Any] = {
    "quality": "check",
    "overlap": 3,
    "check_drafts": True,
    "check": df.Policy(page=(3, 1), control=None, overlap=2),
    "page": (3, 1),
    "control": None,
}


def crowd(count: int = 5) -> SimulatedPlatform:
    workers = [SimulatedWorker(f"w{n}", works, arrives=50.0 * n) for n in range(count)]
    return SimulatedPlatform(workers, judged_truth, seed=5)


def test_where_answers_are_judged_wavers_do_not_get_as_far(start: Launch, finish: Finish) -> None:
    judges = [SimulatedWorker(f"w{n}", works, arrives=1_000.0 + 50.0 * n) for n in range(4)]
    platform = SimulatedPlatform([SimulatedWorker("waver", works, waves=1.0), *judges], judged_truth, seed=5)
    policy = {**FIRST, "check_drafts": False, "control_ratio": 1.0, "page": (3, 2)}
    run = start([], rows(24, wrong=3), gold(24), platform=platform, policy=policy)
    assert finish(run).stage == "done"
    workers = run.workers().set_index("worker")
    waver = workers.loc["waver"]
    # About half of the known items that are asked here begin with a mistake that does not pass.
    assert 0 < waver["control_accuracy"] < 1
    assert waver["pages_rejected"] >= 2
    assert waver["drafts_unchanged"] == 1
    assert (workers.drop("waver")["control_accuracy"].dropna() == 1).all()
    assert run.labels()["answer"].tolist() == [said(n) for n in range(24)]


def test_a_draft_that_is_found_right_is_final_and_only_the_others_are_written_anew(
    start: Launch, finish: Finish
) -> None:
    run = start([], [*rows(12, wrong=4), {"sound": "s50", "draft": None}], gold(8), platform=crowd(), policy=FIRST)
    assert finish(run).stage == "done"
    found = run.labels()
    wrong = [n % 4 == 0 for n in range(12)]
    assert found["answer"].tolist() == [said(n) for n in (*range(12), 50)]
    assert found["verdict"].tolist() == ["right"] * 13
    assert (found["author"] == "model").tolist() == [*(not one for one in wrong), False]
    assert found["attempts"].tolist() == [*map(int, wrong), 1]
    # What two judges said before anything was known of them is right, and nobody says how surely.
    assert set(found["flag"]) <= {"", "unverified"}
    assert found["changed"].tolist()[:12] == wrong
    # Nobody is paid to write what the model had right.
    written = run.responses()
    assert set(written[~written["control"]]["id"]) == {"0", "4", "8", "12"}
    solutions = run.solutions()
    of_model = solutions[solutions["worker"] == "model"]
    assert of_model["sound"].tolist() == [f"s{n}" for n in range(12)]
    assert of_model["answer"].tolist() == of_model["draft"].tolist()
    assert of_model["verdict"].tolist() == ["wrong" if one else "right" for one in wrong]
    checks = run.checks()
    assert set(checks[[by == ["model"] for by in checks["by"]]]["id"]) == {str(n) for n in range(12)}


def test_who_reads_the_log_or_its_checkpoint_knows_the_same_of_drafts(start: Launch, finish: Finish) -> None:
    run = start([], rows(9, wrong=3), gold(8), platform=crowd(), policy=FIRST)
    finish(run)
    told, folder = run.labels().to_json(), run._held.folder
    run.close()
    by_log = RunView.open(folder)
    by_log.catch_up()
    assert labels(by_log).to_json() == told
    save_checkpoint(folder, folder.log.stat().st_size, by_log.state, by_log.quality)
    by_checkpoint = RunView.open(folder)
    by_checkpoint.catch_up()
    assert labels(by_checkpoint).to_json() == told


def test_items_that_are_fed_with_a_right_draft_are_final_at_once(start: Launch, finish: Finish) -> None:
    run = start([], rows(4, wrong=2), gold(8), platform=crowd(), policy={**FIRST, "min_confidence": 0.7}, open=True)
    more = [{"id": f"s{n}", "sound": f"s{n}", "draft": said(n) if n % 2 else "a slip"} for n in range(20, 24)]
    run.add(more, prefill="draft")
    run.finish()
    assert finish(run).stage == "done"
    assert run.labels()["attempts"].tolist() == [1, 0] * 4
    assert sorted(final.key for final in run.follow(timeout=1)) == sorted([*"0123", "s20", "s21", "s22", "s23"])


def test_drafts_that_nobody_can_judge_are_mended_by_workers(start: Launch, finish: Finish) -> None:
    policy = {**FIRST, "check": df.Policy(page=(3, 1), control=None, overlap=2, budget=0.000001), "budget": 5.0}
    run = start([], rows(6, wrong=2), gold(8), platform=crowd(), policy=policy)
    assert finish(run).stage == "done"
    found = run.labels()
    assert found["answer"].tolist() == [said(n) for n in range(6)]
    assert found["verdict"].tolist() == ["unchecked"] * 6
    assert found["attempts"].tolist() == [1] * 6


def test_a_run_that_is_stopped_has_the_drafts_as_far_as_they_were_judged(start: Launch, finish: Finish) -> None:
    platform = crowd(0)
    run = start([], rows(6, wrong=2), gold(8), platform=platform, policy=FIRST)
    while run.solutions().empty:  # drafts are answers once they have gone to be judged
        run.wait(0.05, progress=False)
    run.stop()
    assert run.check is not None
    run.check.stop()
    finish(run)
    found = run.labels()
    assert found["verdict"].tolist() == ["unchecked"] * 6
    assert found["author"].tolist() == ["model"] * 6
    assert found["flag"].tolist() == ["stopped"] * 6


def test_drafts_are_judged_first_only_where_answers_are_judged(start: Launch) -> None:
    with pytest.raises(df.SpecError, match="check_drafts=…: its answers go the way 'merge'"):
        start([], rows(2, wrong=2), policy={"check_drafts": True})
    with pytest.raises(df.SpecError, match=r"check_drafts=True: no item has a draft; say where drafts are, prefill=…"):
        start([], rows(2, wrong=2), policy=FIRST, prefill=None)
