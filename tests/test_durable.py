"""What is said to be on the disk is there: content before name, name before anything that relies on it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation.consensus.base import Consensus
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog, Ticked
from dataforge.runs.handle.launch import describe
from dataforge.runs.quality._fits import fit_arrays, save_fits
from dataforge.workspace import Workspace

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads which file a descriptor is of")


@df.task(name="Animals", duration="10s")
def animals(caption: df.Text) -> bool:
    """Is it an animal?"""
    raise NotImplementedError


class Disk:
    """What was brought to the disk and what was renamed, in that order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.happened: list[tuple[str, Path]] = []
        self.sizes: dict[Path, int] = {}
        sync, replace = os.fsync, os.replace

        def synced(descriptor: int) -> None:
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
            self.happened.append(("sync", path))
            self.sizes[path] = os.fstat(descriptor).st_size
            sync(descriptor)

        def replaced(source: Any, target: Any) -> None:
            self.happened.append(("rename", Path(target)))
            # Whoever reads the name from now on finds what was synced under the other one.
            if Path(source) in self.sizes:
                self.sizes[Path(target)] = self.sizes[Path(source)]
            replace(source, target)

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(os, "replace", replaced)

    def assert_durable(self, path: Path) -> None:
        """The file's content was on the disk before it got its name, and the name was afterwards."""
        renamed = self.happened.index(("rename", path))
        assert self.sizes.get(path) == path.stat().st_size
        assert any(kind == "sync" for kind, _ in self.happened[:renamed])
        assert ("sync", path.parent) in self.happened[renamed:]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def launch(folder: RunFolder) -> None:
    items = df.read_items(animals, [{"id": 1, "caption": "a dog"}])
    folder.create(describe("run", animals, items, df.Policy(), SimulatedPlatform()), items)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("run.json", launch),
        ("items.parquet", launch),
        ("identity", lambda folder: folder.identity()),
        ("media.json", lambda folder: folder.add_media({"a.png": {"media": "b.png"}})),
        ("parameters-1.npz", lambda folder: save_fits(folder.path, 1, "", fit_arrays(fit()))),
    ],
    ids=["run.json", "items.parquet", "identity", "media.json", "parameters"],
)
def test_files_of_a_run_are_on_the_disk_with_their_names(
    tmp_path: Path, disk: Disk, name: str, write: Callable[[RunFolder], object]
) -> None:
    folder = RunFolder(tmp_path / "runs" / "run")
    folder.path.mkdir(parents=True)
    write(folder)
    disk.assert_durable(folder.path / name)


def fit() -> Consensus:
    return Consensus(probabilities=np.ones((1, 2)) / 2, skills=np.ones(1))


def test_the_items_are_on_the_disk_before_the_description_says_that_the_run_is_there(
    tmp_path: Path, disk: Disk
) -> None:
    folder = RunFolder(tmp_path / "runs" / "run")
    launch(folder)
    renamed = [path.name for kind, path in disk.happened if kind == "rename"]
    assert renamed.index("items.parquet") < renamed.index("run.json")
    assert disk.happened.index(("sync", folder.path.parent)) < disk.happened.index(("rename", folder.path / "run.json"))


def test_the_secret_is_on_the_disk_before_anybody_is_told_it(tmp_path: Path, disk: Disk) -> None:
    workspace = Workspace(tmp_path / "workspace")
    workspace.secret()
    assert [kind for kind, path in disk.happened if path.name.startswith("secret.")] == ["sync"]
    assert disk.happened[-1] == ("sync", workspace.root)


def test_what_is_appended_to_the_log_is_on_the_disk_and_so_is_the_name_of_a_new_log(tmp_path: Path, disk: Disk) -> None:
    path = tmp_path / "log.jsonl"
    log = RunLog(path)
    assert disk.happened == [("sync", tmp_path)]
    for number in range(3):
        log.append([Ticked(float(number))])
        assert disk.sizes[path] == path.stat().st_size
    before = len(disk.happened)
    log.append([Ticked(4.0)], durable=False)
    log.close()
    assert len(disk.happened) == before
    RunLog(path).close()
    assert len(disk.happened) == before


def test_what_is_left_of_a_line_that_a_crash_has_torn_is_off_the_disk_before_the_log_goes_on(
    tmp_path: Path, disk: Disk
) -> None:
    path = tmp_path / "log.jsonl"
    whole = b'{"entry":"ticked","at":1.0}\n'
    path.write_bytes(whole + b'{"entry":"ti')
    RunLog(path).close()
    assert path.read_bytes() == whole
    assert disk.sizes[path] == len(whole)
