"""A run in a notebook's kernel: cells that launch, wait and show."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always


class ZMQInteractiveShell(InteractiveShell):
    """The shell of a kernel is known by the name of its class."""


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
    platform = SimulatedPlatform(workers, lambda inputs: {"answer": "dog"}, seed=1)
    shell.user_ns["launch"] = lambda: start(controls=0, platform=platform)
    assert shell.run_cell("run = launch()").success
    assert shell.run_cell("status = run.wait(60)").success
    assert shell.user_ns["status"].stage == "done"
    cards: list[dict[str, Any]] = shell.display_pub.outputs
    assert {card["transient"]["display_id"] for card in cards} == {cards[0]["transient"]["display_id"]}
    assert "done" in cards[-1]["data"]["text/html"]
    assert shell.run_cell("run").result is shell.user_ns["run"]
    assert "30 of 30 items" in capsys.readouterr().out
