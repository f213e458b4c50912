"""What somebody tries who wants to be paid without working. Each gives what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from tests.adversary.world import Person, World, careful, told_apart, yes

__all__ = [
    "CARELESS",
    "LOOKING",
    "Outcome",
    "always_yes",
    "careful_at_first",
    "compares_two_runs",
    "fetches_and_releases",
    "lets_leases_end",
    "many_accounts",
    "side_by_side",
    "skips",
]

# Who takes so many pages in a row without answering one is restricted for a time.
IN_A_ROW = 4
LEASE = 700.0


@dataclass(frozen=True)
class Outcome:
    """Of one strategy: pages looked at, how far control items were told apart (1: all, 0: by chance), pages paid, and
    the share of wrong labels among those that reach the confidence asked for.
    """

    looks: int
    told: float
    accepted: int
    wrong_but_sure: float


def outcome(world: World, people: list[Person], told: float) -> Outcome:
    return Outcome(sum(len(one.looks) for one in people), told, world.accepted, world.wrong_but_sure)


def comes_twice(world: World, spy: Person) -> float:
    """What a spy makes of it who takes for control items what they saw more than once."""
    return told_apart(world, [message for message, count in spy.seen.items() if count > 1], spy.seen)


def fetches_and_releases(world: World, pages: int) -> Outcome:
    """Look at pages fetched ahead and hand them back, while somebody else works; take for control what comes twice."""
    spy, other = Person(world, "spy"), Person(world, "other")
    spy.work(1, careful(world))
    while len(spy.looks) < pages and (shown := spy.take()):
        for _ in range(IN_A_ROW):
            if ahead := spy.take(shown):
                world.platform.release("run", ahead)
            other.work(1, careful(world))
        spy.answer(shown, careful(world))
    return outcome(world, [spy], comes_twice(world, spy))


def skips(world: World, pages: int) -> Outcome:
    """Skip as many pages as one may, answer one, and so on; take for control what comes twice."""
    spy = Person(world, "spy")
    while len(spy.looks) < pages:
        for _ in range(IN_A_ROW):
            if page := spy.take():
                world.platform.skip("run", page)
        if not spy.work(1, careful(world)):
            break
    return outcome(world, [spy], comes_twice(world, spy))


def lets_leases_end(world: World, pages: int) -> Outcome:
    """Let the time of as many pages end as one may, answer one, and so on; take for control what comes twice."""
    spy = Person(world, "spy")
    while len(spy.looks) < pages:
        for _ in range(IN_A_ROW):
            if spy.take():
                world.platform.forward(LEASE)
                world.judge()
        if not spy.work(1, careful(world)):
            break
    return outcome(world, [spy], comes_twice(world, spy))


def side_by_side(world: World, pages: int) -> Outcome:
    """Take a page by each of two new accounts at the same time; take for control what is on one of the two only."""
    one, two = Person(world, "one"), Person(world, "two")
    one.take()
    two.take()
    both = Counter(one.looks[0] + two.looks[0])
    return outcome(
        world, [one, two], told_apart(world, [message for message, count in both.items() if count < 2], both)
    )


def many_accounts(world: World, pages: int, accounts: int = 20) -> Outcome:
    """Work by twenty accounts that share what they see; take for control what more of them saw than answers are wanted.

    A guess counts when the page has to be answered, by what was known then.
    """
    people = [Person(world, f"account {number}") for number in range(accounts)]
    most = world.policy.max_overlap
    seen: Counter[str] = Counter()
    guesses: dict[bool, list[bool]] = {True: [], False: []}
    working = list(people)
    while working and sum(len(one.looks) for one in people) < pages:
        for one in list(working):
            page = one.take()
            if page is None:
                working.remove(one)
                continue
            seen.update(one.pages[page])
            for message in one.pages[page]:
                guesses[message in world.control].append(seen[message] > most)
            one.answer(page, careful(world))
    shares = [sum(marks) / max(len(marks), 1) for marks in (guesses[True], guesses[False])]
    return outcome(world, people, shares[0] - shares[1])


def careful_at_first(world: World, pages: int, honest: int = 15) -> Outcome:
    """Work well for some pages, then say yes to everything until no more pages come."""
    sleeper = Person(world, "sleeper")
    sleeper.work(honest, careful(world))
    while (done := sleeper.work(pages, yes)) == pages:
        pass
    assert done < pages
    return outcome(world, [sleeper], 0.0)


def always_yes(world: World, pages: int) -> Outcome:
    """Say yes to everything, by account after account."""
    people = [Person(world, f"account {number}") for number in range(10)]
    for one in people:
        one.work(pages, yes)
    return outcome(world, people, 0.0)


def compares_two_runs(world: World, pages: int) -> Outcome:
    """Work in two runs that have the same control items; take for control what is in both."""
    pages = min(pages, 400)
    with world.open("other"):
        here, there = Person(world, "spy"), Person(world, "spy", run="other")
        here.work(pages // 2, careful(world))
        there.work(pages // 2, lambda message: world.truth[message.partition(",")[0]])
    seen = here.seen + there.seen
    return outcome(
        world, [here, there], told_apart(world, [name for name in seen if here.seen[name] and there.seen[name]], seen)
    )


LOOKING = {
    "fetches ahead and releases": fetches_and_releases,
    "skips": skips,
    "lets leases end": lets_leases_end,
    "puts two accounts side by side": side_by_side,
    "works in two runs with the same control items": compares_two_runs,
}
CARELESS = {
    "works well for 5 pages, then says yes": partial(careful_at_first, honest=5),
    "works well for 15 pages, then says yes": partial(careful_at_first, honest=15),
    "works well for 45 pages, then says yes": partial(careful_at_first, honest=45),
    "says yes, by ten accounts": always_yes,
}
