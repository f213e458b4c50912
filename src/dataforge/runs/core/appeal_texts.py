"""What is said of control items whose pages were accepted on appeal."""

from __future__ import annotations

from collections.abc import Sequence

from dataforge.records import Texts

__all__ = ["MOST_LOST", "lost_appeals"]

MOST_LOST = 3
"""A control item that was missed on so many pages which were accepted on appeal is taken for a wrong one."""
MOST_NAMED = 5


def lost_appeals(keys: Sequence[str]) -> Texts:
    """Control items are probably wrong, for pages on which they were missed were accepted on appeal."""
    named = ", ".join(keys[:MOST_NAMED]) + (", …" if len(keys) > MOST_NAMED else "")
    return {
        "en": f"Control items that are probably wrong: {named}. On {MOST_LOST} pages or more that were accepted on "
        "appeal they were missed: correct or withdraw them, each on its page or by run.correct, run.withdraw.",
        "ru": f"Контрольные задания, в которых, вероятно, ошибка: {named}. Их не угадали на {MOST_LOST} или более "
        "страницах, принятых по апелляции: исправьте или снимите их на странице задания либо вызовом run.correct, "
        "run.withdraw.",
    }
