"""A run as one process holds it in the hand: where it lies, what is known of it, and who drives it from here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

from dataforge.data.keys import KeyType, id_of
from dataforge.data.stored_items import stored_keys
from dataforge.errors import DataForgeError, RunError, RunGone
from dataforge.platforms import Platform
from dataforge.records import SetState, State
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.follow import FinalAnswer, FinalAnswers

__all__ = ["LOOK_EVERY", "Held"]

LOOK_EVERY = 0.5
"""How often, in seconds, who waits looks at what has become of a run that another process drives."""


class Held:
    """A run of a folder. `driver`: drives it in this process, None while that was not asked for.

    `judged`: the run whose answers are judged in this one, with which it is driven; found by itself if need be.
    """

    def __init__(
        self,
        folder: RunFolder,
        description: Description,
        platform: Callable[[], Platform],
        driven: tuple[RunView, Driver] | None = None,
        judged: Held | None = None,
    ) -> None:
        self.platform = platform
        self._given = judged
        self.driver: Driver | None
        self.become(folder, description)
        if driven is not None:
            self.view, self.driver = driven

    def become(self, folder: RunFolder, description: Description) -> None:
        """Be the run of a folder, of which nothing is read yet and which is not driven from here."""
        self.folder = folder
        self.description = description
        self.driver = None
        self.__dict__.pop("view", None)
        self.finals = FinalAnswers(folder.log)
        # Its own, so that who adds does not hold up who drives.
        self.feed = folder.feed()

    @property
    def name(self) -> str:
        """The run's name."""
        return self.description.name

    @cached_property
    def view(self) -> RunView:
        """All that is known of the run: made when it is first needed, because it has every item and answer."""
        return RunView.open(self.folder)

    @property
    def is_open(self) -> bool:
        """Whether this process has read the run's items and log."""
        return "view" in self.__dict__

    @property
    def judged(self) -> Held | None:
        """The run whose answers are judged in this one; None if it judges none, or that is no more."""
        return self._given or self._found

    @cached_property
    def _found(self) -> Held | None:
        folder = self.folder.judged() if self.description.checks else None
        return None if folder is None else Held(folder, folder.describe(), self.platform)

    @property
    def driving(self) -> bool:
        """Whether this process drives the run."""
        return self.driver is not None and self.driver.driving

    @cached_property
    def key_type(self) -> KeyType:
        """What the ids were in the data; known once there is an item to ask."""
        noted = stored_keys(self.folder.items).type
        if noted is None and self.feed.state().fed:
            noted = self.feed.read(self.description.task(), 0, 1).key_type
        return noted or "text"

    def check(self) -> Held | None:
        """The run in which other workers judge the answers of this one; None if there is none, or none any more."""
        folder = self.folder.check()
        return None if folder is None else Held(folder, folder.describe(), self.platform, judged=self)

    def page(self) -> str | None:
        """The address of the run's page, if it can be reached from here."""
        with suppress(DataForgeError):
            return self.platform().dashboard(self.name)
        return None

    def fresh(self) -> RunView:
        """The view, up to date: kept so by the driver, or read on from the log."""
        self.check_there()
        if not self.driving:
            self.view.catch_up()
        return self.view

    def check_there(self, *, goes_on: bool = False) -> None:
        """Raise `RunGone` if the run was deleted or renamed meanwhile, or, with `goes_on`, if it is archived."""
        self.folder.check_there(self.description.publication.identity, goes_on=goes_on)

    def raise_failure(self) -> None:
        """Raise what has stopped the driver of this process, if anything has."""
        if self.judged is not None:
            self.judged.raise_failure()
        failure = self.driver.failure if self.driver is not None else None
        if isinstance(failure, RunGone):
            raise RunGone(str(failure)) from failure
        if failure is not None:
            raise RunError(f"run {self.name!r} cannot go on: {failure}") from failure

    # --- what becomes of it -----------------------------------------------------------------------

    def drive(self) -> bool:
        """Drive the run in a thread of this process unless another one does; whether this one does now."""
        self.check_there(goes_on=True)
        if self.description.checks:
            # Who drives the one drives the other.
            return self.judged is not None and self.judged.drive()
        if self.driver is None:
            self.driver = Driver(self.view, self.platform())
        self.folder.settle()
        return self.driver.start()

    def drive_on(self) -> None:
        """Drive the run again if it has ended since it was driven from here."""
        if self.judged is not None:
            self.judged.drive_on()
        if self.driver is not None:
            self.driver.start()

    def note_fed(self) -> None:
        """Wake the driver of this process, if it has one."""
        if self.is_open:
            self.view.fed_here.set()

    def set_state(self, state: State) -> None:
        """Open, pause or close the run on its platform, because somebody asks for it."""
        self.check_there(goes_on=True)
        key = f"by-hand-{state}-{time.time_ns()}"
        self.platform().execute(self.name, [SetState(key, state)])

    def close(self) -> None:
        """Let go of the run in this process, and of one whose answers it judges that was found for it."""
        if self.driver is not None:
            self.driver.let_go()
        if (found := self.__dict__.get("_found")) is not None:
            found.close()
        self.feed.close()
        if self.is_open:
            self.view.feed.close()

    # --- waiting ----------------------------------------------------------------------------------

    def pause(self, seconds: float) -> None:
        """Wait for news; a run that nobody drives any more is taken over."""
        if self.driving:
            with self.view.lock:
                over = self.view.progressed.wait_for(self._over, seconds)
            if over and self.driver is not None:
                self.driver.join(seconds)
            return
        if self.driver is None or not self.driver.start():
            time.sleep(seconds)

    def _pause_for_answers(self, cursor: int, seconds: float) -> None:
        """Wait for final answers after the cursor; a run that nobody drives any more is taken over."""
        if not self.driving:
            self.pause(seconds)
            return
        with self.view.lock:
            self.view.progressed.wait_for(lambda: self._over() or self.view.state.final_total > cursor, seconds)

    def follow(self, cursor: int, timeout: float | None) -> Iterator[FinalAnswer]:
        """Final answers after the cursor, as they come; until the run is over, or none came for so many seconds."""
        waited_since = time.monotonic()
        while True:
            self.check_there()
            over = self.folder.over()
            for answer in self.finals.after(cursor):
                cursor = answer.cursor
                yield replace(answer, key=id_of(str(answer.key), self.key_type))
                waited_since = time.monotonic()
            self.raise_failure()
            left = LOOK_EVERY if timeout is None else min(LOOK_EVERY, waited_since + timeout - time.monotonic())
            if over or left <= 0:
                return
            self._pause_for_answers(cursor, left)

    def _over(self) -> bool:
        return self.view.state.shown or (self.driver is not None and self.driver.failure is not None)
