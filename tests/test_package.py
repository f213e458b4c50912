"""What the package says about itself, where there is nothing but the package: on an index, in another's environment."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src/dataforge"


@cache
def metadata() -> ProjectMetadata:
    return ProjectMetadata(str(ROOT), PluginManager())


def modules_imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_every_package_that_is_imported_is_declared() -> None:
    core = metadata().core
    lines = [*core.dependencies, *(line for extra in core.optional_dependencies.values() for line in extra)]
    declared = {re.split(r"[\[<>=;~! ]", line)[0].lower().replace("_", "-") for line in lines}
    # Asked for only where they are at work already: in a notebook, and by scikit-learn's own questions.
    declared |= {"ipython", "scikit-learn"}
    imported = {name.split(".")[0] for file in PACKAGE.rglob("*.py") for name in modules_imported(file)}
    providers = packages_distributions()
    others = imported - sys.stdlib_module_names - {"dataforge"}

    undeclared = {
        name for name in others if not {one.lower().replace("_", "-") for one in providers.get(name, [name])} & declared
    }
    assert undeclared == set()


def test_no_link_on_the_page_of_an_index_needs_a_file_beside_it() -> None:
    page = metadata().core.readme
    targets = re.findall(r"\]\(([^)]+)\)", page)
    assert len(targets) > 20
    assert [one for one in targets if not one.startswith("https://")] == []
    assert (
        "![A page of a task: pictures with the possible answers beside them](https://raw.githubusercontent.com/" in page
    )
    assert set(metadata().core.urls) == {"Homepage", "Documentation", "Source", "Issues", "Changelog"}


@pytest.mark.skipif(not (PACKAGE / "server/static").exists(), reason="the pages are not built: `make pages`")
def test_licences_of_what_the_pages_are_made_of_travel_with_the_package() -> None:
    """The minifier strips comments, and fonts have none: whoever hands the wheel on must find the terms beside it."""
    third_party = "src/dataforge/server/static/THIRD_PARTY.txt"
    assert {"LICENSE", third_party} <= set(metadata().core.license_files)

    text = (ROOT / third_party).read_text()
    for package in ("@fontsource-variable/golos-text", "dompurify", "markdown-it", "svelte", "uplot"):
        assert re.search(rf"^{re.escape(package)} [\d.]+ \(", text, re.MULTILINE), package
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "Mozilla Public License Version 2.0" in text
