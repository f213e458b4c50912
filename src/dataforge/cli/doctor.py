"""`dataforge doctor`: what stands in the way of labelling on this machine, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import socket
import sqlite3
import stat
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Literal

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, console, found_server, print_json
from dataforge.errors import PlatformError
from dataforge.issue.sqlite.database import check_version, steps
from dataforge.issue.sqlite.ledger import Ledger
from dataforge.workspace import Workspace

__all__ = ["Check", "command", "examine"]

MEGABYTE = 1_000_000
LITTLE_SPACE = 1000 * MEGABYTE
NO_SPACE = 50 * MEGABYTE

TRIED = ((3, 11), (3, 12), (3, 13))

Verdict = Literal["ok", "warning", "failed"]
BROWSERS = ("firefox", "chromium", "chromium-browser", "google-chrome", "microsoft-edge")
MARKS: dict[Verdict, str] = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failed": "[red]✗[/]"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was found and, unless all is well, what to do."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def command(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Look for what stands in the way of labelling, and say what to do about it.

    Exits with 1 if something is broken, with 0 otherwise.

    Example: dataforge doctor --workspace .dataforge
    """
    checks = list(examine(Workspace.at(workspace)))
    broken = any(check.verdict == "failed" for check in checks)
    if as_json:
        print_json({"ok": not broken, "checks": [asdict(check) for check in checks]})
    else:
        out = console()
        for check in checks:
            out.print(f"{MARKS[check.verdict]} {check.name}: ", end="")
            out.print(check.found, markup=False)
            if check.advice:
                out.print(f"    → {check.advice}", markup=False)
    if broken:
        raise typer.Exit(1)


def examine(workspace: Workspace) -> Iterator[Check]:
    """All checks of a workspace and of this machine, in the order in which problems are best mended."""
    yield _python()
    yield _packages()
    yield _compiled_passes()
    yield _pages()
    yield _folder(workspace)
    if workspace.root.is_dir():
        yield from _secret(workspace)
        yield _database(workspace)
        yield from _ledger(workspace)
        yield _runs(workspace)
    yield _disk(workspace)
    yield _server(workspace)
    yield _port()
    yield _browser()


def _python() -> Check:
    found = f"{sys.version.split()[0]} at {sys.executable}"
    if sys.version_info[:2] not in TRIED:
        tried = ", ".join(f"{major}.{minor}" for major, minor in TRIED)
        return Check("python", "warning", found, f"should anything fail, use a version that is tried: {tried}")
    return Check("python", "ok", found)


def _packages() -> Check:
    try:
        required = importlib.metadata.requires("dataforge-labeling") or []
    except importlib.metadata.PackageNotFoundError:
        return Check(
            "packages",
            "warning",
            "dataforge runs from its source folder and is not installed",
            "install it: pip install -e .",
        )
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in required if "extra ==" not in line]
    missing = [name for name in names if not _installed(name)]
    if missing:
        advice = f"install what is missing: pip install {' '.join(missing)}"
        return Check("packages", "failed", f"missing: {', '.join(missing)}", advice)
    return Check("packages", "ok", f"dataforge {importlib.metadata.version('dataforge-labeling')} with all it needs")


def _compiled_passes() -> Check:
    from dataforge.aggregation.kernels.passes import choice

    if not choice.installed():
        found = "aggregation runs in numpy; for many millions of answers: pip install numba"
        return Check("fast", "ok", found)
    if not choice.loads():
        advice = "install one that fits this numpy: pip install -U numba"
        return Check("fast", "warning", "numba is there and does not load, so aggregation is in numpy", advice)
    return Check("fast", "ok", "large aggregations run compiled")


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return name == "uvloop" and sys.platform == "win32"
    return True


def _pages() -> Check:
    static = files("dataforge.server") / "static"
    missing = [name for name in ("worker.html", "requester.html") if not (static / name).is_file()]
    if not missing:
        return Check("pages", "ok", "the built pages are there")
    advice = "build them in a checkout (make pages), or install a wheel, which has them"
    return Check("pages", "failed", f"missing: {', '.join(missing)}", advice)


def _folder(workspace: Workspace) -> Check:
    root = workspace.root
    if not root.exists():
        parent = next(folder for folder in root.parents if folder.exists())
        if os.access(parent, os.W_OK):
            return Check("workspace", "ok", f"none yet at {root}; it is made when needed")
        return Check("workspace", "failed", f"{parent} cannot be written to", "choose another folder with --workspace")
    if not root.is_dir():
        return Check(
            "workspace", "failed", f"{root} is not a folder", "move the file away or choose another --workspace"
        )
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        advice = f"make it writable: chmod u+rwx {root}, or choose another --workspace"
        return Check("workspace", "failed", f"{root} cannot be written to: {error.strerror}", advice)
    if os.name == "posix" and stat.S_IMODE(root.stat().st_mode) & 0o077:
        return Check("workspace", "warning", f"others can look into {root}", f"close it: chmod 700 {root}")
    return Check("workspace", "ok", str(root))


def _secret(workspace: Workspace) -> Iterator[Check]:
    path = workspace.root / "secret"
    if not path.exists():
        return
    try:
        empty = not path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        empty = True
    if empty:
        advice = f"remove it to get a new one (old links of the requester stop working): rm {path}"
        yield Check("secret", "failed", f"{path} cannot be read or is empty", advice)
    elif os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Check("secret", "failed", f"others can read {path}", f"close it: chmod 600 {path}")
    else:
        yield Check("secret", "ok", "there, and only you can read it")


def _database(workspace: Workspace) -> Check:
    path = workspace.database
    if not path.exists():
        return Check("database", "ok", "none yet; the server makes it")
    advice = f"stop the server, keep a copy of {workspace.root}, and restore {path.name} from a backup"
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            version = check_version(connection, len(steps()))
            problems = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return Check("database", "failed", f"{path} cannot be read: {error}", advice)
    except PlatformError as error:
        return Check("database", "failed", str(error))
    if problems != ["ok"]:
        return Check("database", "failed", f"{path} is damaged: {'; '.join(problems)}", advice)
    return Check("database", "ok", f"sound, {path.stat().st_size / MEGABYTE:.1f} MB, version {version}")


def _ledger(workspace: Workspace) -> Iterator[Check]:
    """Whether what is shown of money is what the ledger says; a database of an older version is not asked."""
    if not workspace.database.exists():
        return
    try:
        with closing(sqlite3.connect(f"{workspace.database.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            if check_version(connection, len(steps())) < len(steps()):
                return
            connection.execute("BEGIN")
            differences = Ledger(connection).differences()
    except (sqlite3.Error, PlatformError):
        return
    if differences:
        found = "; ".join(f"{one.what}: {one.other}, the ledger says {one.ledger}" for one in differences[:3])
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        advice = f"pay nobody by these sums; keep a copy of {workspace.root}, and restore the database from a backup"
        yield Check("ledger", "failed", f"millionths do not add up: {found}{more}", advice)
    else:
        yield Check("ledger", "ok", "all that is shown of money is what happened to it")


def _runs(workspace: Workspace) -> Check:
    from dataforge.runs.handle.listing import list_runs

    runs = list_runs(workspace)
    broken = [run.unreadable for run in runs if run.unreadable]
    if broken:
        advice = "restore these folders from a backup, or move them out of the workspace"
        return Check("runs", "failed", f"{len(broken)} of {len(runs)} cannot be read: {'; '.join(broken)}", advice)
    return Check("runs", "ok", f"{len(runs)} in this workspace")


def _disk(workspace: Workspace) -> Check:
    folder = next(folder for folder in (workspace.root, *workspace.root.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / MEGABYTE:,.0f} MB free at {folder}"
    if free < NO_SPACE:
        return Check("disk", "failed", found, "make room: answers cannot be stored on a full disk")
    if free < LITTLE_SPACE:
        return Check("disk", "warning", found, "make room before a large launch")
    return Check("disk", "ok", found)


def _server(workspace: Workspace) -> Check:
    address = workspace.server()
    if address is None:
        reason = workspace.no_start()
        return Check(
            "server", "ok", f"none is running; {reason or '`dataforge serve` or `dataforge launch` starts it'}"
        )
    advice = f"start it again with `dataforge serve`; {workspace.server_log} may say why it ended"
    if workspace.running_server() is None:
        return Check("server", "failed", f"announced at {address.url}, but process {address.pid} is gone", advice)
    try:
        found = found_server(workspace)
    except OSError as error:
        return Check("server", "failed", f"the secret cannot be read: {error}", "mend the workspace first")
    if found is None:
        return Check("server", "failed", f"announced at {address.url}, but does not answer there", advice)
    return Check("server", "ok", f"answers at {address.url} (process {address.pid})")


def _port() -> Check:
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return Check(
                "network", "ok", f"a server can listen on this machine (tried port {listener.getsockname()[1]})"
            )
    except OSError as error:
        return Check("network", "failed", f"no server can listen on 127.0.0.1: {error}", "look at firewall and sandbox")


def _browser() -> Check:
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        there = next(filter(None, map(shutil.which, BROWSERS)), None)
        why = "none is found" if there is None else f"{there} is here, but this process has no screen to show it on"
        return Check("browser", "warning", why, "open the printed links by hand, here or on another device")
    return Check("browser", "ok", getattr(found, "name", type(found).__name__))
