"""No label is surer than items whose answers are known show that workers who agree are right.

People err together: they read a question otherwise than it is meant. How well they agree shows nothing of that, only
answers that are known do.
"""

from __future__ import annotations

import math

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.grades import mistaken
from dataforge.aggregation.kernels.ties import winners

__all__ = ["ERRORS", "MOST_OF_DOUBT", "NEARLY_EVEN", "ROUNDING", "TRIES", "lacking", "lowered", "surely", "trusted_to"]

# Before any known answers, so that crowds on public sets are claimed no surer than they are: errors, of so many tries.
ERRORS, TRIES = 0.6, 20.0
# Of the doubt that a wanted confidence leaves, common errors may take so much: the rest is for what answers show.
MOST_OF_DOUBT = 0.8
# Answers that are right as often as wanted are not turned down for a rounding error.
ROUNDING = 1e-9
# An error of (K - 1) / K would make all labels equally probable.
NEARLY_EVEN = 0.99


def surely(posteriors: Floats, known: Codes) -> tuple[float, float]:
    """Wrong and right ones of the likeliest labels, each by how sure it is.

    `posteriors`, shape (n, n_labels), are what the answers to items say as if nobody knew them, `known` what is right.
    """
    n_labels = posteriors.shape[1]
    if n_labels < 2:
        return 0.0, 0.0
    surest = posteriors.max(axis=1, initial=0.0)
    weight = ((surest - 1 / n_labels) / (1 - 1 / n_labels)) ** 2
    wrong = winners(posteriors) != known
    return float((weight * surest)[wrong].sum()), float(weight[~wrong].sum())


def trusted_to(error: Floats) -> Floats:
    """The highest confidence that answers can honestly reach where workers who agree err with the probability `error`.

    Never below 0: who is wrong more often than that is trusted to nothing.
    """
    result: Floats = np.maximum(1 - error / MOST_OF_DOUBT, 0.0)
    return result


def lacking(error: float, tries: float, wanted: float) -> int | None:
    """How many items with known answers more, each of which workers who agree got right, bear a confidence out.

    `error` is the mean of a Beta distribution that stands for so many `tries`. 0: it is borne out already; None: no
    number would do for certainty.
    """
    if wanted >= 1:
        return None
    return max(math.ceil(error * tries / (MOST_OF_DOUBT * (1 - wanted)) - tries - ROUNDING), 0)


def lowered(probabilities: Floats, error: float, allowed: Flags | None, *, ordered: bool = False) -> Floats:
    """What is left of probabilities where workers err together with the probability `error`.

    The surest label stays so: who is wrong more often than not at control items is no reason to believe the contrary.
    `ordered`: labels are grades, all open, and those who err together say one near the right one rather than a far one.
    """
    n_labels = probabilities.shape[1]
    if ordered and n_labels > 1:
        near: Floats = probabilities @ mistaken(n_labels)
        return probabilities + min(error, NEARLY_EVEN / 2) * (near - probabilities)
    others = max(n_labels - 1, 0) if allowed is None else allowed.sum(axis=1, keepdims=True) - 1
    # Where one label only is open, nobody errs.
    otherwise = np.where(others > 0, (1 - probabilities) / np.maximum(others, 1), probabilities)
    if allowed is not None:
        otherwise[~allowed] = 0
    most = NEARLY_EVEN * others / (others + 1)
    result: Floats = probabilities + np.minimum(error, most) * (otherwise - probabilities)
    return result
