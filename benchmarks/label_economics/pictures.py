"""Pictures of the results, as SVG: accuracy by cost for each set, and how far claimed and right are apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from costs import Point, envelope
from policies import DYNAMIC, ORACLE, PRESENT, REFERENCE, STATIC
from results import Results

__all__ = ["cost_curves", "reliability"]

COLOURS: Mapping[str, str] = {
    STATIC: "#8a8a8a",
    next(name for name, method in DYNAMIC.items() if method == "likelihood"): "#b8860b",
    REFERENCE: "#c0392b",
    PRESENT: "#1f6fb4",
    ORACLE: "#2e8b57",
}
# The present loop lies on the reference where they are the same; both are seen.
WIDTHS = {REFERENCE: 4.0}
THIN = 1.6
WIDTH, HEIGHT, MARGIN = 210, 150, 34
IN_A_ROW = 5
LEGEND = 30
MOST = 9.0
# Of fewer items in a bin of the confidence a share says nothing.
FEWEST = 50
LOW = 0.3
Words = Callable[[str], str]


@dataclass(frozen=True)
class Panel:
    """A square of a picture with its own scales; `left` and `top` are where it begins."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def place(self, x: float, y: float) -> str:
        right = self.left + self.width * (x - self.x[0]) / (self.x[1] - self.x[0])
        up = self.top + self.height * (self.y[1] - y) / (self.y[1] - self.y[0])
        return f"{right:.1f},{up:.1f}"

    def line(self, points: Iterable[Point], colour: str, width: float = THIN, *, dots: bool = True) -> Iterator[str]:
        """A line through points that are within the scales."""
        places = [self.place(*point) for point in points if self.x[0] <= point.cost <= self.x[1]]
        yield f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        for place in places if dots else ():
            x, y = place.split(",")
            yield f'<circle cx="{x}" cy="{y}" r="2" fill="{colour}"/>'

    def frame(self, title: str, ticks: Sequence[float], grid: Sequence[float]) -> Iterator[str]:
        """The frame with its title, what the ticks of the scales say, and lines across."""
        yield (
            f'<rect x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}" fill="none" '
            'stroke="#9a9a9a"/>'
        )
        yield text(self.left + self.width / 2, self.top - 6, title, "middle", bold=True)
        for tick in ticks:
            x, _ = self.place(tick, self.y[0]).split(",")
            yield text(float(x), self.top + self.height + 13, f"{tick:g}", "middle")
        for level in grid:
            _, y = self.place(self.x[0], level).split(",")
            yield f'<line x1="{self.left}" x2="{self.left + self.width}" y1="{y}" y2="{y}" stroke="#d5d5d5"/>'
            yield text(self.left - 4, float(y) + 4, f"{level:.2f}", "end")


def text(x: float, y: float, said: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#6b6b6b"{weight}>{escape(said)}</text>'


def drawn(width: float, height: float, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        'font-family="sans-serif" font-size="10">'
    )
    background = f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
    return "\n".join([head, background, *parts, "</svg>"]) + "\n"


def legend(names: Sequence[str], words: Words, top: float, about: str = "") -> Iterator[str]:
    left = MARGIN
    for name in names:
        said = words(name)
        yield f'<rect x="{left}" y="{top - 8}" width="14" height="4" fill="{COLOURS[name]}"/>'
        yield text(left + 18, top - 2, said)
        left += 40 + 6 * len(said)
    yield text(left, top - 2, about)


def cost_curves(results: Results, words: Words = str) -> str:
    """Accuracy by answers an item, a panel for each set; settings that another one beats are left out."""
    names = [name for name in COLOURS if name in results.policies]
    scales = f"→ {words('answers an item')}   ↑ {words('accuracy')}"
    parts = list(legend(names, words, LEGEND - 8, scales))
    for number, of_set in enumerate(results.by_set):
        row, column = divmod(number, IN_A_ROW)
        curves = {name: envelope(results.points(of_set, name)) for name in names}
        levels = [point.accuracy for curve in curves.values() for point in curve]
        low, high = max(min(levels) - 0.01, 0), min(max(levels) + 0.01, 1)
        left, top = MARGIN + column * (WIDTH + MARGIN), LEGEND + 18 + row * (HEIGHT + MARGIN + 12)
        panel = Panel(left, top, WIDTH, HEIGHT, (0, MOST), (low, high))
        parts += panel.frame(of_set, range(1, 10, 2), [low + share * (high - low) for share in (0.1, 0.5, 0.9)])
        for name, curve in curves.items():
            parts += panel.line(curve, COLOURS[name], WIDTHS.get(name, THIN))
    rows = -(-len(results.by_set) // IN_A_ROW)
    columns = min(len(results.by_set), IN_A_ROW)
    return drawn(columns * (WIDTH + MARGIN) + MARGIN, LEGEND + 18 + rows * (HEIGHT + MARGIN + 12), parts)


def reliability(results: Results, words: Words = str) -> str:
    """Share right by the confidence claimed, all sets together; on the diagonal confidence keeps its word."""
    names = [name for name in COLOURS if name in results.policies and name != STATIC]
    panel = Panel(MARGIN + 6, LEGEND + 18, 2 * WIDTH, 2 * WIDTH, (LOW, 1), (LOW, 1))
    ticks = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    parts = [*legend(names, words, LEGEND - 8), *panel.frame(words("right, by what is claimed"), ticks, ticks)]
    parts += panel.line([Point(LOW, LOW), Point(1, 1)], "#9a9a9a", dots=False)
    for name in names:
        bins = [one for one in results.reliability(name) if one.items >= FEWEST and one.accuracy >= LOW]
        points = [Point(one.confidence, one.accuracy) for one in bins]
        parts += panel.line(points, COLOURS[name], WIDTHS.get(name, THIN))
    return drawn(max(2 * WIDTH + 2 * MARGIN, 560), 2 * WIDTH + LEGEND + 2 * MARGIN, parts)
