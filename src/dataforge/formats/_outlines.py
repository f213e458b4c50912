"""Outlines that cross or touch themselves, as tools trace them around masks, taken apart where they do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError

__all__ = ["simple_outlines"]

Place = tuple[float, float]
Floats = NDArray[np.float64]

# Places are told apart by so many digits behind the point, of pixels.
DIGITS = 6
# A part that is smaller than this share of the whole comes of how it was traced.
CRUMB = 0.01


def simple_outlines(points: Sequence[Sequence[float]]) -> list[list[list[float]]]:
    """The parts of an outline that do not meet themselves, the largest first; raises `DataError` if one is a hole."""
    loops = _loops(_with_meetings(np.array(points, float)))
    areas = [_area(np.array(loop)) for loop in loops]
    order = sorted(range(len(loops)), key=lambda place: -abs(areas[place]))
    least = CRUMB * sum(map(abs, areas))
    kept: list[int] = []
    for place in order:
        around = next((one for one in kept if _is_in(np.array(loops[place]), np.array(loops[one]))), None)
        if abs(areas[place]) <= least:
            continue
        if around is None:
            kept.append(place)
        elif areas[place] * areas[around] < 0:
            raise DataError("its outline leads around a hole, which a polygon does not have")
    return [[list(point) for point in loops[place]] for place in kept]


def _with_meetings(points: Floats) -> list[Place]:
    """The corners in their order, with those added in which edges meet."""
    ends = np.roll(points, -1, axis=0)
    ways = ends - points
    added: list[list[tuple[float, Place]]] = [[] for _ in points]
    for edge, (start, way) in enumerate(zip(points, ways, strict=True)):
        length = float(way @ way)
        if not length:
            continue
        # Corners on this edge, and edges that cross it.
        along = (points - start) @ way / length
        beside = np.abs(points - start - along[:, None] * way).max(axis=1) < 10.0**-DIGITS
        for corner in np.flatnonzero(beside & (along > 0) & (along < 1)):
            added[edge].append((float(along[corner]), _place(points[corner])))
        across = way[0] * ways[:, 1] - way[1] * ways[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            mine = ((points - start)[:, 0] * ways[:, 1] - (points - start)[:, 1] * ways[:, 0]) / across
            theirs = ((points - start)[:, 0] * way[1] - (points - start)[:, 1] * way[0]) / across
        crossing = (mine > 0) & (mine < 1) & (theirs > 0) & (theirs < 1)
        for other in np.flatnonzero(crossing):
            # Computed from the edge that comes first, so that both have the same place.
            first, share = (edge, mine[other]) if edge < other else (other, theirs[other])
            added[edge].append((float(mine[other]), _place(points[first] + share * ways[first])))
    walked = [place for corner, more in zip(points, added, strict=True) for place in (_place(corner), *_sorted(more))]
    return [place for number, place in enumerate(walked) if place != walked[number - 1]]


def _sorted(more: list[tuple[float, Place]]) -> list[Place]:
    return [place for _, place in sorted(more)]


def _place(point: Floats) -> Place:
    x, y = point.round(DIGITS) + 0.0
    return float(x), float(y)


def _loops(walked: Sequence[Place]) -> list[list[Place]]:
    """The way around in loops: one is closed wherever a place comes again."""
    loops: list[list[Place]] = []
    open_: list[Place] = []
    there: dict[Place, int] = {}
    for place in walked:
        if place in there:
            start = there[place]
            loop = open_[start:]
            del open_[start:]
            for one in loop:
                del there[one]
            loops.append(loop)
        there[place] = len(open_)
        open_.append(place)
    return [loop for loop in (*loops, open_) if len(loop) > 2 and _area(np.array(loop))]


def _area(loop: Floats) -> float:
    """The area, negative for the other way around, by the shoelace formula."""
    following = np.roll(loop, -1, axis=0)
    return float((loop[:, 0] * following[:, 1] - following[:, 0] * loop[:, 1]).sum() / 2)


def _is_in(loop: Floats, around: Floats) -> bool:
    """Whether most of a loop's edges have their middles in another one."""
    middles = (loop + np.roll(loop, -1, axis=0)) / 2
    ends = np.roll(around, -1, axis=0)
    x, y = middles[:, :1], middles[:, 1:]
    above = (around[:, 1] > y) != (ends[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = around[:, 0] + (y - around[:, 1]) * (ends - around)[:, 0] / (ends - around)[:, 1]
    return bool(((above & (x < reached)).sum(axis=1) % 2).mean() > 0.5)
