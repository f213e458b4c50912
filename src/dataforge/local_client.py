"""A client of a workspace's server, which is on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

__all__ = ["local_client"]


def local_client(url: str, timeout: float) -> httpx.Client:
    """A client of the server at an address.

    No proxies from the environment: it is on this machine. Where nothing is encrypted no certificates are read, which
    takes 20 ms and is done for each client.
    """
    import httpx

    return httpx.Client(base_url=url, timeout=timeout, trust_env=False, verify=not url.startswith("http://"))
