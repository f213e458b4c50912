"""Who asks: tokens, cookies, where a request comes from, and a limit on guessing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from dataforge.errors import Refused

__all__ = [
    "REQUESTER_COOKIE",
    "WORKER_COOKIE",
    "Attempts",
    "Keys",
    "bearer",
    "check_origin",
    "digest",
    "forget_cookie",
    "new_token",
    "new_worker",
    "set_cookie",
]

REQUESTER_COOKIE = "df_requester"
WORKER_COOKIE = "df_worker"
COOKIE_SECONDS = 180 * 86_400
MAC_BYTES = 16


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
        self.session = self.mac("session").hex()

    def mac(self, message: str) -> bytes:
        """A code that only the holder of the secret can make."""
        return hmac.digest(self.secret, message.encode("utf-8", "replace"), "sha256")

    def is_secret(self, given: str) -> bool:
        """Whether this is the secret, told in constant time."""
        return hmac.compare_digest(self.secret, given.encode("utf-8", "replace"))

    def is_session(self, given: str) -> bool:
        """Whether this is a requester's cookie, told in constant time."""
        return hmac.compare_digest(self.session.encode(), given.encode("utf-8", "replace"))

    def invitation(self, invitation: str) -> str:
        """The token of an invitation; derived, so that its path can be shown again though only a hash is stored."""
        return urlsafe_b64encode(self.mac(f"invitation/{invitation}")[:24]).decode()

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


class Attempts:
    """Failed attempts per address: past a few in a minute the address has to wait, so that nothing can be guessed."""

    def __init__(self, most: int = 30, seconds: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        self.most = most
        self.seconds = seconds
        self.clock = clock
        self.failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise `Refused` 429 if the address has failed too often."""
        count, until = self.failures.get(address, (0, 0.0))
        left = until - self.clock()
        if left <= 0:
            self.failures.pop(address, None)
        elif count >= self.most:
            wait = max(1, round(left))
            message = f"too many failed attempts from this address: try again in {wait} s"
            raise Refused(message, status=429, code="too_many_attempts", retry_after=wait)

    def failed(self, address: str) -> None:
        """Note a failure."""
        count, until = self.failures.get(address, (0, self.clock() + self.seconds))
        self.failures[address] = (count + 1, until)
        if len(self.failures) > 10_000:
            self.failures.popitem(last=False)


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


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send with what they make."""
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax" if name == WORKER_COOKIE else "strict",
        secure=request.url.scheme == "https",
    )


def forget_cookie(request: Request, response: Response, name: str) -> None:
    """Remove the cookie."""
    response.delete_cookie(
        name,
        httponly=True,
        samesite="lax" if name == WORKER_COOKIE else "strict",
        secure=request.url.scheme == "https",
    )
