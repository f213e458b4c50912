"""What a requester says of a run by hand: whose answers count, which are right, and what somebody trusted found."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dataforge.arguments import entries
from dataforge.corrections import (
    Accept,
    AskMore,
    Correct,
    Discard,
    GiveBonus,
    Reinstate,
    Reject,
    SetAside,
    Uncorrect,
    Withdraw,
)
from dataforge.data.keys import Id
from dataforge.errors import RunError
from dataforge.runs.handle._findings import Findings
from dataforge.runs.handle.experts.verifying import Judged, drawn_now, findings, waiting
from dataforge.runs.handle.holding.appeals import appeals, decide
from dataforge.runs.handle.holding.by_hand import (
    check_paid_for,
    checked_bonus,
    given_answers,
    known_pages,
    known_worker,
    let_take_in,
    named_items,
    reason_texts,
    take_in,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ByHand"]


@entries
class ByHand(Findings):
    """A run that is corrected and verified by hand; what is said of it is in its log, whoever drives it."""

    def discard(self, worker: str) -> None:
        """Let a worker's answers count no more: items that fall short are asked again, and what was paid stays paid.

        The run is closed to the worker. It goes on if it was done; `reinstate` takes this back.
        """
        take_in(self._held, Discard(known_worker(self._held, worker)))

    def reinstate(self, worker: str) -> None:
        """Let a worker's answers count again after `discard`, and open the run to the worker."""
        take_in(self._held, Reinstate(known_worker(self._held, worker)))

    def accept(self, *pages: str) -> None:
        """Accept pages, whatever was found of them: they are paid, and their answers count.

        Pages are named as in the column `page` of `responses()`. A page may be rejected again with `reject`.

        Raises:
            RunError: the run has no such page, or its budget does not pay for one that was rejected.
        """
        names = known_pages(self._held, pages)
        check_paid_for(self._held, names)
        take_in(self._held, *map(Accept, names))

    def reject(self, *pages: str, reason: str | Mapping[str, str] = "") -> None:
        """Reject pages, whatever was found of them: their answers do not count, and others are asked.

        They are not paid; if they were accepted before, their price is taken back, and of money that was paid out it is
        set against what the worker earns next. A page may be accepted again with `accept`.

        Args:
            pages: as in the column `page` of `responses()`.
            reason: what the worker reads, as it stands, or in several languages `{language: text}` with English; say
                nothing of control items in it. Without one they read that the requester has looked.
        """
        texts = reason_texts(reason)
        take_in(self._held, *(Reject(page, texts) for page in known_pages(self._held, pages)))

    def bonus(
        self, worker: str, amount: float, reason: str | Mapping[str, str] = "", *, key: str | None = None
    ) -> None:
        """Pay a worker an amount beside the prices of their pages; it counts against the budget.

        Args:
            worker: an id, its beginning or a name.
            amount: in the run's currency.
            reason: what the worker reads, or in several languages `{language: text}` with English.
            key: names the bonus, so that giving it again pays nothing. Without one each call is another bonus.

        Raises:
            RunError: the run has no such worker, or its budget does not pay for it.
            DataError: another bonus was given under the key.
        """
        paid = checked_bonus(self._held, amount, key)
        given = GiveBonus(known_worker(self._held, worker), paid, key or secrets.token_hex(8), reason_texts(reason))
        take_in(self._held, given)

    def correct(self, item: Id, answer: Any) -> None:
        """Say the right answer to an item, or `{output: answer}`.

        Of a control item it is the known answer from now on: workers' records follow, and pages that were rejected for
        them are accepted where they pass now; none is rejected. Of another item it is the final answer. Where other
        workers judge answers, `run.check.correct(id, True)` says that they were wrong about one, with the same effect.
        """
        state = self._held.fresh().state
        if state.numbering.index.get(str(item)) in state.control_reports.withdrawn:
            raise RunError(f"the control item {str(item)!r} was withdrawn; add it again under another id")
        take_in(self._held, Correct(str(item), given_answers(self._held.description.task(), answer)))

    def uncorrect(self, item: Id) -> None:
        """Take back all that was said of an item: workers' answers count again; a control item's is as it came.

        So are `ask_more` and `set_aside` taken back.
        """
        take_in(self._held, Uncorrect(str(item)))

    def ask_more(self, items: Id | Iterable[Id], count: int = 1) -> None:
        """Have so many more workers answer each of these items, though they are final; the run goes on for them.

        Their answers are what all answers come to then. One that you gave by hand is taken back. Raises `RunEnded` if
        the run's money or time is over.
        """
        take_in(self._held, *(AskMore(item, count) for item in named_items(items)))

    def set_aside(self, items: Id | Iterable[Id]) -> None:
        """Leave these items out of the results, and ask nobody about them any more; `uncorrect` takes them back."""
        take_in(self._held, *map(SetAside, named_items(items)))

    def withdraw(self, item: Id) -> None:
        """Show a control item to nobody any more, and let nothing that was answered to it count against anybody."""
        take_in(self._held, Withdraw(str(item)))

    def appeals(self) -> pd.DataFrame:
        """One row per appeal against a rejected page: page, worker, what they say, state, reply; open ones first.

        `state` is `open`, `upheld` or `dismissed`; `reason` is that of the rejection, while the page is rejected.
        """
        return appeals(self._held)

    def uphold(self, page: str, reply: str = "") -> None:
        """Accept a rejected page on its worker's appeal: it is paid, and its answers count.

        What the worker was kept out for is looked at again without the control items missed on it. Where one of those
        is wrong, `correct` or `withdraw` it instead: that upholds every appeal it explains. The worker reads `reply`.

        Raises `Refused` if there is no appeal, it was dismissed, or the budget lacks the money: then it stays open.
        """
        decide(self._held, page, reply, upheld=True)

    def dismiss(self, page: str, reply: str) -> None:
        """Leave a page rejected; its worker reads the `reply` as it is, so that it must give no control item away."""
        decide(self._held, page, reply, upheld=False)

    def to_verify(self, count: int = 100, *, by_confidence: bool = True) -> pd.DataFrame:
        """Draw so many items more for somebody trusted to judge: id, inputs, answers, confidence, `_ok` to be filled.

        They are drawn by chance, more of them where the run is in doubt, so that what can be promised of all items
        grows fastest (`by_confidence=False`: each as likely as another); the same are never drawn twice.
        `to_verify(0)` gives those that wait to be judged.
        """
        let_take_in(self._held)
        drawn, items = drawn_now(self._held.fresh(), count, by_confidence=by_confidence)
        if drawn is not None:
            take_in(self._held, drawn)
        return waiting(self._held.fresh(), items if count else None)

    def verified(self, items: Any, *, encoding: str | None = None) -> Judged:
        """Take what somebody trusted found of items; give how many of the run's answers are right and wrong.

        Args:
            items: a table in any form that `launch` takes: ids, and either the right answers by output, or `_ok`,
                whether the answers in the table (else the run's) are right; rows that leave it empty are passed over.
                Beside `_ok`, `_right` may give the right answer (with several outputs `_right_<output>`).
            encoding: that of a file of text which is not UTF-8.

        What was found is final for its item: an answer that is right has the confidence 1 and the flag `verified`, one
        that was put right `corrected`, one that is wrong without a right one the confidence 0 and `wrong`. Items that
        `to_verify` has drawn show how good all answers are, as control items do, once all of a draw are judged; others
        show nothing, because somebody picked them.

        Raises:
            DataError: rows that do not fit, all of them in one message; nothing was taken in.
        """
        found, counts = findings(self._held.fresh(), items, encoding)
        if found:
            take_in(self._held, *found)
        return counts
