"""Images, audio and video: addresses and files."""

import os
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from dataforge.errors import AnswerError, DataError
from dataforge.objects.audio import Audio
from dataforge.objects.image import Image
from dataforge.objects.video import Video

SHA = "a" * 64


@pytest.mark.parametrize("url", ["https://host/a.png", "http://host:8080/a?b=c#d", "HTTPS://host/Собака.jpg"])
def test_an_address_on_the_web_stays_as_it_is(url: str) -> None:
    assert Image().to_json(url) == {"url": url}


def test_space_around_an_address_is_dropped() -> None:
    assert Image().to_json(" https://host/a.png\n") == {"url": "https://host/a.png"}


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "ftp://host/a.png",
        "s3://bucket/a.png",
        "vbscript:x",
        "https://",
        "https:///a.png",
        "https://host/a b.png",
        "https://host/\x01.png",
        "http://[::1/a.png",
        "https://host/" + "a" * 10_000,
        "https://host/\ud800.png",
        "",
        "   ",
        "\x00.png",
    ],
)
def test_other_addresses_are_refused(value: str) -> None:
    for kind in (Image(), Audio(), Video()):
        with pytest.raises(DataError):
            kind.to_json(value)
        with pytest.raises(DataError):
            kind.check_input({"url": value})


def test_a_file_becomes_its_absolute_path(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(picture.parent)
    wanted = {"file": str(picture)}
    for value in (picture, str(picture), "photo.png", f"file://{picture}", f"file:{picture}", "file:photo.png"):
        assert Image().to_json(value) == wanted


def test_a_space_in_a_file_address_is_read(picture: Path) -> None:
    spaced = picture.with_name("a photo.png")
    picture.rename(spaced)
    assert Image().to_json(f"file://{picture.parent}/a%20photo.png") == {"file": str(spaced)}


def test_relative_paths_start_at_the_folder_given(picture: Path) -> None:
    kind = Image()
    for value in ("photo.png", Path("photo.png"), "file:photo.png"):
        assert kind.to_json(kind.located(value, picture.parent)) == {"file": str(picture)}
    for value in ("https://host/a.png", {"url": "https://host/a.png"}, None, 5):
        assert kind.located(value, picture.parent) == value


def test_a_file_that_is_not_there_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read the file .*none\.png.*No such file"):
        Image().to_json(tmp_path / "none.png")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(DataError, match="expected a file, got the folder"):
        Image().to_json(tmp_path / "folder.png")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp3"
    path.touch()
    with pytest.raises(DataError, match="is empty"):
        Audio().to_json(path)


def test_a_file_of_another_type_is_refused_with_the_types_that_work(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("text")
    with pytest.raises(DataError, match="mp4"):
        Video().to_json(path)


@pytest.mark.parametrize("name", ["scan-10:22.png", "IMG:1.png", "й.png"])
def test_a_file_is_found_by_the_name_that_people_see(name: str, tmp_path: Path) -> None:
    make = tmp_path / normalize("NFD", name)
    make.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
    written = Image().located(normalize("NFC", name), tmp_path)
    assert Image().to_json(written) == {"file": str(make)}


def test_a_file_whose_name_is_no_utf8_is_refused_before_anything_is_stored(tmp_path: Path) -> None:
    picture = os.path.join(os.fsencode(tmp_path), b"caf\xe9.png")
    try:
        Path(os.fsdecode(picture)).write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    except OSError:
        pytest.skip("this file system takes no such names")
    for path in tmp_path.iterdir():
        for value in (path, str(path), {"file": str(path)}):
            with pytest.raises(DataError):
                Image().to_json(value)
        with pytest.raises(DataError, match=r"the path has half a character at position \d+: .*; rename the file"):
            Image().to_json(path)


def test_a_page_that_calls_itself_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_text("<html><script>alert(1)</script>")
    with pytest.raises(DataError, match="is no image"):
        Image().to_json(path)


def test_a_vector_image_is_refused_because_it_can_carry_scripts(tmp_path: Path) -> None:
    path = tmp_path / "photo.svg"
    path.write_text("<svg/>")
    with pytest.raises(DataError):
        Image().to_json(path)


@pytest.mark.parametrize("value", [{"url": "https://host/a"}, {"media": f"{SHA}.png"}])
def test_json_forms_pass(value: dict[str, str]) -> None:
    assert Image().to_json(value) == value
    assert Image().check_input(value) == value


@pytest.mark.parametrize(
    "value",
    [
        {"file": "/etc/passwd"},
        {"media": "../../etc/passwd"},
        {"media": f"{SHA}.png/../x"},
        {"media": f"{SHA}.png\n"},
        {"url": "https://host/a", "media": f"{SHA}.png"},
        {},
        "/etc/passwd",
        "https://host/a.png",
    ],
)
def test_a_platform_takes_only_addresses_and_stored_files(value: Any) -> None:
    with pytest.raises(DataError):
        Image().check_input(value)


def test_workers_cannot_answer_with_a_file() -> None:
    with pytest.raises(AnswerError, match="cannot answer with image"):
        Image().check_answer({"url": "https://host/a.png"}, {})


def test_a_recording_on_another_machine_is_refused() -> None:
    with pytest.raises(DataError, match="another machine"):
        Audio().to_json("file://server/share/a.mp3")
