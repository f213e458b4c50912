"""What a page may hold and cost, to be looked at before there is a task or an item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dataforge import cards
from dataforge.arguments import entry
from dataforge.durations import seconds, written
from dataforge.errors import SpecError
from dataforge.objects.base import Label, listed
from dataforge.plots import Plot
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.page_pictures import plot_pages
from dataforge.pricing.page_sizes import (
    PageOption,
    best_constant_guess,
    broken_limits,
    default_option,
    nearest_options,
    needed_correct,
    page_without_controls,
    pass_chance,
    possible_pages,
    preferred_option,
)
from dataforge.pricing.page_sizes import (
    options as suitable,
)
from dataforge.records import Texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PriceOptions", "pages_for", "price_options"]


@dataclass(frozen=True)
class PriceOptions:
    """Pages to choose from, by size and then by the number of control items, and the one `chosen` of them.

    Where no page is suitable `pages` are the nearest, and `notices` say which limits the chosen one breaks.
    """

    pages: tuple[PageOption, ...]
    chosen: PageOption
    notices: tuple[Texts, ...]
    asked: Policy
    known: Mapping[Label, float]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each page: its price, items, what it makes an hour, how it resists guessing, and its seconds.

        `robustness` is the probability that somebody who guesses is rejected, `control_ratio` the share of control
        items. With known answers, `robustness_known` is that of who guesses as often as each answer comes, and
        `constant_guess` the probability that a page passes on which the best single answer is always given.
        """
        import pandas as pd

        return pd.DataFrame([self._row(page) for page in self.pages])

    def plot(self) -> Plot:
        """How robust the pages are, what share of them are control items, and how long they take, as pictures."""
        return plot_pages(self.pages, self.chosen)

    def policy(self) -> Policy:
        """The settings asked about, with the chosen page: what `launch` takes."""
        page = (self.chosen.real, self.chosen.control)
        return self.asked.changed(page=page, price_per_hour=self.asked.hourly_price)

    def __repr__(self) -> str:
        return "\n".join([f"PriceOptions({self._about()})", *self._said()])

    def _repr_html_(self) -> str:
        notes = [cards.line(said) for said in self._said()]
        return cards.card("Price options", self._about(), cards.table(self._row(self.chosen).items()), *notes)

    def _said(self) -> list[str]:
        """What there is to know of the chosen page: limits that it breaks, and guesses by what is known."""
        said = [f"⚠ {notice['en']}" for notice in self.notices]
        if self.known and self.chosen.control:
            guess = best_constant_guess(self.known, self.chosen.control, self.asked.control_ratio)
            said.append(
                f"with the known answers: who guesses as often as each comes is rejected with a probability of "
                f"{self._row(self.chosen)['robustness_known']:.3f}, who always says {guess.label!r} with "
                f"{1 - guess.chance:.3f}"
            )
        return said

    def _about(self) -> str:
        page = self.chosen
        return (
            f"{page.real} + {page.control} control items in {written(page.seconds)} for "
            f"{money(page.price, self.asked.currency)['en']}, of {len(self.pages)} pages"
        )

    def _row(self, page: PageOption) -> dict[str, float]:
        row: dict[str, float] = {
            "assignment_price": page.price,
            "real_items": page.real,
            "control_items": page.control,
            "price_per_hour": page.price * 3600 / page.seconds,
            "robustness": page.robustness,
            "control_ratio": page.control / page.total,
            "page_seconds": page.seconds,
        }
        if self.known and page.control:
            ratio = self.asked.control_ratio
            right = sum((Fraction(share) ** 2 for share in self.known.values()), Fraction(0))
            passed = pass_chance(page.control, needed_correct(page.control, ratio), right)
            row["robustness_known"] = float(1 - passed)
            row["constant_guess"] = best_constant_guess(self.known, page.control, ratio).chance
        return row


@entry
def price_options(
    duration: str | float | timedelta,
    *,
    options: int | None = None,
    language: str = "en",
    accept_ratio: float | None = None,
    price_per_hour: float | None = None,
    preset: str | None = None,
    known: Sequence[Label] | None = None,
) -> PriceOptions:
    """What a page may hold and cost, before there is a task or an item.

    Args:
        duration: how long one item takes: "9s", "2min", or a number of seconds.
        options: how many answers an item has to choose from; who guesses is right once in so many. None: two, or as
            many as there are among the `known`.
        language: of the workers: prices go by it, unless there is a `price_per_hour`.
        accept_ratio: share of a page's control items that must be right for it to be accepted; None: the preset's.
        price_per_hour: of a worker's work; 0 for unpaid work.
        preset: "no-control", "mild", "moderate" or "strict": the page closest to its aims is chosen, as at a launch;
            None: the page in the middle of those that are suitable.
        known: the answers of the control items that there are: then the table tells of guesses that know how often
            each answer comes, too.

    Raises:
        SpecError: a duration that is none, fewer than two options or than there are known answers, or a setting that
            no policy has.
    """
    counts = Counter(known or ())
    classes = max(2, len(counts)) if options is None else options
    if classes < 2:
        raise SpecError(f"options: expected 2 or more answers to choose from, got {options}")
    if len(counts) > classes:
        raise SpecError(
            f"options: the known answers have {len(counts)} different values, {listed(counts)}, and there are only "
            f"{options} to choose from; name as many, or leave options out"
        )
    hint = seconds(duration)
    if not hint:
        raise SpecError(f"duration: expected more than no time for an item, got {duration!r}")
    settings: dict[str, Any] = {"languages": (language,), "price_per_hour": price_per_hour}
    if accept_ratio is not None:
        settings["control_ratio"] = accept_ratio
    asked = Policy.preset(preset or "moderate", **settings)
    pages = pages_for(asked, hint, classes)
    aims = asked.control_share, asked.robustness
    chosen = default_option(pages) if preset is None else preferred_option(pages, *aims, ratio=asked.control_ratio)
    shares = {label: count / counts.total() for label, count in counts.items()}
    return PriceOptions(tuple(pages), chosen, tuple(broken_limits(chosen)), asked, shares)


def pages_for(asked: Policy, hint: float, options: int) -> list[PageOption]:
    """The suitable pages of such items, or the nearest; one without control items where the policy wants none."""
    if not asked.control_share:
        return [page_without_controls(hint, asked.hourly_price)]
    arguments = (hint, asked.hourly_price, asked.control_ratio, options)
    return suitable(*arguments) or nearest_options(possible_pages(*arguments))
