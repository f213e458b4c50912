"""A process that ranks what a file lists, until the order is sure enough; it may be killed at any moment."""

import json
import sys

import dataforge as df


@df.task(duration="5s")
def better(left: df.Text, right: df.Text) -> df.SideBySide:
    """Which is better?"""
    raise NotImplementedError


if __name__ == "__main__":
    workspace, items, pairs = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    policy = df.Policy(page=(3, 0), speed=(), skips=None)
    found = df.rank(
        items, better, pairs=pairs, confidence=0.999, ahead=6, policy=policy, name="ranked", workspace=workspace,
        progress=False,
    )  # fmt: skip
    print("begun", flush=True)
    found.wait(progress=False)
    print(json.dumps(found.order()), flush=True)
