"""A platform that is a folder: what is asked of workers and what they answered lies in one file per run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec
from filelock import FileLock

from dataforge import records
from dataforge.errors import PlatformError, Refused
from dataforge.records import (
    AddItems,
    Allow,
    Batch,
    Command,
    Event,
    Item,
    Judge,
    Publication,
    Republish,
    Restrict,
    SetState,
    Want,
    Withhold,
)
from dataforge.workspace import Workspace


class Slip(msgspec.Struct):
    """An item, how many answers it should have, how many places are taken, and who has seen it or never gets it."""

    item: Item
    wanted: int
    held: int = 0
    seen: list[str] = []


class Letter(msgspec.Struct):
    """A page that a worker has taken."""

    worker: str
    items: list[str]
    at: float
    accepted: bool | None = None


class Box(msgspec.Struct):
    """A run on the platform. `events` is all that happened, numbered from 1; `done` are the keys of commands."""

    publication: Publication
    state: records.State = "open"
    slips: dict[str, Slip] = {}
    letters: dict[str, Letter] = {}
    closed_until: dict[str, float] = {}
    done: set[str] = set()
    events: list[Event] = []

    def tell(self, kind: type[Event], **what: Any) -> None:
        """Add an event."""
        self.events.append(kind(cursor=len(self.events) + 1, at=time.time(), **what))

    def carry_out(self, command: Command) -> None:
        """Do what a command says."""
        match command:
            case AddItems():
                for item in command.items:
                    self.slips.setdefault(item.key, Slip(item, item.wanted))
            case Want():
                for key, wanted in command.wanted.items():
                    self.slips[key].wanted = wanted
            case Judge():
                for page in (*command.accepted, *command.rejected):
                    self.judge(page, page in command.accepted)
            case Restrict():
                self.closed_until[command.worker] = command.until
                self.tell(records.WorkerRestricted, worker=command.worker, until=command.until, reason=command.reason)
            case Allow():
                self.closed_until.pop(command.worker, None)
                self.tell(records.WorkerAllowed, worker=command.worker)
            case Withhold():
                for key, workers in command.workers.items():
                    self.slips[key].seen += workers
            case SetState():
                self.state = command.state
                self.tell(records.RunStateChanged, state=command.state)
            case Republish():
                self.publication = command.publication

    def judge(self, page: str, accepted: bool) -> None:
        """Pay a page or give its places back; a rejected one may be accepted later."""
        letter = self.letters[page]
        if letter.accepted or letter.accepted == accepted:
            return
        letter.accepted = accepted
        if not accepted:
            for key in letter.items:
                self.slips[key].held -= 1
        amount = self.publication.prices[len(letter.items) - 1] if accepted else 0
        self.tell(records.PageJudged, page=page, worker=letter.worker, accepted=accepted, amount=amount)


class Letterbox:
    """Runs as files in a folder, which several processes may share."""

    name = "letterbox"
    commission = 0.0

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    def settings(self) -> dict[str, Any]:
        """Where the folder is: with that another process finds the same letterbox."""
        return {"folder": str(self.folder)}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], workspace: Workspace) -> Self:
        """The letterbox of a folder."""
        if not Path(settings["folder"]).is_dir():
            raise PlatformError(f"there is no folder {settings['folder']!r}")
        return cls(settings["folder"])

    def now(self) -> float:
        """The time of this machine."""
        return time.time()

    def publish(self, publication: Publication) -> None:
        """Begin a file for the run, unless there is one."""
        if publication.budget is not None or publication.languages or publication.workers:
            raise Refused("a letterbox keeps no budgets and asks nothing of workers", status=422, code="not_kept")
        if not self._path(publication.name).exists():
            self._write(publication.name, Box(publication))

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        """Carry out the commands whose keys are new."""
        with self._opened(run) as box:
            for command in commands:
                if command.key not in box.done:
                    box.carry_out(command)
                    box.done.add(command.key)

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; waits for them a while, but no longer than additions to the run may wait."""
        give_up = time.monotonic() + min(wait, 1.0)
        while not (events := tuple(self._read(run).events[after:])) and time.monotonic() < give_up:
            time.sleep(0.05)
        return Batch(events, after + len(events))

    def show(self, run: str, snapshot: records.Snapshot) -> None:
        """Show nothing: a letterbox has no pages for the requester."""

    def attach(self, path: Path) -> dict[str, Any]:
        """Leave the file where it is."""
        return {"url": path.resolve().as_uri()}

    def invitation(self, run: str) -> str | None:
        """None: workers know where the folder is."""
        return None

    def dashboard(self, run: str) -> str | None:
        """None."""
        return None

    # --- for workers ------------------------------------------------------------------------------

    def take(self, run: str, worker: str) -> tuple[str, list[dict[str, Any]]] | None:
        """A page for a worker and the inputs of its items; None if there is nothing to do now."""
        with self._opened(run) as box:
            unseen = [slip for slip in box.slips.values() if worker not in slip.seen]
            real = [slip for slip in unseen if not slip.item.control and slip.held < slip.wanted]
            if not real or box.state != "open" or box.closed_until.get(worker, 0) > time.time():
                return None
            control = [slip for slip in unseen if slip.item.control and slip.wanted]
            chosen = control[: box.publication.control_per_page] + real[: box.publication.real_per_page]
            if not any(letter.worker == worker for letter in box.letters.values()):
                box.tell(records.WorkerJoined, worker=worker)
            for slip in chosen:
                slip.seen.append(worker)
                slip.held += 1
            keys, page = [slip.item.key for slip in chosen], f"page{len(box.letters)}"
            box.letters[page] = Letter(worker, keys, time.time())
            box.tell(records.PageTaken, page=page, worker=worker, items=tuple(keys))
            return page, [slip.item.inputs for slip in chosen]

    def submit(self, run: str, page: str, answers: Sequence[dict[str, Any]]) -> None:
        """Send a page back, with an answer to each item in the order shown."""
        with self._opened(run) as box:
            letter = box.letters[page]
            said = {"items": tuple(letter.items), "answers": tuple(answers), "seconds": time.time() - letter.at}
            box.tell(records.PageSubmitted, page=page, worker=letter.worker, **said)

    # --- the file ---------------------------------------------------------------------------------

    def _path(self, run: str) -> Path:
        return self.folder / f"{run}.json"

    def _read(self, run: str) -> Box:
        return msgspec.json.decode(self._path(run).read_bytes(), type=Box)

    def _write(self, run: str, box: Box) -> None:
        aside = self.folder / f"{run}.part"
        aside.write_bytes(msgspec.json.encode(box))
        aside.replace(self._path(run))

    @contextmanager
    def _opened(self, run: str) -> Iterator[Box]:
        """The run's file, for one process at a time, written back at the end."""
        with FileLock(self.folder / f"{run}.lock"):
            box = self._read(run)
            yield box
            self._write(run, box)
