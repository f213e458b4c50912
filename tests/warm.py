"""Processes of Python that tests start are made from one that has imported already what they import.

`python -m dataforge` works a third of a second on its imports before it does anything, and the suite starts hundreds of
such processes. `subprocess.Popen` has them made here, where all that matters is as it would be: arguments, folder,
environment, files, number and death of the process, and what it ends with. Whatever else is started is started as ever.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import random
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OURS = ("dataforge", "dataforge.server", "tests.crash.")
IMPORTED = (
    *("dataforge.cli", "dataforge.demo", "dataforge.server.serving", "dataforge.runs.driving.driver"),
    *("httpx", "narwhals", "pandas", "pyarrow.parquet", "pydantic.type_adapter", "rich.progress", "rich.table"),
)
ENOUGH = 1 << 18  # bytes of a request
BEGUN, ENDED = struct.Struct("i"), struct.Struct("id")  # its number; what it ended with, and its seconds of a processor


def fits(args: Any, env: Mapping[str, str] | None, others: Sequence[Any]) -> bool:
    """Whether it is one of the processes that are made here, with nothing that only a start of its own gives."""
    if any(others) or not isinstance(args, list | tuple) or len(args) < 2 or args[0] != sys.executable:
        return False
    module = str(args[2]) if args[1] == "-m" and len(args) > 2 else ""
    ours = module.startswith(OURS[2]) or module in OURS or Path(str(args[1])).parent == ROOT / "tests/crash"
    return ours and _of_python(os.environ if env is None else env) == _of_python(os.environ)


def _of_python(env: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter heeds before it has begun."""
    return {name: value for name, value in env.items() if name.startswith("PYTHON") and name != "PYTHONPATH"}


class Popen(subprocess.Popen):
    """A process that is made from the warm one where it fits."""

    warm: socket.socket | None = None
    spent = 0.0
    _told: int | None = None

    def _execute_child(self, *arguments: Any) -> None:
        args, executable, preexec, close_fds, pass_fds, cwd, env, _, _, shell, *rest = arguments
        (p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, _, gid, gids, uid, umask, session, group) = rest
        others = (executable, preexec, not close_fds, pass_fds, shell, gid, gids, uid, umask != -1, group != -1)
        if Popen.warm is None or not fits(args, env, others):
            super()._execute_child(*arguments)
            return
        request = {"args": list(map(str, args)), "cwd": str(cwd or os.getcwd()), "session": bool(session)}
        request |= {"env": dict(os.environ if env is None else env), "nice": os.nice(0)}
        self._told, theirs = os.pipe()
        files = [own if given == -1 else given for own, given in enumerate((p2cread, c2pwrite, errwrite))]
        socket.send_fds(Popen.warm, [json.dumps(request).encode()], [*files, theirs])
        os.close(theirs)
        [self.pid] = BEGUN.unpack(os.read(self._told, BEGUN.size))
        self._child_created = True
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if self._told is None:
            return super()._try_wait(wait_flags)
        if wait_flags & os.WNOHANG and not select.select([self._told], [], [], 0)[0]:
            return 0, 0
        status, spent = ENDED.unpack(os.read(self._told, ENDED.size))
        Popen.spent += spent
        os.close(self._told)
        return self.pid, status

    def _internal_poll(self, *arguments: Any, **named: Any) -> int | None:
        if self._told is None:
            return super()._internal_poll(*arguments, **named)
        # Who waits in another thread takes note of its end.
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):
            try:
                if self.returncode is None and (status := self._try_wait(os.WNOHANG))[0]:
                    self._handle_exitstatus(status[1])
            finally:
                self._waitpid_lock.release()
        return self.returncode


@contextlib.contextmanager
def warmed() -> Iterator[None]:
    """Have a warm process while this lasts, for this process and those made from it; on Linux, others start as ever."""
    if sys.platform != "linux":
        yield
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # `dataforge stop` ends a process only if its command line bears the name.
    command = [sys.executable, "-m", "tests.warm", str(theirs.fileno()), "dataforge"]
    before, env = subprocess.Popen, {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    with ours, before(command, env=env, cwd=ROOT, pass_fds=[theirs.fileno()]):
        theirs.close()
        Popen.warm, subprocess.Popen = ours, Popen
        try:
            yield
        finally:
            Popen.warm, subprocess.Popen = None, before
            ours.shutdown(socket.SHUT_RDWR)


# --- in the warm process --------------------------------------------------------------------------


def serve(asked: socket.socket) -> None:
    """Make a process for each request until nobody is there to ask, and tell whoever asked how it ended."""
    waking, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    waiting: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asked, waking], [], [])
        if waking in ready:
            os.read(waking, 1 << 12)
            bury(waiting)
        if asked in ready:
            data, files, _, _ = socket.recv_fds(asked, ENOUGH, 4)
            if not data:
                return
            pid = os.fork()
            if pid == 0:
                become(json.loads(data), files)
            waiting[pid] = files.pop()
            os.write(waiting[pid], BEGUN.pack(pid))
            for file in files:
                os.close(file)


def bury(waiting: dict[int, int]) -> None:
    """Take note of the processes that have ended."""
    while waiting:
        pid, status, used = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        told = waiting.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # whoever asked is gone
            os.write(told, ENDED.pack(status, used.ru_utime + used.ru_stime))
        os.close(told)


def become(request: dict[str, Any], files: list[int]) -> None:
    """Be the process that was asked for, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if request["session"]:
        os.setsid()
    os.nice(max(0, request["nice"] - os.nice(0)))
    for own, file in enumerate(files[:3]):
        os.dup2(file, own)
    os.closerange(3, 1 << 16)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0, closefd=False), opened(1), opened(2, "backslashreplace")
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    os.chdir(request["cwd"])
    mine, asked = (env.get("PYTHONPATH", "").split(os.pathsep) for env in (os.environ, request["env"]))
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    random.seed()
    rest = [one for one in sys.path[1:] if one not in mine]
    sys.path[:] = [os.getcwd(), *filter(None, asked), *rest]
    importlib.invalidate_caches()
    end(*run(request["args"][1:]))


def opened(file: int, errors: str = "strict") -> io.TextIOWrapper:
    """A stream of text, buffered as an interpreter does."""
    at_once, lines = sys.stdout.write_through, os.isatty(file) or file == 2
    stream = os.fdopen(file, "wb", 0 if at_once else -1, closefd=False)
    return io.TextIOWrapper(stream, errors=errors, line_buffering=lines, write_through=at_once)


def run(arguments: list[str]) -> tuple[int, bool]:
    """Do what an interpreter does with these arguments; gives what it ends with, and whether by an interrupt."""
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy._run_module_as_main(arguments[1])
        else:
            sys.argv, sys.path[0] = arguments, str(Path(arguments[0]).parent)
            space = vars(sys.modules["__main__"])
            space |= {"__file__": arguments[0], "__builtins__": __builtins__}
            exec(compile(Path(arguments[0]).read_bytes(), arguments[0], "exec"), space)
    except SystemExit as ended:
        if isinstance(ended.code, int | None):
            return ended.code or 0, False
        print(ended.code, file=sys.stderr)
        return 1, False
    except BaseException as error:
        traceback.print_exc()
        return 1, isinstance(error, KeyboardInterrupt)
    return 0, False


def end(status: int, interrupted: bool) -> None:
    """End as an interpreter does: after its threads and what is to be done at its end."""
    with contextlib.suppress(BaseException):
        threading._shutdown()
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(status & 0xFF)


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what all share is looked through by none
    serve(socket.socket(fileno=int(sys.argv[1])))
