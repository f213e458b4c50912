"""What becomes of people who come for one page, beside colluders who stay; and what one answer to everything brings."""

from __future__ import annotations

import random
from pathlib import Path

from tests.adversary.world import Person, World


def test_newcomers_beside_colluders_who_stay_lose_no_page_by_what_the_run_is_sure_of(tmp_path: Path) -> None:
    """Four friends know the control items, guess the rest alike, and make half of the pages beside six others."""
    chance, coin = random.Random(0), random.Random(5)
    with World(tmp_path, items=600, control=30, seed=0, policy={"overlap": (2, 5)}).open() as world:
        friends = [Person(world, f"friend {number}") for number in range(4)]
        honest = [Person(world, f"honest {number}") for number in range(6)]
        came = 0

        def looks(message: str) -> bool:
            return world.truth[message] == (coin.random() < 0.95)

        def colludes(message: str) -> bool:
            return world.truth[message] if message in world.control else random.Random(message).random() < 0.5

        while friends or honest:
            if came < 60 and chance.random() < 0.2 and world.accepted > 15:
                Person(world, f"new {came}").work(1, looks)
                came += 1
                continue
            theirs = bool(friends) and (not honest or chance.random() < 0.5)
            group = friends if theirs else honest
            one = chance.choice(group)
            if not one.work(1, colludes if theirs else looks):
                group.remove(one)
        new = [record for record in world.views["run"].state.workers if record.id.startswith("new")]
        rejected = sum(record.pages_rejected for record in new)
        print(f"\n| newcomers beside four colluders | {len(new)} | {rejected} | {world.wrong_but_sure:.1%} |")
        # Both of two control items right: .9 of their pages. What is sure had 0.4 of them rejected.
        assert rejected <= 0.2 * sum(record.pages for record in new)
        assert world.wrong_but_sure <= 0.1


def test_who_says_no_to_everything_by_new_accounts_is_held_to_the_answers_of_control_items(tmp_path: Path) -> None:
    """One item in ten is a yes, half of the control items are: of two of these both are a no one time in four."""
    chance = random.Random(0)
    world = World(tmp_path, items=600, control=30, seed=0, policy={"overlap": (1, 5)}, one_in=10)
    world.truth.update({message: number % 2 == 0 for number, message in enumerate(sorted(world.control))})
    with world.open():
        people, came = [Person(world, f"honest {number}") for number in range(12)], 0

        def looks(message: str) -> bool:
            return world.truth[message] == (chance.random() < 0.95)

        while people:
            if chance.random() < 0.5:
                came += Person(world, f"new {came}").work(1, lambda message: False)
            elif not (one := chance.choice(people)).work(1, looks):
                people.remove(one)
        new = [record for record in world.views["run"].state.workers if record.id.startswith("new")]
        paid = sum(record.pages_accepted for record in new)
        print(f"\n| says no to everything by new accounts | {came} | {paid} | {world.wrong_but_sure:.1%} |")
        assert paid <= 0.4 * came
