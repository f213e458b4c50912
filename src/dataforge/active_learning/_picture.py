"""The learning curve as a picture: what share is right by how many labels were learnt from, with its limits."""

from __future__ import annotations

import html
from collections.abc import Sequence

from dataforge import cards
from dataforge.plots import Plot

__all__ = ["draw"]

WIDTH, HEIGHT, LEFT, TOP, BELOW = 460, 220, 56, 40, 44
SAID = "share of held-out items that is right, by labels that the model has learnt from"

Point = tuple[int, float, float, float]
"""Labels that were learnt from, the share that is right, and the limits of that."""


def draw(title: str, points: Sequence[Point], target: float | None = None) -> Plot:
    """A line with a band around it, and the target as a dashed line."""
    most = max((labels for labels, *_ in points), default=1)
    least = min([low for _, _, low, _ in points] + ([] if target is None else [target]) or [0.0])
    floor = int(least * 10) / 10

    def x(labels: float) -> float:
        return LEFT + WIDTH * labels / most

    def y(share: float) -> float:
        return TOP + HEIGHT * (1 - (share - floor) / (1 - floor))

    drawn = [f'<text x="10" y="22" font-weight="600">{html.escape(title)}</text>']
    for step in range(6):
        share = floor + (1 - floor) * step / 5
        drawn.append(
            f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y(share):.1f}" y2="{y(share):.1f}" stroke="currentColor" '
            f'stroke-opacity=".15"/><text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{share:.2f}</text>'
        )
    around = [(labels, high) for labels, _, _, high in points] + [(labels, low) for labels, _, low, _ in points][::-1]
    band = " ".join(f"{x(labels):.1f},{y(share):.1f}" for labels, share in around)
    line = " ".join(f"{x(labels):.1f},{y(share):.1f}" for labels, share, _, _ in points)
    drawn.append(f'<polygon points="{band}" fill="{cards.GREEN}" fill-opacity=".18"/>')
    drawn.append(f'<polyline points="{line}" fill="none" stroke="{cards.GREEN}" stroke-width="2"/>')
    for labels, share, low, high in points:
        drawn.append(
            f'<circle cx="{x(labels):.1f}" cy="{y(share):.1f}" r="3.5" fill="{cards.GREEN}"><title>{labels} labels: '
            f"{share:.3f} ({low:.3f} to {high:.3f})</title></circle>"
        )
    if target is not None:
        drawn.append(
            f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y(target):.1f}" y2="{y(target):.1f}" stroke="currentColor" '
            f'stroke-dasharray="5 4"/><text x="{LEFT + WIDTH}" y="{y(target) - 5:.1f}" text-anchor="end">target</text>'
        )
    for part in (0, 0.5, 1):
        drawn.append(
            f'<text x="{x(most * part):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{most * part:.0f}</text>'
        )
    drawn.append(f'<text x="{LEFT}" y="{TOP + HEIGHT + 36}">{SAID}</text>')
    return Plot(title, (LEFT + WIDTH + 30, TOP + HEIGHT + BELOW), "".join(drawn))
