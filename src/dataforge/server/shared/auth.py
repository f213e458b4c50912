"""Who asks: tokens, cookies, where a request comes from, and a limit on guessing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.issue.sqlite.sessions import SESSION_SECONDS
from dataforge.workspace import sign_in_token

__all__ = [
    "COOKIE",
    "Attempts",
    "Cookies",
    "Keys",
    "SignedIn",
    "address_of",
    "bearer",
    "browser_of",
    "check_origin",
    "digest",
    "new_token",
    "new_worker",
]

SignedIn = Literal["worker", "requester"]
COOKIE = "df_{role}_{mark}"
# Of workers who joined when the cookie was their personal token and had no mark.
TOKEN_COOKIE = "df_worker"
MAC_BYTES = 16
LONGEST_BROWSER = 200
LONGEST_TIME = 15


def new_token() -> str:
    """A fresh token of 256 random bits."""
    return secrets.token_urlsafe(32)


def new_worker() -> str:
    """A fresh public id of a worker."""
    return secrets.token_hex(8)


def digest(token: str) -> bytes:
    """What is stored of a token; tokens are random, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Keys:
    """Everything that is derived from the requester's secret; a new secret makes all of it invalid."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    def mac(self, message: str) -> bytes:
        """A code that only the holder of the secret can make."""
        return hmac.digest(self.secret, message.encode("utf-8", "replace"), "sha256")

    def is_secret(self, given: str) -> bool:
        """Whether this is the secret, told in constant time."""
        return hmac.compare_digest(self.secret, given.encode("utf-8", "replace"))

    def link_ends(self, given: str) -> int | None:
        """Until when a link signs the requester in, of which this is the token; None if it is of no link of ours."""
        digits = given.partition(".")[0]
        until = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < LONGEST_TIME else 0
        ours = sign_in_token(self.secret.decode(), until).encode()
        return until if hmac.compare_digest(ours, given.encode("utf-8", "replace")) else None

    def invitation(self, invitation: str) -> str:
        """The token of an invitation; derived, so that its path can be shown again though only a hash is stored."""
        return urlsafe_b64encode(self.mac(f"invitation/{invitation}")[:24]).decode()

    def origin(self, address: str) -> str:
        """A code for where a request comes from, equal for equal addresses; of IPv6 a home has a whole network."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return self.mac(f"origin/{address}").hex()[:16] if address else ""
        if isinstance(parsed, IPv6Address):
            parsed = parsed.ipv4_mapped or ip_network((int(parsed), 64), strict=False).network_address
        return self.mac(f"origin/{parsed}").hex()[:16]

    def media_token(self, worker: str, media: str) -> str:
        """What lets this worker, and nobody else, fetch the file."""
        name, _, extension = media.partition(".")
        mac = self.mac(f"media/{worker}/{media}")[:MAC_BYTES]
        return urlsafe_b64encode(bytes.fromhex(name) + mac + extension.encode()).decode().rstrip("=")

    def media_of(self, worker: str, token: str) -> str | None:
        """The file that a token of this worker stands for; None if it is no such token."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            media = f"{raw[:32].hex()}.{raw[32 + MAC_BYTES :].decode('ascii')}"
        except (Base64Error, ValueError):
            return None
        mac = self.mac(f"media/{worker}/{media}")[:MAC_BYTES]
        return media if hmac.compare_digest(mac, raw[32 : 32 + MAC_BYTES]) else None


class Cookies:
    """The cookies of one workspace.

    A browser sends a cookie to every port of a machine, so the names tell the workspaces of a machine apart, by a mark
    that moves along with the database. Where the connection is safe, they also keep other hosts of the domain from
    setting them.
    """

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def name(self, request: Request, role: SignedIn) -> str:
        """What the cookie is called."""
        name = COOKIE.format(role=role, mark=self.mark)
        return f"__Host-{name}" if request.url.scheme == "https" else name

    def get(self, request: Request, role: SignedIn) -> str:
        """The token in the cookie, empty without one."""
        return request.cookies.get(self.name(request, role), "")

    @staticmethod
    def forget_token(response: Response) -> None:
        """Remove the cookie that is the personal token."""
        response.delete_cookie(TOKEN_COOKIE, httponly=True, samesite="lax")

    @staticmethod
    def token(request: Request) -> str:
        """The personal token that a browser holds as its cookie since before there were sessions; empty without one."""
        return request.cookies.get(TOKEN_COOKIE, "")

    def put(self, request: Request, response: Response, role: SignedIn, token: str) -> None:
        """Set a cookie that scripts cannot read and other sites cannot send with what they make."""
        response.set_cookie(
            self.name(request, role),
            token,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite=_same_site(role),
            secure=request.url.scheme == "https",
        )

    def forget(self, request: Request, response: Response, role: SignedIn) -> None:
        """Remove the cookie."""
        response.delete_cookie(
            self.name(request, role),
            httponly=True,
            samesite=_same_site(role),
            secure=request.url.scheme == "https",
        )


def _same_site(role: SignedIn) -> Literal["lax", "strict"]:
    return "lax" if role == "worker" else "strict"


class Attempts:
    """Wrong secrets, links and invitations by address: past a few in a minute the answer is to wait.

    What is right is never refused for what others of the same address, such as an office, got wrong; it is too long to
    be guessed at any rate. `what` is counted: failed attempts, or something else of which there should not be so many.
    """

    def __init__(
        self,
        most: int = 30,
        seconds: float = 60.0,
        clock: Callable[[], float] = monotonic,
        *,
        what: str = "failed attempts",
    ) -> None:
        self.most = most
        self.seconds = seconds
        self.clock = clock
        self.what = what
        self.failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def refusal(self, address: str, error: Refused) -> Refused:
        """Note a wrong attempt and give what to answer: the error, or 429 if there were too many."""
        return self.too_many(address) or error

    def too_many(self, address: str) -> Refused | None:
        """Note one more, and give 429 if there were too many."""
        now = self.clock()
        count, until = self.failures.get(address, (0, 0.0))
        if until <= now:
            self.failures.pop(address, None)
            count, until = 0, now + self.seconds
        self.failures[address] = (count + 1, until)
        if len(self.failures) > 10_000:
            self.failures.popitem(last=False)
        if count < self.most:
            return None
        wait = max(1, round(until - now))
        message = f"too many {self.what} from this address: try again in {wait} s"
        return Refused(message, status=429, code="too_many_attempts", retry_after=wait)


def address_of(request: Request) -> str:
    """Where a request comes from, by the word of the proxy in front if that was named."""
    return request.client.host if request.client is not None else ""


def browser_of(request: Request) -> str:
    """What the browser says of itself, to tell one session from another."""
    return request.headers.get("user-agent", "")[:LONGEST_BROWSER]


def bearer(request: Request) -> str | None:
    """The token of the `Authorization` header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def check_origin(request: Request) -> None:
    """Raise `Refused` 403 if a browser says that another site's page sent the request."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    foreign = origin is not None and _host_of(origin) != request.headers.get("host")
    if foreign or site not in (None, "same-origin", "none"):
        raise Refused(
            f"requests of other sites' pages are refused, this one came from {origin}",
            status=403,
            code="foreign_origin",
        )


def _host_of(origin: str) -> str | None:
    """The host and port of an origin; None if it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
