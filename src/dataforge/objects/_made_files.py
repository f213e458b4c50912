"""Small files that simulated people send: sounds, pictures and films that differ with the seed and play in browsers."""

from __future__ import annotations

import io
import math
import struct
from random import Random

__all__ = ["RATE", "film", "picture", "sound"]

RATE = 8_000
LOUDNESS = 9_000
WIDTH, HEIGHT = 64, 48
FRAMES, FRAME_MILLISECONDS = 6, 250
# The element of Matroska that is a block, and the marks of a block: of track 1, at a time, one that needs no other.
SIMPLE_BLOCK, TRACK, KEY_FRAME = 0xA3, 0x81, 0x80


def sound(rng: Random, samples: int, *, good: bool) -> bytes:
    """A WAV file of so many samples of two tones; one that is not good is silent."""
    second = bytes(2 * RATE)
    if good:
        low, high = rng.randint(120, 400), rng.randint(500, 1500)  # whole numbers: a second goes on into the next
        angles = [2 * math.pi * place / RATE for place in range(RATE)]
        second = struct.pack(
            f"<{RATE}h", *(round(LOUDNESS * (math.sin(low * angle) + math.sin(high * angle))) for angle in angles)
        )
    data = (second * (samples // RATE + 1))[: 2 * samples]
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE") + form + struct.pack("<4sI", b"data", len(data)) + data
    )


def picture(rng: Random, form: str, *, good: bool) -> bytes:
    """A picture of a few coloured areas in a format of Pillow's; one that is not good is black."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), _colour(rng) if good else (0, 0, 0))
    for _ in range(4 if good else 0):
        left, top = rng.randrange(WIDTH - 16), rng.randrange(HEIGHT - 16)
        box = (left, top, left + rng.randint(8, 16), top + rng.randint(8, 16))
        ImageDraw.Draw(image).ellipse(box, fill=_colour(rng))
    made = io.BytesIO()
    image.save(made, form)
    return made.getvalue()


def _colour(rng: Random) -> tuple[int, int, int]:
    return rng.randint(40, 255), rng.randint(40, 255), rng.randint(40, 255)


def film(rng: Random, *, good: bool) -> bytes:
    """A WebM file of a second and a half; each frame is a picture by itself, as a lossy WebP has it (VP8)."""
    times = [number * FRAME_MILLISECONDS for number in range(FRAMES)]
    head = _element(0x1A45DFA3, _element(0x4282, b"webm"), _element(0x4287, b"\x04"), _element(0x4285, b"\x02"))
    length = struct.pack(">d", FRAMES * FRAME_MILLISECONDS)
    about = _element(0x1549A966, _element(0x4489, length), _element(0x4D80, b"x"), _element(0x5741, b"x"))
    size = _element(0xE0, _element(0xB0, bytes((WIDTH,))), _element(0xBA, bytes((HEIGHT,))))
    track = _element(
        0xAE, _element(0xD7, b"\1"), _element(0x73C5, b"\1"), _element(0x83, b"\1"), _element(0x86, b"V_VP8"), size
    )
    blocks = [_element(SIMPLE_BLOCK, struct.pack(">BhB", TRACK, at, KEY_FRAME), _frame(rng, good)) for at in times]
    cluster = _element(0x1F43B675, _element(0xE7, b"\0"), *blocks)
    return head + _element(0x18538067, about, _element(0x1654AE6B, track), cluster)


def _frame(rng: Random, good: bool) -> bytes:
    """What a lossy WebP holds, without its container."""
    return picture(rng, "WEBP", good=good)[20:]


def _element(name: int, *content: bytes) -> bytes:
    """An element of Matroska: its name, how many bytes it has, and these."""
    inner = b"".join(content)
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (len(inner) | 1 << 56).to_bytes(8, "big") + inner
