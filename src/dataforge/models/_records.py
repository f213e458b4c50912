"""What models said of items and what that cost, as it is on the disk: a file for each model in a run's folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from dataforge.files.durable import sync, sync_folder
from dataforge.models._model import Model
from dataforge.records import Money

__all__ = ["Recorded", "Said", "Spending", "Spent", "has_said", "path_of", "record_of", "spent", "write_down"]

RECORDS = "model-*.jsonl"


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model said of a batch, by digest of the inputs, and what one of its items cost; or what was wrong."""

    model: str
    price: Money
    said: dict[str, Any]
    wrong: str = ""


class Spent(NamedTuple):
    """What a model has cost: it was asked about so many items."""

    model: str
    items: int
    cost: Money


class Recorded:
    """What a model said for a run, by digest of the inputs, and what was wrong first, as far as it was read.

    Whoever asks as answers come reads what is new each time, and not all again.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._end = path, 0
        self.said: dict[str, Any] = {}
        self.wrong = ""

    def read_on(self) -> dict[str, Any]:
        """What was said, with what was written since."""
        for line, end in _lines(self._path, self._end):
            self.said.update(line.said)
            self.wrong, self._end = self.wrong or line.wrong, end
        return self.said


class Spending:
    """What models that were asked for runs have cost, and which failed, as far as it was read.

    Whoever looks again and again reads what is new each time: a run may have a million labels of a model.
    """

    def __init__(self) -> None:
        self._ends: dict[Path, int] = {}
        self._spent: dict[Path, dict[str, Spent]] = {}
        self._failed: dict[Path, list[tuple[str, str]]] = {}

    def read_on(self, folders: Sequence[Path]) -> None:
        """Take in what was written since in the runs of these folders."""
        for folder in folders:
            for path in sorted(folder.glob(RECORDS)):
                self._read(path, self._spent.setdefault(folder, {}), self._failed.setdefault(folder, []))

    def _read(self, path: Path, found: dict[str, Spent], failed: list[tuple[str, str]]) -> None:
        for line, end in _lines(path, self._ends.get(path, 0)):
            self._ends[path] = end
            if line.price and line.said:
                before = found.get(line.model, Spent(line.model, 0, 0))
                count = len(line.said)
                found[line.model] = Spent(line.model, before.items + count, before.cost + count * line.price)
            if line.wrong:
                failed.append((line.model, line.wrong))

    @property
    def spent(self) -> list[Spent]:
        """What models have cost that cost something, by run."""
        return [one for found in self._spent.values() for one in found.values()]

    def failed(self, folder: Path) -> list[tuple[str, str]]:
        """Which models failed in the run of a folder, and what was wrong."""
        return self._failed.get(folder, [])


def spent(folder: Path) -> list[Spent]:
    """What models that were asked for the run in a folder have cost, those that cost something."""
    found = Spending()
    found.read_on([folder])
    return found.spent


def has_said(folder: Path, model: Model) -> bool:
    """Whether a model gave any label for the run in a folder."""
    return any(said is not None for said in record_of(folder, model).read_on().values())


def record_of(folder: Path, model: Model) -> Recorded:
    """What a model said for the run in a folder, of which nothing is read yet."""
    return Recorded(path_of(folder, model))


def path_of(folder: Path, model: Model) -> Path:
    return folder / f"model-{blake2b(model.name.encode(), digest_size=6).hexdigest()}.jsonl"


def _lines(path: Path, start: int = 0) -> Iterator[tuple[Said, int]]:
    """The lines of a record from a place on, each with the place where it ends; one that was cut off is passed over."""
    if not path.exists():
        return
    with open(path, "rb") as file:
        file.seek(start)
        for line in file:
            start += len(line)
            with suppress(msgspec.MsgspecError):
                yield msgspec.json.decode(line, type=Said), start


def write_down(path: Path, line: Said) -> None:
    """Have what a batch said on the disk, a line, before it counts."""
    new = not path.exists()
    with open(path, "ab") as file:
        # The line break comes first, for a killed launch may have left half a line.
        file.write(b"\n" + msgspec.json.encode(line) + b"\n")
        file.flush()
        sync(file.fileno())
    if new:
        # That of the run is new as well, perhaps.
        sync_folder(path.parent)
        sync_folder(path.parent.parent)
