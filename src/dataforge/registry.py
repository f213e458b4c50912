"""Find plug-ins by name: files inside a package of ours, entry points outside it.

A plug-in is a module that names its `PLUGIN`; its file name is the plug-in's name. Modules are imported when first
asked for, so that a heavy plug-in costs nothing until it is used. Outside packages offer plug-ins through entry points
of the group `dataforge.<family>` (for example `dataforge.aggregation`).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from importlib.abc import InspectLoader
from importlib.machinery import FileFinder
from typing import Any, cast

from dataforge.errors import UnknownName

__all__ = ["load", "names"]

# Families whose plug-ins are not in the package of their name.
PACKAGES = {"quality": "dataforge.runs.quality"}


@cache
def names(family: str) -> tuple[str, ...]:
    """Sorted names of a family's plug-ins; `family` is a package of dataforge, such as `"objects"`."""
    return tuple(sorted({*_inside(family), *_outside(family)}))


@cache
def load(family: str, name: str) -> Any:
    """The plug-in of that name: the module's `PLUGIN`, or whatever the entry point names.

    Names are spelt with hyphens or underscores, in any case. Raises `UnknownName` with the known names.
    """
    wanted = _spelt(name)
    if wanted in _inside(family):
        return importlib.import_module(f"{_package(family)}.{wanted.replace('-', '_')}").PLUGIN
    try:
        return _outside(family)[wanted].load()
    except KeyError:
        known = ", ".join(names(family))
        raise UnknownName(f"no plug-in of {family!r} is named {name!r}; known: {known}") from None


def _package(family: str) -> str:
    return PACKAGES.get(family, f"dataforge.{family}")


def _spelt(name: str) -> str:
    return name.lower().replace("_", "-")


@cache
def _inside(family: str) -> frozenset[str]:
    package = importlib.import_module(_package(family))
    modules = pkgutil.iter_modules(package.__path__)
    return frozenset(_spelt(module.name) for module in modules if not module.name.startswith("_") and _offers(module))


def _offers(module: pkgutil.ModuleInfo) -> bool:
    """Whether a file names a PLUGIN, told from its text: importing it could be heavy. Packages offer none."""
    spec = None if module.ispkg else cast(FileFinder, module.module_finder).find_spec(module.name)
    source = spec.loader.get_source(module.name) if spec and isinstance(spec.loader, InspectLoader) else None
    return source is not None and re.search(r"^PLUGIN\b", source, re.MULTILINE) is not None


@cache
def _outside(family: str) -> dict[str, Any]:
    # Reading the metadata of all installed packages takes longer than everything else at start, so only when needed.
    from importlib.metadata import entry_points

    return {_spelt(point.name): point for point in entry_points(group=f"dataforge.{family}")}
