"""Find plug-ins by name: files inside a package of ours, entry points outside it.

A plug-in is a module whose file name is its name. Modules are imported when first asked for, so that a heavy
plug-in costs nothing until it is used. Outside packages offer plug-ins through entry points of the group
`dataforge.<family>` (for example `dataforge.aggregation`).
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from dataforge.errors import UnknownName

__all__ = ["load", "names"]


@cache
def names(family: str) -> tuple[str, ...]:
    """Sorted names of a family's plug-ins; `family` is a package of dataforge, such as `"objects"`."""
    package = importlib.import_module(f"dataforge.{family}")
    inside = [module.name for module in pkgutil.iter_modules(package.__path__)]
    outside = [point.name for point in entry_points(group=f"dataforge.{family}")]
    return tuple(sorted(name.replace("_", "-") for name in (*inside, *outside) if not name.startswith("_")))


@cache
def load(family: str, name: str) -> Any:
    """The plug-in of that name: the module's `PLUGIN`, or whatever the entry point names.

    Names are spelt with hyphens or underscores, in any case. Raises `UnknownName` with the known names.
    """
    wanted = name.lower().replace("_", "-")
    if wanted not in names(family):
        known = ", ".join(names(family))
        raise UnknownName(f"no plug-in of {family!r} is named {name!r}; known: {known}")
    for point in entry_points(group=f"dataforge.{family}"):
        if point.name.replace("_", "-") == wanted:
            return point.load()
    return importlib.import_module(f"dataforge.{family}.{wanted.replace('-', '_')}").PLUGIN
