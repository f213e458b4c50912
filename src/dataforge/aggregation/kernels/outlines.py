"""Polygons and lines, many at once: how alike two are, places along them, and one moved towards others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Floats, Places

__all__ = ["Outlines", "aligned", "apart", "crosses_itself", "in_common", "rows_of"]

# Polygons are compared on so many rows and columns of cells; lines at so many places.
CELLS, SAMPLES = 32, 32
# Outlines are laid on each other at so many places along them.
PLACES = 128
# Outlines of more corners are drawn by hand along an edge: no corner of them is meant.
MOST_CORNERS = 300
# So many pairs are compared at a time.
CHUNK = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Corners of outlines one after another: those of the n-th are from `start[n]` to before `start[n + 1]`.

    The last corner of a closed outline is joined to its first.
    """

    x: Floats
    y: Floats
    start: Places
    closed: bool

    def __len__(self) -> int:
        return len(self.start) - 1

    def counts(self) -> Places:
        """How many corners each has."""
        return np.diff(self.start)

    def take(self, rows: Places) -> Outlines:
        """Those of these rows."""
        corners = rows_of(self.start, rows)
        ends = np.append(0, np.cumsum(self.counts()[rows]))
        return Outlines(self.x[corners], self.y[corners], ends, self.closed)

    def following(self) -> Places:
        """The corner after each; after the last one of a closed outline the first, of a line the last itself."""
        after = np.arange(1, len(self.x) + 1)
        after[self.start[1:] - 1] = self.start[:-1] if self.closed else self.start[1:] - 1
        return after

    def frames(self) -> Floats:
        """Left, top, right and bottom of each."""
        begin = self.start[:-1]
        edges = [of.reduceat(at, begin) for of, at in self._extremes()] if len(begin) else [np.zeros(0)] * 4
        return np.column_stack(edges)

    def _extremes(self) -> Iterator[tuple[np.ufunc, Floats]]:
        yield from ((np.minimum, self.x), (np.minimum, self.y), (np.maximum, self.x), (np.maximum, self.y))


def rows_of(start: Places, groups: Places) -> Places:
    """All rows of these groups, one group after another; those of group n are from `start[n]` to `start[n + 1]`."""
    counts = np.diff(start)[groups]
    begin = np.repeat(start[groups] - (np.cumsum(counts) - counts), counts)
    rows: Places = begin + np.arange(len(begin))
    return rows


def in_common(one: Outlines, other: Outlines) -> Floats:
    """Intersection over union of the polygons of each row, on a grid over both."""
    shares = np.zeros(len(one))
    for rows in _chunks(len(one)):
        first, second = one.take(rows), other.take(rows)
        a, b = first.frames(), second.frames()
        low, high = np.minimum(a, b)[:, :2], np.maximum(a, b)[:, 2:]
        size = np.maximum(high - low, 1e-9) / CELLS
        inside, also = _cells(first, low, size), _cells(second, low, size)
        common, union = np.count_nonzero(inside & also, axis=1), np.count_nonzero(inside | also, axis=1)
        shares[rows] = common / np.maximum(union, 1)
    return shares


def _cells(polygons: Outlines, low: Floats, size: Floats) -> Flags:
    """Which cells have their middle inside each polygon: an odd number of edges left of it; shape (n, cells)."""
    count = len(polygons)
    owner = np.repeat(np.arange(count), polygons.counts())
    x, y = (polygons.x - low[owner, 0]) / size[owner, 0], (polygons.y - low[owner, 1]) / size[owner, 1]
    after = polygons.following()
    middles = np.arange(CELLS) + 0.5
    above = y[:, None] <= middles
    edge, row = np.nonzero(above != above[after])
    to = after[edge]
    at = x[edge] + (middles[row] - y[edge]) / (y[to] - y[edge]) * (x[to] - x[edge])
    column = np.clip(np.ceil(at - 0.5), 0, CELLS).astype(np.int64)
    cell = (owner[edge] * CELLS + row) * (CELLS + 1) + column
    crossed = np.bincount(cell, minlength=count * CELLS * (CELLS + 1)).astype(np.uint8)
    crossed = np.bitwise_xor.accumulate(crossed.reshape(count, CELLS, CELLS + 1) & 1, axis=2)
    return crossed[:, :, :CELLS].reshape(count, -1).astype(np.bool_)


def apart(one: Outlines, other: Outlines) -> Floats:
    """How far the lines of each row are from each other: the mean way from one to the other, the longer of the two."""
    found = np.zeros(len(one))
    every = np.linspace(0.0, 1.0, SAMPLES)
    for rows in _chunks(len(one)):
        a, b = _sampled(one.take(rows), every), _sampled(other.take(rows), every)
        found[rows] = np.maximum(_ways(a, b), _ways(b, a))
    return found


def _sampled(outlines: Outlines, shares: Floats) -> NDArray[np.complex128]:
    """Places at these shares of the length of each outline, as complex numbers, shape (n, n_shares)."""
    rows = np.repeat(np.arange(len(outlines)), len(shares))
    return _along(outlines, rows, np.tile(shares, len(outlines))).reshape(len(outlines), -1)


def _ways(places: NDArray[np.complex128], line: NDArray[np.complex128]) -> Floats:
    """The mean way from places to the nearest point of a line, by row."""
    start, way = line[:, None, :-1], np.diff(line, axis=1)[:, None, :]
    length = np.maximum(np.abs(way) ** 2, 1e-18)
    share = np.clip(((places[:, :, None] - start) * way.conj()).real / length, 0, 1)
    nearest = np.abs(places[:, :, None] - start - share * way).min(axis=2)
    mean: Floats = nearest.mean(axis=1)
    return mean


def _along(outlines: Outlines, row: Places, share: Floats) -> NDArray[np.complex128]:
    """The place at a share of the length of an outline, as a complex number."""
    corner = outlines.x + 1j * outlines.y
    way = corner[outlines.following()] - corner
    length = np.abs(way)
    before = np.append(0.0, np.cumsum(length))
    total = before[outlines.start[1:]] - before[outlines.start[:-1]]
    at = before[outlines.start[row]] + share * total[row]
    # The last corner of a line begins no edge.
    last = outlines.start[row + 1] - (1 if outlines.closed else 2)
    edge = np.clip(np.searchsorted(before, at, side="right") - 1, outlines.start[row], last)
    beyond = np.clip((at - before[edge]) / np.maximum(length[edge], 1e-12), 0, 1)
    place: NDArray[np.complex128] = corner[edge] + way[edge] * beyond
    return place


def aligned(outlines: Outlines, reference: Places, other: Places) -> tuple[Places, Floats, Floats]:
    """For each corner of each reference outline where it is on the other one.

    Returns:
        The row of each corner's pair, and x and y of its place on the other outline: there a corner, if one is near.
    """
    share = _shares(outlines)
    rows = [np.empty(0, np.int64)]
    places = [np.empty(0, np.complex128)]
    for chunk in _chunks(len(reference)):
        one, two = reference[chunk], other[chunk]
        offset, way = _offsets(outlines, one, two)
        corners = rows_of(outlines.start, one)
        row = np.repeat(np.arange(len(one)), outlines.counts()[one])
        at = offset[row] + way[row] * share[corners]
        place = _along(outlines, two[row], at % 1.0 if outlines.closed else np.clip(at, 0, 1))
        rows.append(row + chunk[0])
        places.append(_snapped(outlines, corners, two[row], place))
    place = np.concatenate(places)
    return np.concatenate(rows), place.real, place.imag


def _shares(outlines: Outlines) -> Floats:
    """The share of its outline's length at which each corner is."""
    corner = outlines.x + 1j * outlines.y
    before = np.append(0.0, np.cumsum(np.abs(corner[outlines.following()] - corner)))
    counts = outlines.counts()
    begin = np.repeat(before[outlines.start[:-1]], counts)
    total = np.repeat(np.maximum(before[outlines.start[1:]] - before[outlines.start[:-1]], 1e-12), counts)
    share: Floats = (before[:-1] - begin) / total
    return share


def _offsets(outlines: Outlines, one: Places, two: Places) -> tuple[Floats, Floats]:
    """Where on the second outline the first begins, and which way round it goes, so that they lie closest."""
    every = np.arange(PLACES) / PLACES if outlines.closed else np.linspace(0, 1, PLACES)
    a, b = _sampled(outlines.take(one), every), _sampled(outlines.take(two), every)
    if not outlines.closed:
        back = np.abs(a - b).sum(axis=1) > np.abs(a - b[:, ::-1]).sum(axis=1)
        return np.where(back, 1.0, 0.0), np.where(back, -1.0, 1.0)
    spectrum = np.fft.fft(a).conj()
    # What lies closest has the highest product, over all places that the second could begin at.
    forth = np.fft.ifft(spectrum * np.fft.fft(b)).real
    back = np.fft.ifft(spectrum * np.fft.fft(np.roll(b[:, ::-1], 1, axis=1))).real
    is_back = back.max(axis=1) > forth.max(axis=1)
    step = np.where(is_back, -np.argmax(back, axis=1), np.argmax(forth, axis=1))
    return step / PLACES, np.where(is_back, -1.0, 1.0)


def _snapped(
    outlines: Outlines, corners: Places, other: Places, place: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """The corner of the other outline that is nearest to each place, where it is meant; else the place."""
    corner = outlines.x + 1j * outlines.y
    after = outlines.following()
    edge = np.abs(corner[after] - corner)
    before = np.empty_like(edge)
    before[after] = edge
    shortest = np.where((edge > 0) & (before > 0), np.minimum(edge, before), np.maximum(edge, before))
    nearest, distance = place.copy(), np.full(len(place), np.inf)
    counts = outlines.counts()[other]
    counts[counts > MOST_CORNERS] = 0
    for step in range(int(counts.max(initial=0))):
        there = np.flatnonzero(counts > step)
        at = corner[outlines.start[other[there]] + step]
        away = np.abs(at - place[there])
        closer = away < distance[there]
        nearest[there[closer]], distance[there[closer]] = at[closer], away[closer]
    # A quarter of the way to the next corner: nearer to this one than to any other.
    return np.where(distance < shortest[corners] / 4, nearest, place)


def crosses_itself(x: Floats, y: Floats) -> bool:
    """Whether two edges of a polygon that are not neighbours meet, or two neighbours lie on one another."""
    along_x, along_y = np.roll(x, -1) - x, np.roll(y, -1) - y
    side = along_x[:, None] * (y - y[:, None]) - along_y[:, None] * (x - x[:, None])
    parts = side * np.roll(side, -1, axis=1) <= 0
    one, two = np.nonzero(np.triu(parts & parts.T, 2))
    # Edges on one line part each other's ends too, and meet if they overlap along both axes.
    low, high = (np.stack([of(at, np.roll(at, -1)) for at in (x, y)], axis=1) for of in (np.minimum, np.maximum))
    near = (low[one] <= high[two]).all(axis=1) & (low[two] <= high[one]).all(axis=1)
    next_x, next_y = np.roll(along_x, -1), np.roll(along_y, -1)
    folded = (along_x * next_y == along_y * next_x) & (along_x * next_x + along_y * next_y < 0)
    return bool((near & ((one != 0) | (two != len(x) - 1))).any() or folded.any())


def _chunks(count: int) -> Iterator[Places]:
    for begin in range(0, count, CHUNK):
        yield np.arange(begin, min(begin + CHUNK, count))
