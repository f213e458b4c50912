"""Opinion scores: how far workers agree with the others, and how sure a mean over workers and tasks is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Integers, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Screened", "Spread", "agreement", "limits", "screened", "spread"]

# A correlation of fewer means says nothing: two points always lie on a line.
LEAST_MEANS = 3
# Workers agree at all if a test of Student's gives chance no more than this; a majority of them, chosen for how they
# agree, if no more than that by the ways to choose it. Agreements depend on each other, and of few means are no normal
# ones. So what passes is held to chance itself: to so many crowds whose workers gave the same scores, each to systems
# by lot. A majority of more workers than the last number is not: there Student's test by all ways to choose is enough.
BY_CHANCE = 0.05
MAJORITY_BY_CHANCE = 0.001
CROWDS, SEED, MOST_BY_LOT = 199, 20, 60
# Nobody's answers have a larger part in a mean: the work of one person is no opinion of all, and as many accounts as
# anybody likes to have are no people, so that how many accounts there are does not lessen what others count.
LARGEST_PART = 0.2
# What rounding leaves of a variance where there is none, beside the squares it comes from.
NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of some scores, the parts of their variance, and the variance of the mean.

    `worker` is the variance of workers' habits, `task` that of tasks, `rest` what is left. All are NaN without scores.
    """

    mean: float
    variance: float
    worker: float
    task: float
    rest: float


def spread(task: Integers, worker: Integers, score: Floats) -> Spread:
    """Two-way variance decomposition of scores, one each in `task`, `worker` and `score` (Ribeiro et al., 2011).

    score = mean + habit of the worker + difference of the task + rest. The three variances follow from those of all
    scores, of the scores of one worker and of the scores of one task. A worker's habit is in the mean as often as the
    worker's answers count, so many answers of few workers make it no surer than these workers do.

    The answers of nobody count for more than a fifth of the mean, or two parts of as many as there are workers: else it
    is what one person says who answers more than all others.
    """
    count = len(score)
    if count == 0:
        return Spread(*[float("nan")] * 5)
    weight = _weights(worker)
    whole = float(weight.sum())
    mean = float(weight @ score) / whole
    total = float(weight @ (score - mean) ** 2) / whole
    # Scores of one worker differ by task and rest, those of one task by worker and rest.
    of_worker, of_task = _within(worker, score), _within(task, score)
    if of_worker is not None and of_task is not None:
        habits, tasks, rest = total - of_worker, total - of_task, of_worker + of_task - total
    elif of_worker is not None:  # no task has two scores: its difference cannot be told from the rest
        habits, tasks, rest = total - of_worker, 0.0, of_worker
    elif of_task is not None:
        habits, tasks, rest = 0.0, total - of_task, of_task
    else:
        habits, tasks, rest = 0.0, 0.0, total
    least = NOTHING * float(np.mean(score**2))
    habits, tasks, rest = (part if part > least else 0.0 for part in (habits, tasks, rest))
    by_worker, by_task = tally(worker, weight, int(worker.max()) + 1), tally(task, weight, int(task.max()) + 1)
    variance = (habits * by_worker @ by_worker + tasks * by_task @ by_task + rest * weight @ weight) / whole**2
    return Spread(mean, float(variance), habits, tasks, rest)


def limits(parts: Spread, tasks: int, workers: int, level: float) -> tuple[float, float, float]:
    """Standard error of the mean of scores from so many tasks and workers, and limits that hold the true one.

    Student's t with one degree of freedom less than there are workers, or tasks if these are fewer; NaN of one alone,
    and of scores that are all alike, which do not show how far they may be off.
    """
    from scipy.special import stdtrit

    fewest = min(tasks, workers)
    if fewest < 2 or not parts.variance > 0:
        return float("nan"), float("nan"), float("nan")
    error = float(np.sqrt(parts.variance))
    width = float(stdtrit(fewest - 1, 0.5 + level / 2)) * error
    return error, parts.mean - width, parts.mean + width


def _weights(worker: Integers) -> Floats:
    """What each score counts: 1, or less of workers of whom one would have more than `LARGEST_PART` of the mean.

    Of n workers each may have two parts in n, so that nobody is held back where all give much the same.
    """
    counts = tally(worker, None, int(worker.max()) + 1)
    given = np.sort(counts[counts > 0])
    part = max(LARGEST_PART, 2 / len(given))
    # What the others give in all, and with it so many who are held back to one number, each of whom has the part then.
    others = np.concatenate([[0.0], given.cumsum()])[:-1]
    held = np.arange(len(given), 0, -1)
    free = 1 - part * held
    most = np.divide(part * others, free, out=np.full(len(given), np.inf), where=free > 0)
    # The number of those who are held back is right where it is no more than the least of them gave.
    over = np.flatnonzero(most < given)
    most_counted = most[over[0]] if len(over) else np.inf
    found: Floats = np.minimum(most_counted / counts[worker], 1.0)
    return found


def _within(codes: Integers, score: Floats) -> float | None:
    """The mean variance of the scores of one code, over those that have several; None where none has."""
    counts = tally(codes, None, int(codes.max()) + 1)
    several = counts > 1
    if not several.any():
        return None
    means = tally(codes, score, len(counts)) / np.maximum(counts, 1)
    squares = tally(codes, (score - means[codes]) ** 2, len(counts))
    return float((squares[several] / counts[several]).mean())


def agreement(worker: Integers, system: Integers, score: Floats, n_workers: int) -> Floats:
    """By worker the correlation of their mean scores by system with those of all others, shape (n_workers,).

    A worker who says one thing of systems that others find different agrees with nobody: 0. NaN where fewer than 3
    systems can be compared, or where the others find all alike (Ribeiro et al., 2011).
    """
    if len(score) == 0:
        return np.full(n_workers, np.nan)
    groups = int(system.max()) + 1
    own, place = np.unique(worker.astype(np.int64) * groups + system, return_inverse=True)
    count, total = tally(place, None, len(own)), tally(place, score, len(own))
    who, what = own // groups, own % groups
    others = tally(system, None, groups)[what] - count
    there = others > 0
    who, mine = who[there], (total / count)[there]
    theirs = (tally(system, score, groups)[what] - total)[there] / others[there]
    means = tally(who, None, n_workers)
    mine, mine_least = _about_mean(who, mine, means)
    theirs, theirs_least = _about_mean(who, theirs, means)
    squares = tally(who, mine**2, n_workers), tally(who, theirs**2, n_workers)
    shown = (means >= LEAST_MEANS) & (squares[1] > theirs_least)
    varied = shown & (squares[0] > mine_least)
    found = np.where(shown, 0.0, np.nan)
    products = tally(who, mine * theirs, n_workers)
    found[varied] = products[varied] / np.sqrt(squares[0][varied] * squares[1][varied])
    return np.clip(found, -1.0, 1.0)


def _about_mean(who: Places, value: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Values less the mean of their worker's, and what of their squares may be rounding alone."""
    size = len(means)
    middle = tally(who, value, size) / np.maximum(means, 1)
    return value - middle[who], NOTHING * tally(who, value**2, size)


def _agree(found: Floats, by_chance: float = BY_CHANCE) -> bool:
    """Whether workers agree with each other, by a test of Student's on their agreements."""
    from scipy.special import stdtr

    there = found[~np.isnan(found)]
    if len(there) < 2:
        return bool(len(there))
    error = float(there.std(ddof=1)) / len(there) ** 0.5
    mean = float(there.mean())
    # The tail itself: beside 1 what many ways to choose leave of a chance is lost.
    return mean > 0 and (error == 0 or float(stdtr(len(there) - 1, -mean / error)) < by_chance)


def _who_agree(judged: Flags, rows: tuple[Places, Places, Floats]) -> Flags | None:
    """Those of these workers who agree with each other: all, or a majority beside whom the others say something else.

    Else a few who turn the order round would have nobody judged at all. Who agrees least is left out, one at a time;
    the more ways there are to leave out so many, the less may what is left agree by chance. None: not even a majority.
    """
    from scipy.special import comb

    among, count = judged.copy(), int(judged.sum())
    for left_out in range((count + 1) // 2):
        found = _agreement_of(among, *rows)
        if _agree(found, BY_CHANCE if not left_out else MAJORITY_BY_CHANCE / comb(count, left_out)):
            return among if _beyond_chance(float(np.nanmean(found)), judged, rows, left_out) else None
        if np.isnan(found).all():
            return None
        among[np.nanargmin(found)] = False
    return None


def _beyond_chance(agreed: float, judged: Flags, rows: tuple[Places, Places, Floats], left_out: int) -> bool:
    """Whether crowds without any sense, of which as many who agree least are left out, seldom agree so much."""
    if left_out and int(judged.sum()) > MOST_BY_LOT:
        return True
    rng, (worker, system, score) = np.random.default_rng(SEED), rows
    higher = 0
    for _ in range(CROWDS):
        # The rows are sorted by worker: each keeps their scores and the systems they scored.
        shuffled = worker, system, score[np.lexsort((rng.random(len(score)), worker))]
        found = _agreement_of(_left(judged, shuffled, left_out), *shuffled)
        higher += not np.isnan(found).all() and float(np.nanmean(found)) >= agreed - NOTHING
    return (higher + 1) / (CROWDS + 1) <= BY_CHANCE


def _left(judged: Flags, rows: tuple[Places, Places, Floats], left_out: int) -> Flags:
    """These workers without so many who agree least with those there, one at a time."""
    among = judged.copy()
    for _ in range(left_out):
        found = _agreement_of(among, *rows)
        if np.isnan(found).all():
            break
        among[np.nanargmin(found)] = False
    return among


def _apart(among: Flags, judged: Flags, rows: tuple[Integers, Integers, Floats]) -> Floats:
    """How far each of the others who can be judged agrees with those among whom there is agreement; NaN of these."""
    found = np.full(len(judged), np.nan)
    for worker in np.flatnonzero(judged & ~among).tolist():
        beside = among.copy()
        beside[worker] = True
        found[worker] = _agreement_of(beside, *rows)[worker]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """Who is `out`, shape (n_workers,), and everybody's `agreement` with those who are left, NaN where none is shown.

    `together`: how far all agree with those who are left, taken as one, of whom each for themselves shows nothing.
    """

    out: Flags
    agreement: Floats
    together: float = float("nan")

    @property
    def anybody_seen(self) -> bool:
        """Whether anything was shown of anybody."""
        return not bool(np.isnan(self.agreement).all())


def screened(worker: Integers, system: Integers, score: Floats, n_workers: int, least: float) -> Screened:
    """Who agrees with the others less than `least`, and how far those agree who are left.

    Those who agree least go first, half of those that are below at a time, and then the others are compared anew: bad
    scores among the others' drag the agreement of good workers down. Nobody is out where workers agree no more than by
    chance, as where systems are all alike: then agreement is NaN and shows nothing of anybody.

    Where all together agree no more than that, but a majority does, the others are held to it.

    Each worker weighs the same in whether workers agree at all and in who goes first, however much each answered: one
    who answers more than all others would switch that off, or have them rejected. Only who is left is held to scores.

    Who scored so few systems that they cannot be held to anybody is no measure of others either: of several who cannot
    be judged all that agree with each other would have those rejected who can.
    """
    out = np.zeros(n_workers, np.bool_)
    last = np.full(n_workers, np.nan)
    judged = _systems_of(worker, system, n_workers) >= LEAST_MEANS
    equal = _means(worker, system, score)
    among = _who_agree(judged, equal)
    if among is None:
        return Screened(out, last)
    last = _apart(among, judged, equal)
    out = last < least
    for rows in (equal, (worker, system, score)):
        last = _leave_out(judged, out, last, rows, least)
    measure = ~out & ~np.isnan(last)
    sides = np.where(measure, 0, 1)[worker]
    there = ~out[worker]
    together = agreement(sides[there], system[there], score[there], 2)[1]
    return Screened(out, last, float(together))


def _leave_out(
    judged: Flags, out: Flags, last: Floats, rows: tuple[Integers, Integers, Floats], least: float
) -> Floats:
    """Take out who agrees less than `least`; the agreement of each with who is left, or was when they went."""
    while True:
        found = _agreement_of(judged & ~out, *rows)
        last = np.where(out, last, found)
        below = np.flatnonzero(~out & (found < least))
        if len(below) == 0:
            return last
        out[below[np.argsort(found[below], kind="stable")][: (len(below) + 1) // 2]] = True


def _means(worker: Integers, system: Integers, score: Floats) -> tuple[Places, Places, Floats]:
    """One score of each worker for each system that they scored, so that each weighs the same."""
    if len(score) == 0:
        return worker.astype(np.int64), system.astype(np.int64), score
    groups = int(system.max()) + 1
    own, place = np.unique(worker.astype(np.int64) * groups + system, return_inverse=True)
    return own // groups, own % groups, tally(place, score, len(own)) / tally(place, None, len(own))


def _agreement_of(workers: Flags, worker: Integers, system: Integers, score: Floats) -> Floats:
    """The agreement of these workers with each other."""
    rows = workers[worker]
    return agreement(worker[rows], system[rows], score[rows], len(workers))


def _systems_of(worker: Integers, system: Integers, n_workers: int) -> Floats:
    """How many systems each worker scored."""
    if len(worker) == 0:
        return np.zeros(n_workers)
    groups = int(system.max()) + 1
    return tally(np.unique(worker.astype(np.int64) * groups + system) // groups, None, n_workers)
