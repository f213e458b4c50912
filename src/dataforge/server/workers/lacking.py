"""What workers read where a run asks what they lack: what is asked, what they have, what to do."""

from __future__ import annotations

from collections.abc import Callable

from dataforge.catalogue import joined, say
from dataforge.issue.filters import Refusal
from dataforge.issue.skills import EXPERT
from dataforge.records import Texts

__all__ = ["lacking_text"]


def lacking_text(lacking: Refusal) -> Texts:
    """The sentence for what is lacking, per language."""
    return WORDED[lacking.reason](lacking)


def _people(lacking: Refusal) -> Texts:
    return say("lacking_named" if lacking.needed else "lacking_people")


def _language(lacking: Refusal) -> Texts:
    return say("lacking_language", needed=", ".join(lacking.needed), has=", ".join(lacking.has))


def _age(lacking: Refusal) -> Texts:
    least, most = lacking.needed
    span = "between" if least and most else "least" if least else "most"
    asked = say(f"lacking_age_{span}", least=least, most=most)
    return joined(
        asked, say("lacking_age_untold" if lacking.untold else "lacking_age_told", has=", ".join(lacking.has))
    )


def _region(lacking: Refusal) -> Texts:
    asked = say("lacking_region", needed=", ".join(lacking.needed))
    return joined(asked, say("lacking_region_untold") if lacking.untold else _told(lacking))


def _speaks(lacking: Refusal) -> Texts:
    asked = say("lacking_speaks", needed=", ".join(lacking.needed))
    return joined(asked, say("lacking_speaks_untold") if lacking.untold else _told(lacking))


def _told(lacking: Refusal) -> Texts:
    return say("lacking_told", has=", ".join(lacking.has))


def _device(lacking: Refusal) -> Texts:
    return say("lacking_phone" if lacking.needed == ("phone",) else "lacking_computer")


def _skill(lacking: Refusal) -> Texts:
    if lacking.name.startswith(EXPERT):
        return say("lacking_expert")
    (needed,), has = lacking.needed, "".join(lacking.has)
    asked = say("lacking_skill", name=lacking.name, needed=needed)
    if not has:
        return joined(asked, say("lacking_skill_none"))
    return joined(asked, say("lacking_skill_stale" if lacking.stale else "lacking_skill_less", has=has))


WORDED: dict[str, Callable[[Refusal], Texts]] = {
    "people": _people,
    "language": _language,
    "age": _age,
    "region": _region,
    "speaks": _speaks,
    "device": _device,
    "skill": _skill,
}
