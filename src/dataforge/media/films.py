"""Films by their frames: frame n is the n-th picture in the order in which they are shown, from 0, whoever looks.

Browsers do not agree on which frame a time means, nor on what they can decode. So frames are counted once, from the
times that the file gives them, and pictures of them are made here. No rate is assumed: it may vary, as the times say.
"""

from __future__ import annotations

import io
import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError, MissingDependency

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MOST_FRAMES", "Film", "Frames", "film_of"]

MOST_FRAMES = 200_000
"""So many frames a film may have, of which answers are about frames: almost two hours at 30 a second."""
# Pictures are made so many at a time: one is hardly ever looked at alone, and decoding begins at a key frame.
BLOCK = 32
# Of large pictures fewer, down to one: so many pixels as that many in full HD.
BLOCK_PIXELS = BLOCK * 1920 * 1080
# The largest picture is one of 8K, a little higher or wider.
MOST_PIXELS = 36_000_000
# What is opened: containers of pictures. Playlists of other kinds name files to be opened.
CONTAINERS = "mov,matroska,ogg"
# Of so many films it is known where their frames are: at 16 bytes a frame, the longest take 800 MB.
MOST_KNOWN = 256
# So many films stay open, each where somebody looks at it.
MOST_REELS = 8
# JPEG at which edges stay where they are; sharper pictures are twice as large.
QUALITY = 90
# Turned by so many degrees, sides are swapped.
SIDEWAYS = 90
# Before everything, in the microseconds that containers seek by.
BEGINNING = -(1 << 40)


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """The frames of a film: their size as they are seen, and when each is shown, in seconds from the first one.

    `stamps` are the file's own times of them, `keys` those at which decoding may begin, both in order. They are arrays
    of eight bytes a number: hundreds of films are known at a time, with tens of thousands of frames each.
    """

    width: int
    height: int
    times: Sequence[float]
    stamps: Sequence[int]
    keys: Sequence[int]

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.times)

    @property
    def block(self) -> int:
        """How many pictures are made at a time, a power of two."""
        size = BLOCK
        while size > 1 and size * self.width * self.height > BLOCK_PIXELS:
            size //= 2
        return size


def film_of(path: Path) -> Film:
    """The frames of a film, of which one is decoded; raises `DataError`, `MissingDependency` or `OSError`."""
    told = path.stat()
    return _film(path, told.st_size, told.st_mtime_ns)


@lru_cache(maxsize=MOST_KNOWN)
def _film(path: Path, size: int, changed: int) -> Film:
    """The frames of a file as it was when it had this size and was changed then."""
    with _opened(path) as (container, stream):
        stamps, keys = _stamps(container, stream)
    if not stamps:
        raise DataError("the film has no frames with times; make it anew, as MP4 or WebM")
    if len(stamps) > MOST_FRAMES:
        raise DataError(f"the film has {len(stamps):,} frames, at most {MOST_FRAMES:,}; cut it into parts")
    with _opened(path) as (container, stream):
        first = _first(container, stream)
        width, height = _upright(first).size
        second = float(stream.time_base)
    times = array("d", (round((stamp - stamps[0]) * second, 6) for stamp in stamps))
    return Film(width, height, times, array("q", stamps), array("q", keys))


class Frames:
    """Pictures of frames as JPEG files, made when they are asked for; the last ones are kept in memory.

    It may be used from several threads: what two of them ask for is made once.
    """

    def __init__(self, most_bytes: int = 128 << 20) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[Path, int], list[bytes]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        # Films that are open behind a block: who goes on to the next one decodes no frame twice.
        self._reels: OrderedDict[tuple[Path, int], _Reel] = OrderedDict()
        self._making: dict[tuple[Path, int], threading.Lock] = {}

    def picture(self, path: Path, number: int) -> bytes:
        """The picture of a frame; raises `DataError` if there is no such frame or it cannot be decoded."""
        film = film_of(path)
        if not 0 <= number < film.count:
            raise DataError(f"expected a frame, 0 to {film.count - 1}, got {number}")
        place = number % film.block
        return self._block(path, film, number - place)[place]

    def kept(self, path: Path, number: int) -> bytes | None:
        """The picture of a frame if it is in memory: nobody has to wait for it."""
        with self._lock:
            size = BLOCK
            while size:
                block = self._kept.get((path, number - number % size), [])
                if number % size < len(block):
                    return block[number % size]
                size //= 2
        return None

    def _block(self, path: Path, film: Film, start: int) -> list[bytes]:
        key = (path, start)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
                reel = self._reels.pop(key, None)
            stop = min(film.count, start + film.block)
            reel = reel or _Reel(path, film, film.stamps[start])
            made = reel.pictures(start, stop)
            with self._lock:
                self._keep(key, made)
                self._making.pop(key, None)
                self._reels[path, stop] = reel
                while len(self._reels) > MOST_REELS:
                    self._reels.popitem(last=False)[1].close()
            return made

    def _keep(self, key: tuple[Path, int], made: list[bytes]) -> None:
        self._kept[key] = made
        self._size += sum(map(len, made))
        while self._size > self._most and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._size -= sum(map(len, gone))


class _Reel:
    """A film that is decoded from one frame on, block after block."""

    def __init__(self, path: Path, film: Film, first: int) -> None:
        self._film = film
        self._frames = _decoded(path, film, first)
        self._ahead: Any = None

    def close(self) -> None:
        """Close the file."""
        self._frames.close()

    def pictures(self, start: int, stop: int) -> list[bytes]:
        """The frames from `start` to before `stop`; one that is damaged is shown as the one before it."""
        wanted = {self._film.stamps[number]: number - start for number in range(start, stop)}
        made: list[bytes | None] = [None] * (stop - start)
        for frame in self._until(self._film.stamps[stop - 1]):
            if frame.pts in wanted:
                made[wanted[frame.pts]] = _jpeg(frame)
        last = next((one for one in made if one is not None), None)
        if last is None:
            raise DataError(f"frames {start} to {stop - 1} of the film cannot be decoded; make it anew")
        filled = []
        for one in made:
            last = last if one is None else one
            filled.append(last)
        return filled

    def _until(self, last: int) -> Iterator[Any]:
        """The frames to the one at a time; one behind it that had to be decoded is kept for the next block."""
        while True:
            frame, self._ahead = self._ahead or next(self._frames, None), None
            if frame is None:
                return
            if frame.pts > last:
                self._ahead = frame
                return
            yield frame
            if frame.pts == last:
                return


def _decoded(path: Path, film: Film, first: int) -> Generator[Any]:
    """Decoded frames, among them all from the time `first` on."""
    with _opened(path) as (container, stream):
        place = bisect_right(film.keys, first) - 1
        # A container may seek to what it stores and not to what it shows: then one key frame earlier, or the beginning.
        for start in (*film.keys[max(place - 1, 0) : place + 1][::-1], None):
            found = _from(container, stream, start)
            frame = next(found, None)
            if frame is not None and (frame.pts <= first or start is None):
                break
        while frame is not None:
            yield frame
            frame = next(found, None)


def _from(container: Any, stream: Any, start: int | None) -> Iterator[Any]:
    """Frames with a time from a key frame on, or from the beginning."""
    import av

    if start is None:
        container.seek(BEGINNING)
    else:
        container.seek(start, stream=stream)
    # Packet by packet: who decodes the container as a whole gets nothing behind the first damaged one.
    for packet in container.demux(stream):
        try:
            found = packet.decode()
        except av.error.InvalidDataError:
            continue  # a damaged frame: those behind it may be sound
        yield from (frame for frame in found if frame.pts is not None)


def _stamps(container: Any, stream: Any) -> tuple[list[int], list[int]]:
    """The times of all frames that are shown, and of key frames; nothing is decoded."""
    stamps, keys = set(), set()
    for packet in container.demux(stream):
        stamp = packet.dts if packet.pts is None else packet.pts
        # Of what an edit list cuts off, the container says that it is decoded and not shown.
        if stamp is None or packet.is_discard or not packet.size:
            continue
        stamps.add(stamp)
        if packet.is_keyframe:
            keys.add(stamp)
    return sorted(stamps), sorted(keys)


def _first(container: Any, stream: Any) -> Any:
    for frame in _from(container, stream, None):
        return frame
    packed = stream.codec_context.name
    raise DataError(f"the film cannot be decoded ({packed}); make it anew, as MP4 with H.264 or WebM")


def _jpeg(frame: Any) -> bytes:
    packed = io.BytesIO()
    _upright(frame).save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def _upright(frame: Any) -> Image:
    """The picture as it is seen, turned as the film says."""
    picture: Image = frame.to_image()
    turned = round(frame.rotation / SIDEWAYS) * SIDEWAYS % 360
    return picture.rotate(turned, expand=True) if turned else picture


def _bound(decoder: Any) -> None:
    """Let it decode with all cores, and nothing that is too large; raises `DataError` if the film says that it is."""
    if decoder.width * decoder.height > MOST_PIXELS:
        raise DataError(
            f"the film's pictures are {decoder.width:,} × {decoder.height:,}, at most {MOST_PIXELS:,} pixels are "
            "expected; make it smaller"
        )
    decoder.thread_type = "AUTO"
    # Pictures may be larger than the film says.
    decoder.options = {"max_pixels": str(MOST_PIXELS)}


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The film and its pictures, the first there are."""
    try:
        import av
    except ImportError as error:
        raise MissingDependency("frames of films need: pip install 'dataforge-labeling[video]'") from error
    try:
        with av.open(str(path), options={"format_whitelist": CONTAINERS}) as container:
            if not container.streams.video:
                raise DataError("the file has no pictures, only sound")
            stream = container.streams.video[0]
            if stream.codec_context is not None:
                _bound(stream.codec_context)
            yield container, stream
    except (av.error.FFmpegError, ValueError) as error:
        if isinstance(error, DataError | FileNotFoundError):
            raise
        raise DataError(f"the film cannot be read: {error}; make it anew, as MP4 with H.264 or WebM") from None
