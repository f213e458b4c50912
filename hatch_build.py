"""Build the pages (ui/) into the package, so that wheel and sdist carry them and users need no Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildPages(BuildHookInterface):  # type: ignore[type-arg]
    """Run Vite unless the built pages are already there (as in an sdist)."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill src/dataforge/server/static; an editable install leaves that to `make pages`."""
        root = Path(self.root)
        if version == "editable" or (root / "src/dataforge/server/static/worker.html").exists():
            return
        if shutil.which("npm") is None:
            raise RuntimeError("building the pages needs Node 20 or newer (npm was not found)")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=root / "ui", check=True)
        subprocess.run(["npm", "run", "build"], cwd=root / "ui", check=True)
