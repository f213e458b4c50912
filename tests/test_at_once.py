"""Tests are collected once and taken by several processes; nothing of what became of them is lost on the way."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests import at_once

ROOT = Path(__file__).parents[1]
CONFTEST = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.conftest import (
    pytest_addoption, pytest_collection, pytest_configure, pytest_runtest_makereport, pytest_terminal_summary
)
"""
FILES = {
    "test_calm": """
import os, warnings
from pathlib import Path
with Path(__file__).with_suffix(".read").open("a") as read:
    read.write("once")
def note(name):
    with Path(__file__).with_name("pids").open("a") as pids:
        pids.write(f"{name} {os.getpid()} {os.nice(0)}\\n")
def test_one(tmp_path):
    note("one")
    (tmp_path / "it").write_text("is its own")
def test_two(tmp_path):
    note("two")
    assert not list(tmp_path.iterdir())
    warnings.warn("this is told")
""",
    "test_page": """
import pytest
from test_calm import note
@pytest.mark.browser
def test_page(): note("page")
""",
    "test_wrong": """
import pytest
def test_wrong():
    print("what it said")
    assert 1 == 2
def test_left_out():
    pytest.skip("with a reason")
""",
    "test_dies": """
import os
def test_before(): pass
def test_dies(): os._exit(3)
def test_after(): pass
""",
    "test_stays": """
import threading
def test_stays(): threading.Thread(target=threading.Event().wait).start()
""",
    "test_interrupted": """
import os, signal, pytest
@pytest.mark.parametrize("number", range(300))
def test_many(number):
    print("." * 1_000)
    if number == 0:
        os.kill(os.getppid(), signal.SIGINT)
""",
    "test_slow": "import time\ndef test_slow(): time.sleep(0.5)",
}


def tried(folder: Path, *files: str, more: tuple[str, ...] = ()) -> str:
    (folder / "conftest.py").write_text(CONFTEST)
    for file in files:
        (folder / f"{file}.py").write_text(FILES[file])
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "--rootdir", str(folder), *more]
    return subprocess.run([*command, "--at-once", "2", str(folder)], capture_output=True, text=True, timeout=150).stdout


def test_what_became_of_each_test_is_told_as_if_one_process_had_run_them(tmp_path: Path) -> None:
    told = tried(tmp_path, "test_calm", "test_page", "test_slow", "test_wrong")
    assert "1 failed, 4 passed, 1 skipped, 2 warnings" in told, told
    assert "assert 1 == 2" in told
    assert "what it said" in told
    assert "with a reason" in told
    assert "UserWarning: this is told" in told
    assert (tmp_path / "test_calm.read").read_text() == "once"
    # The tests of a file are run by one process, which is not the one that collected them.
    lines = [line.split() for line in (tmp_path / "pids").read_text().splitlines()]
    pids, nice = ({line[0]: line[at] for line in lines} for at in (1, 2))
    assert pids["one"] == pids["two"]
    # What is no page lets pages go first.
    assert int(nice["one"]) == max(os.nice(0), at_once.KIND_TO_PAGES)


def test_whoever_runs_pages_goes_first() -> None:
    before = os.nice(0)
    page = SimpleNamespace(get_closest_marker={"browser": pytest.mark.browser.mark}.get)
    assert at_once.politely([page]) == [page]  # type: ignore[list-item]
    assert os.nice(0) == before


def test_whoever_is_through_with_pages_helps_the_others_and_the_other_way_round() -> None:
    pages, rest = at_once.queued([3, 1]), at_once.queued([0, 2])
    begins, helps = at_once.numbers((pages, rest)), at_once.numbers((rest, pages))
    assert [next(begins), next(helps), next(begins), next(begins)] == [3, 0, 1, 2]
    assert list(helps) == list(begins) == []


def test_what_takes_longest_comes_first_and_is_there(request: pytest.FixtureRequest) -> None:
    items = [item for item in request.session.items if at_once.file_of(item) == "tests/test_at_once.py"]
    assert at_once.turn(items) < at_once.turn(items[:1])
    first = [SimpleNamespace(nodeid=f"tests/{at_once.LONGEST[0]}::test_it")]
    assert at_once.turn(first) < at_once.turn(items)  # type: ignore[arg-type]
    assert [name for name in at_once.LONGEST if not (ROOT / "tests" / name).is_file()] == []


def test_tests_of_a_process_that_dies_have_failed(tmp_path: Path) -> None:
    told = tried(tmp_path, "test_calm", "test_dies")
    assert "2 failed, 3 passed" in told, told
    assert "was to run this test, or was running it, has ended" in told
    # Where there is room for it, and wherever CI is set, the reason stands behind the name.
    failed = [line.partition(" - ")[0].rpartition("::")[2] for line in told.splitlines() if line.startswith("FAILED ")]
    assert failed == ["test_dies", "test_after"]


def test_a_thread_that_never_ends_holds_nobody_up(tmp_path: Path) -> None:
    assert "2 passed" in tried(tmp_path, "test_slow", "test_stays")


def test_an_interrupt_ends_all_however_much_they_still_have_to_tell(tmp_path: Path) -> None:
    assert "KeyboardInterrupt" in tried(tmp_path, "test_interrupted")


@pytest.mark.parametrize(("more", "status"), [(("-x",), "stopping after 1 fail"), (("--collect-only",), "collected")])
def test_what_pytest_is_asked_for_besides_is_done(tmp_path: Path, more: tuple[str, ...], status: str) -> None:
    told = tried(tmp_path, "test_wrong", "test_slow", more=more)
    assert status in told, told
    assert "skipped" not in told
