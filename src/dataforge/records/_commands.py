"""What a run asks of a platform."""

from __future__ import annotations

from msgspec import field

from dataforge.records._task import Item, Publication
from dataforge.records._words import Money, Record, State, Texts, Time

__all__ = [
    "AddItems",
    "Allow",
    "Command",
    "Deal",
    "Judge",
    "Learn",
    "PayBonus",
    "Recheck",
    "Republish",
    "Restrict",
    "SetState",
    "Want",
    "Withhold",
]


class AddItems(Record, frozen=True, tag="add_items", tag_field="kind"):
    """Put items into the run; one that is there already is left as it is, and refused if it says something else."""

    key: str
    items: tuple[Item, ...]


class Want(Record, frozen=True, tag="want", tag_field="kind"):
    """Set how many responses each item should have in all (absolute numbers, so repeating is harmless).

    A control item is shown to as many as come, until 0 responses are wanted: then to nobody any more. `worth` is a wish
    for some of them, from 0 to 1: how much one more answer is expected to raise the probability that the item's is
    right. Of items that were asked before those are given out first that are worth most. `prefers` is a wish, too: the
    workers, ten at most, who should answer some of the items, if they come in time; others wait with these a while, if
    there is something else for them.
    """

    key: str
    wanted: dict[str, int]
    worth: dict[str, float] = field(default_factory=dict)
    prefers: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Judge(Record, frozen=True, tag="judge", tag_field="kind"):
    """Accept pages (paid) or reject them (not paid, places given back); what is accepted is not rejected by that.

    A page that was rejected may be accepted later: it is paid, if the budget allows. `reasons[page]` is what the worker
    reads about a rejection. Pages `taken_back` are rejected even if they were accepted: their price is earned no more.
    """

    key: str
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    reasons: dict[str, Texts] = field(default_factory=dict)
    taken_back: tuple[str, ...] = ()


class Restrict(Record, frozen=True, tag="restrict", tag_field="kind"):
    """Close the run to a worker until a time, for a reason that the worker can read."""

    key: str
    worker: str
    until: Time
    reason: Texts


class Allow(Record, frozen=True, tag="allow", tag_field="kind"):
    """Lift a worker's restriction."""

    key: str
    worker: str


class Withhold(Record, frozen=True, tag="withhold", tag_field="kind"):
    """Give these items, by their keys, to these workers never; pages that are out stay as they are.

    In one call with the command that adds them, so that no page comes between the two.
    """

    key: str
    workers: dict[str, tuple[str, ...]]


class Deal(Record, frozen=True, tag="deal", tag_field="kind"):
    """Wishes about the pages that these workers get from now on; a platform that cannot do so passes over them.

    `controls`: how many control items a page of theirs has on average, 0 or more; each page has as many as there may be
    where that many are wished. First pages, and those after one that was rejected, have them whatever is wished.
    """

    key: str
    controls: dict[str, float]


class Recheck(Record, frozen=True, tag="recheck", tag_field="kind"):
    """Give these items, by their keys, once more, though all answers that are wanted of them are there.

    They go to people of whom nothing is known, beside control items that came to so many that whoever shares what they
    see knows them: what these answer tells the run how far to believe them, and nothing about their pay. Nobody else
    gets them, and a platform that cannot tell such people passes over it.
    """

    key: str
    items: tuple[str, ...]


class PayBonus(Record, frozen=True, tag="pay_bonus", tag_field="kind"):
    """Pay a worker an amount beside the prices of their pages, for a reason that they read, if the budget allows.

    `step`: the share of right answers that it is for, 0 for one given by hand.
    """

    key: str
    worker: str
    amount: Money
    reason: Texts = field(default_factory=dict)
    step: float = 0.0


class Learn(Record, frozen=True, tag="learn", tag_field="kind"):
    """What control items show of these workers, for runs to come; a platform that keeps no skills passes over it.

    `controls`: by worker how many control items of the run they answered right so far, and how many in all. From
    those of all runs the platform makes the skill of that name.
    """

    key: str
    skill: str
    controls: dict[str, tuple[int, int]]


class SetState(Record, frozen=True, tag="set_state", tag_field="kind"):
    """Open, pause or close the run. A closed run gives out no pages but still takes those already out."""

    key: str
    state: State


class Republish(Record, frozen=True, tag="republish", tag_field="kind"):
    """Put a changed publication in place of the run's: the same again changes nothing.

    The task's texts, `budget`, `lease` and `languages` may differ, and nothing else. It holds for pages given out from
    now on; those that are out stay as they are, and are paid, whatever the budget.
    """

    key: str
    publication: Publication


Command = (
    AddItems | Want | Judge | Restrict | Allow | Withhold | Deal | Recheck | Learn | PayBonus | SetState | Republish
)
