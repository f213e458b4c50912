"""The loop as it was at a commit that is named here: what the present one is measured against.

Its code is taken out of the repository and runs in a process of its own, driven as the present one is, on the same
replays. So no change of the product changes it, and it runs on any set; `product` may ask of state, quality and
`decide` only what that commit has, too.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from apart import OUTCOMES, REPLAY, load_outcomes
from replay import Outcome, Replay

__all__ = ["COMMIT", "Frozen", "NoReference", "frozen_loops", "name_of"]

COMMIT = "57ebd89b83a674279c2510d93ef8bc06d0b375d2"
FOLDER = "src"
DRIVER = tuple(Path(__file__).with_name(name) for name in ("apart.py", "product.py", "replay.py"))
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
        _run(_tree(commit, cache), missing, settings, kept)
    outcomes: dict[Key, Outcome] = {}
    for name, replay in zip(names, replays, strict=True):
        for (confidence, least), outcome in load_outcomes(kept / name, settings).items():
            outcomes[replay.name, replay.seed, confidence, least] = outcome
    return [Frozen(confidence, least, outcomes) for confidence, least in settings]


def name_of(commit: str, replay: Replay, settings: Sequence[tuple[float, int]]) -> str:
    """The file of what comes of a replay, named by all that this follows from."""
    digest = hashlib.sha256(json.dumps([commit, replay.name, replay.seed, settings]).encode())
    for path in DRIVER:
        digest.update(path.read_bytes())
    columns = (*vars(replay.real).values(), *vars(replay.control).values())
    for codes in (*columns, replay.truth, replay.control_truth, replay.by_worker, replay.arrivals):
        digest.update(codes.tobytes())
    return f"{digest.hexdigest()[:24]}{OUTCOMES}"


def _tree(commit: str, cache: Path) -> Path:
    """The code of the reference."""
    tree = cache / commit
    if tree.exists():
        return tree
    command = ["git", "-C", str(ROOT), "archive", commit, FOLDER]
    try:
        packed = subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoReference(f"the repository does not hold {commit} here ({error}); fetch its whole history") from error
    aside = tree.with_name(f"{tree.name}.{os.getpid()}.part")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(aside, filter="data")
    aside.rename(tree)
    return tree


def _run(tree: Path, replays: Mapping[str, Replay], settings: Sequence[tuple[float, int]], kept: Path) -> None:
    with TemporaryDirectory(dir=kept) as folder:
        for name, replay in replays.items():
            replay.save(Path(folder, name.removesuffix(OUTCOMES) + REPLAY))
        command = [sys.executable, str(DRIVER[0]), folder, json.dumps(settings)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(tree / FOLDER)})
        for name in replays:
            Path(folder, name).rename(kept / name)
