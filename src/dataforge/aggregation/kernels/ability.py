"""How much of the ability that a model of workers found shows on items that it was not learnt from.

A model with a matrix for each worker explains any answers, those of people who guess as well: it finds who agrees by
chance. So it is learnt without some of the items, and asked how probable their answers are. With the share s of their
ability workers answer by the matrix s · errors + (1 - s) · own, where `own` is how often each answers what, whatever is
right: 0 leaves nothing but their habits. Where the answers to left-out items are no more probable by the matrices than
by habits, nothing shows that the workers know anything, however alike some of them answered.

The share is the mean of its distribution given those answers. Before any it is 0, or 1, or something between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.engine import Engine, TableEngine, local
from dataforge.aggregation.kernels.hierarchical_dawid_skene import GUESSED, Fit, Parameters, kept_beliefs
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.sampling import sample_of, tasks_of

__all__ = [
    "LEAST_SHOWN",
    "Able",
    "Learn",
    "as_able_as_shown",
    "shown_ability",
    "shown_now",
    "with_ability",
    "without_doubt",
]

Learn = Callable[[TableEngine], Fit]
"""A fit to some of the items."""

SHARES = np.linspace(0.0, 1.0, 11)
# Before any answers: how probable it is that nothing shows, and that all does; the rest is for what lies between.
NOTHING, ALL = 0.45, 0.5
# With less than this share, chance explains the answers better than ability does.
LEAST_SHOWN = 0.4
# So many items with known answers show by themselves what workers are worth.
ENOUGH_KNOWN = 10
FOLDS = 5
# What a fit that goes on from another has of it is looked at again when there are so many times as many answers.
MORE_SHOWN = 1.5
# So many answers tell the share well enough; workers' matrices of more entries take too long.
MOST_ANSWERS, MOST_ENTRIES = 4_000, 8_000_000
FEWEST_ANSWERS = 200
LEAST = 1e-10
# Where the answers to a part of the items are so much likelier, by their logarithm, with ability than without, the
# other parts are taken to tell as much.
PLAIN = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Able(Fit):
    """A fit with as much of workers' ability as answers show, the share `shown` of what was `learnt` of them.

    That was looked at when there were so many answers, `shown_by`.
    """

    learnt: Parameters
    shown: float
    shown_by: int


def as_able_as_shown(
    engine: TableEngine, found: Fit, learn: Learn, damping: float, before: tuple[float, int] | None = None
) -> Able:
    """What `found` comes to with the ability that shows on items from which `learn` did not learn."""
    shown, shown_by = shown_now(engine, learn, before)
    parameters, posteriors = found.parameters, found.posteriors
    if shown < 1:
        errors = engine.by_worker(_errors_with_ability, parameters.errors, parameters.prior, shown)
        parameters = replace(parameters, errors=errors)
        posteriors = kept_beliefs(engine, parameters, damping)
    return Able(parameters, posteriors, found.loss_history, found.converged, found.parameters, shown, shown_by)


def without_doubt(parameters: Parameters, shown: float) -> Parameters | None:
    """The parameters as they were learnt, of which such a share is left; None where hardly anything is."""
    if shown >= 1 or shown < LEAST_SHOWN:
        return parameters if shown >= 1 else None
    own = parameters.errors @ parameters.prior
    return replace(parameters, errors=(parameters.errors - (1 - shown) * own[:, None]) / shown)


def shown_now(engine: Engine, learn: Learn, before: tuple[float, int] | None) -> tuple[float, int]:
    """The share that shows, and by how many answers.

    `before` has the same of a time when there were fewer: it holds until there are half as many more.
    """
    if before is None or engine.n_answers >= MORE_SHOWN * before[1]:
        return shown_ability(engine, learn), engine.n_answers
    return (1.0, before[1]) if _enough_known(engine) else before


def with_ability(parameters: Parameters, share: float) -> Parameters:
    """The parameters of workers of whose ability such a share is left."""
    return replace(parameters, errors=_errors_with_ability(parameters.errors, parameters.prior, share))


def _errors_with_ability(errors: Floats, prior: Floats, share: float) -> Floats:
    own = errors @ prior
    return share * errors + (1 - share) * own[:, None]


def shown_ability(engine: Engine, learn: Learn) -> float:
    """The share of workers' ability that answers to items show which `learn` did not see, from 0 to 1.

    Items whose answers are known are learnt from, and asked nothing: who knows them too may guess elsewhere. 1 where
    nothing could show it: no two other items have several answers, or there are too many labels; and where so many
    answers are known that they show what workers are worth. Neither the order of answers nor how the parts are cut
    changes anything.
    """
    most = min(MOST_ANSWERS, MOST_ENTRIES // max(engine.n_labels, 1) ** 2)
    if engine.n_labels < 2 or most < FEWEST_ANSWERS or _enough_known(engine):
        return 1.0
    sample = sample_of(engine, most)
    unknown = np.ones(sample.n_tasks, bool) if sample.known is None else sample.known < 0
    if unknown.sum() < 2:
        return 1.0
    fold = np.where(unknown, (unknown.cumsum() - 1) % FOLDS, -1)
    told, parts = np.zeros(len(SHARES)), min(FOLDS, int(unknown.sum()))
    for number in range(parts):
        rest, left_out = (tasks_of(sample, np.flatnonzero(kept)) for kept in (fold != number, fold == number))
        told += _told(left_out, learn(local(rest, 1, compiled=False)).parameters)
        if number and told.max() - told[0] > PLAIN:
            told *= parts / (number + 1)
            break
    beforehand = np.full(len(SHARES), (1 - NOTHING - ALL) / (len(SHARES) - 2))
    beforehand[[0, -1]] = NOTHING, ALL
    likely = np.log(beforehand) + told
    likely = np.exp(likely - likely.max())
    return float(likely @ SHARES / likely.sum())


def _enough_known(engine: Engine) -> bool:
    """Whether known answers show by themselves what workers are worth."""
    return int(engine.total(_known)[0]) >= ENOUGH_KNOWN


def _known(part: Part) -> tuple[int]:
    """How many tasks with answers have a known one."""
    return (0 if part.known is None else int(((part.known >= 0) & (part.counts > 0)).sum()),)


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
