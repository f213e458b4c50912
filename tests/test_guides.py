"""The guides to tasks, data and policy: every block of Python in them runs."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = ["tasks", "data", "policy"]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str) -> list[str]:
    return BLOCK.findall((DOCS / name).read_text("utf-8"))


@pytest.mark.parametrize("name", [f"{guide}{language}.md" for guide in GUIDES for language in ("", ".ru")])
def test_every_block_of_a_guide_runs_in_order(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = blocks(name)
    assert found
    space: dict[str, object] = {"__name__": "guide"}
    for number, block in enumerate(found, 1):
        exec(compile(block, f"{name}, block {number}", "exec"), space)


@pytest.mark.parametrize("guide", GUIDES)
def test_both_languages_show_the_same_code(guide: str) -> None:
    def without_comments(name: str) -> list[str]:
        return [re.sub(r"\s*# .*$", "", block, flags=re.MULTILINE) for block in blocks(name)]

    assert without_comments(f"{guide}.md") == without_comments(f"{guide}.ru.md")


@pytest.mark.parametrize("guide", GUIDES)
def test_both_languages_have_the_same_sections(guide: str) -> None:
    def headings(name: str) -> list[str]:
        return re.findall(r"^(#+) ", BLOCK.sub("", (DOCS / name).read_text("utf-8")), flags=re.MULTILINE)

    assert headings(f"{guide}.md") == headings(f"{guide}.ru.md")
