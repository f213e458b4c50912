"""What a requester corrects by hand in a run, while it goes on or after its end."""

from __future__ import annotations

from msgspec import Struct, field

from dataforge.records import Money, Texts, Values

__all__ = [
    "Accept",
    "AskMore",
    "Correct",
    "Correction",
    "Discard",
    "Draw",
    "GiveBonus",
    "OfItem",
    "OfPage",
    "OfWorker",
    "Reinstate",
    "Reject",
    "SetAside",
    "Uncorrect",
    "Upheld",
    "Verify",
    "Withdraw",
]


class Discard(Struct, frozen=True, tag="discard", tag_field="kind"):
    """Let a worker's answers count no more, those to come neither; what was paid stays paid."""

    worker: str


class Reinstate(Struct, frozen=True, tag="reinstate", tag_field="kind"):
    """Let a worker's answers count again."""

    worker: str


class Correct(Struct, frozen=True, tag="correct", tag_field="kind"):
    """Say which answers to an item are right: of a control item they are the known ones, of another its final ones."""

    item: str
    answer: Values


class Withdraw(Struct, frozen=True, tag="withdraw", tag_field="kind"):
    """Show a control item to nobody any more, and let nothing that was answered to it count against anybody."""

    item: str


class Uncorrect(Struct, frozen=True, tag="uncorrect", tag_field="kind"):
    """Take back what was said of an item: workers' answers to it count again; a control item is as it came."""

    item: str


class AskMore(Struct, frozen=True, tag="ask_more", tag_field="kind"):
    """Have so many more workers answer an item, though it was final; an answer given by hand is taken back."""

    item: str
    count: int = 1


class SetAside(Struct, frozen=True, tag="set_aside", tag_field="kind"):
    """Leave an item out of the results, and ask nobody about it any more."""

    item: str


class Draw(Struct, frozen=True, tag="draw", tag_field="kind"):
    """Note which items were drawn by chance, for somebody trusted to judge, and with which probability each was."""

    items: tuple[str, ...]
    chances: tuple[float, ...]


class Verify(Struct, frozen=True, tag="verify", tag_field="kind"):
    """Take what somebody trusted found of the answers that a run has `judged` an item to have: that they are right.

    If they are not `ok`, `answer` has the right ones where they are known. None are `judged` where nothing was answered
    yet. `sure` is how sure the run was of them, by output, without those of which it did not say.
    """

    item: str
    judged: Values | None
    ok: bool
    answer: Values | None = None
    sure: dict[str, float] = field(default_factory=dict)

    @property
    def held(self) -> Values:
        """What the item is held to: the right answers, or those that are known to be wrong."""
        return (self.judged if self.answer is None else self.answer) or {}

    @property
    def right(self) -> bool:
        """Whether what the item is held to is right."""
        return self.ok or self.answer is not None

    @property
    def wrong(self) -> tuple[str, ...]:
        """The outputs in which what was judged is wrong; all of them where the right answers are not known."""
        judged, answer = self.judged or {}, self.answer
        if self.ok:
            return ()
        return tuple(name for name in self.held if answer is None or judged.get(name) != answer.get(name))


class Upheld(Struct, frozen=True, tag="upheld", tag_field="kind"):
    """Take in that an appeal against the rejection of a page was upheld: the platform has accepted the page.

    What the page's worker was kept out for is looked at again without the control items that were missed on it.
    """

    page: str


class Accept(Struct, frozen=True, tag="accept", tag_field="kind"):
    """Accept a page, whatever is or was found of it: it is paid, if the budget allows, and its answers count."""

    page: str


class Reject(Struct, frozen=True, tag="reject", tag_field="kind"):
    """Reject a page, whatever is or was found of it: its answers do not count, and what it had earned is taken back.

    `reason` is what the worker reads, as it stands here; without one they read that the requester has looked.
    """

    page: str
    reason: Texts = field(default_factory=dict)


class GiveBonus(Struct, frozen=True, tag="give_bonus", tag_field="kind"):
    """Pay a worker an amount, in millionths, beside the prices of their pages; the same `key` again pays nothing.

    `reason` is what the worker reads.
    """

    worker: str
    amount: Money
    key: str
    reason: Texts = field(default_factory=dict)


OfPage = Accept | Reject
OfItem = Correct | Uncorrect | Withdraw | Verify | AskMore | SetAside
OfWorker = Discard | Reinstate | GiveBonus
Correction = OfWorker | Draw | Upheld | OfPage | OfItem
