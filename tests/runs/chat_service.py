"""A service on this machine that speaks the protocol of chat models, and one that takes and gives plain JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class Service(ThreadingHTTPServer):
    """What it was asked: of each request its path, its headers and its body; and how many at the same time at most."""

    daemon_threads = True

    def __init__(self, reply: Callable[[Any], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply, self.lock = reply, threading.Lock()
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.at_once = self.most_at_once = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def do_POST(self) -> None:
        service = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with service.lock:
            service.asked.append((self.path, dict(self.headers), body))
            service.at_once += 1
            service.most_at_once = max(service.most_at_once, service.at_once)
        try:
            status, said, *more = service.reply(body)
        finally:
            with service.lock:
                service.at_once -= 1
        said = said.encode() if isinstance(said, str) else said
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(reply: Callable[[Any], Reply]) -> Iterator[Service]:
    """A service that replies so."""
    service = Service(reply)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()


def said(text: str | None) -> Reply:
    """A reply of a chat model with this text."""
    return 200, {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": {"content": text}}]}
