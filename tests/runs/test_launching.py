"""Names, second launches, followers, stalls, and what a run leaves behind."""

import dataclasses
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import normalize

import msgspec
import pytest
from msgspec.structs import replace
from tests.runs.conftest import animal, crowd, rows

import dataforge as df
from dataforge.endings import last_ending
from dataforge.errors import DataForgeError, Refused, RunEnded, RunError, SpecError
from dataforge.issue.skills import EXPERT
from dataforge.platforms.embedded import EmbeddedPlatform
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.policy import ControlRule, ReportRule
from dataforge.records import Snapshot
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog, Ticked, last_shown, read_entries
from dataforge.runs.driving import orphans
from dataforge.runs.driving.platforms import platform_of
from dataforge.runs.handle.announce import announcement
from dataforge.runs.handle.launches.describe import describe
from dataforge.workspace import Workspace

LABELS = ("dog", "cat", "other")
Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]


def right(inputs: Any) -> dict[str, str]:
    return {"answer": LABELS[int(inputs["caption"].rsplit(" ", 1)[1]) % 3]}


def good(count: int) -> list[SimulatedWorker]:
    return [SimulatedWorker(f"good{n}", right_with(1, {"answer": LABELS}), arrives=60.0 * n) for n in range(count)]


def test_without_a_name_a_run_is_called_after_its_task_and_the_date(start: Start, finish: Finish) -> None:
    one, other = start(items=4, workers=good(2), name=None), start(items=4, workers=good(2), name=None)
    assert one.name.startswith("animal-")
    assert other.name == f"{one.name}-2"
    finish(one)
    finish(other)


def test_a_second_launch_without_a_name_says_that_an_open_run_asks_the_same(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform()
    one, other_items = start(items=4, platform=platform, name=None), start(items=5, platform=platform, name=None)
    again = start(items=4, platform=platform, name=None, overlap=3)
    (said,) = (line for line in announcement(again, None) if "the same items" in line)
    assert f"launch again with name={one.name!r}" in said
    assert not any("the same items" in line for run in (one, other_items) for line in announcement(run, None))
    for run in (one, again):
        run.stop()
        finish(run)
    assert "the same items" not in str(start(items=4, platform=platform, name=None).notices)


@pytest.mark.parametrize("name", ["", "Big", "a b", "../up", "x" * 101, "-rf", ".hidden", "con", "Ж"])
def test_a_name_that_is_none_is_refused_before_anything_is_made(start: Start, workspace: Path, name: str) -> None:
    with pytest.raises(SpecError, match="small letters"):
        start(name=name)
    assert not (workspace / "runs").exists() or not list((workspace / "runs").iterdir())


def test_launching_a_finished_run_again_gives_its_results_and_asks_nothing(start: Start, finish: Finish) -> None:
    run = start(items=8, workers=good(3))
    finish(run)
    again = start(items=8, platform=SimulatedPlatform())
    assert again.wait(60, progress=False).stage == "done"
    assert again.labels().equals(run.labels())
    assert not again.driving


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"items": 9}, "items: there were 8 and 9 control items, here are 9 and 9 control items (run.add"),
        ({"overlap": (3, 5)}, "overlap was 2, is 3 to 5 here"),
        (
            {"speed": ()},
            "speed was ratio 0.1, restrict 1d, reject True; ratio 0.3, restrict 2h, reject False, is none here",
        ),
        ({"control": ControlRule(hard=0.4)}, "control.hard was 0.5, is 0.4 here; choose"),
        ({"task": dataclasses.replace(animal, duration=12.0)}, "task.duration was 10, is 12 here"),
        (
            {"task": dataclasses.replace(animal, instruction={"en": f"{'Look well. ' * 9}Which animal might it be?"})},
            "task.instruction.en was 'Which animal is it?', is 'Look well. Look well. Look well. Look w… here",
        ),
        (
            {"given": [*rows(7), {"caption": "animal 9"}]},
            "items: item '7': column 'caption' has 'animal 7' there, 'ani",
        ),
    ],
)
def test_a_name_taken_by_another_run_is_refused_with_each_difference(
    start: Start, finish: Finish, change: dict[str, Any], difference: str
) -> None:
    finish(start(items=8, workers=good(3)))
    with pytest.raises(RunError, match=re.escape(difference)):
        start(**{"items": 8, "platform": SimulatedPlatform(), **change})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"task": animal.function},
            "expected a Task or a Pipeline, got <function animal at .*; write @df.task above animal",
        ),
        (
            {"task": "animal"},
            "task: expected a Task or a Pipeline, got 'animal'; make one by @df.task above a function",
        ),
        ({"policy": {"overlap": 3}}, r"policy: expected a Policy, .* got {'overlap': 3}; write df.Policy\(overlap=3\)"),
        ({"overlap": (2, 5)}, r"no argument is named 'overlap'; write policy=df.Policy\(overlap=\(2, 5\)\)"),
        ({"name": "A b"}, "name: expected up to 100 small letters"),
        ({"platform": "simulated"}, r"made by SimulatedPlatform\("),
        ({"items": 5}, "items: expected a path"),
        ({"policy": "lax"}, "policy: no preset is named 'lax'; known: no-control, mild"),
    ],
)
def test_what_is_no_task_and_no_policy_is_said_before_anything_is_made(
    workspace: Path, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(df.DataForgeError, match=said):
        df.launch(**{"task": animal, "items": rows(1), "workspace": workspace, **given})
    assert not workspace.exists()


def test_of_two_launchers_one_drives_and_the_other_follows(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform(good(4), right, seed=1, events_per_poll=3)
    one = start(items=60, platform=platform)
    other = start(items=60, platform=platform)
    assert not other.driving
    assert finish(one).stage == finish(other).stage == "done"
    assert other.labels().equals(one.labels())
    assert other.responses().equals(one.responses())
    assert len(one.responses().drop_duplicates(["id", "worker"])) == len(one.responses())


def test_a_follower_takes_over_when_the_driver_lets_go(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform(good(4), right, seed=1, events_per_poll=2)
    one = start(items=60, platform=platform)
    other = start(items=60, platform=platform)
    one.close()
    assert finish(other).stage == "done"
    assert other.labels()["overlap"].tolist() == [2] * 60


def test_a_run_opened_by_its_name_reads_the_same_results(start: Start, finish: Finish, workspace: Path) -> None:
    run = start(items=12, workers=good(3))
    finish(run)
    opened = df.open_run("run", workspace)
    assert opened.labels().equals(run.labels())
    assert opened.workers().equals(run.workers())
    assert opened.cost().equals(run.cost())
    assert opened.status() == run.status()


def test_a_run_on_a_platform_that_lives_in_one_process_can_be_read_elsewhere_but_not_reached(
    start: Start, finish: Finish, workspace: Path
) -> None:
    finish(start(items=4, workers=good(2)))
    opened = df.open_run("run", workspace)
    assert opened.labels()["overlap"].tolist() == [2] * 4
    for reach in (opened.stop, opened.drive, lambda: opened.invitation):
        with pytest.raises(RunError, match=r"on the platform 'simulated', which cannot .* lives in"):
            reach()


def test_a_run_described_without_settings_by_an_older_version_finds_the_workspaces_server(
    start: Start, finish: Finish, workspace: Path
) -> None:
    finish(start(items=4, workers=good(2)))
    path = workspace / "runs" / "run" / "run.json"
    described = msgspec.json.decode(path.read_bytes())
    assert described.pop("settings") == {}
    path.write_bytes(msgspec.json.encode({**described, "platform": "embedded"}))
    opened = df.open_run("run", workspace)
    assert opened.status().stage == "done"
    platform = platform_of(RunFolder(path.parent).describe(), Workspace.at(workspace))
    assert isinstance(platform, EmbeddedPlatform)
    assert platform.workspace == Workspace.at(workspace)


@pytest.mark.parametrize(("platform", "why"), [("gone", "no plug-in .* is named 'gone'"), (7, "AttributeError")])
def test_a_run_whose_platform_no_package_offers_any_more_says_so(
    start: Start, finish: Finish, workspace: Path, platform: Any, why: str
) -> None:
    finish(start(items=4, workers=good(2)))
    described = replace(RunFolder(workspace / "runs" / "run").describe(), platform=platform)
    with pytest.raises(RunError, match=f"on the platform {platform!r}, which cannot be reached from here: .*{why}"):
        platform_of(described, Workspace.at(workspace))


def test_an_unknown_run_is_refused_with_the_names_there_are(start: Start, finish: Finish, workspace: Path) -> None:
    finish(start(items=4, workers=good(2)))
    with pytest.raises(RunError, match=r"there is no run 'other'.*runs are: run"):
        df.open_run("other", workspace)


def test_a_run_is_found_however_its_name_is_typed_and_by_no_path(start: Start, finish: Finish, workspace: Path) -> None:
    finish(start(items=4, workers=good(2), name=normalize("NFD", "café")))
    assert df.open_run(normalize("NFD", "café"), workspace).name == normalize("NFC", "café")
    for path in ("../runs/café", "café/", str(workspace / "runs" / "café"), ".", ""):
        with pytest.raises(RunError, match="expected a run's name"):
            df.open_run(path, workspace)


def test_runs_are_listed_with_how_they_ended(start: Start, finish: Finish, workspace: Path) -> None:
    finish(start(items=4, workers=good(2), name="first"))
    waiting = start(items=4, workers=(), name="second")
    infos = {info.name: info for info in df.list_runs(workspace)}
    assert (infos["first"].ending, infos["first"].driven) == ("done", False)
    assert (infos["second"].ending, infos["second"].driven) == (None, True)
    assert infos["second"].task == "animal"
    waiting.close()


@pytest.mark.parametrize("rule", [ReportRule(), None])
def test_a_run_of_an_older_version_is_the_same_whatever_a_rule_it_did_not_know_says(
    start: Start, finish: Finish, workspace: Path, rule: ReportRule | None
) -> None:
    finish(start(items=4, workers=good(2), reports=rule))
    path = workspace / "runs" / "run" / "run.json"
    described = msgspec.json.decode(path.read_bytes())
    del described["policy"]["reports"]
    path.write_bytes(msgspec.json.encode(described))
    assert start(items=4, platform=SimulatedPlatform(), reports=rule).wait(60, progress=False).stage == "done"
    assert df.Policy.from_json(described["policy"]).reports is None


def test_a_run_launched_anew_under_an_old_name_gets_no_answers_to_old_items(
    start: Start, finish: Finish, workspace: Path
) -> None:
    platform = SimulatedPlatform(good(2), right)
    finish(start(items=4, platform=platform))
    shutil.rmtree(workspace / "runs" / "run")
    for _ in range(2):
        # The same items or others: what was answered was asked by another run.
        with pytest.raises(Refused, match="there is another run named 'run', launched at another time"):
            start(items=4, platform=platform)
    assert not RunFolder(workspace / "runs" / "run").exists


def test_a_launch_that_was_cut_off_before_the_run_was_described_goes_on_as_the_same_run(
    start: Start, finish: Finish, workspace: Path
) -> None:
    platform = SimulatedPlatform(good(2), right)
    run = start(items=4, platform=platform)
    run.close()
    (workspace / "runs" / "run" / "run.json").unlink()
    (workspace / "runs" / "run" / "log.jsonl").unlink()
    again = start(items=4, platform=platform)
    finish(again)
    assert again.labels()["answer"].tolist() == ["dog", "cat", "other", "dog"]


def test_the_runner_takes_up_a_run_under_the_name_of_one_that_was_over(workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / "run")
    folder.path.mkdir(parents=True)

    def described(launched_at: float, ended: bool) -> None:
        (folder.path / "run.json").write_text("{}")
        os.utime(folder.path / "run.json", (launched_at, launched_at))
        folder.log.write_text('{"entry":"finished","at":1,"ending":"done"}\n{"entry":"shown"}\n' if ended else "")

    left = orphans._Orphans(Workspace.at(workspace))
    described(1_000.0, ended=True)
    assert left.due(0.0, set()) == []
    described(2_000.0, ended=False)
    assert left.due(1.0, set()) == []
    assert left.due(1.0 + orphans.GRACE, set()) == [folder]


def test_the_runner_takes_up_a_run_at_once_whose_driver_it_has_seen_go(workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / "run")
    folder.path.mkdir(parents=True)
    (folder.path / "run.json").write_text("{}")
    left = orphans._Orphans(Workspace.at(workspace))
    with folder.lock():
        assert left.due(0.0, set()) == []
        assert left.due(1.0, set()) == []
    assert left.due(2.0, set()) == [folder]


def test_who_holds_a_lock_for_a_moment_has_not_driven_the_run(workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / "run")
    folder.path.mkdir(parents=True)
    (folder.path / "run.json").write_text("{}")
    left = orphans._Orphans(Workspace.at(workspace))
    assert left.due(0.0, set()) == []
    with folder.lock():
        assert left.due(1.0, set()) == []
    assert left.due(2.0, set()) == [], "a launch that is just starting goes first"
    assert left.due(1.0 + orphans.GRACE, set()) == [folder]


def test_waiting_with_a_timeout_gives_the_status_of_a_run_that_goes_on(start: Start) -> None:
    run = start(items=8, workers=())
    status = run.wait(0.2, progress=False)
    assert not status.ended
    assert status.items_final == 0


def wait_for(condition: Callable[[], bool]) -> None:
    """Until the driver's thread has come to something; a minute at most."""
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        threading.Event().wait(0.01)


def test_nobody_coming_is_a_notice_that_says_what_to_do(start: Start) -> None:
    run = start(items=8, workers=(), stall_after="10m")
    wait_for(lambda: run.status().stage == "stalled")
    (notice,) = [notice for notice in run.notices if "No worker has joined" in notice["en"]]
    assert "8" in notice["en"]
    assert "invitation" in notice["en"]
    assert "приглашение" in notice["ru"]


def test_an_overlap_above_the_number_of_workers_stalls_with_a_notice_and_does_not_hang(start: Start) -> None:
    run = start(items=8, workers=good(3), overlap=5)
    wait_for(lambda: run.status().stage == "stalled")
    assert any("up to 5 different workers, but only 3 have joined" in notice["en"] for notice in run.notices)
    status = run.wait(0.1, progress=False)
    assert not status.ended
    assert run.labels()["flag"].tolist() == ["incomplete"] * 8


def test_a_stall_ends_when_another_worker_comes(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform(good(1), right, seed=1)
    run = start(items=3, controls=0, page=(3, 0), platform=platform)
    wait_for(lambda: run.status().stage == "stalled")
    page = platform.take("run", "late")
    answers = [right(inputs) for inputs in page.inputs]  # type: ignore[union-attr]
    platform.forward(25)
    platform.submit("run", page.id, answers)  # type: ignore[union-attr]
    assert finish(run).stage == "done"


class SlowPages(SimulatedPlatform):
    """Its pages take the end of a run only once they `may`."""

    def __init__(self) -> None:
        super().__init__(good(2), right, seed=1)
        self.may = threading.Event()

    def show(self, run: str, snapshot: Snapshot) -> None:
        assert snapshot.stage != "done" or self.may.wait(60)
        super().show(run, snapshot)


def test_waiting_ends_with_the_run_and_not_with_its_last_item_on_the_pages(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataforge.runs.handle.holding.waiting.PAGES_PATIENCE", 0.1)
    platform = SlowPages()
    run = start(items=8, platform=platform)
    assert run.wait(60, progress=False).stage == "done"
    assert run.driving
    assert run.labels()["flag"].tolist() == [""] * 8
    platform.may.set()
    wait_for(lambda: not run.driving)


def test_a_run_stopped_by_hand_ends_with_what_it_has(start: Start, finish: Finish) -> None:
    run = start(items=8, workers=good(1))
    wait_for(lambda: run.status().responses == 8)
    run.stop()
    assert finish(run).stage == "stopped"
    assert run.labels()["flag"].tolist() == ["stopped"] * 8
    assert run.labels()["answer"].notna().all()


@pytest.mark.parametrize("beside", [{"bonuses": {0.5: 1}}, {"wage_floor": 1}])
def test_a_launch_says_what_its_cost_leaves_out(start: Start, beside: dict[str, Any]) -> None:
    run = start(items=30, platform=SimulatedPlatform(), **beside)
    assert (
        "  bonuses and what the wage floor brings come beside that, within the budget if there is one"
        in announcement(run, None)
    )


def test_a_run_of_known_workers_costs_no_less_than_is_said_to_be_the_least(start: Start, finish: Finish) -> None:
    free = {"page": None, "speed": (), "skips": None, "min_confidence": 0.6}
    run = start(items=300, controls=60, overlap=(1, 2), workers=crowd(2, arrives=0.0), **free)
    least = float(re.search(r"about \$([\d.]+) at least", run.about[2]["en"])[1])
    full = run._held.view.publication
    found = finish(run)
    assert found.responses < 330
    assert least <= found.cost < 300 * full.prices[-1] / 1e6 / full.real_per_page


def test_a_launch_says_what_it_asks_and_costs_and_how_a_run_of_that_name_has_ended(
    start: Start, finish: Finish
) -> None:
    run = start(items=30, overlap=(2, 5), platform=(platform := SimulatedPlatform()))
    # A page of 4 + 1 items takes 50 s and pays 0.014; seven and a half such pages twice, or eight five times.
    assert announcement(run, None)[1:4] == [
        "  items: 30; control items: 9; answers an item: from 2 to 5, as its confidence needs",
        "  items on a page: 4; control items: 1; about 50 s, $0.014, $1.01 an hour; pages for one worker: up to 8",
        "  the run costs about $0.21 at least, $0.56 at most",
    ]
    run.stop()
    assert finish(run).stage == "stopped"
    with pytest.raises(RunEnded, match=r"run.reopen\(\) opens one that was stopped"):
        run.resume()
    with pytest.raises(RunEnded, match="there is nothing to pause"):
        run.pause()
    again = start(items=30, overlap=(2, 5), platform=platform)
    assert (
        "  note: The run was stopped by hand; items left without enough answers: 30." in announcement(again, None)[-1]
    )


@pytest.mark.parametrize(
    ("controls", "wanted", "said"),
    [
        # By themselves 0.6 errors in 20 tries, and 0.6 in 20 + 9; at most four fifths of the doubt that is allowed.
        # That nine claims as sure as this were right lifts what is claimed.
        (0, 0.99, "without control items a crowd can be trusted no further than 0.97: .* about 55 items "),
        (9, 0.98, "by the control items there are (9), .* no further than 0.982: .* about 3 more control items, "),
        (0, 0.96, None),
        (9, 0.97, None),
    ],
)
def test_a_confidence_that_control_items_cannot_show_is_told_at_the_launch(
    start: Start, controls: int, wanted: float, said: str | None
) -> None:
    run = start(items=8, controls=controls, min_confidence=wanted, platform=SimulatedPlatform())
    found = [line for line in announcement(run, None) if "can be trusted no further than" in line]
    assert len(found) == (said is not None)
    assert said is None or re.search(re.escape(said).replace(r"\.\*", ".*"), found[0])


class Inviting(SimulatedPlatform):
    """Has an address where people would join."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def invitation(self, run: str) -> str:
        return self.address


@pytest.mark.parametrize(
    ("address", "only_here"),
    [
        ("http://127.0.0.1:8765/join/x", True),
        ("http://localhost:8765/join/x", True),
        ("http://[::1]:8765/join/x", True),
        ("http://192.168.0.7:8765/join/x", False),
        ("https://labels.example.org/join/x", False),
    ],
)
def test_a_link_that_opens_on_this_computer_only_is_printed_with_that(
    start: Start, address: str, only_here: bool
) -> None:
    said = announcement(start(items=4, platform=Inviting(address)), None)
    assert any("opens on this computer only" in line for line in said) == only_here


def test_what_an_open_link_costs_is_said_where_it_is_given(start: Start) -> None:
    said = announcement(start(items=4, name="photos", platform=Inviting("https://labels.example.org/join/x")), None)
    [told] = (line for line in said if "as many names as they like" in line)
    assert "dataforge invite photos --name" in told, "and what to give instead"
    assert not any("names as they like" in line for line in announcement(start(items=4), None)), "nobody comes by links"


def test_a_paused_run_says_so_and_goes_on_when_resumed(start: Start, finish: Finish) -> None:
    run = start(items=8, workers=())
    run.pause()
    wait_for(lambda: run.status().stage == "paused")
    assert any("run.resume()" in notice["en"] for notice in run.notices)
    run.resume()
    wait_for(lambda: run.status().stage != "paused")


def test_a_platform_that_goes_away_is_waited_for(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform(good(3), right, seed=1, events_per_poll=2)
    run = start(items=20, platform=platform)
    platform.down = True
    wait_for(lambda: any("does not answer" in notice["en"] for notice in run.notices))
    platform.down = False
    assert finish(run).stage == "done"


def test_detaching_needs_a_server_that_drives(task: df.Task, workspace: Path) -> None:
    with pytest.raises(RunError, match="detach"):
        df.launch(task, [{"caption": "animal 1"}], platform=SimulatedPlatform(), workspace=workspace, detach=True)


def test_the_last_snapshot_shows_every_item_final(start: Start, finish: Finish) -> None:
    platform = SimulatedPlatform(good(3), right, seed=1)
    run = start(items=20, platform=platform)
    finish(run)
    snapshot = platform.snapshot("run")
    assert snapshot is not None
    assert (snapshot.stage, snapshot.items_final, snapshot.items_total) == ("done", 20, 20)
    assert sum(snapshot.confidence) == 20
    assert snapshot.overlap == [0, 0, 20]
    assert snapshot.answers == {"answer": {"dog": 7, "cat": 7, "other": 6}}
    assert all(len(points) <= 200 for points in snapshot.series.values())
    assert snapshot.series["answers"][-1][1] == 40


def test_a_torn_last_line_is_cut_off_and_one_being_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = RunLog(path)
    log.append([Ticked(1.0), Ticked(2.0)])
    log.close()
    with open(path, "ab") as file:
        file.write(b'{"entry":"ticked","at":3')
    assert [entry for entry, _ in read_entries(path)] == [Ticked(1.0), Ticked(2.0)]
    log = RunLog(path)
    log.append([Ticked(4.0)])
    log.close()
    assert [entry for entry, _ in read_entries(path)] == [Ticked(1.0), Ticked(2.0), Ticked(4.0)]


def test_a_damaged_log_is_said_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"entry":"ticked","at":1}\nrubbish\n')
    with pytest.raises(RunError, match="damaged before byte 34"):
        list(read_entries(path))


def test_how_a_run_ended_is_read_from_the_end_of_its_log(start: Start, finish: Finish, workspace: Path) -> None:
    finish(start(items=4, workers=good(2)))
    log = RunFolder(workspace / "runs" / "run").log
    assert last_shown(log)
    assert last_ending(log) == "done"
    assert last_ending(log.with_name("nothing")) is None


def test_who_labels_alone_and_experts_are_told_nothing_that_is_of_crowds() -> None:
    items = df.read_items(animal, rows(3))
    alone = df.Policy(page=(1, 0), page_price=0, overlap=1)
    experts = df.Policy(page=(1, 0), page_price=0, workers=df.Workers(skills={f"{EXPERT}animal": 1}))
    for policy in (alone, experts):
        said = [notice["en"] for notice in describe("run", animal, items, policy, SimulatedPlatform()).notices]
        assert not [one for one in said if "unverified" in one or "usual limits" in one]
    many = describe("run", animal, items, df.Policy(page=(1, 0)), SimulatedPlatform()).notices
    assert len([one for one in many if "unverified" in one["en"] or "usual limits" in one["en"]]) == 2


def test_a_name_longer_than_any_is_refused_in_words_wherever_it_is_given(start: Start, workspace: Path) -> None:
    for asked in (lambda: start(name="x" * 300), lambda: df.open_run("я" * 101, workspace=workspace)):
        with pytest.raises(DataForgeError, match=r"up to 100 (characters|small letters)"):
            asked()


def test_a_name_with_blanks_is_refused_with_one_without(start: Start) -> None:
    with pytest.raises(SpecError, match="write 'отзывы-мая'"):
        start(name="Отзывы  мая")
