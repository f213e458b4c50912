"""Out of the box: what has the colours of what is pointed at, and no edge between (random walks: Grady, 2006).

How probably a walker from each pixel comes to the inside first, who seldom crosses an edge and is pulled by the colours
that are frequent inside or outside. Where the inside is, is learnt again from what was found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.assistants.base import Prompt

__all__ = ["PLUGIN", "random_walk"]

Window = tuple[int, int, int, int]
INSIDE, OUTSIDE = 1, 2
# What is looked at is shrunk to about this side: it is mended by hand at any size.
FINEST = 110
# Around a box and around points, as shares of its sides and of the picture's.
AROUND_BOX, AROUND_POINTS = 0.25, 0.3
# A point is a disc of this share of what is looked at; without points the middle of a box is inside.
POINT, MIDDLE = 0.012, 0.15
BINS = 12
ROUNDS = 3
# What lies nearer to a point outside than to any inside is so much less probably inside, as log-odds.
BESIDE = 3.0
# What colours and places say counts less than edges do, and the seeds count as much as nothing can move.
COLOURS, PULL, HELD = 0.7, 0.03, 50.0


def random_walk(picture: NDArray[np.uint8], prompt: Prompt) -> NDArray[np.bool_]:
    """The mask of what is pointed at."""
    # Loaded where it is needed: a server whose workers have no assistant never does.
    from scipy.ndimage import binary_fill_holes

    height, width = picture.shape[:2]
    left, top, right, bottom = window = _window(prompt, width, height)
    part = picture[top:bottom, left:right]
    step = max(1, -(-max(part.shape[:2]) // FINEST))
    small = _shrunk(part, step)
    seeds = _seeds(small.shape[:2], step, window, prompt)
    prior, inside = _beforehand(seeds, prompt)
    beside = _beside(seeds, step, window, prompt)
    prior, inside = prior - BESIDE * beside, np.where(beside, np.minimum(inside, 0.05), inside)
    codes = _codes(small)
    for _ in range(ROUNDS):
        odds = COLOURS * (np.log(_colours(codes, inside)[codes] / _colours(codes, 1 - inside)[codes]) + prior)
        found = _walked(small, odds, seeds)
        inside = np.where(seeds == OUTSIDE, 0.0, np.where(found, 0.95, 0.05))
    mask = np.zeros((height, width), bool)
    rows, columns = (
        np.minimum(np.arange(length) // step, side - 1) for length, side in zip(part.shape, found.shape, strict=False)
    )
    found = binary_fill_holes(found) & (seeds != OUTSIDE)
    mask[top:bottom, left:right] = found[rows][:, columns]
    return mask


def _window(prompt: Prompt, width: int, height: int) -> Window:
    """What is looked at: left, top, right, bottom."""
    if prompt.box is not None:
        left, top, right, bottom = prompt.box
        across, down = (right - left) * AROUND_BOX + 2, (bottom - top) * AROUND_BOX + 2
    else:
        xs, ys = [x for x, _, _ in prompt.points], [y for _, y, _ in prompt.points]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        across, down = width * AROUND_POINTS, height * AROUND_POINTS
    return (
        max(0, int(left - across)),
        max(0, int(top - down)),
        min(width, int(right + across) + 1),
        min(height, int(bottom + down) + 1),
    )


def _shrunk(part: NDArray[np.uint8], step: int) -> NDArray[np.float64]:
    """Means of squares of so many pixels; those at the right and lower border may be of fewer."""
    rows, columns = (-(-side // step) * step - side for side in part.shape[:2])
    padded = np.pad(part, ((0, rows), (0, columns), (0, 0)), mode="edge")
    found: NDArray[np.float64] = padded.reshape(padded.shape[0] // step, step, -1, step, 3).mean(axis=(1, 3))
    return found


def _seeds(shape: tuple[int, ...], step: int, window: Window, prompt: Prompt) -> NDArray[np.int8]:
    """What is known to be inside and outside, by pixel of what is looked at."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    x, y = (x + 0.5) * step + window[0], (y + 0.5) * step + window[1]
    seeds = np.zeros(shape, np.int8)
    if prompt.box is None:
        seeds[[0, -1], :] = seeds[:, [0, -1]] = OUTSIDE
    else:
        left, top, right, bottom = prompt.box
        seeds[(x < left) | (x > right) | (y < top) | (y > bottom)] = OUTSIDE
        if not any(good for _, _, good in prompt.points):
            across, down = abs(x - (left + right) / 2), abs(y - (top + bottom) / 2)
            seeds[(across <= max(step, MIDDLE * (right - left))) & (down <= max(step, MIDDLE * (bottom - top)))] = (
                INSIDE
            )
    near = max(2 * step, POINT * max(shape) * step)
    for across, down, good in prompt.points:
        seeds[np.hypot(x - across, y - down) <= near] = INSIDE if good else OUTSIDE
    return seeds


def _beforehand(seeds: NDArray[np.int8], prompt: Prompt) -> tuple[Any, Any]:
    """By place alone: the log-odds of being inside, and what is taken for inside at first."""
    from scipy.ndimage import distance_transform_edt

    if prompt.box is None:
        far = distance_transform_edt(seeds != INSIDE) / max(seeds.shape)
        chance = np.clip(1 - 2 * far, 0.1, 0.9)
        first = np.where(far < 1 / 8, 0.8, 0.05)
    else:
        rows, columns = np.nonzero(seeds != OUTSIDE)
        y, x = np.mgrid[: seeds.shape[0], : seeds.shape[1]]
        away = ((y - rows.mean()) / (np.ptp(rows) / 2 + 1)) ** 2 + (
            (x - columns.mean()) / (np.ptp(columns) / 2 + 1)
        ) ** 2
        first = chance = np.clip(1.2 * np.exp(-away), 0.1, 0.9)
    return np.log(chance / (1 - chance)), np.where(seeds == INSIDE, 1.0, np.where(seeds == OUTSIDE, 0.0, first))


def _beside(seeds: NDArray[np.int8], step: int, window: Window, prompt: Prompt) -> NDArray[np.bool_]:
    """What lies nearer to a point outside than to anything that is known to be inside."""
    from scipy.ndimage import distance_transform_edt

    bad = [point for point in prompt.points if not point[2]]
    if not bad or not (seeds == INSIDE).any():
        return np.zeros(seeds.shape, bool)
    y, x = np.mgrid[: seeds.shape[0], : seeds.shape[1]]
    x, y = (x + 0.5) * step + window[0], (y + 0.5) * step + window[1]
    away = np.min([np.hypot(x - across, y - down) for across, down, _ in bad], axis=0)
    return np.asarray(away < step * distance_transform_edt(seeds != INSIDE))


def _codes(small: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of each pixel's colour among a few."""
    bins = np.clip(small / 256 * BINS, 0, BINS - 1).astype(np.int64)
    return np.asarray((bins[..., 0] * BINS + bins[..., 1]) * BINS + bins[..., 2])


def _colours(codes: NDArray[np.int64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """How frequent each colour is among pixels of these weights; like colours share."""
    from scipy.ndimage import gaussian_filter

    counted = np.bincount(codes.ravel(), weight.ravel(), BINS**3).reshape(BINS, BINS, BINS)
    shared = gaussian_filter(counted, 0.8) + max(float(counted.sum()), 1.0) * 1e-3 / BINS**3
    return np.asarray((shared / shared.sum()).ravel())


def _walked(small: NDArray[np.float64], odds: NDArray[np.float64], seeds: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Where a walker more probably comes to the inside."""
    from scipy.sparse import coo_array, diags_array
    from scipy.sparse.linalg import spsolve

    count = seeds.size
    place, colour = np.arange(count).reshape(seeds.shape), small.reshape(count, 3)
    one = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    other = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    apart = ((colour[one] - colour[other]) ** 2).sum(axis=1)
    ease = np.exp(-apart / (2 * apart.mean() + 1e-9)) + 1e-3
    ways = coo_array((np.tile(ease, 2), (np.append(one, other), np.append(other, one))), shape=(count, count)).tocsr()
    chance = 1 / (1 + np.exp(-np.clip(odds, -6, 6)))
    chance = np.where(seeds == INSIDE, 1.0, np.where(seeds == OUTSIDE, 0.0, chance)).ravel()
    pull = np.where(seeds.ravel() > 0, HELD, PULL)
    walks = spsolve((diags_array(np.asarray(ways.sum(axis=1)).ravel() + pull) - ways).tocsc(), pull * chance)
    return np.asarray(walks.reshape(seeds.shape) > 0.5)


PLUGIN = random_walk
