"""The handle of a run: wait for it, ask how it stands, get its results. The same for those who drive and who follow."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dataforge.arguments import entries, entry
from dataforge.cards import Address
from dataforge.corrections import Correct, Correction, Discard, Reinstate, Withdraw
from dataforge.durations import seconds
from dataforge.endings import last_ending
from dataforge.errors import DataForgeError, RunEnded, RunError, RunGone, SpecError
from dataforge.feed import refuse_idle_controls
from dataforge.gone import Gone
from dataforge.items import stored_keys
from dataforge.keys import Id, KeyType, id_of
from dataforge.objects.base import listed
from dataforge.platforms import Platform
from dataforge.platforms.base import Inviting
from dataforge.reading import gather_items
from dataforge.records import Added, SetState, State, Texts, unit_price
from dataforge.runs.core.folder import Description, RunFolder, run_folders
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.gone import carry_out
from dataforge.runs.driving.history import check_feed
from dataforge.runs.driving.platforms import platform_of
from dataforge.runs.driving.status import RunStatus, saved_status, status_of
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle import results
from dataforge.runs.handle.by_hand import given_answers
from dataforge.runs.handle.display import Watch, watching
from dataforge.runs.handle.files import write
from dataforge.runs.handle.follow import FinalAnswer, FinalAnswers, checked_cursor
from dataforge.runs.handle.gone import busy, delete, put_aside, rename, take_back
from dataforge.runs.handle.listing import list_runs
from dataforge.runs.handle.uploads import upload
from dataforge.task import Task
from dataforge.terms import Asked, Difference, Standing, change
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "open_run"]

LOOK_EVERY = 0.5
CORRECTING_PATIENCE = 15.0
"""How long, in seconds, who corrects something waits until the run has taken it in."""
CORRECTING_STEP = 0.05
PAGES_PATIENCE = 1.0
"""How long, in seconds, `wait` lets the driver of a run that has ended show it on the requester's pages."""


@entries
class Run:
    """One launch of a task over items. Made by `launch` and `open_run`."""

    _made_by: ClassVar[str] = "df.launch(…), or df.open_run(name)"

    def __init__(
        self,
        folder: RunFolder,
        description: Description,
        platform: Callable[[], Platform],
        driven: tuple[RunView, Driver] | None = None,
    ) -> None:
        self._platform = platform
        self._driver: Driver | None
        self._is_of(folder, description)
        if driven is not None:
            self._view, self._driver = driven

    def _is_of(self, folder: RunFolder, description: Description) -> None:
        """Be the run of a folder, of which nothing is read yet and which is not driven from here."""
        self._folder = folder
        self._description = description
        self._driver = None
        self.__dict__.pop("_view", None)
        self._finals = FinalAnswers(folder.log)
        # Its own, so that who adds does not hold up who drives.
        self._feed = folder.feed()

    @cached_property
    def _view(self) -> RunView:
        """All that is known of the run: made when it is first needed, because it has every item and answer."""
        return RunView.open(self._folder)

    # --- how it stands ----------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The run's name, by which `launch` and `open_run` find it again."""
        return self._description.name

    @property
    def about(self) -> tuple[Texts, ...]:
        """What the run is with the items it has by now: how many answers, what a page is and costs; by language."""
        return self._fresh().about()

    @property
    def driving(self) -> bool:
        """Whether this process drives the run; else it follows the run's log."""
        return self._driver is not None and self._driver.driving

    @property
    def notices(self) -> tuple[Texts, ...]:
        """What you should know or do now, by language."""
        return self.status().notices

    @property
    def invitation(self) -> str | None:
        """The address that lets workers join."""
        return self._platform().invitation(self.name)

    def invite(self, uses: int | None = None, expires_in: str | float = "7d") -> Address:
        """A further address that lets workers join: `uses` people, or any number, for as long as `expires_in` says.

        `dataforge invite --revoke` ends it.
        """
        platform = self._platform()
        if not isinstance(platform, Inviting):
            raise RunError(
                f"run {self.name!r}: workers of the platform {platform.name!r} come by no invitation of ours"
            )
        return Address(platform.invite(self.name, uses, seconds(expires_in, "expires_in")))

    @property
    def dashboard(self) -> str | None:
        """The address where the run can be watched, or None where its platform has no such page."""
        return self._platform().dashboard(self.name)

    def status(self) -> RunStatus:
        """How the run stands now; where another process drives it, as it stood a second ago at most."""
        self._check_there()
        saved = None if self._is_open else saved_status(self._folder)
        return status_of(self._fresh()) if saved is None else saved

    def wait(self, timeout: str | float | None = None, *, progress: bool = True) -> RunStatus:
        """Wait until the run is over, or for a `timeout` (seconds, or `"10m"`); give how it stands then.

        Shows progress and notices meanwhile. An interrupt (Ctrl-C) leaves the run going on.
        """
        with watching(self.name, self._page, enabled=progress) as watch:
            try:
                return self.watched(watch, None if timeout is None else seconds(timeout, "timeout"))
            except KeyboardInterrupt:
                watch.say(f"The run goes on. To come back: run.wait(), or open_run({self.name!r}) in another process.")
                raise

    def watched(self, watch: Watch, timeout: float | None = None) -> RunStatus:
        """Wait as `wait` does, on a watch of the caller's own, who knows better what an interrupt ends."""
        give_up = math.inf if timeout is None else time.monotonic() + timeout
        shown_by = math.inf
        while True:
            self._raise_failure()
            status = self.status()
            watch.show(status)
            self._check_there(goes_on=not status.ended)
            # What the pages have not seen yet is shown in the background: of a large run that takes a while.
            shown_by = min(shown_by, time.monotonic() + PAGES_PATIENCE) if status.ended else math.inf
            left = min(LOOK_EVERY, give_up - time.monotonic(), shown_by - time.monotonic())
            if (status.ended and not self.driving) or left <= 0:
                return status
            self._pause(left)

    def drive(self) -> bool:
        """Drive the run in a thread of this process unless another one does; whether this one does now.

        From then on `wait` takes the run over if whoever drives it goes away.
        """
        self._check_there(goes_on=True)
        if self._driver is None:
            self._driver = Driver(self._view, self._platform())
        self._folder.settle()
        return self._driver.start()

    # --- by hand ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Close the run by hand: pages already out are still taken, then it ends with what it has.

        It takes no more items from now on. While pages are out `resume` opens it again.
        """
        self._set_state("closed")
        if last_ending(self._folder.log) is None:
            # Who drives it, if anybody does, hears of it a moment later.
            self._feed.end("stopped")

    def pause(self) -> None:
        """Give out no pages until `resume`."""
        self._set_state("paused")

    def resume(self) -> None:
        """Give out pages again, after `pause`, or after `stop` while pages are out.

        Raises `RunEnded` if the run has ended: nobody would look at the answers.
        """
        ending = last_ending(self._folder.log)
        if ending is not None:
            advice = "run.add(…) opens it again" if ending == "done" else "launch what is left under another name"
            raise RunEnded(f"run {self.name!r} has ended and gives out no pages: {advice}")
        self._set_state("open")

    # --- corrections by hand ------------------------------------------------------------------------

    def discard(self, worker: str) -> None:
        """Let a worker's answers count no more: items that fall short are asked again, and what was paid stays paid.

        The run is closed to the worker. It goes on if it was done; `reinstate` takes this back.
        """
        self._correct(Discard(self._known_worker(worker)))

    def reinstate(self, worker: str) -> None:
        """Let a worker's answers count again after `discard`, and open the run to the worker."""
        self._correct(Reinstate(self._known_worker(worker)))

    def correct(self, item: Id, answer: Any) -> None:
        """Say the right answer to an item, or `{output: answer}`.

        Of a control item it is the known answer from now on: workers' records follow, and pages that were rejected for
        them are accepted where they pass now; none is rejected. Of another item it is the final answer.
        """
        state = self._fresh().state
        if state.numbering.index.get(str(item)) in state.control_reports.withdrawn:
            raise RunError(f"the control item {str(item)!r} was withdrawn; add it again under another id")
        self._correct(Correct(str(item), given_answers(self._description.task(), answer)))

    def withdraw(self, item: Id) -> None:
        """Show a control item to nobody any more, and let nothing that was answered to it count against anybody."""
        self._correct(Withdraw(str(item)))

    def _known_worker(self, worker: str) -> str:
        if worker not in (known := self._fresh().state.worker_number):
            raise RunError(f"run {self.name!r} has no worker {worker!r}; its workers are: {listed(known)}")
        return worker

    def _correct(self, correction: Correction) -> None:
        """Have the run take in a correction, whoever drives it; if nobody does, it is driven from here."""
        self._check_there(goes_on=True)
        check_feed(self.name, "corrections", self._fresh().state.corrections.taken, self._feed.state().corrections)
        self._feed.correct(self._description.task(), correction)
        asked = self._feed.state().corrections
        self._note_fed()
        if self._driver is not None or not self._folder.locked():
            try:
                self.drive()
            except RunError:  # its platform is not to be reached from here: who drives it next takes this in
                return
        give_up = time.monotonic() + CORRECTING_PATIENCE
        while self._fresh().state.corrections.taken < asked and time.monotonic() < give_up:
            self._raise_failure()
            time.sleep(CORRECTING_STEP)

    # --- its name, its place ----------------------------------------------------------------------

    def rename(self, name: str) -> None:
        """Call the run otherwise: everything goes on, and the name that it had is free.

        Whoever else has the run open must open it anew, by its new name; invitations stay as they are.
        """
        self._check_there(goes_on=True)
        driver = self._driver
        folder = rename(self._folder, name, self._platform(), self.close)
        self._is_of(folder, folder.describe())
        if driver is not None:
            self.drive()

    def archive(self) -> None:
        """Put the run aside: it is in no list, nobody works at it, and its results can still be had.

        Raises `RunError` while people are at work at it: stop it, and archive it when it has ended.
        """
        self._check_there(goes_on=True)
        if at_work := busy(self._fresh()):
            raise RunError(f"run {self.name!r} is at work, {at_work}; stop it, and archive it when these are done")
        put_aside(self._folder, self._platform(), self.close)

    def unarchive(self) -> None:
        """Bring the run back from where `archive` has put it; one that had not ended is paused until `resume`."""
        self._check_there()
        take_back(self._folder, self._platform(), over=last_ending(self._folder.log) is not None)
        self._driver = None

    def delete(self, *, force: bool = False) -> None:
        """Delete the run: its items, answers and log, and the files that no other run shows; its name is free.

        What its workers earned stays in their accounts, and what waits for a verdict is added to it. Raises `RunError`
        while pages are out or wait for a verdict, unless with `force`.
        """
        self._check_there()
        if not force and (at_work := busy(self._fresh())):
            raise RunError(f"run {self.name!r} is at work, {at_work}; stop it and wait for these, or give force=True")
        delete(self._folder, self._platform(), self.close)

    # --- items that come later, answers as they become final ------------------------------------------

    def add(
        self,
        items: Any = None,
        control: Any = None,
        *,
        id: str | None = None,  # noqa: A002 - the word for it
        encoding: str | None = None,
    ) -> Added:
        """Add items while the run goes on, or after it was done: then it goes on. Give how many were new and known.

        Items and control items come in the forms that `launch` takes. Adding is idempotent: what the run has already
        under the same key, with the same content, is left out, so that a batch may be added again after any accident.
        When this returns, the items are on the disk and will be asked, whoever drives the run.

        Raises:
            DataError: a row does not fit the task, the run has its key with other content, its inputs are those of
                a control item, or no page has room for control items; nothing was added.
            Unreachable, Refused: a local file could not be put on the platform; nothing was added.
            RunError: the run ended by its budget, its time or by hand, or was stopped, and takes no more.
        """
        self._check_there(goes_on=True)
        if id is None:
            id = stored_keys(self._folder.items).column  # noqa: A001
        if items is None and control is None:
            raise SpecError("nothing to add: give items, or control items as control=…")
        batch = gather_items(self._description.task(), items, control, id, encoding, may_be_empty=True)
        if not batch.count:
            return Added(0, 0)
        refuse_idle_controls(batch, self._description.publication.control_per_page, self.name)
        upload(self._folder, batch, self._platform, show=False)
        added = self._feed.add(batch)
        self._note_fed()
        if self._driver is not None and added.new:
            self._driver.start()
        return added

    def finish(self) -> None:
        """Say that no more items come: a run that was launched open ends when those it has are answered.

        Raises `RunEnded` if its budget, its time or somebody has ended it before.
        """
        self._check_there(goes_on=True)
        self._feed.finish()
        self._note_fed()

    def follow(self, after: int = 0, timeout: str | float | None = None) -> Iterator[FinalAnswer]:
        """Final answers in the order in which they became final, each once; `after` is the cursor of the last one had.

        Waits for the next one, until the run is over, or for a `timeout` in which none came. In a run that was
        launched open an answer is final as soon as no more are asked for; in any other all are when it ends.
        """
        patience = None if timeout is None else seconds(timeout, "timeout")
        return self._follow(checked_cursor(after, self._finals.total()), patience)

    def _follow(self, cursor: int, timeout: float | None) -> Iterator[FinalAnswer]:
        waited_since = time.monotonic()
        while True:
            self._check_there()
            over = self._folder.over()
            for answer in self._finals.after(cursor):
                cursor = answer.cursor
                yield replace(answer, key=id_of(str(answer.key), self._key_type))
                waited_since = time.monotonic()
            self._raise_failure()
            left = LOOK_EVERY if timeout is None else min(LOOK_EVERY, waited_since + timeout - time.monotonic())
            if over or left <= 0:
                return
            self._pause_for_answers(cursor, left)

    # --- what it asks -----------------------------------------------------------------------------

    def change(self, task: Task | None = None, **settings: Any) -> tuple[Difference, ...]:
        """Change what the run asks while it goes on; give what differs from before, nothing if all is so already.

        Args:
            task: the task with other texts: name, instruction, description, titles, labels, hints. Workers who have
                read the instruction are shown that it changed.
            settings: those of a policy that may change: `budget`, `overlap`, `min_confidence`, `time_limit`, `lease`,
                `languages`, `stall_after`, and the rules `control`, `skips` and `reports`.

        Pages that are out stay as they are. Items whose final answers are not as sure as is wanted now, or have fewer
        opinions, are asked again; a run that its budget or its time has ended goes on if it gets more. When this
        returns, the change is on the disk, whoever drives the run.

        Raises:
            SpecError: something that may not change, with the reason, or a budget below what is paid and promised.
            RunEnded: the run has ended and this does not let it go on. Nothing was changed.
        """
        if task is None and not settings:
            raise SpecError("nothing to change: give a task with other texts, or settings such as budget=…")
        spec = None if task is None else task.spec()
        promised = unit_price(self.status().promised)
        standing = Standing(self._description.created, self._platform().now(), promised)
        self._check_there(goes_on=True)
        found = change(self._folder.path, Asked(settings, spec), standing)
        if found:
            self._note_fed()
            if self._driver is not None:
                self._driver.start()
        return found

    # --- results ----------------------------------------------------------------------------------

    def labels(self, *, control: bool = False) -> pd.DataFrame:
        """One row per item: id, inputs, carried columns, answer, confidence, overlap, flag.

        An empty flag means a sure answer. Else it says why not: `no_answers`, `incomplete` (the run goes on and wants
        more answers), `unsure` (as many answers as allowed, or as help, and still below the wanted confidence),
        `unverified` (nothing shows how sure), `budget`, `time` or `stopped` (the run ended before), `reported` (more
        workers reported the item than answered it, two at least); or `corrected`: you gave the answer.
        """
        return results.labels(self._fresh(), control=control)

    def probabilities(self) -> pd.DataFrame:
        """One row per item: id and the probability of each label."""
        return results.probabilities(self._fresh())

    def responses(self) -> pd.DataFrame:
        """One row per response: item, worker, answers or report, whether it is accepted, page, seconds, time."""
        return results.responses(self._fresh())

    def workers(self) -> pd.DataFrame:
        """One row per worker: responses, pages, control accuracy, skill, speed, earnings, restriction."""
        return results.workers(self._fresh())

    def control(self) -> pd.DataFrame:
        """One row per control item: its known answer, how many answered and missed it, who, and whether it is shown."""
        return results.control(self._fresh())

    def cost(self) -> pd.DataFrame:
        """One row of money: paid, pending, commission, total, per item and per response."""
        return results.cost(self._fresh())

    def select_control_items(
        self,
        min_confidence: float = 0.95,
        min_overlap: int = 3,
        limit: int | None = None,
        balanced: bool = True,
    ) -> pd.DataFrame:
        """Items with sure answers, to be given to another launch as `control=`; the surest first.

        `balanced`: every answer equally often, so that nobody passes by always giving the most frequent one.
        """
        return results.control_items(
            self._fresh(), min_confidence=min_confidence, min_overlap=min_overlap, limit=limit, balanced=balanced
        )

    def to_csv(self, path: str | Path) -> Path:
        """Write `labels()` as CSV, of which the name ends in `.csv`; spreadsheets open it as it is."""
        return write(self.labels(), path, ".csv")

    def to_json(self, path: str | Path) -> Path:
        """Write `labels()` as a JSON array of objects (`.json`), or as one object a line (`.jsonl`)."""
        return write(self.labels(), path, ".json", ".jsonl")

    def to_parquet(self, path: str | Path) -> Path:
        """Write `labels()` as Parquet (`.parquet`); columns of mixed values are texts there."""
        return write(self.labels(), path, ".parquet")

    # --- representation ---------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Run({self.status()})"

    def _repr_html_(self) -> str:
        return self.status().card(self._page())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        status = self.status()
        return {"text/plain": f"Run({status})", "text/html": status.card(self._page())}

    def __reduce__(self) -> tuple[Any, ...]:
        # A process that is given a run finds it by its name, as everybody else does.
        return open_run, (self.name, self._folder.path.parent.parent)

    def __await__(self) -> Generator[Any, None, RunStatus]:
        """Wait for the end of the run beside what else an event loop does: `status = await run`."""
        return self._awaited().__await__()

    async def _awaited(self) -> RunStatus:
        # A little at a time, so that whoever stops waiting keeps no thread.
        while not (status := await asyncio.to_thread(self.wait, LOOK_EVERY, progress=False)).ended:
            pass
        return status

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the run in this process: it goes on, driven by the server's runner. To end it there is `stop`."""
        if self._driver is not None:
            self._driver.let_go()
        self._feed.close()
        if self._is_open:
            self._view.feed.close()

    # --- inside -----------------------------------------------------------------------------------

    def _page(self) -> str | None:
        """The address of the run's page, if it can be reached from here."""
        with suppress(DataForgeError):
            return self.dashboard
        return None

    @cached_property
    def _key_type(self) -> KeyType:
        """What the ids were in the data; known once there is an item to ask."""
        noted = stored_keys(self._folder.items).type
        if noted is None and self._feed.state().fed:
            noted = self._feed.read(self._description.task(), 0, 1).key_type
        return noted or "text"

    @property
    def _is_open(self) -> bool:
        """Whether this process has read the run's items and log."""
        return "_view" in self.__dict__

    def _note_fed(self) -> None:
        """Wake the driver of this process, if it has one."""
        if self._is_open:
            self._view.fed_here.set()

    def _fresh(self) -> RunView:
        """The view, up to date: kept so by the driver, or read on from the log."""
        self._check_there()
        if not self.driving:
            self._view.catch_up()
        return self._view

    def _check_there(self, *, goes_on: bool = False) -> None:
        """Raise `RunGone` if the run was deleted or renamed meanwhile, or, with `goes_on`, if it is archived."""
        self._folder.check_there(self._description.publication.identity, goes_on=goes_on)

    def _raise_failure(self) -> None:
        failure = self._driver.failure if self._driver is not None else None
        if isinstance(failure, RunGone):
            raise RunGone(str(failure)) from failure
        if failure is not None:
            raise RunError(f"run {self.name!r} cannot go on: {failure}") from failure

    def _pause(self, seconds: float) -> None:
        """Wait for news; a run that nobody drives any more is taken over."""
        if self.driving:
            with self._view.lock:
                over = self._view.progressed.wait_for(self._over, seconds)
            if over and self._driver is not None:
                self._driver.join(seconds)
            return
        if self._driver is None or not self._driver.start():
            time.sleep(seconds)

    def _pause_for_answers(self, cursor: int, seconds: float) -> None:
        """Wait for final answers after the cursor; a run that nobody drives any more is taken over."""
        if not self.driving:
            self._pause(seconds)
            return
        with self._view.lock:
            self._view.progressed.wait_for(lambda: self._over() or self._view.state.final_total > cursor, seconds)

    def _over(self) -> bool:
        return self._view.state.shown or (self._driver is not None and self._driver.failure is not None)

    def _set_state(self, state: State) -> None:
        self._check_there(goes_on=True)
        key = f"by-hand-{state}-{time.time_ns()}"
        self._platform().execute(self.name, [SetState(key, state)])


@entry
def open_run(name: str, workspace: str | Path | Workspace | None = None) -> Run:
    """A run of the workspace by its name, whoever drives it; its items and log are read when they are first needed.

    `drive()` drives it from here.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    folder = RunFolder.of(place, name)
    if not folder.exists:
        _finish_renaming(place, folder.name)
    mark = folder.gone()
    if mark is not None and mark.what != "archived":
        raise RunGone(mark.told(folder.name))
    if not folder.exists:
        known = ", ".join(info.name for info in list_runs(place)[:10]) or "none"
        raise RunError(f"there is no run {name!r} in {str(place.root)!r}; runs are: {known}")
    description = folder.describe()
    return Run(folder, description, cache(lambda: platform_of(description, place)))


def _finish_renaming(place: Workspace, name: str) -> None:
    """Give a run this name that was to get it when a process was killed."""
    for folder in run_folders(place.runs):
        if folder.gone() == Gone("renamed", name):
            carry_out(folder, place)
