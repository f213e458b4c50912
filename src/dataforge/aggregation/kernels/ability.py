"""How much of the ability that a model of workers found shows on items that it was not learnt from.

A model with a matrix for each worker explains any answers, those of people who guess as well: it finds who agrees by
chance. So it is learnt without some of the items, and asked how probable their answers are. With the share s of their
ability workers answer by the matrix s · errors + (1 - s) · own, where `own` is how often each answers what, whatever is
right: 0 leaves nothing but their habits. Where the answers to left-out items are no more probable by the matrices than
by habits, nothing shows that the workers know anything, however alike some of them answered.

The share is the mean of its distribution given those answers. Before any it is 0, or 1, or something between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.engine import Engine, local
from dataforge.aggregation.kernels.grouping import ordered
from dataforge.aggregation.kernels.hierarchical_dawid_skene import GUESSED, Fit, Parameters, believed_of
from dataforge.aggregation.kernels.parts import Part

__all__ = ["LEAST_SHOWN", "Able", "Learn", "as_able_as_shown", "shown_ability", "with_ability"]

Learn = Callable[[Engine], Fit]
"""A fit to some of the items."""

SHARES = np.linspace(0.0, 1.0, 11)
# Before any answers: how probable it is that nothing shows, and that all does; the rest is for what lies between.
NOTHING, ALL = 0.45, 0.5
# With less than this share, chance explains the answers better than ability does.
LEAST_SHOWN = 0.4
# So many items with known answers show by themselves what workers are worth.
ENOUGH_KNOWN = 10
FOLDS = 5
# So many answers tell the share well enough; workers' matrices of more entries take too long.
MOST_ANSWERS, MOST_ENTRIES = 4_000, 8_000_000
FEWEST_ANSWERS = 200
LEAST = 1e-10
# Odd numbers that mix the bits of a product (Steele, Lea and Flood, 2014).
MIXERS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Able(Fit):
    """A fit with as much of workers' ability as answers show, the share `shown` of what was `learnt` of them."""

    learnt: Parameters
    shown: float


def as_able_as_shown(engine: Engine, found: Fit, learn: Learn, damping: float) -> Able:
    """What `found` comes to with the ability that shows on items from which `learn` did not learn."""
    shown, parameters, posteriors = shown_ability(engine, learn), found.parameters, found.posteriors
    if shown < 1:
        parameters = with_ability(parameters, shown)
        posteriors = engine.keep(believed_of, parameters, damping)
    return Able(parameters, posteriors, found.loss_history, found.converged, found.parameters, shown)


def with_ability(parameters: Parameters, share: float) -> Parameters:
    """The parameters of workers of whose ability such a share is left."""
    own = parameters.errors @ parameters.prior
    return replace(parameters, errors=share * parameters.errors + (1 - share) * own[:, None])


def shown_ability(engine: Engine, learn: Learn) -> float:
    """The share of workers' ability that answers to items show which `learn` did not see, from 0 to 1.

    Items whose answers are known are learnt from, and asked nothing: who knows them too may guess elsewhere. 1 where
    nothing could show it: no two other items have several answers, or there are too many labels; and where so many
    answers are known that they show what workers are worth. Neither the order of answers nor how the parts are cut
    changes anything, but for how many of several items with the same answers are looked at where there are too many.
    """
    known = int(engine.total(_known)[0])
    most = min(MOST_ANSWERS, MOST_ENTRIES // max(engine.n_labels, 1) ** 2)
    if engine.n_labels < 2 or known >= ENOUGH_KNOWN or most < FEWEST_ANSWERS:
        return 1.0
    sample = _joined(engine.each(_sampled, most / max(engine.n_answers, 1)))
    unknown = np.ones(sample.n_tasks, bool) if sample.known is None else sample.known < 0
    if unknown.sum() < 2:
        return 1.0
    fold = np.where(unknown, (unknown.cumsum() - 1) % FOLDS, -1)
    told = np.zeros(len(SHARES))
    for number in range(min(FOLDS, int(unknown.sum()))):
        rest, left_out = (_tasks(sample, np.flatnonzero(kept)) for kept in (fold != number, fold == number))
        told += _told(left_out, learn(local(rest, 1, compiled=False)).parameters)
    beforehand = np.full(len(SHARES), (1 - NOTHING - ALL) / (len(SHARES) - 2))
    beforehand[[0, -1]] = NOTHING, ALL
    likely = np.log(beforehand) + told
    likely = np.exp(likely - likely.max())
    return float(likely @ SHARES / likely.sum())


def _known(part: Part) -> tuple[int]:
    """How many tasks with answers have a known one."""
    return (0 if part.known is None else int(((part.known >= 0) & (part.counts > 0)).sum()),)


# --- which items ----------------------------------------------------------------------------------


def _sampled(part: Part, share: float) -> Part:
    """The tasks that can show anything, of those without a known answer such a share.

    Which ones follows from what was answered, and not from where they lie.
    """
    shows = part.counts > 1
    if part.known is not None:
        shows |= (part.known >= 0) & (part.counts > 0)
    tasks = np.flatnonzero(shows)
    contents = _contents(part)[tasks]
    order = np.argsort(contents, kind="stable")
    tasks, contents = tasks[order], contents[order]
    if share < 1:
        # Tasks with the same answers are told apart by their number among them.
        number = np.arange(len(contents)) - np.searchsorted(contents, contents)
        chance = _mixed(contents + number.astype(np.uint64) * MIXERS[0])
        kept = chance < np.uint64(share * (2.0**64 - 2048))
        tasks = tasks[kept if part.known is None else kept | (part.known[tasks] >= 0)]
    return _tasks(part, tasks)


def _contents(part: Part) -> Hashes:
    """A number for each task that follows from its answers, in whatever order they are."""
    answers = _mixed(part.answers.astype(np.uint64) + MIXERS[0])
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(answers, dtype=np.uint64)])
    starts = part.offsets - part.offsets[0]
    found: Hashes = _mixed(sums[starts[1:]] - sums[starts[:-1]])
    return found


def _mixed(numbers: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * MIXERS[1]
        numbers = (numbers ^ (numbers >> np.uint64(27))) * MIXERS[2]
    found: Hashes = numbers ^ (numbers >> np.uint64(31))
    return found


def _tasks(part: Part, tasks: Places) -> Part:
    """These tasks alone, in this order."""
    counts = part.counts[tasks]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    starts = part.offsets[:-1][tasks] - part.offsets[0]
    places = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
    return replace(
        part,
        offsets=offsets,
        row=part.answers[places],
        known=None if part.known is None else part.known[tasks],
        allowed=None if part.allowed is None else part.allowed[tasks],
        once=None,
        compiled=False,
    )


def _joined(parts: Sequence[Part]) -> Part:
    """All tasks as one part, in the order of their contents, with codes for those workers alone who are there."""
    counts = np.concatenate([part.counts for part in parts])
    contents = np.concatenate([_contents(part) for part in parts])
    rows = np.concatenate([part.answers for part in parts])
    n_labels = parts[0].n_labels
    there, worker = np.unique(rows // n_labels, return_inverse=True)
    place = np.empty(len(contents), np.int64)
    order = np.argsort(contents, kind="stable")
    place[order] = np.arange(len(order))
    known = [part.known for part in parts if part.known is not None]
    allowed = [part.allowed for part in parts if part.allowed is not None]
    shape = len(contents), len(there), n_labels
    return ordered(
        np.repeat(place, counts),
        worker,
        rows % n_labels,
        shape,
        known=np.concatenate(known)[order] if known else None,
        allowed=np.concatenate(allowed)[order] if allowed else None,
    )


# --- how probable their answers are ---------------------------------------------------------------


def _told(part: Part, parameters: Parameters) -> Floats:
    """The logarithm of how probable the part's answers are, for each of `SHARES`; each task has some."""
    n_labels = part.n_labels
    errors, starts = parameters.errors[part.answers], part.offsets[:-1]
    own = (errors @ parameters.prior)[:, None]
    shares = np.log(np.maximum(np.outer(parameters.difficulties, parameters.prior), LEAST))
    open_to = np.zeros((part.n_tasks, n_labels))
    if part.allowed is not None:
        open_to[~part.allowed] = -np.inf
    found = np.empty(len(SHARES))
    for number, share in enumerate(SHARES):
        able = share * errors + (1 - share) * own
        joint = [
            open_to + share_of + np.add.reduceat(np.log(np.maximum((1 - g) * able + g / n_labels, LEAST)), starts)
            for g, share_of in zip(GUESSED, shares, strict=True)
        ]
        found[number] = np.logaddexp.reduce(np.concatenate(joint, axis=1), axis=1).sum()
    return found
