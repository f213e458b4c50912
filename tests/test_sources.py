"""Files as data, whatever they are written with and packed in, and where in them something is wrong."""

import gzip
import json
import pickle
import re
import time
from pathlib import Path

import pandas as pd
import pytest

import dataforge as df
from dataforge.data.reading import gather_items, read_items
from dataforge.data.sources import read_source
from dataforge.errors import DataError


@df.task
def tone(text: str) -> bool:
    """Is it kind?"""


@df.task
def counted(text: str, count: int | None) -> bool:
    """Are there so many?"""


@df.task
def photo(picture: df.Image) -> bool:
    """Is it a dog?"""


TABLE = 'text;mark\nпривет;1\n"мир, труд";2\n'
LINES = '{"text": "привет", "mark": "1"}\n\n{"text": "мир, труд", "mark": "2"}\n'
LIST = json.dumps([json.loads(line) for line in LINES.split("\n\n")], ensure_ascii=False, indent=1)


def texts(path: Path, encoding: str | None = None) -> list[str]:
    return [item.inputs["text"] for item in read_items(tone, path, encoding=encoding).records()]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(("name", "text"), [("a.csv", TABLE), ("a.jsonl", LINES), ("a.json", LIST)])
def test_a_file_that_says_its_encoding_by_its_mark_is_read(name: str, text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text.encode(encoding))
    assert texts(tmp_path / name) == ["привет", "мир, труд"]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16-le"])
@pytest.mark.parametrize(("name", "text"), [("a.csv", TABLE), ("a.jsonl", LINES), ("a.json", LIST)])
def test_a_file_is_read_in_the_encoding_that_is_named(name: str, text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text.encode(encoding))
    assert texts(tmp_path / name, encoding) == ["привет", "мир, труд"]


@pytest.mark.parametrize(
    ("name", "content", "encoding", "message"),
    [
        ("a.csv", TABLE.encode("cp1251"), None, "a.csv, line 2: holds the byte 0xef, which is no UTF-8; name its"),
        ("a.json", LIST.encode("cp1251"), None, "a.json, line 3: holds the byte 0xef, which is no UTF-8; name its"),
        ("a.jsonl", LINES.encode("cp1251"), None, "a.jsonl, line 1: holds the byte 0xef, which is no UTF-8; name its"),
        ("a.txt", TABLE.encode("cp1251"), None, "a.txt, line 2: holds the byte 0xef, which is no UTF-8; name its"),
        ("a.csv", TABLE.encode(), "cp1251", "a.csv: is UTF-8, so it is not cp1251; name no encoding"),
        ("a.csv", TABLE.encode("utf-8-sig"), "cp1251", "begins with the mark of UTF-8, so it is not cp1251; name no"),
        ("a.csv", b"text\nok\n\x98\n", "cp1251", "a.csv, line 3: holds the byte 0x98, which is no cp1251; name"),
        ("a.csv", b"text\nok\n", "cp1521", "a.csv: no encoding is named 'cp1521'; some are 'utf-8', 'cp1251'"),
        ("a.parquet", b"PAR1", "cp1251", "a.parquet: only files of text have an encoding, got 'cp1251'; name none"),
    ],
)
def test_a_wrong_encoding_is_named(
    name: str, content: bytes, encoding: str | None, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        texts(tmp_path / name, encoding)


@pytest.mark.parametrize("beside", ["known.xlsx", "known.parquet", "memory"])
def test_beside_a_file_of_text_its_encoding_is_asked_of_nothing_else(beside: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nпривет\n", "cp1251")
    frame = pd.DataFrame({"text": ["мир"], "answer": [True]})
    if beside == "known.xlsx":
        frame.to_excel(tmp_path / beside, index=False, engine="xlsxwriter")
    elif beside == "known.parquet":
        frame.to_parquet(tmp_path / beside)
    known = frame if beside == "memory" else tmp_path / beside
    read = gather_items(tone, tmp_path / "a.csv", known, encoding="cp1251")
    assert [item.inputs["text"] for item in read.records()] == ["привет", "мир"]
    with pytest.raises(DataError, match="only files of text have an encoding, got 'cp1251'; name none"):
        gather_items(tone, [{"text": "привет"}], known, encoding="cp1251")


def test_data_in_memory_have_no_encoding() -> None:
    with pytest.raises(DataError, match="items: only files of text have an encoding, got 'cp1251'; name none"):
        read_items(tone, [{"text": "a"}], encoding="cp1251")


@pytest.mark.parametrize(("name", "text"), [("a.csv", TABLE), ("a.jsonl", LINES), ("a.json", LIST)])
def test_a_file_packed_by_gzip_is_read_whatever_its_name(name: str, text: str, tmp_path: Path) -> None:
    packed = gzip.compress(text.encode())
    for called in (f"{name}.gz", name):
        (tmp_path / called).write_bytes(packed)
        assert texts(tmp_path / called) == ["привет", "мир, труд"]
    (tmp_path / f"{name}.gz").write_bytes(text.encode())
    assert texts(tmp_path / f"{name}.gz") == ["привет", "мир, труд"]
    (tmp_path / f"{name}.gz").write_bytes(packed[:-12])
    with pytest.raises(DataError, match=rf"{name}\.gz: cannot be unpacked, it is cut or damaged .*; get it anew"):
        texts(tmp_path / f"{name}.gz")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04 and more", "a spreadsheet or a zip archive"),
        (b"PAR1 and more", "a Parquet file"),
        (b"\n<!DOCTYPE html>\n<title>Sign in</title>", "a web page"),
    ],
)
def test_what_is_no_text_is_named(content: bytes, what: str, tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.txt"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name}: expected text, got {what}; give the file a name that says so"):
            texts(tmp_path / name)


def test_each_line_of_a_text_file_is_the_only_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffодин, два\r\n\r\n  three\r\n".encode())
    assert texts(tmp_path / "a.txt") == ["один, два", "  three"]
    (tmp_path / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "paths.txt").write_text("1.png\n\nnone.png\n")
    with pytest.raises(DataError, match=r"paths\.txt, line 3, column 'picture': cannot read the file .*none\.png"):
        read_items(photo, tmp_path / "paths.txt")
    with pytest.raises(DataError, match=r"a\.txt: expected rows with the columns 'text', 'count', got single values"):
        read_items(counted, tmp_path / "a.txt")
    with pytest.raises(DataError, match=r"a\.txt: expected rows with the columns 'text', 'answer', got single values"):
        read_items(tone, tmp_path / "a.txt", control=True)


def test_objects_a_line_and_lists_of_them_are_told_apart_by_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(LINES, "utf-8")
    (tmp_path / "a.jsonl").write_text(LIST, "utf-8")
    assert texts(tmp_path / "a.json") == texts(tmp_path / "a.jsonl") == ["привет", "мир, труд"]


def test_a_list_of_texts_is_one_in_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('["one", "two"]')
    (tmp_path / "a.jsonl").write_text('"one"\n\n"two"\n')
    assert texts(tmp_path / "a.json") == texts(tmp_path / "a.jsonl") == ["one", "two"]


def test_json_as_python_writes_it_is_read(tmp_path: Path) -> None:
    rows = [{"text": "a", "x": float("inf")}, {"text": "b", "x": float("nan")}]
    for name, text in {"a.json": json.dumps(rows), "a.jsonl": "\n".join(map(json.dumps, rows))}.items():
        (tmp_path / name).write_text(text)
        assert read_items(tone, tmp_path / name).frame()["x"].tolist()[0] == float("inf")


def test_a_message_says_in_which_line_of_the_file_something_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for rows, message in {
        '1,"two\nlines",\n\n,,\n2,b,many\n': "a.csv, line 6, column 'count': expected a whole number, got 'many'",
        "1,a,\n,,\n2,,\n": "a.csv, line 4, column 'text': expected a value, got none",
        "1,a,\n,,\n\n2,b,\n2,c,\n": "a.csv: line 5 and line 6 have the same id '2'",
        '1,"a\nb",\n,,\n2,"a\nb",\n': "a.csv: line 2 and line 5 have the same inputs",
        "1,a,\n,,\n,b,\n": "a.csv, line 4, column 'id': expected a text or a whole number, got none",
    }.items():
        path.write_text(f"id,text,count\n{rows}")
        with pytest.raises(DataError, match=re.escape(message)):
            read_items(counted, path)
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"text": "a"}\n\n{"text": "b", "count": "many"}\n')
    with pytest.raises(DataError, match=r"a\.jsonl, line 3, column 'count': expected a whole number, got 'many'"):
        read_items(counted, lines)


def test_items_and_control_items_that_are_one_are_named_by_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,mark\n"two\nlines",1\n\nsame,2\n')
    (tmp_path / "known.jsonl").write_text('{"text": "x", "answer": true}\n\n{"text": "same", "answer": true}\n')
    items, control = read_items(tone, tmp_path / "a.csv"), read_items(tone, tmp_path / "known.jsonl", control=True)
    for real in (items, pickle.loads(pickle.dumps(items))):
        with pytest.raises(DataError, match=r"^line 5 of a\.csv and line 3 of known\.jsonl have the same inputs"):
            df.Items.join(real, control)


def test_rows_of_nothing_between_others_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,mark\na,1\n,\n,\nb,2\n,\n")
    [notice] = read_items(tone, tmp_path / "a.csv").notices
    assert notice["en"] == "a.csv: rows of nothing (2) were left out, and are not counted"
    (tmp_path / "a.csv").write_text("text,mark\na,1\n\nb,2\n,\n,\n")
    assert read_items(tone, tmp_path / "a.csv").notices == ()


def test_the_row_that_is_named_is_the_wrong_one_and_not_one_without_a_value() -> None:
    rows = [{"text": "a", "count": None}, {"text": "b", "count": "many"}]
    with pytest.raises(DataError, match="items, row 2, column 'count': expected a whole number, got 'many'"):
        read_items(counted, rows)


@pytest.mark.parametrize("name", ["file://{}", "file:{}"])
def test_a_file_may_be_given_by_its_address(name: str, tmp_path: Path) -> None:
    (tmp_path / "мои данные.csv").write_text("text\na\n")
    address = (tmp_path / "мои данные.csv").as_uri().removeprefix("file://")
    assert read_items(tone, name.format(address)).count == 1


@pytest.mark.parametrize("address", ["https://host/a.csv", "s3://bucket/a.csv", Path("https://host/a.csv")])
def test_an_address_on_the_web_is_refused_as_such(address: str | Path) -> None:
    with pytest.raises(DataError, match=r"items: addresses are not read, got '.*a\.csv'; download it"):
        read_items(tone, address)


def test_ids_of_a_csv_file_that_became_fractions_are_whole_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1.0,a\n20.0,b\n")
    assert read_items(tone, tmp_path / "a.csv").ids().tolist() == [1, 20]


def test_a_header_of_many_columns_is_read_in_linear_time(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(60_000)]
    path = tmp_path / "wide.csv"
    path.write_text(f"{','.join(names)}\n{',' * (len(names) - 1)}x\n", encoding="utf-8")
    begun = time.process_time()
    assert read_source(path, "items").table.num_columns == len(names)
    # Comparing each with each would take more than a minute.
    assert time.process_time() - begun < 20
