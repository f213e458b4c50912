"""Bonuses by how many answers of a worker are right: each step is paid once, and what was paid stays. Pure.

What counts is the lower end of the 95 % interval (Wilson, 1927) over the control items and judged answers of a worker:
luck on a few of them brings nothing, and more of them make it certain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataforge.intervals import DEVIATIONS, wilson
from dataforge.policy import Policy
from dataforge.records import PayBonus, Texts, unit_price
from dataforge.runs.core.log import Order
from dataforge.runs.core.money_texts import earned_step, unreachable_step
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["bonus_notices", "step_bonuses"]


def step_bonuses(state: RunState, rules: Rules) -> Iterator[Order]:
    """The orders to pay the steps that workers have reached with their new pages."""
    steps = rules.policy.bonuses
    for number in sorted(state.new_workers - state.responses.discarded) if steps else ():
        record = state.workers[number]
        certain = _certain(record)
        for share, amount in (steps or {}).items():
            if record.step < share <= certain:
                yield PayBonus(f"step-{share!r}", record.id, unit_price(amount), earned_step(share), share)


def _certain(record: WorkerRecord) -> float:
    """The share of right answers that is certain of a worker."""
    right, total = record.control_correct + record.judged_right, record.control_held + record.judged_total
    interval = wilson(right, total)
    return 0.0 if interval is None else interval[0]


def _needed_right(share: float) -> int:
    """How many answers have to be right, and none wrong, until a share is certain: 35 for 0.9."""
    return math.ceil(DEVIATIONS**2 * share / (1 - share) - 1e-9)


def bonus_notices(policy: Policy, controls: int, *, judged: bool) -> Iterator[Texts]:
    """That a step cannot be reached with so many control items, where others do not judge answers as well."""
    unreachable = [share for share in policy.bonuses or {} if _needed_right(share) > controls]
    if unreachable and not judged:
        yield unreachable_step(unreachable[0], _needed_right(unreachable[0]), controls)
