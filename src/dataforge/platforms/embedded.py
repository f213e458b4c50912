"""The embedded platform's client: the requester's side of a workspace's server, over HTTP.

A call that finds nobody looks for the server again, because it may have come back at another port, and starts it if
it was told to. Every call may be repeated without harm, so that a lost reply is simply asked for again.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from dataforge.errors import DataError, PlatformError, Refused, Unreachable
from dataforge.platforms._process import FIRST_PAUSE, answering, started
from dataforge.records import (
    AskedOfWorkers,
    Batch,
    Command,
    Money,
    PageAppeal,
    PassingWorkers,
    Publication,
    Snapshot,
    TaskSpec,
)
from dataforge.texts import half_character
from dataforge.workspace import Workspace, outside

__all__ = ["PLUGIN", "EmbeddedPlatform", "Person", "connect"]

PATIENCE = 15.0
"""How long, in seconds, a call looks for a server that does not answer."""
TIMEOUT = 60.0
LONGEST_WAIT = 1.0
"""A run looks at its feed between polls, so that items which are added while nobody works are seen about so soon."""
LONGEST_PAUSE = 1.0
APPEALS_AT_ONCE = 500
PEOPLE_AT_ONCE = 500
MEDIA_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")

Reply = TypeVar("Reply")


class _RunView(msgspec.Struct, frozen=True):
    """The part of a run's view that a client needs."""

    invitation_path: str | None = None


class _PreviewPlace(msgspec.Struct, frozen=True):
    """Where a preview can be looked at."""

    path: str


class _InvitationPlace(msgspec.Struct, frozen=True):
    """Where a new invitation is to be opened."""

    path: str


class _InvitationPlaces(msgspec.Struct, frozen=True):
    """Where new invitations are to be opened."""

    invitations: list[_InvitationPlace]


class _Appeals(msgspec.Struct, frozen=True):
    """A part of a run's appeals."""

    appeals: list[PageAppeal]


class _Came(msgspec.Struct, frozen=True):
    """An invitation by which a worker came."""

    name: str
    label: str


class _Amount(msgspec.Struct, frozen=True):
    """What a worker has in a currency."""

    currency: str
    earned: Money
    pending: Money


class Person(msgspec.Struct, frozen=True):
    """A worker over all runs of the server, as it lists them; see docs/http-api.md."""

    worker: str
    name: str
    language: str
    joined: float
    seen: float
    state: str
    came_by: list[_Came]
    responses: int
    pages_accepted: int
    pages_rejected: int
    control_correct: int
    control_total: int
    control_low: float | None
    control_high: float | None
    seconds_per_item: float | None
    pace: float | None
    money: list[_Amount]
    noted: bool


class _People(msgspec.Struct, frozen=True):
    """A part of all workers."""

    people: list[Person]


class _SkillView(msgspec.Struct, frozen=True):
    """The part of a worker's skill that a client needs."""

    name: str
    value: float


class _SkillsView(msgspec.Struct, frozen=True):
    """A worker's skills."""

    skills: list[_SkillView]


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""
    details: dict[str, Any] = {}


class _ErrorBody(msgspec.Struct, frozen=True):
    error: _Error


class EmbeddedPlatform:
    """The server of a workspace; with `start` it is started as a process of its own when nothing answers."""

    name = "embedded"
    commission = 0.0

    def __init__(self, workspace: Workspace, *, start: bool = False, patience: float = PATIENCE) -> None:
        self.workspace = workspace
        self._start = start
        self._patience = patience
        self._client: httpx.Client | None = None
        self._closing: weakref.finalize[..., Any] | None = None
        self._url = ""

    def settings(self) -> dict[str, Any]:
        """None are needed: the workspace says where its server is, and holds the secret."""
        return {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], workspace: Workspace) -> Self:
        """The workspace's server, which is not started if it does not run."""
        return cls(workspace)

    # --- what a run asks of it --------------------------------------------------------------------

    def now(self) -> float:
        """The time; the server runs on this machine."""
        return time.time()

    def publish(self, publication: Publication) -> None:
        """Put a run on the server; it gets its items by commands."""
        self._call("PUT", f"/api/runs/{publication.name}", publication)

    def rename(self, publication: Publication, name: str) -> None:
        """Call the run otherwise on its pages and in its address; invitations go on as they are."""
        order = {"name": name, "identity": publication.identity}
        self._call("POST", f"/api/runs/{publication.name}/name", order, missing_is_fine=True)

    def delete(self, publication: Publication) -> None:
        """Remove the run with its items, answers and files; what its workers earned stays in their accounts."""
        path = f"/api/runs/{publication.name}?identity={publication.identity}"
        self._call("DELETE", path, missing_is_fine=True)

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        """Carry out commands in one transaction; those whose key is known are skipped."""
        self._call("POST", f"/api/runs/{run}/commands", {"commands": list(commands)})

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; waits up to `wait` seconds while there are none, but never long."""
        wait = min(wait, LONGEST_WAIT)
        path = f"/api/runs/{run}/events?after={after}&wait={wait:g}"
        return self._read(self._call("GET", path, timeout=TIMEOUT + wait), Batch)

    def show(self, run: str, snapshot: Snapshot) -> None:
        """Put what the run knows of its quality on the requester's pages."""
        self._call("PUT", f"/api/runs/{run}/snapshot", snapshot)

    def attach(self, path: Path) -> dict[str, Any]:
        """Upload a file, unless the server has it, and get the reference that items carry in its place."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            suffix = path.suffix.lower() if MEDIA_SUFFIX.fullmatch(path.suffix.lower()) else ".bin"
            media = f"{digest}{suffix}"
            if self._call("HEAD", f"/api/media/{media}", missing_is_fine=True).status_code == 404:
                self._call("PUT", f"/api/media/{media}", path)
        except OSError as error:
            raise DataError(f"file {str(path)!r} cannot be read: {error.strerror}; check the path") from error
        return {"media": media}

    def invitation(self, run: str) -> str | None:
        """The address that lets a worker join."""
        path = self._read(self._call("GET", f"/api/runs/{run}"), _RunView).invitation_path
        return None if path is None else outside(self._url + path)

    def invite(self, run: str, uses: int | None, seconds: float) -> str:
        """A further address that lets so many workers join for so long."""
        order = {"run": run, "uses": uses, "expires_in": seconds}
        path = self._read(self._call("POST", "/api/invitations", order), _InvitationPlace).path
        return outside(self._url + path)

    def invite_people(self, run: str, names: Sequence[str], label: str, seconds: float) -> list[str]:
        """An address for each name, which lets one person join, who is called so."""
        order = {"run": run, "names": list(names), "label": label, "expires_in": seconds}
        made = self._read(self._call("POST", "/api/invitations/people", order), _InvitationPlaces).invitations
        return [outside(self._url + one.path) for one in made]

    def people(self, search: str = "", state: str = "", label: str = "") -> Iterator[Person]:
        """The workers over all runs, in the order in which they joined."""
        for offset in itertools.count(0, PEOPLE_AT_ONCE):
            query = urlencode(
                {"offset": offset, "limit": PEOPLE_AT_ONCE, "search": search, "state": state, "label": label}
            )
            found = self._read(self._call("GET", f"/api/workers?{query}"), _People).people
            yield from found
            if len(found) < PEOPLE_AT_ONCE:
                return

    def passing(self, workers: AskedOfWorkers | None, languages: Sequence[str]) -> PassingWorkers:
        """How many workers of the workspace would pass what a run asks."""
        asked = {"workers": workers, "languages": list(languages)}
        return self._read(self._call("POST", "/api/filters", asked), PassingWorkers)

    def skills(self, worker: str) -> dict[str, float]:
        """What a worker is good at: skills by their names, 0 to 100."""
        return self._skills(self._call("GET", f"/api/workers/{quote(worker, safe='')}/skills"))

    def give_skill(self, worker: str, name: str, value: float | None) -> dict[str, float]:
        """Give a worker a skill, 0 to 100, or take it with None; gives all that the worker has then."""
        order = {"name": name, "value": value}
        return self._skills(self._call("POST", f"/api/workers/{quote(worker, safe='')}/skills", order))

    def _skills(self, reply: httpx.Response) -> dict[str, float]:
        return {skill.name: skill.value for skill in self._read(reply, _SkillsView).skills}

    def dashboard(self, run: str) -> str | None:
        """The address of the run's page; the login link opens it without typing the secret."""
        return outside(f"{self.url}/runs/{quote(run)}")

    def preview(self, task: TaskSpec, items: Sequence[dict[str, Any]], drafts: Sequence[dict[str, Any]] = ()) -> str:
        """The address of a page that shows the task with these items, to whoever has it and nothing else."""
        order = {"task": task, "items": items, "drafts": drafts}
        path = self._read(self._call("POST", "/api/previews", order), _PreviewPlace).path
        return outside(f"{self.url}{path}")

    def appeals(self, run: str) -> list[PageAppeal]:
        """What workers object to rejections of their pages in the run."""
        found: list[PageAppeal] = []
        while True:
            path = f"/api/appeals?run={quote(run)}&offset={len(found)}&limit={APPEALS_AT_ONCE}"
            part = self._read(self._call("GET", path), _Appeals).appeals
            found += part
            if len(part) < APPEALS_AT_ONCE:
                return found

    def decide_appeal(self, run: str, page: str, *, upheld: bool, reply: str) -> None:
        """Pay the page after all, or leave it rejected."""
        self._call("POST", f"/api/runs/{quote(run)}/appeals/{quote(page)}", {"upheld": upheld, "reply": reply})

    @property
    def url(self) -> str:
        """Where the server listens; raises `Unreachable` if it is not known and none answers."""
        if not self._url:
            try:
                self._found()
            except httpx.TransportError as error:
                raise Unreachable(f"{error}; {self._advice}") from error
        return self._url

    def close(self) -> None:
        """Close the connections; the server goes on."""
        if self._closing is not None:
            self._closing()
        self._client = self._closing = None

    # --- calls ------------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, body: Any = None, *, timeout: float = TIMEOUT, missing_is_fine: bool = False
    ) -> httpx.Response:
        """The reply to a request with a body of JSON or, if `body` is a path, of that file."""
        try:
            encoded = None if body is None or isinstance(body, Path) else msgspec.json.encode(body)
        except UnicodeEncodeError as error:
            raise DataError(f"the text that is to be sent {half_character(error.object)}; remove it") from None
        kind = "application/octet-stream" if isinstance(body, Path) else "application/json"
        give_up = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while True:
            try:
                # A film is sent piece by piece, and from its beginning each time.
                with body.open("rb") if isinstance(body, Path) else nullcontext(encoded) as content:
                    reply = self._found().request(
                        method, path, content=content, timeout=timeout, headers={"Content-Type": kind}
                    )
                refusal = None if reply.status_code < 400 else _refusal(reply, f"{method} {path}")
                if refusal is None or (missing_is_fine and reply.status_code == 404):
                    return reply
                if not refusal.passing or time.monotonic() > give_up:
                    raise refusal
            except httpx.TransportError as error:
                self.close()
                if time.monotonic() > give_up:
                    raise Unreachable(
                        f"the server at {self._url or self.workspace.root} {_what(error)}; {self._advice}"
                    ) from error
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _read(self, reply: httpx.Response, kind: type[Reply]) -> Reply:
        try:
            return msgspec.json.decode(reply.content, type=kind)
        except msgspec.MsgspecError as error:
            raise PlatformError(
                f"{reply.request.method} {reply.request.url.path}: expected {kind.__name__}, got {reply.text[:80]!r} "
                f"({error}); is the server of another version?"
            ) from error

    @property
    def _advice(self) -> str:
        return self.workspace.no_start() or "start the server with `dataforge serve`"

    def _found(self) -> httpx.Client:
        """A client of the server that answers now; starts the server if that is allowed."""
        if self._client is not None:
            return self._client
        client = answering(self.workspace)
        if client is None and self._start and self.workspace.no_start() is None:
            client = started(self.workspace)
        if client is None:
            raise httpx.ConnectError(f"no server answers for the workspace {str(self.workspace.root)!r}")
        self._client, self._url = client, str(client.base_url).rstrip("/")
        # A run that nobody closes ends with its process, and its connections with it.
        self._closing = weakref.finalize(self, client.close)
        return client


def connect(
    workspace: Workspace | str | Path, start: bool = True, *, check: bool = True, patience: float = PATIENCE
) -> EmbeddedPlatform:
    """The server of a workspace, or of its folder, found or started as a process of its own that outlives this one.

    Raises `Unreachable` if it does not answer for `patience` seconds; without `check` only the first call does.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    if start:
        # Who connects wants it, even if it was stopped; whoever only goes on with a run does not start it again then.
        place.forget_stopped()
    platform = EmbeddedPlatform(place, start=start, patience=patience)
    if check:
        platform._call("GET", "/health")
    return platform


def _what(error: httpx.TransportError) -> str:
    """What a server does that a request failed at, in words."""
    if isinstance(error, httpx.ConnectError):
        return "is not there"
    return "does not answer in time" if isinstance(error, httpx.TimeoutException) else f"broke off ({error})"


def _error_of(reply: httpx.Response) -> _Error:
    try:
        return msgspec.json.decode(reply.content, type=_ErrorBody).error
    except msgspec.MsgspecError:
        return _Error(message=reply.text[:200])


def _refusal(reply: httpx.Response, what: str) -> Refused:
    error = _error_of(reply)
    return Refused(
        f"{what}: {error.message or 'no reason given'}",
        status=reply.status_code,
        code=error.code,
        details=error.details,
        retry_after=int(wait) if (wait := reply.headers.get("Retry-After", "")).isdecimal() else None,
    )


PLUGIN = EmbeddedPlatform
