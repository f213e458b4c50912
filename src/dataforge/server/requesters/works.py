"""What the routes about loops and about pipelines share: both are work over several runs, in a folder of its name."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

from dataforge.errors import Refused, SpecError
from dataforge.issue.run import Run
from dataforge.names import check_name
from dataforge.server.shared.routes import Call

__all__ = ["named", "run_here", "unknown"]

Kind = Literal["loop", "pipeline"]


def named(call: Call[None], kind: Kind) -> str:
    """The name that the path has; raises `Refused` 404 if nothing can be called so."""
    name = call.path(kind)
    try:
        check_name(name)
    except SpecError:
        raise unknown(kind, name) from None
    return name


def unknown(kind: Kind, name: str) -> Refused:
    """The refusal of one that is not there."""
    return Refused(f"there is no {kind} {name[:80]!r}", status=404, code=f"{kind}_unknown")


def run_here(call: Call[None], run: str) -> Run | None:
    """The run at which workers work here; None if they do on another platform."""
    with suppress(Refused):
        return call.context.runs.by_name(call.context.store, run)
    return None
