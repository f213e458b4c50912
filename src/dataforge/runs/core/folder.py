"""A run's folder: what was launched, the items, the log, the lock."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout
from msgspec.structs import replace

from dataforge.durable import put_in_place, sync_folder
from dataforge.endings import LOG_FILE, last_ending
from dataforge.errors import RunError
from dataforge.feed import FEED_FILE, ITEMS_FILE, Feed
from dataforge.items import Items
from dataforge.records import Publication, Texts
from dataforge.runs.core.log import FORMAT, last_shown
from dataforge.task import Task
from dataforge.workspace import Folder, Workspace

__all__ = ["Description", "RunFolder"]

SUMMARY_FILE = "summary.json"
MEDIA_FILE = "media.json"
PLACE_FILE = "place.json"


class _Format(msgspec.Struct, frozen=True):
    """Of a description only its version, which tells whether the rest can be understood."""

    format: int = 0


class Description(msgspec.Struct, frozen=True):
    """What was launched: `run.json`.

    From `settings` the platform is made again; where a launch of an older version wrote none it needs none.
    `open`: the run does not end before it is told that no more items come. `format` is the folder's version; 0 is from
    before there were any.
    """

    name: str
    publication: Publication
    policy: dict[str, Any]
    platform: str
    created: float
    commission: float = 0.0
    notices: tuple[Texts, ...] = ()
    settings: dict[str, Any] = {}
    open: bool = False
    format: int = 0

    def with_identity(self, identity: str) -> Description:
        """The same launch as a run of that identity."""
        return replace(self, publication=replace(self.publication, identity=identity))

    def task(self) -> Task:
        """The task, without its function."""
        return Task.from_spec(self.publication.task)


@dataclass(frozen=True)
class RunFolder:
    """Paths inside a run's folder, and how they are read and written."""

    path: Path

    @classmethod
    def of(cls, workspace: Workspace, name: str) -> RunFolder:
        """The folder of a run, whether it is there or not."""
        return cls(workspace.runs / name)

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def log(self) -> Path:
        """The run log."""
        return self.path / LOG_FILE

    @property
    def items(self) -> Path:
        """The table of items."""
        return self.path / ITEMS_FILE

    @property
    def checkpoint(self) -> Path:
        """What the run's driver knew after a part of the log."""
        return self.path / "checkpoint.npz"

    @property
    def exists(self) -> bool:
        """Whether a run was launched here; the description is written last."""
        return (self.path / "run.json").exists()

    def identity(self) -> str:
        """What tells this run from every other of its name; made when it is first asked for.

        It is on the disk before a platform hears of it: after a crash in between the launch goes on with the same one.
        """
        path = self.path / "identity"
        if not path.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            self._write("identity", secrets.token_hex(8).encode())
        return path.read_text()

    def lock(self) -> FileLock:
        """The lock that the process which drives the run holds."""
        self.path.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path / "lock", blocking=False, thread_local=False)

    def locked(self) -> bool:
        """Whether some process drives the run now."""
        lock = self.lock()
        try:
            lock.acquire()
        except Timeout:
            return True
        lock.release()
        return False

    def describe(self) -> Description:
        """What was launched here."""
        path = self.path / "run.json"
        try:
            content = path.read_bytes()
            if (version := msgspec.json.decode(content, type=_Format).format) > FORMAT:
                raise RunError(
                    f"{str(path)!r} was written by a newer DataForge (format {version}, this one reads up to "
                    f"{FORMAT}): update DataForge"
                )
            description = msgspec.json.decode(content, type=Description)
        except FileNotFoundError:
            raise RunError(f"there is no run {self.name!r} in {str(self.path.parent)!r}") from None
        except OSError as error:
            raise RunError(f"{str(path)!r} cannot be read: {error.strerror}") from error
        except msgspec.MsgspecError as error:
            raise RunError(f"{str(path)!r} is damaged: {error}; restore the folder from a copy") from error
        if description.name != self.name:
            raise RunError(
                f"{str(self.path)!r} is a copy of the run {description.name!r}, or was renamed: two that drive one run "
                f"would disturb each other; call it {description.name!r} again, or move it out of the workspace"
            )
        return description

    def create(self, description: Description, items: Items) -> None:
        """Write items and description; the description last, whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            sync_folder(self.path.parent)
            items.save(self.items)
            self._write("run.json", msgspec.json.encode(msgspec.structs.replace(description, format=FORMAT)))
        except OSError as error:
            raise RunError(f"the run's folder {str(self.path)!r} cannot be written: {error.strerror}") from error

    def settle(self) -> None:
        """Note that the run is driven from here, as somebody has asked for."""
        self._write(PLACE_FILE, msgspec.json.encode(Folder.at(self.path)))

    def check_settled(self) -> None:
        """Raise `RunError` for a copy of the folder: that both drive one run on a platform is for somebody to ask."""
        try:
            settled = msgspec.json.decode((self.path / PLACE_FILE).read_bytes(), type=Folder)
        except (FileNotFoundError, msgspec.MsgspecError):
            return
        here = Folder.at(self.path)
        if here is not None and (here.device, here.inode) != (settled.device, settled.inode):
            raise RunError(
                f"run {self.name!r} was driven from {settled.path!r}, and this folder is a copy of that one; so that "
                "not both drive it, it goes on here only when it is launched again or by "
                f"open_run({self.name!r}).drive()"
            )

    def load_items(self, task: Task) -> Items:
        """The items that were launched."""
        return Items.load(self.items, task)

    def feed(self) -> Feed:
        """The items that come after the launch."""
        return Feed(self.path)

    def launched_at(self) -> float:
        """When the run was launched, in seconds since the epoch: another time is another run of its name."""
        return _changed_at(self.path / "run.json")

    def fed_at(self) -> float:
        """When the run was last fed, in seconds since the epoch; 0 if it never was."""
        return max(map(_changed_at, (self.path / FEED_FILE, self.path / f"{FEED_FILE}-wal")))

    def over(self) -> bool:
        """Whether nothing is left to do: the run has ended and was shown, and nothing has come to its feed since."""
        shown = last_shown(self.log)
        if shown is None:
            return False
        with closing(self.feed()) as feed:
            now = feed.state()
        # A run that has ended otherwise takes no more items, whatever its feed holds.
        all_taken = now.fed == shown.fed or last_ending(self.log) != "done"
        return all_taken and (now.corrections, now.changes) == (shown.corrections, shown.changes)

    def media(self) -> dict[str, dict[str, Any]]:
        """What local files are called on the platform: path to reference."""
        path = self.path / MEDIA_FILE
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Any]])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as error:
            raise RunError(
                f"{str(path)!r} is damaged: {error}; remove it: the files are then uploaded again, which changes "
                "nothing"
            ) from error

    def add_media(self, media: Mapping[str, dict[str, Any]]) -> None:
        """Note what further local files are called on the platform; several processes may do so at once."""
        self.path.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path / "media.lock"):
            self._write(MEDIA_FILE, msgspec.json.encode({**self.media(), **media}))

    def summary(self) -> bytes:
        """What `save_summary` wrote last; raises `FileNotFoundError` if nothing."""
        return (self.path / SUMMARY_FILE).read_bytes()

    def save_summary(self, content: bytes) -> None:
        """Write down how the run stands; should the disk lose it, the log still tells."""
        self._write(SUMMARY_FILE, content, durable=False)

    def _write(self, name: str, content: bytes, *, durable: bool = True) -> None:
        aside = self.path / f"{name}.{os.getpid()}.part"
        aside.write_bytes(content)
        if durable:
            put_in_place(aside, self.path / name)
        else:
            aside.replace(self.path / name)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
