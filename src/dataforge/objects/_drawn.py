"""Values as a notebook draws them: HTML and SVG without scripts; every text in it is escaped."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Figure", "Form", "Kind", "marked", "shown_file", "with_areas", "with_figures", "written"]

Kind = Literal["image", "audio", "video", "cloud"]
Form = Literal["area", "line", "point"]

# More would make a notebook heavy, and nobody counts them there.
MOST_DRAWN = 300
LONGEST = 3_000
# Masks are drawn with about so many pixels on their longer side.
FINEST = 800
COLOURS = ("#c2410c", "#1d4ed8", "#15803d", "#a21caf", "#b91c1c", "#0e7490", "#7c3aed", "#a16207", "#be185d", "#4d7c0f")
HEIGHT = "max-width:100%;max-height:18em"
NOTHING = "<div>nothing to mark</div>"


@dataclass(frozen=True)
class Figure:
    """A shape: its corners, whether they are joined by a line, and that to the first one too, and its label.

    The label gives the colour, and is written beside the shape unless another text is `told`.
    """

    points: Sequence[Sequence[float]]
    form: Form
    label: str | None
    told: str | None = None


def written(text: str) -> str:
    """A text as it was written; a long one is cut."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return f'<span style="white-space:pre-wrap">{html.escape(shown)}</span>'


def shown_file(kind: Kind, value: Mapping[str, Any]) -> str:
    """An image, or a sound or film with the browser's controls, from the address `url`."""
    address = html.escape(str(value.get("url", "")))
    if not address or kind == "cloud":
        return written(f"({kind})")
    if "frame" in value:
        address = f"{address}?frame={value['frame']}"
    if kind == "image":
        return f'<img src="{address}" alt="" style="{HEIGHT}{_view(value.get("crop"))}">'
    if (cut := value.get("cut")) is not None:
        address = f"{address}#t={cut[0]:g},{cut[1]:g}"
    return f'<{kind} controls preload="none" src="{address}" style="{HEIGHT}"></{kind}>'


def _view(crop: Sequence[float] | None) -> str:
    """The style by which a picture is seen through a window; where browsers know none it is seen whole."""
    if crop is None:
        return ""
    left, top, right, bottom = crop
    return f";object-view-box:xywh({left:g}px {top:g}px {right - left:g}px {bottom - top:g}px)"


def with_figures(
    address: str, size: tuple[float, float], figures: Sequence[Figure], labels: Sequence[str], none: str = NOTHING
) -> str:
    """Shapes over the image at an address, which is as large as said; `none` is told where there are no shapes."""
    width, height = size
    shown = "".join(_svg(figure, labels, max(width, height)) for figure in figures[:MOST_DRAWN])
    under = f'<image href="{html.escape(address)}" width="{width:g}" height="{height:g}"/>' if address else ""
    more = f"<div>and {len(figures) - MOST_DRAWN:,} more</div>" if len(figures) > MOST_DRAWN else ""
    none = "" if figures else none
    return f'<svg viewBox="0 0 {width:g} {height:g}" style="{HEIGHT}">{under}{shown}</svg>{more}{none}'


def with_areas(address: str, size: tuple[int, int], codes: NDArray[np.uint8], labels: Sequence[str]) -> str:
    """Pixels in colours over the image at an address; `codes` are the labels' numbers, shape (height, width)."""
    # Loaded where it is needed: whoever draws no masks needs neither.
    import numpy as np
    from PIL import Image

    width, height = size
    step = -(-max(size) // FINEST)
    there = [code for code in np.unique(codes).tolist() if code]
    if not there:
        return with_figures(address, size, (), labels)
    painted = Image.fromarray(np.ascontiguousarray(codes[::step, ::step]), "P")
    colours = [bytes.fromhex(COLOURS[code % len(COLOURS)][1:]) for code in range(-1, max(there))]
    painted.putpalette(b"".join(colours))
    file = BytesIO()
    painted.save(file, "png", transparency=b"\0" + b"\xff" * max(there))
    over = f'href="data:image/png;base64,{b64encode(file.getvalue()).decode()}" opacity=".5"'
    under = f'<image href="{html.escape(address)}" width="{width}" height="{height}"/>' if address else ""
    named = [(labels[code - 1], _colour(labels[code - 1], labels)) for code in there if labels]
    told = " ".join(f'<span style="color:{colour}">■</span> {html.escape(label)}' for label, colour in named)
    painting = f'<image {over} width="{width}" height="{height}" preserveAspectRatio="none"/>'
    legend = f"<div>{told}</div>" if told else ""
    return f'<svg viewBox="0 0 {width} {height}" style="{HEIGHT}">{under}{painting}</svg>{legend}'


def _svg(figure: Figure, labels: Sequence[str], side: float) -> str:
    colour = _colour(figure.label, labels)
    places = " ".join(f"{x:g},{y:g}" for x, y in figure.points)
    stroke = f'stroke="{colour}" stroke-width="2" vector-effect="non-scaling-stroke"'
    x, y = (min(point[axis] for point in figure.points) for axis in (0, 1))
    shape = {
        "area": f'<polygon points="{places}" fill="{colour}" fill-opacity=".15" {stroke}/>',
        "line": f'<polyline points="{places}" fill="none" {stroke}/>',
        "point": f'<circle cx="{x:g}" cy="{y:g}" r="{side / 90:g}" fill="{colour}" stroke="#fff"/>',
    }[figure.form]
    told = figure.label if figure.told is None else figure.told
    if not told:
        return shape
    place = f'x="{x:g}" y="{max(side / 28, y - side / 120):g}" font-size="{side / 28:g}"'
    halo = 'paint-order="stroke" stroke="#fff" stroke-width="3" vector-effect="non-scaling-stroke"'
    return f'{shape}<text {place} fill="{colour}" {halo}>{html.escape(told)}</text>'


def marked(text: str, spans: Iterable[Mapping[str, Any]], labels: Sequence[str]) -> str:
    """A text with pieces of it marked; each ends in its label."""
    spans = sorted(spans, key=lambda span: (span["start"], span["end"]))[:MOST_DRAWN]
    if not spans:
        return f"{written(text)}{NOTHING}"
    edges = sorted({0, len(text), *(span[edge] for span in spans for edge in ("start", "end"))})
    parts = [_piece(text, start, end, spans, labels) for start, end in pairwise(edges)]
    return f'<span style="white-space:pre-wrap">{"".join(parts)}</span>'


def _piece(text: str, start: int, end: int, spans: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> str:
    """A piece without an edge in it, and the labels of those that end with it."""
    around = [span for span in spans if span["start"] < end and span["end"] > start]
    shown = html.escape(text[start:end])
    if not around:
        return shown
    ending = [span.get("label") for span in around if span["end"] == end and span.get("label")]
    told = "".join(f'<sub style="margin:0 .2em">{html.escape(str(label))}</sub>' for label in ending)
    colour = _colour(around[-1].get("label"), labels)
    return f'<span style="border-bottom:2px solid {colour};background:{colour}22">{shown}</span>{told}'


def _colour(label: str | None, labels: Sequence[str]) -> str:
    return COLOURS[labels.index(label) % len(COLOURS) if label in labels else 0]
