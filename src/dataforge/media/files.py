"""What a file is by what it holds, whatever it is called: a picture, sound or film, how large, how long it plays."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from math import ceil, floor
from pathlib import Path
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError

from dataforge.errors import DataError
from dataforge.media.playing_times import (
    boxes,
    flac_seconds,
    mp3_seconds,
    mp4_tracks,
    ogg_seconds,
    wav_seconds,
    webm_tracks,
)

__all__ = [
    "MOST_PIXELS",
    "Kind",
    "MediaFile",
    "cropped",
    "look_at",
    "played_seconds",
    "seen_size",
    "sure_seconds",
]

Kind = Literal["image", "audio", "video"]
# A picture of this many pixels takes 800 MB to show; only its head is read here.
MOST_PIXELS = 200_000_000
"""How many pixels a picture has at most."""
HEAD = 64
# Fewer bytes than these make no second of sound.
LEAST_BYTES = 8
# What EXIF calls the tag that says how a picture is turned; from this value on its sides are swapped.
ORIENTATION, SIDEWAYS = 0x0112, 5
# The directory of places in what a camera writes, and the boxes and words that tell it in films.
GPS, GPS_IN_XMP = 0x8825, b"GPSLatitude"
BOXES_OF_TEXTS, PLACES_OF_FILMS = (b"udta", b"meta"), (b"\xa9xyz", b"loci", b"location.ISO6709")
MOST_TEXT = 1 << 20
PICTURES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
# What some cameras append to a JPEG is opened as one.
FORMATS = [form for form in PICTURES if form != "MPO"]
BRANDS_OF_PICTURES = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


@dataclass(frozen=True)
class MediaFile:
    """What a file is. `seconds`: how long it plays, None for a picture or where the file does not tell it
    or tells what cannot be. `placed`: whether it tells where it was made."""

    kind: Kind
    extension: str
    seconds: float | None = None
    placed: bool = False


def look_at(path: Path) -> MediaFile:
    """What the file is; raises `DataError` with the reason if it is no picture, sound or film that browsers show."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    try:
        seen = _seen(path, head)
        return replace(seen, seconds=_believed(seen.seconds, path.stat().st_size))
    except (ValueError, IndexError, EOFError, OverflowError, struct.error) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("the file is damaged: it cannot be read to its end; make it anew") from None


def played_seconds(path: Path) -> float | None:
    """How long the file plays, as far as it tells; None if it does not, or cannot be read."""
    try:
        return look_at(path).seconds
    except (DataError, OSError):
        return None


def sure_seconds(path: Path) -> float | None:
    """How long the file plays; None if its head does not tell it for sure, as that of an MP3 file."""
    try:
        seen = look_at(path)
    except (DataError, OSError):
        return None
    return None if seen.extension == "mp3" else seen.seconds


def seen_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture as it is seen, turned as its EXIF tag says; raises `DataError` or `OSError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                (width, height), turned = picture.size, picture.getexif().get(ORIENTATION, 1) >= SIDEWAYS
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"the picture {str(path)!r} cannot be read: {error}") from None
    return (height, width) if turned else (width, height)


def cropped(path: Path | BytesIO, box: Sequence[float]) -> bytes:
    """A part of a picture as it is seen, as PNG; raises `DataError` or `OSError`."""
    left, top, right, bottom = box
    try:
        with Image.open(path) as picture:
            part = ImageOps.exif_transpose(picture).crop((floor(left), floor(top), ceil(right), ceil(bottom)))
            content = BytesIO()
            part.save(content, "PNG")
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"the picture {str(path)!r} cannot be read: {error}") from None
    return content.getvalue()


def _believed(seconds: float | None, size: int) -> float | None:
    """The length, if a file of this size can have it: silence too takes some bytes a second, however it is packed."""
    possible = seconds is not None and 0 < seconds <= size / LEAST_BYTES
    return seconds if possible else None


def _seen(path: Path, head: bytes) -> MediaFile:
    if not head:
        raise DataError("the file is empty")
    if head[4:8] == b"ftyp" and head[8:12] != b"avif":
        if head[8:12] in BRANDS_OF_PICTURES:
            raise DataError("pictures of the type HEIC are not shown by most browsers; save it as JPEG")
        return _mp4(path, head[8:12])
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return MediaFile("audio", "wav", wav_seconds(path))
    if head[:4] == b"OggS":
        film = b"theora" in head
        return MediaFile("video", "ogv") if film else MediaFile("audio", "ogg", ogg_seconds(path))
    if head[:4] == b"fLaC":
        return MediaFile("audio", "flac", flac_seconds(path))
    if head[:4] == b"\x1a\x45\xdf\xa3":
        film, seconds = webm_tracks(path)
        return MediaFile("video", "webm", seconds) if film else MediaFile("audio", "weba", seconds)
    if head[:3] == b"ID3" or (head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return MediaFile("audio", "mp3", mp3_seconds(path))
    return _picture(path)


def _mp4(path: Path, brand: bytes) -> MediaFile:
    film, seconds = mp4_tracks(path)
    placed = _film_is_placed(path)
    if not film:
        return MediaFile("audio", "m4a", seconds, placed)
    return MediaFile("video", "mov" if brand == b"qt  " else "mp4", seconds, placed)


def _film_is_placed(path: Path) -> bool:
    """Whether a box of texts has the place, as phones write it."""
    with path.open("rb") as file:
        size = path.stat().st_size
        texts = (
            file.read(min(MOST_TEXT, end - file.tell()))
            for name, end in boxes(file, size, (b"moov", b"trak"))
            if name in BOXES_OF_TEXTS
        )
        return any(mark in text for text in texts for mark in PLACES_OF_FILMS)


def _picture(path: Path) -> MediaFile:
    """What a picture is, of which only the head is read."""
    try:
        with warnings.catch_warnings():
            # Its own limit of pixels is lower than what a phone's camera makes; damaged Exif is not read.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as picture:
                width, height, form = picture.width, picture.height, str(picture.format)
                placed = _is_placed(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, EOFError):
        raise DataError("the file is no picture, sound or film of a type that browsers show") from None
    if width * height > MOST_PIXELS:
        raise DataError(f"the picture has {width:,} × {height:,} pixels, at most {MOST_PIXELS:,} are taken")
    return MediaFile("image", PICTURES[form], placed=placed)


def _is_placed(picture: Image.Image) -> bool:
    """Whether the camera wrote down the place, as Exif or as XMP."""
    written, packet = picture.info.get("exif"), picture.info.get("xmp", b"")
    exif = Image.Exif()
    try:
        if written:
            exif.load(written)
        placed = bool(exif.get_ifd(GPS))
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        placed = False  # what cannot be read tells nothing
    return placed or GPS_IN_XMP in packet
