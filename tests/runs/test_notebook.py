"""A run in a notebook's kernel: cells that launch, wait and show."""

import asyncio
import pickle
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from tests.runs.conftest import crowd

import dataforge as df
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.launches.uploads import upload


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("df.launch(clear, items='nope.csv')", "nope.csv: there is no such file"),
        ("df.launch(clear, items=[{'photo': 'https://example.org/1.png'}], budget=-1)", "budget must be an amount"),
        ("pool().submit(df.open_run, 'none').result()", "there is no run 'none'"),
    ],
)
def test_no_line_but_the_cells_is_shown_whatever_lies_between_it_and_the_mistake(
    shell: ZMQInteractiveShell, capsys: pytest.CaptureFixture[str], call: str, message: str
) -> None:
    shell.user_ns.update(df=df, clear=clear, pool=lambda: ThreadPoolExecutor(1))
    shell.run_cell(call)
    where, line, said = capsys.readouterr().out.strip().splitlines()
    assert "line 1" in where
    assert line.strip() == call
    assert message in said


def test_the_answers_of_the_first_items_are_shown_a_card_each(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    run.wait()
    shown = run.show(3)
    assert repr(shown) == "Shown(3 of 30 items; a notebook draws them)"
    assert shown._repr_html_().count("<b>answer</b> &middot; ") == 3


def test_items_are_shown_that_an_expression_or_a_function_of_the_labels_means(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    run.wait()
    cats = run.show(2, where="answer == 'cat' and overlap >= 2")
    assert (cats.shown, cats.total) == (2, 10)
    drawn = cats._repr_html_()
    assert [f"animal {number}<" in drawn for number in (0, 1, 2, 3, 4)] == [False, True, False, False, True]
    assert run.show(where=lambda labels: labels.answer == "cat")._repr_html_().count("<b>answer</b>") == 10
    none = run.show(where="confidence < 0")
    assert (none.shown, none.total) == (0, 0)
    assert "no item is like that" in none._repr_html_()


def test_a_where_that_says_nothing_of_every_item_is_one_clear_error(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    with pytest.raises(
        SpecError, match=r"where: 'sure < 1' fails: .*'sure' is not defined; columns are 'id', 'caption'"
    ):
        run.show(where="sure < 1")
    with pytest.raises(SpecError, match=r"expected True or False for each of 30 items.* gives Series"):
        run.show(where="confidence + 1")
    with pytest.raises(SpecError, match="gives bool 'True'"):
        run.show(where=lambda labels: True)
    with pytest.raises(SpecError, match="n: expected how many items to show, 1 or more, got 0"):
        run.show(0)


def test_charts_are_drawn_in_the_ink_of_the_notebook_and_saved_on_white(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    run.wait()
    picture = run.plot()
    assert "currentColor" in picture._repr_html_()
    assert not re.findall(r'fill="#(?:fff|222|555)"', picture._repr_html_().replace('fill="#fff">', ""))
    assert '<rect width="100%" height="100%" fill="#fff"/>' in picture.svg


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
