"""A client of the workspace's own server reads certificates where it needs them, and only there."""

from __future__ import annotations

import inspect
import ssl
from typing import Any

import httpx
import pytest

from dataforge.local_client import local_client


@pytest.mark.parametrize(
    ("url", "verified"),
    [
        ("http://127.0.0.1:8000", False),
        ("https://127.0.0.1:8000", True),
        ("HTTP://127.0.0.1:8000", True),
    ],
)
def test_certificates_are_read_where_something_is_encrypted(
    url: str, verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    loads = ssl.SSLContext.load_verify_locations

    def load(context: ssl.SSLContext, *args: Any, **settings: Any) -> None:
        read.append(args or settings)
        loads(context, *args, **settings)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    monkeypatch.setattr(ssl, "create_default_context", inspect.unwrap(ssl.create_default_context))  # tests share theirs
    with local_client(url, 5.0) as client:
        assert bool(read) is verified
        assert str(client.base_url).rstrip("/") == str(httpx.URL(url)).rstrip("/")
        assert not client.trust_env
        assert not client.follow_redirects
