"""The reliability plot as SVG: no plotting library is needed to draw a dozen bars."""

from __future__ import annotations

from html import escape

from dataforge.aggregation.arrays import Floats, Places

__all__ = ["draw"]

SIDE = 320
LEFT = 48
TOP = 28
COUNTS = 60
GAP = 14


def draw(
    low: Floats,
    high: Floats,
    confidence: Floats,
    accuracy: Floats,
    count: Places,
    error: float,
    title: str,
) -> str:
    """Accuracy over confidence, the diagonal, and the number of tasks of each bin."""
    bottom = TOP + SIDE
    shapes = [
        f'<text x="{LEFT}" y="18" font-weight="600">{escape(title)}</text>',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
    ]
    for start, end, share in zip(low.tolist(), high.tolist(), accuracy.tolist(), strict=True):
        shapes.append(_bar(start, end, bottom, share * SIDE, "#4477aa", f"accuracy {share:.3f}"))
    shapes.append(
        f'<line x1="{LEFT}" y1="{bottom}" x2="{LEFT + SIDE}" y2="{TOP}" stroke="#333" stroke-dasharray="4 4"/>'
    )
    for mean, share in zip(confidence.tolist(), accuracy.tolist(), strict=True):
        at, ideal, found = LEFT + mean * SIDE, bottom - mean * SIDE, bottom - share * SIDE
        shapes.append(f'<line x1="{at:.1f}" y1="{ideal:.1f}" x2="{at:.1f}" y2="{found:.1f}" stroke="#cc3311"/>')
        shapes.append(f'<circle cx="{at:.1f}" cy="{found:.1f}" r="3.5" fill="#cc3311"/>')
    floor = bottom + GAP + COUNTS
    most = max(int(count.max()) if len(count) else 1, 1)
    for start, end, number in zip(low.tolist(), high.tolist(), count.tolist(), strict=True):
        shapes.append(_bar(start, end, floor, number / most * COUNTS, "#bbbbbb", f"{number} tasks"))
    shapes += _ticks(bottom, floor)
    total = int(count.sum())
    shapes.append(f'<text x="{LEFT + 8}" y="{TOP + 20}">expected calibration error {error:.4f}, {total} tasks</text>')
    shapes.append(f'<text x="{LEFT + SIDE / 2}" y="{floor + 32}" text-anchor="middle">confidence</text>')
    shapes.append(
        f'<text x="14" y="{TOP + SIDE / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {TOP + SIDE / 2})">accuracy</text>'
    )
    width, height = LEFT + SIDE + 16, floor + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="Reliability: expected calibration error '
        f'{error:.4f}"><rect width="100%" height="100%" fill="#fff"/>{"".join(shapes)}</svg>'
    )


def _bar(start: float, end: float, bottom: float, height: float, colour: str, note: str) -> str:
    """One bar with its figure as a tooltip."""
    left, width = LEFT + max(start, 0.0) * SIDE, max((min(end, 1.0) - max(start, 0.0)) * SIDE - 1, 1)
    return (
        f'<rect x="{left:.1f}" y="{bottom - height:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}" '
        f'fill-opacity="0.7"><title>{note}</title></rect>'
    )


def _ticks(bottom: float, floor: float) -> list[str]:
    """Numbers at the axes."""
    marks = []
    for share in (0.0, 0.5, 1.0):
        marks.append(f'<text x="{LEFT + share * SIDE}" y="{floor + 16}" text-anchor="middle">{share:g}</text>')
        marks.append(f'<text x="{LEFT - 6}" y="{bottom - share * SIDE + 4}" text-anchor="end">{share:g}</text>')
    return marks
