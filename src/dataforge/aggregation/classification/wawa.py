"""Worker Agreement with Aggregate."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._skilled import SkilledVote
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.parts import Hits

__all__ = ["Wawa"]


@dataclass(eq=False)
class Wawa(SkilledVote):
    """A vote weighted by how often each worker agrees with the plain majority vote."""

    def _agreement(self, responses: Responses, start: Floats | None) -> tuple[Floats, Hits]:
        part = responses.part()
        hits = steps.hits(steps.marked(part), votes.best(part))
        return votes.share_right(hits), hits
