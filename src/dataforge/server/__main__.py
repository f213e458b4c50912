"""`python -m dataforge.server`: serve a workspace."""

from __future__ import annotations

import argparse
import logging
import sys

from dataforge.errors import DataForgeError
from dataforge.server.serving import DEFAULT_PORT, serve
from dataforge.workspace import ServerAddress, Workspace


def _main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; give the exit code."""
    parser = argparse.ArgumentParser("python -m dataforge.server", description="Serve a workspace.")
    parser.add_argument("--workspace", help="its folder; by default .dataforge here")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the port; 0 takes any free one")
    parser.add_argument("--anywhere", action="store_true", help="allow an address that other machines can reach")
    parser.add_argument("--seed", type=int, help="makes the order of items repeatable")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    workspace = Workspace.at(given.workspace)
    try:
        serve(workspace, given.host, given.port, seed=given.seed, anywhere=given.anywhere, on_ready=_tell)
    except DataForgeError as error:
        print(f"dataforge: {error}", file=sys.stderr)
        return 1
    return 0


def _tell(address: ServerAddress) -> None:
    print(f"DataForge serves at {address.url}", flush=True)


if __name__ == "__main__":
    sys.exit(_main())
