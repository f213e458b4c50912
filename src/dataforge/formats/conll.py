"""CoNLL: a token a line with its tag behind a tab, a blank line after each text, and tags as BIO.

`B-` begins a span, `I-` goes on with it, `O` is in none. https://aclanthology.org/W03-0419/

A token is a word (letters, digits, their accents and what joins them), one character of a script without spaces, or one
character of any other kind; where a span begins or ends within a word, the word is cut there, so that no span is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from unicodedata import category

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import text_of
from dataforge.formats._labels import LabelNames, frame_of_rows, question
from dataforge.formats._spans import UNNAMED, marked, refuse_overlaps
from dataforge.formats.base import Labels
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task
from dataforge.texts import UNSPACED

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Conll", "read_conll"]

ALONE = re.compile(f"[{UNSPACED}]")
# What makes one emoji of two, and the colours of skin, which stand behind one.
JOINER, SKIN = "\u200d", "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
# What begins a span, what goes on with one, and what ends one, in the ways of BIO, BIOES and BILUO.
BEGIN, INSIDE, LAST, SINGLE = "B", "IM", "EL", "SU"


class Conll:
    """Writes spans as tags of tokens."""

    types: ClassVar[Sequence[str]] = ("spans",)
    ending: ClassVar[str] = ".conll"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One file: a block for each text."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for row in labels.rows:
                refuse_overlaps(row.answer, row.id, "conll")
                file.writelines(f"{token}\t{tag}\n" for token, tag in _tagged(str(row.value), row.answer))
                file.write("\n")


def _tagged(text: str, spans: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The tokens of a text with their tags, for spans in their order."""
    place, begun = 0, -1
    for start, end in _tokens(text, {span[edge] for span in spans for edge in ("start", "end")}):
        while place < len(spans) and spans[place]["end"] <= start:
            place += 1
        if place == len(spans) or spans[place]["start"] > start:
            yield text[start:end], "O"
            continue
        yield text[start:end], f"{'I' if begun == place else 'B'}-{spans[place].get('label', UNNAMED)}"
        begun = place


def _tokens(text: str, cuts: set[int]) -> Iterator[tuple[int, int]]:
    """Where the tokens of a text begin and end; none goes over a cut."""
    start, kind = 0, "space"
    for place, character in enumerate(text):
        now = _kind(character)
        joined = now == "joined" or now == kind == "word" or (place > 0 and text[place - 1] == JOINER)
        goes_on = joined and place not in cuts and kind != "space"
        if not goes_on:
            if kind != "space":
                yield start, place
            start, kind = place, now
    if kind != "space":
        yield start, len(text)


def _kind(character: str) -> str:
    """What a character is for a token: part of a word, joined to what stands before it, space, or one by itself."""
    if character.isspace():
        return "space"
    group = category(character)
    if group[0] == "M" or group == "Cf" or character in SKIN:
        return "joined"
    if ALONE.match(character):
        return "other"
    return "word" if group[0] in "LN" or group == "Pc" else "other"


@entry
def read_conll(
    task: Task, path: str | Path, *, labels: Mapping[str, str] | None = None, between: str = " "
) -> pd.DataFrame:
    """Spans of tagged tokens as rows for `launch(task, …)`: the text, and the known answer.

    Args:
        task: has spans of a text as one of its outputs.
        path: the file: the token first and its tag last in each line, between tabs or spaces; a blank line after
            each text. Tags are BIO, also where `B-` only parts two spans (IOB1), BIOES or BILUO.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.
        between: what stands between tokens, of which the file says nothing: empty for Chinese, Japanese and Thai.

    Raises `DataError` with the line that is wrong.
    """
    asked = question(task, Conll.types, "CoNLL")
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    rows = []
    for block in _blocks(text_of(path)):
        text, spans = _joined(block, names, between, path.name)
        try:
            rows.append((None, text, marked(asked, spans, text)))
        except DataError as error:
            raise DataError(f"{path.name}, lines from {block[0][0]}: {error}") from None
    names.check_used()
    return frame_of_rows(asked, rows)


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """The lines of each text with their numbers; comments and marks of documents are left out."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*text.replace("\r\n", "\n").split("\n"), ""], 1):
        if not line.strip() or line.startswith("-DOCSTART-"):
            if block:
                yield block
            block = []
        elif not (line.startswith("# ") and "\t" not in line and " = " in line):
            block.append((number, line))


def _joined(
    block: Sequence[tuple[int, str]], names: LabelNames, between: str, file: str
) -> tuple[str, list[dict[str, Any]]]:
    """The text of a block and its spans."""
    text = ""
    spans: list[dict[str, Any]] = []
    open_ = ""
    for number, line in block:
        columns = line.split("\t") if "\t" in line else line.split()
        mark, _, name = columns[-1].partition("-")
        if len(columns) < 2 or not (columns[-1] == "O" or (name and mark in (*BEGIN, *INSIDE, *LAST, *SINGLE))):
            raise DataError(
                f"{file}, line {number}: expected a token and a tag as B-label, I-label or O, got {shorten(line)}"
            )
        start = len(text) + (len(between) if text else 0)
        text = f"{text}{between if text else ''}{columns[0]}"
        if columns[-1] != "O":
            if open_ == name and mark in (*INSIDE, *LAST):
                spans[-1]["end"] = len(text)
            else:
                spans.append({"start": start, "end": len(text), "name": name, "line": number})
        open_ = name if name and mark in (*BEGIN, *INSIDE) else ""
    return text, [span for one in spans if (span := _named(one, names, file)) is not None]


def _named(span: Mapping[str, Any], names: LabelNames, file: str) -> dict[str, Any] | None:
    try:
        label = names(span["name"])
    except DataError as error:
        raise DataError(f"{file}, line {span['line']}: {error}") from None
    return None if label is None else {"start": span["start"], "end": span["end"], **label}


PLUGIN = Conll()
