"""Who will answer next: the workers a run has met, as able as control items let them be, and others who still come.

How able somebody is has a Beta distribution: the mean of all, which counts as so many answers, and what their own
control items showed; who is shut out is not among all. The mean of all is drawn as well: few people show little of it.
Who comes new is as able as one of those met, or as a stranger (Blackwell and MacQueen, 1973).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ARRIVALS",
    "BEFOREHAND",
    "RIGHT",
    "Abilities",
    "Able",
    "Met",
    "Presumed",
    "drawn_abilities",
    "drawn_crowd",
    "presumed_of",
]

Floats = NDArray[np.float64]

# Beforehand: how often an answer is right, worth so many answers of different workers.
RIGHT, GIVEN = 0.85, 10.0
# The mean of all counts as so many answers in each worker; of fourteen recorded crowds in nine 5 to 15.
ALIKE = 8.0
# So many strangers are as likely to come as one of those met again.
STRANGERS = 5.0
# Nobody is right more often, and who is so less often than this does not stay.
LEAST, MOST = 0.02, 0.995
ARRIVALS = 20.0
"""How many workers come in an hour, where nothing is known of that."""
PACE, PACED = 0.7, 3
"""What share of the hint an item takes beforehand, worth so many workers: one who hurries is no pace of others."""


class Met(NamedTuple):
    """A worker who was met: right answers to control items, all answers to them, and seconds an item takes them.

    `here`: they may go on. `shut_out`: they may not, for what they answered; they are no measure of those who stay.
    """

    name: str
    right: int
    checks: int
    seconds: float | None
    here: bool = True
    shut_out: bool = False


class Presumed(NamedTuple):
    """How often who comes is right as is presumed beforehand, worth so many answers of different workers; and of how
    many workers of earlier runs that is.
    """

    right: float = RIGHT
    worth: float = GIVEN
    people: int = 0


BEFOREHAND = Presumed()
"""What is presumed where nothing is known of earlier runs."""


def presumed_of(earlier: Iterable[tuple[float, int]]) -> Presumed:
    """What is presumed where earlier runs asked the same: their shares of right control answers, and their workers.

    Each of these counts as one answer, however many they gave: how many that were is not known.
    """
    runs = list(earlier)
    people = sum(count for _, count in runs)
    right = RIGHT * GIVEN + sum(share * count for share, count in runs)
    return Presumed(right / (GIVEN + people), GIVEN + people, people)


class Abilities(NamedTuple):
    """How often each of some workers is right, and how often all are on average."""

    each: Floats
    mean: float


class Able(NamedTuple):
    """A worker as a simulation has them: how often they are right, how long an item takes, after how long they come."""

    name: str
    right: float
    seconds: float
    arrives: float


def drawn_abilities(met: Sequence[Met], rng: np.random.Generator, presumed: Presumed = BEFOREHAND) -> Abilities:
    """How often each worker who was met is right, and how often all are on average, as probable as both are."""
    right, checks = np.array([one.right for one in met], float), np.array([one.checks for one in met], float)
    stays = np.array([not one.shut_out for one in met], float)
    # What many answers of few people show of all is bounded by how few they are (Kish, 1965).
    heed = stays * (ALIKE + 1) / (ALIKE + np.maximum(checks, 1.0))
    sure, worth = presumed.right, presumed.worth
    good, bad = heed @ right + sure * worth, heed @ (checks - right) + (1 - sure) * worth
    mean = min(max(float(rng.beta(good, bad)), LEAST), MOST)
    able = rng.beta(ALIKE * mean + right, ALIKE * (1 - mean) + checks - right).clip(LEAST, MOST)
    return Abilities(able, mean)


def drawn_crowd(
    met: Sequence[Met], found: Abilities, hint: float, arrivals: float, newcomers: int, rng: np.random.Generator
) -> list[Able]:
    """The workers who were met and are here, and so many others who come, `arrivals` in an hour."""
    able, mean = found
    known = [one.seconds for one in met if one.seconds is not None and not one.shut_out]
    usual = float(np.median([*known, *[PACE * hint] * PACED]))
    crowd = [Able(one.name, float(able[place]), one.seconds or usual, 0.0) for place, one in enumerate(met) if one.here]
    times = rng.exponential(3_600 / max(arrivals, 1e-3), newcomers).cumsum()
    for number, at in enumerate(times.tolist()):
        alike = rng.random() * (len(met) + STRANGERS) < len(met)
        share = float(rng.choice(able) if alike else rng.beta(ALIKE * mean, ALIKE * (1 - mean)))
        crowd.append(Able(f"newcomer {number}", min(max(share, LEAST), MOST), usual * float(rng.uniform(0.7, 1.4)), at))
    return crowd
