"""Two groups of workers who contradict each other: what is believed of either, and how sure anything can be.

Nothing that they answer shows which of them guesses. So the smaller one counts as one voice, and for as little as it
agrees with the other; where the larger one has not twice its voices, no label is surer than that it is the right one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.camps import camps
from dataforge.runs.quality._doubt import Coded, no_surer
from dataforge.runs.quality._fits import of_fit
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._workers import Workers

__all__ = ["believed_of_camps", "divide"]

Sides = tuple[Places, Places]

# Who answers known items so much worse than both camps do on average is no voice: it is known why they disagree. So
# many standard deviations of luck are granted.
LEAST_ABLE, GRANTED = 0.5, 2.0


def divide(workers: Workers, outputs: Sequence[Output], coded: Sequence[Coded], control: NDArray[np.bool_]) -> bool:
    """Note the camps among the workers, as the first output that shows any has it; whether there are some.

    `control`: which items of the run are control items.
    """
    for output, one in zip(outputs, coded, strict=True):
        found = camps(one.answers)
        if found is None:
            continue
        sides = found.one, found.other
        voices = _voices(workers, output, one.answers, sides) + _shown_by_experts(output, one, sides, control)
        larger, smaller = (0, 1) if voices[0] >= voices[1] else (1, 0)
        workers.camp[sides[larger]], workers.camp[sides[smaller]] = 0, 1
        workers.voices = voices[[larger, smaller]]
        workers.between = np.array(found.between)
        return True
    return False


def _voices(workers: Workers, output: Output, answers: Responses, sides: Sides) -> Floats:
    """How many workers of each camp are not known to answer badly, by control items."""
    even = 1 / max(answers.n_labels, 1)
    right = [of_fit(output.shares, side, 1.0) for side in sides]
    luck = [
        GRANTED * np.sqrt(share * (1 - share) / (workers.checks.values[side] + 1))
        for share, side in zip(right, sides, strict=True)
    ]
    least = even + LEAST_ABLE * (float(np.concatenate(right).mean()) - even)
    return np.array([float((one + more > least).sum()) for one, more in zip(right, luck, strict=True)])


def _shown_by_experts(output: Output, coded: Coded, sides: Sides, control: NDArray[np.bool_]) -> Floats:
    """How many items that somebody trusted has answered each camp was right at, and the other one was not."""
    answers, items = coded.answers, coded.items
    known = np.where(control[items], -1, output.known.values[items])
    # Of some it is known which answer is wrong.
    right = (known[answers.item] == answers.label) != output.refuted.values[items][answers.item]
    said = [np.isin(answers.worker, side) for side in sides]
    well, badly = (
        [np.bincount(answers.item[one & like], minlength=len(items)) > 0 for one in said] for like in (right, ~right)
    )
    shown = [(known >= 0) & well[one] & ~badly[one] & badly[1 - one] & ~well[1 - one] for one in (0, 1)]
    return np.array([float(one.sum()) for one in shown])


def believed_of_camps(probabilities: Floats, answers: Responses, camp: NDArray[np.int64], limit: float) -> Floats:
    """These probabilities, none surer than the `limit` but of labels that both camps give; `camp` by code of worker."""
    top = probabilities.argmax(axis=1)
    says = top[answers.item] == answers.label
    both = np.ones(len(probabilities), bool)
    for side in (0, 1):
        both &= np.bincount(answers.item[says & (camp[answers.worker] == side)], minlength=len(both)) > 0
    return no_surer(probabilities, np.where(both, 1.0, limit))
