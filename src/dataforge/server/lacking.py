"""What workers read where a run asks what they lack: what is asked, what they have, what to do."""

from __future__ import annotations

from collections.abc import Callable

from dataforge.issue.filters import Refusal
from dataforge.issue.skills import EXPERT
from dataforge.records import Texts

__all__ = ["lacking_text"]


def lacking_text(lacking: Refusal) -> Texts:
    """The sentence for what is lacking, per language."""
    return WORDED[lacking.reason](lacking)


def _people(lacking: Refusal) -> Texts:
    return {
        "en": "This task is for people whom its author has chosen, and you are not among them.",
        "ru": "Эта задача для тех, кого выбрал её автор, и вас среди них нет.",
    }


def _language(lacking: Refusal) -> Texts:
    needed, has = ", ".join(lacking.needed), ", ".join(lacking.has)
    return {
        "en": f"This task is for people who read their pages in: {needed}. Yours are in: {has}.",
        "ru": f"Эта задача для тех, у кого язык страниц — {needed}. Ваш язык: {has}.",
    }


def _age(lacking: Refusal) -> Texts:
    least, most = lacking.needed
    span = f"from {least} to {most} years" if least and most else f"of {least} years or more" if least else ""
    span_ru = f"от {least} до {most} лет" if least and most else f"от {least} лет" if least else ""
    asked = {
        "en": f"This task is for people {span or f'of {most} years or less'}.",
        "ru": f"Эта задача для людей {span_ru or f'до {most} лет'}.",
    }
    return _said(
        asked,
        lacking,
        en="By the year of birth that you told, {has}, you are not certainly among them.",
        ru="Судя по году рождения, который вы указали ({has}), это о вас нельзя сказать наверняка.",
        tell_en="year of birth",
        tell_ru="год рождения",
    )


def _region(lacking: Refusal) -> Texts:
    needed = ", ".join(lacking.needed)
    return _said(
        {"en": f"This task is for people in: {needed}.", "ru": f"Эта задача для тех, кто находится здесь: {needed}."},
        lacking,
        en="You have told: {has}.",
        ru="Вы указали: {has}.",
        tell_en="country",
        tell_ru="страну",
    )


def _speaks(lacking: Refusal) -> Texts:
    needed = ", ".join(lacking.needed)
    return _said(
        {
            "en": f"This task is for people who speak all of these languages: {needed}.",
            "ru": f"Эта задача для тех, кто говорит на всех этих языках: {needed}.",
        },
        lacking,
        en="You have told: {has}.",
        ru="Вы указали: {has}.",
        tell_en="languages",
        tell_ru="языки",
    )


def _said(asked: Texts, lacking: Refusal, *, en: str, ru: str, tell_en: str, tell_ru: str) -> Texts:
    """What is asked, and what the worker told; or that they may tell it."""
    if lacking.untold:
        en = f"If you tell your {tell_en} below your tasks, it may open to you; nobody has to."
        ru = f"Если указать {tell_ru} под списком задач, она может открыться; это не обязательно."
    has = ", ".join(lacking.has)
    return {"en": f"{asked['en']} {en.format(has=has)}", "ru": f"{asked['ru']} {ru.format(has=has)}"}


def _device(lacking: Refusal) -> Texts:
    if lacking.needed == ("phone",):
        return {
            "en": "This task is done on a phone. Open your personal link there.",
            "ru": "Эта задача выполняется на телефоне. Откройте там свою личную ссылку.",
        }
    return {
        "en": "This task is done on a computer. Open your personal link there.",
        "ru": "Эта задача выполняется на компьютере. Откройте там свою личную ссылку.",
    }


def _skill(lacking: Refusal) -> Texts:
    if lacking.name.startswith(EXPERT):
        return {
            "en": "This task is for experts, who come by a link with their name. Ask its author for one.",
            "ru": "Эта задача для экспертов, которые приходят по именной ссылке. Попросите такую у её автора.",
        }
    (needed,), has = lacking.needed, "".join(lacking.has)
    asked = f"This task needs the skill “{lacking.name}” at {needed}."
    asked_ru = f"Для этой задачи нужен навык «{lacking.name}» не ниже {needed}."
    if not has:
        return {"en": f"{asked} You do not have it yet.", "ru": f"{asked_ru} У вас его пока нет."}
    if lacking.stale:
        return {
            "en": f"{asked} You have {has}, but it was given too long ago.",
            "ru": f"{asked_ru} У вас {has}, но он получен слишком давно.",
        }
    return {"en": f"{asked} You have {has}.", "ru": f"{asked_ru} У вас {has}."}


WORDED: dict[str, Callable[[Refusal], Texts]] = {
    "people": _people,
    "language": _language,
    "age": _age,
    "region": _region,
    "speaks": _speaks,
    "device": _device,
    "skill": _skill,
}
