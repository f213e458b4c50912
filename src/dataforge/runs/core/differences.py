"""In what a launch differs from the run that has its name already: each setting by its name, as it was and as it is."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass

from dataforge.changes.terms import Difference, changeable, differing, terms_of, within
from dataforge.data import contents
from dataforge.data.items import Items
from dataforge.records import Publication, Terms
from dataforge.runs.core.folder import Description, RunFolder

__all__ = ["Differences", "asks_the_same", "differences", "has_the_items"]


@dataclass(frozen=True)
class Differences:
    """In what a launch differs from a run: in the run's `terms`, some of which may change, and in the `rest`."""

    terms: tuple[Difference, ...]
    rest: tuple[str, ...]
    changeable: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.terms or self.rest)

    def __str__(self) -> str:
        return "; ".join([*(one.said("here") for one in self.terms), *self.rest])


def differences(folder: RunFolder, description: Description, items: Items) -> Differences:
    """In what a launch differs from the run that is in the folder.

    Who launches what the run was launched with goes on with it, also when it was changed since.
    """
    there = folder.describe()
    was = there.terms()
    # What an older version did not know of, the run was launched without.
    known = {name: value for name, value in description.policy.items() if name in there.policy}
    now = Terms(known, description.publication)
    found = differing(was, now)
    if found:
        was = terms_of(folder.path)
        found = differing(was, now)
    rest = [
        *within("platform", there.platform, description.platform),
        *within("platform", there.settings, description.settings),
        *within("open", there.open, description.open),
    ]
    if (there.publication.training is None) is not (description.publication.training is None):
        rest.append(Difference("training", _trained(there.publication), _trained(description.publication)))
    said = (*(one.said("here") for one in rest), *_of_items(folder, items))
    return Differences(tuple(found), said, changeable(was, now))


def _trained(publication: Publication) -> str:
    """What of a training is said where two differ."""
    training = publication.training
    return "no training" if training is None else f"{len(training.items)} items, such as {training.items[0].inputs}"


def asks_the_same(folder: RunFolder, description: Description, items: Items) -> bool:
    """Whether a launch asks the same people the same as the run that is in the folder, whatever their policies."""
    there = folder.describe()
    return (
        there.publication.task == description.publication.task
        and (there.platform, there.settings) == (description.platform, description.settings)
        and has_the_items(folder, items)
    )


def has_the_items(folder: RunFolder, items: Items) -> bool:
    """Whether the run in the folder was launched with these items."""
    return not any(_of_items(folder, items))


# --- items ----------------------------------------------------------------------------------------


def _of_items(folder: RunFolder, items: Items) -> Iterator[str]:
    there, given = folder.load_items(items.task), _as_stored(folder, items)
    if _counts(there) != _counts(given):
        yield f"items: there were {_counts(there)}, here are {_counts(given)} (run.add brings further ones)"
    elif not _same(there, given):
        yield _first_difference(there, given)


def _as_stored(folder: RunFolder, items: Items) -> Items:
    """The items as they are once they were stored, so that like is compared with like."""
    aside = folder.path / f"compare.{os.getpid()}.parquet"
    try:
        items.save(aside)
        return Items.load(aside, items.task)
    finally:
        aside.unlink(missing_ok=True)


def _counts(items: Items) -> str:
    return f"{items.real_count:,} and {items.control_count:,} control items"


def _same(there: Items, given: Items) -> bool:
    return (
        there.keys == given.keys
        and bool((there.control == given.control).all())
        and there.values.equals(given.values)
        and there.answers.equals(given.answers)
        and there.drafts.equals(given.drafts)
        and there.rows.equals(given.rows)
    )


def _first_difference(there: Items, given: Items) -> str:
    pairs = zip(contents.contents(there), contents.contents(given), strict=True)
    found = next(itertools.dropwhile(lambda pair: _alike(*pair), pairs), None)
    if found is None:
        return "items: the same rows, in columns of other types or names"
    one, other = found
    if one.key != other.key:
        return f"items: item {one.place + 1} was {one.key!r}, is {other.key!r} here"
    parts = [items.part(one.place, one.place + 1) for items in (there, given)]
    return f"items: item {one.key!r}: {' and '.join(contents.differences(*parts))}"


def _alike(one: contents.Content, other: contents.Content) -> bool:
    return (one.key, one.digest) == (other.key, other.digest)
