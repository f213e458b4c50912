"""What a run is, in words: how many answers, what a page is, what it costs, who judges the answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from dataforge.catalogue import joined, say
from dataforge.errors import SpecError
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.page_sizes import pass_chance
from dataforge.pricing.price import (
    PriceRange,
    budget_notices,
    check_price,
    item_price,
    run_price_clear,
    run_price_precise,
    smallest_page,
)
from dataforge.records import MICRO, Publication, Texts
from dataforge.runs.core import target_texts
from dataforge.runs.core.dealing import ration_of
from dataforge.runs.core.targets import Standing

__all__ = ["Judging", "Whole", "about", "of_budget", "refuse_unpaid"]


class Whole(NamedTuple):
    """A target of the whole: how many labels there are, how sure answers are claimed to be at best, how the run
    stands to it, whether it is over.
    """

    labels: int
    shown: float
    standing: Standing | None
    over: bool


class Judging(NamedTuple):
    """The run in which other workers judge a run's answers: its pages, and its policy."""

    publication: Publication
    policy: Policy


def about(
    publication: Publication,
    policy: Policy,
    items: int,
    controls: int,
    judging: Judging | None = None,
    whole: Whole | None = None,
) -> tuple[Texts, ...]:
    """What a run with so many items to ask is: how many answers, what a page is, what it will cost.

    Where the whole has a target also how far that is.
    """
    answers = _answers(policy, items, controls) if judging is None else _attempts(policy, items, controls, judging)
    told = [answers, _page(publication, policy, max(items, publication.real_per_page))]
    if items and whole is None:
        told.append(_cost(publication, policy, items))
    elif whole is None:
        told.append(_cost_of_one(publication, policy, judging))
    elif items:
        most = _cost_of(publication, policy, items).high
        told.append(target_texts.cost(publication, policy, items, whole.labels, most, whole.shown))
        if policy.page is None and policy.page_price is None and publication.control_per_page:
            told.append(_chosen(publication, policy, whole.labels))
        if whole.standing is not None:
            told.append(target_texts.so_far(publication, policy, whole.standing, over=whole.over))
    if items and (policy.bonuses or policy.wage_floor):
        told.append(say("about_cost_beside"))
    if items and judging is not None:
        told.append(_cost_of_judging(publication, policy, items, judging))
    return tuple(told)


def _answers(policy: Policy, items: int, controls: int) -> Texts:
    least, most = policy.min_overlap, policy.max_overlap
    answers: str | Texts = f"{least}"
    if policy.target is not None:
        answers = target_texts.answers_an_item(policy)
    elif policy.dynamic:
        answers = say("overlap_by_confidence", least=least, most=most)
    return say("about_answers", items=_count(items), controls=controls, answers=answers)


def _count(items: int) -> int | Texts:
    """How many items there are; where there are none they come later: nothing else is launched without any."""
    return items or say("about_to_come")


def _attempts(policy: Policy, items: int, controls: int, judging: Judging) -> Texts:
    # Known answers are parted, and who gave a dozen is to find all of them again.
    name = "about_attempts_parted" if judging.publication.control_per_page else "about_attempts"
    return say(name, items=_count(items), controls=controls, most=policy.max_overlap)


def _page(publication: Publication, policy: Policy, items: int) -> Texts:
    real, control, paid = publication.real_per_page, publication.control_per_page, publication.prices[-1] / MICRO
    seconds = (real + control) * publication.task.duration
    price, hour = money(paid, policy.currency), money(paid * 3600 / seconds, policy.currency)
    pages = math.ceil(items / real)
    if seconds < 90:
        time = say("seconds_short", amount=round(seconds))
    else:
        time = say("minutes_short", amount=round(seconds / 60))
    return say("about_page", real=real, control=control, time=time, price=price, hour=hour, pages=pages)


def _chosen(publication: Publication, policy: Policy, labels: int) -> Texts:
    """What a target, or a budget alone, has chosen: the page, its price, and how many answers an item gets, and why."""
    real, control, paid = publication.real_per_page, publication.control_per_page, publication.prices[-1] / MICRO
    passed = pass_chance(control, policy.needed_correct(control), Fraction(1, labels))
    return say(
        "about_chosen",
        real=real,
        control=control,
        robust=round(100 * float(1 - passed)),
        hour=money(paid * 3600 / ((real + control) * publication.task.duration), policy.currency),
        least=policy.min_overlap,
        most=policy.max_overlap,
    )


def of_budget(
    publication: Publication, policy: Policy, items: int, judging: Callable[[], Judging | None]
) -> tuple[Texts, ...]:
    """That the budget does not cover a run with so many items to ask, if it does not; only then `judging` is asked."""
    if items and _pays_no_page(publication):
        amounts = (money(one, policy.currency) for one in (policy.budget or 0.0, _smallest(publication, policy)))
        return (say("budget_no_page", **dict(zip(("budget", "page"), amounts, strict=True))),)
    told = tuple(budget_notices(policy, _cost_of(publication, policy, items))) if items else ()
    others = judging() if told else None
    if others is None or others.policy.budget is None:
        return told
    aside = say("set_aside_for_judging", judging=money(others.policy.budget, policy.currency))
    return tuple(joined(notice, aside, "; ") for notice in told)


def refuse_unpaid(publication: Publication, policy: Policy) -> None:
    """Raise `SpecError` for a budget that does not pay for the smallest page: nobody would be asked anything."""
    if _pays_no_page(publication):
        given, least = (
            money(one, policy.currency)["en"] for one in (policy.budget or 0.0, _smallest(publication, policy))
        )
        raise SpecError(
            f"budget: expected {least} or more, which the smallest page costs, got {given}: nobody would be asked "
            "anything; give the run a larger one, or pay less for a page"
        )


def _pays_no_page(publication: Publication) -> bool:
    return publication.budget is not None and publication.budget < smallest_page(publication)


def _smallest(publication: Publication, policy: Policy) -> float:
    """What the smallest page costs, with the platform's share."""
    return smallest_page(publication) / MICRO * (1 + policy.commission)


def _cost_of(publication: Publication, policy: Policy, items: int) -> PriceRange:
    overlap = (policy.min_overlap, policy.max_overlap)
    price, real = _page_price(publication)
    # Known workers meet fewer control items: at least all do; at most nobody does, and the last page is paid as whole.
    few = ration_of(policy, publication)
    fullest = real if few is None else real + publication.control_per_page - few
    least = run_price_clear(items, price, fullest, policy.commission, overlap).low
    return PriceRange(least, run_price_precise(items, price, real, policy.commission, overlap).high)


def _cost(publication: Publication, policy: Policy, items: int) -> Texts:
    least, most = _cost_of(publication, policy, items)
    if policy.budget is not None:
        # That a budget does not cover what the run costs at least is a notice.
        least, most = min(least, policy.budget), min(most, policy.budget)
    low, high = (money(one, policy.currency) for one in (least, most))
    return say("about_cost", cost=low) if low == high else say("about_cost_between", least=low, most=high)


def _cost_of_one(publication: Publication, policy: Policy, judging: Judging | None) -> Texts:
    """What each item that will be added costs, judging included."""
    others = None if judging is None else (_page_price(judging.publication), judging.policy)
    cost = item_price(_page_price(publication), policy, others)
    low, high = (money(one, policy.currency) for one in cost)
    return say("about_item_cost", cost=low) if low == high else say("about_item_cost_between", least=low, most=high)


def _page_price(publication: Publication) -> tuple[float, int]:
    """What a full page costs, and how many items to ask it has."""
    return publication.prices[-1] / MICRO, publication.real_per_page


def _cost_of_judging(publication: Publication, policy: Policy, items: int, judging: Judging) -> Texts:
    cost = check_price(items, publication.real_per_page, policy, _page_price(judging.publication), judging.policy)
    low, high = (money(one, policy.currency) for one in cost)
    return say("about_cost_of_judging", least=low, most=high)
