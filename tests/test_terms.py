"""What differs between two tasks, in words."""

from typing import Any

import pytest

from dataforge.terms import within


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
