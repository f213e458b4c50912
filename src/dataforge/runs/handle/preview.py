"""Look at a task before it is launched, on the page that workers would get."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Any

import numpy as np

from dataforge.arguments import entry
from dataforge.cards import Framed
from dataforge.data.control_forms import form_notices
from dataforge.data.drafts import Prefill
from dataforge.data.reading import gather_items
from dataforge.platforms.embedded import EmbeddedPlatform, connect
from dataforge.runs.handle.holding.display import in_notebook
from dataforge.tasks.languages import language_notices
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["preview"]

MOST_SHOWN = 20


@entry
def preview(
    task: Task,
    items: Any,
    control: Any = None,
    workspace: str | Path | Workspace | None = None,
    browser: bool | None = None,
    encoding: str | None = None,
    prefill: Prefill | None = None,
) -> Framed:
    """Show the task with the first items as workers would see it, and give the page's address.

    Nothing is launched: the page can be tried out, and what is answered there goes nowhere. The workspace's server is
    started if none runs. The address shows this preview to whoever has it, and opens nothing else: it may stay in a
    notebook, which at the end of a cell shows the page itself. Printed is what there is to say of the data: rows of
    nothing that were left out, a form of control items that differs from that of the others.

    Args:
        task: what is asked.
        items: what it is asked about, in the forms that `launch` takes; the first 20 are shown.
        control: items whose answers are known, in the same forms.
        workspace: the folder that holds the server; by default `.dataforge` in the current directory.
        browser: open the page in a browser; by default unless a notebook shows it in a frame.
        encoding: that of files of text which are not UTF-8, such as `cp1251`.
        prefill: drafts with which workers begin, as `launch` takes them.

    Raises:
        SpecError, DataError: task or data are not right yet.
        Unreachable, Refused: the server cannot be reached or said no.
    """
    read = gather_items(task, items, control, encoding=encoding, prefill=prefill, leave_out=())
    place = (workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)).make()
    for notice in (*read.notices, *form_notices(read), *language_notices(task.spec(), None)):
        print(f"note: {notice['en']}", file=sys.stderr)
    platform = connect(place)
    try:
        shown = [
            {name: _uploaded(platform, value) for name, value in read.inputs(row).items()}
            for row in range(min(read.count, MOST_SHOWN))
        ]
        drafts = read.drafts_at(np.arange(len(shown)))
        address = Framed(platform.preview(task.spec(), shown, drafts))
    finally:
        platform.close()
    if browser or (browser is None and not in_notebook()):
        webbrowser.open(address)
    return address


def _uploaded(platform: EmbeddedPlatform, value: Any) -> Any:
    """A value whose local file, if it is one, is on the platform."""
    return platform.attach(Path(value["file"])) if isinstance(value, dict) and "file" in value else value
