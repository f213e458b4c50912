"""What one person with several accounts tries, alone or beside honest people. Each gives what came of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean

from tests.adversary.world import Person, World

__all__ = ["GROUPS", "GroupOutcome"]

Act = Callable[[Person], bool]
# How often people who do their best are right.
HONEST = 0.95
SKILLED = 0.8


@dataclass(frozen=True)
class GroupOutcome:
    """What came of one person's accounts.

    The pages they took, their share of all pages, how far control items were told apart at the time of answering (1:
    all, 0: by chance), pages answered without looking and how many of these were paid, and the share of wrong labels
    among those that reach the confidence asked for. `alone`: the share of items that only this person answered.
    `told_at_best`: as `told` by whoever knew how often a control item has to come to be worth taking for one.
    """

    pages: int
    share: float
    told: float
    careless: int
    careless_paid: int
    wrong_but_sure: float
    alone: float
    told_at_best: float


@dataclass
class Group:
    """One person's accounts, which answer the same to the same: what they have seen together, and what came of it."""

    world: World
    chance: random.Random
    seen: Counter[str] = field(default_factory=Counter)
    answers: dict[str, bool] = field(default_factory=dict)
    flagged: Mapping[bool, list[bool]] = field(default_factory=lambda: {True: [], False: []})
    times: Mapping[bool, list[int]] = field(default_factory=lambda: {True: [], False: []})
    names: set[str] = field(default_factory=set)
    pages: int = 0
    careless: int = 0
    paid: int = 0

    def counts(self, one: Person, *, looks: bool = True) -> bool:
        """A page by one of the accounts: who knows a control item on it does well by that and guesses the rest.

        What has come to more accounts than an item gets answers is a control item. Where none is known the page is
        worked through, if the person `looks`.
        """
        page = one.take()
        if page is None:
            return False
        messages = one.pages[page]
        self.seen.update(messages)
        known = {message for message in messages if self.seen[message] > self.world.policy.max_overlap}
        for message in messages:
            self.flagged[message in self.world.control].append(message in known)
            self.times[message in self.world.control].append(self.seen[message])
            well = message in known or (looks and not known)
            if well:
                self.answers[message] = self.world.truth[message]
            # Where few are spam, to say of nothing that it is.
            self.answers.setdefault(message, self.world.one_in == 2 and self.chance.random() < 0.5)
        self._answer(one, page, careless=bool(known) or not looks)
        return True

    def counts_by_a_new_account(self, one: Person) -> bool:
        """The same by an account of which this is the only page."""
        return self.counts(Person(one.world, f"{one.name}, {self.pages}"))

    def stays_or_comes_new(self, one: Person) -> bool:
        """A page by an account that stays, or by a new one that answers as these do, by turns."""
        return (self.counts if self.pages % 2 else self.counts_by_a_new_account)(one)

    def guesses_by_a_new_account(self, one: Person) -> bool:
        """A page by an account of which this is the only one, where all that is not known is guessed at once."""
        return self.counts(Person(one.world, f"{one.name}, {self.pages}"), looks=False)

    def agrees(self, one: Person) -> bool:
        """A page by one of the accounts, answered as the others have answered it: right four times in five."""
        page = one.take()
        if page is None:
            return False
        for message in one.pages[page]:
            right = self.chance.random() < SKILLED
            self.answers.setdefault(message, self.world.truth[message] == right)
        self._answer(one, page, careless=False)
        return True

    @property
    def told_at_best(self) -> float:
        """The same for whoever knew from how many accounts on it pays to take an item for a control item."""
        most = max(self.times[True] + self.times[False], default=0)
        ways = (
            tuple(fmean([t > least for t in self.times[kind]] or [0]) for kind in (True, False))
            for least in range(most)
        )
        return max((control - real for control, real in ways), default=0.0)

    def _answer(self, one: Person, page: str, *, careless: bool) -> None:
        before = self.world.accepted
        self.names.add(one.name)
        one.answer(page, self.answers.__getitem__)
        self.pages += 1
        self.careless += careless
        self.paid += careless and self.world.accepted > before

    @property
    def told(self) -> float:
        """How much likelier a control item was recognised than another item was taken for one."""
        shares = [fmean(self.flagged[kind] or [False]) for kind in (True, False)]
        return shares[0] - shares[1]


def _turns(
    world: World, chance: random.Random, act: Act, group: list[Person], honest: int, share: float
) -> Iterator[bool]:
    """Everybody takes pages until there are none, all accounts of the group one right after another; True for these.

    By chance, so that their share of all pages is as asked for, as long as both find some.
    """
    others = [Person(world, f"honest {number}") for number in range(honest)]
    turn = share / (share + len(group) * (1 - share))
    while group or others:
        if group and (not others or chance.random() < turn):
            for one in list(group):
                if act(one):
                    yield True
                else:
                    group.remove(one)
        else:
            one = chance.choice(others)
            if one.work(1, lambda message: world.truth[message] == (chance.random() < HONEST)):
                yield False
            else:
                others.remove(one)


def _group(
    world: World,
    most: int,
    act: Callable[[Group], Act],
    *,
    accounts: int,
    honest: int = 0,
    share: float = 1.0,
) -> GroupOutcome:
    chance = random.Random(f"group {world.seed}")
    group = Group(world, chance)
    people = [Person(world, f"account {number}") for number in range(accounts)]
    pages = 0
    for pages, _ in enumerate(_turns(world, chance, act(group), list(people), honest, share), start=1):
        if pages >= most:
            break
    world.judge()
    return GroupOutcome(
        group.pages,
        group.pages / max(pages, 1),
        group.told,
        group.careless,
        group.paid,
        world.wrong_but_sure,
        world.answered_only_by(group.names),
        group.told_at_best,
    )


def shares_what_it_sees(
    world: World, pages: int, accounts: int = 20, honest: int = 0, share: float = 1.0
) -> GroupOutcome:
    """Work by accounts that share what they see, well until control items are known, then by these alone."""
    return _group(world, pages, lambda group: group.counts, accounts=accounts, honest=honest, share=share)


def shares_by_new_accounts(world: World, pages: int, honest: int = 0, share: float = 1.0) -> GroupOutcome:
    """The same with a new account for every page."""
    return _group(world, pages, lambda group: group.counts_by_a_new_account, accounts=1, honest=honest, share=share)


def three_stay(world: World, pages: int, honest: int = 0, share: float = 1.0) -> GroupOutcome:
    """Three accounts that stay, and a new one for every other page."""
    return _group(world, pages, lambda group: group.stays_or_comes_new, accounts=3, honest=honest, share=share)


def guesses_by_new_accounts(world: World, pages: int, honest: int = 0, share: float = 1.0) -> GroupOutcome:
    """Guess what is not known from the first page on, with a new account for every page."""
    return _group(world, pages, lambda group: group.guesses_by_a_new_account, accounts=1, honest=honest, share=share)


def answers_alike(world: World, pages: int, accounts: int = 3, honest: int = 0, share: float = 1.0) -> GroupOutcome:
    """Send the same answers by several accounts, one page after another by each, right four times in five."""
    return _group(world, pages, lambda group: group.agrees, accounts=accounts, honest=honest, share=share)


GROUPS: dict[str, Callable[[World, int], GroupOutcome]] = {
    "20 accounts share what they see, alone": shares_what_it_sees,
    "20 accounts share what they see, half of the pages beside 12 others": partial(
        shares_what_it_sees, honest=12, share=0.5
    ),
    "20 accounts share what they see, a quarter of the pages beside 12 others": partial(
        shares_what_it_sees, honest=12, share=0.25
    ),
    "a new account for every page, alone": shares_by_new_accounts,
    "a new account for every page, half of them beside 12 others": partial(
        shares_by_new_accounts, honest=12, share=0.5
    ),
    "a new account for every page that guesses from the first on, half of them beside 12 others": partial(
        guesses_by_new_accounts, honest=12, share=0.5
    ),
    "3 accounts that stay and a new account for every other page, half of them beside 12 others": partial(
        three_stay, honest=12, share=0.5
    ),
    "3 accounts send the same answers, alone": answers_alike,
    "3 accounts send the same answers beside 6 others": partial(answers_alike, honest=6, share=0.5),
    "3 accounts send the same answers beside 12 others": partial(answers_alike, honest=12, share=0.25),
}
