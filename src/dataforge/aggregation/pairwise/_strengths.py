"""Strengths that maximise the likelihood of comparisons, with and without ties, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.comparisons import Balance, PairCounts, balance, components
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Errors", "Strengths", "maximise", "standard_errors", "unbeaten"]


# Up to this many items the covariance is inverted as a whole; above it, its diagonal is estimated.
DENSE = 2_000
PROBES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """Fitted strengths: `scores` sum to 1 over all items, and to a connected part's share of the items inside it.

    `level` is the strength of the imagined item of a prior, 0 without one. `history` holds how far each iteration
    moved the scores (sum of absolute changes).
    """

    scores: Floats
    level: float
    tie_rate: float
    part: Codes
    n_iter: int
    converged: bool
    history: tuple[float, ...]

    def moved(self, places: Places, n_items: int) -> Strengths:
        """The strengths under new codes of the items; 0 for items that are new."""
        scores = np.zeros(n_items)
        scores[places[places >= 0]] = self.scores[places >= 0]
        return replace(self, scores=scores)


def maximise(
    pairs: PairCounts,
    n_iter: int,
    tol: float,
    prior: float = 0.0,
    ties: Literal["none", "half", "model"] = "none",
    start: Strengths | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Strengths:
    """Maximise the likelihood: damped steps of Newman (2023), or of Hunter (2004) where they would diverge.

    Stops when what is left to go is below `tol`. The steps shrink by a steady factor, so what is left after a step is
    estimated as `step * factor / (1 - factor)`: a small step alone does not mean that the optimum is near.
    `prior` adds that many wins and losses of each item against one imagined item, which links all parts. `ties` are
    left out, or count half a win for both, or have a rate of their own that is fitted too (Davidson, 1970). The first
    strengths are equal, or those of `start`.
    """
    n_items = pairs.n_items
    part = np.zeros(n_items, np.int32) if prior else components(pairs.first, pairs.second, n_items)
    share_of_part = np.bincount(part) / max(n_items, 1)
    level = 1.0 / max(n_items, 1)
    first_points, second_points, points, lost = _counted(pairs, half_a_win=ties != "none")
    bounded = bool(prior) or not ((lost == 0) & (points > 0)).any()
    n_ties = float(pairs.ties.sum()) if ties == "model" else 0.0
    scores = np.full(n_items, level) if start is None else _started(start, level, prior)
    tie_rate = (start.tie_rate if start is not None and start.tie_rate else 1.0) if n_ties else 0.0
    history: list[float] = []
    converged = n_items == 0
    for step in range(n_iter):
        if converged:
            break
        pull = _with_prior(balance(pairs, first_points, second_points, scores, tie_rate), scores, level, prior)
        new = _newman_step(scores, pull) if bounded else _hunter_step(scores, pull, points)
        # With a prior the imagined item fixes the scale, so the scores are scaled once, at the end.
        new = new if prior else _spread(new, points + lost, part, share_of_part)
        if n_ties:
            tie_rate = np.sqrt(tie_rate * n_ties / pull.tie_sum)
        moved = float(np.abs(new - scores).sum())
        # Newman's steps converge near the optimum and almost always from afar; Hunter's climb from anywhere.
        bounded = bounded and not (len(history) > 5 and moved > 2 * history[-1])
        scores = new
        history.append(moved)
        if on_iteration is not None:
            on_iteration(step + 1, moved)
        converged = _still_to_go(history) < tol
    whole = float(scores.sum()) if prior and n_items else 1.0
    return Strengths(
        scores=scores / whole,
        level=level / whole if prior else 0.0,
        tie_rate=float(tie_rate),
        part=part,
        n_iter=len(history),
        converged=converged,
        history=tuple(history),
    )


def _with_prior(pull: Balance, scores: Floats, level: float, prior: float) -> Balance:
    """What pulls at the scores, with the wins and losses against the imagined item."""
    if not prior:
        return pull
    virtual = prior / (scores + level)
    return Balance(pull.up + virtual * level, pull.down + virtual, pull.tie_sum)


def _counted(pairs: PairCounts, *, half_a_win: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """Points of the first and the second item of each pair, and points won and lost by item; a tie is half or none."""
    half = pairs.ties / 2 if half_a_win else 0.0
    first, second = pairs.first_wins + half, pairs.second_wins + half
    won = tally(pairs.first, first, pairs.n_items) + tally(pairs.second, second, pairs.n_items)
    lost = tally(pairs.first, second, pairs.n_items) + tally(pairs.second, first, pairs.n_items)
    return first, second, won, lost


def unbeaten(pairs: PairCounts, *, ties_count: bool) -> Places:
    """The items that won and never lost a point: there is no optimum with them."""
    _, _, won, lost = _counted(pairs, half_a_win=ties_count)
    found: Places = np.flatnonzero((lost == 0) & (won > 0))
    return found


def _started(start: Strengths, level: float, prior: float) -> Floats:
    """The strengths to go on from; an item without one gets `level`, as from a strength of 0 no step leads away."""
    scale = level / start.level if prior and start.level else 1.0
    return np.where(start.scores > 0, start.scores * scale, level)


def _newman_step(scores: Floats, pull: Balance) -> Floats:
    """Half the way, in logarithms, to where the pulls on each item would balance if the others stayed.

    The whole way of all items at once would swing for ever on graphs of two sides.
    """
    target = np.divide(pull.up, pull.down, out=np.zeros_like(scores), where=pull.down > 0)
    new: Floats = np.sqrt(scores * target)
    return new


def _hunter_step(scores: Floats, pull: Balance, points: Floats) -> Floats:
    """The maximum of a function below the likelihood that touches it at `scores`: it never falls."""
    held = np.divide(points - pull.up, scores, out=np.zeros_like(scores), where=scores > 0)
    new: Floats = np.divide(points, pull.down + held, out=np.zeros_like(scores), where=pull.down + held > 0)
    return new


def _spread(scores: Floats, played: Floats, part: Codes, share_of_part: Floats) -> Floats:
    """Scale the scores of each connected part to its share of the items.

    Strengths of items that no chain of comparisons links cannot be compared; this makes them defined all the same.
    """
    scores = np.where(played > 0, scores, 1.0)
    mass = np.bincount(part, scores, len(share_of_part))
    empty = (mass == 0)[part]
    if empty.any():
        scores = np.where(empty, 1.0, scores)
        mass = np.bincount(part, scores, len(share_of_part))
    scaled: Floats = scores * (share_of_part / mass)[part]
    return scaled


def _still_to_go(history: list[float]) -> float:
    """Estimate how far the scores are from where they are going."""
    if history[-1] == 0.0:
        return 0.0
    if len(history) < 3 or history[-2] == 0.0:
        return np.inf
    factor = history[-1] / history[-2]
    return history[-1] * max(1.0, factor / (1 - factor)) if factor < 1 else np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Standard errors from the expected information, shape (n_items,); infinite where the data do not bound an item.

    `log_strength` is measured against the mean of the item's connected part, or against the imagined item of a prior;
    `log_odds` is that of the item's share of its part's scores.
    """

    log_strength: Floats
    log_odds: Floats


def standard_errors(pairs: PairCounts, strengths: Strengths, prior: float = 0.0, seed: int = 0) -> Errors:
    """Standard errors of the fitted strengths.

    Above 2,000 items the diagonal of the inverse is estimated from random probes (Hutchinson's method around the
    inverse of the diagonal), with a relative error of a few per cent, and the tie rate is taken as known. An item
    that always won or always lost has no finite strength: its errors are infinite.
    """
    weight, with_tie = _information(pairs, strengths)
    extra = np.zeros(pairs.n_items)
    if prior:
        extra = 2 * prior * strengths.scores * strengths.level / (strengths.scores + strengths.level) ** 2
    share = strengths.scores * (pairs.n_items / np.bincount(strengths.part))[strengths.part]
    if pairs.n_items <= DENSE:
        variance, with_share = _dense_variance(pairs, strengths, weight, with_tie, extra, share)
    else:
        variance, with_share = _probed_variance(pairs, strengths, weight, extra, share, seed)
    alone = np.bincount(strengths.part)[strengths.part] == 1
    undefined = (strengths.scores <= 0) | (alone & (extra == 0)) | ~np.isfinite(variance) | (share >= 1)
    # Variance of log(share_i) minus the log of the others' sum, each of whom moves it by its share of theirs.
    of_part = tally(strengths.part, share * with_share, len(np.bincount(strengths.part)))[strengths.part]
    others = np.where(undefined, 1.0, 1 - share)
    between = (with_share - share * variance) / others
    among = (of_part - 2 * share * with_share + share**2 * variance) / others**2
    return Errors(
        log_strength=np.where(undefined, np.inf, np.sqrt(np.maximum(variance, 0.0))),
        log_odds=np.where(undefined, np.inf, np.sqrt(np.maximum(variance - 2 * between + among, 0.0))),
    )


def _information(pairs: PairCounts, strengths: Strengths) -> tuple[Floats, Floats | None]:
    """Expected information of each pair: about the gap of its log strengths, and shared with the log tie rate."""
    one, two = strengths.scores[pairs.first], strengths.scores[pairs.second]
    middle = strengths.tie_rate * np.sqrt(one * two)
    below = one + two + middle
    below = np.where(below > 0, below, 1.0)
    tie = middle / below
    points = one / below + tie / 2
    weight = pairs.total * (one / below + tie / 4 - points**2)
    return weight, (pairs.total * tie * (0.5 - points) if strengths.tie_rate else None)


def _dense_variance(
    pairs: PairCounts, strengths: Strengths, weight: Floats, with_tie: Floats | None, extra: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Diagonal of the inverse information, the strengths' sum in each part held fixed, and its product with `share`."""
    n = pairs.n_items
    matrix = np.zeros((n, n))
    matrix[pairs.first, pairs.second] = -weight
    matrix[pairs.second, pairs.first] = -weight
    matrix[np.arange(n), np.arange(n)] = -matrix.sum(axis=1) + extra
    if with_tie is not None:
        cross = tally(pairs.first, with_tie, n) - tally(pairs.second, with_tie, n)
        one, two = strengths.scores[pairs.first], strengths.scores[pairs.second]
        tie = strengths.tie_rate * np.sqrt(one * two)
        tie = tie / (one + two + tie)
        own = float((pairs.total * tie * (1 - tie)).sum())
        if own > 0:
            matrix -= np.outer(cross, cross) / own
    inverse = np.linalg.pinv(matrix, rcond=1e-12, hermitian=True)
    return np.diag(inverse).copy(), np.where(np.equal.outer(strengths.part, strengths.part), inverse, 0.0) @ share


def _probed_variance(
    pairs: PairCounts, strengths: Strengths, weight: Floats, extra: Floats, share: Floats, seed: int
) -> tuple[Floats, Floats]:
    """The same two by solving linear equations: for random signs the diagonal is estimated, for `share` exact."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import LinearOperator, cg

    n = pairs.n_items
    off = coo_array((weight, (pairs.first, pairs.second)), shape=(n, n)).tocsr()
    diagonal = tally(pairs.first, weight, n) + tally(pairs.second, weight, n) + extra
    inverse = np.divide(1.0, diagonal, out=np.zeros(n), where=diagonal > 0)
    size = np.bincount(strengths.part)
    anchored = bool(extra.any())

    def centred(vector: Floats) -> Floats:
        if anchored:
            return vector
        centred: Floats = vector - (np.bincount(strengths.part, vector) / size)[strengths.part]
        return centred

    whole = LinearOperator((n, n), matvec=lambda x: diagonal * x - off @ x - off.T @ x, dtype=np.float64)
    before = LinearOperator((n, n), matvec=lambda x: inverse * x, dtype=np.float64)

    def solved(vector: Floats) -> Floats:
        return centred(cg(whole, centred(vector), rtol=1e-6, maxiter=1000, M=before)[0])

    rng = np.random.default_rng(seed)
    rest = np.zeros(n)
    for _ in range(PROBES):
        signs = rng.choice(np.array([-1.0, 1.0]), n)
        rest += signs * (solved(signs) - inverse * signs)
    variance: Floats = inverse + rest / PROBES
    return variance, solved(share)
