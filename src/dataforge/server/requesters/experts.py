"""What experts are asked from the requester's pages, by the commands that ask them everywhere else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.server.entrance.names import on_one_line
from dataforge.server.requesters.exporting import Refusing, said_by, written
from dataforge.server.requesters.feeding import open_folder_of
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.requester import ExpertLink, NewSample, SampleBegun

__all__ = ["ROUTES"]

MOST_EXPERTS = 100
LONGEST_NAME = 100
TABLES = ("said", "doubts", "control", "training")
CANNOT = Refusing(mistaken=(409, "experts_refused"))
"""Too few items are fit, or there is nothing to judge: what is to be done the command says."""


class _Said(msgspec.Struct):
    """Of what the command says: the trial, and by expert their link."""

    trial: str
    links: dict[str, str]


async def _feedback(call: Call[None]) -> Response:
    """What experts said in a trial, or what follows from it, as `dataforge feedback --out` writes it."""
    return await written(call, _of_feedback, CANNOT)


def _of_feedback(what: str) -> Sequence[str]:
    if what not in TABLES:
        message = f"a trial has {', '.join(TABLES)}, and no {what[:80]!r}"
        raise Refused(message, status=404, code="not_found")
    return ["feedback", "--what", what]


async def _verify(call: Call[NewSample]) -> SampleBegun:
    """Have experts judge a sample of the run's answers, or go on with one that is not judged to the end."""
    run, body = open_folder_of(call).name, call.body
    names = [on_one_line(name) for name in body.experts]
    if not 1 <= len(names) <= MOST_EXPERTS or not all(0 < len(name) <= LONGEST_NAME for name in names):
        message = f"experts: expected 1 to {MOST_EXPERTS} names of 1 to {LONGEST_NAME} characters, got {len(names)}"
        raise Refused(message, status=422, code="experts_invalid")
    if body.sample < 1:
        raise Refused(f"sample: expected 1 item or more, got {body.sample}", status=422, code="experts_invalid")
    asked = ["--sample", str(body.sample), *(f"--expert={name}" for name in names)]
    async with call.context.exporting:
        said = await said_by(call, run, "no sample was drawn", "verify", *asked, "--detach", "--json", refusing=CANNOT)
    found = msgspec.json.decode(said, type=_Said)
    return SampleBegun(
        found.trial, [ExpertLink(name, f"/join/{link.partition('/join/')[2]}") for name, link in found.links.items()]
    )


ROUTES = (
    Route(
        "GET",
        "/api/runs/{run}/feedback/{file}",
        "requester",
        _feedback,
        "What experts say in a trial as a file: said, doubts, control or training, `.csv`, `.xlsx`, `.json`, `.jsonl` "
        "or `.parquet`",
    ),
    Route(
        "POST",
        "/api/runs/{run}/verify",
        "requester",
        _verify,
        "Have experts judge a sample of the run's answers; asking again goes on with it, and invites who is new",
        body=NewSample,
        reply=SampleBegun,
    ),
)
