"""Worker Agreement with Aggregate."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._skilled import Agreement, SkilledVote
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.arguments import named_entries

__all__ = ["Wawa"]


@named_entries
@dataclass(eq=False)
class Wawa(SkilledVote):
    """A vote weighted by how often each worker agrees with the plain majority vote."""

    def _agreement(self, answers: LabelAnswers, start: Floats | None) -> Agreement:
        part = answers.part()
        hits = steps.hits(steps.marked(part), votes.best(part))
        return Agreement(votes.share_right(hits), hits)
