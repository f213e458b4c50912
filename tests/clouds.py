"""Clouds of points written as files in every way that is read."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PCD = """# .PCD v0.7
VERSION 0.7
FIELDS x y z intensity
SIZE 4 4 4 4
TYPE F F F F
COUNT 1 1 1 1
WIDTH {count}
HEIGHT 1
VIEWPOINT 10 20 30 0 1 0 0
POINTS {count}
DATA {data}
"""
PLY = "ply\nformat {form} 1.0\ncomment made\nelement vertex {count}\n{properties}end_header\n"
PROPERTIES = "property float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty float intensity\n"

Rows = NDArray[np.float32]


def packed_by_lzf(content: bytes) -> bytes:
    """LZF by hand: pieces as they are, and each run of a byte by one that points back to its first two."""
    out, start, place = bytearray(), 0, 0

    def plain(end: int) -> None:
        for at in range(start, end, 32):
            piece = content[at : min(at + 32, end)]
            out.extend([len(piece) - 1, *piece])

    while place < len(content):
        run = place + 1
        while run < len(content) and content[run] == content[place] and run - place < 200:
            run += 1
        if run - place >= 12:
            plain(place + 1)
            length = run - place - 1
            out.extend([7 << 5, length - 9, 0])
            start = place = run
        else:
            place += 1
    plain(len(content))
    return bytes(out)


def written(folder: Path, form: str, rows: Rows) -> Path:
    """A file of points with their intensity, as one of the forms has it."""
    count = len(rows)
    words = "\n".join(" ".join(map(repr, map(float, row))) for row in rows)
    colours = np.zeros(count, [("x", "f4"), ("y", "f4"), ("z", "f4"), ("red", "u1"), ("intensity", "f4")])
    for place, name in enumerate(("x", "y", "z", "intensity")):
        colours[name] = rows[:, place]
    columns = np.ascontiguousarray(rows.T).tobytes()
    squeezed = packed_by_lzf(columns)
    contents = {
        "ascii.pcd": PCD.format(count=count, data="ascii").encode() + words.encode(),
        "binary.pcd": PCD.format(count=count, data="binary").encode() + rows.tobytes(),
        "compressed.pcd": PCD.format(count=count, data="binary_compressed").encode()
        + struct.pack("<II", len(squeezed), len(columns))
        + squeezed,
        "ascii.ply": PLY.format(form="ascii", count=count, properties=PROPERTIES).encode()
        + "\n".join(" ".join(map(repr, map(float, [*row[:3], 7, row[3]]))) for row in rows).encode(),
        "little.ply": PLY.format(form="binary_little_endian", count=count, properties=PROPERTIES).encode()
        + colours.tobytes(),
        "big.ply": PLY.format(form="binary_big_endian", count=count, properties=PROPERTIES).encode()
        + colours.astype(colours.dtype.newbyteorder(">")).tobytes(),
        "kitti.bin": rows.tobytes(),
        "nuscenes.pcd.bin": np.column_stack([rows, np.arange(count) % 32]).astype("<f4").tobytes(),
    }
    path = folder / form
    if form.endswith(".npy"):
        np.save(path, rows)
    else:
        path.write_bytes(contents[form])
    return path


FORMS = (
    *("ascii.pcd", "binary.pcd", "compressed.pcd", "ascii.ply", "little.ply", "big.ply"),
    *("kitti.bin", "nuscenes.pcd.bin", "array.npy"),
)


def street(count: int = 400, seed: int = 1) -> Rows:
    """Ground, and a car of 4 by 2 by 1.5 m whose centre is at 10, 0, 1.75 and that is turned by half a radian."""
    rng = np.random.default_rng(seed)
    ground = np.column_stack([rng.uniform(-30, 30, (count, 2)), rng.normal(0, 0.02, count)])
    sides = rng.uniform(-0.5, 0.5, (count, 3))
    sides[np.arange(count), rng.integers(0, 3, count)] = rng.choice([-0.5, 0.5], count)
    along, across, up = (sides * [4, 2, 1.5]).T
    x, y = along * np.cos(0.5) - across * np.sin(0.5), along * np.sin(0.5) + across * np.cos(0.5)
    car = np.column_stack([x + 10, y, up + 1.75])
    points = np.concatenate([ground, car])
    return np.column_stack([points, rng.uniform(0, 1, len(points))]).astype(np.float32)
