"""What differs between two tasks, in words."""

from typing import Any

import pytest

from dataforge.changes.terms import within


def field(name: str, kind: str, *options: str) -> dict[str, Any]:
    settings = {"options": [{"value": value} for value in options]} if options else {}
    return {"name": name, "type": kind, "required": True, "settings": settings}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            [field("animal", "choice", "dog", "cat")],
            [field("mood", "rating")],
            ["fields[animal] was choice (options 'dog', 'cat'), is none now", "fields[mood] was none, is rating now"],
        ),
        (
            [field("animal", "choice", "dog", "cat")],
            [field("animal", "choice", "dog", "cat", "fox")],
            ["fields[animal].settings.options[fox] was none, is 'fox' now"],
        ),
        (
            [field("animal", "choice", "dog", "cat")],
            [field("animal", "choice", "cat", "dog")],
            ["fields[animal].settings.options was 'dog', 'cat', is 'cat', 'dog' now"],
        ),
        ({"en": "Look"}, None, ["fields was 'Look', is none now"]),
    ],
)
def test_a_difference_is_told_in_words_by_the_name_of_what_differs(was: Any, now: Any, said: list[str]) -> None:
    assert [str(one) for one in within("fields", was, now)] == said


ANYBODY: dict[str, Any] = dict.fromkeys(("speaks", "regions", "device", "skills", "allowed", "barred"))
FEW = ANYBODY | {"speaks": ["kk"], "age": [18, None], "skills": {"law": [70.0, 7_776_000.0]}, "named": True}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            None,
            FEW,
            [
                "workers was anybody, is speaks kk; skills law 70 or more in the last 90d; age from 18; "
                "named only people whom you invited by name now"
            ],
        ),
        (
            FEW,
            FEW | {"regions": ["KZ", "RU"], "age": [None, 60], "skills": {"law": [80.5, None], "art": [5.0, None]}},
            [
                "workers.regions was any, is KZ, RU now",
                "workers.skills.law was 70 or more in the last 90d, is 80.5 or more now",
                "workers.skills.art was any, is 5 or more now",
                "workers.age was from 18, is up to 60 now",
            ],
        ),
        (FEW | {"age": [18, 60]}, FEW | {"age": [None, None]}, ["workers.age was 18 to 60, is any now"]),
    ],
)
def test_what_is_asked_of_workers_is_told_as_far_as_anything_is(was: Any, now: Any, said: list[str]) -> None:
    assert [str(one) for one in within("workers", was, now)] == said
