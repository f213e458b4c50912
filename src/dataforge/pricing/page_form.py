"""The price form: what follows from how its knobs stand. Pure; a notebook asks it, and so does the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import ValidationError, convert
from msgspec.structs import replace

from dataforge.errors import SpecError
from dataforge.objects.base import shorten
from dataforge.policy import PRESETS, Policy
from dataforge.pricing.expected_answers import MOST_ANSWERS, accepted, expected
from dataforge.pricing.page_options import pages_for
from dataforge.pricing.page_sizes import (
    UNBOUNDED,
    PageOption,
    crowd_notices,
    page_price,
    preferred_option,
    robustness,
)
from dataforge.records import Outcome, PageFigures, PresetOutcome, PriceFigures, PriceKnobs, PricePreset, Texts

__all__ = ["knobs_of", "policy_of_knobs", "worked_out"]

LONGEST_ITEM = 86_400.0
MOST_ITEMS = 1_000_000_000
MOST_OPTIONS = 10_000
NAMES: tuple[PricePreset, ...] = ("no-control", "mild", "moderate", "strict")

KNOBS = {
    "preset": f"one of {', '.join(map(repr, (*NAMES, 'custom')))}",
    "duration": "how many seconds an item takes",
    "options": "how many answers there are to choose from, or None",
    "language": "a language such as 'ru', or '' for any",
    "price_per_hour": "an amount, or None",
    "real": "how many items a page has, or None",
    "control": "how many control items a page has, or None",
    "control_ratio": "a share from 0 to 1, or None",
    "overlap": "the fewest and the most answers an item gets, as (2, 5), or None",
    "items": "how many items are to be asked",
    "people": "how often people are right, a share from 0 to 1",
}
"""What each knob takes."""


def knobs_of(told: Mapping[str, Any], where: str) -> PriceKnobs:
    """The knobs as they are told; raises `SpecError` for the first that stands as none can, `where` says of what."""
    if not isinstance(told, Mapping):
        raise SpecError(f"{where}: expected knobs by their names, got {shorten(told)}")
    try:
        return convert(told, PriceKnobs)
    except ValidationError:
        name = next(name for name in told if not _stands(name, told[name]))
        if name not in KNOBS:
            raise SpecError(f"{where} has no knob {name!r}; it has: {', '.join(KNOBS)}") from None
        raise SpecError(f"{where}: {name}: expected {KNOBS[name]}, got {shorten(told[name])}") from None


def _stands(name: str, value: Any) -> bool:
    """Whether a knob can stand so."""
    try:
        convert({name: value}, PriceKnobs)
    except ValidationError:
        return False
    return True


def worked_out(knobs: PriceKnobs, of_task: float | None = None) -> PriceFigures:
    """All that the form shows; raises `SpecError` where the knobs stand as no launch can be.

    `of_task` is how long an item of the task takes, where there is one: a page has the price that the form shows, too,
    if the knob says another time.
    """
    _check(knobs)
    stands = _Stand.of(knobs, of_task)
    return PriceFigures(
        knobs=stands.knobs,
        currency=stands.policy.currency,
        page=_figures(stands.page),
        pages=[_figures(page) for page in stands.pages],
        outcome=stands.outcome(),
        presets=[PresetOutcome(name, _Stand.of(replace(knobs, preset=name)).outcome()) for name in NAMES],
        notices=stands.notices(),
        policy=_as_python(stands),
        launch=_as_options(stands),
    )


def policy_of_knobs(knobs: PriceKnobs, of_task: float | None = None) -> Policy:
    """What `launch` takes: the settings of the preset with what the knobs change of them; `of_task` as above."""
    _check(knobs)
    return _Stand.of(knobs, of_task).policy


@dataclass(frozen=True)
class _Stand:
    """The knobs with what the preset says of those that follow from it, the page, and all pages there are."""

    knobs: PriceKnobs
    policy: Policy
    page: PageOption
    pages: list[PageOption]

    @classmethod
    def of(cls, knobs: PriceKnobs, of_task: float | None = None) -> _Stand:
        policy = _asked(knobs)
        hint, hourly, options = knobs.duration, policy.hourly_price, knobs.options or UNBOUNDED
        pages = pages_for(policy, hint, options)
        if policy.page is None:
            page = preferred_option(pages, policy.control_share, policy.robustness, ratio=policy.control_ratio)
            policy = policy.changed(page=(page.real, page.control))
        else:
            real, control = policy.page
            total, robust = real + control, robustness(control, policy.control_ratio, options)
            page = PageOption(real, control, robust, total * hint, page_price(total, hint, hourly))
        stands = replace(
            knobs,
            price_per_hour=hourly,
            real=page.real,
            control=page.control,
            control_ratio=policy.control_ratio,
            overlap=policy.opinions,
        )
        as_told = of_task is None or of_task == hint
        paid = {"price_per_hour": hourly} if as_told else {"price_per_hour": None, "page_price": page.price}
        return cls(stands, policy.changed(**paid), page, pages)

    def outcome(self) -> Outcome:
        """What a run comes to in which every page is full."""
        knobs, page, overlap = self.knobs, self.page, self.policy.opinions
        each = page.price * (1 + self.policy.commission) / page.real
        if knobs.options is None:
            answers, accuracy, share = float(overlap[0]), None, 1.0
        else:
            come = accepted(knobs.people, knobs.options, page.control, self.policy.control_ratio)
            found = expected(come.right, knobs.options, overlap, self.policy.min_confidence_for(None))
            answers, accuracy, share = found.answers, found.right, come.share
        return Outcome(
            cost=knobs.items * each * answers,
            highest=knobs.items * each * overlap[1],
            hours=knobs.items * answers * page.seconds / page.real / max(share, 1e-9) / 3600,
            answers=answers,
            accuracy=accuracy,
        )

    def notices(self) -> list[Texts]:
        """What there is to know of the page."""
        return list(crowd_notices(self.page))


def _asked(knobs: PriceKnobs) -> Policy:
    """The policy before a page is chosen; with one where the form is turned by hand."""
    languages = (knobs.language,) if knobs.language else ()
    settings: dict[str, Any] = {"languages": languages, "price_per_hour": knobs.price_per_hour}
    if knobs.preset != "custom":
        return Policy.preset(knobs.preset, **settings)
    ours = Policy()
    page = (knobs.real if knobs.real is not None else 1, knobs.control if knobs.control is not None else 0)
    ratio = ours.control_ratio if knobs.control_ratio is None else knobs.control_ratio
    overlap = ours.opinions if knobs.overlap is None else knobs.overlap
    same = overlap[0] if overlap[0] == overlap[1] else overlap
    return Policy(**settings, page=page, control_ratio=ratio, overlap=same)


def _check(knobs: PriceKnobs) -> None:
    """Raise `SpecError` for what no policy looks at."""
    bounds: tuple[tuple[str, float | None, float, float], ...] = (
        ("duration", knobs.duration, 0.1, LONGEST_ITEM),
        ("options", knobs.options, 2, MOST_OPTIONS),
        ("items", knobs.items, 1, MOST_ITEMS),
        ("people", knobs.people, 0.01, 1),
        ("overlap", knobs.overlap and max(knobs.overlap), 1, MOST_ANSWERS),
    )
    for name, value, least, most in bounds:
        # Written so that what is no number is outside, too.
        if value is not None and not least <= value <= most:
            raise SpecError(f"{name}: expected from {least:g} to {most:,g}, got {value!r}")


def _figures(page: PageOption) -> PageFigures:
    return PageFigures(page.real, page.control, page.price, page.seconds, page.robustness, page.control / page.total)


# --- as it is written --------------------------------------------------------------------------------


def _as_python(stands: _Stand) -> str:
    """The policy as a notebook would say it: the preset, and what differs from that."""
    name = stands.knobs.preset if stands.knobs.preset in PRESETS else "moderate"
    usual, policy = Policy.preset(name), stands.policy
    changed = {
        setting: getattr(policy, setting)
        for setting in ("page", "control_ratio", "overlap", "price_per_hour", "page_price", "languages")
        if getattr(policy, setting) != getattr(usual, setting)
    }
    written = "".join(f", {setting}={value!r}" for setting, value in changed.items())
    return f'df.Policy.preset("{name}"{written})'


def _as_options(stands: _Stand) -> str:
    """The same as options of `dataforge launch`."""
    knobs, page, whole = stands.knobs, stands.page, stands.policy.page_price
    least, most = stands.policy.opinions
    name = knobs.preset if knobs.preset in PRESETS else "moderate"
    overlap = f"{least}" if least == most else f"{least}-{most}"
    said = (
        f"--preset {name} --page {page.real}+{page.control} --overlap {overlap} "
        f"--control-ratio {stands.policy.control_ratio:g} "
        + (f"--price-per-hour {stands.policy.hourly_price:g}" if whole is None else f"--page-price {whole:g}")
    )
    return f"{said} --languages {knobs.language}" if knobs.language else said
