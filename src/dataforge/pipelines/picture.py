"""The picture of a pipeline: what leads to what, with the number of items on every arrow. An SVG without scripts.

Questions stand in columns, each behind the last one that leads to it for the first time; arrows that lead back, as in
loops, are drawn below.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Arrow", "Line", "Node", "Picture", "drawn", "laid_out"]

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN, LANE = 150, 46, 96, 34, 14, 18
LONGEST_NAME = 19
Arrow = tuple[str, str, int]
Place = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """A question, or where items come from or go to: what stands below its name, and whether it is stuck."""

    name: str
    about: str = ""
    stuck: bool = False


class Line(NamedTuple):
    """An arrow as it is drawn: its path, where its tip is, and where its number stands."""

    arrow: Arrow
    path: str
    tip: Place
    number: Place


class Picture(NamedTuple):
    """Where everything stands: the size of the whole, the left upper corner of each box by its name, the lines."""

    width: float
    height: float
    places: Mapping[str, Place]
    lines: Sequence[Line]


def laid_out(names: Sequence[str], arrows: Sequence[Arrow]) -> Picture:
    """Boxes of these names and the arrows between them, the first on the left."""
    columns = _columns(names, arrows)
    column_of = {name: column for column, among in enumerate(columns) for name in among}
    steps = {arrow: column_of[arrow[1]] - column_of[arrow[0]] for arrow in arrows}
    above = [arrow for arrow in arrows if steps[arrow] > 1]
    below = [arrow for arrow in arrows if steps[arrow] < 1]
    tallest, top = max(map(len, columns), default=0), MARGIN + LANE * len(above)
    places = {
        name: (
            MARGIN + ACROSS / 3 + column * (WIDTH + ACROSS),
            top + (row + (tallest - len(among)) / 2) * (HEIGHT + DOWN),
        )
        for column, among in enumerate(columns)
        for row, name in enumerate(among)
    }
    bottom = top + tallest * (HEIGHT + DOWN) - DOWN / 2
    width, height = 2 * MARGIN + len(columns) * (WIDTH + ACROSS) - ACROSS / 3, bottom + LANE * len(below) + MARGIN
    lines = [_straight(places, arrow) for arrow in arrows if steps[arrow] == 1]
    lines += [_around(places, arrow, MARGIN + LANE * n, n) for n, arrow in enumerate(above)]
    lines += [_around(places, arrow, bottom + LANE * (n + 1), n) for n, arrow in enumerate(below)]
    return Picture(width, height, places, lines)


def drawn(nodes: Sequence[Node], arrows: Sequence[Arrow]) -> str:
    """Nodes and the arrows between them, the first node on the left."""
    picture = laid_out([node.name for node in nodes], arrows)
    lines = "".join(map(_line, picture.lines))
    boxes = "".join(_box(node, *picture.places[node.name]) for node in nodes)
    return (
        f'<svg viewBox="0 0 {picture.width:g} {picture.height:g}" width="{picture.width:g}" role="img" '
        'xmlns="http://www.w3.org/2000/svg" style="max-width:100%;height:auto;font:12px sans-serif" '
        f'fill="currentColor" stroke-width="1.5"><title>{html.escape(_in_words(arrows))}</title>{lines}{boxes}</svg>'
    )


def _columns(names: Sequence[str], arrows: Iterable[Arrow]) -> list[list[str]]:
    """The names in columns: each behind those that lead to it, as far as they do not follow from it."""
    order = {name: place for place, name in enumerate(names)}
    ahead: Mapping[str, list[str]] = {name: [] for name in names}
    for start, end, _ in arrows:
        # Names come as they were asked first; what leads to an earlier one leads back.
        if order[start] < order[end]:
            ahead[end].append(start)
    depth: dict[str, int] = {}
    for name in names:
        depth[name] = 1 + max((depth[before] for before in ahead[name]), default=-1)
    if names:
        depth[names[-1]] = max(depth.values())
    return [[name for name in names if depth[name] == column] for column in range(max(depth.values(), default=-1) + 1)]


def _box(node: Node, x: float, y: float) -> str:
    name = node.name if len(node.name) <= LONGEST_NAME else f"{node.name[: LONGEST_NAME - 1]}…"
    colour = "#b45309" if node.stuck else "currentColor"
    middle = x + WIDTH / 2
    return (
        f"<g><title>{html.escape(node.name)}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{colour}" fill-opacity=".07" '
        f'stroke="{colour}" stroke-opacity=".55"/>'
        f'<text x="{middle:g}" y="{y + 19:g}" text-anchor="middle" font-weight="bold">{html.escape(name)}</text>'
        f'<text x="{middle:g}" y="{y + 36:g}" text-anchor="middle" fill="{colour}" opacity=".8">'
        f"{html.escape(node.about)}</text></g>"
    )


def _straight(places: Mapping[str, Place], arrow: Arrow) -> Line:
    """An arrow from the right side of one box to the left side of one in the next column."""
    (x1, y1), (x2, y2) = places[arrow[0]], places[arrow[1]]
    x1, y1, y2 = x1 + WIDTH, y1 + HEIGHT / 2, y2 + HEIGHT / 2
    bend = (x1 + x2) / 2
    path = f"M{x1:g} {y1:g} C{bend:g} {y1:g} {bend:g} {y2:g} {x2 - 6:g} {y2:g}"
    return Line(arrow, path, (x2 - 6, y2), (bend, (y1 + y2) / 2 - 5))


def _around(places: Mapping[str, Place], arrow: Arrow, lane: float, number: int) -> Line:
    """An arrow that goes above or below all boxes, and up and down in the gaps between columns."""
    (x1, y1), (x2, y2) = places[arrow[0]], places[arrow[1]]
    aside = 10 + 5 * (number % 4)
    shift = HEIGHT * (0.25 if lane < y1 else 0.75)
    x1, y1, y2 = x1 + WIDTH, y1 + shift, y2 + shift
    path = f"M{x1:g} {y1:g} H{x1 + aside:g} V{lane:g} H{x2 - aside - 6:g} V{y2:g} H{x2 - 6:g}"
    return Line(arrow, path, (x2 - 6, y2), ((x1 + x2) / 2, lane - 4))


def _line(line: Line) -> str:
    (x, y), number = line.tip, line.number
    return (
        f'<path d="{line.path}" fill="none" stroke="currentColor" stroke-opacity=".45" stroke-linejoin="round"/>'
        f'<polygon points="{x:g},{y - 4:g} {x + 6:g},{y:g} {x:g},{y + 4:g}" opacity=".6"/>'
        f'<text x="{number[0]:g}" y="{number[1]:g}" text-anchor="middle">{line.arrow[2]:,}</text>'
    )


def _in_words(arrows: Iterable[Arrow]) -> str:
    return "; ".join(f"{start} → {end}: {count:,}" for start, end, count in arrows)
