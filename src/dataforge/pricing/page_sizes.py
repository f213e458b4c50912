"""Which pages there can be, what they cost, and how well they resist guessing. Pure functions, of the standard library.

A page of T items, C of them control items, is *suitable* if 2 <= T <= 29, 1 <= C <= min(ceil(T / 3), T - 1), a worker
who guesses passes with a probability of at most 1/3, and it takes from 30 seconds to 20 minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from dataforge.catalogue import say
from dataforge.objects.base import Label
from dataforge.records import Texts

__all__ = [
    "HIGHEST_CHANCE",
    "LARGEST_BY_HAND",
    "LARGEST_PAGE",
    "UNBOUNDED",
    "ConstantGuess",
    "PageOption",
    "best_constant_guess",
    "broken_limits",
    "careful_rejected",
    "crowd_notices",
    "default_option",
    "fair_controls",
    "nearest_options",
    "needed_correct",
    "options",
    "page_price",
    "page_without_controls",
    "pass_chance",
    "possible_pages",
    "preferred_option",
    "robustness",
    "round_price",
    "unverified_notice",
]

LOWEST_PRICE = 0.005
UNBOUNDED = 1_000
"""Who guesses an answer that is no option is right as seldom as among so many."""
SMALLEST_PAGE, LARGEST_PAGE, LARGEST_BY_HAND = 2, 29, 30
SHORTEST_PAGE, LONGEST_PAGE = 30.0, 1200.0
HIGHEST_CHANCE = Fraction(1, 3)
CAREFUL = Fraction(95, 100)
"""How often who is careful answers a question rightly."""
FEW = 0.05
"""Pages on which no more of the careful are rejected than this are fair."""


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


def robustness(controls: int, ratio: float, classes: int) -> float:
    """The probability that a worker who guesses is rejected; 0 without control items."""
    return float(1 - pass_chance(controls, needed_correct(controls, ratio), Fraction(1, max(1, classes))))


def careful_rejected(controls: int, ratio: float, questions: int = 1) -> float:
    """The probability that a careful worker is rejected, who is right in 95 of 100 answers to each question.

    A control item is right if the answers to all of its questions are; 0 without control items.
    """
    return float(1 - pass_chance(controls, needed_correct(controls, ratio), CAREFUL**questions))


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


def preferred_option(
    pages: Sequence[PageOption], share: float, aim: float, *, ratio: float, questions: int = 1
) -> PageOption:
    """The page for a policy: robust enough if any is, of these the closest to the wanted share of control items, of
    these the default option; where that rejects the careful too often, it is that of those which do so seldom, or most
    seldom.
    """
    robust = [page for page in pages if page.robustness >= aim] or list(pages)
    wanted = Fraction(str(share))
    nearest = min(abs(Fraction(page.control, page.total) - wanted) for page in robust)
    near = [page for page in robust if abs(Fraction(page.control, page.total) - wanted) == nearest]
    unlucky = {page.control: careful_rejected(page.control, ratio, questions) for page in near}
    fair, chosen = max(FEW, min(unlucky.values())), default_option(near)
    if unlucky[chosen.control] <= fair:
        return chosen
    return default_option([page for page in near if unlucky[page.control] <= fair])


def fair_controls(ratio: float, questions: int) -> int | None:
    """With how many control items on a page the careful are seldom rejected; None: with no number that a page holds."""
    numbers = range(1, LARGEST_BY_HAND)
    return next((number for number in numbers if careful_rejected(number, ratio, questions) <= FEW), None)


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


def unverified_notice() -> Texts:
    """That nothing shows whether a page is any good."""
    return say("pages_unverified")


def crowd_notices(page: PageOption) -> Iterator[Texts]:
    """What there is to say of a page that a crowd works on."""
    if page.control == 0:
        yield unverified_notice()
    for limit in broken_limits(page):
        yield say("page_unusual", limit=limit)
