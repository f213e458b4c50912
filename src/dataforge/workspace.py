"""The workspace: one folder that holds the server's database, the media, the secret and the run logs."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

__all__ = ["ServerAddress", "Workspace"]


class ServerAddress(msgspec.Struct, frozen=True):
    """Where a workspace's server listens. `started` tells a process from a later one of the same number."""

    url: str
    pid: int
    started: float
    version: str


@dataclass(frozen=True)
class Workspace:
    """Paths inside a workspace folder; nothing is made until it is needed."""

    root: Path

    @classmethod
    def at(cls, path: str | Path | None = None) -> Workspace:
        """The workspace at `path`, by default the folder `.dataforge` in the current directory."""
        return cls(Path(path if path is not None else ".dataforge").expanduser().resolve())

    @property
    def database(self) -> Path:
        """The server's SQLite file."""
        return self.root / "dataforge.sqlite3"

    @property
    def media(self) -> Path:
        """The folder of uploaded files."""
        return self.root / "media"

    @property
    def runs(self) -> Path:
        """The folder of runs, one folder each."""
        return self.root / "runs"

    @property
    def server_log(self) -> Path:
        """Where a server that `launch` started writes what it has to say."""
        return self.root / "server.log"

    def make(self) -> Workspace:
        """Make the folder, readable by its owner only, and return the workspace."""
        self.root.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            self.root.chmod(0o700)
        return self

    def secret(self) -> str:
        """The requester's secret; made at the first call, in a file that only its owner may read."""
        path = self.make().root / "secret"
        try:
            return path.read_text("ascii").strip()
        except FileNotFoundError:
            pass
        # Write aside, then link: of two processes that start together one wins and both read the same secret.
        aside = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        return path.read_text("ascii").strip()

    def announce(self, address: ServerAddress) -> None:
        """Write where the server listens; the server calls this once it does."""
        self._put("server.json", msgspec.json.encode(address))
        self._put("port", address.url.rpartition(":")[2].encode())

    def last_port(self) -> int | None:
        """The port of the workspace's last server: links that workers were given lead there."""
        try:
            return int((self.root / "port").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def _put(self, name: str, content: bytes) -> None:
        aside = self.make().root / f"{name}.{os.getpid()}"
        aside.write_bytes(content)
        aside.replace(self.root / name)

    def withdraw(self, pid: int) -> None:
        """Remove the announcement of the server process `pid`, if it is still the one announced."""
        address = self.server()
        if address is not None and address.pid == pid:
            (self.root / "server.json").unlink(missing_ok=True)

    def server(self) -> ServerAddress | None:
        """The announced server, or None. Whether it still answers is for the caller to find out."""
        try:
            return msgspec.json.decode((self.root / "server.json").read_bytes(), type=ServerAddress)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def running_server(self) -> ServerAddress | None:
        """The announced server, or None if its process is gone.

        Ask this before the secret is sent: after a server was killed anybody may listen where it did.
        """
        import psutil

        address = self.server()
        return address if address is not None and psutil.pid_exists(address.pid) else None
