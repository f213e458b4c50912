"""The lean connection of simulated workers: keep-alive, broken connections, replies that are no use."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dataforge.errors import PlatformError, Refused, Unreachable
from dataforge.simulation._http import Connection

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def against(script: Script, client: Callable[[str], Awaitable[None]]) -> None:
    """Run a client against a server that plays a script for each connection."""

    async def play() -> None:
        server = await asyncio.start_server(script, "127.0.0.1", 0)
        async with server:
            await client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    asyncio.run(play())


async def request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return head + (await reader.readexactly(int(length[0].split(b":")[1])) if length else b"")


def test_one_connection_serves_many_requests_and_sends_token_and_body() -> None:
    connections, seen = [], []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        for _ in range(2):
            seen.append(await request(reader))
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}')
        await writer.drain()

    async def client(url: str) -> None:
        line = Connection(url + "/prefix")
        assert (await line.get("/one", "secret")).json() == {"a": 1}
        assert (await line.post("/two", {"b": "ж"})).json() == {"a": 1}
        await line.close()

    against(script, client)
    assert len(connections) == 1
    assert seen[0].startswith(b"GET /prefix/one HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer secret\r\n" in seen[0]
    assert seen[1].endswith('\r\n\r\n{"b":"ж"}'.encode())
    assert b"Authorization" not in seen[1]


def test_a_reply_in_pieces_and_in_chunks_is_put_together() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        for piece in (
            b"HTTP/1.1 200 OK\r\nTransfer-",
            b"Encoding: chunked\r\n\r\n3\r\n[1,\r\n",
            b"2\r\n2]\r\n0\r\n\r\n",
        ):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    async def client(url: str) -> None:
        line = Connection(url)
        assert (await line.get("/")).json() == [1, 2]
        await line.close()

    against(script, client)


def test_a_connection_that_the_server_closed_is_opened_again() -> None:
    connections = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        writer.close()

    async def client(url: str) -> None:
        line = Connection(url)
        for _ in range(3):
            assert (await line.post("/", {})).json() == []
        await line.close()

    against(script, client)
    assert len(connections) == 3


def test_a_request_is_sent_again_when_the_server_breaks_off() -> None:
    connections = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await request(reader)
        if len(connections) == 3:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        writer.close()

    async def client(url: str) -> None:
        line = Connection(url)
        assert (await line.get("/")).json() == []
        await line.close()

    against(script, client)


def test_nobody_there_is_unreachable_once_patience_ends() -> None:
    async def client() -> None:
        await Connection("http://127.0.0.1:9", patience=0.05).get("/")

    with pytest.raises(Unreachable, match=r"nothing answers at 127.0.0.1:9 for 0.05 s"):
        asyncio.run(client())


@pytest.mark.parametrize(
    ("reply", "code", "message"),
    [
        (b'{"error":{"code":"lease_expired","message":"too late"}}', "lease_expired", "too late"),
        (b"<html>", "", "the server answered with status 409"),
    ],
)
def test_a_refusal_carries_status_code_and_message(reply: bytes, code: str, message: str) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n%s" % (len(reply), reply))

    async def client(url: str) -> None:
        line = Connection(url)
        with pytest.raises(Refused, match=message) as caught:
            (await line.get("/")).json()
        assert (caught.value.status, caught.value.code) == (409, code)
        await line.close()

    against(script, client)


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(PlatformError, match="expected an address"):
        Connection("ftp://example.org")
