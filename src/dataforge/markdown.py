"""Markdown as safe HTML, for instructions and texts that workers read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["render_markdown"]

TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "img"),
}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}


def render_markdown(text: str) -> str:
    """HTML of a Markdown text that is safe to put into a page.

    HTML inside the text is shown as text; links open in a new tab and tell nothing about where they were clicked;
    pictures are loaded from http(s) addresses only.
    """
    # Loaded at use: only those who show a task need them.
    import nh3

    return nh3.clean(
        _parser().render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={
            "a": {"target": "_blank"},
            "img": {"loading": "lazy", "referrerpolicy": "no-referrer"},
        },
        attribute_filter=_only_safe,
    )


def _only_safe(tag: str, attribute: str, value: str) -> str | None:
    """Drop addresses without a scheme: they would point into the platform, and pictures with mailto."""
    allowed = {("a", "href"): ("https://", "http://", "mailto:"), ("img", "src"): ("https://", "http://")}
    starts = allowed.get((tag, attribute))
    return value if starts is None or value.lower().startswith(starts) else None


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
