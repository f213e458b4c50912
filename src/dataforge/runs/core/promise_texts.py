"""What a run promises of its answers, and what its certificate says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from dataforge.catalogue import joined, percent, say
from dataforge.pricing.amounts import money
from dataforge.records import Assumption, Certificate, Interval, Level, Texts, VerifiedItems
from dataforge.runs.core import target_texts
from dataforge.runs.core.quality import Reach

__all__ = [
    "ACCOUNTS",
    "ASSUMPTIONS",
    "COLLECTED",
    "THREE_SHARES",
    "TITLES",
    "accuracy",
    "beyond",
    "levels",
    "none_that_sure",
    "nothing_known",
    "of_control",
    "of_judged_control",
    "of_money",
    "of_output",
    "of_rare",
    "of_verified",
    "promised",
    "row",
    "to_promise_more",
]

TITLES: dict[str, Texts] = {
    "sure": say("certificate_sure"),
    "rests": say("certificate_rests"),
    "know": say("certificate_know"),
    "paid": say("certificate_paid"),
    "asked": say("certificate_asked"),
}
ASSUMPTIONS: dict[Assumption, Texts] = {
    "model": say("assumed_model"),
    "like_controls": say("assumed_like_controls"),
    "drawn": say("assumed_drawn"),
    "left_out": say("assumed_left_out"),
}
ACCOUNTS = say("assumed_accounts")
THREE_SHARES = say("three_shares")
ROWS: dict[str, Texts] = {"unverified": say("answers_unverified"), "unanswered": say("answers_lacking")}
# So many or more are told in tens.
ROUNDED_FROM = 100
TOLD = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
COLLECTED = say("answers_collected")


def _down(confidence: float) -> float:
    """A confidence in three digits, never above what it is."""
    return math.floor(confidence * 1000) / 1000


def _percent(share: float, digits: int) -> Decimal:
    """A share in per cent, with so many digits behind the point."""
    return Decimal(f"{share:.{digits}%}".rstrip("%"))


# --- while a run goes on --------------------------------------------------------------------------


def promised(reach: Reach, histogram: Sequence[int]) -> Texts:
    """What a crowd can be trusted to, how many answers reach that, and what it takes where more is wanted.

    `histogram`: how many confidences lie in equal bins of 0..1.
    """
    if reach.of_all and reach.beyond:
        told = target_texts.shown_beyond if reach.answered else target_texts.shown_beyond_from_the_start
        return told(reach.wanted, reach.most, reach.lacking, reach.controls)
    if not reach.answered:
        return _from_the_start(reach) if reach.beyond else {"en": ""}
    if reach.most >= 1 and not any(histogram):
        return {"en": ""}  # no answer has a confidence, and nothing bounds it: there is nothing to tell of
    # What nobody can reach is no level to tell of.
    level = next((level for level in TOLD if level <= reach.most), TOLD[-1])
    share = sum(histogram[round(level * len(histogram)) :]) / max(sum(histogram), 1)
    told_so_far = say("trusted_so_far", most=_down(reach.most), share=percent(share), level=level)
    if not reach.beyond:
        return told_so_far
    return joined(
        joined(told_so_far, say("confidence_wanted", wanted=reach.wanted)), to_promise_more(reach), between=""
    )


def of_rare(label: str, most: float) -> Texts:
    """That known answers show too little of one label."""
    return say("trusted_of_label", label=label, most=_down(most))


def _from_the_start(reach: Reach) -> Texts:
    name = "trusted_by_so_many" if reach.controls else "trusted_without_controls"
    told = say(name, wanted=reach.wanted, most=_down(reach.most), controls=reach.controls)
    return joined(told, to_promise_more(reach), between="")


def to_promise_more(reach: Reach) -> Texts:
    """What would let a run promise what is wanted, behind a space; nothing if no number of known answers would."""
    if not reach.beyond or reach.lacking is None:
        return {"en": ""}
    number = reach.lacking if reach.lacking < ROUNDED_FROM else -(-reach.lacking // 10) * 10
    name = "promise_needs_controls" if reach.controls else "promise_needs_verified"
    needed = say(name, wanted=reach.wanted, number=number, verify=f"run.to_verify({number})")
    if reach.erring:
        # More known answers show more only if workers stop erring together.
        needed = joined(say("promise_sharper_first"), needed)
    return joined({"en": ""}, needed)


# --- on a certificate -----------------------------------------------------------------------------


def beyond(most: float) -> Texts:
    """That a crowd cannot be trusted far."""
    return say("trusted_not_beyond", most=_down(most))


def none_that_sure(level: float) -> Texts:
    """That no answer reaches a confidence."""
    return say("none_that_sure", level=level)


def nothing_known(items: int) -> Texts:
    """That there is no number."""
    return say("accuracy_unknown", items=items)


def accuracy(found: Interval) -> Texts:
    """The share of right answers with its interval."""
    mean, low, high = (_percent(share, 1) for share in (found.mean, found.low, found.high))
    told = say("accuracy_found", mean=mean, of=found.of, low=low, high=high)
    return joined(told, say("accuracy_left_out", left_out=found.left_out)) if found.left_out else told


def levels(found: Sequence[Level], items: int) -> list[tuple[Texts, Texts]]:
    """How many answers reach which confidence, and how many of these are right."""
    return [(say("confidence_at_least", level=one.confidence), _level(one, items)) for one in found]


def _level(found: Level, items: int) -> Texts:
    if found.right is None:
        return _of_all(found.items, items)
    mean, low, high = (_percent(share, 1) for share in (found.right.mean, found.right.low, found.right.high))
    return say(
        "row_of_items_right",
        items=found.items,
        share=_percent(found.items / items if items else 0, 0),
        mean=mean,
        low=low,
        high=high,
    )


def of_control(items: int, answers: int, right: int) -> Texts:
    """How control items were answered."""
    if not items:
        return say("controls_none")
    if not answers:
        return say("controls_unanswered", items=items)
    return say("controls_answered", items=items, answers=answers, right=_percent(right / answers, 1))


def of_judged_control(items: int, answers: int, right: int) -> list[Texts]:
    """How those judged who judge the run's answers, of answers that are known to be right or wrong."""
    return [say("controls_judged", items=items, answers=answers, right=_percent(right / answers, 1))] if answers else []


def of_verified(found: VerifiedItems) -> list[Texts]:
    """What somebody trusted has judged."""
    told = []
    if found.sample:
        told.append(say("verified_drawn", sample=found.sample, right=found.right))
    if found.waiting:
        told.append(say("verified_waiting", waiting=found.waiting))
    if found.picked:
        told.append(say("verified_picked", picked=found.picked))
    return told or [say("verified_none")]


def of_money(found: Certificate) -> Texts:
    """What was paid for."""
    paid, total = (money(amount, found.currency) for amount in (found.paid, found.total))
    name = "certificate_money" if total == paid else "certificate_money_with_commission"
    return say(name, responses=found.responses, workers=found.workers, paid=paid, total=total)


def of_output(title: Texts, line: Texts) -> Texts:
    """A line about one of several outputs."""
    return joined(title, line, between=": ")


def row(name: str, items: int, of: int) -> tuple[Texts, Texts]:
    """A number of items beside all."""
    return ROWS[name], _of_all(items, of)


def _of_all(items: int, of: int) -> Texts:
    return say("row_of_items", items=items, share=_percent(items / of if of else 0, 0))
