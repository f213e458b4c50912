"""Final answers as entries of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dataforge.endings import Ending
from dataforge.runs.core.log import Final, FinalOutcome
from dataforge.runs.core.quality import Outcome
from dataforge.runs.driving.snapshot import flags
from dataforge.runs.driving.view import RunView

__all__ = ["final_answers"]

DECLARED_AT_ONCE = 5_000


def final_answers(view: RunView, items: Sequence[int], ending: Ending | None = None) -> Iterator[Final]:
    """What is to be declared of these items now, or with the end of the run."""
    state, keys = view.state, view.state.numbering.keys
    for start in range(0, len(items), DECLARED_AT_ONCE):
        places = np.array(items[start : start + DECLARED_AT_ONCE], np.int64)
        yield Final(
            keys=tuple(keys[place] for place in places.tolist()),
            outcomes=tuple(map(_final_outcome, view.quality.outcomes(places))),
            overlap=tuple(state.responses.answered(places).tolist()),
            flags=tuple(flags(view, places, ending)),
        )


def _final_outcome(outcome: Outcome) -> FinalOutcome:
    sure = [None if confidence != confidence else confidence for confidence in outcome.confidence.tolist()]
    return FinalOutcome(outcome.output, tuple(outcome.values.tolist()), tuple(sure))
