"""What workers and requesters read of a run, in the languages of `catalogue`.

Reasons for workers never tell which items were control items, nor how many of them were wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dataforge.catalogue import joined, listed, percent, say
from dataforge.endings import Ending
from dataforge.objects.base import Label
from dataforge.records import ReportReason, Texts

__all__ = [
    "BONUS",
    "DISCARDED",
    "INACCURATE_PAGE",
    "INACCURATE_WORKER",
    "JUDGED_PAGE",
    "NOT_COMPARED",
    "PAUSED",
    "REJECTED_BY_HAND",
    "REPORTED_PAGE",
    "REPORTS",
    "SKIPS",
    "STOPPED",
    "TELLS_LITTLE",
    "all_alike",
    "all_restricted",
    "answer_as_one",
    "asked_twice",
    "by_chance",
    "copied_answers",
    "ended",
    "few_workers",
    "hint_off",
    "judged_page",
    "model_elsewhere",
    "model_unmeasured",
    "model_votes",
    "more_controls",
    "mostly_rejected",
    "much_faster",
    "no_room",
    "nobody",
    "outlasted",
    "reported",
    "restricted_workers",
    "set_apart",
    "silence",
    "silence_of_judged",
    "still_judged",
    "too_fast",
    "trouble",
    "two_camps",
    "unchecked",
    "unreachable",
    "unverified",
    "waits_for_checks",
    "withdrawn",
    "worse_than_before",
    "write_as_one",
]

INACCURATE_PAGE = say("inaccurate_page")
BONUS = say("bonus")
REJECTED_BY_HAND = say("rejected_by_hand")
JUDGED_PAGE = say("judged_page")
INACCURATE_WORKER = say("inaccurate_worker")
TELLS_LITTLE = say("tells_little")
DISCARDED = say("discarded")
SKIPS = say("many_skips")
REPORTS = say("many_reports")
REPORTED_PAGE = say("reported_page")
NOT_COMPARED = say("not_compared")
PAUSED = say("run_paused")
STOPPED = say("run_stopped")


def ended(ending: Ending, left: int) -> Texts:
    """The run has ended before all items had their answers."""
    return say(f"ended_{ending}", left=left)


def unchecked(items: int) -> Texts:
    """Answers that nobody has judged, or only workers of whom nothing is known."""
    return say("items_unchecked", items=items)


def waits_for_checks(pages: int) -> Texts:
    """Nothing happens because answers are not judged."""
    return say("waits_for_checks", pages=pages)


def judged_page(found: Mapping[str, int], reasons: Mapping[Label, Texts]) -> Texts:
    """That others found too few answers of a page right, and in what so many of them are wrong, in words of theirs."""
    if not found:
        return JUDGED_PAGE
    named = [joined(reasons[reason], {"en": f"({count})"}) for reason, count in sorted(found.items())]
    return joined(JUDGED_PAGE, say("judged_found", found=listed(named, "; ")))


def still_judged(pages: int) -> Texts:
    """A run that was stopped by hand waits for those who judge."""
    return say("still_judged", pages=pages)


def unverified(items: int) -> Texts:
    """Workers of whom nothing is known have answered items."""
    return say("items_unverified", items=items)


def all_alike(items: int) -> Texts:
    """All workers gave one answer to all items."""
    return say("all_alike", items=items)


def by_chance(items: int) -> Texts:
    """Workers agree as people do who guess."""
    return say("by_chance", items=items)


def answer_as_one(workers: int) -> Texts:
    """Some workers share mistakes more often than people who work by themselves."""
    return say("answer_as_one", workers=workers)


def two_camps(larger: Sequence[str], smaller: Sequence[str]) -> Texts:
    """Workers, by their names, who contradict each other where nobody knows the answer."""
    return say("two_camps", larger=", ".join(larger), smaller=", ".join(smaller))


def copied_answers(workers: int) -> Texts:
    """Some of the workers whose answers are all kept write or draw what others did."""
    return say("copied_answers", workers=workers)


def write_as_one(workers: int) -> Texts:
    """Some workers write words together that others do not write of the same items."""
    return say("write_as_one", workers=workers)


def worse_than_before(workers: int) -> Texts:
    """Some workers are less often right than they were."""
    return say("worse_than_before", workers=workers)


def much_faster(workers: int) -> Texts:
    """Some workers are suddenly much faster than they were."""
    return say("much_faster", workers=workers)


def too_fast(took: float, least: float, *, closes: bool) -> Texts:
    """To a worker: a page took fewer seconds than looking at it takes; `closes` the run to them for a while by that."""
    # Rounded apart from each other: nobody reads that 4 seconds are fewer than 4.
    seconds = {"took": math.floor(10 * took) / 10, "least": math.ceil(10 * least) / 10}
    return say("too_fast" if closes else "too_fast_unpaid", **seconds)


def no_room(overlap: int) -> Texts:
    """As many answers as there may be leave no room for a further one."""
    return say("no_room", overlap=overlap, more=overlap + 1)


def hint_off(taken: float, hint: float) -> Texts:
    """People take another time for an item than the task says."""
    return say("hint_off", taken=f"{taken:.2g}", hint=f"{hint:.3g}", factor=f"{hint / taken:.2g}")


def mostly_rejected(rejected: int, done: int) -> Texts:
    """Nearly all pages were rejected."""
    return say("mostly_rejected", rejected=rejected, done=done)


def more_controls(lacking: int | None, controls: int) -> Texts:
    """How many control items more it takes, behind a space, if any number does.

    A run without any on its pages takes none later.
    """
    if lacking is None:
        return {"en": ""}
    return joined({"en": ""}, say(f"more_controls_{'added' if controls else 'launched'}", lacking=lacking))


def model_unmeasured(name: str) -> Texts:
    """A model votes, and no control item shows how well."""
    return say("model_unmeasured", name=repr(name))


def model_elsewhere(name: str, able: float) -> Texts:
    """What people make of the items does not bear out what control items show of a model."""
    return say("model_elsewhere", name=repr(name), able=percent(able))


def model_votes(name: str, right: float, labelled: int, weight: float, *, beside_people: bool) -> Texts:
    """What control items show of a model that votes; how much it counts shows once people have answered them, too."""
    shown, share = percent(weight), float(f"{right:.3g}")
    if not beside_people:
        return say("model_votes_alone", name=name, right=share, labelled=labelled)
    if shown == percent(0):
        return say("model_votes_for_nothing", name=name, right=share, labelled=labelled)
    return say("model_votes", name=name, right=share, labelled=labelled, weight=shown)


def asked_twice(other: str) -> Texts:
    """Another run is open that asks the same."""
    return say("asked_twice", other=repr(other))


def set_apart(names: Sequence[str]) -> Texts:
    """Columns of the data are called like columns of results."""
    return say("set_apart", names=", ".join(map(repr, names)))


def nobody(items: int) -> Texts:
    """Nobody has joined."""
    return say("nobody_joined", items=items)


def reported(items: int, taken_out: int, reports: Mapping[ReportReason, int]) -> Texts:
    """Workers reported items instead of answering them."""
    reasons = listed([say(f"reported_{reason}", count=count) for reason, count in sorted(reports.items())], ", ")
    return say("items_reported", items=items, reasons=reasons, taken_out=taken_out)


def withdrawn(items: int) -> Texts:
    """Control items turned out to be no checks."""
    return say("controls_withdrawn", items=items)


def few_workers(wanted: int, workers: int) -> Texts:
    """More opinions are wanted on an item than there are workers."""
    return say("few_workers", wanted=wanted, workers=workers)


def all_restricted(workers: int) -> Texts:
    """All workers who came are restricted."""
    return say("all_restricted", workers=workers)


def restricted_workers(restricted: int, workers: int) -> Texts:
    """Workers who would be needed are restricted."""
    return say("restricted_workers", restricted=restricted, workers=workers)


def outlasted(unchecked: int, workers: int) -> Texts:
    """Workers have answered all control items there are."""
    return say("outlasted", unchecked=unchecked, workers=workers)


def silence(items: int, seconds: float) -> Texts:
    """Nothing has happened for a while."""
    return say("silence", minutes=max(1, round(seconds / 60)), items=items)


def silence_of_judged(items: int, seconds: float) -> Texts:
    """Nothing has happened for a while in a run whose answers others judge."""
    return say("silence_of_judged", minutes=max(1, round(seconds / 60)), items=items)


def unreachable(why: str) -> Texts:
    """The platform does not answer."""
    return say("platform_unreachable", why=why)


def refused_change(why: str) -> Texts:
    """The platform refused what the run was to ask."""
    return say("refused_change", why=why)


def refused_order(why: str) -> Texts:
    """The platform refused something else that the run ordered."""
    return say("refused_order", why=why)


def stuck(why: str) -> Texts:
    """Whoever drove the run gave up."""
    return say("run_stuck", why=why)


def trouble(why: str) -> Texts:
    """The run cannot go on now."""
    return say("run_in_trouble", why=why)
