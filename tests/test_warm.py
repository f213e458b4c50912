"""What is made from a warm process does what one of its own would do."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from tests import warm

import dataforge

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are made from a warm one on Linux only")
COLD = warm.Popen.__base__
SCRIPTS = {
    "is itself": """
import os, sys
print(sys.argv[1:], os.getcwd(), os.environ["A"], sys.path[0], __name__, sys.stdin.read(), sys.stdout.isatty())
print(os.environ.get("B"), "PYTHONPATH" in os.environ, [one for one in sys.path if one.endswith("/extra")])
print("héard", file=sys.stderr)
os.write(1, b"past all buffers\\n")
""",
    "ends with a number": "import sys; sys.exit(7)",
    "ends with words": "import sys; sys.exit('so it is')",
    "fails": "print('said'); 1 / 0",
    "is interrupted": "raise KeyboardInterrupt",
    "does something at its end": """
import atexit, threading, time
atexit.register(print, "at its end")
threading.Thread(target=lambda: (time.sleep(0.1), print("in a thread"))).start()
print("first")
""",
}


@pytest.fixture(scope="module", autouse=True)
def warmed() -> Iterator[None]:
    with nullcontext() if warm.Popen.warm else warm.warmed():
        yield


def ran(kind: Any, script: Path) -> tuple[int, str, list[str]]:
    """What it ends with, prints, and complains of but for the lines of a trace."""
    extra = os.pathsep.join(("/some/extra", str(script.parent)))
    env = {**os.environ, "A": "seen", "PYTHONPATH": extra}
    command = [sys.executable, str(script), "one", "two words"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with kind(command, cwd=script.parent, env=env, text=True, **pipes) as process:
        said, complained = process.communicate("given", timeout=60)
    return process.returncode, said, [line for line in complained.splitlines() if not line.startswith((" ", "Trace"))]


def test_elsewhere_processes_start_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    before = subprocess.Popen
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(socket, "socketpair", None)
    with warm.warmed():
        assert subprocess.Popen is before


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_does_by_itself(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "fits", lambda *_: True)
    script = tmp_path / "script.py"
    script.write_text(SCRIPTS[name])
    assert ran(warm.Popen, script) == ran(COLD, script)


def test_a_module_is_run_by_its_name_and_what_it_costs_is_known() -> None:
    before = warm.Popen.spent
    done = subprocess.run([sys.executable, "-m", "dataforge", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, dataforge.__version__)
    assert warm.Popen.spent > before


def test_it_is_killed_waited_for_and_gone_as_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "fits", lambda *_: True)
    script = tmp_path / "script.py"
    script.write_text("import os, time\nprint(os.getpid(), os.getsid(0), flush=True)\ntime.sleep(60)")
    process = warm.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    assert list(map(int, process.stdout.readline().split())) == [process.pid] * 2
    assert process.poll() is None
    waiting = threading.Thread(target=process.wait)
    waiting.start()
    assert process.poll() is None, "whoever asks is not held up by who waits"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.kill()
    waiting.join(30)
    assert process.wait(30) == -signal.SIGKILL
    assert process.stdout.read() == ""
    process.stdout.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


@pytest.mark.parametrize(
    ("arguments", "env", "fits"),
    [
        (["-m", "dataforge", "demo"], {}, True),
        (["-m", "tests.crash.judges"], {}, True),
        ([str(warm.ROOT / "tests/crash/loop.py")], {}, True),
        (["-c", "import dataforge"], {}, False),
        (["-m", "dataforge.elsewhere"], {}, False),
        (["-m", "dataforge"], {"PYTHONHASHSEED": "1"}, False),
        (["-m", "dataforge"], {"PYTHONPATH": "elsewhere"}, True),
    ],
)
def test_what_needs_a_start_of_its_own_has_one(arguments: list[str], env: dict[str, str], fits: bool) -> None:
    assert warm.fits([sys.executable, *arguments], {**os.environ, **env}, []) is fits
    assert not warm.fits([sys.executable, *arguments], {**os.environ, **env}, [lambda: None])
    assert not warm.fits(["python-elsewhere", *arguments], {**os.environ, **env}, [])
