"""Sets of parts merged: parts of one object put together, objects told from inventions, places and labels made one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.cluster_labels import Labelled, label_clusters
from dataforge.aggregation.kernels.clusters import Pairs, clusters
from dataforge.aggregation.kernels.detection import Detected, Rates, Sightings, detect
from dataforge.aggregation.kernels.likeness import Sets, likeness
from dataforge.aggregation.kernels.orders import in_order, item_keys
from dataforge.aggregation.merging._camps import between_camps
from dataforge.aggregation.merging._sets import Clustered, Drawn, Kind, Merging, read
from dataforge.aggregation.merging._workers import row_of_each
from dataforge.aggregation.merging.base import Answers, Merged

__all__ = ["RIGHT", "merge_sets"]

# A merged set is right if it is as like the true one as this.
RIGHT = 0.75
# Parts with two labels are put together if nothing of the same label is nearer, all but by so much.
OTHER_LABEL = 0.25
# The shapes on an item tell as much of workers as so many times those that half of them drew at most.
MOST_PER_USUAL = 3.0
# An answer of fewer parts is no flood, however few the others have.
LEAST_FLOOD = 10
# A worker of whom nothing is known.
UNKNOWN_SKILL = 0.8
# How the logarithm of a skill is shared out if nothing else is known: to objects that are drawn at all, to their
# places, and to their labels where there are some.
SHARES = {True: (0.5, 0.3, 0.2), False: (0.6, 0.4, 0.0)}


@dataclass(frozen=True, slots=True, eq=False)
class _Abilities:
    """What is known of workers; NaN and None where it is to be learnt. The last worker knows everything."""

    rates: Rates | None
    precision: Floats
    accuracy: Floats

    @classmethod
    def of_columns(cls, columns: Floats) -> _Abilities:
        """What `columns` gave."""
        placing, labelling = np.where(np.isnan(columns[:, 3:]), UNKNOWN_SKILL, columns[:, 3:]).T
        return cls(Rates.of_columns(columns[:, :3]), np.append(placing, 1.0), np.append(labelling, 1.0))


def merge_sets(kind: Kind, settings: Mapping[str, Any], answers: Answers, skills: Floats | None) -> Merged:
    """The merged set of each item, how probably it is right, and how like the truth each worker's sets are."""
    labels = max(len(settings.get("options") or ()), 1)
    drawn = read(answers, kind)
    labels = max(labels, len(drawn.labels))
    clustered = _clustered(drawn, kind.pairs(drawn))
    sightings, told = _sightings(answers, clustered), _told(answers, skills)
    # What was learnt is what is claimed by, now and later.
    learnt = _learnt(kind, answers, clustered, sightings, labels, told) if skills is None else skills
    abilities = _abilities(learnt, labels, answers.worker_count)
    detected, merging, label = _seen(kind, clustered, sightings, labels, abilities)
    presence = detected.presence
    kept = presence >= 0.5
    values = _values(kind, answers, clustered, merging, label, np.flatnonzero(kept))
    sets = Sets(
        item=clustered.item,
        kept=kept,
        presence=presence,
        label=label.probability,
        loss=merging.loss,
        loss_deviation=merging.loss_deviation,
        exact=merging.exact,
        inexact=merging.inexact,
        unseen=detected.unseen,
    )
    most = np.minimum(
        _undecided(answers, clustered, kept), between_camps(answers, clustered, kept, _sober(answers, clustered))
    )
    claimed = np.minimum(likeness(sets, RIGHT), most)
    confidence = np.where(_shown(answers, told), claimed, np.nan)
    confidence[list(answers.known)] = 1.0
    skill = learnt if learnt.ndim == 1 else learnt[:, 0]
    return Merged(values, confidence.astype(np.float32), skill, learnt if learnt.ndim > 1 else None)


def _seen(
    kind: Kind, clustered: Clustered, sightings: Sightings, labels: int, abilities: _Abilities
) -> tuple[Detected, Merging, Labelled]:
    """Which clusters are objects, one part of each, and its label, by these abilities."""
    detected, drawn = detect(sightings, abilities.rates), clustered.drawn
    merging = kind.merge(clustered, detected.presence, abilities.precision)
    return (
        detected,
        merging,
        label_clusters(drawn.label, clustered.cluster, drawn.worker, detected.presence, labels, abilities.accuracy),
    )


def _learnt(
    kind: Kind, answers: Answers, clustered: Clustered, sightings: Sightings, labels: int, told: Flags
) -> Floats:
    """The skill of each worker, and behind it the rates, the precision and the accuracy that make it up."""
    seen = _seen(kind, clustered, sightings, labels, _abilities(None, labels, answers.worker_count))
    detected, merging, label = seen
    skill = np.where(told, _skills(*seen, answers), np.nan)
    return np.column_stack([skill, detected.rates.columns(), merging.precision[:-1], label.accuracy[:-1]])


def _clustered(drawn: Drawn, pairs: Pairs) -> Clustered:
    other = drawn.label[pairs.first] != drawn.label[pairs.second]
    found = clusters(pairs, pairs.overlap - OTHER_LABEL * other, drawn.turn).astype(np.int64)
    count = int(found.max(initial=-1)) + 1
    item = np.zeros(count, np.int64)
    item[found] = drawn.item
    # Within an item from left to right, whoever drew first.
    place = np.bincount(found, drawn.numbers[:, 0], count) / np.bincount(found, minlength=count)
    order = in_order(item_keys(item, place, place.min(initial=0.0), place.max(initial=0.0)))
    number = np.empty(count, np.int64)
    number[order] = np.arange(count)
    return Clustered(drawn, number[found], item[order])


def _sightings(answers: Answers, clustered: Clustered) -> Sightings:
    drawn = clustered.drawn
    by_worker = drawn.answer < len(answers.values)
    weight, witnessed = _weights(answers, clustered)
    return Sightings(
        cluster=clustered.cluster[by_worker],
        worker=drawn.worker[by_worker],
        item=clustered.item,
        known=_known(answers, clustered),
        answer_item=answers.items,
        answer_worker=answers.workers,
        weight=weight,
        worth=weight * witnessed,
        item_count=answers.item_count,
        worker_count=answers.worker_count,
    )


def _weights(answers: Answers, clustered: Clustered) -> tuple[Floats, Flags]:
    """What each cluster counts, and which of them somebody drew whose answer is no flood.

    Those of one answer count together no more than a few times what most answers there have. So nobody who draws a
    thousand shapes on one item makes all others seem to miss as many. What somebody else drew too counts as one of
    theirs. People who send the same flood agree with each other as well as anybody can: only what others see shows
    how much there is.
    """
    drawn = clustered.drawn
    drew, most = _drew(answers, clustered)
    share, sober = np.minimum(1.0, most / np.maximum(drew, 1.0)), _sober(answers, clustered)
    weight = np.zeros(len(clustered.item))
    np.maximum.at(weight, clustered.cluster, share[drawn.answer])
    witnessed = np.zeros(len(clustered.item), bool)
    np.logical_or.at(witnessed, clustered.cluster, sober[drawn.answer])
    return weight, witnessed


def _drew(answers: Answers, clustered: Clustered) -> tuple[Places, Floats]:
    """How many parts each answer has, and how many tell anything at most: a few times those that half of them have."""
    drawn = clustered.drawn
    drew = np.bincount(drawn.answer, minlength=len(drawn.values))
    by_workers = drew[: len(answers.values)]
    stride = int(by_workers.max(initial=0)) + 1
    # Sorted by item, and by how many parts there are within each.
    ranked = np.sort(answers.items * np.int64(stride) + by_workers) % stride
    asked = np.bincount(answers.items, minlength=answers.item_count)
    usual = np.zeros(answers.item_count)
    there = asked > 0
    usual[there] = ranked[(np.cumsum(asked) - asked + (asked - 1) // 2)[there]]
    return drew, MOST_PER_USUAL * np.maximum(usual[drawn.items], 1.0)


def _sober(answers: Answers, clustered: Clustered) -> Flags:
    """Which answers are no flood."""
    drew, most = _drew(answers, clustered)
    sober: Flags = drew <= np.maximum(most, LEAST_FLOOD)
    # What is known is no flood, however little the workers drew.
    sober[len(answers.values) :] = True
    return sober


def _undecided(answers: Answers, clustered: Clustered, kept: Flags) -> Floats:
    """How sure the set of each item can be at most, where one voice more or less would give another one.

    An answer contradicts the set if either has a few times as many parts as both have in common, and they are many. Of
    those who agree with each other in many parts nobody can tell whether they are several people. Where they are no
    more than one voice ahead, s for the set and c against it, it is right with the probability (s + 1) / (s + c + 2).
    """
    drawn, count = clustered.drawn, len(answers.values)
    drew = np.bincount(drawn.answer, minlength=count)[:count]
    both = np.bincount(drawn.answer, kept[clustered.cluster], count)[:count]
    there = np.bincount(clustered.item, kept, answers.item_count)
    larger = np.maximum(drew, there[answers.items])
    against = (larger > MOST_PER_USUAL * both) & (larger >= LEAST_FLOOD)
    speak = np.bincount(answers.items, ~against, answers.item_count)
    contra = _of_one_voice(answers, clustered, drew, against)
    most: Floats = np.where((contra > 0) & (contra >= speak - 1), (speak + 1) / (speak + contra + 2), 1.0)
    return most


def _of_one_voice(answers: Answers, clustered: Clustered, drew: Places, against: Flags) -> Floats:
    """How many of the answers against the set of each item agree: those of few parts, and of the others as many as have
    one of their parts on average.
    """
    drawn, count = clustered.drawn, len(answers.values)
    few = np.bincount(answers.items, against & (drew < LEAST_FLOOD), answers.item_count)
    many = np.append(against & (drew >= LEAST_FLOOD), np.zeros(len(drawn.values) - count, bool))[drawn.answer]
    drawers = np.bincount(clustered.cluster[many], minlength=len(clustered.item))
    parts = np.bincount(drawn.item[many], minlength=answers.item_count)
    agree = np.bincount(drawn.item[many], drawers[clustered.cluster[many]], answers.item_count)
    found: Floats = few + agree / np.maximum(parts, 1)
    return found


def _known(answers: Answers, clustered: Clustered) -> Floats:
    """What the known answers tell of each cluster: 1 an object, 0 none, NaN nothing."""
    known = np.full(answers.item_count, np.nan)
    known[list(answers.known)] = 0.0
    result: Floats = known[clustered.item]
    result[clustered.cluster[clustered.drawn.answer >= len(answers.values)]] = 1.0
    return result


def _abilities(skills: Floats | None, labels: int, workers: int) -> _Abilities:
    if skills is None:
        nothing = np.append(np.full(workers, np.nan), 1.0)
        return _Abilities(None, nothing, nothing)
    if skills.ndim > 1:
        return _Abilities.of_columns(row_of_each(skills))
    skill = np.clip(np.where(np.isnan(skills), UNKNOWN_SKILL, skills), 0.05, 0.995)
    drawing, placing, labelling = SHARES[labels > 1]
    return _Abilities(Rates.of_recall(skill**drawing), np.append(skill**placing, 1.0), np.append(skill**labelling, 1.0))


def _values(
    kind: Kind, answers: Answers, clustered: Clustered, merging: Merging, label: Labelled, kept: Places
) -> list[Any]:
    """An answer to each item of the parts that are kept, which are sorted by item."""
    labels = clustered.drawn.labels
    parts = merging.parts(kept, [labels[code] for code in label.label[kept].tolist()])
    ends = np.searchsorted(clustered.item[kept], np.arange(answers.item_count + 1)).tolist()
    values: list[Any] = [None] * answers.item_count
    for item, like in dict(zip(answers.items.tolist()[::-1], answers.values[::-1], strict=True)).items():
        values[item] = kind.whole(like, parts[ends[item] : ends[item + 1]])
    for item, value in answers.known.items():
        values[item] = value
    return values


def _told(answers: Answers, skills: Floats | None) -> Flags:
    """Of which workers something is known: their skill is given, or somebody else answered what they did."""
    if skills is not None:
        return ~np.isnan(skills if skills.ndim == 1 else skills[:, 0])
    times = np.bincount(answers.items, minlength=answers.item_count)
    times[list(answers.known)] += 2
    return np.bincount(answers.workers, times[answers.items] > 1, answers.worker_count) > 0


def _shown(answers: Answers, told: Flags) -> Flags:
    """Which items have an answer of a known worker, or several."""
    times = np.bincount(answers.items, minlength=answers.item_count)
    known = np.bincount(answers.items, told[answers.workers], answers.item_count)
    shown: Flags = (times > 1) | (known > 0)
    return shown


def _skills(detected: Detected, merging: Merging, label: Labelled, answers: Answers) -> Floats:
    """How like the truth a set of each worker is, on average."""
    rates, last = detected.rates, answers.worker_count
    right = rates.recall * merging.precision[:last] * label.accuracy[:last] * rates.objects
    skill: Floats = np.clip(2 * right / (rates.objects * (1 + rates.recall) + rates.inventions), 0.0, 1.0)
    return skill
