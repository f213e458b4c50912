"""How long sounds and films play, told from their containers: nothing is decoded, and of a long file little is read."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

__all__ = ["boxes", "flac_seconds", "mp3_seconds", "mp4_tracks", "ogg_seconds", "wav_seconds", "webm_tracks"]

# Of a WAV file's format the part that is read; the ways of storing sound in which each sample has as many bits: whole
# numbers, fractions, those of telephones, and what names one of these further on; the least rate that browsers play.
WAV_FORMAT = 16
WAV_KINDS = (1, 3, 6, 7, 0xFFFE)
LEAST_SAMPLES = 3000
# The longest page of an Ogg file.
OGG_PAGE = 65_307
OPUS_RATE = 48_000
MP3_RATES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
MP3_BITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
MP3_BITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
# Elements of Matroska: those that hold others, and those that are read.
SEGMENT, INFO, TRACKS, TRACK, CLUSTER, GROUP = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675, 0xA0
TRACK_TYPE, SCALE, DURATION, CLUSTER_TIME, SIMPLE_BLOCK, BLOCK = 0x83, 0x2AD7B1, 0x4489, 0xE7, 0xA3, 0xA1
HOLDERS = frozenset((SEGMENT, INFO, TRACKS, TRACK, CLUSTER, GROUP))
READ = {TRACK_TYPE: 8, SCALE: 8, DURATION: 8, CLUSTER_TIME: 8, SIMPLE_BLOCK: 12, BLOCK: 12}
FILM_TRACK = 1
# How long, in seconds, the last block may play.
LAST_BLOCK = 1.0
# Of more parts than these no file is read, whatever it is: two hours of film at 60 pictures a second, with a sound of
# 50 blocks, have 800,000.
MOST_ELEMENTS = 1_000_000


def wav_seconds(path: Path) -> float | None:
    """The length of a WAV file, of what is really there of it; None where its head contradicts itself."""
    with path.open("rb") as file:
        file.seek(12)
        rate = None
        for _ in range(MOST_ELEMENTS):
            if len(head := file.read(8)) < 8:
                break
            name, size = struct.unpack("<4sI", head)
            begins = file.tell()
            if name == b"fmt ":
                rate = _wav_rate(file.read(min(size, WAV_FORMAT)))
            elif name == b"data":
                return min(size, _rest(file)) / rate if rate else None
            file.seek(begins + size + size % 2)
    raise ValueError("no sound")


def _wav_rate(head: bytes) -> int | None:
    """Bytes in a second, where they follow from channels, samples and bits, as in all that browsers play."""
    kind, channels, samples, rate, block, bits = struct.unpack("<HHIIHH", head)
    agree = channels > 0 and block == channels * ((bits + 7) // 8) and rate == samples * block
    return rate if kind in WAV_KINDS and agree and samples >= LEAST_SAMPLES else None


def ogg_seconds(path: Path) -> float:
    """The length of an Ogg file with Opus or Vorbis: where its last page ends."""
    with path.open("rb") as file:
        head = file.read(256)
        if (opus := head.find(b"OpusHead")) >= 0:
            rate, skipped = OPUS_RATE, struct.unpack_from("<H", head, opus + 10)[0]
        else:
            rate, skipped = struct.unpack_from("<I", head, head.index(b"\x01vorbis") + 12)[0], 0
        file.seek(max(0, _size(file) - OGG_PAGE))
        tail = file.read()
    (granule,) = struct.unpack_from("<q", tail, tail.rindex(b"OggS") + 6)
    if granule < 0 or not rate:
        raise ValueError("no end")
    return float(max(0, granule - skipped) / rate)


def flac_seconds(path: Path) -> float | None:
    """The length of a FLAC file; None where who wrote it did not know it."""
    with path.open("rb") as file:
        packed = int.from_bytes(file.read(26)[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    return samples / rate if rate and samples else None


def mp3_seconds(path: Path) -> float:
    """The length of an MP3 file: as its head tells, else as its size and the rate of its first frame do."""
    with path.open("rb") as file:
        head = file.read(10)
        start = 0
        if head[:3] == b"ID3":
            start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(start)
        frame = file.read(256)
        length = _size(file) - start
    if frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        raise ValueError("no frame")
    version = frame[1] >> 3 & 3
    rate, samples = MP3_RATES[version][frame[2] >> 2 & 3], 1152 if version == 3 else 576
    for mark in (b"Xing", b"Info"):
        at = frame.find(mark)
        if at >= 0 and frame[at + 7] & 1:
            return float(struct.unpack_from(">I", frame, at + 8)[0] * samples / rate)
    kilobits = (MP3_BITS_1 if version == 3 else MP3_BITS_2)[frame[2] >> 4]
    if not kilobits:
        raise ValueError("no rate")
    return length / (125 * kilobits)


def mp4_tracks(path: Path) -> tuple[bool, float | None]:
    """Whether an MP4 or QuickTime file has pictures, and how long it plays."""
    with path.open("rb") as file:
        film, seconds = False, None
        for name, end in boxes(file, _size(file), (b"moov", b"trak", b"mdia")):
            content = file.read(min(32, end - file.tell()))
            if name == b"mvhd":
                long = content[0] == 1
                scale, length = struct.unpack_from(">IQ" if long else ">II", content, 20 if long else 12)
                seconds = length / scale if scale and length else None
            elif name == b"hdlr":
                film = film or content[8:12] == b"vide"
    return film, seconds


def boxes(file: BinaryIO, end: int, holders: tuple[bytes, ...]) -> Iterator[tuple[bytes, int]]:
    """Name and end of each box, those inside of holders too; the file stands at its content."""
    at, found = 0, 0
    while at + 8 <= end and found < MOST_ELEMENTS:
        found += 1
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        begins = 8
        if size == 1:
            size, begins = int.from_bytes(file.read(8), "big"), 16
        until = end if size == 0 else at + size
        if until < at + begins:
            raise ValueError("a box that ends before it begins")
        yield name, min(until, end)
        at = at + begins if name in holders else until
    if not found:
        raise ValueError("no boxes")


def webm_tracks(path: Path) -> tuple[bool, float | None]:
    """Whether a WebM file has pictures, and how long it plays; a recorder leaves that out, its last block tells.

    Of a file with more parts than any of a few hours it is not told how long it plays.
    """
    film, scale, told, cluster, last = False, 1_000_000, None, 0, 0
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data, suppress(OverflowError):
        for name, content in _elements(data):
            if name == TRACK_TYPE:
                film = film or content[-1:] == bytes((FILM_TRACK,))
            elif name == SCALE:
                scale = int.from_bytes(content, "big")
            elif name == DURATION:
                told = struct.unpack(">f" if len(content) == 4 else ">d", content)[0]
            elif name == CLUSTER_TIME:
                cluster = int.from_bytes(content, "big")
            else:
                width = 9 - content[0].bit_length()
                last = max(last, cluster + int.from_bytes(content[width : width + 2], "big", signed=True))
        return film, _length(told, last, scale)
    return film, None


def _length(told: float | None, last: int, scale: int) -> float | None:
    measured, told_seconds = last * scale / 1e9, (told or 0) * scale / 1e9
    # The last block plays on for a moment; what is told beyond that is not there.
    seconds = told_seconds if 0 <= told_seconds - measured <= LAST_BLOCK else measured
    return seconds or None


def _elements(data: mmap) -> Iterator[tuple[int, bytes]]:
    """The elements that are read, wherever they stand, with the beginning of each."""
    at, end = 0, len(data)
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return
        width = _width(data[at])
        name = int.from_bytes(data[at : at + width], "big")
        at += width
        if at >= end:
            return
        width = _width(data[at])
        size = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
        at += width
        if name in HOLDERS:
            continue
        if name in READ:
            yield name, data[at : min(at + size, at + READ[name])]
        at += size
    raise OverflowError("too many elements")


def _width(first: int) -> int:
    """How many bytes a number of Matroska has."""
    width = 9 - first.bit_length()
    if width > 8:
        raise ValueError("no element")
    return width


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _rest(file: BinaryIO) -> int:
    return _size(file) - file.tell()
