"""A real server in a process of its own, and a run on it that accepts every page."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dataforge.platforms.embedded import EmbeddedPlatform, connect
from dataforge.records import AddItems, Field, Item, Judge, PageSubmitted, Publication, SetState, TaskSpec
from dataforge.workspace import Workspace

SOURCE = Path(__file__).parents[2] / "src"
OPTIONS = [{"value": value, "label": {"en": value}} for value in ("odd", "even")]
TASK = TaskSpec(
    id="parity",
    name={"en": "Odd or even"},
    instruction={"en": "Is the number odd or even?"},
    duration=2.0,
    inputs=(Field("number", "text", {"en": "Number"}),),
    outputs=(Field("answer", "choice", {"en": "It is"}, settings={"options": OPTIONS}),),
)


@dataclass(frozen=True)
class Served:
    """A server, and the requester's client of it."""

    workspace: Workspace
    platform: EmbeddedPlatform

    @property
    def url(self) -> str:
        return self.platform.url

    def publish(self, name: str, items: int, wanted: int, task: TaskSpec = TASK) -> str:
        """Open a run of numbers, every tenth one a control item; gives its invitation link."""
        self.platform.publish(
            Publication(name, task, prices=(10_000,) * 5, real_per_page=4, control_per_page=1, lease=60)
        )
        rows = [Item(f"k{n}", {"number": str(n)}, control=n % 10 == 0, wanted=wanted) for n in range(items)]
        self.platform.execute(name, [AddItems("items", tuple(rows)), SetState("open", "open")])
        invitation = self.platform.invitation(name)
        assert invitation is not None
        return invitation

    @contextmanager
    def accepting(self, name: str, answers: int) -> Iterator[list[PageSubmitted]]:
        """Accept every page, close the run after so many answers to real items; gives the pages as they come."""
        pages: list[PageSubmitted] = []
        stop = threading.Event()

        def drive() -> None:
            cursor, left = 0, answers
            while not stop.is_set():
                batch = self.platform.poll(name, cursor, 0.5)
                cursor = batch.cursor
                new = [event for event in batch.events if isinstance(event, PageSubmitted)]
                pages.extend(new)
                if new:
                    judge = Judge(f"judge-{cursor}", accepted=tuple(event.page for event in new))
                    self.platform.execute(name, [judge])
                left -= sum(int(key[1:]) % 10 != 0 for event in new for key in event.items)
                if left <= 0:
                    self.platform.execute(name, [SetState("close", "closed")])

        thread = threading.Thread(target=drive)
        thread.start()
        try:
            yield pages
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start a server with a seed; it ends with the test."""
    processes = []

    def start(seed: int = 0, folder: str = "ws") -> Served:
        root = tmp_path / folder
        process = subprocess.Popen(
            [sys.executable, "-m", "dataforge.server", "--workspace", root, "--port", "0", "--seed", str(seed)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        processes.append(process)
        assert process.stdout is not None
        assert "serves at" in process.stdout.readline()
        workspace = Workspace.at(root)
        return Served(workspace, connect(workspace, start=False))

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(120)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """One server."""
    return serve()
