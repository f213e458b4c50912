"""How long `import dataforge` and `dataforge --help` take, beside an empty interpreter."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {
    "python -c pass (bound)": [sys.executable, "-c", "pass"],
    "import numpy (for scale)": [sys.executable, "-c", "import numpy"],
    "import dataforge": [sys.executable, "-c", "import dataforge"],
    "import dataforge; every public name": [sys.executable, "-c", "from dataforge import *"],
    "dataforge --help": [str(Path(sys.executable).with_name("dataforge")), "--help"],
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(repeats: int = 7) -> None:
    print(f"load average {os.getloadavg()[0]:.2f}, median and worst of {repeats}, after one warm-up")
    for name, command in COMMANDS.items():
        seconds(command)
        times = [seconds(command) for _ in range(repeats)]
        print(f"{name:<38} {statistics.median(times):6.3f} s   {max(times):6.3f} s")


if __name__ == "__main__":
    main()
