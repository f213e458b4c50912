"""A pipeline on the command line: launched, or gone on with beside the server."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from dataforge.cli._shared import console, print_json
from dataforge.errors import SpecError
from dataforge.policy import Policy
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    from dataforge.pipelines.function import Pipeline

__all__ = ["end_with_input", "play"]


def play(
    pipeline: Pipeline,
    items: Path | None,
    policy: Policy | None,
    *,
    name: str | None,
    key: str | None,
    budget: float | None,
    encoding: str | None,
    workspace: Workspace,
    of_one_task: list[str],
    gives_way: bool,
    as_json: bool,
) -> None:
    """Play a pipeline until each item has a result, or until it is stopped or wanted elsewhere."""
    from dataforge.pipelines.launch import launch

    if of_one_task:
        raise SpecError(f"{of_one_task[0]}: that is said of one task; say it of a pipeline's in Python, policies={{…}}")
    run = launch(
        pipeline,
        items,
        name=name,
        policy=policy,
        policies={},
        control={},
        budget=budget,
        platform=None,
        workspace=workspace,
        key=key,
        encoding=encoding,
        progress=not as_json and not gives_way,
        again=False,
        gives_way=gives_way,
    )
    status = run.wait()
    if as_json:
        print_json({"name": run.name, "items": status.items, "done": status.done, "failed": status.failed})
    else:
        console().print(f"{run.name}: {status}", markup=False, soft_wrap=True)
    run.close()


def end_with_input() -> None:
    """End this process once its standard input does, wherever it is: the server ends, or is gone.

    What was done is written down before anybody is told of it, so that no more is lost than by a crash: nothing.
    """
    threading.Thread(target=_end_with_input, daemon=True).start()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
