"""The trial of a task in the user's hand: who may come, what they said, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs

from dataforge.arguments import entries, entry
from dataforge.cards import Address
from dataforge.catalogue import here, say
from dataforge.errors import RunError
from dataforge.platforms.base import InvitingByName
from dataforge.runs.core.tried import Tried, change_tried, tried_of
from dataforge.runs.driving.status import RunStatus
from dataforge.runs.handle.experts.feedback import Feedback, Verdict
from dataforge.runs.handle.run import Run, open_run
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace, opens_only_here

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Trial", "open_trial"]

LABEL = "experts"
"""What those who come by the links of a trial are called together."""
LINK_LASTS = "30d"


@entries
class Trial:
    """A task that experts try out, or given solutions that they judge. Made by `try_out` and `open_trial`."""

    _made_by: ClassVar[str] = "df.try_out(task, items), or df.open_trial(name)"

    def __init__(self, run: Run, tried: Tried) -> None:
        self.run = run
        self._held = run._held
        self._tried = tried

    @property
    def name(self) -> str:
        """The name of the run in which experts are asked."""
        return self.run.name

    @property
    def task(self) -> Task:
        """The task that is tried out, as it was described."""
        return Task.from_spec(self._tried.task)

    @property
    def judged(self) -> bool:
        """Whether given solutions are judged; else experts answer themselves."""
        return self._tried.judged

    @property
    def links(self) -> dict[str, Address]:
        """By expert the link that lets one person in, once. Empty where experts come by other ways."""
        return {expert: Address(link) for expert, link in self._tried.links.items()}

    def invite(self, *experts: str) -> dict[str, Address]:
        """The links of these experts, made where they have none: of those at the launch, or of who takes a place."""
        if not isinstance(self._held.platform(), InvitingByName):
            return {}

        def invited(tried: Tried | None) -> Tried:
            tried = tried or self._tried
            new = [expert for expert in experts if expert not in tried.links]
            made = self.run.invite_people(new, label=LABEL, expires_in=LINK_LASTS) if new else {}
            links = {expert: str(link) for expert, link in made.items()}
            return structs.replace(tried, links={**tried.links, **links})

        self._tried = change_tried(self._held.folder.path, invited)
        return {expert: link for expert, link in self.links.items() if expert in experts}

    def announced(self) -> list[str]:
        """The lines that say which trial it is, and by which link each expert comes."""
        lines = [f"Trial {self.name}", *(f"  {expert} joins at  {link}" for expert, link in self.links.items())]
        if any(map(opens_only_here, self.links.values())):
            lines.append(f"  ({here(say('told_opens_only_here'))})")
        return lines

    # --- how it stands ----------------------------------------------------------------------------

    def wait(self, timeout: str | float | None = None, *, progress: bool = True) -> RunStatus:
        """Wait until every expert has answered every item, or for a `timeout`; give how it stands then."""
        return self.run.wait(timeout, progress=progress)

    def stop(self) -> None:
        """End the trial with what was said by now."""
        self.run.stop()

    def close(self) -> None:
        """Let go of the trial in this process: it goes on, driven by the server's runner."""
        self.run.close()

    # --- what was said ----------------------------------------------------------------------------

    def feedback(self) -> pd.DataFrame:
        """One row per expert and item: id, inputs, carried columns, answers, `_ok`, `_comment`, expert, seconds.

        Where solutions are judged these stand in place of answers. An item that an expert reported is not OK.
        `seconds` is the time on the page by item.
        """
        return self._feedback().table()

    def control_items(self, count: int | None = None, *, training: int | None = None) -> pd.DataFrame:
        """Items that are OK and on which the experts who answered agree, ready for `launch(control=…)`.

        With a `count` about as many of each answer as there are. Items with a comment are kept for training items;
        `training` says how many of them, by default all. No item is in both.

        Raises `RunError` with the numbers if there are too few.
        """
        return self._feedback().control_items(count, training)

    def training_items(self, count: int | None = None) -> pd.DataFrame:
        """Items that are OK, on which experts agree and that have a comment: it is their `hint`.

        Raises `RunError` with the numbers if there are too few.
        """
        return self._feedback().training_items(count)

    @property
    def duration(self) -> float | None:
        """Mean seconds of an item, pages left aside that were left open; None before there are any.

        What experts took to say whether an item is OK, and why, is in it.
        """
        return self._feedback().duration()

    def with_duration(self) -> Task:
        """The task with the duration that experts needed, in whole seconds, in place of the one it was given."""
        if self.judged:
            raise RunError(
                f"trial {self.name!r}: experts judged given solutions, and did not answer themselves; try the task out "
                "without solutions=…"
            )
        found = self.duration
        if found is None:
            raise RunError(f"trial {self.name!r}: no page was answered yet; wait for an expert")
        return replace(self.task, duration=float(max(1, round(found))))

    @property
    def doubts(self) -> pd.DataFrame:
        """One row per doubtful item: id, inputs, `why`, what experts answered and wrote; the gravest first.

        `why`: `not_ok` (an expert found it so), `disagree` (their answers differ), `comment` (somebody
        had something to add).
        """
        return self._feedback().doubts()

    @property
    def experts(self) -> int:
        """How many experts are asked about each item."""
        return self._held.fresh().policy.min_overlap

    def verdicts(self, opinions: int = 1) -> dict[str, Verdict]:
        """What experts found of given solutions, by the id of the item, of which so many have said something."""
        return self._feedback().verdicts(opinions)

    def _feedback(self) -> Feedback:
        return Feedback(self._held.fresh(), self._tried)

    # --- representation ---------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Trial({self.run.status()})"

    def _repr_html_(self) -> str:
        return self.run._repr_html_()

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@entry
def open_trial(name: str, workspace: str | Path | Workspace | None = None) -> Trial:
    """A trial of the workspace by the name of its run, whoever drives it; raises `RunError` if that run is none."""
    run = open_run(name, workspace)
    return Trial(run, tried_of(run._held.folder.path))
