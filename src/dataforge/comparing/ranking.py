"""Rank items by comparing pairs of them: the pairs are chosen as answers come, until the order is sure enough."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dataforge import cards
from dataforge.aggregation import score_plot
from dataforge.arguments import entries, entry
from dataforge.comparing.asking import Answers, Comparison
from dataforge.comparing.certainty import Certainty, intervals, linked, order_of, shown
from dataforge.comparing.handle import Comparing, reports_told
from dataforge.comparing.launching import Wanted, opened, started
from dataforge.comparing.orders import Ordering, compared_of, usual_pairs
from dataforge.comparing.posterior import posterior
from dataforge.comparing.sides import better_sides, plain
from dataforge.errors import SpecError
from dataforge.platforms import Platform
from dataforge.plots import Plot
from dataforge.policy import Policy
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Ranked", "open_ranked", "rank"]

MOST_DRAWN = 60
"""Rows that can still be looked at in one picture."""


@entries
class Ranked(Comparing):
    """Items that are put in order by comparisons. Made by `rank` and `open_ranked`; `run` is where workers compare."""

    _made_by: ClassVar[str] = "df.rank(items, by=task), or df.open_ranked(name)"

    def __init__(self, comparison: Comparison) -> None:
        self._ties = "same" in (comparison.sides.output.type.labels() or ())
        super().__init__(comparison, Ordering(comparison.items.count, self._ties))

    # --- what was found ---------------------------------------------------------------------------

    def order(self) -> list[Any]:
        """The items from the best to the worst, as they were given; of equals the first comes first."""
        items, column = self._comparison.items, self._comparison.asked.column
        return [plain(items.inputs(place)[column]) for place in order_of(self._known().mean).tolist()]

    def scores(self, level: float = 0.95) -> pd.DataFrame:
        """One row per item, the best first: id, rank, the item, its score with limits, and how often it was compared.

        A score is the logarithm of odds: of two items whose scores differ by 1 the better one is chosen by 73 of 100
        who look and choose one. `low` and `high` hold it, measured from the mean of all, with the probability `level`.
        Where the best are asked, `top` is the probability that the item is among them. `linked`: a chain of comparisons
        leads to most others, without which its place means nothing.
        """
        import pandas as pd

        answers, items = self._comparison.answers(), self._comparison.items
        compared = compared_of(answers, items.count, ties=self._ties)
        known = posterior(compared)
        low, high = intervals(known, level)
        times = np.bincount(np.concatenate([answers.left, answers.right]), minlength=items.count)
        column = self._comparison.asked.column
        found = {
            "id": items.ids().to_numpy(),
            column: [plain(items.inputs(place)[column]) for place in range(items.count)],
            "score": known.mean - known.mean.mean(),
            "low": low,
            "high": high,
            "compared": times,
            "linked": linked(answers.left, answers.right, items.count),
        }
        if (top := self._comparison.asked.top) is not None:
            found["top"] = shown(compared, known, top).top
        order = order_of(known.mean)
        frame = pd.DataFrame(found).iloc[order].reset_index(drop=True)
        frame.insert(1, "rank", np.arange(1, len(frame) + 1))
        return frame

    @property
    def certainty(self) -> float:
        """The share of what was asked for that is expected to be right: of pairs in the right order, or of the best.

        Everybody may have clicked by chance, for all that is known before the first answer: it is what answers show.
        NaN where half of the pairs or more were reported.
        """
        answers = self._comparison.answers()
        return math.nan if answers.mostly_reported else self._sure(answers).share

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be known of the order: that it is less sure than wanted, and why."""
        return (*self._failed(), *self._noticed(self._comparison.answers()))

    def plot(self) -> Plot:
        """The scores with their limits, the best first."""
        every = self.scores()
        shown = every.head(MOST_DRAWN)
        names = shown[self._comparison.asked.column].astype(str).tolist()
        left_out = f", the best {MOST_DRAWN} of {len(every)}" if len(every) > MOST_DRAWN else ""
        title = f"Scores of {self.name}{left_out}"
        score, low, high = (shown[column].to_numpy(float) for column in ("score", "low", "high"))
        width, height, shapes = score_plot.drawn(names, score, low, high, level=0.95, title=title)
        return Plot(title, (width, height), shapes)

    def _known(self) -> Any:
        return posterior(compared_of(self._comparison.answers(), self._comparison.items.count, ties=self._ties))

    def _sure(self, answers: Answers) -> Certainty:
        compared = compared_of(answers, self._comparison.items.count, ties=self._ties)
        return shown(compared, posterior(compared), self._comparison.asked.top)

    def _noticed(self, answers: Answers) -> tuple[str, ...]:
        said, items, asked = reports_told(answers), self._comparison.items.count, self._comparison.asked
        if answers.mostly_reported:
            said.append("half of the pairs or more were reported: nothing shows how sure the order is")
        apart = items - int(linked(answers.left, answers.right, items).sum())
        if apart:
            said.append(
                f"{apart} of {items} items are linked by no chain of comparisons to most others: their places mean "
                "nothing"
            )
        if answers.said and all(one == "same" for one in answers.said):
            said.append("all answers are that both are the same: the items are in no order")
        share = self._sure(answers).share
        if share < asked.confidence:
            more = f"; to go on: the same call with more than pairs={asked.pairs}"
            said.append(
                f"{int(1000 * share) / 10:g}% is expected to be right, {100 * asked.confidence:.5g}% was asked for"
                f"{more if len(answers.asked) >= asked.pairs else ''}"
            )
        return tuple(said)

    # --- representation ---------------------------------------------------------------------------

    @property
    def _about(self) -> str:
        answers, asked = self._comparison.answers(), self._comparison.asked
        what = "order" if asked.top is None else f"best {asked.top}"
        sure = "unverified" if answers.mostly_reported else f"{self.certainty:.0%} sure"
        return (
            f"{self.name}: {what} of {self._comparison.items.count} items, {len(answers.said)} answers to "
            f"{len(answers.asked)} pairs, {sure}"
        )

    def __repr__(self) -> str:
        return f"Ranked({self._about})"

    def _repr_html_(self) -> str:
        first = self.scores().head(10).to_html(index=False, float_format="{:.2f}".format, border=0)
        return cards.card("Ranked", self._about, first, *map(cards.line, self.notices))


# Long because its arguments are told.
@entry
def rank(
    items: Any,
    by: Task,
    top: int | None = None,
    *,
    confidence: float = 0.95,
    pairs: int | None = None,
    budget: float | None = None,
    control: Any = None,
    policy: Policy | str | None = None,
    name: str | None = None,
    platform: Platform | str | None = None,
    workspace: str | Path | Workspace | None = None,
    column: str = "item",
    shared: Mapping[str, Any] | None = None,
    ahead: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Ranked:
    """Put items in order by pairs that workers compare, chosen as answers come; or go on with that of the name.

    Args:
        items: what is put in order, in any form that `launch` takes; of a table the `column`.
        by: the task that asks which of two is better; it returns `df.SideBySide`, with ties or without.
        top: only who is among the best so many is asked for; pairs are about those of whom it is not sure.
        confidence: how much is to be right: the share of all pairs that stand in the right order, with `top` the share
            of the best. Then no more pairs are asked.
        pairs: how many are asked at most; by default `3 n log2(n)` for n items.
        budget: what the run may cost; it ends with what was found by then.
        control: pairs whose better side is known, as in `launch`.
        policy: as in `launch`; each pair is asked of one worker at a time unless `overlap` says otherwise.
        name: of the run, as in `launch`; a name that is there goes on, with the confidence and pairs of this call.
        platform, workspace, progress: as in `launch`.
        column: where the items are in a table.
        shared: values of the task's other inputs, the same for all pairs, such as a query.
        ahead: how many pairs are out at once; by default half as many as there are items, two pages at least.
        seed: decides between pairs that tell equally much.

    Raises:
        SpecError, DataError: the task does not compare two of one kind, or items or numbers cannot be; nothing was
            started.
        RunError: the name is taken by a run that ranks other items, or does something else.
    """
    sides = better_sides(by)
    wanted = Wanted("rank", items, sides, column, shared or {}, confidence, pairs, usual_pairs, ahead, top, seed)
    if top is not None and top < 1:
        raise SpecError(f"rank: top is how many of the best are asked for, 1 at least; got {top}")
    found = Ranked(
        started(wanted, policy, budget, control, name=name, platform=platform, workspace=workspace, progress=progress)
    )
    found.drive()
    return found


@entry
def open_ranked(name: str, workspace: str | Path | Workspace | None = None) -> Ranked:
    """A ranking of the workspace by the name of its run, whoever drives it; raises `RunError` if that run is none."""
    return Ranked(opened("rank", better_sides, name, workspace))
