"""Charts of a run: points over time, thinned so that there are never too many."""

from __future__ import annotations

import msgspec

__all__ = ["Series"]

MOST_POINTS = 200


class Series(msgspec.Struct):
    """Points `(seconds, value)`, at most 200: when it is full every other one goes and the spacing doubles."""

    _points: list[tuple[float, float]] = []
    _spacing: float = 0.0

    def add(self, at: float, value: float) -> None:
        """Add a point; one too near to the point before takes its place."""
        points = self._points
        if len(points) > 1 and at - points[-2][0] < self._spacing:
            points[-1] = (at, value)
            return
        points.append((at, value))
        if len(points) >= MOST_POINTS:
            del points[1:-1:2]
            self._spacing = max(2 * self._spacing, (points[-1][0] - points[0][0]) / MOST_POINTS)

    def points(self) -> list[tuple[float, float]]:
        """The points, oldest first."""
        return [(round(at, 3), round(value, 6)) for at, value in self._points]
