"""The end of a process that has done its work."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from typing import NoReturn

__all__ = ["leave"]


def leave(code: int) -> NoReturn:
    """End this process with a code, once Python has cleaned up; what compiled libraries do after that is left out.

    Threads of Arrow that are still there when its memory goes abort the process now and then, with its work done and
    134 for a code (https://github.com/apache/arrow/issues/34314).
    """
    # As at the end of a process of `multiprocessing`.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        # Its reader may be gone.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
