"""The rules of a policy that restrict workers: by speed, by control items, by skipped pages, by reports."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dataforge.arguments import named_entry
from dataforge.durations import seconds
from dataforge.errors import SpecError
from dataforge.policy._values import Duration, check_count, check_flag, check_share, exact, put

__all__ = [
    "MODERATE_CONTROL",
    "MODERATE_REPORTS",
    "MODERATE_SKIPS",
    "MODERATE_SPEED",
    "ControlRule",
    "ReportRule",
    "SkipRule",
    "SpeedRule",
]


@named_entry
@dataclass(frozen=True)
class SpeedRule:
    """A page done faster than `ratio` × its duration hint closes the run to its worker for a time.

    With `reject` the page is not paid either. A ratio of 0 switches the rule off.
    """

    ratio: float
    restrict: Duration = "2h"
    reject: bool = False

    def __post_init__(self) -> None:
        check_share("speed: ratio", self.ratio)
        check_flag("speed: reject", self.reject)
        put(self, restrict=seconds(self.restrict, "speed: restrict"))

    @property
    def restrict_seconds(self) -> float:
        """How long the run stays closed to the worker."""
        return seconds(self.restrict)


@named_entry
@dataclass(frozen=True)
class ControlRule:
    """A worker whose share of right control items falls below a threshold is restricted for a time.

    Below `hard` for `hard_restrict`, else below `soft` for `soft_restrict`; only after `after` control items.
    """

    soft: float = 0.7
    hard: float = 0.5
    soft_restrict: Duration = "1h"
    hard_restrict: Duration = "8h"
    after: int = 5

    def __post_init__(self) -> None:
        check_share("control: soft", self.soft)
        check_share("control: hard", self.hard)
        if self.hard > self.soft:
            raise SpecError(f"policy: control: hard {self.hard!r} must not be above soft {self.soft!r}")
        check_count("control: after", self.after, 1)
        put(self, soft_restrict=seconds(self.soft_restrict, "control: soft_restrict"))
        put(self, hard_restrict=seconds(self.hard_restrict, "control: hard_restrict"))

    @property
    def soft_restrict_seconds(self) -> float:
        """How long the run stays closed to a worker below `soft`."""
        return seconds(self.soft_restrict)

    @property
    def hard_restrict_seconds(self) -> float:
        """How long the run stays closed to a worker below `hard`."""
        return seconds(self.hard_restrict)

    def restrict_seconds(self, correct: int, total: int) -> float:
        """How long a worker with this record is restricted; 0: not at all."""
        if total < self.after:
            return 0.0
        if Fraction(correct, total) < exact(self.hard):
            return self.hard_restrict_seconds
        return self.soft_restrict_seconds if Fraction(correct, total) < exact(self.soft) else 0.0


@named_entry
@dataclass(frozen=True)
class SkipRule:
    """A worker who skips `row` pages in a row is restricted for a time."""

    row: int = 5
    restrict: Duration = "8h"

    def __post_init__(self) -> None:
        check_count("skips: row", self.row, 1)
        put(self, restrict=seconds(self.restrict, "skips: restrict"))

    @property
    def restrict_seconds(self) -> float:
        """How long the run stays closed to the worker."""
        return seconds(self.restrict)


@named_entry
@dataclass(frozen=True)
class ReportRule:
    """A worker who reports more than `share` of their items, of at least `after`, is restricted for a time.

    Items that others reported as well do not count.
    """

    share: float = 0.3
    restrict: Duration = "1h"
    after: int = 30

    def __post_init__(self) -> None:
        check_share("reports: share", self.share)
        check_count("reports: after", self.after, 1)
        put(self, restrict=seconds(self.restrict, "reports: restrict"))

    @property
    def restrict_seconds(self) -> float:
        """How long the run stays closed to the worker."""
        return seconds(self.restrict)


# Those of the preset Moderate.
MODERATE_SPEED = (SpeedRule(0.1, "1d", reject=True), SpeedRule(0.3, "2h"))
MODERATE_CONTROL = ControlRule()
MODERATE_SKIPS = SkipRule()
MODERATE_REPORTS = ReportRule()
