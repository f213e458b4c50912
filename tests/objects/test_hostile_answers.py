"""What a worker sends is hostile until checked: an answer that is wrong anywhere inside is refused, or is JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from dataforge.errors import AnswerError
from dataforge.objects.base import ObjectType
from dataforge.registry import names

DEEP: Any = 1
for _ in range(300):
    DEEP = [DEEP]
WRONG = [
    None, True, -1, 0, 2**31, 2**63, -(2**70), 10**400, 1e308, -1e308, 5e-324, "\ud800", "\x00", "a" * 300, "9" * 5_000,
    "https://host/\udfff.png", [], {}, DEEP, {"\ud800": 1}, {"a" * 300: {}}, ["\udc00"] * 3,
]  # fmt: skip
MOST_PLACES = 40


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each part of a value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


def put(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return deepcopy(wrong)
    changed = deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    return changed


def refusal_or_kept(kind: ObjectType, answer: Any, inputs: dict[str, Any]) -> Any:
    """The answer as it is kept, or why it is refused, in few words."""
    try:
        return kind.check_answer(answer, inputs)
    except AnswerError as refusal:
        return str(refusal)[:1_000]


@pytest.mark.parametrize("name", names("objects"))
def test_an_answer_with_anything_inside_is_refused_with_a_reason_or_is_json(
    name: str, answered: Callable[[str], list[tuple[Any, Any]]], shown: Callable[[str], dict[str, Any]]
) -> None:
    for kind, value in answered(name):
        for path in list(places(value))[:MOST_PLACES]:
            for wrong in WRONG:
                changed = put(value, path, wrong)
                kept = refusal_or_kept(kind, changed, shown(name))
                assert msgspec.json.decode(msgspec.json.encode(kept)) == kept
