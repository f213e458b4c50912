"""What a file is, told from what it holds; lengths are those that ffprobe and soundfile tell."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataforge.errors import DataError
from dataforge.media import playing_times
from dataforge.media.files import MediaFile, look_at
from dataforge.objects._files import EXTENSIONS


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(handler: bytes, brand: bytes = b"isom") -> bytes:
    """A film, or a sound, of 2.5 seconds without content."""
    head = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 600, 1500) + b"\0" * 80)
    track = box(b"trak", box(b"mdia", box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)))
    return box(b"ftyp", brand + b"\0" * 8) + box(b"mdat", b"\0" * 500) + box(b"moov", head + track)


def element(name: int, content: bytes, size: int | None = None) -> bytes:
    width = (name.bit_length() + 7) // 8
    return (
        name.to_bytes(width, "big") + struct.pack(">Q", (1 << 56) | (len(content) if size is None else size)) + content
    )


def webm(kind: int) -> bytes:
    """As browsers record it: nothing says how long it is; the last block begins 3.02 seconds from the start."""
    unknown = (1 << 56) - 1
    tracks = element(0x1654AE6B, element(0xAE, element(0x83, bytes((kind,)))))
    clusters = b"".join(
        element(0x1F43B675, element(0xE7, struct.pack(">H", at)) + element(0xA3, b"\x81\0\x14\x80sound"), unknown)
        for at in (0, 3000)
    )
    return element(0x1A45DFA3, b"\x42\x82\x84webm") + element(0x18538067, tracks + clusters, unknown)


def ogg(kind: bytes, granule: int) -> bytes:
    heads = {
        b"OpusHead": b"OpusHead\x01\x01" + struct.pack("<HI", 312, 48000),
        b"vorbis": b"\x01vorbis" + struct.pack("<IBI", 0, 1, 16000),
    }
    return b"OggS" + b"\0" * 24 + heads[kind] + b"\0" * 99 + b"OggS\0\x04" + struct.pack("<q", granule) + b"\0" * 20


# Frames of 417 bytes, 1152 samples at 44.1 kHz, at 128 kbit/s: a second has 16,000 bytes.
MP3 = b"\xff\xfb\x90\x64" + b"\0" * 413
FILES = {
    "webm.webm": (webm(1), MediaFile("video", "webm", 3.02)),
    "recorded.weba": (webm(2), MediaFile("audio", "weba", 3.02)),
    "film.mp4": (mp4(b"vide"), MediaFile("video", "mp4", 2.5)),
    "film.mov": (mp4(b"vide", b"qt  "), MediaFile("video", "mov", 2.5)),
    "sound.m4a": (mp4(b"soun"), MediaFile("audio", "m4a", 2.5)),
    "sound.opus": (ogg(b"OpusHead", 48_312), MediaFile("audio", "ogg", 1.0)),
    "sound.ogg": (ogg(b"vorbis", 24_000), MediaFile("audio", "ogg", 1.5)),
    "sound.flac": (
        b"fLaC\0\0\0\x22" + b"\0" * 10 + ((44_100 << 44) | 22_050).to_bytes(8, "big"),
        MediaFile("audio", "flac", 0.5),
    ),
    "sound.mp3": (MP3 * 100, MediaFile("audio", "mp3", 41_700 / 16_000)),
    "named.jpg": (b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 + MP3 * 100, MediaFile("audio", "mp3", 41_700 / 16_000)),
}


@pytest.mark.parametrize("name", FILES)
def test_sounds_and_films_are_told_by_what_they_hold_and_so_is_how_long_they_play(tmp_path: Path, name: str) -> None:
    content, expected = FILES[name]
    (tmp_path / name).write_bytes(content)
    seen = look_at(tmp_path / name)
    assert (seen.kind, seen.extension, seen.seconds) == (
        expected.kind,
        expected.extension,
        pytest.approx(expected.seconds),
    )
    assert seen.extension in EXTENSIONS[seen.kind]


def test_a_sound_of_two_hours_is_told_by_its_head(tmp_path: Path) -> None:
    """115 MB, of which nothing is there but the head."""
    content = bytearray(wav())
    rate = int.from_bytes(content[28:32], "little")
    content[40:44] = (7200 * rate).to_bytes(4, "little")
    with open(tmp_path / "long.wav", "wb") as file:
        file.write(content)
        file.truncate(44 + 7200 * rate)
    assert look_at(tmp_path / "long.wav") == MediaFile("audio", "wav", 7200.0)


@pytest.mark.parametrize(("form", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")])
def test_pictures_are_told_by_what_they_hold(tmp_path: Path, form: str, extension: str) -> None:
    Image.new("L", (30, 20)).save(tmp_path / "picture", form)
    assert look_at(tmp_path / "picture") == MediaFile("image", extension)
    assert extension in EXTENSIONS["image"]


@pytest.mark.parametrize(("mode", "form", "extension"), [("CMYK", "JPEG", "jpg"), ("I;16", "PNG", "png")])
def test_pictures_of_printers_and_of_instruments_are_pictures(
    tmp_path: Path, mode: str, form: str, extension: str
) -> None:
    Image.new(mode, (30, 20)).save(tmp_path / "picture", form)
    assert look_at(tmp_path / "picture") == MediaFile("image", extension)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"],
    ids=["empty", "script"],
)
def test_a_file_of_nothing_and_a_picture_that_runs_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "picture.png").write_bytes(content)
    with pytest.raises(DataError, match="empty" if not content else "no picture"):
        look_at(tmp_path / "picture.png")


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_head(tmp_path: Path) -> None:
    Image.new("1", (1, 1)).save(tmp_path / "bomb.png")
    content = bytearray((tmp_path / "bomb.png").read_bytes())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(DataError):
        look_at(tmp_path / "bomb.png")


def wav(rate: int = 8000, bytes_a_second: int = 16_000, block: int = 2, kind: int = 1) -> bytes:
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 16_036, b"WAVE", b"fmt ", 16, kind, 1, rate, bytes_a_second, block, 16
    )
    return head + struct.pack("<4sI", b"data", 16_000) + b"\0" * 16_000


def told(duration: float) -> bytes:
    """A recording of 3.02 seconds that tells another length."""
    return webm(2) + element(0x1549A966, element(0x4489, struct.pack(">d", duration)))


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (wav(), 1.0),
        (wav(bytes_a_second=1), None),
        (wav(rate=1, bytes_a_second=2), None),
        (wav(bytes_a_second=8000, block=1), None),
        (wav(kind=2), None),
        (told(3100.0), 3.1),
        (told(float("nan")), 3.02),
        (told(float("inf")), 3.02),
        (told(30_000.0), 3.02),
        (told(-30_000.0), 3.02),
        (b"\x1a\x45\xdf\xa3\x80", None),
        (b"fLaC\0\0\0\x22" + b"\0" * 10 + ((44_100 << 44) | 44_100 * 30).to_bytes(8, "big"), None),
        (ogg(b"OpusHead", 48_000 * 600), None),
    ],
)
def test_how_long_a_file_plays_is_not_believed_where_it_cannot_be(
    tmp_path: Path, content: bytes, seconds: float | None
) -> None:
    (tmp_path / "recording").write_bytes(content)
    assert look_at(tmp_path / "recording").seconds == (seconds if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_anywhere_is_read_or_refused_and_never_crashes(tmp_path: Path, name: str) -> None:
    content = FILES[name][0]
    path = tmp_path / name
    for length in {0, 1, 3, 7, *range(8, len(content), max(1, len(content) // 60))}:
        path.write_bytes(content[:length])
        with suppress(DataError):
            look_at(path)


def exif(place: dict[int, Any]) -> Image.Exif:
    """What a camera writes: its name, how it was held, and the place."""
    written = Image.Exif()
    written.update({0x010F: "Camera", 0x0112: 6})
    written.get_ifd(0x8825).update(place)
    return written


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_that_tells_where_it_was_taken_is_seen_to_do_so(tmp_path: Path, form: str) -> None:
    picture, path = Image.new("RGB", (40, 30)), tmp_path / "picture"
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a exif:GPSLatitude="55,45.3N"/></x:xmpmeta>'
    picture.save(path, form, exif=exif({1: "N", 2: (55.0, 45.0, 21.0), 3: "E", 4: (37.0, 37.0, 4.0)}))
    assert look_at(path).placed
    if form in ("JPEG", "WEBP"):
        picture.save(path, form, xmp=packet)
        assert look_at(path).placed
    picture.save(path, form, exif=exif({}))
    assert not look_at(path).placed
    picture.save(path, form, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    assert not look_at(path).placed


@pytest.mark.parametrize(
    "text", [b"\0\0\0\x1c\xa9xyz+55.75+037.61/", b"\0\0\0\x10loci", b"keys...com.apple.quicktime.location.ISO6709"]
)
def test_a_film_that_tells_where_it_was_taken_is_seen_to_do_so(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "film.mp4"
    for name, expected in ((b"udta", True), (b"meta", True), (b"free", False)):
        path.write_bytes(mp4(b"vide") + box(b"moov", box(name, text)))
        assert look_at(path) == MediaFile("video", "mp4", 2.5, expected)


def test_a_file_of_millions_of_empty_parts_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing_times, "MOST_ELEMENTS", 1_000)
    path = tmp_path / "file"
    path.write_bytes(webm(1) + element(0xEC, b"") * 2_000)
    assert look_at(path) == MediaFile("video", "webm", None)
    path.write_bytes(wav()[:12] + struct.pack("<4sI", b"junk", 0) * 2_000 + wav()[12:])
    with pytest.raises(DataError, match="damaged"):
        look_at(path)
    path.write_bytes(box(b"ftyp", b"isom" + b"\0" * 8) + box(b"free", b"") * 2_000 + mp4(b"vide"))
    assert look_at(path).seconds is None
