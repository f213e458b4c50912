"""A function played over many items at once: what is known is given at once, what is not is asked and waited for."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from dataforge.errors import DataForgeError, RunError
from dataforge.models import ASKING_MODELS, Model
from dataforge.pipelines.contents import Contents, as_json
from dataforge.pipelines.files import refuse_files_of_others, texts_in
from dataforge.pipelines.journal import Again, Call, Entry, Outcome, Step
from dataforge.pipelines.models import Models
from dataforge.pipelines.places import PLAYER, Place, begin, current, numbering_tasks, order
from dataforge.pipelines.questions import Answered, Asked, Source
from dataforge.pipelines.threads import in_a_thread
from dataforge.pipelines.unawaited import StepCall, Unawaited, line_of_caller
from dataforge.tasks.task import ASKING, Task

__all__ = ["Player"]

MOST_QUESTIONS = 10_000
"""How many questions a function may ask about one item; who asks more does not end."""
LONGEST_SHOWN = 120
AT_ONCE = 20_000
"""How many items are played at a time; the others begin as these end."""
STEPS_AT_ONCE = 32
LONG_STEP = 60.0
"""After so many seconds a step gives its place among those to another one: what never ends holds up its item alone."""


Asking = tuple[int, str, str, str]
"""A question by its content: the item, the place, the task, what it is about."""


@dataclass
class _Played:
    """What is known of one item while it is played, on a line of its own and those beside it."""

    line: Place
    files: set[str]
    contents: Contents
    of: list[str] = field(default_factory=list)
    calls: list[StepCall] = field(default_factory=list)
    asked: int = 0


class _Answer(Unawaited, asyncio.Future[Answered]):
    """The answer that a line waits for; `taken` is called once the line has it, whoever waited for it there."""

    def __init__(self, what: str, taken: Callable[[Answered], None]) -> None:
        super().__init__()
        self.what, self.line = what, line_of_caller()
        self._taken: Callable[[Answered], None] | None = taken

    def __await__(self) -> Generator[Any, None, Answered]:
        return self._take((yield from super().__await__()))

    def result(self) -> Answered:
        """The answer, as what gathers several asks for it."""
        return self._take(super().result())

    def _take(self, answer: Answered) -> Answered:
        taken, self._taken = self._taken, None
        if taken is not None:
            taken(answer)
        return answer


class Player:
    """Plays a function over items in one event loop.

    `known` gives what is known of a question by its task's id, its key and the cursor by which later answers count,
    None while nothing is; `affords` whether so much is left for asking a model, and sets it aside. Call `resolve` with
    what has become known, and take what is new by `news`: entries to write down first, then questions to ask.
    """

    def __init__(
        self,
        function: Callable[..., Awaitable[Any]],
        keys: Mapping[int, str],
        recorded: Iterable[Entry],
        known: Callable[[str, str, int], Answered | None],
        affords: Callable[[float], bool] = lambda cost: True,
    ) -> None:
        self.models = Models(affords)
        self._function = function
        self._keys = keys
        self._known = known
        self._calls: dict[tuple[int, str], Call] = {}
        self._steps: dict[Asking, Any] = {}
        # All that an item ever asked at a place: who comes back to a question has its answer.
        self._ever: dict[Asking, Call] = {}
        # Of items that were played anew how often, and which corrections they know.
        self._rounds: Counter[int] = Counter()
        self._since: dict[int, Mapping[str, int]] = {}
        self.outcomes: dict[int, Outcome] = {}
        self.failed = 0
        self._waiting: dict[Source, list[_Answer]] = {}
        self._unanswered: Counter[str] = Counter()
        self._steps_at_once = asyncio.Semaphore(STEPS_AT_ONCE)
        self._working: dict[tuple[int, str], tuple[str, float]] = {}
        self._playing: dict[int, _Played] = {}
        self._entries: list[Entry] = []
        self._questions: list[Asked] = []
        self.failure: RunError | None = None
        self.wake = asyncio.Event()
        for entry in recorded:
            self.remember(entry)

    def remember(self, entry: Entry) -> None:
        """Take in what was written down, before the function is played."""
        if isinstance(entry, Call):
            self._put(entry)
        elif isinstance(entry, Again):
            self.outcomes.pop(entry.item, None)
            self._rounds[entry.item] += 1
            self._since[entry.item] = entry.since
        elif isinstance(entry, Step):
            call = self._calls[entry.item, entry.place]
            self._steps[_asking(call)] = msgspec.json.decode(entry.value)
            self.models.pay(call.asked, entry.cost)
        elif entry.error:
            # What went wrong may have been the world's fault; what was answered is not asked again.
            self.outcomes.pop(entry.item, None)
        else:
            self.outcomes[entry.item] = entry

    # --- playing ----------------------------------------------------------------------------------

    async def play(self, items: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Play all items that have no outcome yet, to their ends."""
        asyncio.get_running_loop().set_task_factory(numbering_tasks)  # type: ignore[arg-type]
        going: set[asyncio.Task[None]] = set()
        ended = asyncio.Event()

        def end(one: asyncio.Task[None]) -> None:
            going.discard(one)
            ended.set()

        ASKING.set(self._ask)
        ASKING_MODELS.set(self._ask_model)
        PLAYER.set(self)
        try:
            for item, inputs in items:
                if item in self.outcomes:
                    continue
                one = asyncio.create_task(self._play_one(item, inputs), name=self._keys[item])
                going.add(one)
                one.add_done_callback(end)
                while len(going) >= AT_ONCE:
                    await self._next(ended)
            while going:
                await self._next(ended)
            self._raise_failure()
        finally:
            for one in going:
                one.cancel()

    async def _next(self, ended: asyncio.Event) -> None:
        """Wait until another item is done; raises what is wrong with the function itself."""
        ended.clear()
        await ended.wait()
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def _play_one(self, item: int, inputs: Mapping[str, Any]) -> None:
        played = self._playing[item] = _Played(begin(item), set(texts_in(inputs)), Contents(inputs))
        try:
            value, error = msgspec.Raw(as_json(await self._function(**inputs))), ""
            if (forgotten := next((call for call in played.calls if not call.begun), None)) is not None:
                forgotten.refuse(forgotten.line)
        except Exception as failure:  # whatever it is, it is this item's alone
            value, error = msgspec.Raw(b"null"), _told(failure)
        if self.failure is not None:
            return
        del self._playing[item]
        outcome = Outcome(item, value, error, tuple(sorted(played.of, key=order)), played.line.after)
        self.outcomes[item] = outcome
        self.failed += bool(error)
        self._note(outcome)

    # --- what the function asks -------------------------------------------------------------------

    def _ask(self, task: Task, inputs: Mapping[str, Any]) -> Awaitable[Answered]:
        """Ask a task of people, from the line that is being played; what is known already is there at once."""
        here = current()
        refuse_files_of_others(task, inputs, self._playing[here.item].files)
        call, after = self._placed(here, task.id, inputs), here.after
        place, key, found = call.place, self.key_of(call), self.given(call)
        contents = self._playing[here.item].contents

        def take(given: Answered) -> None:
            here.given(place, after)
            contents.note(given.answers.values(), {(task.id, key)})

        answer = _Answer(task.id, take)
        if found is not None:
            answer.set_result(found)
            return answer
        self._waiting.setdefault((task.id, key), []).append(answer)
        self._unanswered[task.id] += 1
        self._questions.append(Asked(task, key, inputs, contents.told(inputs)))
        self.wake.set()
        return answer

    def called(self, call: StepCall) -> None:
        """Take note of a step that is to be awaited."""
        self._playing[current().item].calls.append(call)

    def _ask_model(self, model: Model, task: Task, inputs: Mapping[str, Any]) -> Awaitable[Any]:
        """Ask a model what a task asks: a step, which is tried as often as models are, and may cost something."""
        refuse_files_of_others(task, inputs, self._playing[current().item].files)
        work = partial(self.models.answer, model, task, inputs)
        given = {"task": task.id, **inputs}
        call = StepCall(model.column, lambda: self.step(model.column, given, work, 1, model.price))
        self.called(call)
        return call

    async def step(
        self, name: str, inputs: Mapping[str, Any], work: Callable[[], Any], tries: int, cost: float = 0.0
    ) -> Any:
        """Do work that is no question, once: what it gave is written down and given whenever it is played again."""
        here = current()
        call, after = self._placed(here, name, inputs), here.after
        place, asking = call.place, _asking(call)
        if asking not in self._steps:
            async with self._place_among_steps():
                self._working[here.item, place] = name, time.monotonic()
                try:
                    value = await self._tried(work, tries)
                finally:
                    del self._working[here.item, place]
            self.models.pay(name, cost)
            self._note(Step(here.item, place, msgspec.Raw(value), cost))
            self._steps[asking] = msgspec.json.decode(value)
        here.given(place, after)
        value, contents = self._steps[asking], self._playing[here.item].contents
        contents.note([value], contents.told(inputs))
        return self._own(here.item, value)

    @asynccontextmanager
    async def _place_among_steps(self) -> AsyncIterator[None]:
        """One of the places, for as long as the work takes, or until that has taken long."""
        await self._steps_at_once.acquire()
        held = [self._steps_at_once]

        def give() -> None:
            if held:
                held.pop().release()

        later = asyncio.get_running_loop().call_later(LONG_STEP, give)
        try:
            yield
        finally:
            later.cancel()
            give()

    async def _tried(self, work: Callable[[], Any], tries: int) -> bytes:
        """What the work gives, as JSON, at the first try that it succeeds; raises what it raises at the last."""
        for _ in range(tries - 1):
            try:
                return as_json(await in_a_thread(work))
            except Exception:  # tried again, whatever it is
                continue
        return as_json(await in_a_thread(work))

    def _own(self, item: int, value: Any) -> Any:
        """The value, whose texts may name files from now on."""
        self._playing[item].files.update(texts_in(value))
        return value

    def _placed(self, here: Place, asked: str, inputs: Mapping[str, Any]) -> Call:
        """The question at this place, which has asked the same whenever the function was played.

        Where the item is played anew it may ask something else, which is then a new question.
        """
        played = self._playing[here.item]
        played.asked += 1
        if played.asked > MOST_QUESTIONS:
            raise RunError(f"asked {MOST_QUESTIONS} questions about one item and did not end")
        place = here.next()
        content = as_json(inputs, order="deterministic")
        call = Call(
            here.item,
            place,
            asked,
            hashlib.blake2b(content, digest_size=16).hexdigest(),
            _shown(asked, inputs),
            here.after,
            self._rounds[here.item],
            self._rounds[here.item],
        )
        before = self._calls.get((here.item, place))
        same = before is not None and _asking(before) == _asking(call)
        if before is not None and not same and before.since == call.since:
            self.failure = _asks_otherwise(before, call)
            raise self.failure
        played.of.append(place)
        if before is not None and same:
            return before
        if (earlier := self._ever.get(_asking(call))) is not None:
            call = msgspec.structs.replace(call, round=earlier.round)
        self._put(call)
        self._note(call)
        return call

    def _put(self, call: Call) -> None:
        """Have this question at its place."""
        self._calls[call.item, call.place] = call
        self._ever.setdefault(_asking(call), call)

    def call(self, item: int, place: str) -> Call:
        """What is asked at a place that the function has come to, written down by now or not."""
        return self._calls[item, place]

    def key_of(self, call: Call) -> str:
        """The id of a question in the run of its task."""
        return f"{self._keys[call.item]}/{call.place}{f'~{call.round}' if call.round else ''}"

    def given(self, call: Call) -> Answered | None:
        """The answer to a question that the function is given; None while there is none."""
        since = self._since.get(call.item, {}).get(call.asked, 0)
        return self._known(call.asked, self.key_of(call), since)

    def has(self, call: Call) -> bool:
        """Whether a question has its answer, or a step what it gave."""
        return _asking(call) in self._steps or self.given(call) is not None

    def _note(self, entry: Entry) -> None:
        self._entries.append(entry)
        self.wake.set()

    # --- to and from the outside ------------------------------------------------------------------

    def news(self) -> tuple[list[Entry], list[Asked]]:
        """What is to be written down, and then asked, since this was called last."""
        entries, questions = self._entries, self._questions
        self._entries, self._questions = [], []
        self.wake.clear()
        return entries, questions

    def resolve(self, task_id: str, key: str, found: Answered) -> None:
        """Give an answer to whoever waits for it."""
        for answer in self._waited_for(task_id, key):
            answer.set_result(found)

    def refuse(self, task_id: str, key: str, error: DataForgeError) -> None:
        """Tell who asks this that it cannot be asked so."""
        for answer in self._waited_for(task_id, key):
            answer.set_exception(error)

    def _waited_for(self, task_id: str, key: str) -> list[_Answer]:
        waiting = self._waiting.pop((task_id, key), [])
        self._unanswered[task_id] -= len(waiting)
        return [answer for answer in waiting if not answer.done()]

    @property
    def waiting(self) -> Mapping[str, int]:
        """How many questions wait for an answer, by task."""
        return {task_id: count for task_id, count in list(self._unanswered.items()) if count}

    @property
    def open_questions(self) -> list[Source]:
        """Those that wait for an answer."""
        return list(self._waiting)

    @property
    def working(self) -> Mapping[str, tuple[int, float]]:
        """Steps that are under way, by name: how many, and for how many seconds the one that began first."""
        now, found = time.monotonic(), dict[str, tuple[int, float]]()
        for name, since in list(self._working.values()):
            count, longest = found.get(name, (0, 0.0))
            found[name] = count + 1, max(longest, now - since)
        return found


def _asking(call: Call) -> Asking:
    return call.item, call.place, call.asked, call.digest


def _asks_otherwise(before: Call, now: Call) -> RunError:
    return RunError(
        f"the function asks otherwise than when it was played before: at place {now.place} it asked {before.shown}, "
        f"now it asks {now.shown}; between questions it has to do the same for the same answers (no clock, no chance, "
        "nothing from outside: put such work into a @df.step), and it may not change while it is played"
    )


def _shown(asked: str, inputs: Mapping[str, Any]) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in inputs.items())
    return f"{asked}({given if len(given) <= LONGEST_SHOWN else given[:LONGEST_SHOWN] + '…'})"


def _told(failure: Exception) -> str:
    text = str(failure).strip()
    return text if isinstance(failure, DataForgeError) and text else f"{type(failure).__name__}: {text}".rstrip(": ")
