"""Local files of items on their way to the platform."""

import os
import shutil
from pathlib import Path

import pytest

import dataforge as df
from dataforge.errors import RunError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.launches.uploads import upload


@df.task(duration="10s")
def clear(photo: df.Image) -> bool:
    """Is it clear?"""
    raise NotImplementedError


def test_files_are_uploaded_in_an_order_that_tells_no_folder_from_another(tmp_path: Path) -> None:
    rows: dict[str, list[dict[str, object]]] = {"control": [], "photos": []}
    for folder, listed in rows.items():
        (tmp_path / folder).mkdir()
        for number in range(40):
            path = tmp_path / folder / f"{number}.png"
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + f"{folder} {number}".encode())
            listed.append({"photo": str(path)})
    known = [{**row, "answer": True} for row in rows["control"]]
    items = df.Items.join(df.read_items(clear, rows["photos"]), df.read_items(clear, known, control=True))
    platform = SimulatedPlatform()
    upload(RunFolder(tmp_path / "run"), items.files(), lambda: platform, show=False)
    order = [content[8:].decode().split()[0] for content in platform.media.values()]
    assert len(order) == 80
    # Of the first half chance gives 20 to each folder, and fewer than 10 once in 100,000 times.
    assert 10 <= order[:40].count("control") <= 30


def test_a_file_that_was_overwritten_gets_no_answers_to_what_it_showed(tmp_path: Path) -> None:
    def draw(number: int, what: str) -> None:
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + f"{what} {number}".encode())

    def launch() -> df.Run:
        rows = [{"photo": str(tmp_path / f"{number}.png")} for number in range(4)]
        policy = df.Policy(overlap=1, speed=())
        return df.launch(clear, rows, policy=policy, name="run", platform=platform, workspace=tmp_path / "workspace")

    worker = SimulatedWorker("ann", right_with(1.0, {"answer": [True, False]}))
    platform = SimulatedPlatform([worker], lambda inputs: {"answer": True})
    for number in range(4):
        draw(number, "dog")
    run = launch()
    run.wait(progress=False)
    assert launch().labels()["answer"].all(), "it goes on with what it was launched with"
    # Touched and moved is not changed.
    os.utime(tmp_path / "0.png")
    shutil.copy(tmp_path / "1.png", tmp_path / "aside.png")
    (tmp_path / "aside.png").replace(tmp_path / "1.png")
    assert launch().labels()["answer"].all()
    draw(2, "cat")
    with pytest.raises(RunError, match=r"run 'run' has '.*2\.png' with other content than now \(1 of its files"):
        launch()
    with pytest.raises(RunError, match=r"'.*2\.png' with other content"):
        run.add([{"photo": str(tmp_path / "2.png"), "place": "elsewhere"}])
    draw(2, "dog")
    assert launch().labels()["answer"].all()


def test_a_picture_of_the_training_that_was_overwritten_is_not_taken_for_the_one_that_is_shown(tmp_path: Path) -> None:
    def launch() -> df.Run:
        rows, taught = (
            [{"photo": str(tmp_path / f"{number}.png")} for number in some] for some in (range(4), range(4, 10))
        )
        return df.launch(
            clear,
            rows,
            policy=df.Policy(overlap=1, speed=()),
            name="run",
            training=[{**row, "answer": True} for row in taught],
            platform=platform,
            workspace=tmp_path / "workspace",
        )

    platform = SimulatedPlatform([SimulatedWorker("ann", right_with(1.0, {"answer": [True, False]}))])
    for number in range(10):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + f"dog {number}".encode())
    launch()
    launch()
    (tmp_path / "5.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"cat")
    with pytest.raises(RunError, match=r"run 'run' has '.*5\.png' with other content"):
        launch()
