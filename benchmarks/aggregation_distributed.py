"""Aggregation on a Dask cluster: how an EM iteration's time, traffic and memory go with the number of partitions.

    python benchmarks/aggregation_distributed.py --labels 10m,50m --partitions 2,8,32,128

A local cluster of two worker processes with one thread each, fresh for every line of the table; answers as integer
codes in Parquet files in a temporary folder, one file to a partition. Five answers a task, max(100, tasks / 100)
workers (or --workers) with accuracies Beta(4, 2), five labels. The line `local` is the same estimator in one process
on all cores.

wall, CPU: seconds of an iteration, the mean of all after the first; CPU is that of all processes together
open: seconds from the Parquet files to coded parts, the first iteration among them
sent: megabytes that worker processes send in an iteration, to each other and to the client, as Dask counts them; the
client. table: all that is learnt of the workers, 8 bytes · workers · labels² for Dawid and Skene
memory, client: the greatest peak of a worker process, and that of the client's, in megabytes
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder: a file of it is named like a module of the standard library

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

N_LABELS = 5
PER_TASK = 5
# Parameters of a method, iterations to run, and numbers in the table that goes down and comes up, by workers.
METHODS: dict[str, tuple[dict[str, Any], int, Callable[[int], int]]] = {
    "DawidSkene": ({"tol": -1e9}, 6, lambda n_workers: n_workers * N_LABELS**2),
    "OneCoinDawidSkene": ({"tol": -1e9}, 6, lambda n_workers: n_workers * N_LABELS),
    "GLAD": ({"tol": -1e9}, 2, lambda n_workers: n_workers),
}


@dataclass
class Watch:
    """Readings of meters at the first and at the last iteration."""

    meters: Callable[[], dict[str, float]]
    last: int
    readings: list[dict[str, float]] = field(default_factory=list)

    def __call__(self, iteration: int, loss: float) -> None:
        if iteration in (1, self.last):
            self.readings.append({"wall": time.perf_counter(), **self.meters()})

    def per_iteration(self) -> dict[str, float]:
        first, last = self.readings
        return {name: (last[name] - first[name]) / (self.last - 1) for name in first}


def workers_of(n: int) -> int:
    return max(100, n // PER_TASK // 100)


def write(folder: Path, n: int, n_files: int, n_workers: int) -> None:
    """Answers in the order of tasks, cut between tasks into files."""
    rng = np.random.default_rng(0)
    n_tasks = n // PER_TASK
    accuracy = rng.beta(4, 2, n_workers)
    for i, tasks in enumerate(np.array_split(np.arange(n_tasks, dtype=np.int32), n_files)):
        task = np.repeat(tasks, PER_TASK)
        truth = np.repeat(rng.integers(0, N_LABELS, len(tasks), np.int32), PER_TASK)
        worker = rng.integers(0, n_workers, len(task), np.int32)
        guess = rng.integers(0, N_LABELS, len(task), np.int32)
        label = np.where(rng.random(len(task)) < accuracy[worker], truth, guess)
        frame = pd.DataFrame({"task": task, "worker": worker, "label": label})
        frame.to_parquet(folder / f"{i:04d}.parquet", index=False)


def fitted(package: str, method: str, data: Any, meters: Callable[[], dict[str, float]]) -> dict[str, float]:
    module = __import__(package, fromlist=[method])
    parameters, n_iter, _ = METHODS[method]
    watch = Watch(meters, n_iter)
    start = time.perf_counter()
    getattr(module, method)(n_iter=n_iter, on_iteration=watch, **parameters).fit(data)
    return {"open": watch.readings[0]["wall"] - start, **watch.per_iteration()}


def on_cluster(folder: Path, method: str) -> dict[str, float]:
    import dask.dataframe as dd
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=None, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster, direct_to_workers=True) as client,
    ):

        def meters() -> dict[str, float]:
            busy = sum(client.run(time.process_time).values()) + time.process_time()
            return {"cpu": busy, "sent": sum(client.run(sent).values())}

        # Kernels are loaded, and compiled on a new machine, before the clock starts.
        small = pd.DataFrame({"task": np.arange(60_000), "worker": 0, "label": np.arange(60_000) % N_LABELS})
        fitted("dataforge.aggregation.distributed", method, dd.from_pandas(small, npartitions=2), meters)
        found = fitted("dataforge.aggregation.distributed", method, dd.read_parquet(folder), meters)
        return {**found, "memory": max(client.run(peak).values()), "client": peak()}


def on_one_machine(folder: Path, method: str) -> dict[str, float]:
    data = pd.read_parquet(folder)
    found = fitted("dataforge.aggregation", method, data, lambda: {"cpu": time.process_time(), "sent": 0.0})
    return {**found, "memory": peak()}


def sent(dask_worker: Any) -> float:
    """What a worker process has sent, in megabytes."""
    return float(dask_worker.transfer_outgoing_bytes_total / 1e6)


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measured(place: str, folder: Path, method: str) -> dict[str, float]:
    """The figures of a process of its own, so that peaks of memory are its own."""
    command = [sys.executable, __file__, "--measure", place, "--folder", str(folder), "--methods", method]
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def line(n: int, method: str, partitions: str, found: dict[str, float], n_workers: int) -> str:
    table = 8 * METHODS[method][2](n_workers) / 1e6
    cells = [f"{n:,}", method, partitions, f"{found['open']:.1f}", f"{found['wall']:.3f}", f"{found['cpu']:.3f}"]
    cells += [f"{found['sent']:.1f}" if partitions != "local" else "", f"{table:.1f}", f"{found['memory']:,.0f}"]
    cells.append(f"{found['client']:,.0f}" if partitions != "local" else "")
    return "| " + " | ".join([*cells, f"{os.getloadavg()[0]:.1f}"]) + " |"


def number(text: str) -> int:
    return int(float(text.lower().replace("k", "e3").replace("m", "e6")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", default="10m,50m")
    parser.add_argument("--partitions", default="2,8,32,128")
    parser.add_argument("--workers", type=number, help="instead of a hundredth of the tasks")
    parser.add_argument("--methods", default="DawidSkene", help=", ".join(METHODS))
    parser.add_argument("--measure", choices=["cluster", "local"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        place = on_cluster if arguments.measure == "cluster" else on_one_machine
        print(json.dumps(place(arguments.folder, arguments.methods)))
        return
    print(
        "| labels | method | partitions | open s | wall s | CPU s | sent MB | table MB | memory MB | client MB | load |"
    )
    print("|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for n in map(number, arguments.labels.split(",")):
        n_workers = arguments.workers or workers_of(n)
        for count in arguments.partitions.split(","):
            with tempfile.TemporaryDirectory() as folder:
                write(Path(folder), n, int(count), n_workers)
                for method in arguments.methods.split(","):
                    if count == arguments.partitions.split(",")[0]:
                        print(line(n, method, "local", measured("local", Path(folder), method), n_workers), flush=True)
                    print(line(n, method, count, measured("cluster", Path(folder), method), n_workers), flush=True)


if __name__ == "__main__":
    main()
