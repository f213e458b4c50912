"""Masks made of clicks and boxes while a worker paints, for whoever holds the page; none of it is kept."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache, partial
from pathlib import Path
from threading import Thread
from typing import Any

import anyio.to_thread

from dataforge.errors import DataForgeError, Refused
from dataforge.issue import submit
from dataforge.media.files import seen_size
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.assistants import Assisted, Pointed
from dataforge.server.workers.work import own_page
from dataforge.workspace import media_path

__all__ = ["ROUTES"]

log = logging.getLogger("dataforge.server")

MOST_POINTS = 50
# Whoever waits longer has painted it by hand.
PATIENCE = 10.0
# So many masks a worker may have at once, and so many a second from then on: all that somebody paints with.
MASKS_AT_ONCE = 60
MASKS_A_SECOND = 0.5
# A larger picture would take more than a moment, and gigabytes, to unpack.
MOST_PIXELS = 60_000_000


async def _assist(call: Call[Pointed]) -> Assisted:
    """The mask of what the worker points at."""
    context, page = call.context, own_page(call)
    if page.state != "held":
        raise Refused(f"the page is {page.state}, nothing is painted on it", status=409, code="page_closed")
    name, path = _asked(call)
    _check_places(call.body, await anyio.to_thread.run_sync(seen_size, path))
    if call.worker.id in context.assisted:
        raise Refused("a mask is being made for you: wait for it", status=429, code="assist_busy")
    if not _may_ask(context, call.worker.id):
        raise Refused("that were many masks in a short time: wait some seconds", status=429, code="assist_busy")
    context.assisted.add(call.worker.id)
    making: Future[str] | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            if not await context.assisting.enter(call.worker.origin or call.worker.worker):
                raise Refused("many are waiting for masks: paint by hand", status=503, code="assist_failed")
            making = _begun_or_refused(context, partial(_made, name, path, call.body))
            # Not before the thread is done: whoever gives up waiting gets no second one beside it.
            making.add_done_callback(partial(_done, asyncio.get_running_loop(), context, call.worker.id))
            return Assisted(await asyncio.wrap_future(making))
    except TimeoutError:
        raise Refused("no mask was made in time: paint it", status=503, code="assist_failed") from None
    finally:
        if making is None:
            context.assisted.discard(call.worker.id)


def _may_ask(context: Context, worker: int) -> bool:
    """Whether the worker may have a mask now, which is then counted."""
    now = context.loop_time()
    left, before = context.assists_left.get(worker, (MASKS_AT_ONCE, now))
    left = min(MASKS_AT_ONCE, left + MASKS_A_SECOND * (now - before))
    if left < 1:
        return False
    context.assists_left[worker] = left - 1, now
    return True


def _begun_or_refused(context: Context, make: Callable[[], str]) -> Future[str]:
    try:
        return _begun(make)
    except RuntimeError:  # the system gives no more threads
        context.assisting.leave()
        raise Refused("the assistant has no room now: paint by hand", status=503, code="assist_failed") from None


def _begun(make: Callable[[], str]) -> Future[str]:
    """What is made in a thread of its own, which the server's end does not wait for."""
    making = Future[str]()
    making.set_running_or_notify_cancel()

    def run() -> None:
        try:
            making.set_result(make())
        except BaseException as error:
            making.set_exception(error)

    Thread(target=run, name="assistant", daemon=True).start()
    return making


def _done(loop: asyncio.AbstractEventLoop, context: Context, worker: int, _: Future[str]) -> None:
    """There is room for another mask, and for one of this worker."""

    def free() -> None:
        context.assisting.leave()
        context.assisted.discard(worker)

    if not loop.is_closed():
        loop.call_soon_threadsafe(free)


def _asked(call: Call[Pointed]) -> tuple[str, Path]:
    """The name of the assistant, and where the picture lies; raises `Refused`."""
    context, body = call.context, call.body
    page = own_page(call)
    run, items = context.runs.by_id(context.store, page.run), context.store.items.of_page(page)
    slots = {slot.name: slot.type for slot in run.task.outputs if slot.type.name == "mask"}
    settings = slots[body.output].settings() if body.output in slots else {}
    if "assist" not in settings or not 0 <= body.item < len(items):
        raise Refused("there is no mask with an assistant here", status=404, code="not_found")
    picture = submit.shown_inputs(run, page, items)[body.item].get(settings["of"])
    if not isinstance(picture, dict) or "media" not in picture:
        raise Refused("the picture lies on another server: paint it by hand", status=422, code="assist_unreadable")
    return str(settings["assist"]), media_path(context.workspace.media, picture["media"])


def _check_places(body: Pointed, size: tuple[int, int]) -> None:
    """Raise `Refused` unless all that is pointed at lies on the picture."""
    places = [(x, y) for x, y, _ in body.points]
    if body.box is not None:
        places += [body.box[:2], body.box[2:]]
    fits = all(math.isfinite(x + y) and 0 <= x <= size[0] and 0 <= y <= size[1] for x, y in places)
    sized = body.box is None or (body.box[0] < body.box[2] and body.box[1] < body.box[3])
    if not places or len(body.points) > MOST_POINTS or not fits or not sized:
        raise Refused(
            f"expected up to {MOST_POINTS} points, or a box with a size, on a picture of {size[0]} × {size[1]}",
            status=422,
            code="body_invalid",
        )
    if size[0] * size[1] > MOST_PIXELS:
        raise Refused("the picture is too large for the assistant: paint it", status=422, code="assist_unreadable")


def _made(name: str, path: Path, body: Pointed) -> str:
    """The runs of the mask; whatever the assistant does, nobody gets more than that it failed."""
    # Loaded where it is needed: with them comes numpy.
    from dataforge.assistants import Prompt, assistant_of
    from dataforge.assistants.base import checked_mask
    from dataforge.geometry.pixel_runs import runs_of_pixels, text_of

    try:
        picture = _picture(str(path))
        mask = checked_mask(assistant_of(name)(picture, Prompt(tuple(body.points), body.box)), picture)
        return text_of(runs_of_pixels(mask), mask.size)
    except (DataForgeError, OSError) as error:
        log.warning("the assistant %r has failed: %s", name, error)
        raise Refused("the assistant has failed: paint by hand", status=503, code="assist_failed") from None
    except Exception:  # whatever the code of another package does
        log.exception("the assistant %r has failed", name)
        raise Refused("the assistant has failed: paint by hand", status=503, code="assist_failed") from None


@lru_cache(maxsize=2)
def _picture(path: str) -> Any:
    """A picture in red, green and blue as people see it; of a page one is pointed at several times."""
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(path) as file:
        return np.asarray(ImageOps.exif_transpose(file).convert("RGB"))


ROUTES = (
    Route(
        "POST",
        "/api/work/pages/{page}/assist",
        "worker",
        _assist,
        "A mask of what the worker points at on a picture of a page they hold",
        body=Pointed,
        reply=Assisted,
    ),
)
