"""Spans of texts: CoNLL and spaCy."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.drawn import save

import dataforge as df


class Entity(df.Choice):
    PERSON = "person"
    PLACE = "place of an event"


@df.task
def entities(text: df.Text) -> df.Spans(Entity):  # type: ignore[valid-type]
    """Mark persons and places."""


PERSON, PLACE = (entity.value for entity in Entity)


def span(text: str, piece: str, label: str = PERSON) -> dict[str, Any]:
    start = text.index(piece)
    return {"start": start, "end": start + len(piece), "label": label, "text": piece}


TEXT = "Анна-Мария met O'Neill 👩‍👧 in (Rio), नमस्ते 東京!"
SPANS = [span(TEXT, "Мария"), span(TEXT, "O'Neill"), span(TEXT, "東京", PLACE)]


def test_conll_has_a_token_a_line_and_cuts_words_where_spans_do(tmp_path: Path) -> None:
    path = save("conll", entities, [(TEXT, SPANS), ("Nobody", [])], tmp_path / "a.conll")
    tagged = [tuple(line.split("\t")) for line in path.read_text("utf-8").split("\n")]
    assert tagged == [
        *[("Анна", "O"), ("-", "O"), ("Мария", "B-person"), ("met", "O")],
        *[("O", "B-person"), ("'", "I-person"), ("Neill", "I-person"), ("👩‍👧", "O"), ("in", "O")],
        *[("(", "O"), ("Rio", "O"), (")", "O"), (",", "O"), ("नमस्ते", "O")],
        *[("東", "B-place of an event"), ("京", "I-place of an event"), ("!", "O"), ("",)],
        *[("Nobody", "O"), ("",), ("",)],
    ]


@pytest.mark.parametrize(
    "tags",
    [
        ["B-person", "I-person", "B-person", "O", "B-person"],
        ["I-person", "I-person", "B-person", "O", "I-person"],
        ["B-person", "E-person", "S-person", "O", "S-person"],
        ["B-person", "L-person", "U-person", "O", "U-person"],
    ],
)
def test_each_way_of_tagging_is_read(tags: list[str], tmp_path: Path) -> None:
    tokens = zip(["Ada", "King", "Bob", "met", "Eve"], tags, strict=True)
    lines = "".join(f"{token} NN x {tag}\r\n" for token, tag in tokens)
    (tmp_path / "a.txt").write_text(f"-DOCSTART- -X- O O\n\n# sent_id = 1\n{lines}\n\nAnd O\n")
    frame = df.read_conll(entities, tmp_path / "a.txt")
    assert frame["text"].tolist() == ["Ada King Bob met Eve", "And"]
    assert [one["text"] for one in frame["answer"][0]] == ["Ada King", "Bob", "Eve"]
    assert df.read_items(entities, frame, control=True).control_count == 2


def test_tokens_of_a_script_without_spaces_are_joined_without_any(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("東\tB-place\n京\tI-place\nに\tO\n", "utf-8")
    frame = df.read_conll(entities, tmp_path / "a.txt", between="", labels={"place": PLACE})
    assert (frame["text"][0], frame["answer"][0]) == ("東京に", [span("東京に", "東京", PLACE)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Ada B-person\nKing\n", r"a.txt, line 2: expected a token and a tag as B-label, I-label or O, got 'King'"),
        ("Ada X-person\n", r"line 1: expected a token and a tag as B-label, I-label or O, got 'Ada X-person'"),
        (
            "And O\n\nAda B-PER\n",
            r"line 3: expected a label, one of 'person', 'place of an event', got 'PER'",
        ),
        ("And O\n# source = a letter\nAda B-PER\n", r"line 3: expected a label"),
    ],
)
def test_a_wrong_line_of_conll_is_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(df.DataError, match=message):
        df.read_conll(entities, tmp_path / "a.txt")


@given(text=st.text("ab 👍🏽́é東_-1\n\t", min_size=1, max_size=12), data=st.data())
@settings(max_examples=100)
def test_no_span_is_lost_in_conll_whatever_the_text(text: str, data: st.DataObject) -> None:
    """Read back the text has one space between tokens; the letters of each span are the same."""
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
    pieces = [(start, end) for start, end in zip(places[::2], places[1::2], strict=False) if text[start:end].strip()]
    spans = [{"start": start, "end": end, "label": PERSON, "text": text[start:end]} for start, end in pieces]
    with TemporaryDirectory() as folder:
        path = save("conll", entities, [(text, spans)], Path(folder) / "a.conll")
        blocks = path.read_text("utf-8").split("\n")
    tokens = [line.split("\t") for line in blocks if line]
    assert "".join(token for token, _ in tokens) == "".join(text.split())
    found: list[str] = []
    for token, tag in tokens:
        if tag.startswith("B"):
            found.append(token)
        elif tag.startswith("I"):
            found[-1] += token
    assert found == ["".join(text[start:end].split()) for start, end in pieces]


def test_spacy_has_code_points_and_comes_back_as_it_was(tmp_path: Path) -> None:
    path = save("spacy", entities, [(TEXT, SPANS), ("  nobody ", [])], tmp_path / "a.jsonl")
    assert json.loads(path.read_text("utf-8").split("\n")[0])["entities"] == [
        [one["start"], one["end"], one["label"]] for one in SPANS
    ]
    frame = df.read_spacy(entities, path)
    assert frame[["id", "text", "answer"]].values.tolist() == [["0", TEXT, SPANS], ["1", "  nobody ", []]]


@pytest.mark.parametrize(
    "line",
    [
        {"text": "Hi Bob", "spans": [{"start": 3, "end": 6, "label": "person"}]},
        {"text": "Hi Bob", "label": [[3, 6, "person"]]},
        {"text": "Hi Bob", "entities": [{"id": 4, "start_offset": 3, "end_offset": 6, "label": "person"}]},
    ],
)
def test_spans_are_read_as_prodigy_and_doccano_have_them(line: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(line))
    assert df.read_spacy(entities, tmp_path / "a.jsonl")["answer"][0] == [span("Hi Bob", "Bob")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", r'a.jsonl, line 2: expected {"text": …, "entities": \[\[start, end, label\], …\]}, got {}'),
        ("[", r"line 2: expected one JSON object"),
        ('{"text": "Bob", "entities": [[0, 9, "person"]]}', "line 2: the span 0 to 9 'person' ends behind the text"),
        ('{"text": "Bob", "entities": [[0, 3, "PER"]]}', "line 2: span 1: expected a label, one of 'person'"),
        ('{"text": "Bob", "entities": [[0, 2, "person"], [1, 3, "person"]]}', "line 2: .* overlap"),
    ],
)
def test_a_wrong_line_of_spacy_is_named(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"text": "Bob", "entities": []}}\n{line}\n')
    with pytest.raises(df.DataError, match=message):
        df.read_spacy(entities, tmp_path / "a.jsonl")


@pytest.mark.parametrize("form", ["conll", "spacy"])
def test_spans_that_overlap_are_no_tags(form: str, tmp_path: Path) -> None:
    spans = [span("New York Times", "New York Times"), span("New York Times", "New York", PLACE)]
    with pytest.raises(df.DataError, match="item '0': the spans 'New York Times' and 'New York' overlap, for which"):
        save(form, entities, [("New York Times", spans)], tmp_path / "a")
