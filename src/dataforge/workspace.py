"""The workspace: one folder that holds the server's database, the media, the secret and the run logs."""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec
from filelock import FileLock, Timeout

from dataforge.errors import SpecError
from dataforge.files.durable import sync, sync_folder
from dataforge.files.textfiles import local_path
from dataforge.settings import project_workspace

__all__ = [
    "SIGN_IN_SECONDS",
    "Folder",
    "ServerAddress",
    "Workspace",
    "is_loopback",
    "media_path",
    "opens_only_here",
    "outside",
    "proof",
    "sign_in_token",
]

SIGN_IN_SECONDS = 600.0
"""How long a link that signs the requester in does so: what is printed is kept, in notebooks and on screens."""


class Folder(msgspec.Struct, frozen=True):
    """A folder of this machine, told from its copies and from a later one at the same path."""

    path: str
    device: int
    inode: int

    @classmethod
    def at(cls, path: Path) -> Folder | None:
        """The folder at a path; None if there is none."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return cls(str(path), found.st_dev, found.st_ino)


class ServerAddress(msgspec.Struct, frozen=True):
    """Where a workspace's server listens. `started` tells a process from a later one of the same number."""

    url: str
    pid: int
    started: float
    version: str


class _Announcement(msgspec.Struct, frozen=True):
    """What `server.json` holds; a copy of the workspace has the file as well, but is another folder."""

    folder: Folder
    server: ServerAddress


def proof(secret: str, folder: Folder, nonce: str) -> str:
    """What only the server of this very folder answers to a nonce: it knows the secret, and a copy lies elsewhere."""
    message = f"server/{folder.device}/{folder.inode}/{nonce}"
    return hmac.digest(secret.encode(), message.encode("utf-8", "replace"), "sha256").hex()


def sign_in_token(secret: str, until: int) -> str:
    """What signs the requester in until a time, in seconds since the epoch, and tells nothing of the secret."""
    return f"{until}.{hmac.digest(secret.encode(), f'sign-in/{until}'.encode(), 'sha256').hex()}"


def media_path(media: Path, name: str) -> Path:
    """Where the stored file of that name lies in the folder of media."""
    return media / name[:2] / name


def is_loopback(host: str) -> bool:
    """Whether a host is the computer that speaks of it, and no other."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def opens_only_here(address: str) -> bool:
    """Whether a link leads nobody on another computer to what it leads to here."""
    return is_loopback(urlsplit(address).hostname or "")


def outside(address: str) -> str:
    """An address of our server as people's browsers find it: under what `DATAFORGE_ADDRESS` names, if it is set.

    Behind a proxy the server does not know where that has it; what was put there once is left as it is.
    """
    named = os.environ.get("DATAFORGE_ADDRESS", "").rstrip("/")
    if not named or address.startswith(f"{named}/"):
        return address
    if urlsplit(named).scheme not in ("http", "https") or not urlsplit(named).hostname:
        raise SpecError(
            "DATAFORGE_ADDRESS: expected where browsers find the server's pages, such as "
            f"https://example.org/user/ann/proxy/8765, got {named!r}"
        )
    return named + urlunsplit(urlsplit(address)._replace(scheme="", netloc=""))


@dataclass(frozen=True)
class Workspace:
    """Paths inside a workspace folder; nothing is made until it is needed."""

    root: Path

    @classmethod
    def at(cls, path: str | Path | None = None) -> Workspace:
        """The workspace at `path`.

        By default the folder that `DATAFORGE_WORKSPACE` names, or the project's `pyproject.toml`, or `.dataforge` here.
        """
        if path is None:
            path = os.environ.get("DATAFORGE_WORKSPACE") or project_workspace(Path.cwd()) or ".dataforge"
        return cls(local_path(path, SpecError).resolve())

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

    @property
    def starting(self) -> Path:
        """The lock of whoever starts or ends the server."""
        return self.root / "starting.lock"

    @property
    def serving(self) -> Path:
        """The lock that the server holds while it runs."""
        return self.root / "server.lock"

    def make(self) -> Workspace:
        """Make the folder, readable by its owner only, and return the workspace."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
            raise SpecError(
                f"workspace: the folder {str(self.root)!r} cannot be made: {error.strerror}; name another one"
            ) from None
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
            sync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        sync_folder(self.root)
        return path.read_text("ascii").strip()

    def sign_in_link(self, address: str) -> str:
        """A link to that page of the requester's which signs in whoever opens it in the next ten minutes."""
        token = sign_in_token(self.secret(), int(time.time() + SIGN_IN_SECONDS))
        server = urlunsplit(urlsplit(address)._replace(path="", query="", fragment=""))
        root = outside(f"{server}/").rstrip("/")
        page = urlsplit(outside(address).removeprefix(root)).path
        return f"{root}/login?next={page}#{token}"

    def folder(self) -> Folder | None:
        """Which folder the workspace is; None if there is none."""
        return Folder.at(self.root)

    # --- its server ---------------------------------------------------------------------------------

    def announce(self, address: ServerAddress) -> None:
        """Write where the server listens; the server calls this once it does."""
        folder = self.make().folder()
        assert folder is not None, "it was just made"
        self.forget_stopped()
        self._put("server.json", msgspec.json.encode(_Announcement(folder, address)))
        self._put("port", address.url.rpartition(":")[2].encode())

    def last_port(self) -> int | None:
        """The port of the workspace's last server: links that workers were given lead there."""
        try:
            return int((self.root / "port").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def withdraw(self, pid: int) -> None:
        """Remove the announcement of the server process `pid`, if it is still the one announced."""
        address = self.server()
        if address is not None and address.pid == pid:
            (self.root / "server.json").unlink(missing_ok=True)

    def server(self) -> ServerAddress | None:
        """The announced server, or None. Whether it still answers is for the caller to find out."""
        try:
            content = (self.root / "server.json").read_bytes()
            announced = msgspec.json.decode(content, type=_Announcement)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            return self._server_of_an_older_version(content)
        return announced.server if self._is_here(announced.folder) else None

    def _server_of_an_older_version(self, announced: bytes) -> ServerAddress | None:
        """What a server announced that did not name its folder; in a copy of its folder nobody holds the lock."""
        try:
            address = msgspec.json.decode(announced, type=ServerAddress)
            with FileLock(self.serving, timeout=0):
                return None
        except Timeout:
            return address
        except msgspec.DecodeError:
            return None

    def _is_here(self, folder: Folder | None) -> bool:
        here = self.folder()
        if here is None or folder is None:
            return False
        return (here.device, here.inode) == (folder.device, folder.inode)

    def running_server(self) -> ServerAddress | None:
        """The announced server, or None if its process is gone.

        Ask this before anything is sent: after a server was killed anybody may listen where it did.
        """
        import psutil

        address = self.server()
        try:
            # One that has ended and that its parent has not yet asked about is gone as well.
            gone = address is None or psutil.Process(address.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            gone = True
        except psutil.AccessDenied:
            gone = False
        return None if gone else address

    def show_runner(self, alive: bool) -> None:
        """Show that the runner lives, or that there is none."""
        if alive:
            (self.root / "runner").touch()
        else:
            (self.root / "runner").unlink(missing_ok=True)

    def runner_silent(self) -> float | None:
        """How long ago, in seconds, the runner has shown itself; None where there is none."""
        try:
            return max(0.0, time.time() - (self.root / "runner").stat().st_mtime)
        except FileNotFoundError:
            return None

    def note_stopped(self) -> None:
        """Note that the server was stopped on purpose: whoever merely uses it must not start it again."""
        # A full disk keeps nobody from stopping the server.
        with contextlib.suppress(OSError):
            if self.root.is_dir():
                self._mark("stopped")

    def forget_stopped(self) -> None:
        """Note that the server is wanted again."""
        (self.root / "stopped").unlink(missing_ok=True)

    def set_managed(self, managed: bool) -> None:
        """Note whether somebody starts the server by hand at a port of their choice, such as a service manager."""
        if managed:
            self._mark("managed")
        else:
            (self.root / "managed").unlink(missing_ok=True)

    def no_start(self) -> str | None:
        """Why nobody but a person may start the server now, with what to do; None if anybody may."""
        if self._marked("managed"):
            return (
                f"it is started by hand, at port {self.last_port()}; start it there again, "
                "or serve once without --port to leave that to launches"
            )
        if self._marked("stopped"):
            return "it was stopped on purpose; `dataforge serve` or another launch starts it again"
        return None

    def _mark(self, name: str) -> None:
        self._put(name, msgspec.json.encode(self.folder()))

    def _marked(self, name: str) -> bool:
        """Whether there is such a mark, and it was not copied with the folder."""
        try:
            return self._is_here(msgspec.json.decode((self.root / name).read_bytes(), type=Folder | None))
        except (FileNotFoundError, msgspec.DecodeError):
            return False

    def _put(self, name: str, content: bytes) -> None:
        aside = self.make().root / f"{name}.{os.getpid()}"
        aside.write_bytes(content)
        aside.replace(self.root / name)
