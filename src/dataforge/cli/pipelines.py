"""`dataforge pipelines`: the pipelines of a workspace, and who plays them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataforge.cli._shared import JsonOption, WorkspaceOption, console, needed_workspace, print_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


def command(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show the pipelines of the workspace: how many items are done, and who plays each of them.

    `dataforge stop NAME` has nobody play one until it is launched again; `dataforge launch FILE.py:NAME` goes on with
    it.

    Examples:

        dataforge pipelines
        dataforge stop scenes
    """
    folder = needed_workspace(workspace).root / "pipelines"
    found = [_shown(path) for path in (sorted(folder.iterdir()) if folder.is_dir() else ()) if path.is_dir()]
    if as_json:
        print_json({"pipelines": found})
        return
    for one in found:
        console().print(
            "{name}: {done:,} of {items:,} items done; {played}".format(**one), markup=False, soft_wrap=True
        )
    if not found:
        print("no pipelines here; dataforge launch FILE.py:PIPELINE --items … makes one")


def _shown(path: Path) -> dict[str, object]:
    from dataforge.errors import RunError
    from dataforge.pipeline_folder import Standing
    from dataforge.pipelines.journal import done_in

    standing = Standing(path)
    try:
        about, done = standing.about(), done_in(path / "journal.jsonl")
    except RunError as error:  # one that cannot be read hides no other
        return {"name": path.name, "items": 0, "done": 0, "played": str(error)}
    if about is None:
        return {"name": path.name, "items": 0, "done": 0, "played": "was never launched"}
    return {"name": path.name, "items": about.items, "done": done, "played": standing.told(about)}
