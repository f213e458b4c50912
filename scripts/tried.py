"""Run pytest; of a few tests that failed beside everything else, try each once more by itself.

    python scripts/tried.py tests/browser --at-once 2

Four commands at work on two cores hold up a page or a process now and then for longer than any test waits. Such a test
passes by itself, and its name is printed, so that it can be looked into. What fails twice fails, and so do more than
`FEW` at once: that many are a fault, not the load.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FEW = 3
SOME_FAILED = 1  # what pytest ends with when tests failed; everything above is trouble of another kind


def tried(arguments: Sequence[str]) -> int:
    """The exit status of pytest with these arguments, or of the second try of what failed."""
    with tempfile.TemporaryDirectory() as cache:
        status = _pytest(cache, arguments)
        failed = _failed(Path(cache))
        if status != SOME_FAILED or not 0 < len(failed) <= FEW:
            return status
        print("Failed beside everything else, and tried again by themselves:", *failed, sep="\n  ", flush=True)
        return _pytest(cache, failed)


def _pytest(cache: str, arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]).returncode


def _failed(cache: Path) -> list[str]:
    try:
        return list(json.loads((cache / "v/cache/lastfailed").read_text()))
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    sys.exit(tried(sys.argv[1:]))
