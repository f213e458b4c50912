"""Pieces of what an item shows, asked in a pipeline: known when it is played again, cut from no file of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from tests.clips import made
from tests.pipelines.conftest import POLICY

import dataforge as df
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

BOXES = [[0, 0, 20, 20], [20, 0, 40, 20], [0, 20, 40, 30]]


@df.task(duration="5s")
def is_red(photo: df.Image, around: df.Text) -> bool:
    """Is it red?"""
    raise NotImplementedError


@df.step
def found(photo: str) -> list[list[int]]:
    assert Path(photo).is_file()
    return BOXES


@df.pipeline
async def parts(photo: df.Image, words: df.Text):
    """Whether each part of a picture is red."""
    boxes = await found(photo)
    return [(await is_red(photo.crop(box), words.piece(0, 4))).answer for box in boxes]


def platform(shown: list[Mapping[str, Any]]) -> SimulatedPlatform:
    def look(inputs: Mapping[str, Any], truth: Any, chance: Any) -> dict[str, Any]:
        shown.append(inputs)
        return {"answer": inputs["photo"]["crop"][0] > 0}

    return SimulatedPlatform([SimulatedWorker(f"w{n}", look, arrives=0.0) for n in range(3)], seed=1)


def test_pieces_are_shown_as_parts_of_the_stored_whole_and_asked_once(
    launch: Callable[..., PipelineRun], tmp_path: Path
) -> None:
    picture, shown = tmp_path / "a.png", list[Mapping[str, Any]]()
    Pillow.new("RGB", (40, 30)).save(picture)
    on = platform(shown)
    items = [{"id": 1, "photo": str(picture), "words": "This is a text."}]
    run = launch(items, on=on, what=parts, policies={is_red: POLICY})
    assert run.wait(60).ended
    assert run.labels()["result"].tolist() == [[False, True, False]]
    assert {tuple(inputs["photo"]["crop"]) for inputs in shown} == {tuple(map(float, box)) for box in BOXES}
    [stored] = {inputs["photo"]["media"] for inputs in shown}
    assert stored.endswith(".png")
    assert all(inputs["around"] == {"text": "This is a text.", "piece": [0, 4]} for inputs in shown)
    run.close()
    journal = tmp_path / "pipelines" / "s" / "journal.jsonl"
    lines = [line for line in journal.read_bytes().splitlines(keepends=True) if b'"type":"outcome"' not in line]
    journal.write_bytes(b"".join(lines))
    asked = len(shown)
    again = launch(None, on=on, what=parts, policies={is_red: POLICY})
    assert again.wait(60).ended
    assert again.labels()["result"].tolist() == [[False, True, False]]
    assert len(shown) == asked


def test_a_picture_that_was_overwritten_gets_no_answers_to_what_it_showed(
    launch: Callable[..., PipelineRun], tmp_path: Path
) -> None:
    picture, on = tmp_path / "a.png", platform([])
    items = [{"id": 1, "photo": str(picture), "words": "This is a text."}]
    Pillow.new("RGB", (40, 30)).save(picture)
    run = launch(items, on=on, what=parts, policies={is_red: POLICY})
    assert run.wait(60).ended
    run.close()
    launch(items, on=on, what=parts, policies={is_red: POLICY}).close()
    Pillow.new("RGB", (40, 30), "red").save(picture)
    with pytest.raises(df.RunError, match=r"'.*a\.png' with other content than now"):
        launch(items, on=on, what=parts, policies={is_red: POLICY})


def test_a_piece_of_a_file_that_a_worker_names_is_cut_from_nothing(
    launch: Callable[..., PipelineRun], tmp_path: Path
) -> None:
    @df.pipeline
    async def trusting(photo: df.Image, words: df.Text):
        stranger = {"file": "/etc/passport.png", "crop": [0, 0, 5, 5]}
        return (await is_red(stranger, words)).answer

    picture = tmp_path / "a.png"
    Pillow.new("RGB", (40, 30)).save(picture)
    run = launch([{"photo": str(picture), "words": "so"}], on=platform([]), what=trusting, policies={is_red: POLICY})
    assert run.wait(60).failed == 1
    assert "expected a file or an address that the item has or a step gave" in run.labels()["error"].iloc[0]


@df.task(duration="5s")
def number_of(still: df.Image) -> df.Text:
    """Which number does it show?"""
    raise NotImplementedError


@df.pipeline
async def stills(film: df.Video):
    """The numbers that three frames of a film show."""
    return [(await number_of(film.frame(number))).answer for number in (0, 11, 19)]


def test_a_frame_of_a_film_is_asked_as_a_picture_and_stored_as_no_file_of_its_own(
    launch: Callable[..., PipelineRun], tmp_path: Path
) -> None:
    film, shown = made(tmp_path / "a.mp4", 20), list[Mapping[str, Any]]()

    def look(inputs: Mapping[str, Any], truth: Any, chance: Any) -> dict[str, Any]:
        shown.append(inputs)
        return {"answer": str(inputs["still"]["frame"])}

    on = SimulatedPlatform([SimulatedWorker(f"w{n}", look, arrives=0.0) for n in range(3)], seed=1)
    plain = df.Policy(page=(3, 0), overlap=1, quality="collect", speed=())
    run = launch([{"film": str(film)}], on=on, what=stills, policies={number_of: plain})
    assert run.wait(60).ended
    assert run.labels()["error"].tolist() == [""]
    assert {inputs["still"]["frame"] for inputs in shown} == {0, 11, 19}
    [stored] = {inputs["still"]["media"] for inputs in shown}
    assert stored.endswith(".mp4")
