"""How many workers pass what a run asks, in words."""

from __future__ import annotations

from dataforge.catalogue import listed, say
from dataforge.errors import Refused, Unreachable
from dataforge.issue.skills import EXPERT
from dataforge.platforms.base import Filtering, Platform
from dataforge.records import PassingWorkers, Publication, Texts

__all__ = ["passing_in_words", "passing_notices"]

SKILL = "skill "


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
    # It stays where it is written down, and people come: the run's page counts them anew.
    return (say("passing_at_launch", counted=passing_in_words(found)),) if found.workers else ()


def passing_in_words(found: PassingWorkers) -> Texts:
    """How many workers pass, and how many each filter leaves by itself."""
    each = [say("passing_by", asked=_called(name), left=left) for name, left in found.by_filter.items()]
    counted = say("passing_counted", passing=found.passing, workers=found.workers, each=listed(each, ", "))
    return counted if found.passing else say("passing_nobody", counted=counted)


def _called(name: str) -> Texts:
    if name.startswith(SKILL):
        return say("passing_skill", name=name.removeprefix(SKILL))
    return say(f"passing_{name}")
