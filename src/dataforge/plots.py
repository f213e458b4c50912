"""Pictures that a notebook draws and a file keeps. No plotting library is needed to draw dots and lines."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from dataforge import cards
from dataforge.errors import DataError

__all__ = ["Plot"]


@dataclass(frozen=True)
class Plot:
    """A picture in the colours of the notebook that shows it; `svg` is the same on white.

    `name` says what is to be seen to who cannot see it; `drawn` is what is inside of the picture, which is so `size`d.
    """

    name: str
    size: tuple[int, int]
    drawn: str

    @property
    def svg(self) -> str:
        """The picture as a file has it."""
        return self._picture('color="#222"', '<rect width="100%" height="100%" fill="#fff"/>')

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, and give its path; raises `DataError` where that cannot be."""
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise DataError(f"the picture is an SVG: name a file that ends in .svg, not {path.name!r}")
        try:
            path.write_text(self.svg, encoding="utf-8")
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror}") from error
        return path

    def __repr__(self) -> str:
        return f"Plot({self.name}; a notebook draws it; or save it: .save('plot.svg'))"

    def _repr_html_(self) -> str:
        return cards.picture(self._picture('style="max-width:100%;min-width:40em;height:auto"'))

    def _picture(self, style: str, ground: str = "") -> str:
        width, height = self.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="sans-serif" font-size="11" fill="currentColor" {style} role="img" '
            f'aria-label="{html.escape(self.name)}">{ground}{self.drawn}</svg>'
        )
