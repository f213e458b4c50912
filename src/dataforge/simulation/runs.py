"""Simulated people on a run of the workspace, over the same HTTP routes as browsers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dataforge.arguments import entry
from dataforge.data.items import Items
from dataforge.data.reading import read_taught
from dataforge.endings import Ending, last_ending
from dataforge.errors import DataError, PlatformError, RunEnded, RunError
from dataforge.objects.base import shorten
from dataforge.platforms.base import Platform
from dataforge.platforms.embedded import connect
from dataforge.policy import Policy
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.tried import tried_in
from dataforge.runs.driving.watch import DriverWatch
from dataforge.simulation.personas import Honesty, crowd
from dataforge.simulation.simulation import Simulation, SimulationReport
from dataforge.simulation.truth import Truth, judgement, known_answers, renewed
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["simulate"]

LOOK_EVERY = 0.003
ADVICE = {"done": "add items to it", "stopped": "open it again by `dataforge reopen` or run.reopen()"}


@entry
def simulate(
    name: str,
    truth: Any = None,
    *,
    workers: int = 40,
    mix: str | Mapping[Honesty, float] = "mixed",
    seed: int = 0,
    workspace: str | Path | Workspace | None = None,
    patience: float = 30.0,
    page_patience: float = 3.0,
    on_page: Callable[[], None] | None = None,
    encoding: str | None = None,
) -> SimulationReport:
    """Let simulated people answer a run of the workspace until it ends; give what they did.

    `truth` holds the right answers to the run's items, in any form that `launch` takes control items in, `encoding`
    is that of a file of text which is not UTF-8; those of the run's control items are known already, with those that
    come to its feed meanwhile. Files have no right answers: who is asked for nothing else needs no truth. Where other
    workers judge the answers, the same people do that, too: an answer is right that is as similar to the known one as
    `control_similarity` asks, a file if who sent it knew how.

    People take turns, and the next one waits until the run has judged the last page and asked for what it wants: with
    the same seed, here and of the server, all is the same each time. They go home when none of them got a page for
    `page_patience` seconds, and give up when nobody drives the run for `patience` seconds.

    Raises `RunGone` for a run that is archived, `RunEnded` for one that was over before anybody came, `RunError` for
    one in which answers of another are judged, as who answers there judges, too, for a trial, to which experts come by
    links of their own, and for one with rules about speed, which would keep everybody out.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    folder = RunFolder.of(place, name)
    asked = _asked(folder, truth, encoding)
    platform = connect(place, start=False)
    invitation = platform.invitation(name)
    if invitation is None:
        raise PlatformError(f"run {name!r} has no invitation by which workers could join")

    async def settled() -> None:
        await _caught_up(asked.driven, platform, patience)
        if on_page is not None:
            on_page()

    simulation = Simulation(
        platform.url,
        invitation,
        asked.right,
        crowd(workers, mix, seed=seed),
        run=name,
        checks=asked.checks,
        sent=asked.sent,
        seed=seed,
        turns=True,
        patience=patience,
        page_patience=page_patience,
        settled=settled,
    )
    try:
        report = simulation.run()
    finally:
        platform.close()
    ending = _ending(folder, report, patience)
    if ending is not None and not report.pages:
        advice = ADVICE.get(ending, "give it more by run.change(…)")
        raise RunEnded(f"run {name!r} has ended ({ending}) and gives out no pages: {advice}, then simulate again")
    return replace(report, unfinished=ending is None)


def _refuse_judging(folder: RunFolder) -> None:
    if (judged := folder.judged()) is not None:
        raise RunError(
            f"in the run {folder.name!r} answers to {judged.name!r} are judged, by the same people: simulate that one, "
            "and they work in both"
        )


def _refuse_trial(folder: RunFolder) -> None:
    if tried_in(folder.path) is not None:
        raise RunError(
            f"the run {folder.name!r} is a trial, to which nobody but experts comes, by links of their own: try the "
            "task out with platform=SimulatedPlatform(…) and simulated experts"
        )


def _refuse_hurry(folders: Sequence[RunFolder]) -> None:
    """Raise `RunError` where rules about speed would close a run to all these people, who take no time."""
    for folder in folders:
        if any(rule.ratio for rule in Policy.from_json(folder.describe().policy).speed):
            judging = folder.judged() is not None
            raise RunError(
                f"run {folder.name!r} closes itself to who is fast, and simulated people answer in no time: launch a "
                f"trial under another name with {'check=df.Policy(speed=(), …)' if judging else 'df.Policy(speed=())'}"
                f"{'' if judging else ' (--no-speed-rules)'}"
            )


@dataclass(frozen=True)
class _Asked:
    """What people are asked in a run, and in the one in which its answers are judged, with what is right there.

    `sent` takes of each file that people send whether it is a good one.
    """

    driven: list[_Driven]
    right: Truth
    checks: dict[str, Truth] = field(default_factory=dict)
    sent: dict[str, bool] = field(default_factory=dict)


def _asked(folder: RunFolder, truth: Any, encoding: str | None) -> _Asked:
    description = folder.describe()
    task = description.task()
    folder.check_there(description.publication.identity, goes_on=True)
    _refuse_judging(folder)
    _refuse_trial(folder)
    known = [folder.load_items(task)]
    if truth is not None:
        known.append(_told(task, truth, encoding))
    training = folder.on_platform(description.publication).training
    right = renewed(lambda: known_answers(*known, _fed(folder, task), training=training))
    asked = _Asked([_Driven(folder, known[0])], right)
    check = folder.check()
    _refuse_hurry([folder] if check is None else [folder, check])
    if check is not None:
        judging = check.describe().task()
        control = check.load_items(judging)
        alike = Policy.from_json(description.policy).control_similarity
        asked.driven.append(_Driven(check, control))
        asked.checks[check.name] = judgement(task, judging, asked.right, alike, asked.sent, known_answers(control))
    return asked


def _told(task: Task, truth: Any, encoding: str | None) -> Items:
    """The right answers that are given; raises `DataError` that calls them as the argument is called."""
    if callable(truth):
        raise DataError(
            "truth: expected items with their right answers, such as a file or a list of dicts, got "
            f"{shorten(truth)}; a function of an item's inputs is for Simulation(…) and SimulatedPlatform(…)"
        )
    return read_taught(task, truth, encoding, "truth")


def _ending(folder: RunFolder, report: SimulationReport, patience: float) -> Ending | None:
    """How the run has ended; None if it has not.

    Its driver writes that down after it has closed the run: whoever has seen it closed waits for that.
    """
    begun, closed = time.monotonic(), any(worker.closed == "finished" for worker in report.workers)
    while (ending := last_ending(folder.log)) is None and closed and time.monotonic() - begun < patience:
        time.sleep(LOOK_EVERY)
    return ending


def _fed(folder: RunFolder, task: Task) -> Items:
    """What has come to the run's feed by now."""
    with closing(folder.feed()) as feed:
        return feed.read(task, 0, feed.state().fed)


class _Driven:
    """A run as its driver leaves it."""

    def __init__(self, folder: RunFolder, items: Items) -> None:
        self.name = folder.name
        self.watch = DriverWatch(folder.log, empty=not items.count)
        self._folder = folder

    def is_settled(self, platform: Platform) -> bool:
        """Whether its driver knows all that has happened and has come to it, and has done what follows from that."""
        if not self.watch.caught_up():
            return False
        if self.watch.ended:
            return True
        with closing(self._folder.feed()) as feed:
            fed = feed.state().fed
        return self.watch.fed == fed and not platform.poll(self.name, self.watch.cursor, 0).events


async def _caught_up(driven: Sequence[_Driven], platform: Platform, patience: float) -> None:
    """Wait until nothing is left to do for who drives these runs, of which the second judges answers of the first."""
    begun = time.monotonic()
    while not _are_settled(driven, platform):
        if time.monotonic() - begun > patience:
            raise PlatformError(f"run {driven[0].name!r} has not moved for {patience:g} s; nobody seems to drive it")
        await asyncio.sleep(LOOK_EVERY)


def _are_settled(driven: Sequence[_Driven], platform: Platform) -> bool:
    first, *judging = driven
    if not all(one.is_settled(platform) for one in driven):
        return False
    if not judging:
        return True
    # The one may have moved while the other was looked at.
    read = [one.watch.offset for one in driven]
    judged = first.watch.ended or first.watch.judged_to >= judging[0].watch.final_to
    return judged and all(one.watch.caught_up() for one in driven) and read == [one.watch.offset for one in driven]
