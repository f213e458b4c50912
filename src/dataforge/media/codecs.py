"""How sounds and films are packed, told from their containers, where many browsers cannot unpack that."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

from dataforge.media.playing_times import boxes

__all__ = ["unplayed"]

# As MP4 and QuickTime files call what all of today's browsers unpack.
PLAYED = frozenset((b"avc1", b"avc3", b"av01", b"vp08", b"vp09", b"mp4a", b"Opus", b"fLaC", b".mp3"))
# What most others are called by people.
CALLED = {
    b"hvc1": "H.265",
    b"hev1": "H.265",
    b"mp4v": "MPEG-4 Part 2",
    b"s263": "H.263",
    b"jpeg": "Motion JPEG",
    b"mjpa": "Motion JPEG",
    b"apch": "ProRes",
    b"apcn": "ProRes",
    b"ap4h": "ProRes",
    b"sowt": "PCM",
    b"twos": "PCM",
    b"lpcm": "PCM",
    b"ac-3": "AC-3",
    b"ec-3": "E-AC-3",
    b"alac": "ALAC",
}
# Boxes on the way to what says how a track is packed, and the tracks that are seen and heard.
HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
TRACKS = (b"vide", b"soun")
# Of WAV files: whole numbers, fractions, those of telephones, and what names one of these further on.
WAV_PLAYED = (1, 3, 6, 7, 0xFFFE)
# Of Ogg and Matroska, by what stands in their heads.
OGG = {b"\x80theora": "Theora", b"Speex   ": "Speex"}
MATROSKA = {b"V_THEORA": "Theora", b"V_MPEG4/ISO/ASP": "MPEG-4 Part 2", b"V_MPEGH": "H.265", b"A_AC3": "AC-3"}
HEAD = 1 << 16


def unplayed(path: Path) -> str:
    """How a sound or film is packed if many browsers do not play that; empty where they do, or where it is not told."""
    with suppress(OSError, ValueError, IndexError, struct.error), path.open("rb") as file:
        head = file.read(HEAD)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return _wav(head)
        if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
            return next((CALLED.get(one, one.decode("latin-1").strip()) for one in _tracks(path)), "")
        marks = OGG if head[:4] == b"OggS" else MATROSKA if head[:4] == b"\x1a\x45\xdf\xa3" else {}
        return next((name for mark, name in marks.items() if mark in head), "")
    return ""


def _wav(head: bytes) -> str:
    at = head.index(b"fmt ")
    (form,) = struct.unpack_from("<H", head, at + 8)
    return "" if form in WAV_PLAYED else f"WAV, {form:#06x}"


def _tracks(path: Path) -> list[bytes]:
    """How the tracks that are seen and heard are packed, those of which not all browsers play it."""
    kind, found = b"", []
    with path.open("rb") as file:
        size = path.stat().st_size
        for name, end in boxes(file, size, HOLDERS):
            content = file.read(min(16, end - file.tell()))
            if name == b"hdlr" and content[4:8] != b"dhlr":
                kind = content[8:12]
            elif name == b"stsd" and kind in TRACKS and content[12:16] not in PLAYED:
                found.append(content[12:16])
    return found
