"""What the crash test of loops kills: python loop.py WORKSPACE ITEMS. It goes on when launched again."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

import dataforge as df

OVERLAP = 2
BATCH, HELD = 8, 10
POLICY = df.Policy(overlap=OVERLAP, page=(4, 0), speed=(), control=None, skips=None, lease=20.0)


@df.task(duration="2s")
def is_large(number: df.Text) -> bool:
    """Is the number five hundred or more?"""


def model(items: list[dict[str, Any]], labels: list[dict[bool, float]]) -> Any:
    """The bound that parts what was said best."""
    numbers = np.array([int(item["number"]) for item in items])
    large = np.array([label.get(True, 0.0) for label in labels])
    order = np.argsort(numbers)
    wrong = np.cumsum(large[order]) + (1 - large[order])[::-1].cumsum()[::-1]
    bound = numbers[order][int(np.argmin(wrong))]

    def predict(others: list[dict[str, Any]]) -> list[dict[bool, float]]:
        far = [(int(one["number"]) - bound) / 100 for one in others]
        return [{True: 1 / (1 + np.exp(-one)), False: 1 / (1 + np.exp(one))} for one in far]

    return predict


def numbers(count: int) -> list[dict[str, str]]:
    return [{"id": str(number), "number": str(number * 1000 // count)} for number in range(count)]


def launch(workspace: Path, items: int) -> df.Loop:
    stop = df.StopRule(labels=items // 2)
    return df.loop(
        numbers(items), is_large, model, BATCH, stop, holdout=HELD, policy=POLICY, name="numbers", workspace=workspace,
        progress=False,
    )  # fmt: skip


if __name__ == "__main__":
    with launch(Path(sys.argv[1]), int(sys.argv[2])) as found:
        found.wait(progress=False)
