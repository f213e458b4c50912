"""A run in a notebook's kernel: cells that launch, wait and show."""

import asyncio
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from tests.runs.conftest import crowd

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.uploads import upload


class ZMQInteractiveShell(InteractiveShell):
    """The shell of a kernel is known by the name of its class."""


class WithPages(SimulatedPlatform):
    """A platform where runs have a page."""

    def dashboard(self, run: str) -> str:
        return f"https://simulated.example/runs/{run}"


@df.task(duration="10s")
def clear(photo: df.Image) -> bool:
    """Is it clear?"""
    raise NotImplementedError


@pytest.fixture
def shell() -> Iterator[ZMQInteractiveShell]:
    shell = ZMQInteractiveShell.instance()
    shell.display_pub = CapturingDisplayPublisher(parent=shell)
    yield shell
    ZMQInteractiveShell.clear_instance()


@pytest.mark.usefixtures("shell")
def test_waiting_draws_one_card_and_moves_it_and_a_cells_last_value_is_the_run(
    shell: ZMQInteractiveShell, start: Callable[..., df.Run], capsys: pytest.CaptureFixture[str]
) -> None:
    answering = always({"answer": "dog"})
    workers = [SimulatedWorker(f"w{number}", answering, arrives=60.0 * number) for number in range(4)]
    platform = WithPages(workers, lambda inputs: {"answer": "dog"}, seed=1)
    shell.user_ns["launch"] = lambda: start(controls=0, platform=platform)
    assert shell.run_cell("run = launch()").success
    assert shell.run_cell("status = run.wait(60)").success
    assert shell.user_ns["status"].stage == "done"
    cards: list[dict[str, Any]] = shell.display_pub.outputs
    assert {card["transient"]["display_id"] for card in cards} == {cards[0]["transient"]["display_id"]}
    assert "done" in cards[-1]["data"]["text/html"]
    assert '<a href="https://simulated.example/runs/run"' in cards[-1]["data"]["text/html"]
    assert shell.run_cell("run").result is shell.user_ns["run"]
    assert "30 of 30 items" in capsys.readouterr().out


def test_files_on_their_way_are_shown_as_a_card_without_anything_installed_for_it(
    shell: ZMQInteractiveShell, tmp_path: Path, recwarn: pytest.WarningsRecorder, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(25):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([number]))
    upload(RunFolder(tmp_path / "run"), df.read_items(clear, tmp_path).files(), SimulatedPlatform, show=True)
    drawn = [card["data"]["text/html"] for card in shell.display_pub.outputs]
    assert "25 of 25" in drawn[-1]
    assert [str(warning.message) for warning in recwarn] == []
    assert capsys.readouterr().err == ""


def test_a_mistake_in_a_cell_shows_the_line_of_the_cell_and_the_message_only(
    shell: ZMQInteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("import dataforge as df\npolicy = df.Policy(\n    min_overlap=2)")
    said = capsys.readouterr().out.strip().splitlines()
    assert said[-1].endswith("no setting is named 'min_overlap'; write overlap=(2, most)")
    assert len(said) <= 5
    assert any("df.Policy(" in line for line in said)


def test_the_answers_of_the_first_items_are_drawn_a_card_each(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    run.wait()
    shown = run.drawn(3)
    assert repr(shown) == "Drawn(3 of 30 items; a notebook draws them)"
    assert shown._repr_html_().count("<b>answer</b> &middot; ") == 3


async def waited(run: df.Run) -> tuple[str, int]:
    """The end of the run, and how often the loop went round meanwhile."""
    ticks = 0

    async def ticking() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    beside = asyncio.create_task(ticking())
    status = await run
    beside.cancel()
    return status.stage, ticks


def test_a_run_is_awaited_beside_what_else_an_event_loop_does(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    stage, ticks = asyncio.run(waited(run))
    assert stage == "done"
    assert ticks > 0
    assert pickle.loads(pickle.dumps(run)).labels().equals(run.labels())
