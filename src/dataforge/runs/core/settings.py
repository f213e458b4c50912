"""A policy in the words of who reads the run's page: what each of its settings does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from dataforge.catalogue import listed, say
from dataforge.policy import ControlRule, Policy, ReportRule, SkipRule, SpeedRule, Workers
from dataforge.pricing.amounts import money
from dataforge.records import Texts

__all__ = ["in_words"]

UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def in_words(policy: Policy, way: str, controls: int) -> tuple[Texts, ...]:
    """What a policy asks for in a run that goes a way, with so many control items on a page.

    What is switched off goes unsaid.
    """
    return tuple(_settings(policy, way, controls))


def _settings(policy: Policy, way: str, controls: int) -> Iterator[Texts]:
    yield from _quality(policy, way)
    if way == "check":
        yield from _checks(policy)
    if controls:
        yield from _controls(policy, controls, judged=way == "check")
    elif way != "check":
        yield say("set_no_controls")
    yield from (_speed(rule) for rule in policy.speed if rule.ratio)
    if policy.training is not None:
        yield say("set_training", score=policy.training)
    if policy.wage_floor:
        yield say("set_wage", hour=money(policy.wage_floor, policy.currency))
    if policy.bonuses:
        yield _bonuses(policy.bonuses, policy.currency)
    if policy.skips is not None:
        yield _skips(policy.skips)
    if policy.reports is not None:
        yield _reports(policy.reports)
    yield from _limits(policy)


def _controls(policy: Policy, controls: int, *, judged: bool) -> Iterator[Texts]:
    name = "set_controls_judged" if judged else "set_controls"
    yield say(name, right=policy.needed_correct(controls), controls=controls)
    if policy.control is not None:
        yield _control(policy.control)


def _quality(policy: Policy, way: str) -> Iterator[Texts]:
    if way == "collect":
        yield say("set_collect")
        return
    if policy.target is not None and policy.target < 1:
        yield say("set_target", share=_percent(policy.target, 1))
    yield _confidence(policy)
    if way == "merge":
        yield say("set_merge")
    elif way in ("consensus", "judge"):
        yield say("set_combined", aggregation=str(policy.aggregation))


def _checks(policy: Policy) -> Iterator[Texts]:
    least, most = policy.checks.min_overlap, policy.checks.max_overlap
    if least == most:
        yield say("set_checks", number=least)
    else:
        yield say("set_checks_between", least=least, most=most)
    if policy.check_drafts:
        yield say("set_drafts")
    if policy.check_sample is not None:
        yield say("set_sample", number=policy.check_sample)
    if policy.finalize_at is not None:
        yield say("set_finalized", share=_percent(policy.finalize_at))
    yield say("set_check_paid", share=_percent(policy.control_ratio))
    yield say("set_attempts", number=policy.attempts)


def _confidence(policy: Policy) -> Texts:
    if not isinstance(policy.min_confidence, Mapping):
        return say("set_confidence", sure=policy.min_confidence)
    each = [say("set_confidence_of", label=str(label), sure=sure) for label, sure in policy.min_confidence.items()]
    return say("set_confidences", sure=listed(each, ", "))


def _control(rule: ControlRule) -> Texts:
    spans = {"soft_span": _span(rule.soft_restrict_seconds), "hard_span": _span(rule.hard_restrict_seconds)}
    return say("set_restricted", after=rule.after, soft=_percent(rule.soft), hard=_percent(rule.hard), **spans)


def _speed(rule: SpeedRule) -> Texts:
    name = "set_speed_unpaid" if rule.reject else "set_speed"
    return say(name, ratio=_percent(rule.ratio), span=_span(rule.restrict_seconds))


def _skips(rule: SkipRule) -> Texts:
    return say("set_skips", row=rule.row, span=_span(rule.restrict_seconds))


def _reports(rule: ReportRule) -> Texts:
    return say("set_reports", share=_percent(rule.share), after=rule.after, span=_span(rule.restrict_seconds))


def _bonuses(steps: Mapping[float, float], currency: str) -> Texts:
    each = [say("set_bonus", share=share, amount=money(amount, currency)) for share, amount in steps.items()]
    return say("set_bonuses", steps=listed(each, ", "))


def _limits(policy: Policy) -> Iterator[Texts]:
    if policy.time_limit_seconds is not None:
        yield say("set_time_limit", span=_span(policy.time_limit_seconds))
    if policy.languages:
        yield say("set_languages", named=", ".join(policy.languages))
    if policy.workers is not None:
        yield from _asked(policy.workers)


def _asked(workers: Workers) -> Iterator[Texts]:
    """What is asked of workers."""
    if workers.speaks:
        yield say("set_speaks", named=", ".join(workers.speaks))
    if workers.regions:
        yield say("set_regions", named=", ".join(workers.regions))
    least, most = workers.age
    if least is not None:
        yield say("set_age_least", years=least)
    if most is not None:
        yield say("set_age_most", years=most)
    if workers.device is not None:
        yield say(f"set_device_{workers.device}")
    for skill in workers.record().skills:
        if skill.valid is None:
            yield say("set_skill", name=skill.name, least=skill.least)
        else:
            yield say("set_skill_fresh", name=skill.name, least=skill.least, span=_span(skill.valid))
    if workers.allowed:
        yield say("set_allowed", number=len(workers.allowed))
    if workers.barred:
        yield say("set_barred", number=len(workers.barred))


def _percent(share: float, digits: int = 0) -> Decimal:
    """A share in per cent, with so many digits behind the point."""
    return Decimal(f"{share:.{digits}%}".rstrip("%"))


def _span(seconds: float) -> Texts:
    """A length of time in the largest unit that it is a multiple of."""
    size, unit = next((one for one in UNITS if seconds and seconds % one[0] == 0), UNITS[-1])
    return say(f"span_{unit}", amount=seconds / size)
