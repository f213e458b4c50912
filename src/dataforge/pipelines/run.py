"""The handle of a pipeline that is played: wait for it, ask how it stands, get its results and where they are from."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

import msgspec
from filelock import FileLock

from dataforge import cards
from dataforge.aliases import OF_RUNS
from dataforge.arguments import entries, no_member
from dataforge.data.items import Items
from dataforge.durations import seconds
from dataforge.errors import DataForgeError, RunError, UnknownName
from dataforge.pipeline_folder import STOPPED, Standing
from dataforge.pipelines.forecast import PipelineForecast, Priced, forecast_of
from dataforge.pipelines.journal import Again, Journal
from dataforge.pipelines.outcomes import Calls, Outcomes
from dataforge.pipelines.player import Player
from dataforge.pipelines.questions import Asked
from dataforge.pipelines.showing import Pace, picture_of, shown
from dataforge.pipelines.stages import Stages
from dataforge.pipelines.status import PipelineStatus
from dataforge.records import PipelineShown
from dataforge.runs.handle.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PipelineRun"]

LOOK_EVERY = 0.2
"""How often, in seconds, answers are looked for."""
PARTS = 10_000
TOO_LONG = 10.0
"""After so many seconds between two questions a function is said to hold up the others."""
LETTING_GO = 20.0
P = ParamSpec("P")
T = TypeVar("T")


class _Stages(dict[str, Run]):
    """Runs by the ids of their tasks; says which there are of a task that was not asked."""

    def __missing__(self, name: str) -> Run:
        asked = ", ".join(map(repr, self)) or "none yet"
        raise UnknownName(f"stages: no item has asked the task {name!r} yet; those asked by now: {asked}")


@entries
class PipelineRun:
    """One launch of a pipeline, played in a thread of this process. Made by `Pipeline.launch`."""

    _made_by: ClassVar[str] = "a pipeline's launch(…)"

    def __init__(
        self,
        function: Callable[..., Awaitable[Any]],
        items: Items,
        stages: Stages,
        standing: Standing,
        lock: FileLock,
        *,
        again: bool = False,
    ) -> None:
        self.name = standing.path.name
        self.function = function.__name__
        self._items, self._stages, self._standing, self._lock = items, stages, standing, lock
        self._journal = journal = Journal(standing.path / "journal.jsonl")
        self._calls = calls = Calls()
        recorded = [calls.note(entry) for entry in journal.read()]
        keys = dict(enumerate(items.keys))
        self._player = Player(function, keys, recorded, stages.known, stages.pay)
        stages.recall(calls.asked, sum(self._player.models.spent.values()))
        self._outcomes = Outcomes(items, stages, self._player, calls)
        self._pace = Pace()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looked = time.monotonic()
        self._stop = threading.Event()
        # As it was seen: whoever has it stopped may have it gone on with before this process has let go of it.
        self._stopped = False
        # A thread of its own: behind the steps of all items nothing would be written down and nothing asked.
        self._aside = ThreadPoolExecutor(1, f"pipeline {self.name}, aside")
        self._thread = threading.Thread(target=self._run, name=f"pipeline {self.name}", daemon=True)
        if again:
            self._play_anew()
        self._thread.start()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            raise no_member(self, name, OF_RUNS)

    def _play_anew(self) -> None:
        """Write down that items whose results are outdated are played anew, by what is answered now."""
        entries = [Again(item, self._stages.cursors) for item in self._outdated()]
        self._journal.write(entries)
        for entry in entries:
            self._player.remember(entry)

    # --- playing ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            asyncio.run(self._play())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._aside.shutdown()
            self._journal.close()
            self._show()
            if self._failure is not None or self._stopped or self._standing.held:
                # Nobody plays it here any more: whoever goes on with it need not wait until this handle is let go of.
                self._lock.release()

    async def _play(self) -> None:
        player = self._player
        self._loop = asyncio.get_running_loop()
        beating = asyncio.create_task(self._beat())
        playing = asyncio.create_task(player.play(self._inputs()))
        try:
            while not playing.done() and not self._stop.is_set():
                self._stopped = bool(self._standing.held)
                if self._stopped or (self._standing.gives_way and self._standing.wanted):
                    # Steps that are done by now are not done again by who goes on with it.
                    await self._write_down()
                    return
                await self._look()
                if self._pace.due():
                    await self._meanwhile(self._show)
                    self._pace.done()
                with suppress(TimeoutError):
                    await asyncio.wait_for(player.wake.wait(), LOOK_EVERY)
            if playing.done():
                await playing
                await self._look()
                await self._meanwhile(self._stages.finish)
                await self._meanwhile(self._note_end)
            else:
                await self._write_down()
        finally:
            beating.cancel()
            playing.cancel()

    async def _beat(self) -> None:
        """Note that the loop has its turns; what is done aside of it may take as long as it wants."""
        while True:
            self._looked = time.monotonic()
            await asyncio.sleep(LOOK_EVERY)

    def _note_end(self) -> None:
        if (about := self._standing.about()) is not None:
            self._standing.note(msgspec.structs.replace(about, ended=True))

    async def _look(self) -> None:
        """Write down what is new, then ask it, then give the function what was answered."""
        questions = await self._write_down()
        taken, refused = await self._meanwhile(self._stages.ask, questions)
        for question, error in refused:
            self._player.refuse(question.task.id, question.key, error)
        for question in taken:
            # A task that was asked before this process began is known only once it is asked again.
            if (found := self._stages.known(question.task.id, question.key)) is not None:
                self._player.resolve(question.task.id, question.key, found)
        await self._meanwhile(self._stages.balance, self._player.waiting)
        for name, stage in self._stages:
            for key, found in await self._meanwhile(stage.read_on):
                self._player.resolve(name, key, found)

    async def _write_down(self) -> list[Asked]:
        """Write down what is new; gives what is to be asked then."""
        entries, questions = self._player.news()
        await self._meanwhile(self._journal.write, entries)
        for entry in entries:
            self._calls.note(entry)
        return questions

    async def _meanwhile(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do work outside of the loop in which the function is played."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, partial(work, *args, **named))

    def _inputs(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for start in range(0, self._items.count, PARTS):
            records = self._items.records(start, min(start + PARTS, self._items.count))
            yield from enumerate((self._given(record.inputs) for record in records), start)

    def _given(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """An item's inputs as its function gets them and passes them on."""
        return {name: self._items.task.input(name).type.of_item(value) for name, value in inputs.items()}

    # --- how it stands ----------------------------------------------------------------------------

    @property
    def stages(self) -> dict[str, Run]:
        """The runs of the tasks that were asked so far, by the tasks' ids."""
        return _Stages((name, stage.run) for name, stage in self._stages)

    def status(self) -> PipelineStatus:
        """How the pipeline stands now."""
        done = len(self._player.outcomes)
        return PipelineStatus(
            items=self._items.count,
            done=done,
            failed=self._player.failed,
            waiting=self._player.waiting,
            steps=self._player.working,
            stuck=self._stuck(),
            ended=not self._thread.is_alive() and self._failure is None and done == self._items.count,
            outdated=len(self._outdated()),
        )

    def _stuck(self) -> dict[str, str]:
        """Why the pipeline does not go on where it does not, by task, and by the function's name."""
        alone = self._stages.for_nobody(self._player.open_questions)
        return {**alone, **self._stages.stuck, **self._held_up(), **self._held()}

    def _held(self) -> dict[str, str]:
        """Why nobody plays the function until it is launched again, if that is so."""
        ended = len(self._player.outcomes) == self._items.count
        held = "" if ended or self._thread.is_alive() else self._standing.held
        return {self.function: held} if held else {}

    def _held_up(self) -> dict[str, str]:
        """At which item the function goes on without asking and without waiting, if it has for too long."""
        since = time.monotonic() - self._looked
        if since < TOO_LONG or not self._thread.is_alive() or self._loop is None:
            return {}
        at = asyncio.current_task(self._loop)
        item = "" if at is None else f" at item {at.get_name()!r}"
        return {
            self.function: f"has not come to its next question for {since:.0f} s{item}, and holds up all others; what "
            "takes long goes into a @df.step, and what never ends has to be mended"
        }

    def wait(self, timeout: str | float | None = None) -> PipelineStatus:
        """Wait until every item has an outcome, or for a `timeout`; give how the pipeline stands then.

        Says meanwhile why tasks take no more questions. Raises what has stopped it: a function that asks otherwise than
        before, a run that cannot go on.
        """
        until = None if timeout is None else time.monotonic() + seconds(timeout, "timeout")
        said: dict[str, str] = {}
        while self._thread.is_alive():
            left = 1.0 if until is None else min(1.0, until - time.monotonic())
            if left <= 0:
                return self.status()
            self._thread.join(left)
            self._say_stuck(said)
        if self._failure is not None:
            raise self._failure
        if not self.status().ended:  # it was stopped, or somebody else plays it
            return self.status()
        for run in self.stages.values():
            run.wait(None if until is None else max(0.0, until - time.monotonic()), progress=False)
        return self.status()

    def _say_stuck(self, said: dict[str, str]) -> None:
        """Say why a task takes no more questions, once."""
        for name, why in (self._stages.for_nobody(self._player.open_questions) | self._stages.stuck).items():
            if said.get(name) != why:
                said[name] = why
                print(f"Pipeline {self.name}: {name}: {why}", file=sys.stderr, flush=True)

    # --- what came out ----------------------------------------------------------------------------

    def labels(self) -> pd.DataFrame:
        """One row per item: id, inputs, carried columns, what the function gave, `confidence`, `flag`, `error`.

        Where the function gives dictionaries each of their names is a column, else `result` is; one that is called as
        the id or as a column of these is set apart, as `confidence_given`. `confidence` is the
        product of those of the answers that the function was given for the item, missing where one has none: all of
        them right, if they err apart. `flag` is "outdated" where one of those was corrected since: such a result
        has no confidence, and the item is played anew if the pipeline is launched with `again=True`. It is
        "incomplete" where the item is not done, and else that of the first of the answers that is not sure, as the run
        of its task has it; empty where all are as sure as their policies ask for. `error` says why there is no result,
        and is empty where the item is not done.
        """
        self._take_in()
        return self._outcomes.labels()

    def lineage(self) -> pd.DataFrame:
        """One row per question: the item's id, its place in the function, what was asked, and what was answered.

        `asked` is the task, or the step, and `question` what it was asked about, cut where that is long. `answer` is
        what the function was given; where that was `corrected` since, `now` is what it is now.
        """
        self._take_in()
        return self._outcomes.lineage()

    def flow(self) -> pd.DataFrame:
        """How many items went from which question to which: one row per arrow of the picture of the pipeline.

        An arrow leads to a question from each whose answer the function had been given before it asked this one, but
        not those that led to such an answer.
        """
        return self._outcomes.flow()

    def cost(self) -> pd.DataFrame:
        """The money of each task's run, as `Run.cost` tells it, a row each under its task, and of each paid model."""
        import pandas as pd

        parts = [run.cost().assign(task=task) for task, run in self.stages.items()]
        for name, paid in self._player.models.spent.items():
            money = {"currency": self._stages.currency, "paid": paid, "pending": 0.0, "commission": 0.0, "total": paid}
            parts.append(pd.DataFrame([money]).assign(task=name))
        return pd.concat(parts, ignore_index=True).set_index("task") if parts else pd.DataFrame()

    def forecast(self) -> PipelineForecast | None:
        """What the pipeline will have cost when it ends, with limits; None while too little of it is known.

        By how many items asked what after which answers, and not by what those cost that are done: they were asked
        least. None as well where others judge answers, or where money is so short that it decides what is asked.
        """
        self._take_in()
        priced = self._stages.priced()
        if priced is None:
            return None
        for name, paid in self._player.models.spent.items():
            priced[name] = Priced(self._calls.asked[name], paid, paid, paid)
        return forecast_of(self._outcomes.courses(), priced, self._stages.currency, self._stages.budget)

    def _outdated(self) -> list[int]:
        """The items with a result that rests on an answer which was corrected since."""
        self._take_in()
        return self._outcomes.outdated()

    def _take_in(self) -> None:
        """Read what was corrected after the last item was played; until then the player does."""
        if not self._thread.is_alive():
            self._stages.read_on()

    # --- letting go -------------------------------------------------------------------------------

    def stop(self) -> None:
        """Have nobody play the pipeline, the server included, until it is launched again; raises as `close` does.

        The runs of its tasks go on with what they were asked: `run.stages["…"].stop()` ends one.
        """
        self._standing.hold(STOPPED)
        self.close()

    def close(self) -> None:
        """Let go of the pipeline in this process; launched again under its name it goes on, or the server plays it on.

        Steps that are under way are not waited for. Raises `RunError` if the function does not come to an await: then
        the pipeline is let go of when the process ends.
        """
        self._stop.set()
        self._thread.join(LETTING_GO)
        if self._thread.is_alive():
            raise RunError(f"pipeline {self.name!r} cannot be let go of: {self.status()}; end the process")
        self._stages.close()
        self._lock.release()

    def __enter__(self) -> PipelineRun:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"PipelineRun({self.name!r}: {self.status()})"

    def _repr_html_(self) -> str:
        status = self.status()
        done = cards.bar(status.done / max(1, status.items))
        about = f"{status.done:,} of {status.items:,} items"
        return cards.wide(f"Pipeline {self.name}", about, done, cards.line(str(status)), self.picture())

    def picture(self) -> str:
        """What leads to what, with the number of items on every arrow: an SVG, as a notebook shows it."""
        return picture_of(self._shown())

    def _shown(self, forecast: PipelineForecast | None = None) -> PipelineShown:
        spent = self._player.models.spent
        return shown(self.status(), self._stages, self._calls, self._outcomes, self.function, forecast, spent)

    def _show(self) -> None:
        """Write down how it stands, for its page; what cannot be shown now stops nobody who plays."""
        # What it will have cost is known once all is done, and takes long to foretell of many items.
        done = len(self._player.outcomes) == self._items.count
        with suppress(DataForgeError, OSError):
            self._standing.show(self._shown(None if done else self.forecast()))
