"""One side of `aggregation.py`: a process that makes data, runs what it is asked to, and says what that took.

    PYTHON benchmarks/aggregation_side.py dataforge|crowdkit

Each line of the input is a request in JSON, each line of the output its answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, where platform.py hides the standard module of that name.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parents[1]))

import gc
import importlib
import json
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from benchmarks.aggregation_data import MAKERS

MIB = 1 << 20


def split(text: str) -> list[str]:
    return text.split(" ")


FUNCTIONS: dict[str, Callable[..., Any]] = {"split": split, "join": " ".join}
"""Parameters that are functions, by the names they have in requests."""


@lru_cache(maxsize=1)
def made(maker: str, parameters: str) -> Any:
    return MAKERS[maker](**json.loads(parameters))


def callable_of(package: str, path: str, parameters: dict[str, Any]) -> Callable[[Any], Any]:
    """`fit_predict` of an estimator with these parameters, or a function."""
    module, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(f"{package}.{module}"), name)
    given = {key: FUNCTIONS.get(value, value) if isinstance(value, str) else value for key, value in parameters.items()}
    if isinstance(found, type):
        return lambda data: found(**given).fit_predict(data)
    return lambda data: found(data, **given)


def memory(field: str) -> int:
    """A field of /proc/self/status in bytes: VmRSS is what is in memory, VmHWM the most there was."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    return 0


def answer(package: str, request: dict[str, Any]) -> dict[str, float]:
    """CPU and wall seconds of one call, and how far memory rose above what was there before it, in MiB."""
    if request["data"] is None:
        made.cache_clear()
        gc.collect()
        return {}
    maker, parameters = request["data"]
    data = made(maker, json.dumps(parameters))
    call = callable_of(package, request["call"], request["parameters"])
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = call(data)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    del result
    return {"cpu": cpu, "wall": wall, "peak": (memory("VmHWM") - before) / MIB}


def main() -> None:
    package = sys.argv[1]
    if package == "dataforge":  # as in a process that has large fits behind it
        importlib.import_module("dataforge.aggregation.kernels.passes.compiled")
    replies, sys.stdout = sys.stdout, sys.stderr  # whatever a package prints is no answer
    for line in sys.stdin:
        try:
            found: dict[str, Any] = answer(package, json.loads(line))
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), file=replies, flush=True)


if __name__ == "__main__":
    main()
