"""HTTP with an end to its patience: who opens connections and sends little or nothing keeps nobody else waiting.

A head has to come whole within some seconds and may have some kilobytes; a body has to go on coming. A proxy that
buffers requests does the same earlier, but not everybody has one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

__all__ = ["PatientProtocol"]

# How long, in seconds, the head of a request may take, counted from the connection or from its first byte.
HEAD_SECONDS = 10.0
LARGEST_HEAD = 64 << 10
# How long, in seconds, a body may make no progress worth the name: so many bytes a second.
BODY_SECONDS = 30.0
LEAST_RATE = 1_000


class PatientProtocol(HttpToolsProtocol):
    """A connection that is closed when its client takes too long, or sends too large a head."""

    def __init__(self, *settings: Any, **more: Any) -> None:
        super().__init__(*settings, **more)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._in_body = False
        self._head_size = 0
        self._body_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; what is still missing then has to come in time."""
        super().data_received(data)
        if self.transport.is_closing():
            self._stop()
        elif self._in_head:
            self._head_size += len(data)
            if self._head_size > LARGEST_HEAD:
                self._refuse(431)
            elif self._timer is None:
                self._wait(HEAD_SECONDS, self._head_is_late)
        elif self._in_body and self._timer is None:
            self._watch_body()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_size = True, 0

    def on_headers_complete(self) -> None:
        """The head is whole; now its body is waited for."""
        super().on_headers_complete()
        self._stop()
        self._in_head, self._in_body, self._body_size = False, True, 0

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        super().on_body(body)
        self._body_size += len(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self._in_body = False
        self._stop()

    def _watch_body(self) -> None:
        self._wait(BODY_SECONDS, self._look_at_body, self._body_size)

    def _look_at_body(self, before: int) -> None:
        """Go on waiting if enough has come since, or if it is the application that does not read."""
        self._timer = None
        if self._body_size - before >= LEAST_RATE * BODY_SECONDS or self.flow.read_paused:
            self._watch_body()
        else:
            self._refuse(408)

    def _head_is_late(self) -> None:
        self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Say why, where nothing was said yet, and close; an application that waits for the body hears of it."""
        self._stop()
        if self.cycle is None or not self.cycle.response_started:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _wait(self, seconds: float, act: Any, *about: Any) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, act, *about)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
