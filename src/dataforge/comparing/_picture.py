"""Scores with their limits as a picture: a row for each item, the best on top."""

from __future__ import annotations

import html
from collections.abc import Sequence

from dataforge import cards
from dataforge.plots import Plot

__all__ = ["draw"]

NAMES, WIDTH, ROW, GAP = 180, 420, 20, 40
# Rows that can still be looked at in one picture.
MOST = 60
LONGEST = 28

Row = tuple[str, float, float, float]
"""What it is, its score, and the limits of that."""


def draw(title: str, rows: Sequence[Row]) -> Plot:
    """A picture of the scores; of many items the first."""
    shown = rows[:MOST]
    low, high = min(row[2] for row in shown), max(row[3] for row in shown)
    scale = WIDTH / ((high - low) or 1.0)
    height = GAP + ROW * len(shown) + GAP
    drawn = []
    for place, (name, score, least, most) in enumerate(shown):
        y = GAP + ROW * place + ROW / 2
        left, middle, right = (NAMES + (value - low) * scale for value in (least, score, most))
        told = f"{html.escape(name)}: {score:.2f} ({least:.2f} to {most:.2f})"
        drawn.append(
            f'<text x="{NAMES - 10}" y="{y + 4:.1f}" text-anchor="end">{_short(name)}</text>'
            f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{cards.GREEN}" '
            f'stroke-width="2"/><circle cx="{middle:.1f}" cy="{y:.1f}" r="4" fill="{cards.GREEN}">'
            f"<title>{told}</title></circle>"
        )
    left_out = f", the best {MOST} of {len(rows)}" if len(rows) > MOST else ""
    bottom = GAP + ROW * len(shown) + 6
    axis = "".join(
        f'<text x="{NAMES + (value - low) * scale:.1f}" y="{bottom + 14}" text-anchor="middle">{value:.1f}</text>'
        for value in (low, (low + high) / 2, high)
    )
    return Plot(
        title,
        (NAMES + WIDTH + GAP, height),
        f'<text x="10" y="22" font-weight="600">{html.escape(title + left_out)}</text>{"".join(drawn)}'
        f'<line x1="{NAMES}" y1="{bottom}" x2="{NAMES + WIDTH}" y2="{bottom}" stroke="#999"/>{axis}',
    )


def _short(name: str) -> str:
    return html.escape(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
