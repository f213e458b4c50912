"""In what a launch differs from the run that has its name already: each setting by its name, as it was and as it is."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import msgspec

from dataforge import contents
from dataforge.items import Items
from dataforge.policy import Policy
from dataforge.runs.core.folder import Description, RunFolder

__all__ = ["asks_the_same", "differences"]

MOST_SHOWN = 40
BEFORE = 12


def differences(folder: RunFolder, description: Description, items: Items) -> list[str]:
    """In what a launch differs from the run that is in the folder, in words; empty if in nothing."""
    there = folder.describe()
    # What an older version did not know of, the run was launched without.
    asked = {name: value for name, value in description.policy.items() if name in there.policy}
    return [
        *_changes("task", _json(there.publication.task), _json(description.publication.task)),
        *_changes("policy", _normal(there.policy), _normal(asked)),
        *_changes("platform", there.platform, description.platform),
        *_changes("platform", there.settings, description.settings),
        *_changes("open", there.open, description.open),
        *_of_items(folder, items),
    ]


def asks_the_same(folder: RunFolder, description: Description, items: Items) -> bool:
    """Whether a launch asks the same people the same as the run that is in the folder, whatever their policies."""
    there = folder.describe()
    return (
        there.publication.task == description.publication.task
        and (there.platform, there.settings) == (description.platform, description.settings)
        and not any(_of_items(folder, items))
    )


def _json(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _normal(policy: dict[str, Any]) -> Any:
    return _json(Policy.from_json(policy).to_json())


def _changes(name: str, was: Any, now: Any) -> Iterator[str]:
    """What differs between two JSON values, at the innermost name."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            yield from _changes(f"{name}.{key}", was.get(key), now.get(key))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now) and isinstance(was[0], dict):
        for place, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _changes(f"{name}[{place}]", one, other)
    else:
        one, other = _apart(repr(was), repr(now))
        yield f"{name} was {one}, is {other} here"


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts, of long ones the part where they begin to differ."""
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    start = max(0, same - BEFORE) if max(len(one), len(other)) > MOST_SHOWN else 0
    return _cut(one, start), _cut(other, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + MOST_SHOWN]
    return f"{'…' * (start > 0)}{part}{'…' * (start + MOST_SHOWN < len(text))}"


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
