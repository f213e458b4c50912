"""Answers of workers who may no longer be those who were measured.

With the probability `vouched` an answer comes from the worker whose parameters are known, else from one who guesses:
its likelihood is the mixture of the two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Floats
from dataforge.aggregation.consensus.base import Aggregator, Consensus, Responses
from dataforge.aggregation.consensus.hierarchical_dawid_skene import PLUGIN as BY_DEFAULT
from dataforge.runs.core.columns import Places

__all__ = ["Coded", "Doubts", "Unseen", "fitted", "no_surer", "probabilities_of", "with_what_shows"]

# So many answers of people who came for a few pages tell of each label nothing but what they say anyway.
ANYWAY = 2.0


class Doubts(NamedTuple):
    """What control items say of each answer: how probably it is of the worker who was measured, how often that worker
    is right at control items, and whether they are among those who may be one person.
    """

    vouched: Floats
    right: Floats
    as_one: Flags

    @classmethod
    def of_ability(cls, left: Floats) -> Doubts:
        """That so much of their workers' ability is left in the answers, and no more."""
        return cls(left, np.ones(len(left)), np.zeros(len(left), bool))

    def of(self, rows: Places) -> Doubts:
        """The same of some of the answers."""
        return Doubts(self.vouched[rows], self.right[rows], self.as_one[rows])


class Unseen(NamedTuple):
    """What is thought of each answer where nobody knows what is right, and whether it would count then."""

    doubts: Doubts
    counts: Flags


class Coded(NamedTuple):
    """Coded answers as aggregators take them, and the numbers of their items and of their responses in the run.

    No doubts where there are no control items and nobody has changed; `changed`: which answers are of workers who
    answer worse than before, since they do; `few`: which are to real items, by people who came for a few pages and are
    found to be worth less than those who stay; `unseen`: None where it is as if nobody knew anything.
    """

    answers: Responses
    items: Places
    doubts: Doubts | None = None
    changed: Flags | None = None
    rows: Places | None = None
    few: Flags | None = None
    unseen: Unseen | None = None

    @property
    def tried(self) -> Places:
        """The answers to items with known answers that would count if these were not known."""
        known = self.answers.known
        found = np.zeros(len(self.answers.item), bool) if known is None else known[self.answers.item] >= 0
        return np.flatnonzero(found if self.unseen is None else found & self.unseen.counts)

    def as_unknown(self, rows: Places, place: Places, items: NDArray[np.integer]) -> Coded:
        """Only these answers, each to the item at its `place` among `items`, which may come again; nothing is known."""
        answers = self.answers
        some = replace(
            answers,
            item=place.astype(np.int32),
            worker=answers.worker[rows],
            label=answers.label[rows],
            n_items=len(items),
            known=None,
            allowed=None if answers.allowed is None else answers.allowed[items],
        )
        doubts = self.doubts if self.unseen is None else self.unseen.doubts
        return Coded(some, self.items[items], None if doubts is None else doubts.of(rows))

    def of(self, rows: Flags) -> Coded:
        """Only these answers, to the same items."""
        answers, changed = self.answers, None if self.changed is None else self.changed[rows]
        some = replace(answers, item=answers.item[rows], worker=answers.worker[rows], label=answers.label[rows])
        return self._replace(answers=some, changed=changed, few=None)


def fitted(aggregator: Aggregator, coded: Coded, start: Consensus | None = None) -> Consensus:
    """What the aggregator finds; who has changed is another worker since, of whom only the answers are looked at.

    Of people who came for a few pages, and are worth less than those who stay, nothing is learnt but what they say
    beside these.
    """
    answers, changed = coded.answers, coded.changed
    if coded.few is not None and coded.few.any():
        found = fitted(aggregator, coded.of(~coded.few), start)
        if found.confusion is not None:
            return _beside_who_stays(found, answers, coded.few)
    if changed is None or not changed.any():
        return aggregator.fit(answers, start)
    since = np.flatnonzero(changed)
    named, place = np.unique(answers.worker[since], return_inverse=True)
    codes = answers.worker.copy()
    codes[since] = answers.n_workers + place
    skill = None if answers.skill is None else np.append(answers.skill, answers.skill[named])
    apart = replace(answers, worker=codes, n_workers=answers.n_workers + len(named), skill=skill)
    return aggregator.fit(apart, start).for_workers(np.arange(answers.n_workers))


def _beside_who_stays(found: Consensus, answers: Responses, few: Flags) -> Consensus:
    """The same with one matrix for all who came for a few pages: what they say where others find which label.

    One page shows of nobody what they say of which label, all of them together do. Where it does not show, they say of
    each label what they say anyway.
    """
    assert found.confusion is not None
    there = few & (np.bincount(answers.item[~few], minlength=answers.n_items) > 0)[answers.item]
    counts = np.zeros((answers.n_labels, answers.n_labels))
    np.add.at(counts.T, answers.label[there], found.probabilities[answers.item[there]])
    anyway = np.bincount(answers.label[few], minlength=answers.n_labels) + 1.0
    counts += ANYWAY * anyway / anyway.sum()
    confusion, skills = found.confusion.copy(), found.skills.copy()
    who = np.unique(answers.worker[few])
    confusion[who] = matrix = counts / counts.sum(axis=1, keepdims=True)
    if found.prior is not None:
        skills[who] = found.prior @ matrix.diagonal()
    return replace(found, confusion=confusion, skills=skills)


def with_what_shows(found: Consensus, coded: Coded, before: Consensus | None) -> Consensus:
    """The same with the share of workers' ability that shows, where the method does not look at that by itself.

    What any method makes of answers that agree by chance is chance; `before` is what was found of fewer answers.
    """
    if found.shown is not None:
        return found
    shown, shown_by = BY_DEFAULT.shown_in(coded.answers, before)
    return replace(found, shown=shown, shown_by=shown_by)


def probabilities_of(aggregator: Aggregator, coded: Coded, consensus: Consensus, found: Floats | None = None) -> Floats:
    """Probabilities of the labels under the workers' parameters; `found` are those if no answer is in doubt."""
    answers, doubts = coded.answers, coded.doubts
    if doubts is not None and (doubts.vouched < 1).any():
        found = aggregator.predict(*_split(answers, consensus, doubts.vouched))
    elif found is None:
        found = aggregator.predict(answers, consensus)
    return found if doubts is None else _capped(found, answers, doubts)


def _split(answers: Responses, consensus: Consensus, vouched: Floats) -> tuple[Responses, Consensus]:
    """The same with a further worker for each degree of doubt in a worker."""
    # Nearly all answers are in no doubt.
    doubted = np.flatnonzero(vouched < 1)
    degrees, degree = np.unique(vouched[doubted], return_inverse=True)
    kinds, kind = np.unique(answers.worker[doubted].astype(np.int64) * len(degrees) + degree, return_inverse=True)
    worker = np.concatenate([np.arange(answers.n_workers), kinds // len(degrees)])
    likely = np.concatenate([np.ones(answers.n_workers), degrees[kinds % len(degrees)]])
    codes = answers.worker.copy()
    codes[doubted] = answers.n_workers + kind
    guess = (1 - likely) / max(answers.n_labels, 1)
    known = consensus.for_workers(worker)
    confusion = known.confusion
    if confusion is not None:
        confusion = likely[:, None, None] * confusion + guess[:, None, None]
    return (
        replace(
            answers,
            worker=codes,
            n_workers=len(worker),
            skill=None if answers.skill is None else likely * answers.skill[worker] + guess,
        ),
        replace(known, skills=likely * known.skills + guess, confusion=confusion),
    )


def _capped(probabilities: Floats, answers: Responses, doubts: Doubts) -> Floats:
    """At most as sure as control items show.

    An aggregator takes answers that nobody else checks at their word: shares of votes, and label frequencies that one
    worker has made alone. Several answers to an item leave as little doubt as if none knew of another; of those that
    may be one person's only the best counts.
    """
    even = 1 / max(answers.n_labels, 1)
    vouched, right, as_one = doubts
    shown = vouched * right + (1 - vouched) * even
    each = 1 - np.minimum(np.maximum((shown - even) / max(1 - even, even), 0), 1)
    doubt = np.ones(answers.n_items)
    if as_one.any():
        of_one = np.ones(answers.n_items)
        np.multiply.at(doubt, answers.item[~as_one], each[~as_one])
        np.minimum.at(of_one, answers.item[as_one], each[as_one])
        doubt *= of_one
    else:
        np.multiply.at(doubt, answers.item, each)
    return no_surer(probabilities, 1 - doubt * (1 - even))


def no_surer(probabilities: Floats, cap: Floats) -> Floats:
    """These probabilities, mixed with an even guess until the surest label of each item is no surer than its cap."""
    even = 1 / max(probabilities.shape[1], 1)
    surest = probabilities.max(axis=1, initial=0.0)
    mixed = np.divide(surest - cap, surest - even, out=np.zeros_like(surest), where=surest > np.maximum(cap, even))
    result: Floats = probabilities + mixed[:, None] * (even - probabilities)
    return result
