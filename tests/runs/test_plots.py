"""Where workers disagree, as a table and as a picture."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.runs.conftest import LABELS, crowd

import dataforge as df
from dataforge.errors import DataError, RunError
from dataforge.platforms.simulated import SimulatedWorker


def takes_cats_for_dogs(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Right, but every cat is a dog."""
    return {"answer": "dog" if truth["answer"] == "cat" else truth["answer"]}


@pytest.fixture
def run(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> df.Run:
    workers = [*crowd(3, arrives=0.0), SimulatedWorker("Ann", takes_cats_for_dogs)]
    made = start(items=12, controls=6, workers=workers, overlap=4, page=(12, 6), control_ratio=0, speed=())
    finish(made)
    return made


def test_confusion_counts_what_was_given_where_something_else_came_out(run: df.Run) -> None:
    counts = run.confusion()
    # Four workers, four items of each kind; one of them takes the four cats for dogs.
    assert counts.loc["dog"].tolist() == [16, 0, 0]
    assert counts.loc["cat"].tolist() == [4, 12, 0]
    assert counts.loc["other"].tolist() == [0, 0, 16]
    assert (counts.index.name, counts.columns.name) == ("answer", "given")


def test_confusion_of_one_worker_and_of_control_items(run: df.Run) -> None:
    assert run.confusion(worker="Ann").loc["cat"].tolist() == [4, 0, 0]
    known = run.confusion(worker="Ann", control=True)
    assert known.index.name == "known"
    assert known.to_numpy().tolist() == [[2, 0, 0], [2, 0, 0], [0, 0, 2]]
    with pytest.raises(RunError, match="no worker 'Bob'"):
        run.confusion(worker="Bob")


def test_an_output_that_is_not_there_is_named(run: df.Run) -> None:
    with pytest.raises(RunError, match="Write output= one of 'answer', not 'colour'"):
        run.confusion("colour")


def test_a_run_without_options_has_no_confusion_and_is_drawn_all_the_same(
    start: Callable[..., df.Run], finish: Callable[[df.Run], Any]
) -> None:
    @df.task(duration="10s")
    def number(caption: df.Text) -> int:
        """Which number?"""
        raise NotImplementedError

    run = start(task=number, items=4, controls=0, workers=crowd(0))
    with pytest.raises(RunError, match="asks for no options"):
        run.confusion()
    assert "Answers an item has" in run.plot().svg


def test_the_picture_is_a_picture_with_all_charts(run: df.Run, tmp_path: Path) -> None:
    picture = run.plot()
    texts = [node.text or "" for node in ElementTree.fromstring(picture.svg).iter() if node.tag.endswith("text")]
    for title in (
        "Answers, by minutes since the launch",
        "Answers an item has",
        "Seconds an item took",
        "Items by answer",
    ):
        assert title in texts
    assert "Answers given (across) where answer is (down)" in texts
    assert {"16", "12", "4", *LABELS} <= set(texts)
    assert picture.save(tmp_path / "run.svg").read_text(encoding="utf-8") == picture.svg
    with pytest.raises(DataError, match=r"ends in \.svg"):
        picture.save(tmp_path / "run.png")


def test_names_of_options_are_no_markup(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> None:
    class Sign(df.Choice):
        LESS = df.option("<b>&")
        MORE = df.option(">")

    @df.task(duration="10s")
    def sign(caption: df.Text) -> Sign:
        """Which sign?"""
        raise NotImplementedError

    workers = [SimulatedWorker(f"w{n}", lambda inputs, truth, chance: {"answer": "<b>&"}) for n in range(2)]
    run = start(task=sign, items=4, controls=0, workers=workers, overlap=2, page=(4, 0), speed=())
    finish(run)
    assert "&lt;b&gt;&amp;" in run.plot().svg
    ElementTree.fromstring(run.plot().svg)


def test_confusion_of_yes_and_no(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> None:
    @df.task(duration="10s")
    def barks(caption: df.Text) -> bool:
        """Does it bark?"""
        raise NotImplementedError

    workers = [SimulatedWorker(f"w{n}", lambda inputs, truth, chance: {"answer": True}) for n in range(2)]
    run = start(task=barks, items=4, controls=0, workers=workers, overlap=2, page=(4, 0), speed=())
    finish(run)
    assert run.confusion().loc[True, True] == 8
