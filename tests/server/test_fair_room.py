"""Places that become free go round those who wait by groups: many of one group starve nobody of another."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from dataforge.server.shared.fair_room import FairRoom


async def waiting(room: FairRoom, names: list[tuple[str, str]], entered: list[str]) -> list[asyncio.Task[None]]:
    """Tasks of these names and groups, which wait for a place one after the other."""

    async def wait(name: str, group: str) -> None:
        assert await room.enter(group)
        entered.append(name)

    tasks = []
    for name, group in names:
        tasks.append(asyncio.create_task(wait(name, group)))
        await asyncio.sleep(0)
    return tasks


def test_ten_accounts_of_one_address_starve_no_eleventh_of_another() -> None:
    async def play() -> list[str]:
        room, entered = FairRoom(1, 64), list[str]()
        assert await room.enter("flat")
        tasks = await waiting(room, [*((f"a{n}", "flat") for n in range(10)), ("bob", "office")], entered)
        for _ in tasks:
            room.leave()
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return entered

    entered = asyncio.run(play())
    assert entered.index("bob") == 1
    assert [name for name in entered if name != "bob"] == [f"a{n}" for n in range(10)]


def test_who_gives_up_takes_no_place_and_loses_none() -> None:
    async def play() -> list[str]:
        room, entered = FairRoom(1, 64), list[str]()
        assert await room.enter("flat")
        one, two, three = await waiting(room, [("one", "flat"), ("two", "flat"), ("three", "office")], entered)
        one.cancel()
        await asyncio.sleep(0)
        room.leave()
        # The place is given to the second one, who gives up in the same moment.
        two.cancel()
        for task in (one, two):
            with suppress(asyncio.CancelledError):
                await task
        await three
        room.leave()
        assert await room.enter("anybody")
        return entered

    assert asyncio.run(play()) == ["three"]


def test_of_one_group_only_so_many_wait() -> None:
    async def play() -> None:
        room = FairRoom(1, 2)
        assert await room.enter("flat")
        tasks = await waiting(room, [("one", "flat"), ("two", "flat")], [])
        assert not await room.enter("flat")
        other = asyncio.create_task(room.enter("office"))
        for _ in range(3):
            await asyncio.sleep(0)
            room.leave()
        await asyncio.gather(*tasks)
        assert await other

    asyncio.run(play())
