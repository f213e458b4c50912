"""What a notebook shows of an object: a small card; every text in it is escaped.

A card has no ground of its own and takes the colour of the text around it, so that it is light where the notebook is
light and dark where that is dark, whoever shows it; JupyterLab and VS Code tell theirs to widgets by variables.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

__all__ = [
    "GREEN",
    "INK",
    "Address",
    "Framed",
    "bar",
    "card",
    "folded",
    "line",
    "link",
    "note",
    "picture",
    "table",
    "wide",
]

INK = "color:var(--jp-content-font-color1,var(--vscode-editor-foreground,inherit))"
GREEN = "#3a8f69"
"""Is seen on white and on black alike."""
FRAME = f"font-family:sans-serif;max-width:36em;padding:.7em 1em;border:1px solid #8884;border-radius:8px;{INK}"


class Address(str):
    """The address of a page: a text, and in a notebook a link."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return link(self, self)


class Framed(Address):
    """The address of a page that does nothing, such as a preview: in a notebook the page itself, in a frame."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        inside = (
            f'<iframe src="{html.escape(self)}?frame" title="{html.escape(self)}" loading="lazy" allow="microphone" '
            'sandbox="allow-scripts allow-same-origin allow-forms allow-popups" '
            'style="width:100%;height:36em;border:1px solid #8884;border-radius:8px"></iframe>'
        )
        return f"{inside}<div>{link(self, self)}</div>"


def card(title: str, about: str, *parts: str) -> str:
    """A card with a heading, what stands beside it, and parts that are HTML already."""
    beside = f" &middot; {html.escape(about)}" if about else ""
    return f'<div style="{FRAME}"><b>{html.escape(title)}</b>{beside}{"".join(parts)}</div>'


def wide(title: str, about: str, *parts: str) -> str:
    """A card that is as wide as a picture in it needs."""
    return card(title, about, *parts).replace("max-width:36em;", "width:fit-content;max-width:100%;", 1)


def line(text: str) -> str:
    """A line of a card."""
    return f'<div style="margin-top:.4em">{html.escape(text)}</div>'


def folded(title: str, inside: str) -> str:
    """A part, HTML already, that opens when its title is pressed."""
    return f'<details style="margin-top:.4em"><summary>{html.escape(title)}</summary>{inside}</details>'


def note(text: str) -> str:
    """A line that stands by itself, below cards."""
    return f'<div style="font-family:sans-serif;margin:.4em 0;{INK}">{html.escape(text)}</div>'


def link(address: str, text: str) -> str:
    """A link that opens in a tab of its own."""
    ink = "color:var(--jp-content-link-color,var(--vscode-textLink-foreground,inherit))"
    return f'<a href="{html.escape(address)}" target="_blank" rel="noopener" style="{ink}">{html.escape(text)}</a>'


def bar(share: float) -> str:
    """How much of something is done, from 0 to 1."""
    return (
        '<div style="background:#8883;border-radius:4px;height:8px;margin:.5em 0">'
        f'<div style="background:{GREEN};border-radius:4px;height:8px;width:{100 * share:.1f}%"></div></div>'
    )


def table(rows: Iterable[tuple[str, object]]) -> str:
    """Names and values, a row each."""
    written = (
        f'<tr><td style="text-align:left;vertical-align:top">{html.escape(name)}</td>'
        f'<td style="text-align:left">{html.escape(str(value))}</td></tr>'
        for name, value in rows
    )
    return f'<table style="margin-top:.4em">{"".join(written)}</table>'


def picture(svg: str) -> str:
    """A picture without a ground of its own, as wide as there is room; wider ones are moved under it."""
    return f'<div style="overflow-x:auto;max-width:100%;{INK}">{svg}</div>'
