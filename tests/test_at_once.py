"""Tests are collected once and taken by several processes; nothing of what became of them is lost on the way."""

import subprocess
import sys
from pathlib import Path

import pytest

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
        pids.write(f"{name} {os.getpid()}\\n")
def test_one(tmp_path):
    note("one")
    (tmp_path / "it").write_text("is its own")
def test_two(tmp_path):
    note("two")
    assert not list(tmp_path.iterdir())
    warnings.warn("this is told")
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
    "test_slow": "import time\ndef test_slow(): time.sleep(0.5)",
}


def tried(folder: Path, *files: str, more: tuple[str, ...] = ()) -> str:
    (folder / "conftest.py").write_text(CONFTEST)
    for file in files:
        (folder / f"{file}.py").write_text(FILES[file])
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "--rootdir", str(folder), *more]
    return subprocess.run([*command, "--at-once", "2", str(folder)], capture_output=True, text=True, timeout=150).stdout


def test_what_became_of_each_test_is_told_as_if_one_process_had_run_them(tmp_path: Path) -> None:
    told = tried(tmp_path, "test_calm", "test_slow", "test_wrong")
    assert "1 failed, 3 passed, 1 skipped, 1 warning" in told, told
    assert "assert 1 == 2" in told
    assert "what it said" in told
    assert "with a reason" in told
    assert "UserWarning: this is told" in told
    assert (tmp_path / "test_calm.read").read_text() == "once"
    # The tests of a file are run by one process, which is not the one that collected them.
    pids = dict(line.split() for line in (tmp_path / "pids").read_text().splitlines())
    assert pids["one"] == pids["two"]


def test_tests_of_a_process_that_dies_have_failed(tmp_path: Path) -> None:
    told = tried(tmp_path, "test_calm", "test_dies")
    assert "2 failed, 3 passed" in told, told
    assert "was to run this test, or was running it, has ended" in told
    # Where there is room for it, and wherever CI is set, the reason stands behind the name.
    failed = [line.partition(" - ")[0].rpartition("::")[2] for line in told.splitlines() if line.startswith("FAILED ")]
    assert failed == ["test_dies", "test_after"]


def test_a_thread_that_never_ends_holds_nobody_up(tmp_path: Path) -> None:
    assert "2 passed" in tried(tmp_path, "test_slow", "test_stays")


@pytest.mark.parametrize(("more", "status"), [(("-x",), "stopping after 1 fail"), (("--collect-only",), "collected")])
def test_what_pytest_is_asked_for_besides_is_done(tmp_path: Path, more: tuple[str, ...], status: str) -> None:
    told = tried(tmp_path, "test_wrong", "test_slow", more=more)
    assert status in told, told
    assert "skipped" not in told
