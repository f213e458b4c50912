"""Small films in which each frame shows its number, as black and white fields that survive packing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

BITS, SIDE = 12, 16
WIDTH, HEIGHT = BITS * SIDE, 64
# Milliseconds: whatever the times of a film are, they are told by them.
TICK = Fraction(1, 1000)


def made(
    path: Path,
    count: int,
    codec: str = "libx264",
    *,
    times: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    gop: int = 12,
    rotation: int = 0,
) -> Path:
    """A film of so many frames, shown at these milliseconds, else 25 a second."""
    av = pytest.importorskip("av", reason="frames of films need PyAV: pip install av")
    times = range(0, 40 * count, 40) if times is None else times
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt, stream.time_base = WIDTH, HEIGHT, "yuv420p", TICK
        stream.codec_context.time_base, stream.codec_context.gop_size = TICK, gop
        for number, time in zip(range(count), times, strict=True):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = time, TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if rotation:
        path.write_bytes(_turned(path.read_bytes(), rotation))
    return path


def _turned(film: bytes, degrees: int) -> bytes:
    """An MP4 file whose matrix says that it is shown turned, as phones write it."""
    at = film.index(b"tkhd") + 4
    matrix = at + (52 if film[at] == 1 else 40)
    one, none = (1 << 16).to_bytes(4, "big"), bytes(4)
    minus = ((1 << 32) - (1 << 16)).to_bytes(4, "big")
    last = (1 << 30).to_bytes(4, "big")
    turned = {90: (none, one, none, minus, none, none), 270: (none, minus, none, one, none, none)}[degrees]
    return film[:matrix] + b"".join(turned) + none * 2 + last + film[matrix + 36 :]


def numbered(number: int) -> np.ndarray[Any, Any]:
    """The picture of a number: one field a bit."""
    fields = [255 * (number >> bit & 1) for bit in range(BITS)]
    row = np.repeat(np.array(fields, np.uint8), SIDE)
    return np.repeat(np.repeat(row[None], HEIGHT, axis=0)[..., None], 3, axis=2)


def number_in(picture: bytes, turned: int = 0) -> int:
    """The number that a picture shows."""
    with Image.open(io.BytesIO(picture)) as opened:
        grey = np.asarray(opened.convert("L").rotate(turned, expand=True), float)
    middles = grey[HEIGHT // 2 - 4 : HEIGHT // 2 + 4].reshape(8, BITS, SIDE)[:, :, 4:12].mean(axis=(0, 2))
    return int(sum(int(light > 127) << bit for bit, light in enumerate(middles)))
