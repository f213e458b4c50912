"""How a run went, to look at: small charts in one picture. No plotting library is needed to draw bars and a line."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dataforge import cards
from dataforge.plots import Plot
from dataforge.runs.core.charts import DURATIONS_TO
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.found.confusion import confusion, counted_outputs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plot"]

WIDTH, HEIGHT, GAP, COLUMNS = 300, 170, 44, 3
# Bars, and rows of a heat map, that can still be read.
MOST = 12
LONGEST = 14
UNITS = (("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))


def plot(view: RunView) -> Plot:
    """Charts of how the run stands now."""
    with view.lock:
        panels = _panels(view)
    rows = -(-len(panels) // COLUMNS)
    width, height = COLUMNS * (WIDTH + GAP), rows * (HEIGHT + 2 * GAP)
    placed = []
    for place, panel in enumerate(panels):
        left, top = GAP / 2 + place % COLUMNS * (WIDTH + GAP), place // COLUMNS * (HEIGHT + 2 * GAP)
        placed.append(f'<g transform="translate({left} {top})">{panel}</g>')
    return Plot(f"charts of the run {view.description.name}", (width, height), "".join(placed))


def _panels(view: RunView) -> list[str]:
    """The charts that say something of this run."""
    state, quality = view.state, view.quality
    panels = [_line(view)]
    if any(bins := quality.histogram()):
        panels.append(_histogram("Confidence of the answers", bins, ("0", ".5", "1")))
    overlaps = list(state.responses.overlaps)
    panels.append(_bars("Answers an item has", [(str(number), count) for number, count in enumerate(overlaps)]))
    edges = (f"{part * DURATIONS_TO * state.hint:.0f}" for part in (0.0, 0.5, 1.0))
    panels.append(_histogram("Seconds an item took", state.charts.durations, tuple(edges)))
    for output, counts in quality.counts().items():
        panels.append(_bars(f"Items by {output}", list(counts.items())))
    for slot in counted_outputs(view):
        counted = confusion(view, slot.name, None, control=False)
        if counted.to_numpy().sum():
            panels.append(_heat_map(f"Answers given (across) where {slot.name} is (down)", counted))
    return panels


# --- kinds of charts --------------------------------------------------------------------------------


def _line(view: RunView) -> str:
    """Answers over the time since the launch."""
    points = view.state.charts.series["answers"].points()
    last, most = max((at for at, _ in points), default=0.0), max((value for _, value in points), default=0.0)
    unit, length = next((unit for unit in UNITS if last >= 2 * unit[1]), UNITS[-1])
    drawn = " ".join(
        f"{WIDTH * at / (last or 1):.1f},{HEIGHT - HEIGHT * value / (most or 1):.1f}" for at, value in points
    )
    line = f'<polyline points="{drawn}" fill="none" stroke="{cards.GREEN}" stroke-width="2"/>'
    edges = ("0", f"{last / length / 2:.2g}", f"{last / length:.2g}")
    return _panel(f"Answers, by {unit} since the launch", line, edges, most)


def _histogram(title: str, bins: Sequence[int], edges: tuple[str, ...]) -> str:
    """Counts in equal bins that lie side by side."""
    width, most = WIDTH / max(len(bins), 1), max([*bins, 1])
    bars = "".join(_bar(place * width, width, count / most, str(count)) for place, count in enumerate(bins))
    return _panel(title, bars, edges, most)


def _bars(title: str, counts: Sequence[tuple[str, int]]) -> str:
    """A bar for each, lying, with its name and number; of many the largest."""
    shown = list(counts) if len(counts) <= MOST else sorted(counts, key=lambda pair: -pair[1])[:MOST]
    most, height = max([count for _, count in shown] or [1]) or 1, HEIGHT / max(len(shown), 4)
    rows = []
    for place, (name, count) in enumerate(shown):
        middle = place * height + height / 2 + 4
        rows.append(
            f'<text x="0" y="{middle:.1f}">{_short(name)}</text>'
            f'<rect x="90" y="{place * height + 2:.1f}" width="{150 * count / most:.1f}" height="{height - 4:.1f}" '
            f'fill="{cards.GREEN}"/><text x="{96 + 150 * count / most:.1f}" y="{middle:.1f}">{count:,}</text>'
        )
    left_out = f", the {MOST} largest of {len(counts)}" if len(counts) > MOST else ""
    return _titled(title + left_out, "".join(rows))


def _heat_map(title: str, counts: pd.DataFrame) -> str:
    """Numbers in a grid, the darker the larger their share of a row; of many options those with most answers."""
    numbers = counts.to_numpy()
    shown = np.sort(np.argsort(-(numbers.sum(axis=0) + numbers.sum(axis=1)), kind="stable")[:MOST])
    numbers, names = numbers[np.ix_(shown, shown)], [str(counts.index[place]) for place in shown]
    width, height = (WIDTH - 90) / len(names), (HEIGHT - 16) / len(names)
    cells = [
        f'<text x="{90 + (place + 0.5) * width:.1f}" y="10" text-anchor="middle">{_short(name, int(width // 6))}</text>'
        f'<text x="0" y="{16 + (place + 0.5) * height + 4:.1f}">{_short(name)}</text>'
        for place, name in enumerate(names)
    ]
    for row, line in enumerate(numbers.tolist()):
        for column, count in enumerate(line):
            share = count / (sum(line) or 1)
            x, y = 90 + column * width, 16 + row * height
            cells.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width - 1:.1f}" height="{height - 1:.1f}" fill="{cards.GREEN}" '
                f'fill-opacity="{0.06 + 0.84 * share:.2f}"><title>{html.escape(names[row])}, given '
                f"{html.escape(names[column])}: {count:,}</title></rect>"
                f'<text x="{x + width / 2:.1f}" y="{y + height / 2 + 4:.1f}" text-anchor="middle" '
                f'fill="{"#fff" if share > 0.7 else "currentColor"}">{count if count else ""}</text>'
            )
    return _titled(title, "".join(cells))


# --- their parts ------------------------------------------------------------------------------------


def _panel(title: str, drawn: str, edges: Sequence[str], most: float) -> str:
    """A chart with a line below it, words along that, and its largest number."""
    at = ("start", "middle", "end")
    words = "".join(
        f'<text x="{place * WIDTH / 2}" y="{HEIGHT + 16}" text-anchor="{anchor}" opacity=".7">{edge}</text>'
        for place, (edge, anchor) in enumerate(zip(edges, at, strict=True))
    )
    axis = f'<line x1="0" y1="{HEIGHT}" x2="{WIDTH}" y2="{HEIGHT}" stroke="currentColor" stroke-opacity=".4"/>'
    top = f'<text x="{WIDTH}" y="-4" text-anchor="end" opacity=".7">{most:,.0f}</text>'
    return _titled(title, drawn + axis + words + top)


def _titled(title: str, drawn: str) -> str:
    return f'<text x="0" y="20" font-weight="600">{html.escape(title)}</text><g transform="translate(0 32)">{drawn}</g>'


def _bar(left: float, width: float, share: float, note: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{HEIGHT * (1 - share):.1f}" width="{max(width - 1, 1):.1f}" '
        f'height="{HEIGHT * share:.1f}" fill="{cards.GREEN}"><title>{note}</title></rect>'
    )


def _short(name: str, most: int = LONGEST) -> str:
    most = max(most, 2)
    return html.escape(name if len(name) <= most else f"{name[: most - 1]}…")
