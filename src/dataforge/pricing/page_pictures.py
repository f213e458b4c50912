"""Pages to choose from as pictures: how well they resist guessing, how many control items they have, how long they are.

Of the three each is drawn over another, a dot for each page, with the chosen one marked.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import NamedTuple

from dataforge.plots import Plot
from dataforge.pricing.page_sizes import PageOption

__all__ = ["plot_pages"]

WIDTH, HEIGHT, GAP = 250, 170, 50
DOT, CHOSEN = "#3a8f69", "#c0392b"
"""Are seen on white and on black alike."""


class _Measure(NamedTuple):
    """What of a page is drawn: its name, its number, and how that is written."""

    name: str
    of: Callable[[PageOption], float]
    written: Callable[[float], str]


ROBUSTNESS = _Measure("Guessers rejected", lambda page: page.robustness, lambda value: f"{value:.0%}")
SHARE = _Measure("Share of control items", lambda page: page.control / page.total, lambda value: f"{value:.0%}")
MINUTES = _Measure("Minutes a page takes", lambda page: page.seconds / 60, lambda value: f"{value:.3g}")
PANELS = ((SHARE, ROBUSTNESS), (MINUTES, ROBUSTNESS), (MINUTES, SHARE))


def plot_pages(pages: Sequence[PageOption], chosen: PageOption) -> Plot:
    """The three pictures, side by side."""
    panels = "".join(
        f'<g transform="translate({GAP + place * (WIDTH + GAP)} 32)">{_panel(pages, chosen, across, up)}</g>'
        for place, (across, up) in enumerate(PANELS)
    )
    told = ", ".join(f"{one.name.lower()} {one.written(one.of(chosen))}" for one in (ROBUSTNESS, SHARE, MINUTES))
    size = (GAP // 2 + len(PANELS) * (WIDTH + GAP), HEIGHT + 80)
    return Plot(f"{len(pages)} pages; the chosen one: {told}", size, panels)


def _panel(pages: Sequence[PageOption], chosen: PageOption, across: _Measure, up: _Measure) -> str:
    """One measure of the pages over another."""
    right, top = (max(measure.of(page) for page in (*pages, chosen)) or 1.0 for measure in (across, up))

    def dot(page: PageOption, look: str) -> str:
        x, y = WIDTH * across.of(page) / right, HEIGHT * (1 - up.of(page) / top)
        note = (
            f"{page.real} + {page.control}: {up.name.lower()} {up.written(up.of(page))}, "
            f"{across.name.lower()} {across.written(across.of(page))}"
        )
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}><title>{html.escape(note)}</title></circle>'

    dots = "".join(dot(page, f'r="3" fill="{DOT}" fill-opacity="0.6"') for page in dict.fromkeys(pages))
    mark = dot(chosen, f'r="6" fill="none" stroke="{CHOSEN}" stroke-width="3"')
    return f'<text x="0" y="-14" font-weight="600">{up.name}</text>{_axes(across, up, right, top)}{dots}{mark}'


def _axes(across: _Measure, up: _Measure, right: float, top: float) -> str:
    """Two lines, their ends and middles in numbers, and what goes across."""
    marks = [
        f'<text x="{WIDTH * share}" y="{HEIGHT + 16}" text-anchor="middle">{across.written(right * share)}</text>'
        f'<text x="-6" y="{HEIGHT * (1 - share) + 4}" text-anchor="end">{up.written(top * share)}</text>'
        for share in (0.0, 0.5, 1.0)
    ]
    lines = f'<path d="M0 0V{HEIGHT}H{WIDTH}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>'
    below = f'<text x="{WIDTH / 2}" y="{HEIGHT + 34}" text-anchor="middle">{across.name}</text>'
    return lines + "".join(marks) + below
