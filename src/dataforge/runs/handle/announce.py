"""What is said of a run when it was launched: what it is and costs, where workers go, where it can be watched."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dataforge.catalogue import Said, here, say
from dataforge.runs.handle.holding.display import in_notebook
from dataforge.runs.handle.run import Run
from dataforge.workspace import Workspace, opens_only_here

__all__ = ["announcement", "is_read_now"]


def announcement(run: Run, signing_in: Workspace | None) -> list[str]:
    """The lines; the link to the run's page signs its reader in for a while if the workspace of its server is given."""
    lines = [here(say("told_launched", name=run.name)), *(f"  {line}" for line in run.about)]
    check, links = run.check, []
    if run.invitation is not None:
        links.append((here(say("told_join")), run.invitation))
        if check is not None and check.invitation is not None:
            links.append((here(say("told_judge")), check.invitation))
    if run.dashboard is not None:
        address = run.dashboard if signing_in is None else signing_in.sign_in_link(run.dashboard)
        links.append((here(say("told_watch")), address))
    lines += _aligned(links)
    if run.invitation is not None and opens_only_here(run.invitation):
        lines.append(f"  ({here(say('told_opens_only_here'))})")
    if run.invitation is not None:
        advice = here(say("told_open_link", run=f"{run.name} "))
        lines.append(f"  ({advice})")
    lines += [f"  {_note(notice)}" for notice in run.notices]
    return lines if check is None else [*lines, *_of_checks(check)]


def _aligned(links: Sequence[tuple[str, str]]) -> list[str]:
    """The links below each other, each behind what it is for."""
    width = max((len(what) for what, _ in links), default=0)
    return [f"  {what:{width}}  {link}" for what, link in links]


def _note(notice: Said) -> str:
    return here(say("told_note", notice=notice))


def _of_checks(check: Run) -> list[str]:
    """What is said of the run in which the answers are judged."""
    told = here(say("told_judged", name=check.name))
    lines = [f"  {told}", *(f"    {line}" for line in check.about)]
    return [*lines, *(f"    {_note(notice)}" for notice in check.notices)]


def is_read_now() -> bool:
    """Whether somebody reads what is printed; what goes into a log is read by others, too."""
    return sys.stdout.isatty() or in_notebook()
