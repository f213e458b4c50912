"""Run pytest; of what failed in a few files beside everything else, try each test once more by itself.

    python scripts/tried.py tests/browser --at-once 2

Four commands at work on two cores hold up a page or a process now and then for longer than any test waits. Such a test
passes by itself; its name and what it failed of are told at the very end, so that they can be looked into. What fails
twice fails, and so does what fails in more than `FEW` files: that is a fault, not the load. Files are counted, as one
fixture that fails takes all tests of its file along.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

FEW = 3
SOME_FAILED = 1  # what pytest ends with when tests failed; everything above is trouble of another kind


def tried(arguments: Sequence[str]) -> int:
    """The exit status of pytest with these arguments, or of the second try of what failed."""
    with tempfile.TemporaryDirectory() as folder:
        cache, told = Path(folder), Path(folder, "told.xml")
        status = _pytest(cache, [f"--junitxml={told}", *arguments])
        failed = _failed(cache)
        if status != SOME_FAILED or not 0 < len({test.partition("::")[0] for test in failed}) <= FEW:
            return status
        causes = _causes(told)
        print("Failed beside everything else, and tried again by themselves:", *failed, sep="\n  ", flush=True)
        status = _pytest(cache, failed)
        again = set(_failed(cache))
        print("What failed beside everything else, and what became of it by itself:")
        for test in failed:
            became = "failed again" if test in again else "passed"
            print(f"  {became}: {test}\n    {causes.get(_spoken(test), '')}", flush=True)
        return status


def _pytest(cache: Path, arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]).returncode


def _failed(cache: Path) -> list[str]:
    try:
        return list(json.loads((cache / "v/cache/lastfailed").read_text()))
    except FileNotFoundError:
        return []


def _causes(told: Path) -> dict[str, str]:
    """What each test failed of, in a line, by the names that the report has for tests."""
    causes = {}
    for case in ElementTree.parse(told).iter("testcase"):
        for failure in (*case.iter("failure"), *case.iter("error")):
            lines = failure.get("message", "").splitlines()
            causes[f"{case.get('classname')}.{case.get('name')}"] = " ".join(lines)[:300]
    return causes


def _spoken(test: str) -> str:
    """A test's name as the report has it."""
    address, bracket, parameters = test.partition("[")
    return address.replace(".py::", ".").replace("::", ".").replace("/", ".") + bracket + parameters


if __name__ == "__main__":
    sys.exit(tried(sys.argv[1:]))
