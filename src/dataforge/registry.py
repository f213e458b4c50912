"""Find plug-ins by name: modules inside a package of ours, entry points outside it.

Every module of a family's package is a plug-in and names it `PLUGIN`; its file name is the plug-in's name. What the
plug-ins of a family share lives in the module `base` and in modules whose names start with an underscore. A module is
imported when first asked for, so that a heavy plug-in costs nothing until it is used. Outside packages offer plug-ins
through entry points of the group `dataforge.<family>` (for example `dataforge.aggregation`).
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

from dataforge.errors import PluginError, UnknownName

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["load", "names"]

# The package that holds the plug-ins of each family.
PACKAGES = {
    "objects": "dataforge.objects",
    "platforms": "dataforge.platforms",
    "aggregation": "dataforge.aggregation.consensus",
    "merging": "dataforge.aggregation.merging",
    "quality": "dataforge.runs.quality",
    "formats": "dataforge.formats",
    "assistants": "dataforge.assistants",
}


@cache
def names(family: str) -> tuple[str, ...]:
    """Sorted names of a family's plug-ins; `family` is one of `PACKAGES`, such as `"objects"`."""
    return tuple(sorted({*_inside(family), *_outside(family)}))


@cache
def load(family: str, name: str) -> Any:
    """The plug-in of that name: the module's `PLUGIN`, or whatever the entry point names.

    Names are spelt with hyphens or underscores, in any case. Raises `UnknownName` with the known names,
    and `PluginError` if another package's plug-in does not load.
    """
    wanted = _spelt(name)
    if wanted in _inside(family):
        return importlib.import_module(f"{PACKAGES[family]}.{wanted.replace('-', '_')}").PLUGIN
    if wanted in (outside := _outside(family)):
        return _loaded(family, outside[wanted])
    known = ", ".join(names(family))
    raise UnknownName(f"no plug-in of {family!r} is named {name!r}; known: {known}")


def _loaded(family: str, point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:  # whatever the code of another package does when it is imported
        raise PluginError(
            f"the plug-in {point.name!r} of {family!r} ({point.value}) does not load: {type(error).__name__}: {error}; "
            "mend or uninstall the package that offers it"
        ) from error


def _spelt(name: str) -> str:
    return name.lower().replace("_", "-")


@cache
def _inside(family: str) -> frozenset[str]:
    package = importlib.import_module(PACKAGES[family])
    modules = (module.name for module in pkgutil.iter_modules(package.__path__))
    return frozenset(_spelt(name) for name in modules if name != "base" and not name.startswith("_"))


@cache
def _outside(family: str) -> dict[str, EntryPoint]:
    # Reading the metadata of all installed packages takes longer than everything else at start, so only when needed.
    from importlib.metadata import entry_points

    return {_spelt(point.name): point for point in entry_points(group=f"dataforge.{family}")}
