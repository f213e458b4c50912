"""Bodies and replies of the routes about messages between workers and their requester; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from dataforge.records import Texts, Time

__all__ = ["Inbox", "Message", "MessageList", "NewMessage", "NewReply", "OwnMessage", "OwnMessages", "Seen"]


class NewMessage(Struct, frozen=True):
    """What a worker writes about a run's task, a page of theirs in it, or the item at a place of the page.

    Sending it again with the same `key`, made by who writes, changes nothing.
    """

    run: str
    text: str
    key: Annotated[str, Meta(min_length=1, max_length=64)]
    page: str | None = None
    place: Annotated[int, Meta(ge=0)] | None = None


class OwnMessage(Struct, frozen=True, kw_only=True):
    """A message as its worker reads it; `place` is that of an item on its page, `new`: the reply was not read yet."""

    message: int
    run: str
    task: Texts
    page: str | None
    place: int | None
    text: str
    at: Time
    reply: str | None
    replied: Time | None
    new: bool


class OwnMessages(Struct, frozen=True):
    """A worker's messages, the newest first; `new` of them have a reply that was not read yet."""

    new: int
    messages: list[OwnMessage]


class Seen(Struct, frozen=True):
    """The worker has read all replies up to a time."""

    until: Time


class Message(OwnMessage, frozen=True, kw_only=True):
    """A message as its requester reads it; `item` is the key of the item that it is about."""

    worker: str
    name: str
    language: str
    item: str | None


class MessageList(Struct, frozen=True):
    """A part of the messages: those that wait by age, or those that are answered, the newest first."""

    waiting: int
    answered: int
    messages: list[Message]


class Inbox(Struct, frozen=True):
    """What waits for a requester: appeals to decide, messages to answer."""

    appeals: int
    messages: int


class NewReply(Struct, frozen=True):
    """What a worker is answered."""

    text: str
