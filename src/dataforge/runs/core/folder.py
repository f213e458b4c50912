"""A run's folder: what was launched, the items, the log, the lock."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock
from msgspec.structs import replace

from dataforge.changes.gone import Gone, gone
from dataforge.data.items import Items
from dataforge.data.training import placed
from dataforge.endings import LOG_FILE, last_ending
from dataforge.errors import RunError, RunGone
from dataforge.feed import FEED_FILE, ITEMS_FILE, Feed
from dataforge.files.durable import sync_folder, write_whole
from dataforge.files.standing import is_held
from dataforge.names import spelled
from dataforge.records import Publication, Terms, Texts
from dataforge.runs.core.log import FORMAT, last_shown
from dataforge.tasks.task import Task
from dataforge.workspace import Folder, Workspace

__all__ = ["Description", "RunFolder", "folder_of_identity", "placed_file", "run_folders"]

SUMMARY_FILE = "summary.json"
MEDIA_FILE = "media.json"
PLACE_FILE = "place.json"


class _Format(msgspec.Struct, frozen=True):
    """Of a description only its version, which tells whether the rest can be understood."""

    format: int = 0


class Description(msgspec.Struct, frozen=True):
    """What was launched: `run.json`.

    From `settings` the platform is made again; where a launch of an older version wrote none it needs none.
    `open`: the run does not end before it is told that no more items come. `check` names the run in which its answers
    are judged. `launched_as` is the first name of a run that was renamed. `format` is the folder's version; 0 is from
    before there were any. `taught`: what there is to say of the training items, for as long as there are no others.
    `passing`: how many workers passed what it asked then.
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
    check: str = ""
    launched_as: str = ""
    passing: tuple[Texts, ...] = ()
    format: int = 0
    taught: tuple[Texts, ...] = ()

    @property
    def checks(self) -> str:
        """The identity of the run whose answers are judged in this one; empty if it judges none."""
        return self.publication.checks

    @property
    def first_name(self) -> str:
        """The name that the run was launched by; the order of its items follows from it."""
        return self.launched_as or self.name

    def renamed(self, name: str) -> Description:
        """The same run under another name."""
        publication = replace(self.publication, name=name)
        return replace(self, name=name, publication=publication, launched_as=self.first_name)

    def with_identity(self, identity: str) -> Description:
        """The same launch as a run of that identity."""
        return replace(self, publication=replace(self.publication, identity=identity))

    def terms(self) -> Terms:
        """What the run asked when it was launched."""
        return Terms(self.policy, self.publication, notices=self.taught)

    def task(self) -> Task:
        """The task, without its function."""
        return Task.from_spec(self.publication.task)


@dataclass(frozen=True)
class RunFolder:
    """Paths inside a run's folder, and how they are read and written."""

    path: Path

    @classmethod
    def of(cls, workspace: Workspace, name: str) -> RunFolder:
        """The folder of a run, whether it is there or not; raises `RunError` for a path in place of a name."""
        return cls(workspace.runs / spelled(name))

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def log(self) -> Path:
        """The run log."""
        return self.path / LOG_FILE

    def log_size(self) -> int:
        """How many bytes the run log has; 0 if there is none."""
        try:
            return self.log.stat().st_size
        except FileNotFoundError:
            return 0

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
            write_whole(self.path / "identity", secrets.token_hex(8).encode())
        return path.read_text()

    @property
    def has_identity(self) -> bool:
        """Whether the run may be known on a platform."""
        return bool(self._known_identity())

    def gone(self) -> Gone | None:
        """What was asked to become of the run; None if it goes on."""
        return gone(self.path)

    def check_there(self, identity: str, *, goes_on: bool = False) -> None:
        """Raise `RunGone` if the run of that identity is no more here, or, with `goes_on`, if it is archived."""
        mark = self.gone()
        if mark is not None and (goes_on or mark.what != "archived"):
            raise RunGone(mark.told(self.name))
        if not self.exists or self._known_identity() != identity:
            raise RunGone(self._where_it_went(identity))

    def _known_identity(self) -> str:
        try:
            # One that is damaged is that of no run, and no other run's trouble.
            return (self.path / "identity").read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    def _where_it_went(self, identity: str) -> str:
        for other in run_folders(self.path.parent) if identity else ():
            if other.exists and other._known_identity() == identity:
                return Gone("renamed", other.name).told(self.name)
        return f"run {self.name!r} is no more in {str(self.path.parent)!r}: it was deleted, or its folder was removed"

    def lock(self) -> FileLock:
        """The lock that the process which drives the run holds; to take it makes the folder, if there is none."""
        return FileLock(self.path / "lock", blocking=False, thread_local=False)

    def clear_stray(self) -> None:
        """Remove a folder in which there is nothing but a lock: it was made by taking that."""
        if self.path.is_dir() and {path.name for path in self.path.iterdir()} <= {"lock"}:
            (self.path / "lock").unlink(missing_ok=True)
            with suppress(OSError):
                self.path.rmdir()

    def locked(self) -> bool:
        """Whether some process drives the run now."""
        if not self.path.is_dir():
            return False
        try:
            return is_held(self.lock())
        except FileNotFoundError:  # it was deleted or renamed at this very moment
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
        mark = self.gone()
        if description.name != self.name and (mark is None or mark.to != description.name):
            raise RunError(
                f"{str(self.path)!r} is a copy of the run {description.name!r}, or was renamed: two that drive one run "
                f"would disturb each other; call the folder {description.name!r} again, or move it out of the "
                "workspace (`dataforge rename` calls a run otherwise)"
            )
        return description

    def create(self, description: Description, items: Items) -> None:
        """Write items and description; the description last, whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            sync_folder(self.path.parent)
            items.save(self.items)
            self.write(description)
        except OSError as error:
            raise RunError(f"the run's folder {str(self.path)!r} cannot be written: {error.strerror}") from error

    def write(self, description: Description) -> None:
        """Write the description, whole or not at all."""
        write_whole(self.path / "run.json", msgspec.json.encode(replace(description, format=FORMAT)))

    def settle(self) -> None:
        """Note that the run is driven from here, as somebody has asked for."""
        write_whole(self.path / PLACE_FILE, msgspec.json.encode(Folder.at(self.path)))

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

    def check(self) -> RunFolder | None:
        """The folder of the run in which this one's answers are judged; None if none is to be found, or any more."""
        try:
            name = self.describe().check
        except RunError:
            return None
        check = RunFolder(self.path.parent / name)
        return check if name and check.exists else None

    def judged(self) -> RunFolder | None:
        """The folder of the run whose answers are judged in this one; None if there is none, or none any more."""
        return folder_of_identity(self.path.parent, self.describe().checks)

    def launched_at(self) -> float:
        """When the run was launched, in seconds since the epoch: another time is another run of its name."""
        return _changed_at(self.path / "run.json")

    def begun_at(self) -> float:
        """When its launch was begun, before a platform heard of it, in seconds since the epoch."""
        return _changed_at(self.path / "identity")

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

    def on_platform(self, publication: Publication) -> Publication:
        """The publication with what its local files are called on the platform, which has them."""
        if publication.training is None:
            return publication
        media = self.media()
        return placed(
            publication,
            lambda value: placed_file(value, media) if isinstance(value, dict) and "file" in value else value,
        )

    def add_media(self, media: Mapping[str, dict[str, Any]]) -> None:
        """Note what further local files are called on the platform; several processes may do so at once."""
        self.path.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path / "media.lock"):
            write_whole(self.path / MEDIA_FILE, msgspec.json.encode({**self.media(), **media}))

    def summary(self) -> bytes:
        """What `save_summary` wrote last; raises `FileNotFoundError` if nothing."""
        return (self.path / SUMMARY_FILE).read_bytes()

    def save_summary(self, content: bytes) -> None:
        """Write down how the run stands; should the disk lose it, the log still tells."""
        write_whole(self.path / SUMMARY_FILE, content, durable=False)


def run_folders(runs: Path) -> list[RunFolder]:
    """The folders that may be of runs, by name; what begins with a dot is the rest of a run that was deleted."""
    if not runs.is_dir():
        return []
    return [RunFolder(path) for path in sorted(runs.iterdir()) if not path.name.startswith(".")]


def placed_file(value: Mapping[str, Any], media: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """What a local file is called on the platform, with what is said beside it."""
    return {**media[value["file"]], **{name: one for name, one in value.items() if name != "file"}}


def folder_of_identity(runs: Path, identity: str) -> RunFolder | None:
    """The folder of the run of that identity; None if there is none, or none any more."""
    others = run_folders(runs) if identity else ()
    return next((folder for folder in others if folder.exists and folder._known_identity() == identity), None)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
