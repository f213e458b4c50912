"""A test that failed beside everything else is tried once more by itself; long suites say which files were dear."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import pytest_collection_modifyitems, pytest_terminal_summary

SCRIPT = Path(__file__).parents[1] / "scripts" / "tried.py"
FAILS_ONCE = """
from pathlib import Path
def test_it():
    tries = Path(__file__).with_suffix(".tries")
    before = tries.read_text() if tries.exists() else ""
    tries.write_text(before + "x")
    assert before
"""

PLUGIN = """
from tests.conftest import pytest_addoption, pytest_collection, pytest_configure, pytest_runtest_makereport
def pytest_runtest_logreport(report):
    if report.when == "call":
        print("\\nprocessor", report.nodeid.partition("::")[2], report.processor)
"""


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "-q", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_a_test_that_fails_once_is_named_and_passes_by_itself(tmp_path: Path) -> None:
    (tmp_path / "test_busy.py").write_text(FAILS_ONCE)
    (tmp_path / "test_calm.py").write_text("def test_it(): pass")
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "tried again by themselves:\n  test_busy.py::test_it\n" in done.stdout
    assert done.stdout.endswith("  passed: test_busy.py::test_it\n    AssertionError: assert ''\n"), done.stdout


def test_all_that_one_fixture_takes_along_is_one_thing(tmp_path: Path) -> None:
    fixture = FAILS_ONCE.replace("def test_it", "import pytest\n@pytest.fixture(scope='module')\ndef page")
    tests = "@pytest.mark.parametrize('n', range(9))\ndef test_it(page, n): pass"
    (tmp_path / "test_busy.py").write_text(fixture + tests)
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("  passed: test_busy.py::test_it[") == 9
    assert done.stdout.count("    failed on setup with \"AssertionError: assert ''\"") == 9


def test_a_test_that_fails_twice_fails(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text("def test_it(): assert False")
    done = run(tmp_path)
    assert done.returncode == 1
    assert done.stdout.endswith("  failed again: test_wrong.py::test_it\n    assert False\n"), done.stdout


def test_many_at_once_are_a_fault_and_not_tried_again(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"test_{number}.py").write_text(FAILS_ONCE)
    done = run(tmp_path)
    assert done.returncode == 1
    assert "tried again" not in done.stdout


def test_a_module_that_cannot_be_read_fails(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import nothing_of_that_name")
    assert run(tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ({"a": (60.0, 40.0), "b": (21.0,)}, ["Dearest of 121 s: a/test.py 100, b/test.py 21"]),
        (
            {"a": (120.0,), "b": (121.0,)},
            [
                "Dearest of 241 s: b/test.py 121, a/test.py 120",
                "Dearest of 120 s of a processor: b/test.py 60, a/test.py 60",
            ],
        ),
        ({"a": (9.0,)}, []),
    ],
)
def test_a_suite_of_minutes_says_which_files_took_longest(
    seconds: dict[str, tuple[float, ...]], told: list[str]
) -> None:
    place, lines = ("", None, ""), []
    reports = [
        pytest.TestReport(
            f"tests/{file}/test.py::test_{number}",
            place,
            {},
            "passed",
            None,
            "call",
            duration=spent,
            processor=spent / 2,
        )
        for file, each in seconds.items()
        for number, spent in enumerate(each)
    ]
    pytest_terminal_summary(SimpleNamespace(stats={"passed": reports, "warnings": ["none"]}, write_line=lines.append))
    assert lines == told


BUSY = """
import subprocess, sys
def test_idle(): __import__("time").sleep(0.6)
def test_busy(): subprocess.run([sys.executable, "-c", "while __import__('time').process_time() < 0.6: pass"])
"""


@pytest.mark.parametrize("more", [[], ["--at-once", "1"]])
def test_what_a_test_costs_is_told_with_the_processes_that_it_starts(tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "conftest.py").write_text(f"import sys\nsys.path.append({str(SCRIPT.parents[1])!r})\n{PLUGIN}")
    (tmp_path / "test_it.py").write_text(BUSY)
    command = [sys.executable, "-m", "pytest", "-q", "-s", "--rootdir", str(tmp_path), *more, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    told = dict(line.split()[1:] for line in done.stdout.splitlines() if line.startswith("processor "))
    assert float(told["test_busy"]) > 0.5, done.stdout
    assert float(told["test_idle"]) < 0.3


@pytest.mark.parametrize(("apart", "left"), [(40, ["plain"]), (1, ["plain", "thorough"])])
def test_what_is_thorough_is_left_to_make_trials(apart: int, left: list[str]) -> None:
    items: list[Any] = [
        SimpleNamespace(name=name, get_closest_marker=lambda mark, name=name: name == mark or None)
        for name in ("plain", "thorough")
    ]
    told: list[Any] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: told.extend(items))
    pytest_collection_modifyitems(SimpleNamespace(getoption=lambda option: apart, hook=hook), items)
    assert [item.name for item in items] == left
    assert [item.name for item in told] == [name for name in ("plain", "thorough") if name not in left]
