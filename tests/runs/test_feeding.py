"""Runs that are fed while they run, or after they were done, and followed by their final answers."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.runs.conftest import animal, control_rows, crowd, right

import dataforge as df
from dataforge.errors import DataError, RunError, SpecError
from dataforge.feed import FEED_FILE
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always
from dataforge.records import Added, Batch, SetState, Snapshot
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Fed, Final, RunLog, Ticked, read_entries
from dataforge.runs.driving import loop, showing
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.turns import drive as go_round
from dataforge.runs.driving.view import RunView
from dataforge.runs.driving.watch import DriverWatch

Launch = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]
SOON = 60.0


def named(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [{"id": f"i{n}", "caption": f"animal {n}", **more} for n in numbers]


@pytest.fixture
def launch(workspace: Path) -> Iterator[Launch]:
    """Launch over named items, open unless said otherwise; two of six workers have to agree."""
    launched: list[df.Run] = []

    def start(
        *items: int,
        platform: SimulatedPlatform | None = None,
        control: Any = None,
        open: bool = True,  # noqa: A002
        **policy: Any,
    ) -> df.Run:
        settings: dict[str, Any] = {"page": (3, 0), "overlap": 2, "speed": (), "skips": None}
        run = df.launch(
            animal,
            named(*items) or None,
            control=control,
            policy=df.Policy(**{**settings, **policy}),
            name="run",
            platform=platform or SimulatedPlatform(crowd(6, arrives=0.0), right, seed=1),
            workspace=workspace,
            progress=False,
            open=open,
        )
        launched.append(run)
        return run

    yield start
    for run in launched:
        run.close()


def eventually(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < give_up, "it has not become true"
        time.sleep(0.01)


def taken(run: df.Run, count: int) -> list[Any]:
    """The next final answers, so many of them."""
    return list(itertools.islice(run.follow(timeout=SOON), count))


# --- feeding --------------------------------------------------------------------------------------


def test_a_run_launched_open_answers_what_it_is_given_and_ends_when_no_more_come(
    launch: Launch, finish: Finish
) -> None:
    run = launch()
    assert run.add(named(0, 1, 2, 3)) == Added(new=4, known=0)
    eventually(lambda: run.status().stage == "waiting")
    assert (run.status().items_final, run.status().items_total, run.status().ended) == (4, 4, False)
    assert run.add(named(4, 5)) == Added(new=2, known=0)
    run.finish()
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["id"].tolist() == [f"i{n}" for n in range(6)]
    assert labels["answer"].tolist() == ["dog", "cat", "other"] * 2
    assert labels["overlap"].tolist() == [2] * 6


def test_what_a_run_is_said_to_ask_and_cost_follows_what_is_added(launch: Launch, workspace: Path) -> None:
    run = launch(0, 1, 2, platform=SimulatedPlatform())
    # A page of 3 items takes 30 s and pays 0.008; one such page twice, and then two and a third, or three.
    assert [run.about[line]["en"] for line in (0, 2)] == [
        "items: 3; control items: 0; answers an item: 2",
        "the run costs about $0.016",
    ]
    run.add(named(3, 4, 5, 6))
    eventually(lambda: run.about[0]["en"].startswith("items: 7;"))
    assert run.about[2]["en"] == "the run costs about $0.037 at least, $0.048 at most"
    assert run.about[2]["ru"] == "запуск стоит примерно от 0,037\N{NO-BREAK SPACE}$ до 0,048\N{NO-BREAK SPACE}$"
    assert run.about[1]["en"].endswith("up to 3")
    with df.open_run("run", workspace) as follower:
        assert follower.about == run.about


class WatchedPages(SimulatedPlatform):
    """Notes at each poll how often the run was shown till then."""

    def __init__(self) -> None:
        super().__init__(crowd(6, arrives=0.0), right, seed=1)
        self.shown = 0
        self.at_polls: list[int] = []

    def poll(self, run: str, after: int, wait: float) -> Batch:
        self.at_polls.append(self.shown)
        return super().poll(run, after, wait)

    def show(self, run: str, snapshot: Snapshot) -> None:
        self.shown += 1
        super().show(run, snapshot)


def test_while_nothing_happens_nothing_is_shown_again(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "SHOW_EVERY", 0.0)
    monkeypatch.setattr(loop, "FEED_WAIT", 0.01)
    platform = WatchedPages()
    run = launch(0, 1, platform=platform)
    eventually(lambda: run.status().stage == "waiting")
    eventually(lambda: len(platform.at_polls) > 9 and len(set(platform.at_polls[-5:])) == 1)
    shown = platform.shown
    run.add(named(2))
    eventually(lambda: platform.shown > shown)


def test_a_driver_has_caught_up_when_it_was_told_that_no_more_come(launch: Launch, workspace: Path) -> None:
    run = launch(0, platform=SimulatedPlatform((), right))
    watch = DriverWatch(RunFolder(workspace / "runs" / "run").log)
    run.finish()
    eventually(lambda: not run._held.view.state.feed_open)
    eventually(watch.caught_up)
    assert not watch.ended


def test_a_run_that_was_launched_with_items_is_fed_while_it_runs(launch: Launch, finish: Finish) -> None:
    # Nobody has time for two answers to each of the first hundred items before the others come.
    run = launch(*range(100), platform=SimulatedPlatform(crowd(2, arrives=0.0), right, seed=1), open=False)
    assert run.add(named(100, 101)).new == 2
    assert finish(run).items_total == 102
    assert run.labels()["overlap"].tolist() == [2] * 102


def test_a_run_that_was_done_goes_on_when_items_come(launch: Launch, finish: Finish) -> None:
    run = launch(0, 1, open=False)
    first = finish(run)
    assert first.stage == "done"
    assert run.add(named(1, 2)) == Added(new=1, known=1)
    assert not run.status().ended
    again = finish(run)
    assert (again.stage, again.items_total, again.items_final) == ("done", 3, 3)
    assert again.cost > first.cost
    assert run.labels()["answer"].tolist() == ["dog", "cat", "other"]


def test_what_is_added_when_the_budget_is_spent_ends_the_run_and_is_not_waited_for(
    launch: Launch, workspace: Path
) -> None:
    # Two pages of three items, $0.008 each, are paid; nobody is at work, so nothing else would happen.
    run = launch(0, 1, 2, budget=0.017)
    assert len(taken(run, 3)) == 3
    run.add(named(3, 4, 5))
    assert run.wait(SOON).stage == "budget"
    # It ended at once, and not after an hour in which nothing came.
    entries = [entry for entry, _ in read_entries(RunFolder(workspace / "runs" / "run").log)]
    fed = max(number for number, entry in enumerate(entries) if isinstance(entry, Fed))
    assert not [entry for entry in entries[fed:] if isinstance(entry, Ticked)]


def test_a_run_that_was_done_goes_on_in_another_process_than_the_one_that_feeds_it(
    launch: Launch, finish: Finish, workspace: Path
) -> None:
    run = launch(0, open=False)
    finish(run)
    df.open_run("run", workspace).add(named(1))
    # Whoever waits takes a run over that nobody drives.
    assert finish(run).items_total == 2


def test_an_addition_by_another_process_is_seen_soon(launch: Launch, workspace: Path) -> None:
    run = launch()
    eventually(lambda: run.status().stage == "waiting")
    df.open_run("run", workspace).add(named(0))
    eventually(lambda: run.status().items_final == 1)


def test_what_is_added_twice_is_asked_once(launch: Launch, finish: Finish) -> None:
    run = launch(0)
    assert run.add(named(0, 1)) == Added(new=1, known=1)
    assert run.add(named(1, 0)) == Added(new=0, known=2)
    run.finish()
    finish(run)
    assert run.labels()["id"].tolist() == ["i0", "i1"]
    assert len(run.responses()) == 4


def test_a_known_key_with_other_content_is_refused_by_name(launch: Launch) -> None:
    run = launch(0)
    with pytest.raises(DataError, match="has an item 'i0' already, and it differs: column 'caption' has 'animal 0' th"):
        run.add([*named(1), {"id": "i0", "caption": "animal 7"}])
    run.add(named(2))
    eventually(lambda: run.status().items_total == 2)


def test_rows_are_checked_as_at_a_launch(launch: Launch) -> None:
    run = launch(0)
    with pytest.raises(DataError, match="row 2, column 'caption': expected a value, got none"):
        run.add([*named(1), {"id": "i2", "caption": None}])


def test_items_that_were_read_for_another_task_are_refused(launch: Launch, finish: Finish) -> None:
    @df.task(duration="10s")
    def language(word: df.Text) -> bool:
        """Is it English?"""
        raise NotImplementedError

    run = launch(0)
    run.add(named(1))
    foreign = df.read_items(language, [{"id": "w", "word": "hello"}])
    with pytest.raises(DataError, match="expected items of the task 'animal', got some that were read for 'language'"):
        run.add(foreign)
    run.add(df.read_items(animal, named(2)))
    run.finish()
    assert finish(run).items_total == 3


def test_local_files_of_added_items_may_be_gone_as_soon_as_they_are_added(
    finish: Finish, workspace: Path, tmp_path: Path
) -> None:
    @df.task(duration="10s")
    def photo(picture: df.Image) -> bool:
        """Is it sharp?"""
        raise NotImplementedError

    def stored(name: str) -> str:
        path = tmp_path / name
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
        return str(path)

    sharp = {"answer": True}
    platform = SimulatedPlatform([SimulatedWorker("ann", always(sharp))], lambda _: sharp, seed=1)
    policy = df.Policy(page=(1, 0), overlap=1, speed=())
    launched = {"name": "run", "policy": policy, "platform": platform, "workspace": workspace, "progress": False}
    with df.launch(photo, [{"id": "a", "picture": stored("a.png")}], open=True, **launched) as run:
        rows = [{"id": "b", "picture": stored("b.png")}]
        assert run.add(rows) == Added(new=1, known=0)
        (tmp_path / "b.png").unlink()
        run.finish()
        assert finish(run).stage == "done"
        assert run.labels()["answer"].tolist() == [True, True]


def test_control_items_can_be_added(launch: Launch, finish: Finish) -> None:
    controls = [{"id": f"c{n}", **row} for n, row in enumerate(control_rows(2))]
    run = launch(*range(4), control=controls[:1], page=(2, 1), control_ratio=1)
    run.add(control=controls)
    run.finish()
    assert finish(run).items_total == 4
    assert run.labels(control=True)["control"].tolist() == [False] * 4 + [True] * 2


def test_control_items_that_no_page_has_room_for_are_refused(launch: Launch) -> None:
    run = launch(*range(4), page=(2, 0))
    with pytest.raises(DataError, match="run 'run' has no control items on its pages, which are made up as the launch"):
        run.add(named(4), control=[{"id": "c1", **control_rows(1)[0]}])
    assert run.add(named(4)) == Added(new=1, known=0)


def test_carried_columns_come_through_whenever_they_came(launch: Launch, finish: Finish) -> None:
    run = launch(0)
    run.add(named(1, shot="May"))
    run.add([{"id": "i2", "caption": "animal 2", "year": 1999}])
    run.finish()
    finish(run)
    labels = run.labels()
    assert labels["shot"].fillna("").tolist() == ["", "May", ""]
    assert labels["year"].tolist()[2] == 1999


def test_the_column_that_names_items_at_the_launch_names_them_later(workspace: Path) -> None:
    rows = [{"photo": "a", "caption": "animal 1"}]
    platform = SimulatedPlatform((), right)
    with df.launch(
        animal, rows, name="run", id="photo", platform=platform, workspace=workspace, progress=False, open=True
    ) as run:
        assert run.add(rows) == Added(new=0, known=1)
        with pytest.raises(DataError, match="no column 'photo' to name the rows"):
            run.add(named(1))


@pytest.mark.parametrize(
    ("policy", "stage", "why"),
    [
        ({"page_price": 0.1, "budget": 0.3}, "budget", "its budget pays for no more pages"),
        ({"time_limit": "1min", "overlap": 6}, "time", "its time is over"),
    ],
)
def test_a_run_that_ended_before_it_was_done_takes_no_more(
    launch: Launch, finish: Finish, policy: dict[str, Any], stage: str, why: str
) -> None:
    run = launch(*range(30), open=False, **policy)
    assert finish(run).stage == stage
    with pytest.raises(RunError, match=f"'run' takes no more items: {why}; .*, or launch another run"):
        run.add(named(31))


def test_an_open_run_that_is_stopped_has_not_become_done(launch: Launch, finish: Finish) -> None:
    run = launch(0)
    eventually(lambda: run.status().stage == "waiting")
    run.stop()
    assert finish(run).stage == "stopped"
    with pytest.raises(RunError, match="it was stopped by hand"):
        run.add(named(1))


def test_a_run_that_nobody_drives_takes_nothing_from_the_moment_it_is_stopped(launch: Launch) -> None:
    run = launch(0, platform=SimulatedPlatform((), right))
    run.close()
    run.stop()
    with pytest.raises(RunError, match=r"stopped by hand; open it again, on its page, .* or run.reopen\(\)"):
        run.add(named(1))


class Waiting(SimulatedPlatform):
    """Nobody acts as long as it waits, whatever the process does that has launched a run on it."""

    waits = True

    def poll(self, run: str, after: int, wait: float) -> Batch:
        return Batch((), after, more=False) if self.waits else super().poll(run, after, wait)


def test_a_run_that_was_stopped_asks_nothing_that_has_come_since(launch: Launch, workspace: Path) -> None:
    platform = Waiting(crowd(2, arrives=0.0), right, seed=1, events_per_poll=1)
    run = launch(0, 1, 2, platform=platform, open=False)
    run.close()
    platform.waits = False
    view = RunView.open(RunFolder(workspace / "runs" / "run"))
    view.catch_up()
    log = RunLog(view.folder.log)
    loop = RunLoop(view, platform, log)
    loop.start()
    # One page of the two is in, the other is out.
    while not (view.state.pages_accepted == view.state.in_flight == 1):
        loop.round(5.0)
    # On its page, where nobody knows of a feed.
    platform.execute("run", [SetState("by hand", "closed")])
    while view.state.closing is None:
        loop.round(0.0)
    assert view.state.in_flight == 1
    with pytest.raises(RunError, match=r"stopped by hand; open it again, on its page, .* or run.reopen\(\)"):
        run.add(named(3))
    # Who adds may have been quicker than its driver heard of it.
    view.feed.reopen()
    run.add(named(3, 4, 5))
    go_round([loop], threading.Event())
    log.close()
    view.sync_offset()
    assert (view.state.ending, view.state.responses.accepted_total) == ("stopped", 6)
    assert df.open_run("run", workspace).labels()["flag"].tolist() == [""] * 3 + ["stopped"] * 3
    with pytest.raises(RunError, match="it was stopped by hand"):
        run.add(named(6))


def test_a_run_that_ended_without_a_feed_takes_no_more_and_stays_over(
    launch: Launch, finish: Finish, workspace: Path
) -> None:
    run = launch(0, open=False, platform=SimulatedPlatform((), right))
    run.stop()
    assert finish(run).stage == "stopped"
    run.close()
    folder = RunFolder(workspace / "runs" / "run")
    for file in folder.path.glob(f"{FEED_FILE}*"):
        file.unlink()
    again = df.open_run("run", workspace)
    with pytest.raises(RunError, match="it was stopped by hand"):
        again.add(named(1))
    assert folder.over()
    assert again.status().ended


def test_the_budget_of_the_launch_holds_for_what_comes_later(launch: Launch, finish: Finish) -> None:
    run = launch(0, 1, 2, open=False, page_price=0.1, budget=0.45)
    assert finish(run).stage == "done"
    run.add(named(*range(3, 12)))
    status = finish(run)
    assert (status.stage, status.cost <= 0.45) == ("budget", True)
    assert set(run.labels()["flag"][:3]) == {""}
    assert "budget" in set(run.labels()["flag"][3:])


def test_a_launch_without_items_has_to_be_open(workspace: Path) -> None:
    with pytest.raises(DataError, match="a launch needs items; give some, or launch the run open"):
        df.launch(animal, None, platform=SimulatedPlatform(), workspace=workspace, progress=False)


def test_launching_again_goes_on_with_a_run_that_was_fed(launch: Launch, finish: Finish) -> None:
    platform = SimulatedPlatform(crowd(6, arrives=0.0), right, seed=1)
    run = launch(0, platform=platform)
    run.add(named(1))
    eventually(lambda: run.status().items_final == 2)
    run.close()
    again = launch(0, platform=platform)
    assert again.add(named(0, 1, 2)) == Added(new=1, known=2)
    again.finish()
    assert finish(again).items_total == 3
    with pytest.raises(RunError, match="open was True, is False here"):
        launch(0, platform=platform, open=False)


# --- following ------------------------------------------------------------------------------------


def test_in_an_open_run_an_answer_is_final_as_soon_as_no_more_are_asked_for(launch: Launch) -> None:
    # All on one page: of a page with one and the same answer to all nothing would be known.
    run = launch(0, 1, 2, 3, min_confidence=0.6, page=(4, 0))
    answers = taken(run, 4)
    assert [answer.cursor for answer in answers] == [1, 2, 3, 4]
    assert {answer.key: answer.answers for answer in answers} == {
        f"i{n}": {"answer": ("dog", "cat", "other")[n % 3]} for n in range(4)
    }
    assert all(answer.overlap == 2 and answer.flag == "" and answer.confidence["answer"] > 0.5 for answer in answers)
    assert not run.status().ended


def test_followed_answers_are_those_of_the_labels(launch: Launch, finish: Finish) -> None:
    workers = crowd(8, 0.7, arrives=0.0)
    run = launch(platform=SimulatedPlatform(workers, right, seed=3), overlap=(2, 5), min_confidence=0.97)
    for n in range(0, 60, 4):
        run.add(named(*range(n, n + 4)))
    run.finish()
    finish(run)
    followed = {answer.key: answer for answer in run.follow()}
    labels = run.labels().set_index("id")
    assert len(followed) == len(labels) == 60
    assert {key: answer.answers["answer"] for key, answer in followed.items()} == labels["answer"].to_dict()
    # What gets its last answer while few items are there may be final without a confidence, see below.
    sure = labels["confidence"].dropna().to_dict()
    assert {key: answer.confidence["answer"] for key, answer in followed.items() if answer.confidence} == sure
    assert {key: answer.overlap for key, answer in followed.items()} == labels["overlap"].to_dict()
    assert {key: answer.flag for key, answer in followed.items()} == labels["flag"].to_dict()
    assert len(set(labels["overlap"])) > 1


def test_what_is_final_while_chance_explains_the_answers_as_well_has_no_confidence(
    launch: Launch, finish: Finish
) -> None:
    guessing = SimulatedPlatform(crowd(8, 1 / 3, arrives=0.0), right, seed=52)
    run = launch(platform=guessing, overlap=(2, 5), min_confidence=0.97)
    run.add(named(*range(4)))
    run.finish()
    finish(run)
    followed = {answer.key: answer for answer in run.follow()}
    unsure = [key for key, answer in followed.items() if not answer.confidence]
    assert unsure
    assert all(followed[key].answers and followed[key].overlap == 5 for key in unsure)
    labels = run.labels().set_index("id")
    assert set(unsure) == set(labels.index[labels["confidence"].isna()])


def test_what_is_final_stays_final_and_is_asked_no_more(launch: Launch, finish: Finish, workspace: Path) -> None:
    workers = crowd(8, 0.7, arrives=0.0)
    run = launch(platform=SimulatedPlatform(workers, right, seed=3), overlap=(2, 5), min_confidence=0.97)
    run.add(named(*range(20)))
    early = {answer.key: answer for answer in taken(run, 20)}
    run.add(named(*range(20, 60)))
    run.finish()
    finish(run)
    for labels in (run.labels(), df.open_run("run", workspace).labels()):
        rows = labels.set_index("id").to_dict("index")
        for key, answer in early.items():
            assert rows[key]["answer"] == answer.answers["answer"]
            assert rows[key]["confidence"] == answer.confidence.get("answer") or not answer.confidence
            assert rows[key]["overlap"] == answer.overlap


def test_in_an_ordinary_run_answers_are_final_at_its_end_with_their_flags(launch: Launch, finish: Finish) -> None:
    run = launch(*range(30), open=False, page_price=0.1, budget=0.5)
    finish(run)
    answers = list(run.follow())
    assert [answer.key for answer in answers] == run.labels()["id"].tolist()
    assert [answer.flag for answer in answers] == run.labels()["flag"].tolist()
    unanswered = [answer for answer in answers if answer.overlap == 0]
    assert unanswered
    assert all(answer.answers == answer.confidence == {} for answer in unanswered)


def test_following_goes_on_after_a_cursor_in_any_process(launch: Launch, finish: Finish, workspace: Path) -> None:
    run = launch(*range(9))
    run.finish()
    finish(run)
    everything = list(run.follow())
    assert len(everything) == 9
    for cursor in range(10):
        assert list(run.follow(after=cursor)) == everything[cursor:]
        assert list(df.open_run("run", workspace).follow(after=cursor)) == everything[cursor:]
    with pytest.raises(SpecError, match="10 is no cursor of this run, which has 9 final answers so far"):
        run.follow(after=10)


def test_a_followers_patience_may_be_written_as_any_duration(launch: Launch) -> None:
    assert list(launch().follow(timeout="50ms")) == []
    with pytest.raises(SpecError, match="timeout: expected a duration such as '10s'"):
        launch().follow(timeout="soon")


def test_a_follower_waits_for_answers_and_ends_with_the_run(launch: Launch, workspace: Path) -> None:
    run = launch(0)
    seen: list[str] = []

    def follow() -> None:
        seen.extend(answer.key for answer in df.open_run("run", workspace).follow(timeout=SOON))

    follower = threading.Thread(target=follow)
    follower.start()
    run.add(named(1))
    eventually(lambda: run.status().items_final == 2)
    run.finish()
    run.wait(SOON, progress=False)
    follower.join(SOON)
    assert sorted(seen) == ["i0", "i1"]


def test_a_follower_waits_no_longer_than_it_was_told(launch: Launch) -> None:
    assert list(launch().follow(timeout=0.05)) == []


@pytest.mark.parametrize("cursor", [-1, 1.5, "3", None, True])
def test_a_cursor_is_a_number(launch: Launch, cursor: Any) -> None:
    with pytest.raises(SpecError, match=f"after: expected .*, got {cursor!r}"):
        launch().follow(after=cursor)


@pytest.mark.parametrize("nothing", [[], {"caption": []}, pd.DataFrame({"caption": []}), iter(())])
def test_no_rows_are_none_to_add(launch: Launch, nothing: Any) -> None:
    assert launch(0).add(nothing) == Added(new=0, known=0)


def test_to_add_neither_items_nor_control_items_is_a_mistake(launch: Launch) -> None:
    with pytest.raises(SpecError, match="nothing to add"):
        launch(0).add()


def test_items_that_say_what_others_say_are_counted(launch: Launch) -> None:
    run = launch(0, 1)
    again = [{"id": "other", "caption": "animal 0"}, {"id": "i1", "caption": "animal 1"}, *named(2)]
    assert run.add(again) == Added(new=2, known=1, repeated=1)
    assert run.add([{"id": "third", "caption": "animal 2"}]).repeated == 1


def test_answers_of_a_run_that_goes_on_follow_those_it_had(launch: Launch, finish: Finish) -> None:
    run = launch(0, 1, open=False)
    finish(run)
    before = list(run.follow())
    run.add(named(2))
    finish(run)
    assert list(run.follow())[:2] == before
    assert [answer.key for answer in run.follow(after=2)] == ["i2"]


def test_a_run_that_items_come_to_one_by_one_says_so_in_its_log_and_no_answer_twice(
    launch: Launch, finish: Finish, workspace: Path
) -> None:
    run = launch()
    for n in range(12):
        run.add(named(n))
    run.finish()
    finish(run)
    entries = [entry for entry, _ in read_entries(RunFolder(workspace / "runs" / "run").log)]
    assert sum(entry.items for entry in entries if isinstance(entry, Fed)) == 12
    keys = [key for entry in entries if isinstance(entry, Final) for key in entry.keys]
    assert sorted(keys) == sorted(f"i{n}" for n in range(12))


def test_a_run_that_was_stopped_and_resumed_while_nobody_drove_it_goes_on(launch: Launch, finish: Finish) -> None:
    # It hears of the two one by one, and the first alone would be the end.
    platform = SimulatedPlatform((), right, seed=1, events_per_poll=1)
    run = launch(0, platform=platform, open=False)
    eventually(lambda: run.status().stage in ("running", "stalled"))
    run.close()
    run.stop()
    run.resume()
    again = launch(0, platform=platform, open=False)
    eventually(lambda: again._held.view.state.cursor == 2)
    assert not again.status().ended
    assert again.add(named(1)) == Added(new=1, known=0)
    again.stop()
    assert finish(again).stage == "stopped"
