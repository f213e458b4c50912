"""Clouds of points read from files: PCD, PLY, NumPy, and the bare numbers of KITTI and nuScenes.

A file is read by its extension, whatever it claims of itself: nothing is taken from the memory before its size bears
it out. Points that are nowhere (NaN, infinite) are left out. The viewpoint that a PCD file names is where its sensor
stood; its points are in the frame of the file already, and are not moved by it.
"""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from dataforge.errors import DataError

__all__ = ["EXTENSIONS", "Bounds", "Cloud", "bounds_of", "packed", "read_cloud"]

EXTENSIONS = ("pcd", "ply", "bin", "npy")
MOST_POINTS, LARGEST_FILE = 20_000_000, 1 << 30
LONGEST_HEAD = 1 << 16
# So many numbers a point of a PCD file may have.
MOST_NUMBERS = 10_000
# What LZF packs may unpack to a hundred times as much: at most to places and brightness of as many points as may be.
MOST_UNPACKED = 16 * MOST_POINTS
# Farther than any place of the Earth in its grids; what lies beyond is no place.
FARTHEST = 1e8
INTENSITIES = ("intensity", "i", "reflectance", "reflectivity", "remission", "scalar_intensity")
KITTI, NUSCENES = 4, 5
# The fifth number of nuScenes is the ring of the sensor, counted from 0.
MOST_RINGS = 255
KINDS = {"F": "f", "I": "i", "U": "u"}
PLY_TYPES = {
    **{"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4"},
    **{"int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4"},
    **{"double": "f8", "float32": "f4", "float64": "f8"},
}
PLY_ORDERS = {"ascii": None, "binary_little_endian": "<", "binary_big_endian": ">"}
MAGIC = b"DFPOINTS"
# So many points are shown; of more, so many drawn by lot.
MOST_SHOWN = 2_000_000
# The brightest points in a hundred are white: some mirror in each cloud would else make all others black.
BRIGHTEST = 99.0
SEED = 1

# What reading numbers from bytes that are none ends in, an array's head that is no Python among it.
DAMAGED = (ValueError, IndexError, KeyError, TypeError, SyntaxError, OverflowError, EOFError, TokenError, struct.error)

Columns = Mapping[str, NDArray[np.generic]]
Bounds = tuple[tuple[float, ...], tuple[float, ...]]
"""The least x, y, z of all points, and the greatest."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points as `float64[n, 3]`, how brightly each came back, None where the file does not tell, and how many were
    nowhere."""

    points: NDArray[np.float64]
    intensity: NDArray[np.float32] | None
    nowhere: int


def read_cloud(path: Path) -> Cloud:
    """The cloud of a file; raises `DataError` with the reason if it is none, or has no points."""
    reader = READERS.get(path.suffix.lower().lstrip("."))
    if reader is None:
        raise DataError(f"expected a file that ends in {', '.join(EXTENSIONS)}, got {path.name[-60:]!r}")
    if path.stat().st_size > LARGEST_FILE:
        raise DataError(f"the cloud has more than {LARGEST_FILE >> 20} MiB, which no browser shows; thin it out")
    try:
        columns = reader(path.read_bytes())
        return _cloud(columns)
    except DAMAGED as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"the cloud is damaged: {error}; write it anew") from None


def bounds_of(path: Path) -> Bounds:
    """Between which places the points of a file are; raises as `read_cloud` does."""
    told = path.stat()
    return _bounds(path, told.st_size, told.st_mtime_ns)


@lru_cache(maxsize=10_000)
def _bounds(path: Path, size: int, changed: int) -> Bounds:
    """Those of a file as it was when it had this size and was changed then."""
    points = read_cloud(path).points
    return tuple(points.min(axis=0).tolist()), tuple(points.max(axis=0).tolist())


def packed(cloud: Cloud) -> bytes:
    """The cloud as the pages read it: a head, places from an origin in 32 bits, brightness in 8.

    The order is by lot, so that the first points of it are a sample of all. After the magic of 8 bytes come the number
    of points, 1 if brightness is told else 0, of how many points it is (all `uint32`), four bytes of nothing, and the
    origin (3 `float64`), all little-endian.
    """
    count = len(cloud.points)
    order = np.random.default_rng(SEED).permutation(count)[:MOST_SHOWN]
    origin = np.round(np.median(cloud.points[order[:10_000]], axis=0)) if np.abs(cloud.points).max() > 1e4 else 0.0
    places = (cloud.points[order] - origin).astype("<f4")
    head = struct.pack(
        "<8sIIII3d", MAGIC, len(order), cloud.intensity is not None, count, 0, *np.broadcast_to(origin, 3)
    )
    return head + places.tobytes() + (b"" if cloud.intensity is None else _brightness(cloud.intensity[order]).tobytes())


def _brightness(intensity: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(intensity.min()), float(np.percentile(intensity, BRIGHTEST))
    scaled = (intensity - low) / ((high - low) or 1.0) * 255
    brightness: NDArray[np.uint8] = np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)
    return brightness


def _cloud(columns: Columns) -> Cloud:
    names = {name.lower(): name for name in columns}
    if lacking := {"x", "y", "z"} - names.keys():
        raise DataError(f"expected columns x, y and z, got no {', '.join(sorted(lacking))}")
    with np.errstate(invalid="ignore"):  # numbers of no meaning in a damaged file
        points = np.stack([np.asarray(columns[names[axis]], np.float64) for axis in "xyz"], axis=1)
    there = (np.abs(points) <= FARTHEST).all(axis=1)
    if not there.any():
        raise DataError(
            "the cloud has no points" if not len(points) else "no point of the cloud is anywhere: all are NaN"
        )
    told = next((columns[names[name]] for name in INTENSITIES if name in names), None)
    intensity = None if told is None else np.nan_to_num(np.asarray(told, np.float32)[there], posinf=0.0, neginf=0.0)
    return Cloud(points[there], intensity, int(len(points) - there.sum()))


def _checked_count(count: int) -> int:
    if not 0 <= count <= MOST_POINTS:
        raise DataError(f"expected at most {MOST_POINTS:,} points, got {count:,}; thin the cloud out")
    return count


def _records(content: bytes, start: int, layout: np.dtype[np.void], count: int) -> Columns:
    """Rows of a layout, of which the file has to have as many as it says."""
    if count * layout.itemsize > len(content) - start:
        raise DataError(f"the file says {count:,} points, and has {max(0, len(content) - start) // layout.itemsize:,}")
    rows = np.frombuffer(content, layout, count, start)
    return {name: rows[name] for name in layout.names or ()}


def _written(content: bytes, start: int, names: Sequence[str], count: int) -> Columns:
    """Rows of numbers written in words, of which the file has to have as many as it says."""
    with warnings.catch_warnings():
        # What cannot be read ends the numbers, and there are too few.
        warnings.simplefilter("ignore", DeprecationWarning)
        numbers = np.fromstring(content[start:].decode("ascii"), np.float64, sep=" ")
    if len(numbers) < count * len(names):
        raise DataError(
            f"the file says {count:,} points, and has {len(numbers) // max(1, len(names)):,} that can be read"
        )
    table = numbers[: count * len(names)].reshape(count, len(names))
    return {name: table[:, place] for place, name in enumerate(names)}


def _head(content: bytes, last: bytes, what: str) -> tuple[list[list[str]], int]:
    """The lines of a head as words, and where it ends: behind the line that begins with `last`."""
    lines, start = [], 0
    while start < min(len(content), LONGEST_HEAD):
        end = content.find(b"\n", start, LONGEST_HEAD)
        if end < 0:
            break
        line = content[start:end].strip()
        start = end + 1
        if line and not line.startswith(b"#"):
            lines.append(line.decode("ascii").split())
        if line.startswith(last):
            return lines, start
    raise DataError(f"it has no head of a {what} file, which ends with the line {last.decode()!r}")


# --- PCD ------------------------------------------------------------------------------------------


def _pcd(content: bytes) -> Columns:
    """https://pointclouds.org/documentation/tutorials/pcd_file_format.html"""
    lines, start = _head(content, b"DATA", "PCD")
    told = {words[0].upper(): words[1:] for words in lines}
    names, sizes, kinds = told["FIELDS"], list(map(int, told["SIZE"])), told["TYPE"]
    counts = list(map(int, told.get("COUNT", ["1"] * len(names))))
    if not len(names) == len(sizes) == len(kinds) == len(counts) or min(counts, default=0) < 1:
        raise DataError("the lines FIELDS, SIZE, TYPE and COUNT of its head do not fit each other")
    if sum(counts) > MOST_NUMBERS:
        raise DataError(f"expected at most {MOST_NUMBERS:,} numbers a point, got {sum(counts):,}; leave fields out")
    sides = [int(told["POINTS"][0])] if "POINTS" in told else [int(told["WIDTH"][0]), int(told["HEIGHT"][0])]
    count = _checked_count(min(min(sides), math.prod(sides)))
    fields = [
        (name, f"<{KINDS[kind]}{size}", many)
        for name, size, kind, many in zip(names, sizes, kinds, counts, strict=True)
    ]
    match told["DATA"]:
        case ["ascii"]:
            flat = [name if not turn else "" for name, many in zip(names, counts, strict=True) for turn in range(many)]
            return _written(content, start, flat, count)
        case ["binary"]:
            return _records(content, start, _layout(fields), count)
        case ["binary_compressed"]:
            return _compressed(content, start, fields, count)
    raise DataError(f"expected DATA ascii, binary or binary_compressed, got {' '.join(told['DATA'])[:40]!r}")


def _layout(fields: Sequence[tuple[str, str, int]]) -> np.dtype[np.void]:
    """The layout of a point: its first value of each field that has a name of its own; `_` fills up."""
    offset, offsets, names, formats = 0, [], [], []
    for name, form, many in fields:
        if name not in names and name != "_":
            names.append(name)
            formats.append(form)
            offsets.append(offset)
        offset += np.dtype(form).itemsize * many
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": offset})


def _compressed(content: bytes, start: int, fields: Sequence[tuple[str, str, int]], count: int) -> Columns:
    """Column after column, packed by LZF."""
    size, whole = struct.unpack_from("<II", content, start)
    needed = count * sum(np.dtype(form).itemsize * many for _, form, many in fields)
    if whole != needed or size > len(content) - start - 8:
        raise DataError(f"its packed points should have {needed:,} bytes, and have {whole:,}")
    if whole > MOST_UNPACKED:
        raise DataError(f"expected packed points of at most {MOST_UNPACKED:,} bytes, got {whole:,}; leave fields out")
    plain = _unpacked(memoryview(content)[start + 8 : start + 8 + size], whole)
    columns: dict[str, NDArray[np.generic]] = {}
    offset = 0
    for name, form, many in fields:
        values = np.frombuffer(plain, form, count * many, offset)
        columns.setdefault(name, values[::many])
        offset += values.nbytes
    return columns


def _unpacked(packed: memoryview, size: int) -> bytearray:
    """What LZF has packed into so many bytes: pieces as they are, and pieces that were there before."""
    plain, place, end = bytearray(), 0, len(packed)
    while place < end and len(plain) <= size:
        code = packed[place]
        place += 1
        if code < 32:
            plain += packed[place : place + code + 1]
            place += code + 1
            continue
        length = code >> 5
        if length == 7:
            length += packed[place]
            place += 1
        back = ((code & 31) << 8) + packed[place] + 1
        place += 1
        before, length = len(plain) - back, length + 2
        if before < 0:
            raise DataError("its packed points are damaged; write it anew")
        piece = bytes(plain[before : before + length])
        plain += (piece * (length // len(piece) + 1))[:length]
    if len(plain) != size:
        raise DataError("its packed points are damaged; write it anew")
    return plain


# --- PLY, NumPy, bare numbers ---------------------------------------------------------------------


def _ply(content: bytes) -> Columns:
    """http://paulbourke.net/dataformats/ply/"""
    lines, start = _head(content, b"end_header", "PLY")
    elements = [words for words in lines if words[0] == "element"]
    if lines[0] != ["ply"] or not elements or elements[0][1] != "vertex":
        raise DataError("expected a PLY file whose first element is vertex")
    first = lines.index(elements[0])
    last = lines.index(elements[1]) if len(elements) > 1 else len(lines)
    properties = [words for words in lines[first:last] if words[0] == "property"]
    if any(words[1] == "list" for words in properties):
        raise DataError("expected points of single numbers, got a property list of vertex")
    form = next((words[1] for words in lines if words[0] == "format" and len(words) > 1), "")
    if form not in PLY_ORDERS:
        raise DataError(f"expected format {', '.join(PLY_ORDERS)}, got {form[:40]!r}")
    names, order = [words[2] for words in properties], PLY_ORDERS[form]
    count = _checked_count(int(elements[0][2]))
    if order is None:
        return _written(content, start, names, count)
    return _records(
        content, start, _layout([(words[2], order + PLY_TYPES[words[1]], 1) for words in properties]), count
    )


def _npy(content: bytes) -> Columns:
    """An array of x, y, z and perhaps intensity in its columns, or with fields of these names."""
    array = _saved(content)
    if array.dtype.names is not None and array.ndim == 1:
        _checked_count(len(array))
        return {name: array[name] for name in array.dtype.names if array.dtype[name].kind in "fiu"}
    if array.ndim != 2 or array.shape[1] < 3 or array.dtype.kind not in "fiu":
        raise DataError(
            f"expected numbers of the shape (points, 3 or more), got {array.dtype} of the shape {array.shape}"
        )
    _checked_count(len(array))
    return dict(zip((*"xyz", "intensity"), array.T, strict=False))


def _saved(content: bytes) -> NDArray[Any]:
    """The array that `np.save` wrote, of which the file has to have as much as its head says."""
    stream = BytesIO(content)
    if not content.startswith(npy.MAGIC_PREFIX):
        raise DataError("expected one array, as np.save writes it")
    # The third version differs from the second in the letters that names of fields may have.
    head = npy.read_array_header_1_0 if npy.read_magic(stream)[0] == 1 else npy.read_array_header_2_0
    shape, by_columns, kind = head(stream)
    if kind.hasobject:
        raise DataError("expected numbers, got Python objects; write them anew")
    count, start = math.prod(shape), stream.tell()
    if min(shape, default=0) < 0 or count * kind.itemsize > len(content) - start:
        raise DataError(f"the file says an array of the shape {shape}, and has {len(content) - start:,} bytes of it")
    flat = np.frombuffer(content, kind, count, start)
    return flat.reshape(shape, order="F" if by_columns else "C")


def _bin(content: bytes) -> Columns:
    """32-bit numbers: four of each point as KITTI has them, or five as nuScenes has, whose last is the ring."""
    if not content or len(content) % 4:
        raise DataError("expected 32-bit numbers, four or five of each point")
    numbers = np.frombuffer(content, "<f4")
    wide = numbers.reshape(-1, NUSCENES) if len(numbers) % NUSCENES == 0 else None
    if wide is None or (len(numbers) % KITTI == 0 and not _are_rings(wide[:, 4])):
        wide = numbers.reshape(-1, KITTI)
    _checked_count(len(wide))
    return dict(zip((*"xyz", "intensity"), wide.T, strict=False))


def _are_rings(numbers: NDArray[np.float32]) -> bool:
    return bool(((numbers >= 0) & (numbers <= MOST_RINGS) & (numbers % 1 == 0)).all())


READERS: Mapping[str, Callable[[bytes], Columns]] = {"pcd": _pcd, "ply": _ply, "npy": _npy, "bin": _bin}
