"""The loop of the product that this process imports, on replays that another process wrote.

    python apart.py FOLDER '[[0.9, 1], [0.95, 1]]'

Reads each replay of the folder, `*.replay.npz`, and writes beside it what the loop makes of it, `*.outcomes.npz`: with
each confidence, from so many answers an item on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from product import Loop
from replay import Outcome, Replay

__all__ = ["OUTCOMES", "REPLAY", "load_outcomes"]

REPLAY, OUTCOMES = ".replay.npz", ".outcomes.npz"


def save_outcomes(path: Path, outcomes: Mapping[tuple[float, int], Outcome]) -> None:
    arrays = {
        f"{confidence:g} {least} {name}": value
        for (confidence, least), outcome in outcomes.items()
        for name, value in vars(outcome).items()
    }
    np.savez(path, **arrays)


def load_outcomes(path: Path, settings: Sequence[tuple[float, int]]) -> dict[tuple[float, int], Outcome]:
    """What came out with each setting, a confidence and the least number of answers an item."""
    with np.load(path) as found:
        return {
            (confidence, least): Outcome(
                found[f"{confidence:g} {least} labels"],
                found[f"{confidence:g} {least} confidence"],
                int(found[f"{confidence:g} {least} answers"]),
                int(found[f"{confidence:g} {least} controls"]),
            )
            for confidence, least in settings
        }


def main() -> None:
    folder, settings = Path(sys.argv[1]), json.loads(sys.argv[2])
    for path in sorted(folder.glob(f"*{REPLAY}")):
        replay = Replay.load(path)
        outcomes = {(confidence, least): Loop(confidence, least)(replay) for confidence, least in settings}
        save_outcomes(path.with_name(path.name.removesuffix(REPLAY) + OUTCOMES), outcomes)


if __name__ == "__main__":
    main()
