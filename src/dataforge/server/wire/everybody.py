"""Replies of the HTTP API that everybody gets; those that workers and requesters get have modules of their own."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["Empty", "Health", "Proof"]


class Empty(Struct, frozen=True):
    """Nothing."""


class Health(Struct, frozen=True):
    """The server answers."""

    status: Literal["ok"]
    version: str


class Proof(Struct, frozen=True):
    """What only the server of the asker's own workspace knows: a code of the nonce, the secret and the folder."""

    proof: str
