"""The policy: quality, cost and speed settings of a launch."""

from dataforge.policy._policy import IN_VAIN, PRESETS, Policy
from dataforge.policy._rules import MODERATE_SPEED, ControlRule, ReportRule, SkipRule, SpeedRule
from dataforge.policy._values import Duration
from dataforge.policy._workers import Workers

__all__ = [
    "IN_VAIN",
    "MODERATE_SPEED",
    "PRESETS",
    "ControlRule",
    "Duration",
    "Policy",
    "ReportRule",
    "SkipRule",
    "SpeedRule",
    "Workers",
]
