"""Rings: workers who give the same answers more often than honest ones could, mistakes above all.

A ring is one person with several accounts, people who pass answers on, or the same script run many times. Its members
are taken to answer from a common source, and by themselves in a share ε of cases:

    P(l_1 … l_m | ring) = Σ_s q(s) Π_j [(1 − ε) 1(l_j = s) + ε P(l_j | honest)]

Evidence for a set of workers is the ratio of that to what honest workers would give (see `honest`), over all items that
two of them answered, averaged over a few ε and two sources: one as often right as they are, and one that guesses. Among
n workers there are C(n, m) sets of m, so evidence has to exceed that number: then a crowd without rings shows one as
rarely as is asked for, whatever sets are looked at. Half of the error is spread evenly over the sets of a size, half by
how often their members answer otherwise than most: rings that do harm do, and what agreement shows beyond the members'
own habits does not depend on that.

An e-value in the sense of Vovk and Wang (2021), with Markov's inequality and a union bound over all sets that is
weighted as by Genovese, Roeder and Wasserman (2006).

What no search can find: an answer that is not the first of the ring to its item shows at most what was open of it, ln 2
with two labels of which half are wrong. Five among 200 need evidence of about 20 to 26, so 30 to 70 such answers; with
30 answers each on 1,000 items they have nine.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.honest import Honest, honest

__all__ = ["Ring", "rings", "weighed"]

BY_THEMSELVES = (0.02, 0.1, 0.3)
# A pair is looked at once it shares so many answers that most others do not give; the most such pairs, and beginnings.
LEAST_SHARED, MOST_PAIRS, MOST_STARTS = 2, 3_000, 60
# A ring may look weaker for a moment while it grows; of those who would join it best so many are tried.
PATIENCE, TRIED, JOINING = 2, 3, 0.1
# An item on which so many give a rare answer misleads everybody; pairs of them all would be many.
MOST_ALIKE = 300
# So many of those pairs are counted without a library that takes longer to load.
FEW_PAIRS = 1_000_000
# More than this share of a crowd is no ring but one of the ways in which the crowd sees the task.
LARGEST = 1 / 3
# How often a worker answers otherwise than most is drawn to the crowd's mean, worth so many answers.
MEAN = 2.0
# No model is exact: items beyond the first hundred show less and less.
IN_FULL, MISFIT = 100, 0.005
# How alike people see items is learnt of so many pairs; one of these shares, of those hardly worse than the best.
LOOKED_AT = 5_000
SHARES = np.array([0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
HARDLY_WORSE = 2.0


@dataclass(frozen=True)
class Ring:
    """Workers by their codes, and the natural logarithm of how much likelier their answers are if they are a ring.

    What is to be expected of the best of all sets of workers is taken off: at 0 it is as probable as not.
    """

    workers: tuple[int, ...]
    evidence: float


def rings(responses: Responses, probabilities: Floats, error: float = 0.2, model: Honest | None = None) -> list[Ring]:
    """Rings among the workers, the surest first; nobody is in two.

    `probabilities[i, l]` is how probable label l is for item i; `model` is that of honest workers, if it is there.
    With the probability `error` at most some ring is found in a crowd without any.
    """
    if len(responses.item) == 0:
        return []
    search = _Search(model or honest(responses, probabilities))
    found, taken, seen = [], set[int](), list[set[int]]()
    for start in search.starts:
        if taken.isdisjoint(start) and not any(ring.issuperset(start) for ring in seen):
            ring = search.grown(list(start), taken)
            seen.append(set(ring.workers))
            if ring.evidence > -np.log(error) and len(ring.workers) <= max(2, LARGEST * responses.n_workers):
                found.append(ring)
                taken.update(ring.workers)
    return sorted(found, key=lambda ring: -ring.evidence)


def weighed(responses: Responses, probabilities: Floats, workers: list[int]) -> tuple[float, float]:
    """How much likelier the answers are if these workers are a ring, as a logarithm; and what of it the best of all
    sets shows anyway.
    """
    model = honest(responses, probabilities)
    return _evidence(model, _background(model), workers), _expected(_log_unusual(model), workers)


class _Search:
    """Looks for rings from pairs that share rare answers."""

    def __init__(self, model: Honest) -> None:
        self._model = model
        self._background = _background(model)
        self._log_unusual = _log_unusual(model)
        shared = {pair: _evidence(model, self._background, list(pair)) for pair in _pairs(model)}
        by_evidence = sorted(shared, key=lambda pair: -shared[pair])
        self.starts = [pair for pair in by_evidence if shared[pair] > 0][:MOST_STARTS]

    def grown(self, members: list[int], taken: set[int]) -> Ring:
        """The surest ring on the way from a pair to larger ones, each with whoever joins it best."""
        best, waited = self._ring(members), 0
        while waited < PATIENCE:
            joining = _joining(self._model, members)
            joining[[*members, *taken]] = 0
            near = [worker for worker in np.argsort(-joining, kind="stable")[:TRIED].tolist() if joining[worker] > 0]
            if not near:
                break
            ring = max((self._ring([*members, worker]) for worker in near), key=lambda one: one.evidence)
            members = list(ring.workers)
            waited = 0 if ring.evidence > best.evidence else waited + 1
            best = max(best, ring, key=lambda one: one.evidence)
        return self._pruned(best)

    def _pruned(self, ring: Ring) -> Ring:
        """The ring without those who came to it early and do not belong."""
        while len(ring.workers) > 2:
            fewer = [self._ring([one for one in ring.workers if one != member]) for member in ring.workers]
            best = max(fewer, key=lambda one: one.evidence)
            if best.evidence <= ring.evidence:
                break
            ring = best
        return ring

    def _ring(self, members: list[int]) -> Ring:
        """A set of workers with its evidence, less what the best of all sets of its size, and of all sizes, has."""
        evidence = _evidence(self._model, self._background, members)
        return Ring(tuple(sorted(members)), evidence - _expected(self._log_unusual, members))


def _log_unusual(model: Honest) -> Floats:
    """How often each worker's answers are not the likeliest ones, squared, as a logarithm."""
    answers = model.answers
    unusual = answers.label != model.usual[answers.item]
    given = np.bincount(answers.worker, minlength=answers.n_workers)
    often = np.bincount(answers.worker[unusual], minlength=answers.n_workers)
    found: Floats = 2 * np.log((often + MEAN * unusual.mean() + 1e-9) / (given + MEAN))
    return found


def _expected(log_unusual: Floats, members: list[int]) -> float:
    """The evidence that the best set shows where there are no rings: the logarithm of how many sets weigh as much."""
    n, m = len(log_unusual), len(members)
    evenly = lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)
    # The sum over all sets of the products of their weights is at most the m-th power of the sum, by m!.
    by_weight = m * np.logaddexp.reduce(log_unusual) - lgamma(m + 1) - log_unusual[members].sum()
    return float(np.log(2) - np.logaddexp(-evenly, -by_weight) + np.log(m * (m - 1)))


def _pairs(model: Honest) -> list[tuple[int, int]]:
    """Pairs of workers who share answers that are not those of most, those with most first."""
    answers = model.answers
    given = model.counts[answers.item, answers.label]
    rare = (answers.label != model.usual[answers.item]) | (2 * given < model.counts[answers.item].sum(axis=1))
    rare &= (given > 1) & (given <= MOST_ALIKE)
    cells = answers.item[rare].astype(np.int64) * answers.n_labels + answers.label[rare]
    few = (given[rare] - 1).sum() <= FEW_PAIRS
    pairs, shared = (_few_shared if few else _shared)(cells, answers.worker[rare].astype(np.int64), answers.n_workers)
    pairs, shared = pairs[shared >= LEAST_SHARED], shared[shared >= LEAST_SHARED]
    most = pairs[np.argsort(-shared, kind="stable")[:MOST_PAIRS]]
    return list(zip((most // answers.n_workers).tolist(), (most % answers.n_workers).tolist(), strict=True))


def _shared(cells: Places, worker: Places, n_workers: int) -> tuple[Places, Places]:
    """Pairs of workers as numbers, one's times `n_workers` plus the other's, and in how many cells both are."""
    from scipy import sparse

    cells = np.unique(cells, return_inverse=True)[1].ravel()
    shape = (n_workers, int(cells.max(initial=0)) + 1)
    gave = sparse.csr_matrix((np.ones(len(cells), np.int64), (worker, cells)), shape=shape)
    both = sparse.triu(gave @ gave.T, k=1, format="coo")
    pairs = both.row.astype(np.int64) * n_workers + both.col
    order = np.argsort(pairs)
    return pairs[order], both.data[order]


def _few_shared(cells: Places, worker: Places, n_workers: int) -> tuple[Places, Places]:
    """The same in less time than the library takes to load, where there are few of them."""
    order = np.lexsort((worker, cells))
    cells, worker = cells[order], worker[order]
    found = [np.empty(0, np.int64)]
    for ahead in range(1, MOST_ALIKE):
        same = np.flatnonzero(cells[ahead:] == cells[:-ahead])
        if not len(same):
            break
        one, other = worker[same], worker[same + ahead]
        found.append((one * n_workers + other)[one != other])
    return np.unique(np.concatenate(found), return_counts=True)


def _evidence(model: Honest, background: float, workers: list[int]) -> float:
    """How much likelier their answers are if these workers are a ring, as a logarithm."""
    rows = model.rows_of(workers)
    return _of_a_ring(_ratios(model, rows), background) if len(rows) else 0.0


def _joining(model: Honest, members: list[int]) -> Floats:
    """How much likelier each worker's answers are if they come from the source of these members, as a logarithm.

    Roughly, to choose whose evidence is looked at: the members' own answers tell what the source says.
    """
    rows = np.concatenate([np.arange(model.begins[member], model.begins[member + 1]) for member in members])
    items, place = np.unique(model.answers.item[rows], return_inverse=True)
    right, others = model.without(rows, items, place)
    usual = model.tendency(right, others)
    said = np.log(usual)
    odds = np.log(1 + (1 - JOINING) / JOINING / usual)
    label = model.answers.label[rows]
    np.add.at(said, (place, label), odds[place, label])
    source = np.exp(said - said.max(axis=1, keepdims=True))
    source /= source.sum(axis=1, keepdims=True)
    rows = model.rows_on(items)
    place = np.searchsorted(items, model.answers.item[rows])
    worker, label = model.answers.worker[rows], model.answers.label[rows]
    own = (right[place] * model.matrices[worker, :, label] / model.crowd[:, label].T).sum(axis=1) * usual[place, label]
    likelier = np.log((1 - JOINING) * source[place, label] / np.minimum(own, 1) + JOINING)
    found: Floats = np.bincount(worker, likelier, model.answers.n_workers).astype(float)
    return found


def _ratios(model: Honest, rows: Places) -> Floats:
    """By way to be a ring (row) and item: how much likelier that makes the answers to it, which are sorted by item."""
    label, place = model.answers.label[rows], np.arange(len(rows))
    right, likely = model.foretold(rows)
    own = likely[place, :, label]
    begins = np.flatnonzero(np.diff(model.answers.item[rows], prepend=-1))
    expected = np.add.reduceat(likely, begins) / np.diff(begins, append=len(rows))[:, None, None]
    by_chance = (right * np.exp(np.add.reduceat(np.log(own), begins))).sum(axis=1)
    ways = []
    for share in BY_THEMSELVES:
        each = np.repeat(np.log(share * own)[:, :, None], likely.shape[2], axis=2)
        each[place, :, label] = np.log(1 - share + share * own)
        alike = np.exp(np.add.reduceat(each, begins))
        for source in (expected, (expected + 1 / likely.shape[2]) / 2):
            ways.append((right * (source * alike).sum(axis=2)).sum(axis=1) / by_chance)
    return np.array(ways)


def _of_a_ring(ratios: Floats, background: float) -> float:
    """The logarithm of the mean over all ways, against people of whom a share `background` of items is seen alike."""
    honest_ones = np.log1p(background * (ratios.mean(axis=0) - 1)).sum()
    evidence = float(np.logaddexp.reduce(np.log(ratios).sum(axis=1)) - np.log(len(ratios)) - honest_ones)
    return evidence / float(1 + MISFIT * max(ratios.shape[1] - IN_FULL, 0))


def _background(model: Honest) -> float:
    """In which share of cases two people of the crowd answer an item from a common source: what it suggests to both.

    Of the shares that explain one pair of answers to each item about as well as any the least.
    """
    rows = np.argsort(model.answers.item, kind="stable")
    item = model.answers.item[rows]
    first = np.flatnonzero((np.diff(item, prepend=-1) > 0) & (np.diff(item, append=-1) == 0))
    first = first[:: -(-len(first) // LOOKED_AT) or 1]
    if not len(first):
        return 0.0
    pairs = np.stack([rows[first], rows[first + 1]], axis=1).ravel()
    likelier = _ratios(model, pairs).mean(axis=0)
    fits = np.log1p(SHARES[:, None] * (likelier - 1)).sum(axis=1)
    return float(SHARES[np.argmax(fits >= fits.max() - HARDLY_WORSE)])
