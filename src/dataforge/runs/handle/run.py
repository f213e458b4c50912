"""The handle of a run: wait for it, ask how it stands, get its results. The same for those who drive and who follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dataforge.arguments import entries, entry
from dataforge.cards import Address
from dataforge.catalogue import Said
from dataforge.changes.terms import Difference, change, terms_of
from dataforge.data.drafts import Prefill
from dataforge.durations import seconds
from dataforge.endings import last_ending
from dataforge.errors import RunError, SpecError
from dataforge.models import Model
from dataforge.platforms import Platform
from dataforge.platforms.base import Filtering, Inviting, InvitingByName
from dataforge.records import Added, PassingWorkers
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.platforms import platform_of
from dataforge.runs.driving.status import RunStatus
from dataforge.runs.driving.telling import about_run
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle._by_hand import ByHand
from dataforge.runs.handle.follow import FinalAnswer, checked_cursor
from dataforge.runs.handle.holding import opening
from dataforge.runs.handle.holding.by_hand import let_hear
from dataforge.runs.handle.holding.display import Watch, in_notebook, watching
from dataforge.runs.handle.holding.gone import delete, put_aside, refuse_at_work, rename, take_back
from dataforge.runs.handle.holding.held import LOOK_EVERY, Held
from dataforge.runs.handle.holding.waiting import quiet, status_now, wait_for_end
from dataforge.runs.handle.launches.adding import Adding, standing_of
from dataforge.runs.handle.launches.asking import NOBODY, Asking
from dataforge.runs.handle.launches.uploads import upload
from dataforge.runs.handle.listing import folder_of
from dataforge.runs.handle.training import taught_anew
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    from dataforge import Verification
    from dataforge.runs.handle.live import LiveRun

__all__ = ["Run", "open_run"]


@entries
class Run(ByHand):
    """One launch of a task over items. Made by `launch` and `open_run`."""

    _made_by: ClassVar[str] = "df.launch(…), or df.open_run(name)"

    def __init__(
        self,
        folder: RunFolder,
        description: Description,
        platform: Callable[[], Platform],
        driven: tuple[RunView, Driver] | None = None,
        judged: Held | None = None,
        asking: Asking = NOBODY,
    ) -> None:
        super().__init__(Held(folder, description, platform, driven, judged))
        self._asking = asking

    # --- how it stands ----------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The run's name, by which `launch` and `open_run` find it again."""
        return self._held.name

    @property
    def about(self) -> tuple[Said, ...]:
        """What the run is with the items it has by now: how many answers, what a page is and costs; by language."""
        return tuple(map(Said, about_run(self._held.fresh())))

    @property
    def driving(self) -> bool:
        """Whether this process drives the run; else it follows the run's log."""
        return self._held.driving

    @property
    def notices(self) -> tuple[Said, ...]:
        """What you should know or do now, by language."""
        return self.status().notices

    @property
    def check(self) -> Run | None:
        """The run in which other workers judge the answers of this one; None if there is none, or none any more."""
        check = self._held.check()
        return None if check is None else Run(check.folder, check.description, check.platform, judged=self._held)

    @property
    def invitation(self) -> str | None:
        """The address that lets workers join."""
        return self._held.platform().invitation(self.name)

    def invite(self, uses: int | None = None, expires_in: str | float = "7d") -> Address:
        """A further address that lets workers join: `uses` people, or any number, for as long as `expires_in` says.

        Whoever has it may join under as many names as they like, and is paid for each: for people whom you do not know
        `invite_people` gives links of their own. `dataforge invite --revoke` ends it.
        """
        platform = self._held.platform()
        if not isinstance(platform, Inviting):
            raise self._uninvited(platform)
        return Address(platform.invite(self.name, uses, seconds(expires_in, "expires_in")))

    def invite_people(
        self, names: Sequence[str], *, label: str = "", expires_in: str | float = "7d"
    ) -> dict[str, Address]:
        """By name an address for each person, who joins by it once and is called so; asked for again it is the same.

        `label` is what you call these people together, such as a course.
        """
        platform = self._held.platform()
        if not isinstance(platform, InvitingByName):
            raise self._uninvited(platform)
        addresses = platform.invite_people(self.name, names, label, seconds(expires_in, "expires_in"))
        return {name: Address(address) for name, address in zip(names, addresses, strict=True)}

    def _uninvited(self, platform: Platform) -> RunError:
        return RunError(f"run {self.name!r}: workers of the platform {platform.name!r} come by no invitation of ours")

    def filters(self) -> PassingWorkers:
        """How many workers pass what the run asks of them, and how many each filter leaves by itself."""
        platform, asked = self._held.platform(), terms_of(self._held.folder.path).publication
        if not isinstance(platform, Filtering):
            raise RunError(f"run {self.name!r}: workers of the platform {platform.name!r} are not known to us")
        return platform.passing(asked.workers, asked.languages)

    @property
    def dashboard(self) -> str | None:
        """The address where the run can be watched, or None where its platform has no such page."""
        return self._held.platform().dashboard(self.name)

    def status(self) -> RunStatus:
        """How the run stands now; where another process drives it, as it stood a second ago at most."""
        return status_now(self._held)

    def wait(self, timeout: str | float | timedelta | None = None, *, progress: bool = True) -> RunStatus:
        """Wait until the run is over, or for a `timeout` (seconds, `"10m"` or a timedelta); give how it stands then.

        Shows progress and notices meanwhile. An interrupt (Ctrl-C) leaves the run going on.
        """
        with watching(self.name, self._held.page, enabled=progress) as watch:
            try:
                return self.watched(watch, None if timeout is None else seconds(timeout, "timeout"))
            except KeyboardInterrupt as interrupt:
                watch.say(f"The run goes on. To come back: run.wait(), or open_run({self.name!r}) in another process.")
                quiet(interrupt)
                raise

    def live(self) -> LiveRun:
        """The run in a cell of a notebook, with its charts, moving while other cells are at work.

        Needs `pip install 'dataforge-labeling[notebook]'`. Raises `RunError` where there is no notebook to show it.
        """
        if not in_notebook():
            raise RunError(f"run {self.name!r}: there is no notebook here to show it in; wait for it by run.wait()")
        # Here, because only who asks for it needs what draws it.
        from dataforge.runs.handle.live import LiveRun

        return LiveRun(self._held)

    def watched(self, watch: Watch, timeout: float | None = None) -> RunStatus:
        """Wait as `wait` does, on a watch of the caller's own, who knows better what an interrupt ends."""
        return wait_for_end(self._held, watch, timeout)

    def drive(self) -> bool:
        """Drive the run in a thread of this process unless another one does; whether this one does now.

        From then on `wait` takes the run over if whoever drives it goes away.
        """
        return self._held.drive()

    # --- by hand ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Close the run by hand: pages already out are still taken, then it ends with what it has.

        It takes no more items until `reopen` opens it again. What was answered is still judged where other workers do
        that; `run.check.stop()` ends that, too: what is not judged by then is paid.
        """
        opening.stop(self._held)

    def pause(self) -> None:
        """Give out no pages until `resume`; raises `RunEnded` if the run has ended, and gives out none anyway."""
        opening.pause(self._held)

    def resume(self) -> None:
        """Give out pages again, after `pause`; raises `RunEnded` if the run has ended: see `reopen`."""
        opening.resume(self._held)

    def reopen(self) -> None:
        """Give out pages again after `stop`, also when the run has ended: it goes on from where it was.

        Answers that were not sure enough are asked for again; the run in which answers are judged is opened with it.

        Raises:
            RunEnded: the run has all its answers, or has ended by its budget or its time, with what to do.
            RunGone: it is archived, or deleted.
        """
        opening.open_again(self._held)

    def verify(
        self,
        sample: int = 100,
        experts: int | Sequence[str] = 1,
        *,
        by_confidence: bool = True,
        languages: Sequence[str] = (),
        page_price: float = 0.0,
        detach: bool = False,
        progress: bool = True,
    ) -> Verification:
        """Have experts judge a sample of the answers in a trial; what they find is final and shows how good all are.

        Asked for again it goes on with what was not judged to the end; see `df.verify` for what may be said.
        """
        # Here, because experts are asked by a launch, and what that gives is a run.
        from dataforge import verify

        return verify(
            self,
            sample,
            experts,
            by_confidence=by_confidence,
            languages=languages,
            page_price=page_price,
            detach=detach,
            progress=progress,
        )

    # --- its name, its place ----------------------------------------------------------------------

    def rename(self, name: str) -> None:
        """Call the run otherwise: everything goes on, and the name that it had is free.

        Whoever else has the run open must open it anew, by its new name; invitations stay as they are.
        """
        self._held.check_there(goes_on=True)
        self._refuse_of_checks("renamed")
        driver = self._held.driver
        folder = rename(self._held.folder, name, self._held.platform(), self.close)
        self._held.become(folder, folder.describe())
        if driver is not None:
            self.drive()

    def archive(self) -> None:
        """Put the run aside: it is in no list, nobody works at it, and its results can still be had.

        Raises `RunError` while people are at work at it: stop it, and archive it when it has ended.
        """
        self._held.check_there(goes_on=True)
        self._refuse_of_checks("archived")
        check = self._held.folder.check()
        refuse_at_work(self._held.fresh(), "stop it, and archive it when these are done")
        put_aside(self._held.folder, self._held.platform(), self.close)
        if check is not None:
            put_aside(check, self._held.platform(), lambda: None)

    def unarchive(self) -> None:
        """Bring the run back from where `archive` has put it; one that had not ended is paused until `resume`."""
        self._held.check_there()
        self._refuse_of_checks("brought back")
        check = self._held.folder.check()
        if check is not None and check.gone() is not None:
            take_back(check, self._held.platform(), over=last_ending(check.log) is not None)
        take_back(self._held.folder, self._held.platform(), over=last_ending(self._held.folder.log) is not None)
        self._held.driver = None

    def _refuse_of_checks(self, what: str) -> None:
        if self._held.description.checks:
            raise RunError(
                f"run {self.name!r} judges the answers of another run, and is {what} with that one; it can be deleted "
                "by itself: answers that are not judged by then stay so"
            )

    def delete(self, *, force: bool = False) -> None:
        """Delete the run: its items, answers and log, and the files that no other run shows; its name is free.

        What its workers earned stays in their accounts, and what waits for a verdict is added to it. Raises `RunError`
        while pages are out or wait for a verdict, unless with `force`.
        """
        self._held.check_there()
        if not force:
            refuse_at_work(self._held.fresh(), "stop it and wait for these, or give force=True")
        delete(self._held.folder, self._held.platform(), self.close)

    # --- items that come later, answers as they become final ------------------------------------------

    def add(
        self,
        items: Any = None,
        control: Any = None,
        *,
        id: str | None = None,  # noqa: A002 - the word for it
        encoding: str | None = None,
        prefill: Prefill | Model | None = None,
    ) -> Added:
        """Add items while the run goes on, or after it was done: then it goes on. Give how many were new and known.

        Items, control items and drafts (`prefill`) come in the forms that `launch` takes; a `Model` that votes is asked
        here, too, where the process holds it from its launch. Adding is idempotent: what
        the run has already under the same key, with the same content, is left out, so that a batch may be added again
        after any accident. When this returns, the items are on the disk and will be asked, whoever drives the run.

        Raises:
            DataError: a row does not fit the task, the run has its key with other content, its inputs are those of
                a control item or told in the training, or no page has room for control items; nothing was added.
            Unreachable, Refused: a local file could not be put on the platform; nothing was added.
            RunError: the run ended by its budget, its time or by hand, or was stopped, and takes no more.
        """
        self._held.check_there(goes_on=True)
        if items is None and control is None:
            raise SpecError("nothing to add: give items, or control items as control=…")
        return self._add(Adding(id, encoding, prefill, Asking.of(self._asking.voters, prefill)), items, control)

    def _add(
        self, adding: Adding, items: Any, control: Any = None, withheld: Mapping[str, Sequence[str]] | None = None
    ) -> Added:
        batch = adding.items(self._held, items, control)
        if not batch.count:
            return Added(0, 0)
        upload(self._held.folder, batch.files(), self._held.platform, show=False)
        added = self._held.feed.add(batch, withheld)
        self._held.note_fed()
        if added.new:
            self._held.drive_on()
        return added

    def finish(self) -> None:
        """Say that no more items come: a run that was launched open ends when those it has are answered.

        Raises `RunEnded` if its budget, its time or somebody has ended it before.
        """
        self._held.check_there(goes_on=True)
        self._held.feed.finish()
        self._held.note_fed()

    def follow(self, after: int = 0, timeout: str | float | None = None) -> Iterator[FinalAnswer]:
        """Final answers in the order in which they became final, each once; `after` is the cursor of the last one had.

        Waits for the next one, until the run is over, or for a `timeout` in which none came. In a run that was
        launched open an answer is final as soon as no more are asked for; in any other all are when it ends.
        """
        patience = None if timeout is None else seconds(timeout, "timeout")
        return self._held.follow(checked_cursor(after, self._held.finals.total()), patience)

    # --- what it asks -----------------------------------------------------------------------------

    def change(self, task: Task | None = None, **settings: Any) -> tuple[Difference, ...]:
        """Change what the run asks while it goes on; give what differs from before, nothing if all is so already.

        Args:
            task: the task with other texts: name, instruction, description, titles, labels, hints. Workers who have
                read the instruction are shown that it changed.
            settings: those of a policy that may change: `budget`, `overlap`, `min_confidence`, `time_limit`, `lease`,
                `languages`, `workers`, `stall_after`, the rules `control`, `skips` and `reports`, and `training`: the
                score, or a table of items, or a trial, in place of those of the training, beside which the score that
                is asked for is `training_score`.

        Pages that are out stay as they are. Items whose final answers are not as sure as is wanted now, or have fewer
        opinions, are asked again; a run that its budget or its time has ended goes on if it gets more. When this
        returns, the change is on the disk, whoever drives the run.

        Raises:
            SpecError: something that may not change, with the reason, or a budget below what is paid and promised.
            RunEnded: the run has ended and this does not let it go on. Nothing was changed.
        """
        if task is None and not settings:
            raise SpecError("nothing to change: give a task with other texts, or settings such as budget=…")
        if "policy" in settings:
            raise SpecError(
                "change takes settings, not a policy: write those that change, such as overlap=3, budget=50"
            )
        spec = None if task is None else task.spec()
        standing = standing_of(self._held)
        self._held.check_there(goes_on=True)
        found = change(self._held.folder.path, taught_anew(self._held, settings, spec), standing)
        if found:
            self._held.note_fed()
            self._held.drive_on()
            let_hear(self._held)
        return found

    # --- representation ---------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Run({self.status()})"

    def _repr_html_(self) -> str:
        return self.status().card(self._held.page())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        status = self.status()
        return {"text/plain": f"Run({status})", "text/html": status.card(self._held.page())}

    def __reduce__(self) -> tuple[Any, ...]:
        # A process that is given a run finds it by its name, as everybody else does.
        return open_run, (self.name, self._held.folder.path.parent.parent)

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
        self._held.close()


@entry
def open_run(name: str, workspace: str | Path | Workspace | None = None) -> Run:
    """A run of the workspace by its name, whoever drives it; its items and log are read when they are first needed.

    `drive()` drives it from here.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    folder = folder_of(name, place)
    description = folder.describe()
    return Run(folder, description, cache(lambda: platform_of(description, place)))
