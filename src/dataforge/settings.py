"""What a project says of itself in the table `[tool.dataforge]` of its `pyproject.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from dataforge.errors import SpecError

__all__ = ["project_workspace"]

FILE = "pyproject.toml"
KNOWN = ("workspace",)


def project_workspace(start: Path) -> Path | None:
    """The workspace of the project that a folder is in: of the nearest that has the table; None if none names one.

    A relative path starts at the project's folder, so that commands find the same workspace from everywhere in it.
    """
    for folder in (start, *start.parents):
        table = _table(folder / FILE)
        if table is not None:
            named = table.get("workspace")
            return None if named is None else folder / Path(_text(folder, named)).expanduser()
    return None


def _table(path: Path) -> dict[str, object] | None:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Of another tool's file that is broken this is not the place to tell, unless it is about us.
        if b"[tool.dataforge" not in path.read_bytes():
            return None
        raise SpecError(f"{str(path)!r} cannot be read: {error}; mend it there") from None
    tool = content.get("tool")
    table = tool.get("dataforge") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return None
    if unknown := [name for name in table if name not in KNOWN]:
        raise SpecError(f"{str(path)!r}: [tool.dataforge] has no setting {unknown[0]!r}; it has: {', '.join(KNOWN)}")
    return table


def _text(folder: Path, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise SpecError(
            f"{str(folder / FILE)!r}: [tool.dataforge] workspace: expected the path of a folder, got {value!r}"
        )
    return value
