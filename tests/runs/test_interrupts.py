"""Who waits for a run in a script interrupts it with Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
SCRIPT = '''
import os, signal, threading
import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform

@df.task
def even(number: df.Text) -> bool:
    """Is it even?"""

run = df.launch(even, [{"number": "1"}], name="run", platform=SimulatedPlatform(), progress=False)
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
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
