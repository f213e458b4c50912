"""A driver of two stages stopped at any moment: the next one ends with answers judged as well, and paid once."""

import threading
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.runs.test_crash_points import (
    NOWHERE,
    Killed,
    MortalLog,
    MortalLoop,
    MortalPlatform,
    Points,
    deaths,
    lives_until_nothing_is_new,
)
from tests.runs.test_judged_answers import crowd, heard, hears, mishears, mishears_what_is_new, truth

import dataforge as df
from dataforge.corrections import Correct
from dataforge.data.drafts import Planting, planted
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Judged, read_entries, read_finals
from dataforge.runs.driving.checks import check_folder
from dataforge.runs.driving.turns import drive as go_round
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launches.checks import launch_checks, parted, shares
from dataforge.runs.handle.launches.describe import describe
from dataforge.runs.handle.run import Run

PARTS = 2

pytestmark = [pytest.mark.trials, pytest.mark.usefixtures("fits_remembered")]


class Trial:
    """A run whose answers are judged, driven until both stages end, however often the driver dies."""

    def __init__(self, workspace: Path, *, drafts: bool = False, attempts: int = 3) -> None:
        self.platform = SimulatedPlatform(
            crowd(hears, mishears, hears, hears, mishears_what_is_new, *[hears] * 5), truth, seed=4, events_per_poll=6
        )
        self.folder = RunFolder(workspace / "runs" / "run")
        policy = df.Policy(page=(3, 1), control=None, speed=(), check=df.Policy(page=(3, 1), overlap=(2, 3), speed=()))
        policy = policy.changed(check_drafts=drafts, attempts=attempts)
        rows = [{"sound": f"s{number}", "draft": f"s{number}{'?' if number % 3 else '!'}"} for number in range(9)]
        items = df.read_items(heard, rows, prefill="draft" if drafts else None)
        known = [{"sound": f"k{number}", "answer": f"k{number}!"} for number in range(6)]
        asked = parted(heard, policy, df.Items.join(items, df.read_items(heard, known, control=True)))
        asked = replace(asked, items=planted(asked.items, None, Planting.under(policy)))
        policy, checks = shares(asked, policy, more=False)
        assert checks is not None
        described = describe("run", heard, asked.items, policy, self.platform).with_identity(self.folder.identity())
        self.platform.publish(described.publication)
        check = launch_checks(self.folder, asked, checks, self.platform, show=False)
        self.folder.create(msgspec.structs.replace(described, check=check), asked.items)

    def drive(self, deadly: int, known: set[str] | None = None) -> int:
        """Drive both to the end, or to the deadly moment; how many moments were passed."""
        points = Points(deadly, known)
        main = RunView.open(self.folder)
        check = check_folder(main)
        assert check is not None
        with ExitStack() as stack:
            loops = []
            judging = RunView.open(check)
            for view in (main, judging):
                log = MortalLog(view.folder.log, points)
                stack.callback(view.feed.close)
                stack.callback(log.close)
                view.catch_up()
                platform, beside = MortalPlatform(self.platform, points), judging if view is main else None
                loops.append(MortalLoop(view, platform, log, points, keeps=False, judging=beside))
            with suppress(Killed):
                go_round(loops, threading.Event())
        return points.passed

    def run(self) -> Run:
        return Run(self.folder, self.folder.describe(), lambda: self.platform)


@pytest.mark.parametrize("first", range(PARTS))
def test_a_driver_of_both_stages_may_be_killed_at_any_moment(tmp_path: Path, first: int, moments_apart: int) -> None:
    moments = Trial(tmp_path / "calm").drive(NOWHERE)
    assert moments > 200
    for deadly in deaths(1, moments, 2 * moments_apart)[first::PARTS]:
        trial = Trial(tmp_path / f"killed{deadly}")
        trial.drive(deadly)
        trial.drive(NOWHERE)
        look_at(trial, f"killed at moment {deadly} of {moments}")


def look_at(trial: Trial, where: str) -> None:
    """Everything is judged well, once, by others than its authors, and paid once."""
    run = trial.run()
    labels = run.labels()
    assert labels["answer"].tolist() == [f"s{number}!" for number in range(9)], where
    assert labels["verdict"].tolist() == ["right"] * 9, where
    check = run.check
    assert check is not None
    assert (run.status().stage, check.status().stage) == ("done", "done"), where
    judged = check.labels()
    assert not judged.duplicated(["sound", "answer"]).any(), where
    table = run.checks()
    assert not any(judge in by for judge, by in zip(table["judge"], table["by"], strict=True)), where
    pages = run.responses().groupby("page")["accepted"].first()
    price = run._held.description.publication.prices
    sizes = run.responses().groupby("page").size()
    assert trial.platform.spent("run") == sum(price[sizes[page] - 1] for page in pages.index[pages]), where
    run.close()


def test_a_driver_of_both_stages_may_die_of_everything_new(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    done = lives_until_nothing_is_new(lambda known: trial.drive(NOWHERE, known))
    assert done >= {"run Check is ordered", "run Judged", "run-check Final", "run-check is told Want"}
    look_at(trial, "dies of everything new")


def test_what_is_heard_of_the_judges_is_written_down_whole(tmp_path: Path) -> None:
    """No entry tells of a place in the judges' log before it tells all that was found up to there: who goes on from it
    after a death would wait for the rest for ever.
    """
    trial, told = Trial(tmp_path), set[str]()
    trial.drive(NOWHERE)
    check = check_folder(RunView.open(trial.folder))
    assert check is not None
    found = [(end, final.keys) for final, end in read_finals(check.log) if final is not None]
    heard_of = [entry for entry, _ in read_entries(trial.folder.log) if isinstance(entry, Judged) and not entry.friends]
    for entry in heard_of:
        told.update(entry.keys)
        assert told >= {key for end, keys in found if end <= entry.cursor for key in keys}, entry
    assert len(told) >= 9


def test_a_driver_that_has_drafts_judged_may_be_killed_at_any_moment(tmp_path: Path, moments_apart: int) -> None:
    moments = Trial(tmp_path / "calm", drafts=True).drive(NOWHERE)
    for deadly in deaths(1, moments, PARTS * 6 * moments_apart):
        trial = Trial(tmp_path / f"killed{deadly}", drafts=True)
        trial.drive(deadly)
        trial.drive(NOWHERE)
        run, where = trial.run(), f"killed at moment {deadly} of {moments}"
        labels = run.labels()
        assert labels["answer"].tolist() == [f"s{number}!" for number in range(9)], where
        assert (labels["author"] == "model").tolist() == [number % 3 == 0 for number in range(9)], where
        assert labels["attempts"].tolist() == [int(number % 3 > 0) for number in range(9)], where
        assert run.check is not None
        assert (run.status().stage, run.check.status().stage) == ("done", "done"), where
        assert not run.check.labels().duplicated(["sound", "answer"]).any(), where
        run.close()


def test_a_correction_of_the_judges_reaches_the_answers_whenever_a_driver_is_killed(
    tmp_path: Path, moments_apart: int
) -> None:
    """The requester says of an answer that was found right that it is wrong, after the end of both runs."""

    def corrected(folder: Path) -> Trial:
        trial = Trial(folder, attempts=1)
        trial.drive(NOWHERE)
        with trial.run() as run:
            assert run.check is not None
            judged = run.check.labels()
        check = trial.folder.check()
        assert check is not None
        with closing(check.feed()) as feed:
            [denied] = judged.loc[judged["answer"] == "s0!", "id"]
            feed.correct(check.describe().task(), Correct(denied, {"ok": False}))
        return trial

    def told(trial: Trial) -> tuple[str, list[str], bool]:
        with trial.run() as run:
            assert run.check is not None
            assert (run.status().stage, run.check.status().stage) == ("done", "done")
            said = run.responses()
            pages, sizes = said.groupby("page")["accepted"].first(), said.groupby("page").size()
            price = run._held.description.publication.prices
            owed = sum(price[sizes[page] - 1] for page in pages.index[pages])
            labels = run.labels()[["answer", "verdict"]]
            return labels.to_json(), labels["verdict"].tolist(), trial.platform.spent("run") == owed

    calm = corrected(tmp_path / "calm")
    moments = calm.drive(NOWHERE)
    assert moments > 10
    expected = told(calm)
    assert expected[1:] == (["wrong", *["right"] * 8], True)
    for deadly in deaths(1, moments, 2 * moments_apart):
        trial = corrected(tmp_path / f"killed{deadly}")
        trial.drive(deadly)
        trial.drive(NOWHERE)
        assert told(trial) == expected, f"killed at moment {deadly} of {moments}"
