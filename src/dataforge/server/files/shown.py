"""Items as they are shown: sides swapped, uploaded files as addresses that the reader may fetch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from dataforge.issue.rows import PageRow, StoredItem
from dataforge.issue.run import Run
from dataforge.issue.submit import shown_drafts, shown_inputs
from dataforge.server.shared.auth import Keys
from dataforge.server.wire.worker import Page, PageItem

__all__ = ["MEDIA_NAME", "for_requester", "seconds_left", "shown_page", "with_addresses"]

MEDIA_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}")


def shown_page(keys: Keys, run: Run, page: PageRow, items: Sequence[StoredItem], now: float) -> Page:
    """The page as its worker gets it."""
    drafts = [draft or UNSET for draft in shown_drafts(run, page, items)]
    shown = [PageItem(*one) for one in zip(_shown_inputs(keys, run, page, items), drafts, strict=True)]
    return Page(
        page.page.hex(), run.name, shown, page.price, run.publication.currency, seconds_left(page, now), page.revision
    )


def seconds_left(page: PageRow, now: float) -> float:
    """The time that its worker has for the page; all of it while it waits behind another one."""
    return round(page.lease if page.deadline is None else max(0.0, page.deadline - now), 3)


def _shown_inputs(keys: Keys, run: Run, page: PageRow, items: Sequence[StoredItem]) -> list[msgspec.Raw]:
    if page.mirrored is None and not run.has_media:
        return [msgspec.Raw(item.inputs) for item in items]

    def address(media: str) -> str:
        return f"/api/work/media/{keys.media_token(page.worker, media)}"

    encode = msgspec.json.encode
    return [msgspec.Raw(encode(with_addresses(inputs, address))) for inputs in shown_inputs(run, page, items)]


def with_addresses(inputs: dict[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    """The inputs with each uploaded file as `{"url"}`, and what is said beside it."""
    return {name: _addressed(value, address) if _is_media(value) else value for name, value in inputs.items()}


def _addressed(value: dict[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    beside = {name: one for name, one in value.items() if name != "media"}
    return {"url": address(value["media"])} | beside


def _is_media(value: object) -> bool:
    name = value.get("media") if isinstance(value, dict) else None
    return isinstance(name, str) and MEDIA_NAME.fullmatch(name) is not None


def for_requester(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs with uploaded files at the requester's address."""
    return with_addresses(inputs, lambda media: f"/api/media/{media}")
