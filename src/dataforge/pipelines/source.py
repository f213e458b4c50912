"""Where a pipeline's function is, so that another process can play it; and that it is the code that was launched.

The server runs that code by itself. A workspace may come from anybody, so what it says of files is not enough: a seal
over the file as it was, its place and the workspace is made with a key that is in the account of whoever launched it
and in no workspace. A copy, another account or another file breaks it, and the pipeline waits to be launched.
"""

from __future__ import annotations

import ast
import hashlib
import hmac
import inspect
import os
import secrets
import sys
from pathlib import Path
from types import FrameType

import msgspec

from dataforge.errors import RunError
from dataforge.pipeline_folder import About
from dataforge.pipelines.function import Pipeline
from dataforge.workspace import Folder

__all__ = ["check_sealed", "modules_beside", "seal_of", "source_of"]


def source_of(pipeline: Pipeline) -> str:
    """The file and the name by which another process finds a pipeline; empty if it cannot, or should not.

    It should not where the file launches as it is imported, outside of `if __name__ == "__main__":`.
    """
    path = inspect.getsourcefile(pipeline.function)
    module = sys.modules.get(pipeline.function.__module__)
    if path is None or not path.endswith(".py") or not os.path.isfile(path):
        return ""
    path = os.path.abspath(path)
    name = next((name for name, value in vars(module).items() if value is pipeline), "") if module else ""
    return f"{path}:{name}" if name and not _launches_when_imported(path) else ""


def modules_beside(source: str) -> tuple[str, ...]:
    """Files of code in the folder of a pipeline's file, or below it, that this process has imported beside it."""
    path = Path(source.rpartition(":")[0])
    files = {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    beside = {file for file in map(os.path.abspath, filter(None, files)) if Path(file).is_relative_to(path.parent)}
    installed = {file for file in beside if "site-packages" in Path(file).parts}
    return tuple(sorted(file for file in beside - installed - {str(path)} if file.endswith(".py")))


def _launches_when_imported(path: str) -> bool:
    """Whether this launch is one that the file makes on its own, whoever imports it."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and os.path.abspath(frame.f_code.co_filename) == path:
            return not _is_guarded(path, frame.f_lineno)
        frame = frame.f_back
    return False


def _is_guarded(path: str, line: int) -> bool:
    """Whether a line stands under a condition on `__name__`."""
    conditions = [node for node in ast.parse(Path(path).read_bytes()).body if isinstance(node, ast.If)]
    return any(
        node.lineno <= line <= (node.end_lineno or node.lineno) and "__name__" in ast.unparse(node.test)
        for node in conditions
    )


# --- whose code it is ---------------------------------------------------------------------------------------


def seal_of(about: About, workspace: Path) -> str:
    """What only this account says of a pipeline, its file as it is now, and this very workspace; empty if it cannot."""
    try:
        contents = [Path(file).read_bytes() for file in (about.source.rpartition(":")[0], *about.modules)]
        key = _key()
    except OSError:
        return ""
    folder = Folder.at(workspace)
    told = [
        str(workspace.resolve()),
        None if folder is None else folder.inode,
        about.name,
        about.function,
        about.source,
        about.folder,
        *about.modules,
        *(hashlib.sha256(content).hexdigest() for content in contents),
    ]
    return hmac.new(key, msgspec.json.encode(told), "sha256").hexdigest()


def check_sealed(about: About, workspace: Path) -> None:
    """Raise where the code is not known to be what the owner of this account launched in this workspace."""
    if not about.seal or not hmac.compare_digest(about.seal, seal_of(about, workspace)):
        raise RunError(
            f"{about.source} is not the code that was launched here by this account: the file has changed or is gone, "
            "or one beside it that it imports has, or the workspace was copied or moved; launch the pipeline again to "
            "go on with it"
        )


def _key() -> bytes:
    """The account's own key, made at the first call, in a file that only its owner may read."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    path = Path(state) / "dataforge" / "key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"key.{os.getpid()}.{secrets.token_hex(4)}")
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(aside, path)  # of two processes that start together one wins
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_bytes()
