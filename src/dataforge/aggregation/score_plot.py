"""Scores with their limits as SVG: no plotting library is needed to draw a dozen whiskers."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Floats

__all__ = ["Drawn", "draw", "drawn"]

WIDTH = 360
ROW = 26
TOP = 34
RIGHT = 60
LETTER = 7
MOST_LETTERS = 32
ABOUT_TICKS = 5


class Drawn(NamedTuple):
    """What a picture has inside, and how large it is."""

    width: int
    height: int
    shapes: str


def draw(names: Sequence[str], score: Floats, low: Floats, high: Floats, *, level: float, title: str = "") -> str:
    """The picture as a file has it, on white."""
    width, height, shapes = drawn(names, score, low, high, level=level, title=title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title or "Opinion scores")}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{shapes}</svg>'
    )


def drawn(names: Sequence[str], score: Floats, low: Floats, high: Floats, *, level: float, title: str = "") -> Drawn:
    """A dot for each score and a line from its lower to its upper limit, the greatest score first."""
    order = sorted(range(len(names)), key=lambda row: (math.isnan(score[row]), -score[row], names[row]))
    short = [_cut(name) for name in names]
    left = 24 + LETTER * max(map(_letters, short), default=0)
    ticks = _ticks(np.concatenate([score, low, high]))
    scale = WIDTH / (ticks[-1] - ticks[0])
    height = TOP + ROW * len(names) + 30

    def across(value: float) -> float:
        return left + (value - ticks[0]) * scale

    shapes = [f'<text x="12" y="18" font-weight="600">{escape(title)}</text>'] if title else []
    for tick in ticks:
        at = across(tick)
        shapes.append(f'<line x1="{at:.1f}" y1="{TOP - 6}" x2="{at:.1f}" y2="{height - 28}" stroke="#ddd"/>')
        shapes.append(f'<text x="{at:.1f}" y="{height - 10}" text-anchor="middle">{tick:g}</text>')
    for place, row in enumerate(order):
        y = TOP + ROW * place + ROW / 2
        shapes.append(f'<text x="12" y="{y + 4:.1f}">{escape(short[row])}<title>{escape(names[row])}</title></text>')
        if math.isnan(score[row]):
            continue
        told = f"{score[row]:.2f}"
        if not math.isnan(low[row]):
            told += f", {level:.0%} from {low[row]:.2f} to {high[row]:.2f}"
            ends = f'x1="{across(low[row]):.1f}" y1="{y:.1f}" x2="{across(high[row]):.1f}" y2="{y:.1f}"'
            shapes.append(f'<line {ends} stroke="#4477aa" stroke-width="3"/>')
        shapes.append(
            f'<circle cx="{across(score[row]):.1f}" cy="{y:.1f}" r="4.5" fill="#cc3311"><title>{told}</title></circle>'
        )
        shapes.append(f'<text x="{left + WIDTH + 12}" y="{y + 4:.1f}">{score[row]:.2f}</text>')
    width = max(left + WIDTH + RIGHT, 24 + LETTER * _letters(title))
    return Drawn(width, height, "".join(shapes))


def _letters(name: str) -> int:
    """How many Latin letters a name is as wide as; those of some scripts are twice as wide."""
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in name)


def _cut(name: str) -> str:
    """A name that there is room for; the whole one comes up over it."""
    if _letters(name) <= MOST_LETTERS:
        return name
    kept = name
    while _letters(kept) >= MOST_LETTERS:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _ticks(values: Floats) -> list[float]:
    """Round numbers around the values, at least two."""
    shown = values[~np.isnan(values)]
    least, most = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    rough = max(most - least, abs(most) * 1e-3, 1e-3) / ABOUT_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough)
    first, last = math.floor(least / step), math.ceil(most / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]
