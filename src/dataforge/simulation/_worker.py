"""One simulated person at work, from the invitation to the last page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from time import monotonic, time
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from dataforge.errors import DataError, PlatformError, Refused
from dataforge.objects.base import MadeFile
from dataforge.records import TaskSpec
from dataforge.simulation._http import Connection
from dataforge.simulation.personas import Honesty, Persona, draw
from dataforge.simulation.truth import Questionnaire, Truth, content_hash, fingerprint, with_part

__all__ = ["Setting", "Stage", "Worker", "WorkerReport"]

# Reasons for having no page that waiting does not mend.
FINAL = frozenset({"finished", "language"})
# The page is somebody else's by now.
OVER = frozenset({"lease_expired", "page_not_held"})
# Files go in pieces of this many bytes.
PIECE = 1 << 20

T = TypeVar("T")


class _Joined(msgspec.Struct, frozen=True):
    worker: str
    token: str


class _Closed(msgspec.Struct, frozen=True):
    reason: str
    until: float | None = None


class _ShownItem(msgspec.Struct, frozen=True):
    inputs: dict[str, Any]
    draft: dict[str, Any] = {}


class _Page(msgspec.Struct, frozen=True):
    page: str
    items: list[_ShownItem]


class _Training(msgspec.Struct, frozen=True):
    number: int
    items: list[_ShownItem]
    answered: list[Any]


class _Offer(msgspec.Struct, frozen=True):
    page: _Page | None = None
    closed: _Closed | None = None


class _Listed(msgspec.Struct, frozen=True):
    run: str


class _Listing(msgspec.Struct, frozen=True):
    runs: list[_Listed]


class _Described(msgspec.Struct, frozen=True):
    task: TaskSpec


class _Taken(msgspec.Struct, frozen=True):
    """That the server took it is all there is to know."""


class _FileState(msgspec.Struct, frozen=True):
    received: int = 0
    whole: bool = False


class _Account(msgspec.Struct, frozen=True):
    """A worker's account as the server shows it to them."""

    earned: int = 0
    pages_accepted: int = 0
    pages_pending: int = 0
    pages_rejected: int = 0


@dataclass(frozen=True)
class WorkerReport:
    """What one simulated person did, and what came of it; `earned` is in millionths of the currency unit.

    `right` counts answers that equal the truth, over all `answers`, which leave out files; `closed` says why they
    stopped, empty if they would have gone on.
    """

    name: str
    honesty: Honesty
    worker: str
    pages: int
    responses: int
    answers: int
    right: int
    skipped: int
    late: int
    pages_accepted: int
    pages_rejected: int
    earned: int
    closed: str


@dataclass(frozen=True)
class Setting:
    """What all people of a simulation share. `pause` waits for a number of seconds, or less if all is to stop.

    `sent` takes of each file that people send, by its `content_hash`, whether it is a good one.
    """

    url: str
    invitation: str
    seed: int
    time_scale: float
    patience: float
    sent: MutableMapping[str, bool]
    pause: Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """A run that people work at: what it asks, and what is right there."""

    run: str
    questionnaire: Questionnaire
    truth: Truth


class Worker:
    """A persona with a connection and an account, and why each of its stages is closed to it for good."""

    def __init__(self, persona: Persona, setting: Setting) -> None:
        self.persona = persona
        self.stages: tuple[Stage, ...] = ()
        self.at_work = False
        self._closed: dict[str, str] = {}
        self._went_home = False
        self._setting = setting
        self._line = Connection(setting.url, patience=setting.patience)
        self._joined = _Joined("", "")
        self._account = _Account()
        self._seen: dict[str, str] = {}
        self._pages = self._responses = self._answers = self._right = self._skipped = self._late = 0

    async def join(self) -> None:
        """Come by the invitation."""
        persona = self.persona
        body = {"invitation": self._setting.invitation, "name": persona.name, "language": persona.language}
        self._joined = await self._post("/api/work/join", body, _Joined)

    async def runs(self) -> list[str]:
        """The runs that the invitation opens."""
        return [listed.run for listed in (await self._get("/api/work/runs", _Listing)).runs]

    async def task(self, run: str) -> TaskSpec:
        """What a run asks."""
        return (await self._get(_path_of(run), _Described)).task

    @property
    def open_stages(self) -> list[Stage]:
        """The runs in which there may be something to do."""
        return [] if self._went_home else [stage for stage in self.stages if stage.run not in self._closed]

    async def turn(self, stage: Stage) -> bool:
        """Take one page and answer or skip it; False if there was none."""
        if stage not in self.open_stages:
            return False
        offer = await self._offer(stage)
        if offer.closed is not None and offer.closed.reason == "training" and offer.closed.until is None:
            await self._learn(stage)
            offer = await self._offer(stage)
        if offer.page is None:
            self._note_closed(stage.run, offer.closed)
            return False
        self.at_work = True
        try:
            await self._do(offer.page, stage)
        except DataError:
            # Nobody is to wait for a page to which there is no answer.
            await self._post(f"/api/work/pages/{offer.page.page}/skip", {}, _Taken)
            raise
        finally:
            self.at_work = False
        return True

    async def _offer(self, stage: Stage) -> _Offer:
        return await self._post(f"{_path_of(stage.run)}/pages", {"have": []}, _Offer)

    async def _learn(self, stage: Stage) -> None:
        """Take a try at the training of a run, as far as there is one now."""
        path = f"{_path_of(stage.run)}/training"
        before = await self._get(path, _Training)
        now = await self._post(path, {"after": before.number}, _Training)
        for place in range(len(now.answered), len(now.items)):
            given, _ = await self._given(now.items[place], stage)
            await self._post(f"{path}/answer", {"number": now.number, "place": place, "answer": given}, _Taken)

    async def _do(self, page: _Page, stage: Stage) -> None:
        rng = draw(self._setting.seed, self.persona.name, "page", self._pages + self._skipped + self._late)
        if rng.random() < self.persona.skip_rate:
            await self._post(f"/api/work/pages/{page.page}/skip", {}, _Taken)
            self._skipped += 1
            return
        shown = monotonic()
        answers = [await self._answer(item, stage) for item in page.items]
        if self._setting.time_scale > 0:
            await self._setting.pause(self._setting.time_scale * self.persona.page_seconds(len(answers), rng))
        await self._submit(page.page, answers, monotonic() - shown)
        self._went_home = self._pages == self.persona.leaves_after

    async def account(self) -> _Account:
        """Look at the account."""
        self._account = await self._get("/api/work/me", _Account)
        return self._account

    async def hang_up(self) -> None:
        """Close the connection."""
        await self._line.close()

    def report(self) -> WorkerReport:
        """What happened so far; verdicts and earnings are those of the last look at the account."""
        return WorkerReport(
            name=self.persona.name,
            honesty=self.persona.honesty,
            worker=self._joined.worker,
            pages=self._pages,
            responses=self._responses,
            answers=self._answers,
            right=self._right,
            skipped=self._skipped,
            late=self._late,
            pages_accepted=self._account.pages_accepted,
            pages_rejected=self._account.pages_rejected,
            earned=self._account.earned,
            closed=self._why_closed(),
        )

    def _why_closed(self) -> str:
        if self._went_home:
            return "went home"
        return "" if self.open_stages else next(iter(self._closed.values()), "")

    def _note_closed(self, run: str, closed: _Closed | None) -> None:
        if closed is None:
            return
        for_long = closed.until is None or closed.until > time() + self._setting.patience
        if closed.reason in FINAL or (closed.reason in ("restricted", "training") and for_long):
            self._closed[run] = closed.reason

    async def _answer(self, item: _ShownItem, stage: Stage) -> dict[str, Any]:
        given, right = await self._given(item, stage)
        told = given.keys() & right.keys()
        self._answers += len(told)
        self._right += sum(given[name] == right[name] for name in told)
        return given

    async def _given(self, item: _ShownItem, stage: Stage) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """What the person answers to an item, and what is right."""
        questionnaire, inputs = stage.questionnaire, item.inputs
        seen = {
            name: await self._look(value) if name in questionnaire.media else value for name, value in inputs.items()
        }
        right = questionnaire.right_answers(stage.truth(seen)) if questionnaire.known else {}
        content = fingerprint(seen)
        seed = self._setting.seed
        given = questionnaire.answers(self.persona, inputs, right, item.draft, content=content, seed=seed)
        return given, right

    async def _look(self, value: Any) -> Any:
        """A file as a person sees it: by its bytes if the server has it, else by its address."""
        if not isinstance(value, dict) or "url" not in value:
            return value
        address = str(value["url"]).removeprefix(self._setting.url)
        if not address.startswith("/"):
            return with_part(address, value)
        if address not in self._seen:
            reply = await self._line.get(address, self._joined.token)
            if reply.status != 200:
                raise PlatformError(f"{self.persona.name}: the file at {address} came with status {reply.status}")
            self._seen[address] = content_hash(reply.body)
        return with_part(self._seen[address], value)

    async def _submit(self, page: str, answers: list[dict[str, Any]], seconds: float) -> None:
        try:
            sent = [{name: await self._sent(page, name, value) for name, value in one.items()} for one in answers]
            await self._post(f"/api/work/pages/{page}/submit", {"answers": sent, "seconds": seconds}, _Taken)
        except Refused as refused:
            if refused.code not in OVER:
                raise
            self._late += 1
            return
        self._pages += 1
        self._responses += len(answers)

    async def _sent(self, page: str, output: str, value: Any) -> Any:
        """The value as the page is submitted with it; a file is sent before, piece by piece."""
        if not isinstance(value, MadeFile):
            return value
        self._setting.sent[content_hash(value.content)] = value.good
        state, path = _FileState(), f"/api/work/pages/{page}/files/{output}/{value.name}?size={len(value.content)}"
        while not state.whole:
            piece = value.content[state.received : state.received + PIECE]
            reply = await self._line.put(f"{path}&begin={state.received}", piece, self._joined.token)
            state = msgspec.convert(reply.json(), _FileState)
        return value.answer

    async def _get(self, path: str, kind: type[T]) -> T:
        return msgspec.convert((await self._line.get(path, self._joined.token)).json(), kind)

    async def _post(self, path: str, body: object, kind: type[T]) -> T:
        return msgspec.convert((await self._line.post(path, body, self._joined.token)).json(), kind)


def _path_of(run: str) -> str:
    """Where workers find a run; names are of any script, a request's head is ASCII."""
    return f"/api/work/runs/{quote(run, safe='')}"
