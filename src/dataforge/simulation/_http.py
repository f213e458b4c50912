"""One keep-alive HTTP connection, lean enough for a hundred simulated workers on half a core.

A general client spends more time on a request than the server does; a worker needs no redirects, no cookies,
no proxies and never two requests at once.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httptools
import msgspec

from dataforge.errors import PlatformError, Refused, Unreachable

__all__ = ["Connection", "Reply"]

READ = 65536
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 1.0


@dataclass(frozen=True)
class Reply:
    """An HTTP reply, read to its end."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises `Refused` if the status is an error, `PlatformError` if it is no JSON."""
        if self.status >= 400:
            raise self._refusal()
        return self._decoded()

    def _decoded(self) -> Any:
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            start = self.body[:80].decode("utf-8", "replace")
            raise PlatformError(f"expected JSON from the server, got status {self.status} and {start!r}") from None

    def _refusal(self) -> Refused:
        try:
            error = self._decoded()["error"]
            return Refused(str(error["message"]), status=self.status, code=str(error["code"]))
        except (PlatformError, KeyError, TypeError):
            return Refused(f"the server answered with status {self.status}", status=self.status, code="")


class _Reading:
    """A reply while it comes in; the parser calls the methods that start with `on_`."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.done = False
        self.last = False
        self.parser = httptools.HttpResponseParser(self)

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        # Asked later, the parser already speaks of the next message.
        self.last = not self.parser.should_keep_alive()
        self.done = True


class Connection:
    """A connection to one server; opened when needed and again when it broke.

    A request is sent again until it is answered or `patience` seconds have passed: worker routes are made so that
    sending twice does no harm.
    """

    def __init__(self, url: str, *, patience: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise PlatformError(f"expected an address such as 'http://127.0.0.1:8000', got {url!r}")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        self._prefix = parts.path.rstrip("/")
        self._netloc = parts.netloc.rpartition("@")[2]
        self._patience = patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, token: str = "") -> Reply:
        """GET a path."""
        return await self._ask("GET", path, token, b"")

    async def post(self, path: str, body: object = None, token: str = "") -> Reply:
        """POST a JSON body (an empty object by default) to a path."""
        return await self._ask("POST", path, token, msgspec.json.encode({} if body is None else body))

    async def put(self, path: str, content: bytes, token: str = "") -> Reply:
        """PUT bytes to a path."""
        return await self._ask("PUT", path, token, content, "application/octet-stream")

    async def close(self) -> None:
        """Close the connection; the next request opens it again."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, method: str, path: str, token: str, body: bytes, content: str = "application/json") -> Reply:
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\nHost: {self._netloc}\r\nAccept: */*\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        if method != "GET":
            head += f"Content-Type: {content}\r\nContent-Length: {len(body)}\r\n"
        message = head.encode("ascii") + b"\r\n" + body
        begun, pause = monotonic(), FIRST_PAUSE
        while True:
            reused = self._streams is not None
            try:
                return await self._exchange(message)
            except (OSError, EOFError, httptools.HttpParserError) as error:
                await self.close()
                if reused:  # the server closed an idle connection: nothing is wrong yet
                    continue
                if monotonic() - begun > self._patience:
                    raise Unreachable(
                        f"nothing answers at {self._netloc} for {self._patience:g} s ({error}); is the server running?"
                    ) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _exchange(self, message: bytes) -> Reply:
        if self._streams is None:
            context = ssl.create_default_context() if self._secure else None
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=context)
        reader, writer = self._streams
        writer.write(message)
        reading = _Reading()
        while not reading.done:
            data = await reader.read(READ)
            if not data:
                raise EOFError("the server closed the connection")
            reading.parser.feed_data(data)
        if reading.last:
            await self.close()
        return Reply(reading.parser.get_status_code(), bytes(reading.body))
