"""Writes the Python of the guides and the examples as a package `guides` into `build`, for a type checker to read.

They stand for what users write: whoever copies them into a typed project is to have no error of it.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build/guides"
NAMES = ("data", "models", "policy", "promises", "results", "runs", "scales", "simulation", "tasks")
GUIDES = ("README.md", *(f"docs/{name}.md" for name in NAMES))
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a guide takes as given, as `tests/test_guides.py` lays it out.
GIVEN = """\
from typing import Any

import dataforge as df

animal: df.Task
policy: df.Policy
run: df.Run
control: Any
invitation: str
items: Any
known: Any
more: Any
truth: Any
url: str
"""


def main() -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    for old in BUILD.glob("*.py"):
        old.unlink()
    (BUILD / "__init__.py").touch()
    for guide in GUIDES:
        blocks = PYTHON.findall((ROOT / guide).read_text("utf-8"))
        (BUILD / f"{Path(guide).stem.lower()}.py").write_text("\n".join([GIVEN, *blocks]), "utf-8")
    for example in (ROOT / "examples").rglob("*.py"):
        (BUILD / example.name).write_text(example.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    main()
