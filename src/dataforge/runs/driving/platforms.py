"""The platform of a run, made again in any process from what its launch wrote down."""

from __future__ import annotations

from dataforge.errors import DataForgeError, RunError
from dataforge.platforms import Platform
from dataforge.registry import load
from dataforge.runs.core.folder import Description
from dataforge.workspace import Workspace

__all__ = ["platform_of"]


def platform_of(description: Description, workspace: Workspace) -> Platform:
    """The platform that a run of the workspace is on; raises `RunError` if it cannot be reached from here."""
    try:
        platform: Platform = load("platforms", description.platform).from_settings(description.settings, workspace)
    except Exception as error:  # a package of somebody else's, which may be missing, broken or changed
        why = error if isinstance(error, DataForgeError) else repr(error)
        raise RunError(
            f"run {description.name!r} is on the platform {description.platform!r}, which cannot be reached from here: "
            f"{why}"
        ) from error
    return platform
