"""Work of steps in threads that nobody waits for: one that never ends holds up neither closing nor the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import Any

__all__ = ["in_a_thread"]


async def in_a_thread(work: Callable[[], Any]) -> Any:
    """Do work beside the event loop, in a thread of its own; gives what it gives, raises what it raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def tell(result: Any, failure: Exception | None) -> None:
        if done.done():
            return
        if failure is None:
            done.set_result(result)
        else:
            done.set_exception(failure)

    def do() -> None:
        result: Any = None
        failure: Exception | None = None
        try:
            result = work()
        except StopIteration as stop:  # a future cannot hold it
            failure = RuntimeError(f"raised {stop!r}")
        except Exception as error:
            failure = error
        except BaseException as error:  # such as `sys.exit()`: the thread ends, and whoever waits would do so for ever
            failure = RuntimeError(f"raised {error!r}")
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know
            loop.call_soon_threadsafe(tell, result, failure)

    Thread(target=copy_context().run, args=(do,), daemon=True).start()
    return await done
