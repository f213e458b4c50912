"""What a page holds, what it costs, and how well it resists guessing. Pure functions.

A page of T items, C of them control items, is *suitable* if 2 <= T <= 29, 1 <= C <= min(ceil(T / 3), T - 1), a worker
who guesses passes with a probability of at most 1/3, and it takes from 30 seconds to 20 minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from dataforge import cards
from dataforge.arguments import entry
from dataforge.catalogue import say
from dataforge.errors import DataError
from dataforge.given_away import given_away_notices
from dataforge.items import Items
from dataforge.objects.base import Label
from dataforge.policy import IN_VAIN, Policy
from dataforge.price_texts import money
from dataforge.records import Money, Texts, unit_price
from dataforge.task import Task
from dataforge.wages import floor_of, wage_notices

__all__ = [
    "ConstantGuess",
    "PageOption",
    "Plan",
    "PriceRange",
    "best_constant_guess",
    "broken_limits",
    "budget_notices",
    "check_price",
    "default_option",
    "lease_of",
    "nearest_options",
    "needed_correct",
    "options",
    "page_price",
    "page_without_controls",
    "pass_chance",
    "plan",
    "possible_pages",
    "preferred_option",
    "random_chance",
    "robustness",
    "round_price",
    "run_price_clear",
    "run_price_precise",
]

LOWEST_PRICE = 0.005
LOWEST_COMMISSION = 0.001
UNBOUNDED = 1_000
"""Who guesses an answer that is no option is right as seldom as among so many."""
SMALLEST_PAGE, LARGEST_PAGE, LARGEST_BY_HAND = 2, 29, 30
SHORTEST_PAGE, LONGEST_PAGE = 30.0, 1200.0
HIGHEST_CHANCE = Fraction(1, 3)
NOTABLY = 0.1
SHORTEST_LEASE, LEASE_PER_HINT = 600.0, 5.0


class PriceRange(NamedTuple):
    """What a run costs at least and at most; equal unless the overlap is dynamic."""

    low: float
    high: float


class ConstantGuess(NamedTuple):
    """The answer that passes most often when it is always given, and the probability of passing a page."""

    label: Label | None
    chance: float


@dataclass(frozen=True)
class PageOption:
    """A page of `real` + `control` items; `robustness` is the probability that a worker who guesses is rejected."""

    real: int
    control: int
    robustness: float
    seconds: float
    price: float

    @property
    def total(self) -> int:
        """All items of the page."""
        return self.real + self.control


@dataclass(frozen=True)
class Plan:
    """What a launch decides about its pages. `prices[n - 1]` is the price of a page with n items.

    `seconds` is the hint for a full page, `price` its price; `clear` the cost of the whole run if every page is full,
    `precise` with the last page and the least commission counted; both in units of the currency. `crowd_notices` are
    those of the notices that say nothing to who labels alone.
    """

    real_per_page: int
    control_per_page: int
    prices: tuple[Money, ...]
    lease: float
    seconds: float
    price: float
    robustness: float
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
            ("cost of the run", cost),
        ]


# --- formulas -------------------------------------------------------------------------------------


def round_price(price: float) -> float:
    """A price with 3 digits after the point up to 1, with 2 above."""
    return round(price, 3 if price <= 1 else 2)


def page_price(items: int, duration: float, price_per_hour: float) -> float:
    """The price of a page by its number of items, control items included, and the hint per item in seconds.

    At least 0.005, unless an hour costs nothing.
    """
    if price_per_hour == 0:
        return 0.0
    return max(LOWEST_PRICE, round_price(items * duration * price_per_hour / 3600))


def needed_correct(controls: int, ratio: float) -> int:
    """How many control items must be right; the ratio counts as it is written, so 25 at 0.28 need 7."""
    return math.ceil(Fraction(str(ratio)) * controls)


def random_chance(controls: int, needed: int, classes: int) -> float:
    """The probability of at least `needed` right answers to `controls` items by guessing among `classes` options."""
    return float(pass_chance(controls, needed, Fraction(1, max(1, classes))))


def robustness(controls: int, ratio: float, classes: int) -> float:
    """The probability that a worker who guesses is rejected; 0 without control items."""
    return float(1 - pass_chance(controls, needed_correct(controls, ratio), Fraction(1, max(1, classes))))


def best_constant_guess(balance: Mapping[Label, float], controls: int, ratio: float) -> ConstantGuess:
    """The best of the workers who always give one answer, by the share of each answer among the control items.

    Guessing evenly is not the best a careless worker can do: with 90 of 100 control items of one class, always naming
    that class passes "2 of 3" with a probability of 0.97.
    """
    if not balance:
        return ConstantGuess(None, 1.0)
    label = max(balance, key=lambda one: balance[one])
    share = Fraction(min(1.0, balance[label])).limit_denominator(1_000_000)
    return ConstantGuess(label, float(pass_chance(controls, needed_correct(controls, ratio), share)))


def pass_chance(controls: int, needed: int, right: Fraction) -> Fraction:
    """The probability of at least `needed` right answers to `controls` items, each right with the chance `right`."""
    terms = (math.comb(controls, n) * right**n * (1 - right) ** (controls - n) for n in range(needed, controls + 1))
    return sum(terms, Fraction(0))


def run_price_clear(items: int, price: float, real: int, commission: float, overlap: tuple[int, int]) -> PriceRange:
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


# --- which page -----------------------------------------------------------------------------------


def options(duration: float, price_per_hour: float, ratio: float, classes: int) -> list[PageOption]:
    """All suitable pages, by size and then by the number of control items; may be none."""
    return [page for page in possible_pages(duration, price_per_hour, ratio, classes) if not broken_limits(page)]


def possible_pages(duration: float, price_per_hour: float, ratio: float, classes: int) -> Iterable[PageOption]:
    """All pages with a real item and a third of control items at most."""
    robust = [robustness(controls, ratio, classes) for controls in range(math.ceil(LARGEST_PAGE / 3) + 1)]
    for total in range(SMALLEST_PAGE, LARGEST_PAGE + 1):
        price = page_price(total, duration, price_per_hour)
        for control in range(1, min(math.ceil(total / 3), total - 1) + 1):
            yield PageOption(total - control, control, robust[control], total * duration, price)


def broken_limits(page: PageOption) -> list[Texts]:
    """Which limits of a suitable page it breaks, in words; empty if none."""
    broken = []
    if page.seconds < SHORTEST_PAGE:
        broken.append(say("page_too_short", seconds=round(page.seconds, 1)))
    if page.seconds > LONGEST_PAGE:
        broken.append(say("page_too_long", minutes=round(page.seconds / 60)))
    if page.total > LARGEST_BY_HAND:
        broken.append(say("page_too_large", items=page.total))
    if page.control and _guessed(page) > HIGHEST_CHANCE + Fraction(1, 10**12):
        broken.append(say("page_too_easy", chance=round(100 * _guessed(page))))
    return broken


def _guessed(page: PageOption) -> float:
    return 1 - page.robustness


def default_option(pages: Sequence[PageOption]) -> PageOption:
    """The page in the middle: closest to the mean robustness, of these to the mean number of control items, of these
    to the mean size; of two that are equally close the smaller.
    """
    measures: tuple[Callable[[PageOption], float], ...] = (
        lambda page: page.robustness,
        lambda page: page.control,
        lambda page: page.total,
    )
    kept = list(pages)
    for measure in measures:
        kept = _closest(kept, measure)
    return min(kept, key=lambda page: (page.total, page.control))


def _closest(pages: Sequence[PageOption], measure: Callable[[PageOption], float]) -> list[PageOption]:
    # Exact, so that pages which are equally far from the mean are all kept.
    values = [Fraction(measure(page)) for page in pages]
    mean = sum(values, Fraction(0)) / len(values)
    nearest = min(abs(value - mean) for value in values)
    return [page for page, value in zip(pages, values, strict=True) if abs(value - mean) == nearest]


def preferred_option(pages: Sequence[PageOption], share: float, aim: float) -> PageOption:
    """The page for a policy: robust enough if any is, of these the closest to the wanted share of control items, of
    these the default option.
    """
    robust = [page for page in pages if page.robustness >= aim] or list(pages)
    wanted = Fraction(str(share))
    nearest = min(abs(Fraction(page.control, page.total) - wanted) for page in robust)
    return default_option([page for page in robust if abs(Fraction(page.control, page.total) - wanted) == nearest])


def nearest_options(pages: Iterable[PageOption]) -> list[PageOption]:
    """The pages that break the limits least, each measured by how many times it is exceeded."""

    def excess(page: PageOption) -> float:
        time = max(page.seconds / LONGEST_PAGE, SHORTEST_PAGE / page.seconds, 1.0)
        guess = max(_guessed(page) / float(HIGHEST_CHANCE), 1.0) if page.control else 1.0
        return round(math.log(time) + math.log(guess), 9)

    measured = [(excess(page), page) for page in pages]
    least = min(value for value, _ in measured)
    return [page for value, page in measured if value == least]


def page_without_controls(duration: float, price_per_hour: float) -> PageOption:
    """The middle of the sizes that take a fitting time, or the size nearest to one; one item if that is long enough."""
    sizes = range(1, LARGEST_PAGE + 1)
    fitting = [size for size in sizes if size >= SMALLEST_PAGE and SHORTEST_PAGE <= size * duration <= LONGEST_PAGE]
    pages = [
        PageOption(size, 0, 0.0, size * duration, page_price(size, duration, price_per_hour))
        for size in fitting or sizes
    ]
    return default_option(nearest_options(pages))


# --- the plan -------------------------------------------------------------------------------------


@entry
def plan(task: Task, policy: Policy, items: Items, *, more: bool = False) -> Plan:
    """Pages, prices and lease for a launch, and what its requester should know before paying.

    `more`: other items to ask will come, so that pages are as large as they should be; control items are counted as
    they are there now.

    Raises `DataError` if there is nothing to ask.
    """
    if items.count == 0 and not more:
        raise DataError("a launch needs items; give some, or launch the run open and add them later")
    if items.real_count == 0 and not more:
        raise DataError(f"{items.name}: all {items.count} items are control items; add items to ask")
    # Who judges says right or wrong, whatever words there are for that.
    judges = policy.quality == "judge"
    classes = 2 if judges else max(2, min(slot.type.fewest_options() or UNBOUNDED for slot in task.outputs))
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
        clear=clear,
        precise=run_price_precise(*cost),
        notices=tuple(_notices(task, policy, items, _Pages(wanted, chosen, page), clear)),
        crowd_notices=tuple(_crowd_notices(page)),
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
    return preferred_option(suitable or nearest_options(few), policy.control_share, policy.robustness)


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
    yield from _crowd_notices(page)
    if 0 < page.control < pages.chosen.control:
        yield say("few_controls", there=page.control, wanted=pages.chosen.control)
    lasting, reachable = _pages_checked(page.control, items.control_count), math.ceil(items.real_count / page.real)
    if 0 < lasting < reachable:
        yield say("controls_outlasted", lasting=lasting, reachable=reachable)
    if page.real < pages.wanted.real:
        yield say("few_items", there=items.real_count, wanted=pages.wanted.real)
    for slot in task.outputs if page.control else ():
        balance = items.balance(slot.name)
        guess = best_constant_guess(balance, page.control, policy.control_ratio)
        even = random_chance(page.control, policy.needed_correct(page.control), len(balance))
        # Where so few control items let everybody through, others would not help: that is told of the page's limits.
        helps = even <= HIGHEST_CHANCE or guess.chance > even + NOTABLY
        if guess.label is not None and guess.chance > HIGHEST_CHANCE and helps:
            yield say("controls_unbalanced", output=repr(slot.name), chance=round(100 * guess.chance))
    if page.control:
        yield from given_away_notices(items)
    yield from wage_notices(policy, page.price, page.seconds, page.total)
    yield from budget_notices(policy, cost)


def unverified_notice() -> Texts:
    """That nothing shows whether a page is any good."""
    return say("pages_unverified")


def _crowd_notices(page: PageOption) -> Iterator[Texts]:
    """What there is to say of a page that a crowd works on."""
    if page.control == 0:
        yield unverified_notice()
    for limit in broken_limits(page):
        yield say("page_unusual", limit=limit)


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
