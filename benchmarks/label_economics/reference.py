"""The loop as it was at a commit that is named here: what the present one is measured against.

Its code is taken out of the repository and runs in a process of its own, on the replays of today, by the driver of the
commit that first had runs decide page by page. So no change of the product or of this benchmark changes it, and it runs
on any set. What `Replay.save` writes has to stay as that driver reads it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from apart import OUTCOMES, REPLAY, load_outcomes
from replay import Outcome, Replay

__all__ = ["COMMIT", "Frozen", "NoReference", "frozen_loops", "name_of"]

COMMIT = "57ebd89b83a674279c2510d93ef8bc06d0b375d2"
DRIVER = "d88b2c90f5723de1e25f9c031c6c18e5199ef573"
SOURCE, BENCHMARK = "src", "benchmarks/label_economics"
ROOT = Path(__file__).parents[2]

Key = tuple[str, int, float, int]


class NoReference(Exception):
    """Why the reference cannot run here."""


@dataclass(frozen=True)
class Frozen:
    """The loop of the reference with a confidence, from `least` answers an item on: what it has made of the replays."""

    confidence: float
    least: int
    outcomes: dict[Key, Outcome]

    def __call__(self, replay: Replay) -> Outcome:
        """What it made of one of them."""
        return self.outcomes[replay.name, replay.seed, self.confidence, self.least]


def frozen_loops(
    replays: Sequence[Replay],
    settings: Sequence[tuple[float, int]],
    cache: Path,
    say: Callable[[str], None],
    commit: str = COMMIT,
) -> list[Frozen]:
    """The reference's loop with each setting, a confidence and the least number of answers.

    It runs on the replays that the cache has no outcomes of; raises `NoReference` where its code is not at hand.
    """
    names = [name_of(commit, replay, settings) for replay in replays]
    kept = cache / "outcomes"
    missing = {name: replay for name, replay in zip(names, replays, strict=True) if not (kept / name).exists()}
    if missing:
        say(f"the reference runs on {len(missing)} replays; what it makes of them is kept in {kept}")
        kept.mkdir(parents=True, exist_ok=True)
        tree = _tree(commit, cache)
        for number, (name, replay) in enumerate(missing.items(), 1):
            started = time.perf_counter()
            _run(tree, name, replay, settings, kept)
            took = time.perf_counter() - started
            say(f"{number} of {len(missing)}: {replay.name}, seed {replay.seed}: {took:.0f} s")
    outcomes: dict[Key, Outcome] = {}
    for name, replay in zip(names, replays, strict=True):
        for (confidence, least), outcome in load_outcomes(kept / name, settings).items():
            outcomes[replay.name, replay.seed, confidence, least] = outcome
    return [Frozen(confidence, least, outcomes) for confidence, least in settings]


def name_of(commit: str, replay: Replay, settings: Sequence[tuple[float, int]]) -> str:
    """The file of what comes of a replay, named by all that this follows from."""
    digest = hashlib.sha256(json.dumps([commit, DRIVER, replay.name, replay.seed, settings]).encode())
    columns = (*vars(replay.real).values(), *vars(replay.control).values())
    for codes in (*columns, replay.truth, replay.control_truth, replay.by_worker, replay.arrivals):
        digest.update(codes.tobytes())
    return f"{digest.hexdigest()[:24]}{OUTCOMES}"


def _tree(commit: str, cache: Path) -> Path:
    """The code of the reference."""
    tree = cache / f"{commit}-{DRIVER}"
    if tree.exists():
        return tree
    aside = tree.with_name(f"{tree.name}.{os.getpid()}.part")
    for revision, folder in ((commit, SOURCE), (DRIVER, BENCHMARK)):
        command = ["git", "-C", str(ROOT), "archive", revision, folder]
        try:
            packed = subprocess.run(command, check=True, capture_output=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            message = f"the repository does not hold {revision} here ({error}); fetch its whole history"
            raise NoReference(message) from error
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(aside, filter="data")
    aside.rename(tree)
    return tree


def _run(tree: Path, name: str, replay: Replay, settings: Sequence[tuple[float, int]], kept: Path) -> None:
    """One replay in a process of its own, whose outcomes are kept whatever becomes of the next ones."""
    with TemporaryDirectory(dir=kept) as folder:
        replay.save(Path(folder, name.removesuffix(OUTCOMES) + REPLAY))
        command = [sys.executable, str(tree / BENCHMARK / "apart.py"), folder, json.dumps(settings)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(tree / SOURCE)})
        Path(folder, name).rename(kept / name)
