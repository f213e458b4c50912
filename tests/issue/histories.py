"""The same history on several stores: every reply and every event is compared, byte for byte.

A store of your own joins them by an entry in `STORES`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from tests.issue.list_store import ListStore

import dataforge as df
from dataforge.errors import Refused
from dataforge.issue import appeals, commands, submit, train
from dataforge.issue import run as issue
from dataforge.issue.change import Transaction
from dataforge.issue.checked_commands import check_item
from dataforge.issue.closed import closed_to
from dataforge.issue.memory import MemoryStore
from dataforge.issue.payouts import Payment, PayOut, pay_out
from dataforge.issue.rows import PageRow, Trainee, Worker
from dataforge.issue.run import Runs, check_publication
from dataforge.issue.skills import give_skill, take_skill
from dataforge.issue.sqlite.database import connect, migrate
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.store import Store
from dataforge.issue.take import Issued, expire_due, nothing_to_issue, take
from dataforge.records import AddItems, AppealState, Command, Event, Publication, Training, TrainingItem

START = 1_750_000_000.0
# Languages as they come from a database: msgspec leaves a default out of an event only if it is the very same object.
WORKERS = {name: str(code, "ascii") for name, code in (("ann", b"en"), ("bob", b"en"), ("cem", b"tr"), ("eve", b"ru"))}
# Where they come from, and by which invitation: ann from nobody knows where, the others from one house by two links.
FROM = {"ann": ("", ""), "bob": ("here", "a"), "cem": ("here", "a"), "eve": ("here", "b")}


@df.task(duration="10s")
def likes(caption: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@df.task(duration="10s")
def better(left: df.Text, right: df.Text) -> df.SideBySide(tie=True):  # type: ignore[valid-type]
    """Which is better?"""
    raise NotImplementedError


def publication(name: str = "run", task: df.Task = likes, **changes: Any) -> Publication:
    """A run of pages of two real items, without control items or a budget."""
    settings = {"prices": (10, 20, 30, 40, 50), "real_per_page": 2, "control_per_page": 0, "lease": 600.0}
    return Publication(name, task.spec(), **{**settings, **changes})


def training(task: df.Task = likes, page: int = 2, items: int = 4, **settings: Any) -> Training:
    """A training of items of which every other one is answered by yes, or by left."""
    names = [slot.name for slot in task.inputs]
    answers = [True, False] if task is likes else ["left", "right"]
    rows = [
        TrainingItem({name: f"{name} to learn {n}" for name in names}, {"answer": answers[n % 2]}, {"en": f"hint {n}"})
        for n in range(items)
    ]
    return Training(tuple(rows), page, **{"score": 80.0, **settings})


def trained(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a publication with a training whose tries have so many items, if any number is named."""
    page = settings.get("training")
    return {**settings, "training": None if page is None else training(settings.get("task", likes), page)}


@dataclass
class Tried:
    """A store, with chance of its own that is the same for all of them."""

    name: str
    store: Store
    transact: Callable[[], AbstractContextManager[Any]] = nullcontext
    runs: Runs = field(default_factory=Runs)
    source: random.Random = field(default_factory=lambda: random.Random(1))
    pages: int = 0

    def transaction(self, now: float) -> Transaction[Store]:
        return Transaction(self.store, now=now, source=self.source, new_page=self.new_page)

    def new_page(self) -> bytes:
        self.pages += 1
        return self.pages.to_bytes(2, "big")

    def publish(self, now: float, wanted: Publication) -> bool:
        check_publication(wanted)
        return issue.publish(self.transaction(now), wanted) is not None

    def execute(self, now: float, run: str, asked: Sequence[Command]) -> commands.Executed:
        known = self.runs.by_name(self.store, run)
        for command in asked:
            for item in command.items if isinstance(command, AddItems) else ():
                check_item(known, item)
        return commands.execute(self.transaction(now), known, asked)

    def take(self, now: float, run: str, worker: str, have: Sequence[str]) -> Any:
        known, account = self.runs.by_name(self.store, run), self.store.accounts.worker_by_name(worker)
        assert account is not None
        looked = nothing_to_issue(self.store, known, account, now)
        issued = take(self.transaction(now), known, account, [bytes.fromhex(page) for page in have])
        assert looked is None or (issued.page is None and issued.closed == looked), "a look tells the truth"
        return self.told(issued)

    def told(self, issued: Issued) -> Any:
        page = issued.page
        if page is None:
            return issued.closed
        run = self.runs.by_id(self.store, page.run)
        shown = submit.shown_inputs(run, page, issued.items)
        return {"page": page.page.hex(), "price": page.price, "deadline": page.deadline, "shown": shown}

    def submit(self, now: float, page: str, answers: Sequence[dict[str, Any]], seconds: float | None = None) -> Any:
        row = self.page(page)
        kept = submit.already_submitted(self.store, row)
        if kept is not None:
            return kept
        run, items = self.runs.by_id(self.store, row.run), self.store.items.of_page(row)
        clean = submit.checked(run, row, items, answers)
        outcome = submit.submit(self.transaction(now), run, row.page, items, clean, seconds)
        return refusal(outcome) if isinstance(outcome, Refused) else outcome

    def skip(self, now: float, page: str) -> str:
        return submit.skip(self.transaction(now), self.page(page).page)

    def release(self, now: float, page: str) -> str:
        return submit.release(self.transaction(now), self.page(page).page)

    def appeal(self, now: float, page: str, text: str) -> Any:
        return appeals.appeal(self.transaction(now), self.page(page), text)

    def decide(self, now: float, page: str, state: AppealState, reply: str) -> Any:
        row = self.page(page)
        run = self.runs.by_id(self.store, row.run)
        return appeals.decide(self.transaction(now), run, row, state, reply)

    def shut_out(self, now: float, worker: str) -> None:
        commands.shut_out(self.transaction(now), worker)

    def let_in(self, now: float, worker: str) -> None:
        commands.let_in(self.transaction(now), worker)

    def give_skill(self, now: float, worker: str, name: str, value: float, by: str) -> None:
        give_skill(self.transaction(now), worker, name, value, by)

    def take_skill(self, now: float, worker: str, name: str) -> None:
        take_skill(self.transaction(now), worker, name)

    def begin_training(self, now: float, run: str, worker: str, after: int) -> Trainee:
        return train.begin(self.transaction(now), self.runs.by_name(self.store, run), self.account(worker), after)

    def answer_training(
        self, now: float, run: str, worker: str, number: int, place: int, given: dict[str, Any]
    ) -> Trainee:
        known = self.runs.by_name(self.store, run)
        return train.answer(self.transaction(now), known, self.account(worker), number, place, given)

    def account(self, worker: str) -> Worker:
        account = self.store.accounts.worker_by_name(worker)
        assert account is not None
        return account

    def pay_out(self, now: float, key: str, payments: Sequence[Payment]) -> PayOut:
        return pay_out(self.transaction(now), key, payments)

    def expire(self, now: float) -> int:
        return expire_due(self.transaction(now))

    def look(self, now: float) -> Any:
        """What the run and each of its workers look like."""
        numbers = [row.id for name in ("run", "other") if (row := self.store.runs.by_name(name)) is not None]
        seen: list[Any] = [self.store.pages.next_deadline()]
        for run in (self.runs.by_id(self.store, number) for number in numbers):
            seen.append(self.store.runs.counters(run.id))
            for name in WORKERS:
                worker = self.store.accounts.worker_by_name(name)
                assert worker is not None
                member = self.store.members.load(run.id, worker.id)
                seen.append((member, closed_to(self.store, run, worker, now)))
                seen.append(self.store.trainees.load(run.id, worker.id))
        known = (self.store.accounts.worker_by_name(name) for name in WORKERS)
        seen.append([list(self.store.skills.of(worker.id).items()) for worker in known if worker])
        return seen

    def page(self, name: str) -> PageRow:
        row = self.store.pages.by_page(bytes.fromhex(name))
        if row is None:
            raise submit.unknown_page(name)
        return row

    def events(self, run: str, after: int) -> Sequence[Event]:
        return self.store.runs.events_after(self.runs.by_name(self.store, run).id, after, 10_000)


def refusal(error: Refused) -> dict[str, Any]:
    return {"refused": error.message, "status": error.status, "code": error.code, "details": error.details}


class History:
    """One history on all stores, among people who are `known`: all of them, where a test does not say otherwise."""

    def __init__(self, known: Collection[str] = tuple(WORKERS)) -> None:
        self.tried = [make() for make in STORES]
        for tried in self.tried:
            for name in known:
                tried.store.accounts.set_known(tried.account(name).id)
        self.now = START
        self.told: dict[str, list[Event]] = {}

    def __getattr__(self, action: str) -> Callable[..., Any]:
        """The action on every store; gives the reply, or the refusal as a dictionary with `status` and `code`."""
        return lambda *given: self.everywhere(action, *given)

    def everywhere(self, action: str, *given: Any) -> Any:
        replies = {}
        for tried in self.tried:
            try:
                with tried.transact():
                    reply = getattr(tried, action)(self.now, *given)
            except Refused as error:
                reply = refusal(error)
            replies[tried.name] = msgspec.json.encode(reply)
        if action == "publish":
            self.told.setdefault(given[0].name, [])
        self.same(replies, f"{action}{given}")
        self.compare_events()
        return msgspec.json.decode(next(iter(replies.values())))

    def compare_events(self) -> None:
        for run, before in self.told.items():
            found = {tried.name: msgspec.json.encode(tried.events(run, len(before))) for tried in self.tried}
            self.same(found, f"events of {run}")
            fresh = msgspec.json.decode(next(iter(found.values())), type=list[Event])
            assert [event.cursor for event in fresh] == list(range(len(before) + 1, len(before) + 1 + len(fresh)))
            before.extend(fresh)

    def tell_again(self) -> None:
        """Have every store tell all events once more: nothing that came since changes what it told before."""
        for run, before in self.told.items():
            for tried in self.tried:
                assert list(tried.events(run, 0)) == before, tried.name

    def same(self, found: dict[str, bytes], what: str) -> None:
        assert len(set(found.values())) == 1, "\n".join([what, *(f"{name}: {is_!r}" for name, is_ in found.items())])

    def events(self, run: str = "run") -> list[Event]:
        """What all stores told of a run."""
        return self.told[run]


def in_lists() -> Tried:
    lists = ListStore()
    lists.tables.workers += [
        Worker(n + 7, name, name, language, *FROM[name]) for n, (name, language) in enumerate(WORKERS.items())
    ]
    return Tried("lists", lists)


def in_memory() -> Tried:
    memory = MemoryStore()
    for name, language in WORKERS.items():
        memory.accounts.enter(name, name, language, *FROM[name])
    return Tried("memory", memory)


def in_sqlite() -> Tried:
    db = connect(Path(":memory:"), write=True)
    migrate(db)
    store = SqliteStore(db)
    for name, language in WORKERS.items():
        store.accounts.add_worker(name, name.encode(), name, language, START, *FROM[name])

    @contextmanager
    def transact() -> Iterator[None]:
        db.execute("BEGIN")
        try:
            yield
        except Refused:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    return Tried("sqlite", store, transact)


STORES = (in_sqlite, in_memory, in_lists)
