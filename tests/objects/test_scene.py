"""Scenes: a cloud and pictures of it, read from JSON files and from columns, and asked about part by part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from PIL import Image as Pillow
from tests.clouds import street, written
from tests.pipelines.conftest import POLICY

import dataforge as df
from dataforge.errors import DataError, SpecError
from dataforge.objects.scene import Scene, View
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

AHEAD = {
    "extrinsic": [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
    "intrinsic": [100, 0, 50, 0, 100, 40, 0, 0, 1],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cloud, two pictures, the calibration of the one, and the scene of all that in a JSON file."""
    written(tmp_path, "binary.pcd", street(20))
    for name in ("front", "left"):
        Pillow.new("RGB", (100, 80)).save(tmp_path / f"{name}.png")
    (tmp_path / "front.json").write_text(json.dumps(AHEAD))
    scene = {"cloud": "binary.pcd", "front": "front.png", "left": "left.png", "cameras": {"front": "front.json"}}
    (tmp_path / "scene.json").write_text(json.dumps(scene))
    return tmp_path


def parts(folder: Path) -> dict[str, Any]:
    return {name: str(folder / file) for name, file in (("cloud", "binary.pcd"), ("front", "front.png"))}


@df.pipeline
async def nothing(scene: df.Scene):
    """Nothing is asked."""
    return


@df.task
def on_left(left: df.Image) -> bool:
    """Is it on the left?"""
    ...


@df.task
def cuboids(
    scan: df.PointCloud, front: df.Image, cameras: df.Calibration, hint: Annotated[Any, df.Boxes()]
) -> Annotated[list[Any], df.Cuboids()]:
    """Put a cuboid around what is in the box."""
    ...


@df.pipeline
async def by_parts(scene: df.Scene):
    """Whether something is on the left, and its cuboid."""
    left = await on_left(scene.left)
    solid = await cuboids(scene.cloud, scene.front, scene.cameras, [{"box": [1, 2, 30, 40]}])
    return {"left": left.answer, "solid": solid.answer, "boxes": scene.frames("front", solid.answer, (100, 80))}


@pytest.mark.parametrize("form", ["file", "rows", "columns", "csv"])
def test_a_scene_comes_from_a_file_from_rows_and_from_columns(folder: Path, form: str) -> None:
    columns = {"id": ["a"], "scene.cloud": ["binary.pcd"], "scene.front": ["front.png"], "scene.left": [None]}
    if form == "csv":
        (folder / "items.csv").write_text("id,scene.cloud,scene.front,scene.left\na,binary.pcd,front.png,\n")
    given = {
        "file": [{"id": "a", "scene": str(folder / "scene.json")}],
        "rows": [{"id": "a", "scene": {**parts(folder), "cameras": {"front": AHEAD}}}],
        "columns": {
            name: [one and (one if name == "id" else str(folder / one)) for one in column]
            for name, column in columns.items()
        },
        "csv": folder / "items.csv",
    }[form]
    items = df.read_items(nothing.form, given)
    [record] = items.records(0, 1)
    scene = record.inputs["scene"]
    assert scene["cloud"] == {"file": str(folder / "binary.pcd")}
    assert scene["front"] == {"file": str(folder / "front.png")}
    assert ("left" in scene) == (form == "file")
    assert ("cameras" in scene) == (form in ("file", "rows"))
    assert Scene().to_json(scene) == scene == Scene().check_input(scene)


def test_a_function_gets_the_parts_by_their_names(folder: Path) -> None:
    view = Scene().of_item(Scene().to_json(folder / "scene.json"))
    assert (view.cloud, view.left) == (str(folder / "binary.pcd"), str(folder / "left.png"))
    assert view.front.crop([1, 2, 3, 4])["crop"] == [1, 2, 3, 4]
    assert list(view.cameras) == ["front"]
    with pytest.raises(AttributeError, match="has no 'rear'; it has: 'cloud', 'front', 'left', 'cameras'"):
        _ = view.rear
    assert Scene().of_item(Scene().to_json(parts(folder))).cameras is None


def test_a_cuboid_is_where_its_camera_sees_it_and_nowhere_behind_it_or_without_one(folder: Path) -> None:
    view = Scene().of_item(Scene().to_json(folder / "scene.json"))
    ahead = {"centre": [11, 0, 0], "size": [2, 2, 2], "heading": 0}
    behind, aside = {**ahead, "centre": [-11, 0, 0]}, {**ahead, "centre": [11, 30, 0]}
    through, cut = {**ahead, "centre": [0.5, 0, 0]}, {**ahead, "centre": [11, 5, 0]}
    # The face ten metres ahead is two metres wide: twenty pixels around the middle. What the picture cuts ends there.
    assert view.frames("front", [ahead, behind, aside, through, cut], (100, 80)) == [
        pytest.approx([40, 30, 60, 50]),
        None,
        None,
        None,
        pytest.approx([0, 30, 50 - 100 * 4 / 12, 50]),
    ]
    assert view.frames("left", [ahead], (100, 80)) == [None]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cloud": None}, "cloud: "),
        ({"front": "gone.png"}, "front: cannot read the file"),
        ({"cloud": "front.png"}, "cloud: expected a file of the type point_cloud"),
        ({"items": "front.png"}, "expected the name of a picture, such as 'front'"),
        ({"the left": "front.png"}, "expected the name of a picture"),
        ({"cameras": {"rear": AHEAD}}, "cameras: there is no picture of 'rear'; pictures are: 'front', 'left'"),
        ({"cameras": {"front": {**AHEAD, "extrinsic": [0] * 16}}}, "cameras: camera 'front': extrinsic"),
        ({"cameras": {"front": "gone.json"}}, "cameras: cannot read the file"),
    ],
)
def test_what_is_wrong_in_a_scene_is_told_with_the_part(folder: Path, change: dict[str, Any], why: str) -> None:
    whole = json.loads((folder / "scene.json").read_text())
    (folder / "scene.json").write_text(json.dumps({**whole, **change}))
    with pytest.raises(DataError, match=why):
        Scene().to_json(folder / "scene.json")


def test_what_is_no_scene_is_refused_and_so_is_a_scene_in_a_task(folder: Path) -> None:
    (folder / "scene.json").write_text("[1")
    for value, why in (
        (folder / "scene.json", "is no JSON"),
        (folder / "none.json", "cannot read"),
        ({}, "expected a scene"),
    ):
        with pytest.raises(DataError, match=why):
            Scene().to_json(value)
    with pytest.raises(SpecError, match=r"argument 'scene': a scene is an input of pipelines; here write its parts"):

        @df.task
        def whole(scene: df.Scene) -> bool:
            """Is it a street?"""
            ...


def test_parts_of_a_scene_are_asked_about_in_a_pipeline(folder: Path, tmp_path: Path) -> None:
    solid = [{"centre": [11.0, 0.0, 0.0], "size": [2.0, 2.0, 2.0], "heading": 0.0}]
    shown: list[Mapping[str, Any]] = []

    def look(inputs: Mapping[str, Any], truth: Any, chance: Any) -> dict[str, Any]:
        shown.append(inputs)
        return {"answer": True if "left" in inputs else solid}

    people = SimulatedPlatform([SimulatedWorker(f"w{n}", look, arrives=0.0) for n in range(3)], seed=1)
    policies = {on_left: POLICY, cuboids: POLICY.changed(quality="merge")}
    run: PipelineRun = df.launch(
        by_parts,
        [{"id": 1, "scene": str(folder / "scene.json")}],
        policies=policies,
        platform=people,
        workspace=tmp_path / "w",
        progress=False,
    )
    assert run.wait(60).ended
    [result] = run.labels().to_dict("records")
    assert result["error"] == ""
    assert result["left"] is True
    assert result["solid"][0]["centre"] == [11, 0, 0]
    assert result["boxes"][0] == pytest.approx([40, 30, 60, 50])
    asked = next(inputs for inputs in shown if "scan" in inputs)
    assert asked["scan"]["media"].endswith(".pcd")
    assert asked["cameras"]["front"]["intrinsic"][2] == 50
    assert asked["hint"] == {"shapes": [{"box": [1, 2, 30, 40]}]}
    assert isinstance(Scene().of_item(Scene().to_json(parts(folder))), View)
    run.close()
