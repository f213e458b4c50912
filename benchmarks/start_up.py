"""How long `import dataforge` and `dataforge --help` take, and what the first fit of a process costs.

    python benchmarks/start_up.py        # --peer PYTHON adds Crowd-Kit, installed for that interpreter

A fit is `DawidSkene().fit_predict` over a million answers with text ids, in CPU seconds of all threads from an empty
interpreter on, less what making the table takes. In a fresh installation nothing is compiled on disk: the folder for
that (NUMBA_CACHE_DIR) is empty. A second process finds what the first has left there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = {
    "python -c pass (bound)": [sys.executable, "-c", "pass"],
    "import numpy (for scale)": [sys.executable, "-c", "import numpy"],
    "import dataforge": [sys.executable, "-c", "import dataforge"],
    "import dataforge; every public name": [sys.executable, "-c", "from dataforge import *"],
    "dataforge --help": [str(Path(sys.executable).with_name("dataforge")), "--help"],
}


HERE = Path(__file__).resolve().parents[1]
FIT = """
import json, sys, time
sys.path.insert(0, {here!r})
from benchmarks.aggregation_data import answers
data, made = answers(1_000_000), time.process_time()
from {package} import {name}
spent = []
for fit in (1, 2, 3):
    {name}({arguments}).fit_predict(data)
    spent.append(time.process_time())
print(json.dumps({{"first": spent[0] - made, "warm": min(spent[1] - spent[0], spent[2] - spent[1])}}))
"""
OURS = FIT.format(here=str(HERE), package="dataforge.aggregation", name="DawidSkene", arguments="")
PEER = FIT.format(here=str(HERE), package="crowdkit.aggregation", name="DawidSkene", arguments="n_iter=100")


def fit(python: str, code: str, cache: str) -> dict[str, float]:
    """CPU seconds of the first fit of a process, imports of the package included, and of the next."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def first_fits(peer: str | None) -> None:
    """Print what a large fit costs in a fresh installation, in a second process, and once more in that one."""
    with tempfile.TemporaryDirectory() as cache:
        fresh = fit(sys.executable, OURS, cache)
        second = fit(sys.executable, OURS, cache)
    print("first large fit_predict, CPU seconds, import included")
    print(f"  in a fresh installation  {fresh['first']:6.2f}")
    print(f"  in a second process      {second['first']:6.2f}")
    print(f"  warm                     {second['warm']:6.2f}")
    if peer is not None:
        theirs = fit(peer, PEER, os.devnull)
        print(f"  Crowd-Kit                {theirs['first']:6.2f}")
        print(f"  Crowd-Kit, warm          {theirs['warm']:6.2f}")


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(repeats: int = 7) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="an interpreter that has Crowd-Kit")
    peer = parser.parse_args().peer
    print(f"load average {os.getloadavg()[0]:.2f}, median and worst of {repeats}, after one warm-up")
    for name, command in COMMANDS.items():
        seconds(command)
        times = [seconds(command) for _ in range(repeats)]
        print(f"{name:<38} {statistics.median(times):6.3f} s   {max(times):6.3f} s")
    first_fits(peer)


if __name__ == "__main__":
    main()
