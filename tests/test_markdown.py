"""Instructions as safe HTML."""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dataforge.markdown import render_markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='https://evil'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,AAAA)",
    '![x](https://h/a.png "onerror=alert(1)")',
    '![" onerror="alert(1)](https://h/a.png)',
    '[x](https://h/" onclick="alert(1))',
    "<style>body{display:none}</style>",
    "<form action='https://evil'><input></form>",
    "<https://h/><script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<!-- --><script>alert(1)</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_that_runs_comes_through(text: str) -> None:
    html = render_markdown(text)
    tags = re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)([^>]*)", html)
    assert {tag.lower() for tag, _ in tags} <= {"p", "a", "img", "code", "pre", "em", "strong"}
    for _, attributes in tags:
        outside_quotes = re.sub(r'"[^"]*"', '""', attributes)
        assert not re.search(r"\bon\w+\s*=", outside_quotes)
        for address in re.findall(r'(?:href|src)="([^"]*)"', attributes):
            assert address.startswith(("https://", "http://", "mailto:"))


def test_html_is_shown_as_text() -> None:
    assert render_markdown("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"


def test_links_open_in_a_new_tab_and_tell_nothing() -> None:
    html = render_markdown("[x](https://host/)")
    assert 'href="https://host/"' in html
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html


def test_addresses_inside_the_platform_are_dropped() -> None:
    assert "href" not in render_markdown("[x](/api/work/leave)")
    assert "src" not in render_markdown("![x](//host/a.png)")
    assert "src" not in render_markdown("![x](mailto:a@b)")


def test_pictures_are_shown() -> None:
    assert 'src="https://host/a.png"' in render_markdown("![cat](https://host/a.png)")


def test_the_usual_markdown_works() -> None:
    html = render_markdown("# Title\n\n- one\n- **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n~~old~~ `code`")
    for part in ("<h1>Title</h1>", "<li>one</li>", "<strong>two</strong>", "<td>2</td>", "<s>old</s>", "<code>"):
        assert part in html


# The pages render items themselves, and are held to the same file: `ui/src/lib/markdown.test.ts`.
DIALECT = json.loads((Path(__file__).parent / "data" / "markdown.json").read_text())


@pytest.mark.parametrize("case", DIALECT, ids=[case["text"][:20] for case in DIALECT])
def test_instructions_are_written_in_the_dialect_of_items(case: dict[str, str]) -> None:
    assert canonical(render_markdown(case["text"])) == case["html"]


def canonical(rendered: str) -> str:
    """HTML with attributes in the order of their names, and no space between blocks."""
    reader = Reader()
    reader.feed(rendered)
    return "".join(reader.parts)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = [f' {name}="{html.escape(value)}"' for name, value in sorted(attrs) if value is not None]
        self.parts.append(f"<{tag}{''.join(told)}>")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        between = self.parts and self.parts[-1].startswith("<br")
        text = data.lstrip("\n") if between else data.removesuffix("\n")
        self.parts.append(html.escape(text, quote=False) if text.strip() or text == " " else "")
