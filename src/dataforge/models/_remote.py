"""Models behind an address: JSON out, JSON in, with a key that is read from the environment and goes nowhere else."""

from __future__ import annotations

import base64
import math
import mimetypes
import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec

from dataforge.errors import DataError, SpecError
from dataforge.objects.base import PARTS, shorten

if TYPE_CHECKING:
    import httpx

__all__ = ["Address", "Turned", "Waits", "sendable", "shown"]

LONGEST_SAID = 200
HIDDEN = "…"
SHORTEST_SECRET = 8
"""A shorter key is a placeholder, as servers of one's own take, and may be a word of an answer."""
LARGEST, LARGEST_ITEM = 2**20, 2**18
"""So many bytes a reply may have, and for each item that was asked about; as objects they take thirty times as much."""


class Waits(Exception):
    """The address is busy, or not reached; `after` so many seconds it may be asked again, None: it did not say."""

    def __init__(self, said: str, after: float | None = None) -> None:
        super().__init__(said)
        self.after = after


class Turned(Exception):
    """The address turns down whatever it is asked: for a wrong key, a wrong path."""


class Address:
    """An address that takes JSON; `key` is the name of the environment variable with the key to it.

    The key is read when it is needed, and is in nothing that is stored or told, nor is a password in the address:
    where a reply repeats them, they are left out. Replies that send elsewhere are not followed.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise SpecError(f"expected an address that starts with https:// or http://, got {shorten(shown(url))}")
        self._url, self.url, self.key = url, shown(url), key
        """The second is the one to tell."""
        self._words = _words_of(url)

    def post(self, body: Mapping[str, Any], timeout: float, items: int = 1) -> Any:
        """What it replies, as JSON; raises `Waits`, `Turned`, `TimeoutError`, or `ValueError` for what is no answer."""
        # Here, because who asks nobody elsewhere needs no HTTP.
        import httpx

        secret, limit = self._secret(), LARGEST + items * LARGEST_ITEM
        hidden = _Hidden((secret, *self._words))
        # Not compressed: a small reply could become one that no memory holds.
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        headers |= {"Authorization": f"Bearer {secret}"} if secret else {}
        sent = msgspec.json.encode(body)
        try:
            with self._client.stream("POST", self._url, content=sent, headers=headers, timeout=timeout) as reply:
                packed = reply.headers.get("Content-Encoding", "identity").strip().lower()
                content = _beginning(reply.iter_raw(), limit) if packed == "identity" else b""
        except httpx.TimeoutException:
            raise TimeoutError(f"no answer within {timeout:g} seconds") from None
        except httpx.HTTPError as error:
            raise Waits(f"{self.url} cannot be reached: {hidden.out_of(str(error) or type(error).__name__)}") from None
        text = hidden.out_of(content[:limit].decode(errors="replace")) if not reply.is_success else ""
        if not reply.is_success:
            raise self._refused(reply, text)
        if packed != "identity":
            raise ValueError(f"{self.url} replied compressed ({shorten(packed)}), which it was asked not to")
        if len(content) > limit:
            raise ValueError(f"{self.url} replied more than the {limit:,} bytes that answers to {items} items can take")
        return _as_json(content, hidden)

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
        if not (secret.isascii() and secret.isprintable()):
            raise SpecError(
                f"the key in the environment variable {self.key!r} has a line break or another character that no "
                "request can carry; set it to the key alone"
            )
        return secret

    def _refused(self, reply: httpx.Response, text: str) -> Exception:
        said = f"{self.url} replied {reply.status_code}: {shorten(text, LONGEST_SAID)}"
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


def shown(url: str) -> str:
    """An address as it may be told: without the name and password in it, and without what it is asked for."""
    return re.sub(r"[?#].*", f"?{HIDDEN}", re.sub(r"//[^/?#]*@", f"//{HIDDEN}@", url), flags=re.DOTALL)


def _words_of(url: str) -> tuple[str, ...]:
    """What lets somebody in, of an address with a name and a password, as written and as sent."""
    try:
        # What has no port in the place of one was cut short by a sign in the password, and would be told as a path.
        user = urlsplit(url).netloc.rpartition("@")[0]
        found = urlsplit(url).hostname, urlsplit(url).port
    except ValueError:
        found = None, None
    if not found[0]:
        raise SpecError(
            "expected an address such as https://host:8000/path, got one whose host and port cannot be read; write "
            "/, ? and # of a password in it as %2F, %3F and %23"
        )
    if not user:
        return ()
    name, _, password = (unquote(part) for part in user.partition(":"))
    return password or name, base64.b64encode(f"{name}:{password}".encode()).decode()


def _beginning(chunks: Iterable[bytes], limit: int) -> bytes:
    """What comes, up to the chunk that is beyond the limit."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            break
    return bytes(content)


def _as_json(content: bytes, hidden: _Hidden) -> Any:
    try:
        return hidden.left_out(msgspec.json.decode(content))
    except (msgspec.DecodeError, RecursionError):
        raise ValueError(f"expected JSON, got {shorten(hidden.out_of(content.decode(errors='replace')))}") from None


def _seconds(said: str | None) -> float | None:
    """How long it asks to wait; a date is passed over."""
    try:
        seconds = math.nan if said is None else float(said)
    except ValueError:
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


class _Hidden:
    """What must not be told, wherever it is repeated: as it is, or escaped as in JSON, an address or a page."""

    def __init__(self, secrets: Iterable[str]) -> None:
        given = [secret for secret in secrets if secret]
        self._told, self._kept = _any_of(given), _any_of([one for one in given if len(one) >= SHORTEST_SECRET])

    def out_of(self, text: str) -> str:
        return self._told.sub(HIDDEN, text) if self._told else text

    def left_out(self, said: Any) -> Any:
        """What was said, without them: it would be told in a notice, or kept as an answer."""
        if self._kept is None:
            return said
        if isinstance(said, str):
            return self._kept.sub(HIDDEN, said)
        if isinstance(said, list):
            return [self.left_out(one) for one in said]
        if isinstance(said, dict):
            return {self.left_out(name): self.left_out(one) for name, one in said.items()}
        return said


def _any_of(secrets: list[str]) -> re.Pattern[str] | None:
    # Backslashes are passed over, for as many as one likes come with escapes; bounded, so that it is quick.
    between = r"(?:\\|(?i:u005c|%5c|&#92;|&#x5c;)){0,16}"
    bare = [secret.replace("\\", "") for secret in secrets]
    patterns = [between.join(map(_escaped, secret)) for secret in bare if secret]
    return re.compile("|".join(patterns)) if patterns else None


def _escaped(sign: str) -> str:
    """A pattern of a sign as it is, and as JSON, an address or a page would write it."""
    code = ord(sign)
    named = {"&": "|&amp;", "<": "|&lt;", ">": "|&gt;", '"': "|&quot;"}.get(sign, "")
    return rf"(?:{re.escape(sign)}|(?i:u{code:04x}|%{code:02x}|&#0{{0,4}}{code};|&#x0{{0,4}}{code:x};{named}))"


def sendable(value: Any) -> Any:
    """A value as somebody elsewhere can look at it: a file of this machine becomes `{"url": "data:…"}`."""
    if not isinstance(value, Mapping):
        return value
    if "piece" in value:
        return value["text"][slice(*value["piece"])]
    if "frame" in value and "file" in value:
        kind = "png" if "crop" in value else "jpeg"
        return {"url": f"data:image/{kind};base64,{base64.b64encode(_still(value)).decode()}"}
    if "crop" in value and "file" in value:
        # Here, because most that is sent has no pictures.
        from dataforge.media.files import cropped

        return {
            "url": f"data:image/png;base64,{base64.b64encode(cropped(Path(value['file']), value['crop'])).decode()}"
        }
    if not value.keys().isdisjoint(PARTS):
        raise DataError(
            f"models are sent crops and frames of files and whole recordings, got {shorten(value)}; give these"
        )
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


def _still(value: Mapping[str, Any]) -> bytes:
    """The frame of a film, or the part of it that is meant: a picture."""
    # Here, because most that is sent has no films.
    from dataforge.media.files import cropped
    from dataforge.media.films import Frames

    picture = Frames().picture(Path(value["file"]), value["frame"])
    return picture if "crop" not in value else cropped(BytesIO(picture), value["crop"])
