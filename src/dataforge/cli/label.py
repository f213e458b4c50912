"""`dataforge label`: one person labels alone, at once; the answers are in a file as they come."""

from __future__ import annotations

import base64
import contextlib
import getpass
import hashlib
import hmac
import re
import threading
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from unicodedata import normalize

import msgspec
import typer

from dataforge.cli._shared import EncodingOption, Requester, WorkspaceOption, console
from dataforge.cli._source import load_task
from dataforge.errors import DataError, DataForgeError, SpecError
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    from dataforge.policy import Policy
    from dataforge.runs.core.folder import RunFolder
    from dataforge.runs.handle.run import Run
    from dataforge.tasks.task import Task

__all__ = ["command"]

INPUTS = ("text", "image", "audio", "video")
LOOK_EVERY = 0.5
QUIET = 15.0
"""So long, in seconds, answers can still be mended after the last one before the run ends by itself."""
LEASE = "365d"
LONGEST_NAME = 40


def command(
    what: Annotated[str, typer.Argument(metavar="FOLDER|TABLE|FILE.py[:TASK]", help="What is labelled, or a task.")],
    labels: Annotated[str | None, typer.Option(help="The labels to choose from, with commas between them.")] = None,
    items: Annotated[
        Path | None, typer.Option(help="For a task: a folder of files, or a file with a row per item.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the answers go: .csv, .xlsx, .json, .jsonl or .parquet.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The run's name; a run of that name is gone on with.")] = None,
    key: Annotated[str | None, typer.Option("--id", help="The column that names the items.")] = None,
    question: Annotated[str | None, typer.Option(help="What is asked, beside --labels.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address, open nothing.")] = False,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Label by yourself: a page opens, one item fills it, a key answers it, and the answers are in a file as they come.

    There is no invitation, price or clock. Ctrl+Z takes answers back; Ctrl-C here ends it, and the same command goes
    on. The same task goes to other people by `dataforge launch`.

    Examples:

        dataforge label photos/ --labels dress,hat,other
        dataforge label reviews.txt --labels good,bad --out reviews-labels.csv
        dataforge label task.py --items texts.csv
    """
    from dataforge.data.reading import gather_items
    from dataforge.names import check_name
    from dataforge.runs.core.folder import RunFolder

    task, data = _asked(what, labels, items, question, encoding)
    called = check_name(name or _name_of(what if items is None else str(items)))
    place = Workspace.at(workspace)
    folder = RunFolder.of(place, called)
    file = _file_of(out or Path(f"{called}.csv"), Path(data), goes_on=folder.exists)
    task = task if labels is None else _as_begun(task, folder)
    asked = gather_items(task, data, None, key, encoding)
    _start_server(place)
    # Loaded while the server starts.
    from dataforge.runs.handle.launch import Launch, launch

    run = launch(Launch(task, asked, policy=_policy(), name=called, workspace=place, progress=False, open=True))
    link = _link(run, place)
    told = console()
    told.print(f"Label here:  [bold]{link}[/]", soft_wrap=True)
    told.print(f"The answers: [bold]{file}[/]   Ctrl-C ends it; the same command goes on with it.", soft_wrap=True)
    if not no_browser:
        webbrowser.open(link)
    try:
        _keep_written(run, place, file)
    finally:
        _write(run, file)
        status = run.status()
        told.print(f"{status.items_final} of {status.items_total} are labelled: {file}")


def _start_server(workspace: Workspace) -> None:
    """Start the workspace's server beside what is still to be done; the launch waits for it, and says what is wrong."""
    from dataforge.platforms.embedded import connect

    def start() -> None:
        with contextlib.suppress(DataForgeError, OSError):
            connect(workspace).close()

    threading.Thread(target=start, name="server's start", daemon=True).start()


def _policy() -> Policy:
    """One unpaid answer to each item, a page each, and nothing that is held against whoever labels."""
    from dataforge.policy import Policy

    return Policy.preset("no-control", page=(1, 0), page_price=0.0, lease=LEASE)


# --- what is asked --------------------------------------------------------------------------------


def _asked(
    what: str, labels: str | None, items: Path | None, question: str | None, encoding: str | None
) -> tuple[Task, Any]:
    """The task and its items, from a task's file, or made of labels and of what is to be labelled."""
    if re.search(r"\.py(:\w+)?$", what):
        if labels is not None or question is not None:
            raise SpecError("--labels, --question: the task says what is asked; leave them out")
        if items is None:
            raise SpecError("--items: say what the task is about, such as --items texts.csv")
        return load_task(what), items
    if items is not None:
        raise SpecError("--items: is for a task in a file of Python; what is labelled is named first here")
    if labels is None:
        raise SpecError("--labels: say what to choose from, such as --labels dress,hat,other; or name a task's file")
    return _task_of(_input_of(Path(what).expanduser(), encoding), labels, question), what


def _input_of(path: Path, encoding: str | None) -> str:
    """The kind of what is labelled, by the files of a folder or the columns of a table."""
    from dataforge.data.sources import read_source
    from dataforge.data.tables import VALUES

    if path.is_dir():
        return _kind_of_files(path)
    columns = read_source(path, str(path), encoding).table.column_names
    if list(columns) == [VALUES]:
        return "text"
    for kind in INPUTS:
        if kind in columns:
            return kind
    raise DataError(
        f"{path.name}: expected a column that is called {', '.join(INPUTS[:-1])} or {INPUTS[-1]}, got "
        f"{', '.join(map(repr, columns))}; call one so, or describe a task: dataforge label task.py --items {path.name}"
    )


def _kind_of_files(folder: Path) -> str:
    from dataforge.media.files import look_at

    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    for file in files:
        try:
            return look_at(file).kind
        except DataError:
            continue
    raise DataError(f"{folder}: holds no picture, sound or film; name a folder that does, or a file with texts")


def _task_of(kind: str, labels: str, question: str | None) -> Task:
    """A task that asks which of the labels fits."""
    import dataforge
    from dataforge.catalogue import say
    from dataforge.objects.choice import ChoiceType, option
    from dataforge.tasks.annotations import object_type
    from dataforge.tasks.signature import words_of
    from dataforge.tasks.task import Slot, Task, usual_duration

    values = [label.strip() for label in labels.split(",") if label.strip()]
    if len(values) < 2 or len(set(values)) < len(values):
        raise SpecError(f"--labels: expected two or more different labels with commas between them, got {labels!r}")
    inputs = (Slot(kind, object_type(getattr(dataforge, kind.capitalize()))[0], {"en": words_of(kind)}),)
    labelled = (option(value, **_everywhere(value)) for value in values)
    outputs = (Slot("answer", ChoiceType(tuple(labelled)), say("label_title")),)
    asked = say("label_question") if question is None else _everywhere(question)
    return Task("label", say("label_name"), asked, usual_duration(inputs, outputs), inputs, outputs)


def _everywhere(words: str) -> dict[str, Any]:
    """What whoever labels has written, who reads it whatever language the page speaks."""
    from dataforge.catalogue import languages

    return dict.fromkeys(languages(), words)


def _as_begun(task: Task, folder: RunFolder) -> Task:
    """The task as an older version has begun it, with the same texts for readers of fewer languages: it goes on."""
    from dataforge.tasks.task import Task

    if not folder.exists:
        return task
    there = folder.describe().publication.task
    same = _in_english(msgspec.to_builtins(there)) == _in_english(msgspec.to_builtins(task.spec()))
    return Task.from_spec(there) if same else task


def _in_english(told: Any) -> Any:
    """A value of JSON with texts in one language."""
    if isinstance(told, dict):
        return told["en"] if "en" in told else {name: _in_english(value) for name, value in told.items()}
    return list(map(_in_english, told)) if isinstance(told, list | tuple) else told


def _file_of(out: Path, data: Path, *, goes_on: bool) -> Path:
    """Where the answers go; raises `SpecError` for a file of another kind, for what is labelled, and for one of others.

    Where the run goes on the file is its own.
    """
    from dataforge.runs.handle.tables.files import ENDINGS

    if out.suffix.lower() not in ENDINGS:
        raise SpecError(f"--out: expected a file that ends in {', '.join(ENDINGS)}, got {str(out)!r}")
    if out.resolve() == data.expanduser().resolve():
        raise SpecError(f"--out: {str(out)!r} is what is labelled, and would be overwritten; choose another name")
    if out.exists() and not goes_on:
        raise SpecError(f"--out: {str(out)!r} is there already, and would be overwritten; choose another name")
    return out


def _name_of(given: str) -> str:
    words = re.sub(r"\W+", "-", normalize("NFC", Path(given).resolve().stem.lower())).strip("-")
    return f"label-{words[:LONGEST_NAME] or 'items'}"


# --- whoever labels -------------------------------------------------------------------------------


def _link(run: Run, workspace: Workspace) -> str:
    """The address that opens the run as the account of whoever calls the command, the same each time."""
    from dataforge.catalogue import own_language

    invitation = str(run.invitation or "")
    base, _, token = invitation.partition("/join/")
    own = _own_token(workspace)
    order = {"invitation": token, "name": _own_name(), "language": own_language(), "token": own}
    Requester(workspace, base).post("/api/work/join", order)
    return f"{base}/work/runs/{run.name}#{own}"


def _own_token(workspace: Workspace) -> str:
    digest = hmac.digest(workspace.secret().encode(), f"alone:{_own_name()}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # nobody has that number here
        return "me"


# --- the file -------------------------------------------------------------------------------------


def _keep_written(run: Run, workspace: Workspace, file: Path) -> None:
    """Write the answers whenever there are others, until all are there and nothing was mended for a while.

    Not before there is one: what writes tables takes a second to load, while whoever labels waits for the first item.
    """
    from dataforge.runs.core.folder import RunFolder

    log = RunFolder.of(workspace, run.name).log
    seen, since, written = -1, time.monotonic(), False
    while True:
        size = log.stat().st_size if log.exists() else 0
        status = run.status()
        if size != seen and (status.items_final or written):
            seen, since, written = size, time.monotonic(), True
            _write(run, file)
        if status.ended:
            return
        if status.items_final == status.items_total > 0 and time.monotonic() - since > QUIET:
            run.finish()
            run.wait(progress=False)
            return
        time.sleep(LOOK_EVERY)


def _write(run: Run, file: Path) -> None:
    from dataforge.runs.handle.tables.files import ENDINGS, write

    labels = run.labels()
    write(labels, file, *ENDINGS)
