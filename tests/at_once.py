"""Tests are collected once; then several processes made from this one take them, a file at a time.

    pytest --at-once 4

Processes that each collect for themselves spent a minute of two processors on it before the first test began. Half of
them begin with the pages, which wait for a browser, and the others with the rest: whoever is through helps the others,
and all are at work to the end. What takes longest is not left for the end either, where one works and all others wait.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from multiprocessing.connection import Connection, wait
from types import SimpleNamespace
from typing import Any

import pytest
from tests.warm import warmed

NUMBER = 4  # bytes of a number of a file in the queue, which any process reads whole
# Pages play recordings and run timers, which a busy machine would hold up: what is no page lets them go first.
KIND_TO_PAGES = 10
# What takes longest is begun with, then what has most tests: the end is left to what is soon through.
LONGEST = (
    *("browser/test_worker_page.py", "browser/test_worker_is_told.py", "browser/test_requester_pages.py"),
    *("aggregation/kernels/test_compiled_passes.py", "cli/test_life.py", "adversary/test_adversary.py"),
    *("runs/test_crash_points.py", "runs/test_detached_runs.py", "test_demo.py", "cli/test_notebooks.py"),
)
Reports = list[dict[str, Any]]
Queues = tuple[int, int]  # pipes with the numbers of files: those to begin with, and the others


class AtOnce:
    """Runs the tests of a session in several processes; `begun` is told in each of them before its first."""

    def __init__(self, processes: int, begun: Callable[[pytest.Config], None]) -> None:
        self.processes, self.begun = processes, begun

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run them here if there is nothing to divide, and let pytest say so where none could be read."""
        files = sorted(([*items] for _, items in groupby(session.items, file_of)), key=turn)
        if session.testsfailed or session.config.option.collectonly or not files:
            return None
        # All have the same folder for temporary files: whoever made it removes it.
        session.config._tmp_path_factory.getbasetemp()
        pages, rest = (
            queued(n for n, items in enumerate(files) if of_pages(items[0]) is kind) for kind in (True, False)
        )
        with warmed():
            orders = [(pages, rest) if n < self.processes // 2 else (rest, pages) for n in range(self.processes)]
            told = [self.begin(session, files, order) for order in orders[: len(files)]]
            Listener(session, (pages, rest)).listen(told)
        return True

    def begin(self, session: pytest.Session, files: list[list[pytest.Item]], queues: Queues) -> Connection[Any, Any]:
        """Make one of the processes; gives where it tells what becomes of its tests."""
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        context.Process(target=self.work, args=(session, files, queues, theirs)).start()
        theirs.close()
        return ours

    def work(
        self, session: pytest.Session, files: list[list[pytest.Item]], queues: Queues, told: Connection[Any, Any]
    ) -> None:
        """What each of the processes does."""
        speak_for_itself(session.config)
        session.config.pluginmanager.register(Teller(session.config, told))
        self.begun(session.config)
        items = (item for number in numbers(queues) for item in politely(files[number]))
        item = next(items, None)
        while item is not None and not (session.shouldfail or session.shouldstop):
            following = next(items, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        session._setupstate.teardown_exact(None)
        os._exit(0)  # whatever a test left behind that never ends, like a thread that waits, holds nobody up


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def of_pages(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def turn(items: list[pytest.Item]) -> tuple[int, int]:
    """Which file comes before which, by what is in it."""
    names = (number for number, name in enumerate(LONGEST) if file_of(items[0]).endswith(name))
    return next(names, len(LONGEST)), -len(items)


def queued(these: Iterable[int]) -> int:
    """A pipe with the numbers of files, which whoever is idle reads next; it ends with them."""
    reading, writing = os.pipe()
    with open(writing, "wb") as pipe:
        pipe.write(b"".join(number.to_bytes(NUMBER, "big") for number in these))
    return reading


def numbers(queues: Queues) -> Iterator[int]:
    for queue in queues:
        while read := os.read(queue, NUMBER):
            yield int.from_bytes(read, "big")


def politely(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same, after which whoever runs them lets pages go first, unless they are pages."""
    if not of_pages(items[0]):
        os.nice(max(0, KIND_TO_PAGES - os.nice(0)))
    return items


def speak_for_itself(config: pytest.Config) -> None:
    """Take nothing for this process's own that it shares with the one it was made from."""
    random.seed()
    capture, reporter = (config.pluginmanager.getplugin(name) for name in ("capturemanager", "terminalreporter"))
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    # One process alone says how tests went. What ran out of time is still shown.
    config.pluginmanager.unregister(reporter)
    config.pluginmanager.register(SimpleNamespace(_tw=reporter._tw), "terminalreporter")


class Teller:
    """Tells what became of each test."""

    def __init__(self, config: pytest.Config, told: Connection[Any, Any]) -> None:
        self.config, self.told = config, told
        self.reports: Reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(self.config.hook.pytest_report_to_serializable(config=self.config, report=report))

    def pytest_runtest_logfinish(self) -> None:
        self.told.send(self.reports)
        self.reports = []

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        if when == "runtest":  # those of collecting were told before
            kind, where = warning_message.category.__name__, (warning_message.filename, warning_message.lineno)
            self.told.send((kind, str(warning_message.message), where, when, nodeid))


class Listener:
    """Hears what became of tests, and passes it on as if they had been run here."""

    def __init__(self, session: pytest.Session, queues: Queues) -> None:
        self.session, self.queues = session, queues
        self.heard: set[str] = set()

    def listen(self, told: list[Connection[Any, Any]]) -> None:
        try:
            while told:
                self.listen_once(told)
                if self.session.shouldfail:
                    list(numbers(self.queues))  # Nothing is left to take.
        finally:
            # Interrupted: whoever still tells something would wait for ever to be heard.
            list(numbers(self.queues))
            for one in told:
                with suppress(EOFError):
                    while True:
                        one.recv()
        if self.session.shouldfail:
            raise self.session.Failed(self.session.shouldfail)
        for item in self.session.items:
            if item.nodeid not in self.heard:
                why = "The process that was to run this test, or was running it, has ended."
                self.report(pytest.TestReport(item.nodeid, item.location, {}, "failed", why, "call"))

    def listen_once(self, told: list[Connection[Any, Any]]) -> None:
        for one in wait(told):
            try:
                self.hear(one.recv())
            except EOFError:
                told.remove(one)

    def hear(self, what: Reports | tuple[Any, ...]) -> None:
        hook, config = self.session.config.hook, self.session.config
        if isinstance(what, list):
            for data in what:
                self.report(hook.pytest_report_from_serializable(config=config, data=data))
            return
        kind, text, where, when, nodeid = what
        warning = warnings.WarningMessage(text, type(kind, (Warning,), {}), *where)
        hook.pytest_warning_recorded.call_historic(
            kwargs={"warning_message": warning, "when": when, "nodeid": nodeid, "location": None}
        )

    def report(self, report: pytest.TestReport) -> None:
        self.heard.add(report.nodeid)
        self.session.config.hook.pytest_runtest_logreport(report=report)
