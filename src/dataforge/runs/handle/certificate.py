"""A run's certificate as a requester holds it: text, JSON, and a page that prints."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from dataforge import catalogue
from dataforge.arguments import entries
from dataforge.errors import SpecError
from dataforge.files.durable import write_whole
from dataforge.files.textfiles import local_path
from dataforge.records import Certificate, Part, Texts
from dataforge.texts import pick

__all__ = ["Certified"]

WORDS: dict[str, Texts] = {
    "certificate": catalogue.say("certificate_of_run"),
    "task": catalogue.say("certificate_task"),
    "goes_on": catalogue.say("certificate_goes_on"),
}
ENDED = ("done", "budget", "time", "stopped")
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #16202a; background: #fff; margin: 2rem auto; max-width: 46rem;
  padding: 0 1rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere } h2 { font-size: 1.1rem;
  margin: 1.6rem 0 .4rem; break-after: avoid } p { margin: .4rem 0 } .first { font-size: 1.2rem; font-weight: 600 }
table { border-collapse: collapse } td { padding: .15rem 1.5rem .15rem 0; vertical-align: top } td + td {
  text-align: right; font-variant-numeric: tabular-nums } footer { margin-top: 2rem; border-top: 1px solid #8aa;
  padding-top: .5rem; color: #445 } blockquote { margin: .4rem 0; padding-left: 1rem; border-left: 3px solid #8aa }
@page { margin: 18mm } @media print { body { margin: 0; max-width: none; font-size: 11pt } }
"""


@entries
@dataclass(frozen=True)
class Certified:
    """What a run's answers can be trusted to, as of a moment: `figures`, and the same in words."""

    figures: Certificate

    def text(self, language: str = "en") -> str:
        """The certificate as plain text, in a language of the pages: `en`, `es`, `kk`, `ru`, `tr` or `uz`."""
        say = _speaker(language)
        lines = [f"{say(WORDS['certificate'])} {self.figures.run!r}", *map(say, self._headline())]
        for part in self.figures.parts:
            lines += ["", say(part.title), *(f"  {say(line)}" for line in part.lines)]
            width = max((len(say(name)) for name, _ in part.rows), default=0)
            lines += [f"  {say(name):<{width}}  {say(value)}" for name, value in part.rows]
        return "\n".join([*lines, "", self._made(language)])

    def to_json(self) -> dict[str, Any]:
        """All figures and words as JSON values."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self.figures))
        return found

    def to_html(self, path: str | Path, language: str = "en") -> Path:
        """Write a page that prints, in a language of the pages, to a file that ends in .html."""
        path = local_path(path, SpecError)
        if path.suffix.lower() not in (".html", ".htm"):
            raise SpecError(f"a certificate's page: expected a file that ends in .html, got {str(path)!r}")
        title = html.escape(f"{_speaker(language)(WORDS['certificate'])} {self.figures.run}")
        page = (
            f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
            f"<style>{STYLE}</style></head>\n<body><main>{''.join(self._html(language))}</main></body>\n</html>\n"
        )
        write_whole(path, page.encode())
        return path

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Certified({self.figures.run!r}: {self.figures.headline[0]['en']})"

    def _repr_html_(self) -> str:
        return f"<div>{''.join(self._html('en'))}</div>"

    def _headline(self) -> tuple[Texts, ...]:
        goes_on = () if self.figures.stage in ENDED else (WORDS["goes_on"],)
        return (*self.figures.headline, *goes_on)

    def _made(self, language: str) -> str:
        at = datetime.fromtimestamp(self.figures.at, UTC).strftime("%Y-%m-%d %H:%M")
        return _speaker(language)(catalogue.say("certificate_made", at=at, version=self.figures.version))

    def _html(self, language: str) -> Iterator[str]:
        say, figures = _speaker(language), self.figures
        yield f"<h1>{html.escape(say(WORDS['certificate']))} {html.escape(figures.run)}</h1>"
        for number, line in enumerate(self._headline()):
            yield f"<p{' class=first' if number == 0 else ''}>{html.escape(say(line))}</p>"
        for part in figures.parts:
            yield from _part_html(part, language)
        yield f"<h2>{html.escape(say(WORDS['task']))}: {html.escape(say(figures.task))}</h2>"
        yield f"<blockquote>{say(figures.instruction_html)}</blockquote>"
        yield f"<footer><p>{html.escape(self._made(language))}</p></footer>"


def _part_html(part: Part, language: str) -> Iterator[str]:
    say = _speaker(language)
    yield f"<h2>{html.escape(say(part.title))}</h2>"
    yield from (f"<p>{html.escape(say(line))}</p>" for line in part.lines)
    if part.rows:
        cells = [tuple(html.escape(say(cell)) for cell in row) for row in part.rows]
        yield f"<table>{''.join(f'<tr><td>{name}</td><td>{value}</td></tr>' for name, value in cells)}</table>"


def _speaker(language: str) -> Callable[[Texts], str]:
    """What says texts in a language; raises `SpecError` for one in which there are no certificates."""
    if language not in (known := catalogue.languages()):
        raise SpecError(f"a certificate is written in {', '.join(known[:-1])} or {known[-1]}, got {language!r}")
    return partial(pick, language=language)
