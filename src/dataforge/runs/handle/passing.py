"""How many workers pass what a run asks, in words."""

from __future__ import annotations

from dataforge.errors import Refused, Unreachable
from dataforge.issue.skills import EXPERT
from dataforge.platforms.base import Filtering, Platform
from dataforge.records import PassingWorkers, Publication, Texts

__all__ = ["passing_in_words", "passing_notices"]

SKILL = "skill "
NAMES: dict[str, Texts] = {
    "people": {"en": "the lists of workers", "ru": "списки исполнителей"},
    "language": {"en": "the language of their pages", "ru": "язык страниц"},
    "age": {"en": "age", "ru": "возраст"},
    "region": {"en": "country", "ru": "страна"},
    "speaks": {"en": "languages", "ru": "языки"},
    "device": {"en": "device", "ru": "устройство"},
}


def passing_notices(platform: Platform, publication: Publication) -> tuple[Texts, ...]:
    """A notice of how many workers pass what the run asks, if it asks anything and anybody is there to be counted."""
    if not isinstance(platform, Filtering) or not (publication.workers or publication.languages):
        return ()
    if publication.workers is not None and any(skill.name.startswith(EXPERT) for skill in publication.workers.skills):
        # Experts are still to come by links of their own.
        return ()
    try:
        found = platform.passing(publication.workers, publication.languages)
    except (Unreachable, Refused):
        # Whoever launches reads in a moment what is wrong with it.
        return ()
    told = passing_in_words(found)
    # It stays where it is written down, and people come: the run's page counts them anew.
    return ({"en": f"at the launch {told['en']}", "ru": f"при запуске {told['ru']}"},) if found.workers else ()


def passing_in_words(found: PassingWorkers) -> Texts:
    """How many workers pass, and how many each filter leaves by itself."""
    leaves = {
        language: ", ".join(f"{_called(name, language)}{LEAVES[language]}{n}" for name, n in found.by_filter.items())
        for language in LEAVES
    }
    nobody = {"en": "nobody passes: ", "ru": "никто не подходит: "} if found.passing == 0 else {"en": "", "ru": ""}
    share = f"{found.passing} of {found.workers}"
    share_ru = f"{found.passing} из {found.workers}"
    return {
        "en": f"{nobody['en']}workers who have what the run asks of them: {share}; {leaves['en']}",
        "ru": f"{nobody['ru']}исполнители, которые отвечают требованиям запуска: {share_ru}; по отдельности: "
        f"{leaves['ru']}",
    }


LEAVES = {"en": " leaves ", "ru": " — "}


def _called(name: str, language: str) -> str:
    if name.startswith(SKILL):
        skill = name.removeprefix(SKILL)
        return f"the skill “{skill}”" if language == "en" else f"навык «{skill}»"
    return NAMES[name][language]
