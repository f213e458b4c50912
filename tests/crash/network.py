"""A network between workers and the server at its worst: replies are lost, requests come twice, halved or late."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PATIENCE = 60.0
# Of a hundred requests so many are disturbed in each way.
DISTURBED = {"lost": 8, "doubled": 8, "halved": 8, "late": 6}


class Network:
    """Passes requests on to a server, and disturbs some of them; `done` counts what it did."""

    def __init__(self, port: int, seed: int) -> None:
        self.server_port = port
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.port = 0
        self.ready = threading.Event()
        self.over = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def run(self) -> None:
        self.loop = asyncio.get_running_loop()
        listening = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        self.ready.set()
        await self.over.wait()
        listening.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, until something breaks it."""
        with suppress(OSError, EOFError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
            # Python 3.11 forgets that a task was cancelled in the moment in which what it waited for came.
            while not self.over.is_set():
                request = await message(reader)
                reply = await self.passed_on(request)
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
        writer.close()

    async def passed_on(self, request: bytes) -> bytes | None:
        """The server's reply, unless the network loses it."""
        names = list(DISTURBED)
        chances = [*DISTURBED.values(), 100 - sum(DISTURBED.values())]
        [fate] = self.random.choices([*names, "passed"], chances)
        self.done[fate] += 1
        match fate:
            case "halved":
                await self.exchange(request[: self.random.randrange(1, len(request))], whole=False)
                return None
            case "lost":
                await self.exchange(request)
                return None
            case "doubled":
                first, second = await asyncio.gather(self.exchange(request), self.exchange(request))
                return self.random.choice([first, second])
            case "late":
                await asyncio.sleep(self.random.uniform(0.1, 2.0))
        return await self.exchange(request)

    async def exchange(self, request: bytes, *, whole: bool = True) -> bytes:
        """What the server answers over a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        try:
            writer.write(request)
            await writer.drain()
            return await asyncio.wait_for(message(reader), PATIENCE) if whole else b""
        finally:
            writer.close()


async def message(reader: asyncio.StreamReader) -> bytes:
    """One whole HTTP message whose length is told by its head."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)


@contextmanager
def network(between: Network) -> Iterator[Network]:
    """The network, for as long as the block lasts."""
    thread = threading.Thread(target=lambda: asyncio.run(between.run()), name="network", daemon=True)
    thread.start()
    assert between.ready.wait(120)
    try:
        yield between
    finally:
        between.loop.call_soon_threadsafe(between.over.set)
        thread.join(120)
        assert not thread.is_alive(), "a connection that is passed on has not ended"
