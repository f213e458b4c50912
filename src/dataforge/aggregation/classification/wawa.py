"""Worker Agreement with Aggregate."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._skilled import SkilledVote
from dataforge.aggregation.kernels import votes

__all__ = ["Wawa"]


@dataclass(eq=False)
class Wawa(SkilledVote):
    """A vote weighted by how often each worker agrees with the plain majority vote."""

    def _skills_of(self, responses: Responses) -> Floats:
        part = responses.part()
        return votes.accuracy(part, votes.best(part))
