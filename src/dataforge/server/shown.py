"""Items as they are shown: sides swapped, uploaded files as addresses that the reader may fetch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from dataforge.issue.rows import PageRow, StoredItem
from dataforge.issue.run import Run
from dataforge.issue.submit import swapped
from dataforge.server.auth import Keys
from dataforge.server.replies import Page, PageItem

__all__ = ["MEDIA_NAME", "for_requester", "shown_page", "with_addresses"]

MEDIA_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}")


def shown_page(keys: Keys, run: Run, page: PageRow, items: Sequence[StoredItem], now: float) -> Page:
    """The page as its worker gets it."""
    left = page.lease if page.deadline is None else max(0.0, page.deadline - now)
    swaps = page.mirrored or (0,) * len(items)

    def address(media: str) -> str:
        return f"/api/work/media/{keys.media_token(page.worker, media)}"

    shown = [
        PageItem(_shown_inputs(run, item.inputs, bool(swap), address)) for swap, item in zip(swaps, items, strict=True)
    ]
    return Page(page.page.hex(), run.name, shown, page.price, run.publication.currency, round(left, 3))


def _shown_inputs(run: Run, inputs: bytes, swap: bool, address: Callable[[str], str]) -> msgspec.Raw:
    if not swap and not run.has_media:
        return msgspec.Raw(inputs)
    values = msgspec.json.decode(inputs)
    if swap:
        values = swapped(run, values)
    return msgspec.Raw(msgspec.json.encode(with_addresses(values, address)))


def with_addresses(inputs: dict[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    """The inputs with each uploaded file as `{"url"}`."""
    return {name: {"url": address(value["media"])} if _is_media(value) else value for name, value in inputs.items()}


def _is_media(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"media"}:
        return False
    return isinstance(value["media"], str) and MEDIA_NAME.fullmatch(value["media"]) is not None


def for_requester(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs with uploaded files at the requester's address."""
    return with_addresses(inputs, lambda media: f"/api/media/{media}")
