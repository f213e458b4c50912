"""A web server on this machine that serves archives as the real sources do, and misbehaves when told to."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Site:
    """Files by name; `asked` lists (name, range) of requests.

    `cut` breaks the next replies off after so many bytes, `stuck` makes the next one wait there for `go_on`.
    `ranges` and `lengths` say whether the server knows parts of files, and tells how long they are; `shift` makes it
    send a part that begins so many bytes early.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut: list[int] = field(default_factory=list)
    stuck: int = 0
    go_on: threading.Event = field(default_factory=threading.Event)
    ranges: bool = True
    lengths: bool = True
    shift: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, name: str, members: dict[str, bytes]) -> bytes:
        """Offer an archive of these files, and its MD5."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in members.items():
                archive.writestr(path, content)
        self.files[f"{name}.zip"] = buffer.getvalue()
        self.files[f"{name}.md5"] = hashlib.md5(buffer.getvalue()).hexdigest().encode() + b"\n"
        return buffer.getvalue()


@pytest.fixture
def site() -> Iterator[Site]:
    state = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[-1]
            with state.lock:
                state.asked.append((name, self.headers.get("Range")))
                content = state.files.get(name)
                limit = state.cut.pop(0) if name.endswith(".zip") and state.cut else None
            if content is None:
                self.send_error(404)
                return
            tag = f'"{hashlib.sha256(content).hexdigest()}"'
            start = 0
            if state.ranges and self.headers.get("Range") and self.headers.get("If-Range") == tag:
                start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) - state.shift
            self.send_response(206 if start else 200)
            if state.ranges:
                self.send_header("ETag", tag)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            if state.lengths:
                self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            body = content[start : None if limit is None else start + limit]
            if state.stuck and name.endswith(".zip"):
                self.wfile.write(body[: state.stuck])
                body, state.stuck = body[state.stuck :], 0
                state.go_on.wait(60)
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}/files"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
