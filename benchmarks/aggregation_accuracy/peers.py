"""The peer's outcomes: each in a process of its own with limits, kept in a file so that a later run goes on."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from outcomes import Case, Outcome

__all__ = ["Limits", "fill", "known_outcomes"]

PACKAGES = ("crowd-kit", "pandas", "numpy", "scikit-learn", "scipy", "nltk")
# How much longer than plain votes an estimator takes: the quick ones go first.
SLOW = {"exact": 1000, "Noisy": 300, "GLAD": 100, "MMSR": 40, "MACE": 5, "uncertainty": 5, "HRRASA": 5}

Known = dict[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Limits:
    """Limits of one case: CPU seconds and memory."""

    seconds: int
    gigabytes: int

    def apply(self) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (self.seconds, self.seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (self.gigabytes << 30, self.gigabytes << 30))


def known_outcomes(cache: Path, versions: str | None = None) -> tuple[str | None, Known]:
    """The versions, those of the last line if none are given, and what the file says of them: the last line counts."""
    lines = [json.loads(line) for line in cache.read_text("utf-8").splitlines()] if cache.exists() else []
    if versions is None and lines:
        versions = lines[-1]["versions"]
    return versions, {tuple(line["case"]): line for line in lines if line["versions"] == versions}


def fill(cases: Iterable[Case], cache: Path, limits: Limits) -> None:
    """Run what the file does not know, or what was given less time than now; the quick ones first.

    To be called by the peer's interpreter: each case runs in a fork of it, so that it is imported once.
    """
    importlib.import_module("crowdkit.aggregation")
    importlib.import_module("crowdkit.metrics.workers")
    versions, known = known_outcomes(cache, ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    waiting = [case for case in cases if case.in_peer and worth_a_run(known.get(case.key), limits)]
    for number, case in enumerate(sorted(waiting, key=expected), start=1):
        outcome = in_a_fork(case, limits)
        line = {"case": case.key, "versions": versions, "limit": limits.seconds, "outcome": outcome.to_json()}
        with cache.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=lambda value: value.item()) + "\n")
        name = " / ".join(case.key)
        print(f"{number} of {len(waiting)}: {name}: {outcome.error or ''} {outcome.seconds:.1f} s", flush=True)


def worth_a_run(found: dict[str, Any] | None, limits: Limits) -> bool:
    if found is None:
        return True
    return str(found["outcome"]["error"]).endswith(" CPU s") and limits.seconds > found["limit"]


def in_a_fork(case: Case, limits: Limits) -> Outcome:
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "outcome.json"
        child = os.fork()
        if child == 0:
            run_and_leave(case, limits, out)
        _, status = os.waitpid(child, 0)
        if out.exists():
            outcome = Outcome.from_json(json.loads(out.read_text("utf-8")))
        elif os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
            outcome = Outcome(float(limits.seconds), error=f"more than {limits.seconds:,} CPU s")
        else:
            outcome = Outcome(0.0, error=f"ended with status {status}")
    if "Memory" in (outcome.error or ""):
        return Outcome(outcome.seconds, error=f"more than {limits.gigabytes} GiB")
    return outcome


def run_and_leave(case: Case, limits: Limits, out: Path) -> None:
    try:
        limits.apply()
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            found = json.dumps(case.run("crowdkit").to_json(), default=lambda value: value.item())
        out.write_text(found, "utf-8")
    except MemoryError:
        out.write_text(json.dumps(Outcome(0.0, error="MemoryError").to_json()), "utf-8")
    finally:
        os._exit(0)  # in any case: the loop that forked goes on in the parent only


def expected(case: Case) -> float:
    return case.answers * next((factor for name, factor in SLOW.items() if name in case.method), 1)
