"""Sounds and films that many browsers do not play are told at the launch."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from tests.clips import made

import dataforge as df
from dataforge.data.reading import read_items
from dataforge.data.unplayed import unplayed_notices
from dataforge.media.codecs import unplayed


class Thing(df.Choice):
    CAR = "car"


@df.task
def seen(clip: df.Video) -> bool:
    """Is there a car?"""
    raise NotImplementedError


@df.task
def followed(clip: df.Video) -> df.Track(Thing):  # type: ignore[valid-type]
    """Follow the cars."""
    raise NotImplementedError


@df.task
def heard(sound: df.Audio) -> bool:
    """Does anybody speak?"""
    raise NotImplementedError


def wav(path: Path, form: int) -> Path:
    head = struct.pack("<HHIIHH", form, 1, 8000, 8000, 1, 8)
    path.write_bytes(b"RIFF" + struct.pack("<I", 1036) + b"WAVEfmt " + struct.pack("<I", 16) + head)
    with path.open("ab") as file:
        file.write(b"data" + struct.pack("<I", 1000) + bytes(1000))
    return path


def told(task: Any, **column: list[Path]) -> list[str]:
    [(name, files)] = column.items()
    return [notice["en"] for notice in unplayed_notices(read_items(task, [{name: str(file)} for file in files]))]


@pytest.mark.parametrize(
    ("name", "codec", "how"),
    [
        ("a.mp4", "libx264", ""),
        ("a.mov", "libx264", ""),
        ("a.webm", "libvpx", ""),
        ("a.mp4", "mpeg4", "MPEG-4 Part 2"),
        ("a.mov", "mpeg4", "MPEG-4 Part 2"),
        ("a.mov", "mjpeg", "Motion JPEG"),
    ],
)
def test_how_a_film_is_packed_stands_in_its_container(tmp_path: Path, name: str, codec: str, how: str) -> None:
    pixels = {"strict": "-1"} if codec == "mjpeg" else {}
    assert unplayed(made(tmp_path / name, 3, codec, options=pixels)) == how


@pytest.mark.parametrize(("form", "how"), [(1, ""), (7, ""), (2, "WAV, 0x0002"), (0x31, "WAV, 0x0031")])
def test_how_a_sound_is_packed_stands_in_its_head(tmp_path: Path, form: int, how: str) -> None:
    assert unplayed(wav(tmp_path / "a.wav", form)) == how


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0\0\0\1ftyp", b"\0\0\0\x08moov", b"OggS", bytes(200)])
def test_what_tells_nothing_is_left_to_others_who_read_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    assert unplayed(tmp_path / "a.mp4") == ""
    assert unplayed(tmp_path / "none.mp4") == ""


def test_a_launch_says_which_clips_many_browsers_do_not_play(tmp_path: Path) -> None:
    plain, odd = made(tmp_path / "plain.mp4", 3), made(tmp_path / "odd.mp4", 3, "mpeg4")
    [said] = told(seen, clip=[plain, odd])
    assert "1 of 2 that were looked at (MPEG-4 Part 2: 1), such as odd.mp4" in said
    assert "ffmpeg -i odd.mp4" in said
    assert told(seen, clip=[plain]) == []
    assert told(followed, clip=[odd]) == []
    [said] = told(heard, sound=[wav(tmp_path / "a.wav", 2)])
    assert "1 of 1" in said


def test_it_is_among_what_a_preview_says(tmp_path: Path) -> None:
    odd = made(tmp_path / "odd.mp4", 3, "mpeg4")
    items = read_items(seen, [{"clip": str(odd)}])
    from dataforge.pricing.price import plan

    assert any("odd.mp4" in notice["en"] for notice in plan(seen, df.Policy(), items).notices)
