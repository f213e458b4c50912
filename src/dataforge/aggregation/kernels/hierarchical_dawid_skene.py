"""EM over confusion matrices that are drawn to the crowd's, on items of which some are hard.

On a hard item a worker guesses with the probability `GUESSED` and else answers by their own matrix:

    P(a | k is right, d, w) = (1 - guessed_d) · errors_w[a, k] + guessed_d / K

A matrix is drawn twice: its diagonal to the accuracy that the worker shows over all labels, and the whole to the
crowd's matrix with that diagonal, so that a rare label, or a worker of few answers, is neither perfect nor a fool.
EM starts from what is believed before any answers, where a start from the votes would have workers agree with
themselves, and learns from items with several answers, or whose answer is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.ceiling import ERRORS, TRIES, lowered, surely
from dataforge.aggregation.kernels.dawid_skene import smoothed_shares
from dataforge.aggregation.kernels.engine import Engine, PerPart, TableEngine
from dataforge.aggregation.kernels.grades import FARTHER
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.choice import Work
from dataforge.aggregation.kernels.probabilities import with_known
from dataforge.aggregation.kernels.sums import inner, of_rows, tops

__all__ = [
    "GUESSED",
    "Fit",
    "Parameters",
    "believed_of",
    "ceiling_error",
    "hierarchical_dawid_skene",
    "kept_beliefs",
    "label_shares",
    "limited",
    "matrices",
    "skills_of",
    "tables_of",
]

# How often an answer is a guess: to an ordinary item, and to a hard one.
GUESSED = np.array([0.0, 0.8])
# Before any answers: how frequent the two are, worth so many items.
DIFFICULTIES = np.array([0.9, 0.1])
ITEMS_BEFORE = 50.0
# So many items of the votes' shares of labels are spread evenly, or the first few would speak for all.
VOTES_BEFORE = 10.0
# Before any answers: how many of so many answers of the crowd are right.
RIGHT, GIVEN = 15.0, 20.0
# So many answers of each label's row of the crowd's matrix follow from its accuracy alone.
EVEN = 10.0
# Where labels are grades of a scale what is thought beforehand of how far errors are off counts for so many errors.
ERRORS_BEFORE = 5.0
# The crowd's matrix heeds a worker no more than one of so many answers.
HEEDED = 30.0
# Each label is recognised by the crowd better than by chance, by this share of the way: else labels may swap.
GUARD = 0.2
# The crowd's matrix makes no worker surer than this.
SUREST = 0.98
# By this factor a step may bring the share of either kind of item down.
FARTHEST = 4.0
LEAST = 1e-10

OnIteration = Callable[[int, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """`errors[w * n_labels + a, k]` is P(worker w answers a | k is right) where w does not guess, `prior[k]` is P(k).

    `difficulties`: how frequent ordinary and hard items are. `errors` is a table by worker of the engine: an array,
    but for a cluster's.
    """

    errors: Floats
    prior: Floats
    difficulties: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What EM found: parameters, and the probabilities under them."""

    parameters: Parameters
    posteriors: PerPart
    loss_history: tuple[float, ...]
    converged: bool


def hierarchical_dawid_skene(
    engine: TableEngine,
    *,
    n_iter: int,
    tol: float,
    class_prior: Floats,
    strength: float,
    damping: float,
    ordered: bool = False,
    start: Parameters | None = None,
    on_iteration: OnIteration | None = None,
) -> Fit:
    """Probabilities, matrices and the share of hard items; `class_prior`, shape (n_labels,), is held fixed.

    Starts from the workers of `start`, or else from workers of whom nothing is known. Stops when the probabilities of
    answered tasks move by less than `tol` on average; `loss_history` has these moves. `ordered`: labels are grades.
    """
    engine = engine.suited(Work.iterated(engine.n_answers, 4.0 * engine.n_labels, n_iter))
    parameters = (
        _nothing_known(engine, class_prior, strength, ordered=ordered)
        if start is None
        else replace(start, prior=class_prior)
    )
    before = engine.keep(_as_frequent, class_prior)
    history: list[float] = []
    converged = False
    while len(history) < n_iter and not converged:
        table = engine.by_worker(_tables, parameters.errors)
        logs = engine.by_worker(_log_table, table)
        graded = engine.keep(steps.graded_posteriors, logs, _log_shares(parameters))
        parameters = _maximised(engine, parameters, table, engine.summed(_sums, graded), strength, ordered=ordered)
        parameters = replace(parameters, errors=engine.lasting(parameters.errors, len(history) + 1))
        now = engine.keep(_ungraded, graded)
        whole, answered = engine.total(_movement, before, now)
        before, moved = now, whole / max(answered * engine.n_labels, 1)
        history.append(moved)
        if on_iteration is not None:
            on_iteration(len(history), moved)
        converged = moved < tol
    return Fit(parameters, kept_beliefs(engine, parameters, damping), tuple(history), converged)


def label_shares(engine: Engine) -> Floats:
    """How frequent each label is, as the votes have it, shape (n_labels,)."""
    return smoothed_shares(engine, VOTES_BEFORE / max(engine.n_labels, 1))


def believed_of(part: Part, parameters: Parameters, damping: float) -> Floats:
    """Probabilities of the labels of each task, shape (n_tasks, n_labels), 1 for a known answer.

    Each further answer of a task shares so much, `damping`, with the others before it: what n answers say beyond the
    prior counts as n / (1 + (n - 1) · damping) of them.
    """
    found = _labels_of(part, parameters)
    return with_known(_damped(found, parameters.prior, part.counts, damping), part)


def kept_beliefs(engine: Engine, parameters: Parameters, damping: float) -> PerPart:
    """The same of all parts, left where they are."""
    return engine.keep(_beliefs, parameters.errors, parameters.prior, parameters.difficulties, damping)


def _beliefs(part: Part, errors: Floats, prior: Floats, difficulties: Floats, damping: float) -> Floats:
    return believed_of(part, Parameters(errors, prior, difficulties), damping)


def _labels_of(part: Part, parameters: Parameters) -> Floats:
    logs = _log_table(_tables(parameters.errors))
    return _ungraded(part, steps.graded_posteriors(part, logs, _log_shares(parameters)))


def _damped(posteriors: Floats, prior: Floats, counts: Places, damping: float) -> Floats:
    power = 1 / (1 + damping * np.maximum(counts - 1, 0))
    log_prior = np.log(np.maximum(prior, LEAST))
    # Where there are millions, room for each step takes longer than the step.
    with np.errstate(divide="ignore"):  # a closed label stays so
        weights: Floats = np.log(posteriors)
    weights -= log_prior
    weights *= power[:, None]
    weights += log_prior
    if weights.size:
        top = tops(weights)
        top[~np.isfinite(top)] = 0.0
        weights -= top[:, None]
        np.exp(weights, out=weights)
    total = of_rows(weights)
    total[total == 0] = 1.0
    weights /= total[:, None]
    return weights


def skills_of(parameters: Parameters) -> Floats:
    """P(the worker is right) over items as frequent and as hard as these, shape (n_workers,)."""
    diagonals = np.diagonal(tables_of(parameters.errors), axis1=1, axis2=2)
    guessed = float(parameters.difficulties @ GUESSED)
    skills: Floats = (1 - guessed) * (diagonals @ parameters.prior) + guessed / max(len(parameters.prior), 1)
    return skills


# --- the passes -----------------------------------------------------------------------------------


def _as_frequent(part: Part, prior: Floats) -> Floats:
    return np.broadcast_to(prior, (part.n_tasks, part.n_labels))


def _ungraded(part: Part, graded: Floats) -> Floats:
    """Probabilities of the labels, whatever the difficulty, shape (n_tasks, n_labels)."""
    n_labels = part.n_labels
    found: Floats = graded[:, :n_labels] + graded[:, n_labels : 2 * n_labels]
    for first in range(2 * n_labels, graded.shape[1], max(n_labels, 1)):
        found += graded[:, first : first + n_labels]
    return found


class _Sums(NamedTuple):
    """What an M-step needs, of the tasks that show anything: probabilities by pair of worker and label; how many tasks
    there are, how many of them are expected to be hard, and the squares of the probabilities of that.
    """

    by_pair: Floats
    tasks: int
    hard: float
    squares: float


def _sums(part: Part, graded: Floats) -> _Sums:
    # A task with one answer shows nothing of who gave it, unless its answer is known.
    shows = part.counts > 1
    if part.known is not None:
        shows |= (part.known >= 0) & (part.counts > 0)
    showing = graded if shows.all() else np.where(shows[:, None], graded, 0.0)
    hard = of_rows(showing[:, part.n_labels :])
    return _Sums(steps.row_sums(part, showing), int(shows.sum()), float(hard.sum()), float(inner(hard, hard)))


def _movement(part: Part, before: Floats, now: Floats) -> tuple[float, int]:
    """How far the probabilities of answered tasks moved, and how many tasks those are."""
    answered, moved = part.counts > 0, now - before
    np.abs(moved, out=moved)
    if not answered.all():
        moved[~answered] = 0.0
    return float(moved.sum()), int(np.count_nonzero(answered))


# --- parameters -----------------------------------------------------------------------------------


def _nothing_known(engine: TableEngine, class_prior: Floats, strength: float, *, ordered: bool) -> Parameters:
    counts = engine.by_worker(_workers_last, engine.nothing(engine.n_workers * engine.n_labels, engine.n_labels))
    return Parameters(_drawn(engine, counts, strength, ordered=ordered), class_prior, DIFFICULTIES)


def tables_of(rows: Floats) -> Floats:
    """Rows of (worker, answer) as a table for each worker, shape (n_workers, n_labels, n_labels)."""
    n_rows, n_labels = rows.shape
    return rows.reshape(n_rows // max(n_labels, 1), n_labels, n_labels)


def _rows(tables: Floats) -> Floats:
    """The same the other way round."""
    n_workers, n_answers, n_labels = tables.shape
    return tables.reshape(n_workers * n_answers, n_labels)


def _tables(errors: Floats) -> Floats:
    """P(a | k is right, d, w), shape (difficulties, n_labels, n_workers * n_labels).

    Pairs of worker and label come last: numpy is slow where the innermost of several loops is over a few labels.
    """
    columns = errors.T.copy()
    guesses = GUESSED / max(len(columns), 1)
    table: Floats = np.multiply.outer(1 - GUESSED, columns)
    table += guesses[:, None, None]
    np.maximum(table, LEAST, out=table)
    return table


def _log_table(table: Floats) -> Floats:
    """Its logs as the passes take them: a row for each pair of worker and label, the difficulties side by side."""
    logs: Floats = np.log(table)
    return logs.reshape(table.shape[0] * table.shape[1], table.shape[2]).T


def _log_shares(parameters: Parameters) -> Floats:
    """Logs of how frequent each difficulty with each label is."""
    shares = np.outer(parameters.difficulties, parameters.prior).ravel()
    return np.log(np.maximum(shares, LEAST))


def _maximised(
    engine: TableEngine, before: Parameters, table: Floats, sums: _Sums, strength: float, *, ordered: bool
) -> Parameters:
    """The parameters that expected counts make likely; `table`: those `before` as `_tables` has them."""
    counts = engine.by_worker(_expected, before.errors, table, sums.by_pair)
    hard = _share_of_hard(float(before.difficulties[1]), sums)
    return Parameters(_drawn(engine, counts, strength, ordered=ordered), before.prior, np.array([1 - hard, hard]))


def _expected(errors: Floats, table: Floats, by_pair: Floats) -> Floats:
    """Expected counts of answers that were no guesses, which tell nothing of who gave them; workers last."""
    columns = errors.T.copy()
    n_labels, n_rows = columns.shape
    expected = np.zeros((n_labels, n_rows))
    for guessed, guess, found in zip(GUESSED, table, by_pair.T.reshape(table.shape), strict=True):
        expected += (1 - guessed) * columns / guess * found
    return _workers_last(expected.T)


def _workers_last(rows: Floats) -> Floats:
    """Rows of (worker, answer) in the shape (answer, right label, worker).

    Workers come last: numpy is slow where the innermost of several loops is over a few labels.
    """
    return np.ascontiguousarray(tables_of(rows).transpose(1, 2, 0))


def _drawn(engine: TableEngine, counts: Floats, strength: float, *, ordered: bool) -> Floats:
    """The matrices of `matrices`, as rows, from expected counts with workers last."""
    accuracy, crowd = _crowd(engine.over_workers(_heeded, counts)[0], ordered=ordered)
    return cast(Floats, engine.by_worker(_drawn_to, counts, accuracy, crowd, strength))


def _share_of_hard(share: float, sums: _Sums) -> float:
    """A step of Newton's towards the likeliest share of hard items; EM would take a hundred where few are hard.

    Of an item that is hard with the probability q, the slope of the log likelihood is
    q / share - (1 - q) / (1 - share), and its curvature the square of that, downwards.
    """
    ordinary_before, hard_before = ITEMS_BEFORE * DIFFICULTIES
    of_hard, of_ordinary = 1 / share, -1 / (1 - share)
    slope = (sums.hard + hard_before) * of_hard + (sums.tasks - sums.hard + ordinary_before) * of_ordinary
    mixed, ordinary = sums.hard - sums.squares, sums.tasks - 2 * sums.hard + sums.squares
    curvature = (sums.squares + hard_before) * of_hard**2 + (ordinary + ordinary_before) * of_ordinary**2
    curvature += 2 * mixed * of_hard * of_ordinary
    step = slope / curvature
    return float(min(max(share + step, share / FARTHEST), 1 - (1 - share) / FARTHEST))


def matrices(counts: Floats, strength: float, *, ordered: bool = False) -> Floats:
    """P(answer | right label) of each worker from expected counts, both of shape (n_workers, answer, right label).

    `ordered`: the labels are grades, one of which is mistaken for a near one more often than for a far one.
    """
    n_workers, n_labels, _ = counts.shape
    last = np.ascontiguousarray(counts.transpose(1, 2, 0))
    accuracy, crowd = _crowd(_heeded(last)[0], ordered=ordered)
    return _drawn_to(last, accuracy, crowd, strength).reshape(n_workers, n_labels, n_labels)


def _heeded(counts: Floats) -> tuple[Floats]:
    """What all workers together answered, none heeded beyond so many answers, shape (n_labels, n_labels)."""
    heeded = np.minimum(1.0, HEEDED / np.maximum(counts.sum(axis=(0, 1)), LEAST))
    return (np.einsum("w,akw->ak", heeded, counts),)


def _drawn_to(counts: Floats, accuracy: float, crowd: Floats, strength: float) -> Floats:
    """Rows of (worker, answer) of matrices that are drawn to the crowd's; counts have workers last."""
    given, right = counts.sum(axis=(0, 1)), np.trace(counts)
    shown = (strength * accuracy + right) / (strength + given)
    recognised = np.diagonal(crowd)[:, None]
    own = np.minimum(SUREST, shown * recognised / accuracy)
    found: Floats = crowd[:, :, None] * ((1 - own) / np.maximum(1 - recognised, LEAST))
    label = np.arange(len(counts))
    found[label, label] = own
    found *= strength
    found += counts
    found /= np.maximum(found.sum(axis=0), LEAST)
    return _rows(found.transpose(2, 0, 1))


def _crowd(counts: Floats, *, ordered: bool) -> tuple[float, Floats]:
    """How often the crowd is right, and its matrix, whose labels cannot swap."""
    n_labels = len(counts)
    accuracy = float((RIGHT + np.trace(counts)) / (GIVEN + counts.sum()))
    alike = _by_distance(counts) if ordered else np.ones((n_labels, n_labels))
    np.fill_diagonal(alike, 0.0)
    alike *= (1 - accuracy) / np.maximum(alike.sum(axis=0), LEAST)
    np.fill_diagonal(alike, accuracy)
    crowd = EVEN * alike + counts
    crowd /= np.maximum(crowd.sum(axis=0), LEAST)
    chance = 1 / max(n_labels, 1)
    recognised = np.diagonal(crowd).copy()
    guarded = np.maximum(recognised, chance + GUARD * (1 - chance))
    crowd *= (1 - guarded) / np.maximum(1 - recognised, LEAST)
    np.fill_diagonal(crowd, guarded)
    return accuracy, crowd


def _by_distance(counts: Floats) -> Floats:
    """How likely a mistake is for another by how many grades they are apart, shape (n_labels, n_labels).

    All grades together show that: far fewer answers are needed than for a matrix of which each cell is by itself.
    """
    grades = np.arange(len(counts))
    apart = np.abs(grades[:, None] - grades)
    cells = np.bincount(apart.ravel(), minlength=len(counts))
    before = cells * FARTHER**grades
    before[0] = 0.0
    errors = np.bincount(apart.ravel(), counts.ravel(), len(counts)) + ERRORS_BEFORE * before / max(before.sum(), LEAST)
    found: Floats = (errors / cells)[apart]
    return found


# --- the ceiling ----------------------------------------------------------------------------------


def ceiling_error(engine: Engine, parameters: Parameters, damping: float) -> float:
    """How often workers who agree err together, as tasks whose answers are known show beside what is thought before.

    They are looked at as if nobody knew them, and count by how sure the answers make one.
    """
    wrong, right = engine.total(_surely, parameters.errors, parameters.prior, parameters.difficulties, damping)
    return (ERRORS + wrong) / (TRIES + wrong + right)


def _surely(part: Part, errors: Floats, prior: Floats, difficulties: Floats, damping: float) -> tuple[float, float]:
    if part.known is None:
        return 0.0, 0.0
    sure = np.flatnonzero((part.known >= 0) & (part.counts > 0))
    found = _labels_of(replace(part, known=None), Parameters(errors, prior, difficulties))[sure]
    return surely(_damped(found, prior, part.counts[sure], damping), part.known[sure])


def limited(part: Part, probabilities: Floats, error: float) -> Floats:
    """Probabilities under the ceiling; known answers stay certain."""
    return with_known(lowered(probabilities, error, part.allowed), part)
