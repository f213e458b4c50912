"""Who waits for a run in a script interrupts it with Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
SCRIPT = '''
import os, signal, sys, threading, time, traceback
import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform

@df.task
def even(number: df.Text) -> bool:
    """Is it even?"""

run = df.launch(even, [{"number": "1"}], name="run", platform=SimulatedPlatform(), progress=False)
def interrupt_who_waits():
    functions = set()
    while "wait_for_end" not in functions:
        time.sleep(0.01)
        stack = traceback.walk_stack(sys._current_frames()[threading.main_thread().ident])
        functions = {frame.f_code.co_name for frame, _ in stack}
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt_who_waits, daemon=True).start()
try:
    run.wait(progress=False)
except KeyboardInterrupt:
    print("caught", flush=True)
    raise
'''


def test_a_script_that_is_interrupted_while_it_waits_ends_with_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=150,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert ended.stdout == "caught\n", "a script that wants to know of it does"
    assert ended.stderr == "The run goes on. To come back: run.wait(), or open_run('run') in another process.\n"
    assert ended.returncode == -signal.SIGINT
