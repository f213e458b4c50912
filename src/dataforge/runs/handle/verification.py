"""A sample of a run's answers that experts judge: drawn, asked, taken in, and what it shows of all answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import ClassVar

import numpy as np

from dataforge.aggregation.kernels.accuracy import Judged as Sample
from dataforge.aggregation.kernels.accuracy import accuracy_of_whole
from dataforge.arguments import entries, entry
from dataforge.data.items import Items
from dataforge.errors import RunError
from dataforge.records import Interval
from dataforge.runs.core.columns import Places
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.tried import Tried, change_tried, tried_in
from dataforge.runs.driving.status import RunStatus
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.experts.ended_trials import is_taken_in, note_taken_in
from dataforge.runs.handle.experts.verifying import Judged, drawn_now, left_to_judge, verified_by
from dataforge.runs.handle.holding.by_hand import let_take_in, take_in
from dataforge.runs.handle.run import Run
from dataforge.runs.handle.trial import Trial
from dataforge.runs.handle.try_out import ask_experts, names_of, policy_of_trial
from dataforge.trials import trial_items, trial_task
from dataforge.workspace import Workspace

__all__ = ["Verification", "verify"]


@entries
class Verification:
    """A sample of a run's answers that experts judge in a trial. Made by `run.verify`."""

    _made_by: ClassVar[str] = "run.verify(sample=100)"

    def __init__(self, run: Run, trial: Trial) -> None:
        self.run = run
        self.trial = trial

    def wait(self, timeout: str | float | None = None, *, progress: bool = True) -> RunStatus:
        """Wait until experts have judged the sample, or for a `timeout`; take in what they found by then."""
        status = self.trial.wait(timeout, progress=progress)
        self.take_in()
        return status

    def take_in(self) -> Judged:
        """Take into the run what experts found; give how many answers are right, wrong, and not judged yet.

        An answer is right if more than half of them find it so. While the trial goes on those count that every expert
        has judged. What was taken in before stays as it is.
        """
        asked = 1 if self.trial.run.status().ended else self.trial.experts
        found = self.trial.verdicts(asked)
        taken = verified_by(self.run._held.fresh(), found)
        if taken:
            take_in(self.run._held, *taken)
        right = sum(one.ok for one in found.values())
        return Judged(right, len(found) - right, self.trial.run.status().items_total - len(found))

    @property
    def accuracy(self) -> dict[str, Interval | None]:
        """By output the share of the run's answers that are right, with a 95 % interval; None while nothing shows it.

        Of a plain sample it is that of Wilson (1927), of one that was drawn by confidence what the certificate says,
        which knows of each answer how sure it is. A draw counts once all of it was judged.
        """
        view = self.run._held.fresh()
        sample = view.state.corrections.sample()
        if len({round(chance, 9) for chance in sample.values()}) == 1:
            return {slot.name: _plain(view, slot.name) for slot in view.task.outputs}
        return {one.output: one.accuracy for one in self.run.certificate().figures.outputs}

    def close(self) -> None:
        """Let go of the trial in this process: it goes on, driven by the server's runner."""
        self.trial.close()

    def __repr__(self) -> str:
        return f"Verification({self.run.name!r}, judged in {self.trial!r})"

    def __enter__(self) -> Verification:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _plain(view: RunView, output: str) -> Interval | None:
    """What a sample in which every item was as likely as another shows of an output."""
    with view.lock:
        corrections = view.state.corrections
        sample = corrections.sample()
        right = np.array([output not in corrections.verified[item].wrong for item in sample])
        items = len(view.state.in_results())
    unknown = np.full(len(sample), np.nan)
    found = accuracy_of_whole(np.full(items, np.nan), verified=Sample(unknown, right, np.ones(len(sample))))
    return None if found is None else Interval(*found[:5])


@entry
def verify(
    run: Run,
    sample: int = 100,
    experts: int | Sequence[str] = 1,
    *,
    by_confidence: bool = True,
    languages: Sequence[str] = (),
    page_price: float = 0.0,
    detach: bool = False,
    progress: bool = True,
) -> Verification:
    """Have experts judge a sample of a run's answers, or go on with what they have not judged to the end.

    Args:
        run: the run whose answers are judged.
        sample: how many items are drawn, those among them that were drawn before and wait to be judged.
        experts: how many judge each, or their names.
        by_confidence: draw more of the items of which the run is in doubt; else each item is as likely as another.
        languages: experts of these languages only; by default those of the run.
        page_price: what a page of up to five items is paid.
        detach: leave the trial to the server's own runner.
        progress: print the experts' links.

    Raises:
        RunError: nothing is answered yet, or answers of the run are not found right or wrong.
    """
    held = run._held
    place = Workspace(held.folder.path.parent.parent)
    name, begun = _next_trial(run)
    if begun is not None:
        return Verification(run, _go_on(begun, experts, detach=detach, progress=progress))
    names = names_of(experts)
    let_take_in(held)
    view = held.fresh()
    drawn, _ = drawn_now(view, max(sample - len(left_to_judge(view)), 0), by_confidence=by_confidence)
    if drawn is not None:
        take_in(held, drawn)
    view = held.fresh()
    places = left_to_judge(view)
    if not len(places):
        raise RunError(
            f"run {run.name!r} has no answers that nobody has judged: wait for some, or ask for a sample of 1 or more"
        )
    if progress and len(places) < sample:
        print(f"{len(places)} answers are judged, not {sample}: the run has no others that nobody has judged")
    shown = _answered(view, places)
    policy = policy_of_trial(len(names), shown.count, languages or view.policy.languages, page_price)
    tried = Tried(view.task.spec(), judged=True, verifies=held.folder.identity())
    trial = ask_experts(tried, shown, names, policy, name, held.platform(), place, detach=detach, progress=progress)
    return Verification(run, trial)


def _go_on(trial: Trial, experts: int | Sequence[str], *, detach: bool, progress: bool) -> Trial:
    """The trial again, driven from here unless detached; experts who are named now have a link now."""
    if not isinstance(experts, int) or not trial.links:
        trial.invite(*names_of(experts))
    if not detach:
        trial.run.drive()
    if progress:
        print(*trial.announced(), sep="\n", flush=True)
    return trial


def _next_trial(run: Run) -> tuple[str, Trial | None]:
    """The name of the trial in which answers of a run are judged, and the trial itself if it is there and goes on.

    What was found in those that are over is taken in, should their process not have come to it.
    """
    held = run._held
    for number in count(1):
        folder = RunFolder(held.folder.path.with_name(f"{run.name}-verify{'' if number == 1 else f'-{number}'}"))
        if not folder.exists:
            break
        tried = tried_in(folder.path) or _unnoted(held.fresh(), folder)
        if tried is None or tried.verifies != held.folder.identity() or is_taken_in(folder, tried):
            continue
        trial = Trial(Run(folder, folder.describe(), held.platform), tried)
        if not folder.over():
            return folder.name, trial
        size = folder.log_size()
        with trial:
            Verification(run, trial).take_in()
        note_taken_in(folder, tried, size)
    return folder.name, None


def _unnoted(view: RunView, folder: RunFolder) -> Tried | None:
    """What a trial tries out whose process was killed before it wrote that down; None of any other run."""
    if folder.describe().publication.task != trial_task(view.task, judged=True).spec():
        return None
    tried = Tried(view.task.spec(), judged=True, verifies=view.folder.identity())
    return change_tried(folder.path, lambda there: there or tried)


def _answered(view: RunView, places: Places) -> Items:
    """These items as those of a trial, with the run's answers as solutions."""
    with view.lock:
        outcomes = view.quality.outcomes(places)
        solutions: dict[str, list[object]] = {one.output: one.values.tolist() for one in outcomes}
        return trial_items(view.items.chosen(places.tolist()), trial_task(view.task, judged=True), solutions)
