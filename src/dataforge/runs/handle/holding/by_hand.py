"""What a requester corrects by hand: said in the forms in which control items have it, and taken in by the run."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dataforge.corrections import Correction, GiveBonus
from dataforge.data.keys import Id
from dataforge.errors import DataError, RunError
from dataforge.objects.base import listed, shorten
from dataforge.records import Money, Texts, Values, unit_price
from dataforge.runs.core.pages import ACCEPTED, REJECTED, SUBMITTED
from dataforge.runs.driving.checks import all_heard
from dataforge.runs.driving.history import check_feed
from dataforge.runs.handle.holding.held import Held
from dataforge.tasks.task import Task
from dataforge.texts import half_character

__all__ = [
    "check_paid_for",
    "checked_bonus",
    "given_answers",
    "go_on",
    "known_pages",
    "known_worker",
    "let_hear",
    "let_take_in",
    "named_items",
    "reason_texts",
    "take_in",
]

JUDGEABLE = (SUBMITTED, ACCEPTED, REJECTED)
MOST_BONUS = 1_000_000.0
PATIENCE = 15.0
"""How long, in seconds, who corrects something waits until the run has taken it in."""
STEP = 0.05
PREFIX = 4
"""So many characters of an id are no chance."""
MOST_NAMED = 10


def take_in(held: Held, *corrections: Correction) -> None:
    """Have the run take in corrections, all or none, whoever drives it; if nobody does, it is driven from here."""
    held.check_there(goes_on=True)
    check_feed(held.name, "corrections", held.fresh().state.corrections.taken, held.feed.state().corrections)
    held.feed.correct(held.description.task(), *corrections)
    go_on(held)


def go_on(held: Held) -> None:
    """Wait until the run has taken in all corrections that there are; if nobody drives it, it is driven from here."""
    asked = held.feed.state().corrections
    held.note_fed()
    if held.driver is not None or not held.folder.locked():
        try:
            held.drive()
        except RunError:  # its platform is not to be reached from here: who drives it next takes this in
            return
    _wait_for(held, lambda: held.fresh().state.corrections.taken >= asked and (held.judged is None or _heard(held)))


def let_take_in(held: Held) -> None:
    """Have the run take in what others have put into its feed, and decide on it: till then its answers are in flux."""
    if held.fresh().state.corrections.taken < held.feed.state().corrections:
        held.check_there(goes_on=True)
        go_on(held)
    if held.folder.locked():
        _wait_for(held, lambda: not _in_flux(held) or not held.folder.locked())


def let_hear(held: Held) -> None:
    """Wait until the run whose answers are judged in this one knows what a change of it means, if somebody drives them.

    So that who waits for the end of that run does not find it where it was before.
    """
    if held.judged is not None and held.folder.locked():
        _wait_for(held, lambda: _heard(held))


def _in_flux(held: Held) -> bool:
    state = held.fresh().state
    return state.corrections.new or state.revising


def _heard(held: Held) -> bool:
    """Whether a run that judges has decided on all that came, and the one whose answers it judges knows of it."""
    return not (held.fresh().waiting or _in_flux(held)) and held.judged is not None and all_heard(held.judged.fresh())


def _wait_for(held: Held, done: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < give_up:
        held.raise_failure()
        # Its driver may have found the run over a moment before there was something to do again.
        held.drive_on()
        time.sleep(STEP)


def known_worker(held: Held, worker: str) -> str:
    """The id of the one worker who is meant by an id, its beginning or a name; raises `RunError` if that is nobody."""
    state = held.fresh().state
    if worker in state.worker_number:
        return worker
    names = {record.id: record.name for record in state.workers}
    begun = [other for other in names if len(worker) >= PREFIX and other.startswith(worker)]
    found = list(dict.fromkeys([*begun, *(other for other, name in names.items() if name == worker)]))
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(f"{other!r} ({names[other]})" for other in found)
        raise RunError(f"run {held.name!r}: {worker!r} may be {several}; say which by its id")
    there = listed(names) if not any(names.values()) else _called(names)
    raise RunError(f"run {held.name!r} has no worker {worker!r}; its workers are: {there}")


def known_pages(held: Held, pages: Sequence[str]) -> list[str]:
    """The pages, of which the run has answers; raises `RunError` if it has none of one."""
    if not pages:
        raise RunError("expected pages, as in the column `page` of responses(); got none")
    state = held.fresh().state
    numbers = state.pages.numbers(pages)
    answered = {state.pages.ids[number] for number in numbers if state.pages.status[number] in JUDGEABLE}
    if unknown := [page for page in pages if page not in answered]:
        raise RunError(
            f"run {held.name!r} has no answers on a page {unknown[0]!r}; see the column `page` of responses()"
        )
    return list(dict.fromkeys(pages))


def reason_texts(reason: str | Mapping[str, str]) -> Texts:
    """What a worker reads, by language; raises `RunError` if there is a text, but none in English, or one is broken."""
    texts = {"en": reason} if isinstance(reason, str) and reason else dict(reason or {})
    if texts and not texts.get("en"):
        raise RunError("reason: expected a text, or texts with one in English ('en')")
    if broken := next(filter(None, map(half_character, texts.values())), ""):
        raise RunError(f"reason: the text {broken}; remove it")
    return texts


def checked_bonus(held: Held, amount: float, key: str | None = None) -> Money:
    """An amount in millionths; raises `RunError` if it is none, or the budget does not pay for it.

    A bonus whose `key` was given one before is paid already, or never.
    """
    if not 0 < amount <= MOST_BONUS:
        raise RunError(f"amount: expected more than 0 and {MOST_BONUS:,} at most, got {amount:g}")
    paid = unit_price(amount)
    view = held.fresh()
    budget = view.rules.budget
    given = {one.key for one in held.feed.corrections(0) if isinstance(one, GiveBonus)} if key is not None else set()
    if budget is not None and key not in given and view.state.promised + paid > budget:
        left = max(budget - view.state.promised, 0)
        raise RunError(
            f"run {held.name!r}: the bonus is {amount:g}, and of its budget {left / 1e6:g} is left; give it a larger "
            "one first: run.change(budget=…)"
        )
    return paid


def check_paid_for(held: Held, pages: Sequence[str]) -> None:
    """Raise `RunError` if the budget does not pay for rejected pages that are to be accepted."""
    view = held.fresh()
    state, budget = view.state, view.rules.budget
    rejected = [page for page in state.pages.numbers(pages) if state.pages.status[page] == REJECTED]
    price = sum(state.price(state.pages.size[page]) for page in rejected)
    if budget is not None and price and state.promised + price > budget:
        left = max(budget - state.promised, 0)
        raise RunError(
            f"run {held.name!r}: these pages cost {price / 1e6:g}, and of its budget {left / 1e6:g} is left; give it a "
            "larger one first: run.change(budget=…)"
        )


def _called(names: Mapping[str, str]) -> str:
    """Workers by their names and ids; many are cut."""
    shown = [f"{name or 'no name'} ({worker})" for worker, name in itertools.islice(names.items(), MOST_NAMED)]
    rest = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + rest


def named_items(items: Id | Iterable[Id]) -> list[str]:
    """The ids that are meant by one of them or several, each once."""
    several = [items] if isinstance(items, str) or not isinstance(items, Iterable) else items
    return list(dict.fromkeys(map(str, several)))


def given_answers(task: Task, answer: Any) -> Values:
    """The answers by output in JSON form; raises `DataError` for what is no answer.

    `answer` is a value, or `{output: value}`; texts are read as in a CSV file.
    """
    names = [slot.name for slot in task.outputs]
    if not isinstance(answer, Mapping):
        if len(names) > 1:
            raise DataError(
                f"answer: expected {{output: value}} for the outputs {listed(names)}, got {shorten(answer)}"
            )
        answer = {names[0]: answer}
    if unknown := [name for name in answer if name not in names]:
        raise DataError(f"answer: {unknown[0]!r} is no output; outputs are: {listed(names)}")
    return {name: _value(task, name, value) for name, value in answer.items() if value is not None}


def _value(task: Task, name: str, value: Any) -> Any:
    kind = task.output(name).type
    try:
        return kind.to_json(kind.from_text(value) if isinstance(value, str) else value)
    except DataError as error:
        raise DataError(f"answer, output {name!r}: {error}") from None
