"""The words of the tables in Russian; the text around them is in `page.md` and `page.ru.md`."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["in_english", "in_russian"]

WORDS: Mapping[str, str] = {
    "policy": "стратегия",
    "set": "набор",
    "part": "часть",
    "items": "задания",
    "workers": "исполнители",
    "labels": "метки",
    "answers an item": "ответов на задание",
    "development": "разработка",
    "judging": "проверка",
    "all": "все",
    "majority": "большинство",
    "dynamic, votes": "перекрытие по голосам",
    "dynamic, likelihood": "перекрытие по правдоподобию",
    "dynamic, Dawid-Skene": "перекрытие по Дэвиду — Скину",
    "screened": "с отсевом",
    "reference loop": "опорный цикл",
    "present loop": "нынешний цикл",
    "oracle": "оракул",
    "choosing workers": "с выбором исполнителей",
    "answers / majority of 5": "ответы / большинство из 5",
    "control answers counted": "с контрольными",
    "/ best dynamic": "/ лучшее динамическое",
    "screening too": "и с отсевом",
    "/ reference loop": "/ опорный цикл",
    "never reach it": "не достигнуто",
    "accuracy": "точность",
    "accuracy of majority of five": "точность большинства из пяти",
    "right, by what is claimed": "доля верных по заявленной уверенности",
    "share of items": "доля заданий",
    "claimed": "заявлено",
    "right": "верно",
    "within 2 points": "в пределах 2 пунктов",
    "good": "хорошие",
    "tiny": "малый",
    "30 % spammers": "30 % спамеров",
    "20 % colluding": "20 % в сговоре",
    "classes 90/10": "классы 90/10",
    "fatigue": "усталость",
    "five classes": "пять классов",
}
REASONS: Mapping[str, str] = {
    r"its answers are of the type (\w+)": r"ответы типа \1",
    r"it has no (\S+)": r"нет \1",
    r"its answers are no labels of items: .*": "ответы — не метки заданий",
    r"its answers are no labels: (\d+) different ones": r"ответы — не метки: различных \1",
    r"(\d+) of its items have a known label and (\d+) answers, (\d+) are needed": (
        r"заданий с известной меткой и \2 ответами \1, нужно \3"
    ),
}


def in_english(words: str) -> str:
    return words


def in_russian(words: str) -> str:
    """A name, a head, several of them with commas or a colon between, or a reason."""
    for pattern, said in REASONS.items():
        words = re.sub(f"^{pattern}$", said, words)
    for mark in (", ", ": "):
        first, found, last = words.rpartition(mark)
        if found and words not in WORDS:
            return f"{in_russian(first)}{mark}{in_russian(last)}"
    return WORDS.get(words, words)
