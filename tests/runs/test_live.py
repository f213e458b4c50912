"""A run that moves in a cell of a notebook while other cells are at work."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from tests.runs.conftest import crowd

import dataforge as df
from dataforge.errors import RunError
from dataforge.workspace import Workspace

pytest.importorskip("anywidget")


class ZMQInteractiveShell(InteractiveShell):
    """The shell of a kernel is known by the name of its class."""


class Shell(ZMQInteractiveShell):
    """A service's own, made from Jupyter's."""


@pytest.fixture(params=[ZMQInteractiveShell, Shell])
def notebook(request: pytest.FixtureRequest) -> Iterator[None]:
    request.param.instance()
    yield
    request.param.clear_instance()


@pytest.fixture
def one_notebook() -> Iterator[None]:
    ZMQInteractiveShell.instance()
    yield
    ZMQInteractiveShell.clear_instance()


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.usefixtures("notebook")
def test_a_run_moves_in_its_cell_until_it_ends_with_the_charts_of_its_page(start: Callable[..., df.Run]) -> None:
    run = start(workers=crowd(4))
    shown = run.live()
    first = shown.beat
    until(lambda: shown.over)
    assert shown.beat > first
    for told in (
        "30 of 30 items",
        "Answers, by minutes since the launch",
        "Confidence of the answers",
        "Items by answer",
    ):
        assert told in shown.html
    assert "<script" not in shown.html
    assert repr(shown).startswith("LiveRun(run: done, 30 of 30 items")


@pytest.mark.usefixtures("one_notebook")
def test_two_notebooks_show_one_run_and_neither_drives_it_for_that(
    start: Callable[..., df.Run], workspace: Any
) -> None:
    run = start(workers=[])
    other = df.open_run("run", workspace)
    here, there = run.live(), other.live()
    run.stop()
    until(lambda: here.over and there.over)
    assert "stopped" in here.html
    assert "stopped" in there.html
    assert not other.driving


@pytest.mark.usefixtures("one_notebook")
def test_a_widget_that_is_closed_looks_no_more_and_the_run_goes_on(start: Callable[..., df.Run]) -> None:
    run = start(workers=[])
    shown = run.live()
    shown.close()
    before = shown.beat
    run.stop()
    run.wait(60, progress=False)
    assert shown.beat <= before + 1
    assert not shown.over


@pytest.mark.usefixtures("one_notebook")
def test_a_run_that_was_deleted_elsewhere_is_said_to_be_gone(start: Callable[..., df.Run], workspace: Any) -> None:
    run = start(workers=[])
    run.stop()
    run.wait(60, progress=False)
    shown = df.open_run("run", workspace).live()
    until(lambda: shown.over)
    run.delete(force=True)
    shown._look()
    assert "deleted" in shown.html


@pytest.mark.usefixtures("one_notebook")
def test_what_a_cell_keeps_of_it_has_no_secret_of_the_workspace(start: Callable[..., df.Run], workspace: Any) -> None:
    shown = start(workers=crowd(2)).live()
    until(lambda: shown.beat > 1)
    assert Workspace.at(workspace).secret() not in f"{shown.html}{shown._repr_mimebundle_()}"


def test_without_a_notebook_it_is_said_how_to_wait(start: Callable[..., df.Run]) -> None:
    with pytest.raises(RunError, match=r"run 'run': there is no notebook here to show it in; wait for it by run\.wait"):
        start(workers=[]).live()


@pytest.mark.usefixtures("one_notebook")
def test_what_keeps_it_from_being_drawn_is_told_and_not_blamed_on_the_kernel(
    start: Callable[..., df.Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(view: Any) -> Any:
        raise OverflowError("too many dots")

    monkeypatch.setattr("dataforge.runs.handle.live.plot", broken)
    shown = start(workers=crowd(4)).live()
    until(lambda: shown.over)
    assert "moves no more: OverflowError: too many dots" in shown.html
