"""What is said of a run when it was launched: what it is and costs, where workers go, where it can be watched."""

from __future__ import annotations

import sys

from dataforge.runs.handle.display import in_notebook
from dataforge.runs.handle.run import Run
from dataforge.workspace import ONLY_HERE, Workspace, opens_only_here

__all__ = ["announcement", "is_read_now"]


def announcement(run: Run, signing_in: Workspace | None) -> list[str]:
    """The lines; the link to the run's page signs its reader in for a while if the workspace of its server is given."""
    lines = [f"Run {run.name}", *(f"  {line['en']}" for line in run.about)]
    check = run.check
    if run.invitation is not None:
        lines.append(f"  workers join at  {run.invitation}")
        if check is not None:
            lines.append(f"  to judge only at {check.invitation}")
        if opens_only_here(run.invitation):
            lines.append(f"  ({ONLY_HERE})")
    if run.dashboard is not None:
        address = run.dashboard if signing_in is None else signing_in.sign_in_link(run.dashboard)
        lines.append(f"  you watch it at  {address}")
    lines += [f"  note: {notice['en']}" for notice in run.notices]
    return lines if check is None else [*lines, *_of_checks(check)]


def _of_checks(check: Run) -> list[str]:
    """What is said of the run in which the answers are judged."""
    lines = [f"  Answers are judged in the run {check.name}", *(f"    {line['en']}" for line in check.about)]
    return [*lines, *(f"    note: {notice['en']}" for notice in check.notices)]


def is_read_now() -> bool:
    """Whether somebody reads what is printed; what goes into a log is read by others, too."""
    return sys.stdout.isatty() or in_notebook()
