"""What a launch decides about its pages, what it costs, and what its requester should know. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from dataforge import cards
from dataforge.arguments import entry
from dataforge.catalogue import say
from dataforge.data.elsewhere import elsewhere_notices
from dataforge.data.given_away import given_away_notices
from dataforge.data.items import Items
from dataforge.data.unplayed import unplayed_notices
from dataforge.errors import DataError
from dataforge.guessing import fewest_guessed, passing_shares, passing_unseen
from dataforge.policy import IN_VAIN, Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.page_sizes import (
    HIGHEST_CHANCE,
    LARGEST_PAGE,
    UNBOUNDED,
    PageOption,
    best_constant_guess,
    broken_limits,
    careful_rejected,
    crowd_notices,
    fair_controls,
    nearest_options,
    page_price,
    page_without_controls,
    pass_chance,
    possible_pages,
    preferred_option,
    robustness,
)
from dataforge.pricing.timing import timed
from dataforge.pricing.wages import floor_of, wage_notices
from dataforge.records import Money, Publication, Texts, unit_price
from dataforge.tasks.task import Slot, Task

__all__ = [
    "Plan",
    "PriceRange",
    "budget_notices",
    "check_price",
    "item_price",
    "lease_of",
    "plan",
    "run_price_clear",
    "run_price_precise",
    "smallest_page",
]

LOWEST_COMMISSION = 0.001
NOTABLY = 0.1
UNFAIR = 0.1
"""Where more of the pages of the careful are rejected, it is said before anybody works."""
# So many control items show how often nobody has to look.
LOOKED_AT = 200
SHORTEST_LEASE, LEASE_PER_HINT = 600.0, 5.0


class PriceRange(NamedTuple):
    """What a run costs at least and at most; equal unless the overlap is dynamic."""

    low: float
    high: float


@dataclass(frozen=True)
class Plan:
    """What a launch decides about its pages. `prices[n - 1]` is the price of a page with n items.

    `seconds` is the hint for a full page, `price` its price; `clear` the cost of the whole run if every page is full,
    `precise` with the last page and the least commission counted; both in units of the currency. `crowd_notices` are
    those of the notices that say nothing to who labels alone. `careful_rejected`: the share of pages that is rejected
    of somebody who is right in 95 of 100 answers to each question.
    """

    real_per_page: int
    control_per_page: int
    prices: tuple[Money, ...]
    lease: float
    seconds: float
    price: float
    robustness: float
    careful_rejected: float
    clear: PriceRange
    precise: PriceRange
    notices: tuple[Texts, ...] = ()
    crowd_notices: tuple[Texts, ...] = ()

    def __repr__(self) -> str:
        return f"Plan({'; '.join(f'{name}: {value}' for name, value in self._figures())})"

    def _repr_html_(self) -> str:
        notes = [cards.line(f"⚠ {notice.get('en', '')}") for notice in self.notices]
        return cards.card("Plan", "", cards.table(self._figures()), *notes)

    def _figures(self) -> list[tuple[str, str]]:
        cost = " to ".join(dict.fromkeys(f"{amount:.3f}" for amount in (self.clear.low, self.precise.high)))
        return [
            ("page", f"{self.real_per_page} + {self.control_per_page} control items"),
            ("time", f"{self.seconds:g} s"),
            ("price of a page", f"{self.price:g}"),
            ("a guesser is rejected", f"{self.robustness:.0%}"),
            ("a careful worker is rejected", f"{self.careful_rejected:.1%}"),
            ("cost of the run", cost),
        ]


def smallest_page(publication: Publication) -> Money:
    """What a page of one item costs, with a control item beside it where there are some."""
    items = 1 + min(1, publication.control_per_page)
    return publication.prices[min(items, len(publication.prices)) - 1] if publication.prices else 0


def run_price_clear(items: int, price: float, real: float, commission: float, overlap: tuple[int, int]) -> PriceRange:
    """What a run costs if every page is full."""
    once = items * price / real * (1 + commission)
    return PriceRange(once * overlap[0], once * overlap[1])


def run_price_precise(items: int, price: float, real: int, commission: float, overlap: tuple[int, int]) -> PriceRange:
    """What a run costs in whole pages; a platform that takes a commission takes at least 0.001 for each."""
    fee = max(commission * price, LOWEST_COMMISSION) if commission > 0 else 0.0
    once = math.ceil(items / real) * (price + fee)
    return PriceRange(once * overlap[0], once * overlap[1])


def check_price(items: int, real: int, policy: Policy, judging: tuple[float, int], checks: Policy) -> PriceRange:
    """What it costs to have the answers to so many items, `real` of them on a page, judged by others.

    `judging` is the price of a page on which they are judged, and how many are on it; every page is full. At most as
    if each item were answered as often on pages that are rejected as a run allows.
    """
    sampled = real if policy.check_sample is None else min(policy.check_sample, real)
    price, answers = judging
    once = math.ceil(items * sampled / real) * price / answers * (1 + checks.commission)
    return PriceRange(once * checks.min_overlap, once * checks.max_overlap * policy.attempts * (1 + IN_VAIN))


def item_price(page: tuple[float, int], policy: Policy, judging: tuple[tuple[float, int], Policy] | None) -> PriceRange:
    """What one item costs where every page is full: the price of a page, and how many items to ask are on it.

    `judging` is the same of the run in which the answers are judged, with its policy.
    """
    answers = run_price_clear(1, *page, policy.commission, (policy.min_overlap, policy.max_overlap))
    if judging is None:
        return answers
    real = page[1]
    judged = check_price(real, real, policy, *judging)
    return PriceRange(answers.low + judged.low / real, answers.high + judged.high / real)


# --- the plan -------------------------------------------------------------------------------------


@entry
def plan(task: Task, policy: Policy, items: Items, *, more: bool = False) -> Plan:
    """Pages, prices and lease for a launch, and what its requester should know before paying.

    `more`: other items to ask will come, so that pages are as large as they should be; control items are counted as
    they are there now.

    Raises `DataError` if there is nothing to ask.
    """
    task, items = timed(task, items)
    if items.count == 0 and not more:
        raise DataError("a launch needs items; give some, or launch the run open and add them later")
    if items.real_count == 0 and not more:
        raise DataError(f"{items.name}: all {items.count} items are control items; add items to ask")
    # Who judges says right or wrong, whatever words there are for that.
    judges = policy.quality == "judge"
    options = fewest_guessed((slot.type for slot in task.outputs), policy.control_similarity)
    classes = 2 if judges else options or UNBOUNDED
    wanted = _wanted_page(task, policy, items.control_count, classes)
    chosen = wanted
    to_ask = max(items.real_count, wanted.real) if more else items.real_count
    if to_ask < wanted.real:
        smaller = _wanted_page(task, policy, items.control_count, classes, most=to_ask)
        # A suitable smaller page is cheaper than a large one cut short; where there is none, keep its control items.
        chosen = wanted if broken_limits(smaller) else smaller
    control = min(chosen.control, items.control_count)
    real = min(chosen.real, to_ask)
    total = real + control
    price_of = _prices(task, policy, wanted)
    page = PageOption(
        real, control, robustness(control, policy.control_ratio, classes), total * task.duration, price_of(total)
    )
    overlap = (policy.min_overlap, policy.max_overlap)
    cost = (items.real_count, page.price, real, policy.commission, overlap)
    clear = run_price_clear(*cost)
    return Plan(
        real_per_page=real,
        control_per_page=control,
        prices=tuple(unit_price(price_of(size)) for size in range(1, total + 1)),
        lease=lease_of(policy, page.seconds),
        seconds=page.seconds,
        price=page.price,
        robustness=page.robustness,
        careful_rejected=careful_rejected(control, policy.control_ratio, len(task.outputs)),
        clear=clear,
        precise=run_price_precise(*cost),
        notices=tuple(_notices(task, policy, items, _Pages(wanted, chosen, page), clear)),
        crowd_notices=tuple(crowd_notices(page)),
    )


def lease_of(policy: Policy, page: float) -> float:
    """How long a worker may keep a page that takes so many seconds."""
    return policy.lease_seconds or max(SHORTEST_LEASE, LEASE_PER_HINT * page)


def _wanted_page(task: Task, policy: Policy, controls: int, classes: int, most: int = LARGEST_PAGE) -> PageOption:
    """The page to aim at with so many control items in all and, if possible, `most` real items on it."""
    duration, hourly, ratio = task.duration, policy.hourly_price, policy.control_ratio
    if policy.page is not None:
        real, control = policy.page
        total = real + control
        price = page_price(total, duration, hourly)
        return PageOption(real, control, robustness(control, ratio, classes), total * duration, price)
    if controls == 0 or policy.control_share == 0:
        return page_without_controls(duration, hourly)
    possible = [page for page in possible_pages(duration, hourly, ratio, classes) if page.control <= controls]
    few = [page for page in possible if page.real <= most]
    suitable = [page for page in few if not broken_limits(page)]
    aims, questions = (policy.control_share, policy.robustness), len(task.outputs)
    return preferred_option(suitable or nearest_options(few), *aims, ratio=ratio, questions=questions)


def _prices(task: Task, policy: Policy, wanted: PageOption) -> Callable[[int], float]:
    """What a page costs by its number of items."""
    if policy.page_price is None:
        hint, hourly = task.duration, policy.hourly_price
        return lambda size: max(page_price(size, hint, hourly), floor_of(policy, size * hint))
    whole = policy.page_price
    hourly = whole * 3600 / (wanted.total * task.duration)
    return lambda size: whole if size == wanted.total else page_price(size, task.duration, hourly)


class _Pages(NamedTuple):
    """The page wanted with any number of items, the one chosen for so few, and what the items there are make of it."""

    wanted: PageOption
    chosen: PageOption
    real: PageOption


def _notices(task: Task, policy: Policy, items: Items, pages: _Pages, cost: PriceRange) -> Iterable[Texts]:
    page = pages.real
    yield from crowd_notices(page)
    if 0 < page.control < pages.chosen.control:
        yield say("few_controls", there=page.control, wanted=pages.chosen.control)
    lasting, reachable = _pages_checked(page.control, items.control_count), math.ceil(items.real_count / page.real)
    if 0 < lasting < reachable:
        yield say("controls_outlasted", lasting=lasting, reachable=reachable)
    if page.real < pages.wanted.real:
        yield say("few_items", there=items.real_count, wanted=pages.wanted.real)
    for slot in task.outputs if page.control else ():
        balance = passing_shares(items.balance(slot.name), slot.type, policy.control_similarity)
        guess = best_constant_guess(balance, page.control, policy.control_ratio)
        share = Fraction(sum(balance.values()) / max(1, len(balance))).limit_denominator(1_000_000)
        even = pass_chance(page.control, policy.needed_correct(page.control), share)
        # Where so few control items let everybody through, others would not help: that is told of the page's limits.
        helps = even <= HIGHEST_CHANCE or guess.chance > even + NOTABLY
        if guess.label is not None and guess.chance > HIGHEST_CHANCE and helps:
            yield say("controls_unbalanced", output=repr(slot.name), chance=round(100 * guess.chance))
        unseen = pass_chance(page.control, policy.needed_correct(page.control), _unseen(policy, items, slot))
        if unseen > HIGHEST_CHANCE:
            yield say("controls_one_piece", output=repr(slot.name), chance=round(100 * unseen))
    yield from _fairness_notices(task, policy, page.control)
    if page.control:
        yield from given_away_notices(items)
    yield from elsewhere_notices(items)
    yield from unplayed_notices(items)
    yield from wage_notices(policy, page.price, page.seconds, page.total)
    yield from budget_notices(policy, cost)


def _fairness_notices(task: Task, policy: Policy, controls: int) -> Iterator[Texts]:
    """That many pages of careful people would be rejected, if they would, and what helps."""
    questions, ratio = len(task.outputs), policy.control_ratio
    unlucky = careful_rejected(controls, ratio, questions)
    if unlucky <= UNFAIR:
        return
    told = {"share": round(100 * unlucky), "needed": policy.needed_correct(controls), "control": controls}
    fair = fair_controls(ratio, questions)
    if fair is None:
        yield say("careful_rejected", **told)
    else:
        less = round(100 * careful_rejected(fair, ratio, questions))
        yield say("careful_rejected_fewer", **told, more=fair, fewer=policy.needed_correct(fair), less=less)


def _unseen(policy: Policy, items: Items, slot: Slot) -> Fraction:
    """Which share of control items whoever marks without a look passes at best."""
    known = ((items.inputs(row), value) for row, value in items.known_of_controls(slot.name) if value is not None)
    some = ((value, inputs) for inputs, value in islice(known, LOOKED_AT))
    return passing_unseen(slot.type, policy.control_similarity, some)


def budget_notices(policy: Policy, cost: PriceRange) -> Iterator[Texts]:
    """That the budget does not cover what a run costs, if it does not."""
    if policy.budget is not None and policy.budget < cost.low:
        budget, least = (money(amount, policy.currency) for amount in (policy.budget, cost.low))
        yield say("budget_too_small", budget=budget, cost=least)


def _pages_checked(per_page: int, controls: int) -> int:
    """About how many pages a worker may do before nothing vouches for them: after n pages with control items, the first
    of them with as many as there may be, n + 1 without any are given.
    """
    later = controls - per_page
    return later * (later + 7) // 2 + 3 if per_page else 0
