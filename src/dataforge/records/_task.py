"""A task, its items and its publication, as they travel."""

from __future__ import annotations

from typing import Any

from msgspec import field

from dataforge.records._training import Training
from dataforge.records._words import Money, Record, Texts, Values
from dataforge.records._workers import AskedOfWorkers

__all__ = ["BonusStep", "Field", "Item", "Publication", "TaskSpec", "Terms"]


class Field(Record, frozen=True):
    """One input or output of a task: an object type and the settings its widget needs.

    `settings` is what the object type's `settings()` returns and `from_settings` reads: for a choice
    `{"options": [{"value": "dog", "label": {"en": "dog"}}, ...]}`; see each file of `dataforge.objects`.
    """

    name: str
    type: str
    title: Texts
    required: bool = True
    settings: dict[str, Any] = field(default_factory=dict)


class TaskSpec(Record, frozen=True):
    """A task as it travels: all that a platform must know to show it and to check answers.

    `duration` is the hint, in seconds, for one item. `instruction` is Markdown.
    """

    id: str
    name: Texts
    instruction: Texts
    duration: float
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    description: Texts = field(default_factory=dict)


class Item(Record, frozen=True):
    """One row of the user's data as the platform sees it: the inputs in JSON form, never the answer.

    `key` is the run's name of the item; workers never see it. `wanted` is how many responses are wanted now.
    A control item has no limit of responses: `wanted` is ignored. `notes` are for the requester alone, who finds the
    item by them: columns that are carried, and the names of files by the input. They make no other item of it.
    `draft`: values by output with which workers begin, mended or left as they are.
    """

    key: str
    inputs: Values
    control: bool = False
    wanted: int = 1
    notes: Values = field(default_factory=dict)
    draft: Values = field(default_factory=dict)


class BonusStep(Record, frozen=True):
    """An amount that is paid once to who is certain to answer at least this share of items right."""

    share: float
    amount: Money


class Publication(Record, frozen=True):
    """A run as it is put on a platform; publishing the same name again with the same content changes nothing.

    `prices[n - 1]` is the price of a page with n items, control items included; its length is the largest page.
    `budget` bounds the sum of prices of pages taken, submitted and accepted;
    no page is given out beyond it. None: no bound.
    `lease` is how long, in seconds, a worker may keep a page. `languages`: empty means any.
    `identity` tells a run from every other that was or will be launched under its name. `checks` is that of the run
    whose answers are judged in this one, empty: of none; whoever is invited to that one may work at both.
    `most_waiting`: how many pages of a worker may be out or wait for their verdict, and one more for each that was
    accepted; None: any number. `groups_apart`: what is withheld from somebody is withheld from all who came by the
    same invitation. `workers`: what is asked of workers besides; `training`: what they must have passed before.
    `wage_floor`: what an hour of honest work brings at least, in millionths; 0: whatever comes of the prices.
    `bonuses`: what the run pays besides, which workers read before they start.
    `alone`: whoever answers labels for themselves, and mends answers that were sent.
    """

    name: str
    task: TaskSpec
    prices: tuple[Money, ...]
    real_per_page: int
    control_per_page: int
    lease: float
    currency: str = "USD"
    budget: Money | None = None
    languages: tuple[str, ...] = ()
    identity: str = ""
    checks: str = ""
    most_waiting: int | None = None
    groups_apart: bool = False
    workers: AskedOfWorkers | None = None
    training: Training | None = None
    alone: bool = False
    wage_floor: Money = 0
    bonuses: tuple[BonusStep, ...] = ()


class Terms(Record, frozen=True):
    """What a run asks: its policy in JSON, and what of it is published.

    `opened`: how often it was opened again by hand after it had been stopped. `notices`: what there is to say of
    the training items that there are now. `models`: what was set aside out of the budget by now for what models cost
    altogether; None: nothing since the launch.
    """

    policy: dict[str, Any]
    publication: Publication
    opened: int = 0
    notices: tuple[Texts, ...] = ()
    models: Money | None = None
