"""A ranking on the workspace's server whose process is killed: nothing is asked twice, and the order comes out."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import pytest

import dataforge as df
from dataforge.comparing.record import asked_in
from dataforge.comparing.sides import PairKey
from dataforge.platforms.embedded import connect
from dataforge.runs.core.folder import RunFolder
from dataforge.simulation import simulate
from dataforge.workspace import Workspace

RANKER = Path(__file__).with_name("ranker.py")
ITEMS = [f"item {number}" for number in (3, 0, 4, 1, 5, 2)]
PAIRS = 24
SOON = 240.0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    address = workspace.server()
    assert address is not None
    yield workspace
    with suppress(ProcessLookupError):
        os.kill(address.pid, signal.SIGTERM)


def begun(workspace: Workspace) -> subprocess.Popen[str]:
    command = [sys.executable, str(RANKER), str(workspace.root), json.dumps(ITEMS), str(PAIRS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def work(workspace: Workspace) -> None:
    """Three good people answer until the run is over."""
    truth = [
        {"id": f"{one}-{two}", "left": one, "right": two, "answer": "left" if one > two else "right"}
        for one, two in permutations(ITEMS, 2)
    ]
    simulate(
        "ranked", truth, workers=3, mix={"good": 1.0}, seed=1, workspace=workspace, page_patience=60.0, patience=120.0
    )


def fed(workspace: Workspace) -> list[PairKey]:
    folder = RunFolder.of(workspace, "ranked")
    feed = folder.feed()
    try:
        return [PairKey.read(key) for key in feed.read(folder.describe().task(), 0, feed.state().fed).keys]
    finally:
        feed.close()


def eventually(true: object, wait: float = SOON) -> None:
    give_up = time.monotonic() + wait
    while not true():  # type: ignore[operator]
        assert time.monotonic() < give_up, "it has not become true"
        time.sleep(0.05)


def test_a_ranking_goes_on_after_its_process_was_killed(served: Workspace) -> None:
    first = begun(served)
    assert first.stdout is not None
    assert first.stdout.readline() == "begun\n"
    eventually(lambda: len(fed(served)) >= 6)
    people = threading.Thread(target=work, args=(served,))
    people.start()
    eventually(lambda: len(fed(served)) >= 9)
    first.kill()
    first.wait()
    second, third = begun(served), begun(served)
    outs = [json.loads(process.communicate(timeout=SOON)[0].splitlines()[-1]) for process in (second, third)]
    people.join(SOON)
    assert [second.returncode, third.returncode] == [0, 0]
    assert outs[0] == outs[1], "both read the same order out of the log"
    assert outs[0][0] in ("item 5", "item 4")
    assert outs[0][-1] in ("item 0", "item 1")
    keys = sorted(fed(served))
    assert [key.number for key in keys] == list(range(PAIRS)), "no number twice, none left out"
    with df.open_ranked("ranked", served) as found:
        assert found.order() == outs[0]
        assert len(found.run.responses()) == PAIRS
    asked = asked_in(RunFolder.of(served, "ranked").path)
    assert asked is not None
    assert (asked.what, asked.pairs) == ("rank", PAIRS)
