"""What the crash test of pipelines kills: python pipeline.py WORKSPACE ITEMS. It goes on when launched again."""

import sys
from pathlib import Path

import dataforge as df
from dataforge.pipelines.run import PipelineRun

OVERLAP = 2
POLICY = df.Policy(overlap=OVERLAP, page=(4, 0), speed=(), control=None, skips=None, lease=20.0)


@df.task(duration="2s")
def is_odd(number: df.Text) -> bool:
    """Is the number odd?"""


@df.task(duration="2s")
def is_large(number: df.Text) -> bool:
    """Has the number three digits or more?"""


@df.pipeline
async def numbers(number: df.Text):
    """Say of odd numbers whether they are large, and then of twice the number."""
    if not (await is_odd(number)).answer:
        return "even"
    large = await is_large(number)
    twice = await is_large(str(2 * int(number)))
    return f"odd {large.answer} {twice.answer}"


def result(number: int) -> str:
    return f"odd {number >= 100} {2 * number >= 100}" if number % 2 else "even"


def launch(workspace: Path, items: int) -> PipelineRun:
    rows = [{"id": str(number), "number": str(number)} for number in range(items)]
    policies: dict[df.Task, df.Policy | str] = {is_odd: POLICY, is_large: POLICY}
    return df.launch(numbers, rows, name="numbers", policies=policies, workspace=workspace, progress=False)


if __name__ == "__main__":
    with launch(Path(sys.argv[1]), int(sys.argv[2])) as run:
        run.wait()
