"""Pages on which the requester has decided by hand, before their verdict or after it.

That a page's answers count no more is so from the moment in which it was said, and the run goes by it at once; its
price follows when the platform has moved it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dataforge.corrections import OfPage, Reject
from dataforge.records import Judge, Money, NotPaid, PayBonus
from dataforge.runs.core import texts
from dataforge.runs.core.columns import Places
from dataforge.runs.core.corrected import NONE
from dataforge.runs.core.log import Order, keyed
from dataforge.runs.core.pages import ACCEPTED, REJECTED
from dataforge.runs.core.state import RunState

__all__ = [
    "bonuses",
    "bonuses_again",
    "decided_by_hand",
    "pay_again",
    "rejected_after_all",
    "take_decision",
    "take_refusal",
]


def take_decision(state: RunState, correction: OfPage) -> Places:
    """Take in what the requester decided on a page; give the real items to look at again.

    A page that the run has not heard of yet, or not judged, gets that verdict when its turn comes.
    """
    page, corrections = correction.page, state.corrections
    reason = correction.reason or texts.REJECTED_BY_HAND if isinstance(correction, Reject) else None
    accepted = reason is None
    corrections.decide_on(page, reason)
    known = state.pages.numbers([page])
    if not known or known[0] in state.to_judge:
        return NONE
    (number,) = known
    if accepted:
        corrections.to_take_back.discard(page)
        if page in corrections.counted:
            corrections.counted.discard(page)
            return _accepted_again(state, number)
        corrections.to_accept.add(page)
        return NONE
    corrections.to_accept.discard(page)
    corrections.to_take_back.add(page)
    if state.pages.status[number] != ACCEPTED:
        return NONE
    corrections.counted.add(page)
    return rejected_after_all(state, number)


def rejected_after_all(state: RunState, page: int) -> Places:
    """Let the answers of an accepted page count no more; give the real items that they are to."""
    record = state.workers[state.pages.worker[page]]
    state.pages.status[page] = REJECTED
    _count(state, page, -1)
    state.pages.vouching.taken_back(page, record.number)
    return state.responses.take_back_acceptance(page)


def _accepted_again(state: RunState, page: int) -> Places:
    """Let them count again, before the platform has heard of anything."""
    record = state.workers[state.pages.worker[page]]
    state.pages.status[page] = ACCEPTED
    _count(state, page, 1)
    state.pages.vouching.accepted_after_all(page, record.number, checked=state.pages.controls[page] > 0)
    return state.responses.take_back_rejection(page, accepted=True)


def _count(state: RunState, page: int, more: int) -> None:
    record = state.workers[state.pages.worker[page]]
    state.pages_accepted += more
    record.pages_accepted += more
    state.pages_rejected -= more
    record.pages_rejected -= more
    state.changed_workers.add(record.number)


def bonuses(state: RunState) -> Iterator[Order]:
    """The orders to pay what the requester gives beside the prices of pages; given again they are the same."""
    for bonus in state.corrections.to_pay:
        yield PayBonus(f"bonus-{bonus.key}", bonus.worker, bonus.amount, bonus.reason or texts.BONUS)


def take_refusal(state: RunState, refusal: NotPaid) -> None:
    """Note what the budget did not reach for; a bonus is ordered once more if that was before the budget was raised.

    The change may be known before the refusal is: it was on its way then.
    """
    if state.ending is None and not refusal.page and _was_smaller(state, refusal.budget):
        _pay_again(state, refusal)
    else:
        state.not_paid.append(refusal)


def _was_smaller(state: RunState, budget: Money | None) -> bool:
    """Whether a budget, None where it is not known, is smaller than the one that the run was changed to."""
    if budget is None or state.changed is None:
        return False
    now = state.changed.terms.publication.budget
    return now is None or budget < now


def pay_again(state: RunState) -> None:
    """Have the bonuses ordered once more that the budget did not reach for."""
    for one in state.not_paid:
        if not one.page:
            _pay_again(state, one)


def _pay_again(state: RunState, one: NotPaid) -> None:
    """Have a bonus ordered once more; it is known by the key that its order will have."""
    state.to_pay_again[keyed(state.prefix, _again(one)).key] = one


def bonuses_again(state: RunState) -> Iterator[Order]:
    """The orders to pay the bonuses that the budget did not reach for, now that it was changed.

    Of whose answers are discarded by now no step was reached.
    """
    for one in state.to_pay_again.values():
        if not one.step or state.number_of(one.worker) not in state.responses.discarded:
            yield _again(one)


def _again(one: NotPaid) -> PayBonus:
    # The platform knows the key of the order that it could not carry out: this is another.
    return PayBonus(f"again-{one.cursor}", one.worker, one.amount, one.reason or texts.BONUS, one.step)


def decided_by_hand(state: RunState) -> Iterator[Order]:
    """The order that moves the money of pages whose verdict the requester has changed, or is about to come."""
    corrections = state.corrections
    taken_back = tuple(sorted(corrections.to_take_back))
    if corrections.to_accept or taken_back:
        reasons = {page: corrections.verdicts[page] or {} for page in taken_back}
        yield Judge(
            f"{corrections.taken}", tuple(sorted(corrections.to_accept)), reasons=reasons, taken_back=taken_back
        )
