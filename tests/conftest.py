"""Options and fixtures that every folder of tests shares."""

import functools
import gc
import locale
import os
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import pytest
import typer.main
from hypothesis import settings
from tests.at_once import AtOnce
from tests.warm import Popen

from dataforge import registry
from dataforge.issue.sqlite import database

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("no deadline", deadline=None)
settings.register_profile("trials", deadline=None, max_examples=1_000)
settings.load_profile("no deadline")

PACKAGES = Path(__file__).parent / "packages"
MEMORY, ENOUGH = Path("/dev/shm"), 2 << 30
# So many seconds of tests are worth a line that says where they went.
DEAR = 120
SPENT = pytest.StashKey[float]()


# What is said in the language of whoever sits here is compared with English.
locale.setlocale(locale.LC_CTYPE, "C.UTF-8" if sys.platform == "linux" else "C")
os.environ["LC_ALL"] = "C.UTF-8"


def use_memory() -> None:
    """Let temporary folders be in memory, where there is enough: thousands of tests wait for the disk otherwise.

    What a killed process wrote is there as it would be on a disk. `TMPDIR` chooses another place.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


use_memory()


def hear_interrupts() -> None:
    """Let processes that tests start hear an interrupt: a shell has what it runs in the background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


hear_interrupts()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--crash-trials", type=int, default=2, help="how many times the crash test kills everything")
    parser.addoption(
        "--moments", type=int, default=40, help="a driver dies at one in so many moments; `make trials`: at each"
    )
    parser.addoption("--at-once", type=int, default=0, help="how many processes run the tests that one has collected")
    parser.addoption("--adversary-pages", type=int, default=60, help="how many pages adversaries look at")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `make trials` tries: more of what other tests have shown already."""
    if config.getoption("--moments") > 1:
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left_out)


def pytest_configure(config: pytest.Config) -> None:
    if processes := config.getoption("--at-once"):
        config.pluginmanager.register(AtOnce(processes, begin_counting))


def begin_counting(config: pytest.Config) -> None:
    """What processors did so far was for no test."""
    config.stash[SPENT] = processor_seconds()


def processor_seconds() -> float:
    """What processors did for this process so far, and for those that it started and that have ended."""
    return sum(os.times()[:4]) + Popen.spent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in each report what processors did since the one before: a busy machine makes no test dearer by that."""
    report = yield
    before, item.config.stash[SPENT] = item.config.stash[SPENT], processor_seconds()
    report.processor = item.config.stash[SPENT] - before  # reports take along what they are given
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which files took longest and which a processor worked at most, where all took minutes."""
    reports = [one for reports in terminalreporter.stats.values() for one in reports]
    for measure, unit in (("duration", "s"), ("processor", "s of a processor")):
        seconds: Counter[str] = Counter()
        for report in reports:
            if isinstance(report, pytest.TestReport):
                file = report.nodeid.partition("::")[0].removeprefix("tests/")
                seconds[file] += getattr(report, measure, 0.0)
        if seconds.total() > DEAR:
            dearest = ", ".join(f"{file} {spent:.0f}" for file, spent in seconds.most_common(10))
            terminalreporter.write_line(f"Dearest of {seconds.total():.0f} {unit}: {dearest}")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect no garbage while tests are collected, nor look at what came of it for garbage ever after.

    What thousands of tests are made of lives to the end: to walk it again and again was two fifths of what collecting
    cost.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        begin_counting(session.config)


@pytest.fixture(scope="session", autouse=True)
def threads_end() -> Iterator[None]:
    """No test leaves a thread at work: one looked for a process that never came, and took half of a processor."""
    yield
    # Those of pools wait for work until the process ends; none has the name of a function.
    begun = [one for one in threading.enumerate() if one.name.startswith("Thread-") and not one.daemon]
    for one in begun:
        one.join(30)  # it may be about to end
    assert [one.name for one in begun if one.is_alive()] == [], "a test has begun this thread and left it at work"


@pytest.fixture(scope="session", autouse=True)
def tables_made_once() -> Iterator[None]:
    """Make a new database by copying one that the same migrations made: thousands of tests begin with one."""
    apply, lock = database._apply, threading.Lock()
    made: dict[tuple[tuple[int, str], ...], sqlite3.Connection] = {}

    def copied(connection: sqlite3.Connection, migrations: Sequence[tuple[int, str]]) -> None:
        with lock:
            if database._version_of(connection) or not migrations or migrations[0][0] != 1:
                return apply(connection, migrations)
            if (steps := tuple(migrations)) not in made:
                first = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
                first.create_function("folded", 1, database.folded, deterministic=True)
                apply(first, steps)
                made[steps] = first
            return made[steps].backup(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_apply", copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Read options off the functions of commands, and the certificates that are trusted, once in a process.

    The first took longer than most commands that tests run, the second than most requests.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((typer.main, "get_command"), (ssl, "create_default_context")):
            patch.setattr(module, name, functools.cache(getattr(module, name)))
        yield


@pytest.fixture
def moments_apart(request: pytest.FixtureRequest) -> int:
    """How many moments lie between two at which something dies: 1 in `make trials`, which tries each."""
    return int(request.config.getoption("--moments"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that need it are skipped where it is absent."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of real data sets is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Install a package of `tests/packages`, and give the folder that has to be on the path to find it."""
    folders: dict[str, Path] = {}

    def install(name: str) -> Path:
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp(name)
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
            subprocess.run([*pip, "--target", str(folders[name]), str(PACKAGES / name)], check=True)
        return folders[name]

    return install


@pytest.fixture
def importable(installed: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Make a package of `tests/packages` known here and to processes started from here, as if it were installed."""

    def make(name: str) -> Path:
        folder = installed(name)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH")))))
        forget()
        return folder

    def forget() -> None:
        for known in (registry.names, registry.load, registry._outside):
            known.cache_clear()

    yield make
    forget()
