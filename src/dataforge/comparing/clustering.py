"""Group items by asking whether two are the same: what follows from other answers is not asked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dataforge import cards
from dataforge.arguments import entries, entry
from dataforge.comparing.asking import Answers, Comparison
from dataforge.comparing.groups import Grouping, Judged, group, links_to_ask, looked_at
from dataforge.comparing.handle import Comparing, reports_told
from dataforge.comparing.launching import Wanted, opened, started
from dataforge.comparing.pairs import Pairs
from dataforge.comparing.record import Asked
from dataforge.comparing.sides import plain, same_sides
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Clustered", "cluster", "open_clustered"]


def _all_pairs(n_items: int) -> int:
    return n_items * (n_items - 1) // 2


def _judged(answers: Answers, n_items: int) -> Judged:
    same = np.array(answers.said, bool)
    return Judged(answers.left, answers.right, answers.worker, same, n_items, len(answers.workers))


def _why_unverified(answers: Answers, judged: Judged, found: Grouping) -> str | None:
    """Why nothing shows how sure the groups are, or None."""
    if answers.mostly_reported:
        return "half of the pairs or more were reported: nothing shows how sure the groups are"
    if len(answers.workers) < 2:
        who = "one worker answered, whom nobody could contradict" if answers.workers else "nobody has answered"
        return f"{who}: nothing shows how sure the groups are"
    if len(set(judged.same.tolist())) == 1:
        said = "the same" if judged.same[0] else "different"
        return f"all answers are {said!r}, as from somebody who does not look: nothing shows how sure the groups are"
    if not looked_at(judged, found):
        return "no worker's answers show anything of another's: nothing shows how sure the groups are"
    return None


@dataclass(frozen=True)
class _Linking:
    """Chooses pairs for groups; more come when half of those that may be out at once are answered."""

    n_items: int

    def __call__(self, answers: Answers, asked: Asked) -> Pairs | None:
        ahead, left = asked.ahead, asked.pairs - len(answers.asked)
        if answers.out > ahead // 2:
            return []
        judged = _judged(answers, self.n_items)
        found = group(judged)
        if answers.said and not answers.mostly_reported and found.confidence.mean() >= asked.confidence:
            # Answers that are still to come may show that it was less sure.
            return [] if answers.out else None
        count, seed = min(ahead - answers.out, left), asked.seed + len(answers.asked)
        chosen = links_to_ask(found, judged, max(count, 0), waiting=answers.waiting, never=answers.reported, seed=seed)
        # Where everything that may be asked is out, its answers are waited for.
        return chosen or ([] if answers.out else None)


@entries
class Clustered(Comparing):
    """Items that are put into groups by comparisons. Made by `cluster` and `open_clustered`; `run` is where workers
    compare.
    """

    _made_by: ClassVar[str] = "df.cluster(items, by=task), or df.open_clustered(name)"

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(comparison, _Linking(comparison.items.count))

    def labels(self) -> pd.DataFrame:
        """One row per item: id, the item, its `group`, numbered from 0 by size, and the `confidence` in that.

        The confidence is the probability that the item is with those that it belongs to, and with all of them.
        It is NaN where nothing shows it; `notices` says why. `compared`: how often it was asked about.
        """
        import pandas as pd

        answers, items, column = self._comparison.answers(), self._comparison.items, self._comparison.asked.column
        found, why = self._grouping(answers)
        times = np.bincount(np.concatenate([answers.left, answers.right]), minlength=items.count)
        return pd.DataFrame(
            {
                "id": items.ids().to_numpy(),
                column: [plain(items.inputs(place)[column]) for place in range(items.count)],
                "group": _by_size(found),
                "confidence": found.confidence if why is None else np.nan,
                "compared": times,
            }
        )

    def groups(self) -> list[list[Any]]:
        """The items of each group, as they were given; the largest group first."""
        frame = self.labels()
        column = self._comparison.asked.column
        return [part[column].tolist() for _, part in frame.groupby("group", sort=True)]

    @property
    def certainty(self) -> float:
        """How many of the items are expected to be with those that they belong to; NaN where nothing shows it."""
        found, why = self._grouping(self._comparison.answers())
        return float(found.confidence.mean()) if why is None else math.nan

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be known of the groups: that they are less sure than wanted, or that nothing shows it."""
        answers, asked = self._comparison.answers(), self._comparison.asked
        found, why = self._grouping(answers)
        share = float(found.confidence.mean())
        less = (
            f"{share:.0%} is expected to be right, {asked.confidence:.0%} was asked for"
            if share < asked.confidence
            else None
        )
        return (*self._failed(), *reports_told(answers), *filter(None, [why or less]))

    @property
    def contradictions(self) -> int:
        """How many answers the groups do not agree with; they were outweighed by others."""
        judged = _judged(self._comparison.answers(), self._comparison.items.count)
        label = group(judged).label
        return int(((label[judged.one] == label[judged.two]) != judged.same).sum())

    @property
    def saved(self) -> int:
        """How many of all pairs nobody was asked, because they follow from others."""
        asked = {tuple(sorted(key[1:])) for key in self._comparison.answers().asked}
        return _all_pairs(self._comparison.items.count) - len(asked)

    def _grouping(self, answers: Answers) -> tuple[Grouping, str | None]:
        """The groups, and why nothing shows how sure they are, if so."""
        judged = _judged(answers, self._comparison.items.count)
        found = group(judged)
        return found, _why_unverified(answers, judged, found)

    @property
    def _about(self) -> str:
        answers, n = self._comparison.answers(), self._comparison.items.count
        found, why = self._grouping(answers)
        sure = f"{found.confidence.mean():.0%} sure" if why is None else "unverified"
        return (
            f"{self.name}: {n} items in {len(found.sizes)} groups, {len(answers.asked)} pairs asked of "
            f"{_all_pairs(n):,}, {sure}"
        )

    def __repr__(self) -> str:
        return f"Clustered({self._about})"

    def _repr_html_(self) -> str:
        sizes = ", ".join(str(len(part)) for part in self.groups()[:20])
        return cards.card("Clustered", self._about, *map(cards.line, (f"sizes: {sizes}", *self.notices)))


def _by_size(found: Grouping) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The group of each item, numbered from the largest; of equals the one with the first item."""
    rank = np.empty(len(found.sizes), np.int64)
    rank[np.argsort(-found.sizes, kind="stable")] = np.arange(len(found.sizes))
    return rank[found.label]


@entry
def cluster(
    items: Any,
    by: Task,
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
) -> Clustered:
    """Put items into groups by pairs of which workers say whether both are the same; or go on with that of the name.

    What follows is not asked: who is the same as one of a group is the same as all of it, and who differs from one
    differs from all. Answers that contradict each other are settled by how often their workers are right.

    Args:
        items: what is grouped, in any form that `launch` takes; of a table the `column`.
        by: the task that asks whether two are the same; it returns `bool`.
        confidence: the share of items that is to be with those that they belong to. Then no more pairs are asked.
        pairs: how many are asked at most; by default as many as there are.
        budget, control, policy, name, platform, workspace, progress: as in `rank`.
        column, shared, ahead, seed: as in `rank`.

    Raises:
        SpecError, DataError: the task does not compare two of one kind, or items or numbers cannot be; nothing was
            started.
        RunError: the name is taken by a run that groups other items, or does something else.
    """
    sides = same_sides(by)
    wanted = Wanted("cluster", items, sides, column, shared or {}, confidence, pairs, _all_pairs, ahead, None, seed)
    found = Clustered(
        started(wanted, policy, budget, control, name=name, platform=platform, workspace=workspace, progress=progress)
    )
    found.drive()
    return found


@entry
def open_clustered(name: str, workspace: str | Path | Workspace | None = None) -> Clustered:
    """Grouped items of the workspace by the name of their run, whoever drives it; raises `RunError` for any other."""
    return Clustered(opened("cluster", same_sides, name, workspace))
