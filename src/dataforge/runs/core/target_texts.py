"""What is said of a target of the whole: what it takes, how far it is, what is out of reach."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from dataforge.catalogue import joined, say
from dataforge.endings import Ending
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.records import MICRO, Publication, Texts
from dataforge.runs.core.targets import PRESUMED, Standing, answers_presumed, share_told, told
from dataforge.runs.core.texts import more_controls

__all__ = ["answers_an_item", "cost", "missed", "shown_beyond", "shown_beyond_from_the_start", "so_far", "too_far"]

CLOSE = 0.0005


def answers_an_item(policy: Policy) -> Texts:
    """How many answers an item gets, and what for."""
    least, most, target = policy.min_overlap, policy.max_overlap, policy.target
    if target is None or target >= 1:
        return say("overlap_by_doubt", least=least, most=most)
    return say("overlap_by_target", least=least, most=most, share=_percent(target))


def cost(publication: Publication, policy: Policy, items: int, labels: int, most: float, shown: float) -> Texts:
    """What a target costs if workers are as is presumed, `most` at most; without a target what the budget leads to.

    That is no more than is claimed at best: what control items bear out, `shown`.
    """
    target = 1.0 if policy.target is None else policy.target
    each = _of_an_answer(publication, policy)
    limit = most if policy.budget is None else min(most, policy.budget)
    bound, paid = money(limit, policy.currency), math.inf if each == 0 else limit / (each * items)
    needed = answers_presumed(target, labels, policy.min_overlap, policy.max_overlap)
    if target < 1 and needed <= paid:
        return say("target_cost", about=money(needed * each * items, policy.currency), most=bound)
    best = needed if target >= 1 else policy.max_overlap
    name = "target_cost_for_the_best" if best < paid else "target_cost_at_most"
    paid = min(paid, best)
    share = float(share_told(np.array(paid * told(PRESUMED, labels)), labels))
    answers, share = Decimal(f"{paid:.1f}"), _percent(min(share, shown))
    about = money(paid * each * items, policy.currency)
    return say(name, about=about, most=bound, answers=answers, share=share)


def so_far(publication: Publication, policy: Policy, standing: Standing, *, over: bool) -> Texts:
    """How far the target is, by the confidences there are."""
    target, reached, more = policy.target or 1.0, _percent(standing.reached), round(standing.more)
    if over or not more:
        return say("target_so_far", reached=reached)
    price = money(standing.more * _of_an_answer(publication, policy), policy.currency)
    if target >= 1:
        return say("target_more", reached=reached, more=more, price=price)
    return say("target_more_until", reached=reached, more=more, price=price, target=_percent(target))


def missed(target: float, reached: float, ending: Ending, most: int) -> Texts | None:
    """That a run has ended below its target, and what would bring it there; None if it has not."""
    if target >= 1 or not reached < target - CLOSE:
        return None
    return say(f"target_missed_{ending}", wanted=_percent(target), reached=_percent(reached), most=most)


def too_far(target: float, reachable: float, most: int) -> Texts:
    """Workers are right too seldom for the target, with as many answers as items may get."""
    return say("target_too_far", wanted=_percent(target), reachable=_percent(reachable), most=most)


def shown_beyond(target: float, shown: float, lacking: int | None, controls: int) -> Texts:
    """More is wanted of the whole than control items bear out, as they were answered so far."""
    name = "target_unshown_by_controls" if controls else "target_unshown"
    said = say(name, wanted=_percent(target), shown=_percent(shown))
    return joined(said, more_controls(lacking, controls), between="")


def shown_beyond_from_the_start(target: float, shown: float, lacking: int | None, controls: int) -> Texts:
    """More is wanted of the whole than so many control items can bear out, however well they are answered."""
    name = "target_unshown_by_so_many" if controls else "target_unshown_from_the_start"
    said = say(name, wanted=_percent(target), shown=_percent(shown), controls=controls)
    return joined(said, more_controls(lacking, controls), between="")


def _of_an_answer(publication: Publication, policy: Policy) -> float:
    """What an answer to an item costs on a full page, the platform's share included."""
    return publication.prices[-1] / MICRO / publication.real_per_page * (1 + policy.commission)


def _percent(share: float) -> float:
    """A share in per cent, in three digits."""
    return float(f"{share * 100:.3g}")
