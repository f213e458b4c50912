"""Simulated people on a run of the workspace's server."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import dataforge as df
from dataforge.cli import run as command
from dataforge.endings import Ending, last_ending
from dataforge.errors import DataError, RunEnded, RunError, RunGone
from dataforge.platforms.embedded import connect
from dataforge.runs.driving.loop import RunLoop
from dataforge.simulation import runs, simulate
from dataforge.workspace import Workspace


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    address = workspace.server()
    assert address is not None
    yield workspace
    with suppress(ProcessLookupError):
        os.kill(address.pid, signal.SIGTERM)


@df.task(duration="10s")
def even(number: df.Text) -> bool:
    """Is it even?"""
    raise NotImplementedError


def numbers(*these: int) -> list[dict[str, object]]:
    return [{"id": f"n{n}", "number": str(n), "answer": n % 2 == 0} for n in these]


def asked(*these: int) -> list[dict[str, object]]:
    return [{"id": row["id"], "number": row["number"]} for row in numbers(*these)]


def test_people_know_the_answers_of_control_items_that_were_fed(served: Workspace) -> None:
    with df.launch(
        even,
        asked(0, 1, 2, 3),
        control=numbers(10, 11),
        policy=df.Policy(page=(2, 2), overlap=3, control_ratio=0, control=None, speed=()),
        name="run",
        workspace=served,
        progress=False,
        open=True,
    ) as run:
        run.add(asked(4, 5), control=numbers(12, 13))
        run.finish()
        # Each of the three is needed for every item, and sees all control items on the way.
        simulate("run", numbers(*range(6)), workers=3, mix={"good": 1.0}, seed=1, workspace=served)
        assert run.wait(60, progress=False).stage == "done"
        assert set(run.responses()["id"]) >= {"n4", "n5", "n12", "n13"}


def test_people_learn_of_control_items_that_are_fed_while_they_work(served: Workspace) -> None:
    with df.launch(
        even,
        asked(*range(6)),
        control=numbers(10, 11),
        policy=df.Policy(page=(2, 2), overlap=3, control_ratio=0, control=None, speed=()),
        name="run",
        workspace=served,
        progress=False,
    ) as run:
        late = iter([numbers(12, 13)])
        simulate(
            "run", numbers(*range(6)), workers=3, mix={"good": 1.0}, seed=1, workspace=served,
            on_page=lambda: [run.add(control=rows) for rows in late] and None,
        )  # fmt: skip
        assert run.wait(60, progress=False).stage == "done"
        assert set(run.responses()["id"]) >= {"n12", "n13"}


def test_an_item_to_which_nobody_knows_the_answer_locks_no_page(served: Workspace) -> None:
    with df.launch(
        even, asked(0, 1), policy=df.Policy(page=(2, 0), overlap=1, speed=()), name="run", workspace=served,
        progress=False,
    ) as run:  # fmt: skip
        with pytest.raises(DataError, match="knows no right answer"):
            simulate("run", numbers(0), workers=1, mix={"good": 1.0}, seed=1, workspace=served)
        simulate("run", numbers(0, 1), workers=2, mix={"good": 1.0}, seed=2, workspace=served)
        assert run.wait(60, progress=False).stage == "done"
        with pytest.raises(RunEnded, match=r"'run' has ended \(done\) and gives out no pages: add items to it, then"):
            simulate("run", numbers(0, 1), workers=2, mix={"good": 1.0}, seed=2, workspace=served)
        run.archive()
    with pytest.raises(RunGone, match="archived and nobody works at it: bring it back first"):
        simulate("run", numbers(0, 1), workers=2, mix={"good": 1.0}, seed=2, workspace=served)


def test_rules_about_speed_are_told_before_they_keep_everybody_out_of_a_run_or_of_its_check(served: Workspace) -> None:
    slow = df.launch(even, asked(0, 1), policy=df.Policy(page=(2, 0)), name="run", workspace=served, progress=False)
    with (
        slow,
        pytest.raises(RunError, match=r"^run 'run' closes itself to who is fast, .* with df\.Policy\(speed=\(\)\)"),
    ):
        simulate("run", numbers(0, 1), workers=2, workspace=served)
    policy = df.Policy(page=(2, 0), quality="check", speed=(), check=df.Policy(overlap=2))
    judged = df.launch(even, asked(0, 1), policy=policy, name="judged", workspace=served, progress=False)
    with judged, pytest.raises(RunError, match=r"^run 'judged-check' .* with check=df\.Policy\(speed=\(\), …\)$"):
        simulate("judged", numbers(0, 1), workers=2, workspace=served)
    assert not slow.responses().size, "nobody came"


def test_what_people_go_by_may_be_a_file_in_another_encoding(served: Workspace, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("id,number,answer\nа,два,true\nб,три,false\n", "cp1251")
    asked = [{"id": "а", "number": "два"}, {"id": "б", "number": "три"}]
    policy = df.Policy(page=(2, 0), overlap=1, speed=())
    with df.launch(even, asked, policy=policy, name="run", workspace=served, progress=False) as run:
        options = ["--truth", str(truth), "--encoding", "cp1251", "--workspace", str(served.root)]
        with pytest.raises(SystemExit, match="0"):
            command(["simulate", "run", *options])
        assert run.wait(60, progress=False).stage == "done"


def test_people_take_the_training_of_a_run_before_they_answer(served: Workspace) -> None:
    lessons = [{**row, "hint": "look at the last digit"} for row in numbers(*range(20, 28))]
    with df.launch(
        even,
        asked(*range(6)),
        training=lessons,
        policy=df.Policy(page=(3, 0), overlap=2, training=90, control=None, speed=()),
        name="run",
        workspace=served,
        progress=False,
    ) as run:
        mix = {"good": 0.5, "always": 0.5}
        report = simulate("run", numbers(*range(6)), workers=6, mix=mix, seed=1, workspace=served, page_patience=1)
        assert run.wait(60, progress=False).stage == "done"
        passed = run.trainees().set_index("worker")["passed"]
        assert {person.worker for person in report.workers if person.pages} <= set(passed[passed].index)
        assert not passed[
            [one.worker for one in report.workers if one.honesty == "always" and one.worker in passed]
        ].any()
        assert len(run.responses()) == 12


def test_right_answers_that_cannot_be_read_are_called_as_the_argument_is(served: Workspace) -> None:
    policy = df.Policy(page=(2, 0), overlap=1, speed=())
    with df.launch(even, asked(0, 1), policy=policy, name="told", workspace=served, progress=False):
        with pytest.raises(DataError, match=r"truth: expected items with their right answers.*Simulation\(…\)"):
            simulate("told", lambda inputs: True, workspace=served)
        with pytest.raises(DataError, match="truth: no column 'number'"):
            simulate("told", [{"nummer": "1", "answer": True}], workspace=served)


def test_it_is_told_that_a_run_waits_for_others_when_all_simulated_people_have_gone(served: Workspace) -> None:
    policy = df.Policy(page=(2, 0), overlap=2, speed=())
    with df.launch(even, asked(0, 1), policy=policy, name="run", workspace=served, progress=False) as run:
        alone = simulate("run", numbers(0, 1), workers=1, mix={"good": 1.0}, workspace=served, page_patience=0.2)
        assert alone.unfinished
        assert "the run is not over, and waits for more people" in repr(alone)
        both = simulate("run", numbers(0, 1), workers=2, mix={"good": 1.0}, seed=5, workspace=served)
        assert not both.unfinished
        assert "waits" not in repr(both)
        assert run.wait(60, progress=False).stage == "done"


def test_who_sees_a_run_closed_waits_for_its_driver_to_say_how_it_ended(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()

    def look(log: Path) -> Ending | None:
        ending = last_ending(log)
        looked.set()
        return ending

    def held_up(loop: RunLoop, ending: Ending) -> None:
        looked.wait(10)
        end(loop, ending)

    end = RunLoop._end
    monkeypatch.setattr(RunLoop, "_end", held_up)
    monkeypatch.setattr(runs, "last_ending", look)
    policy = df.Policy(page=(2, 0), overlap=1, speed=())
    with df.launch(even, asked(0, 1), policy=policy, name="run", workspace=served, progress=False):
        report = simulate("run", numbers(0, 1), workers=1, mix={"good": 1.0}, workspace=served)
        assert not report.unfinished
