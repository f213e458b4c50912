"""A run that is renamed, archived or deleted, by its own process, by another one, or by one that is killed over it."""

import shutil
from contextlib import suppress

import pytest
from filelock import FileLock
from tests.runs.conftest import crowd, right, rows

import dataforge as df
from dataforge.changes.gone import Gone, mark_gone
from dataforge.errors import DataForgeError, RunBusy, RunError, RunGone, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, TakenPage
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving import gone as driving
from dataforge.runs.driving.gone import carry_out
from dataforge.runs.handle.runner import all_driven
from dataforge.workspace import Workspace


@pytest.fixture
def place(workspace):
    return Workspace.at(workspace)


def folders(place):
    return sorted(path.name for path in place.runs.iterdir())


# --- rename ---------------------------------------------------------------------------------------


def test_a_renamed_run_has_its_answers_and_its_old_name_is_free(start, finish, place):
    run = start(workers=crowd(6))
    finish(run)
    before = run.labels()
    run.rename("фото-2.1")
    assert run.name == "фото-2.1"
    assert folders(place) == ["фото-2.1"]
    assert run.labels().equals(before)
    assert df.open_run("фото-2.1", place).status().items_final == 30
    assert start(items=5, workers=crowd(6)).status().items_total == 5


def test_a_run_that_goes_on_is_renamed_and_goes_on_with_its_items_in_the_same_order(start, finish):
    platform = SimulatedPlatform(crowd(6), right, seed=1)
    run = start(platform=platform)
    run.rename("second")
    assert finish(run).items_final == 30
    run.rename("third")
    assert len(run.labels()) == 30


def test_a_name_that_is_taken_or_no_name_is_refused_and_nothing_is_changed(start, finish):
    run = start(workers=crowd(6))
    finish(run)
    start(items=5, workers=crowd(6), name="other")
    with pytest.raises(RunError, match="another run is named 'other' already"):
        run.rename("other")
    with pytest.raises(SpecError, match="small letters of any script"):
        run.rename("-rf")
    with pytest.raises(SpecError, match=r"got 'Одежда'; write 'одежда'$"):
        run.rename("Одежда")
    assert run.name == "run"
    assert run.status().items_final == 30


def test_who_has_the_run_open_elsewhere_is_told_its_new_name(start, finish, place):
    run = start(workers=crowd(6))
    finish(run)
    other = df.open_run("run", place)
    run.rename("second")
    with pytest.raises(RunGone, match=r"run 'run' was renamed: go on with it by open_run\('second'\)"):
        other.labels()
    assert folders(place) == ["second"]


@pytest.mark.parametrize("platform", [None, SimulatedPlatform(crowd(6), right, seed=1)], ids=["apart", "together"])
def test_a_renaming_that_was_cut_off_is_called_off_if_another_run_has_the_name_by_then(start, finish, place, platform):
    run = start(platform=platform or SimulatedPlatform(crowd(6), right, seed=1))
    finish(run)
    run.close()
    folder = RunFolder.of(place, "run")
    mark_gone(folder.path, Gone("renamed", "other"))
    finish(start(items=5, platform=platform or SimulatedPlatform(crowd(6), right, seed=1), name="other"))
    with pytest.raises(DataForgeError, match="another run is named 'other' already"):
        carry_out(folder, place, platform)
    assert len(df.open_run("run", place).labels()) == 30
    assert len(df.open_run("other", place).labels()) == 5


def test_a_launch_that_has_begun_under_the_new_name_is_left_alone(start, place):
    run = start(workers=crowd(6))
    coming = RunFolder.of(place, "other")
    coming.identity()
    with coming.lock(), pytest.raises(RunError, match="another run is named 'other' already"):
        run.rename("other")
    assert (coming.path / "identity").exists()


# --- archive --------------------------------------------------------------------------------------


def test_an_archived_run_is_in_no_list_and_has_its_results(start, finish, place):
    run = start(workers=crowd(6))
    finish(run)
    run.archive()
    assert df.list_runs(place) == []
    assert [info.name for info in df.list_runs(place, archived=True)] == ["run"]
    assert len(df.open_run("run", place).labels()) == 30
    with pytest.raises(RunError, match="is archived and nobody works at it: bring it back first"):
        start(workers=crowd(6))
    with pytest.raises(RunError, match="bring it back first"):
        mark_gone(place.runs / "run", Gone("renamed", "other"))
    run.unarchive()
    assert [info.name for info in df.list_runs(place)] == ["run"]
    assert run.wait(60, progress=False).ended


def test_a_run_that_had_not_ended_is_paused_when_it_is_brought_back(start):
    platform = SimulatedPlatform(seed=1)
    run = start(platform=platform)
    run.archive()
    assert platform.take("run", "ann").reason == "finished"
    run.unarchive()
    assert platform.take("run", "ann").reason == "paused"
    assert run.drive()
    run.resume()
    while not isinstance(platform.take("run", "ann"), TakenPage):
        pass


# --- delete ---------------------------------------------------------------------------------------


def test_a_deleted_run_is_gone_and_its_name_begins_anew(start, finish, place):
    platform = SimulatedPlatform(crowd(6), right, seed=1)
    run = start(platform=platform)
    finish(run)
    run.delete()
    assert folders(place) == []
    with pytest.raises(RunGone, match="was deleted, or its folder was removed"):
        run.labels()
    again = start(items=7, platform=platform)
    assert finish(again).items_total == 7
    with pytest.raises(RunGone):
        run.status()


def test_a_run_that_is_deleted_elsewhere_ends_its_driver_with_one_clear_sentence(start, place):
    run = start(platform=SimulatedPlatform(seed=1))
    mark_gone(RunFolder.of(place, "run").path, Gone("deleted"))
    with pytest.raises(RunGone, match=r"^run 'run' was deleted$"):
        run.wait(60, progress=False)
    carry_out(RunFolder.of(place, "run"), place, patience=10)
    run.close()
    assert folders(place) == []


def test_a_folder_that_was_removed_by_hand_is_met_in_clear_words_and_not_made_again(start, place):
    run = start(platform=SimulatedPlatform(seed=1))
    (place.runs / "run").rename(place.root / "removed")
    with pytest.raises(RunGone, match="its folder was removed"):
        run.wait(60, progress=False)
    for act in (run.stop, run.drive, run.labels, lambda: run.add(rows(40))):
        with pytest.raises(RunGone):
            act()
    assert folders(place) == []


def test_a_run_that_people_work_at_is_deleted_by_force_only(start, place):
    platform = SimulatedPlatform(seed=1)
    run = start(platform=platform)
    while not isinstance(platform.take("run", "ann"), TakenPage):
        pass
    with run._held.view.progressed:
        assert run._held.view.progressed.wait_for(lambda: run._held.view.state.in_flight, 10)
    with pytest.raises(RunError, match="pages that workers hold: 1, that wait for a verdict: 0"):
        run.delete()
    run.delete(force=True)
    assert folders(place) == []


def test_who_does_not_let_go_is_named_and_the_deletion_is_finished_by_the_next_one(start, place):
    run = start(platform=SimulatedPlatform(seed=1))
    folder = RunFolder.of(place, "run")
    run.close()
    with folder.lock():
        mark_gone(folder.path, Gone("deleted"))
        with pytest.raises(RunBusy, match="still driven by another process"):
            carry_out(folder, place)
        assert df.list_runs(place) == []
    assert start(items=4, workers=crowd(3)).status().items_total == 4


# --- killed at any point --------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


def dying_after(steps, function, count):
    """The function, which ends the process before or after its work once so many steps were made in all."""

    def step():
        count.append(None)
        if len(count) > steps:
            raise Killed

    def dying(*args, **kwargs):
        step()
        result = function(*args, **kwargs)
        step()
        return result

    return dying


@pytest.mark.parametrize("mark", [Gone("renamed", "second"), Gone("deleted")], ids=lambda mark: mark.what)
def test_a_run_is_whole_or_gone_wherever_a_renaming_or_deletion_is_cut_off(start, finish, place, monkeypatch, mark):
    run = start(workers=crowd(6))
    finish(run)
    labels = run.labels()
    run.close()
    shutil.copytree(place.runs, place.root / "saved")
    cut_off = 0
    for steps in range(20):
        shutil.rmtree(place.runs)
        shutil.copytree(place.root / "saved", place.runs)
        mark_gone(place.runs / "run", mark)
        count: list[None] = []
        with monkeypatch.context() as patched:
            for name in ("rename_status", "sync_folder", "bring_back", "clear_remains"):
                patched.setattr(driving, name, dying_after(steps, getattr(driving, name), count))
            patched.setattr(RunFolder, "write", dying_after(steps, RunFolder.write, count))
            with suppress(Killed):
                carry_out(RunFolder.of(place, "run"), place)
        cut_off += len(count) > steps
        if mark.what == "renamed":
            assert df.open_run("second", place).labels().equals(labels)
            assert [info.name for info in df.list_runs(place)] == ["second"]
        else:
            assert df.list_runs(place) == []
            carry_out(RunFolder.of(place, "run"), place)
            driving.clear_remains(place.runs)
            assert folders(place) == []
    assert cut_off >= 4


def test_who_waits_for_the_lock_of_a_run_that_another_process_deletes_just_then_finds_it_gone(
    start, finish, place, monkeypatch
):
    finish(start(workers=crowd(6)))
    folder, acquire = RunFolder.of(place, "run"), FileLock.acquire
    mark_gone(folder.path, Gone("deleted"))

    def deleted_meanwhile(lock, *arguments, **options):
        if folder.exists:
            shutil.rmtree(folder.path)
            raise FileNotFoundError(lock.lock_file)
        return acquire(lock, *arguments, **options)

    monkeypatch.setattr(FileLock, "acquire", deleted_meanwhile)
    carry_out(folder, place, patience=10)
    assert folders(place) == []


def test_a_run_that_is_deleted_while_it_is_looked_at_is_driven_by_nobody(start, finish, place, monkeypatch):
    finish(start(workers=crowd(6)))
    folder = RunFolder.of(place, "run")

    def deleted_meanwhile(lock, *arguments, **options):
        raise FileNotFoundError(lock.lock_file)

    monkeypatch.setattr(FileLock, "acquire", deleted_meanwhile)
    assert not folder.locked()
    assert not all_driven(place.runs)
