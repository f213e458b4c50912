"""Models behind an address: JSON out, JSON in, with a key that is read from the environment and goes nowhere else."""

from __future__ import annotations

import base64
import mimetypes
import os
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from dataforge.errors import DataError, SpecError
from dataforge.objects.base import shorten

if TYPE_CHECKING:
    import httpx

__all__ = ["Address", "Turned", "Waits", "sendable"]

LONGEST_WAIT = 60.0
LONGEST_SAID = 200
HIDDEN = "…"
SHORTEST_SECRET = 8
"""A shorter key is a placeholder, as servers of one's own take, and may be a word of an answer."""


class Waits(Exception):
    """The address is busy, or not reached; `after` so many seconds it may be asked again, None: it did not say."""

    def __init__(self, said: str, after: float | None = None) -> None:
        super().__init__(said)
        self.after = after


class Turned(Exception):
    """The address turns down whatever it is asked: for a wrong key, a wrong path."""


class Address:
    """An address that takes JSON; `key` is the name of the environment variable with the key to it.

    The key is read when it is needed, and is in nothing that is stored or told: where a reply repeats it, it is left
    out. Replies that send elsewhere are not followed.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise SpecError(f"expected an address that starts with https:// or http://, got {shorten(url)}")
        self.url, self.key = url, key

    def post(self, body: Mapping[str, Any], timeout: float) -> Any:
        """What it replies, as JSON; raises `Waits`, `Turned`, `TimeoutError`, or `ValueError` for what is no JSON."""
        # Here, because who asks nobody elsewhere needs no HTTP.
        import httpx

        secret = self._secret()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {secret}"} if secret else {})
        try:
            reply = self._client.post(self.url, content=msgspec.json.encode(body), headers=headers, timeout=timeout)
        except httpx.TimeoutException:
            raise TimeoutError(f"no answer within {timeout:g} seconds") from None
        except httpx.HTTPError as error:
            raise Waits(
                f"{self.url} cannot be reached: {_without(secret, str(error) or type(error).__name__)}"
            ) from None
        if not reply.is_success:
            raise self._refused(reply, secret)
        try:
            return _left_out(secret, msgspec.json.decode(reply.content))
        except msgspec.DecodeError:
            raise ValueError(f"expected JSON, got {shorten(_without(secret, reply.text))}") from None

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(follow_redirects=False)

    def _secret(self) -> str:
        if self.key is None:
            return ""
        # The one place that reads it: a key in the settings would be in the run's folder.
        if not (secret := os.environ.get(self.key, "").strip()):
            raise SpecError(
                f"the environment variable {self.key!r}, which is to have the key to {self.url}, is not set; set it "
                "where the model is asked"
            )
        return secret

    def _refused(self, reply: httpx.Response, secret: str) -> Exception:
        said = f"{self.url} replied {reply.status_code}: {shorten(_without(secret, reply.text), LONGEST_SAID)}"
        busy = reply.status_code in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
        if busy or reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Waits(said, _seconds(reply.headers.get("Retry-After")))
        if reply.status_code in (
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ):
            return ValueError(said)  # of these items; it may take others
        return Turned(said)


def _seconds(said: str | None) -> float | None:
    """How long it asks to wait; a date is passed over."""
    try:
        return None if said is None else min(max(float(said), 0.0), LONGEST_WAIT)
    except ValueError:
        return None


def _without(secret: str, text: str) -> str:
    return text.replace(secret, HIDDEN) if secret else text


def _left_out(secret: str, said: Any) -> Any:
    """What was said, without the key wherever that is repeated: it would be told in a notice, or kept as an answer."""
    if len(secret) < SHORTEST_SECRET:
        return said
    if isinstance(said, str):
        return _without(secret, said)
    if isinstance(said, list):
        return [_left_out(secret, one) for one in said]
    if isinstance(said, dict):
        return {_without(secret, name): _left_out(secret, one) for name, one in said.items()}
    return said


def sendable(value: Any) -> Any:
    """A value as somebody elsewhere can look at it: a file of this machine becomes `{"url": "data:…"}`."""
    if not isinstance(value, Mapping):
        return value
    if "file" in value and len(value) == 1:
        path = Path(str(value["file"]))
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(f"cannot read the file {str(path)!r}: {error.strerror}") from None
        return {"url": f"data:{kind};base64,{base64.b64encode(content).decode()}"}
    if "media" in value and len(value) == 1:
        raise DataError(f"the file {value['media']} is on the platform only; give items with their paths or addresses")
    return value
