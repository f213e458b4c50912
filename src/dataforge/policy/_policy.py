"""The policy of a launch, its presets, and what is asked of several settings together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any, Self

from dataforge import cards
from dataforge.arguments import entry, named_entry
from dataforge.durations import seconds
from dataforge.errors import SpecError
from dataforge.objects.base import Label, shorten
from dataforge.policy._money import bonuses_of, check_money
from dataforge.policy._rules import (
    MODERATE_CONTROL,
    MODERATE_REPORTS,
    MODERATE_SKIPS,
    MODERATE_SPEED,
    ControlRule,
    ReportRule,
    SkipRule,
    SpeedRule,
)
from dataforge.policy._values import (
    LARGEST_PAGE,
    Duration,
    aggregation_of,
    check_count,
    check_flag,
    check_score,
    check_share,
    confidences,
    exact,
    languages_of,
    overlap_for,
    overlap_of,
    page_of,
    plain_of,
    positive,
    put,
    quality_of,
    voters_of,
)
from dataforge.policy._workers import Workers, workers_of

__all__ = ["IN_VAIN", "PRESETS", "Policy"]

MIN_CONFIDENCE = 0.85
OPINIONS = (1, 5)
"""How many opinions each item gets by default: one, and more while it is less sure than wanted."""
SEVERAL = 3
"""How many it gets where one answer is made of them, or all are kept."""
CHECKS = (2, 5)
"""How many opinions each answer gets by default where other workers judge them."""
MOST_ATTEMPTS = 20
IN_VAIN = 2
"""For each attempt that an item may have, so many on pages that are rejected: these are judged, and not paid."""
OF_ANSWERS = (
    "quality",
    "target",
    "voters",
    "attempts",
    "check_sample",
    "finalize_at",
    "most_waiting",
    "check_drafts",
    "groups_apart",
    "control_similarity",
    "training",
    "page",
    "page_price",
    "budget",
)
"""Settings of a policy that say nothing of how its answers are judged."""
HOURLY = {"en": 1.0, "ru": 0.6, "tr": 1.2, "kk": 0.8}
"""Default price of an hour of work by the worker's language; other languages take that of English."""


@lru_cache(10_000)
def _needed_correct(ratio: float, controls: int) -> int:
    """It is asked of every page, and exact fractions take their time."""
    return math.ceil(exact(ratio) * controls)


@named_entry
@dataclass(frozen=True, kw_only=True)
class Policy:
    """Quality, cost and speed settings; `Policy()` is the preset Moderate. Checked when it is made.

    Quality
        quality: how answers get their quality: "consensus" (the most probable option), "check" (other workers judge
            them), "merge" (one answer out of several), "collect" (all are kept as they are); None: as fits the types of
            the answers.
        min_confidence: an answer this sure gets no further opinions; one number, or `{label: number}` where answers
            differ in what a mistake costs (labels that are not named take 0.85).
        target: how many of all answers are to be right, as 0.95: then opinions are asked where doubts are deepest,
            until the mean confidence is that, an item gets 1 to 9 unless `overlap` says otherwise, and `min_confidence`
            says only which answers are called unsure. 1: as many as can be had for the budget.
        voters: models whose labels of the items join the answers of people, `{name: column}`, by what control items
            show of them; with probabilities `{name: {label: column}}`.
        overlap: how many opinions each item gets: 3, or (2, 5) for between 2 and 5, as many as confidence needs. Where
            other workers judge answers: how many judge each. None: (1, 5); 3 where one answer is made of them or all
            are kept; (2, 5) where they are judgements.
        aggregation: "hierarchical-dawid-skene", "dawid-skene", "majority-vote", "max-likelihood",
            "one-coin-dawid-skene", "glad", "mace", "wawa" or "zero-based-skill", in any spelling.
        control_ratio: share of a page's control items that must be right for the page to be accepted.
        control_similarity: an answer that is no option, or a grade of a scale, is right if it is this similar to the
            known one; 1: the same; None: as fits its type.
        check: where other workers judge answers, the policy of that; None: this one, with two to five opinions on each
            answer where `overlap` says nothing else. Price of an hour, languages and time limit that it does not name
            are these.
        attempts: how many answers an item gets at most while none was found right; those on pages that are rejected do
            not count.
        check_sample: how many answers of a page are judged, drawn by lot; None: all.
        groups_apart: nobody judges answers of those who came by the same invitation.
        most_waiting: how many pages of a worker may be out or wait to be judged, and one more for each that was
            accepted; None: any number.
        check_drafts: drafts are judged before anybody mends them: an item whose draft is right is final, and nobody is
            paid to answer it.
        finalize_at: an answer that was not judged is final if this share of those judged on its page is right; None:
            never.
        control_share, robustness: what the page aims at when its size is chosen: the share of control items, and the
            probability that a worker who guesses is rejected.
        training: the share of right answers, 0 to 100, that workers reach in the training before they get pages; None:
            80 where there are training items.
        speed, control, skips, reports: rules that restrict workers; () and None switch them off.
    Cost (in units of `currency`)
        page: (real items, control items) of a page; None: chosen from the duration hint and the aims above.
        price_per_hour: None: by language. page_price: price of a whole page instead of one by the hour.
        wage_floor: what an hour of honest work brings at least; pages that take people longer than the hint are topped
            up, out of the budget. None: whatever comes of the prices.
        bonuses: what workers are paid once, beside the prices of pages, for so large a share of right answers that is
            certain of them: `{0.8: 0.5, 0.9: 1}`; steps add up. None: nothing.
        commission: the platform's share on top; the embedded platform takes none.
        budget: no page is given out that could exceed it.
    Speed
        time_limit: the run ends after this time with what it has. stall_after: silence after which a notice appears.
        lease: how long a worker may keep a page; None: ten minutes or five times its hint, whichever is longer.
        languages: workers who read their pages in one of these only; empty: everybody.
        workers: what is asked of workers besides, `df.Workers(…)`; None: nothing.
    """

    min_confidence: float | Mapping[Any, float] = MIN_CONFIDENCE
    target: float | None = None
    voters: Mapping[str, str | Mapping[Any, str]] | None = None
    overlap: int | tuple[int, int] | None = None
    quality: str | None = None
    aggregation: str = "hierarchical-dawid-skene"
    control_ratio: float = 0.7
    control_similarity: float | None = None
    check: Policy | None = None
    attempts: int = 3
    check_sample: int | None = None
    finalize_at: float | None = None
    most_waiting: int | None = 2
    check_drafts: bool = False
    groups_apart: bool = False
    control_share: float = 0.2
    robustness: float = 0.75
    training: float | None = None
    speed: tuple[SpeedRule, ...] = MODERATE_SPEED
    control: ControlRule | None = MODERATE_CONTROL
    skips: SkipRule | None = MODERATE_SKIPS
    reports: ReportRule | None = MODERATE_REPORTS
    page: tuple[int, int] | None = None
    price_per_hour: float | None = None
    page_price: float | None = None
    wage_floor: float | None = None
    bonuses: Mapping[float, float] | None = None
    commission: float = 0.0
    budget: float | None = None
    currency: str = "USD"
    time_limit: Duration | None = None
    stall_after: Duration = "15m"
    lease: Duration | None = None
    languages: tuple[str, ...] = ()
    workers: Workers | None = None

    def __post_init__(self) -> None:
        put(self, **{name: plain_of(value) for name, value in self._settings()})
        put(self, min_confidence=confidences(self.min_confidence), overlap=overlap_of(self.overlap))
        put(self, overlap=overlap_for(self.target, self.overlap))
        put(self, target=None if self.target is None else float(self.target))
        put(self, voters=voters_of(self.voters), bonuses=bonuses_of(self.bonuses))
        put(self, aggregation=aggregation_of(self.aggregation), page=page_of(self.page))
        put(self, quality=quality_of(self.quality, self.overlap))
        check_share("control_ratio", self.control_ratio)
        if self.control_similarity is not None:
            check_share("control_similarity", self.control_similarity)
        check_share("control_share", self.control_share)
        check_share("robustness", self.robustness)
        check_score("training", self.training)
        _check_checks(self)
        _check_rules(self)
        check_money(self)
        put(self, stall_after=positive("stall_after", self.stall_after))
        put(self, time_limit=None if self.time_limit is None else positive("time_limit", self.time_limit))
        put(self, lease=None if self.lease is None else positive("lease", self.lease))
        put(self, languages=languages_of(self.languages), workers=workers_of(self.workers))

    @classmethod
    def _instead_of(cls, value: object) -> str:
        """What to do where a policy is needed and this came."""
        if isinstance(value, Mapping) and value and all(isinstance(name, str) for name in value):
            return f"write df.Policy({', '.join(f'{name}={setting!r}' for name, setting in value.items())})"
        return "make one by df.Policy(…), or name a preset such as 'strict'"

    def __repr__(self) -> str:
        """What differs from the preset Moderate, as it would be written."""
        changed = [(name, value) for name, value in self._settings() if value != getattr(DEFAULT, name)]
        return f"Policy({', '.join(f'{name}={value!r}' for name, value in changed)})"

    def _repr_html_(self) -> str:
        every = [(name, repr(value)) for name, value in self._settings()]
        changed = [(name, value) for name, value in every if value != repr(getattr(DEFAULT, name))]
        about = "" if changed else "the preset Moderate"
        return cards.card("Policy", about, cards.table(changed), cards.folded("all settings", cards.table(every)))

    def _settings(self) -> list[tuple[str, Any]]:
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    def __hash__(self) -> int:
        return hash((self.overlap, self.aggregation, self.page, self.budget))

    @classmethod
    @entry
    def preset(cls, name: str, **changes: Any) -> Self:
        """The preset "no-control", "mild", "moderate" or "strict", with changes."""
        known = {spelt.replace("-", ""): settings for spelt, settings in PRESETS.items()}
        wanted = name.lower().replace("-", "").replace("_", "").replace(" ", "") if isinstance(name, str) else ""
        if wanted not in known:
            raise SpecError(f"policy: no preset is named {name!r}; known: {', '.join(PRESETS)}")
        return cls(**(known[wanted] | changes))

    def changed(self, **changes: Any) -> Self:
        """The same policy with some settings changed."""
        return replace(self, **changes)

    @property
    def min_overlap(self) -> int:
        """How many opinions every item gets."""
        return self.opinions[0]

    @property
    def max_overlap(self) -> int:
        """How many opinions an item gets at most."""
        return self.opinions[1]

    @property
    def opinions(self) -> tuple[int, int]:
        """How many opinions an item gets at least and at most."""
        if self.overlap is None:
            return (SEVERAL, SEVERAL) if self.quality in ("merge", "collect") else OPINIONS
        return (self.overlap, self.overlap) if isinstance(self.overlap, int) else self.overlap

    @property
    def dynamic(self) -> bool:
        """Whether unsure items get more opinions than sure ones."""
        return self.min_overlap < self.max_overlap

    @property
    def alone(self) -> bool:
        """Whether whoever answers may mend it later: one unpaid answer is wanted of each item, and a page has one item.

        Then there is nobody to be paid for work that was not done, and nobody else whose answers are held against it.
        """
        return self.page == (1, 0) and self.page_price == 0 and self.opinions == (1, 1)

    @property
    def checks(self) -> Policy:
        """The policy by which other workers judge answers, where they do."""
        if self.check is None:
            overlap = CHECKS if self.overlap is None else self.overlap
            return replace(self, overlap=overlap, **{name: getattr(DEFAULT, name) for name in OF_ANSWERS})
        asked = self.check
        return replace(
            asked,
            currency=self.currency,
            commission=self.commission,
            languages=asked.languages or self.languages,
            workers=asked.workers or self.workers,
            time_limit=self.time_limit if asked.time_limit is None else asked.time_limit,
            price_per_hour=self.price_per_hour if asked.price_per_hour is None else asked.price_per_hour,
            wage_floor=self.wage_floor if asked.wage_floor is None else asked.wage_floor,
        )

    @property
    def hourly_price(self) -> float:
        """What an hour of work costs: as set, or the highest default among the languages, the wage floor at least."""
        if self.price_per_hour is not None:
            return self.price_per_hour
        usual = max((HOURLY.get(language, HOURLY["en"]) for language in self.languages), default=HOURLY["en"])
        return max(usual, self.wage_floor or 0.0)

    @property
    def stall_seconds(self) -> float:
        """How long nothing may happen before a notice appears."""
        return seconds(self.stall_after)

    @property
    def time_limit_seconds(self) -> float | None:
        """When the run ends at the latest, counted from its launch; None: no limit."""
        return None if self.time_limit is None else seconds(self.time_limit)

    @property
    def lease_seconds(self) -> float | None:
        """How long a worker may keep a page; None: chosen from the page's duration hint."""
        return None if self.lease is None else seconds(self.lease)

    def min_confidence_for(self, label: Label | None) -> float:
        """The confidence at which an item whose answer is `label` gets no further opinions."""
        if isinstance(self.min_confidence, Mapping):
            return self.min_confidence.get(label, MIN_CONFIDENCE)
        return self.min_confidence

    def needed_correct(self, controls: int) -> int:
        """How many of a page's control items must be right; the ratio counts as it is written: 25 at 0.28 need 7."""
        return _needed_correct(self.control_ratio, controls)

    def to_json(self) -> dict[str, Any]:
        """The policy in JSON values; `from_json` gives back an equal one."""
        written = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.min_confidence, Mapping):
            # Pairs, because a JSON object would turn True and 5 into texts.
            written["min_confidence"] = [[label, value] for label, value in self.min_confidence.items()]
        if self.voters is not None:
            written["voters"] = {
                name: given if isinstance(given, str) else [[label, column] for label, column in given.items()]
                for name, given in self.voters.items()
            }
        written["bonuses"] = None if self.bonuses is None else [[share, paid] for share, paid in self.bonuses.items()]
        written["overlap"] = list(self.overlap) if isinstance(self.overlap, tuple) else self.overlap
        written["page"] = None if self.page is None else list(self.page)
        written["languages"] = list(self.languages)
        written["workers"] = None if self.workers is None else self.workers.to_json()
        written["speed"] = [asdict(rule) for rule in self.speed]
        written["control"] = None if self.control is None else asdict(self.control)
        written["skips"] = None if self.skips is None else asdict(self.skips)
        written["reports"] = None if self.reports is None else asdict(self.reports)
        written["check"] = None if self.check is None else self.check.to_json()
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """The policy that `to_json` wrote; raises `SpecError` if it is none."""
        try:
            read = dict(written)
            if isinstance(read.get("min_confidence"), list):
                read["min_confidence"] = dict(read["min_confidence"])
            read["speed"] = tuple(SpeedRule(**rule) for rule in read["speed"])
            read["control"] = ControlRule(**read["control"]) if read["control"] is not None else None
            read["skips"] = SkipRule(**read["skips"]) if read["skips"] is not None else None
            # A policy that was written before there was this rule has none.
            written_rule = read.get("reports")
            read["reports"] = None if written_rule is None else ReportRule(**written_rule)
            read["check"] = None if read.get("check") is None else cls.from_json(read["check"])
            return cls(**read)
        except (KeyError, TypeError, ValueError) as error:
            raise SpecError(f"policy: cannot be read from {shorten(written)}: {error}") from None


PRESETS: dict[str, dict[str, Any]] = {
    "no-control": {
        "overlap": 1,
        "control_share": 0.0,
        "robustness": 0.0,
        "speed": (),
        "control": None,
        "skips": None,
        "reports": None,
    },
    "mild": {
        "overlap": (1, 3),
        "control_share": 0.1,
        "robustness": 0.6,
        "speed": (SpeedRule(0.01, "1d", reject=True), SpeedRule(0.05, "2h")),
    },
    "moderate": {},
    "strict": {
        "overlap": (2, 7),
        "control_share": 0.4,
        "robustness": 0.9,
        "speed": (SpeedRule(0.3, "1d", reject=True), SpeedRule(0.5, "2h")),
    },
}


def _check_rules(policy: Policy) -> None:
    if not isinstance(policy.speed, tuple | list) or not all(isinstance(rule, SpeedRule) for rule in policy.speed):
        raise SpecError(f"policy: speed must be a tuple of rules such as (SpeedRule(0.1),), got {policy.speed!r}")
    put(policy, speed=tuple(policy.speed))
    if policy.control is not None and not isinstance(policy.control, ControlRule):
        raise SpecError(f"policy: control must be a ControlRule or None, got {policy.control!r}")
    if policy.skips is not None and not isinstance(policy.skips, SkipRule):
        raise SpecError(f"policy: skips must be a SkipRule or None, got {policy.skips!r}")
    if policy.reports is not None and not isinstance(policy.reports, ReportRule):
        raise SpecError(f"policy: reports must be a ReportRule or None, got {policy.reports!r}")


def _check_checks(policy: Policy) -> None:
    """Raise unless the settings of checks by other workers make sense."""
    check = policy.check
    if check is not None and not isinstance(check, Policy):
        raise SpecError(f"policy: check must be a policy such as df.Policy(overlap=(2, 5)), got {check!r}")
    if check is not None and (check.check is not None or check.quality not in (None, "consensus")):
        raise SpecError(f"policy: check: whether an answer is right is found by consensus, got {check!r}")
    if not isinstance(policy.check_drafts, bool):
        raise SpecError(f"policy: check_drafts must be True or False, got {policy.check_drafts!r}")
    check_count("attempts", policy.attempts, 1, MOST_ATTEMPTS)
    if policy.check_sample is not None:
        check_count("check_sample", policy.check_sample, 1, LARGEST_PAGE)
    check_flag("groups_apart", policy.groups_apart)
    if policy.most_waiting is not None:
        check_count("most_waiting", policy.most_waiting, 1)
    if policy.finalize_at is not None:
        check_share("finalize_at", policy.finalize_at)
        if policy.check_sample is None:
            raise SpecError(
                f"policy: finalize_at={policy.finalize_at!r} is about answers that are not judged, and all are; name "
                "how many of a page are by check_sample=…"
            )


DEFAULT = Policy()
