"""CSV and TSV files: what is read is what was meant, or it is refused; what is written reads the same everywhere."""

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataforge.errors import DataError
from dataforge.files.separated import read_separated, write_separated


def read(path: Path, content: bytes) -> dict[str, list[str | None]]:
    path.write_bytes(content)
    found: dict[str, list[str | None]] = read_separated(path, text=pa.string()).table.to_pydict()
    return found


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b'id,text\n1,"open\n2,second\n3,third\n', "a.csv, line 2: the quote before 'open' is never closed"),
        ("a.csv", b'id,text\n1,x\n2,"a\nb"\n3,"' + b"long " * 50_000, "a.csv, line 5: the quote before 'long"),
        ("a.csv", b'id,"text\n1,x\n', "a.csv, line 1: the quote before 'text' is never closed"),
        ("a.csv", b'id,text\n1,"x"y\n', "a.csv, line 2: the text '\"x\"' is followed by 'y'"),
        ("a.csv", b'id,text\n1,"x" \n', "a.csv, line 2: the text '\"x\"' is followed by ' '"),
        (
            "a.tsv",
            b'id\ttext\n1\t"Hello, he said.\n2\tNo.\n3\t"Well", she said.\n',
            "line 2: the text .* is followed by 'Well\"",
        ),
        ("a.csv", b"text\na\nhello, world\n", r"line 3: expected 1 cells as in the header, got 2: 'hello, world'; put"),
        ("a.csv", b'id,text\n1,"a\nb"\n\n2\n', "line 5: expected 2 cells as in the header, got 1: '2'"),
        ("a.csv", b"id,text\n1,one\rtwo\n", "line 2: has a carriage return in a text without quotes"),
        ("a.csv", b"text\none\rtwo\n", "line 2: has a carriage return in a text without quotes"),
        ("a.csv", b"id,text\n1,a\x00\n", "line 2: has a zero byte"),
        ("a.csv", b"id,text\n1,a\n2,caf\xe9\n", "line 3: holds the byte 0xe9, which is no UTF-8"),
        ("a.csv", "id,текст\n1,a\n".encode("cp1251"), "line 1: holds the byte 0xf2, which is no UTF-8"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n", "is empty; its first line should name the columns"),
    ],
)
def test_what_does_not_add_up_is_refused_with_its_line(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message) as refusal:
        read(tmp_path / name, content)
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'id;message;"score, raw, max, min"\n2;c;3\n', {"id": ["2"], "message": ["c"], "score, raw, max, min": ["3"]}),
        (b"sep=;\r\na;b,c\r\n1;2\r\n", {"a": ["1"], "b,c": ["2"]}),
        (b"id|message\n1|a, b\n", {"id": ["1"], "message": ["a, b"]}),
        (b"text (a, b, c);label\nx;y\n", {"text (a, b, c)": ["x"], "label": ["y"]}),
        (b'height,name\n5" or 6",Ann "Al" Lee\n', {"height": ['5" or 6"'], "name": ['Ann "Al" Lee']}),
        (b'a,b\n"x ""y""",""\n"",z\n', {"a": ['x "y"', None], "b": [None, "z"]}),
        (b"a,b\r1,2\r3,4\r", {"a": ["1", "3"], "b": ["2", "4"]}),
        (b'"a\nb",c\n1,2', {"a\nb": ["1"], "c": ["2"]}),
        (b"a,b\n", {"a": [], "b": []}),
        (b"\r\n\r\na,b\r\n1,2\r\n", {"a": ["1"], "b": ["2"]}),
        (b'"sep=;"\r\na;b\r\n1;2\r\n', {"a": ["1"], "b": ["2"]}),
        (b'a;b;\n1;2;\n;;\n3;"";\n"";;\n', {"a": ["1", "3"], "b": ["2", None]}),
        ("я;b\n1;2\n".encode("utf-16"), {"я": ["1"], "b": ["2"]}),
    ],
    ids=[
        *("quoted header", "sep", "bars", "commas in a name", "inches", "quotes", "old Mac", "two lines", "no rows"),
        *("blank lines first", "quoted sep", "rows and columns of nothing", "UTF-16 by its mark"),
    ],
)
def test_a_well_formed_file_is_read_whatever_its_habits(
    content: bytes, expected: dict[str, list[str]], tmp_path: Path
) -> None:
    assert read(tmp_path / "a.csv", content) == expected


def test_a_text_that_a_spreadsheet_would_take_for_a_formula_is_written_as_a_text(tmp_path: Path) -> None:
    texts = ["=HYPERLINK(1)", "+7 (900)", "-ing", "@me", "\t=1", "\r=1", "＝1", "'=1", "-5", "+.5e3", "-", "a=b", "'a'"]
    path = tmp_path / "a.csv"
    write_separated(pa.table({"=name": texts, "number": range(-1, 12)}), path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, strict=True))
    protected = ["'=HYPERLINK(1)", "'+7 (900)", "'-ing", "'@me", "'\t=1", "'\r=1", "'＝1", "''=1"]
    assert rows[0] == ["'=name", "number"]
    assert [row[0] for row in rows[1:]] == protected + texts[8:]
    assert rows[1][1] == "-1"
    assert read_separated(path, text=pa.string()).table.to_pydict() == {
        "=name": texts,
        "number": [str(n) for n in range(-1, 12)],
    }


def test_texts_of_categories_are_texts_too(tmp_path: Path) -> None:
    write_separated(pa.table({"label": pa.array(["=1", "b"]).dictionary_encode()}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == '"label"\n"\'=1"\n"b"\n'


def test_an_apostrophe_in_a_file_of_somebody_else_stays(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"text\n'-ing' is an ending\n") == {"text": ["'-ing' is an ending"]}


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("\",;\t\r\n=+-@'| ")
)


@settings(max_examples=100)
@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS), min_size=1, max_size=5), st.booleans())
def test_whatever_is_written_every_reader_reads_it_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str | None]], alone: bool
) -> None:
    path = tmp_path_factory.mktemp("written") / "a.csv"
    columns = {"text": [one for one, _ in rows]} | ({} if alone else {"more": [other for _, other in rows]})
    write_separated(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), path)
    # CSV has no word for a text that is empty, and a row of nothing else is none.
    kept = [row for row in zip(*columns.values(), strict=True) if any(row) or alone]
    expected = {name: [row[place] or None for row in kept] for place, name in enumerate(columns)}
    assert read_separated(path, text=pa.string()).table.to_pydict() == expected
    with path.open(newline="", encoding="utf-8-sig") as file:
        by_csv = list(csv.reader(file, strict=True))
    by_pandas = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert [list(columns), *by_pandas.to_numpy().tolist()] == by_csv
    assert len(by_csv) == len(rows) + 1
