"""Downloads that go on where they stopped, are checked, and are unpacked whole or not at all."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from filelock import FileLock

from dataforge.errors import DataError

__all__ = ["Archive", "Progress", "fetch"]

Progress = Callable[[int, int], None]

BLOCK = 1 << 20
TIMEOUT = 60.0
ATTEMPTS = 4
RECORDS = "checksums.json"


class Archive(Protocol):
    """What is fetched: an archive, the address of its MD5, and how the unpacked files are read."""

    @property
    def name(self) -> str:
        """The name of the folder that it is unpacked to."""
        ...

    @property
    def url(self) -> str:
        """The address of the archive."""
        ...

    @property
    def checksum_url(self) -> str:
        """The address of its MD5."""
        ...

    @property
    def read(self) -> Callable[[Path], object]:
        """Reads the unpacked files."""
        ...


def fetch(archive: Archive, data_dir: Path, mirror: str | Path | None = None, progress: Progress | None = None) -> Path:
    """The folder with the unpacked archive; downloaded if it is not there yet.

    Several processes may ask at once: one downloads, the others wait.
    """
    folder = data_dir / archive.name
    if folder.is_dir():
        return folder
    with FileLock(data_dir / f".{archive.name}.lock"):
        if folder.is_dir():
            return folder
        packed = data_dir / f"{archive.name}.zip"
        for left in data_dir.glob(f".{archive.name}-*"):  # by a process that was killed while it unpacked
            shutil.rmtree(left, ignore_errors=True)
        try:
            _bring(_address(archive.url, mirror), packed, progress)
            sha256 = _checked(archive, packed, mirror)
            with _unpacked(packed, folder) as inner:
                _try_out(archive, inner)
                with FileLock(data_dir / ".checksums.lock"):
                    _hold_to_first(archive.name, sha256, data_dir / RECORDS)
                inner.rename(folder)
        finally:
            packed.unlink(missing_ok=True)
    return folder


def _address(url: str, mirror: str | Path | None) -> str:
    """The address of a file, or where the mirror has a file of that name."""
    if mirror is None:
        return url
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    place = str(mirror)
    return f"{place.rstrip('/')}/{name}" if "://" in place else str(Path(place).expanduser() / name)


def _bring(place: str, target: Path, progress: Progress | None) -> None:
    """Copy or download a file; a download that breaks off is continued, now and in a later call."""
    if "://" not in place:
        if not Path(place).is_file():
            raise DataError(f"the mirror has no file {place}")
        shutil.copyfile(place, target)
        return
    part = target.with_suffix(".part")
    for attempt in range(ATTEMPTS):
        try:
            if _download(place, part, progress):
                break
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError) or attempt == ATTEMPTS - 1:
                raise DataError(
                    f"{place} cannot be downloaded: {error}; what came is kept, so the next try goes on from there; "
                    "mirror= takes another address or a folder"
                ) from error
    else:
        raise DataError(f"{place} broke off {ATTEMPTS} times; what came is kept, so the next try goes on from there")
    part.replace(target)
    part.with_suffix(".etag").unlink(missing_ok=True)


def _download(url: str, part: Path, progress: Progress | None) -> bool:
    """Add to a partial file; whether it is whole now.

    The server is asked to go on only if the file is still the same one (its ETag): otherwise it is sent anew.
    """
    tag_file = part.with_suffix(".etag")
    have = part.stat().st_size if part.is_file() else 0
    tag = tag_file.read_text() if tag_file.is_file() else ""
    headers = {"User-Agent": "dataforge"}
    if have and tag:
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    try:
        reply = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            part.unlink()
            return False
        raise
    with reply:
        resumed = reply.status == HTTPStatus.PARTIAL_CONTENT
        if resumed and not reply.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            part.unlink()
            return False
        new_tag = reply.headers.get("ETag", "")
        tag_file.write_text("" if new_tag.startswith("W/") else new_tag)
        length = reply.headers.get("Content-Length")
        done = have if resumed else 0
        whole = done + int(length) if length else 0
        with part.open("ab" if resumed else "wb") as file:
            while block := reply.read(BLOCK):
                file.write(block)
                done += len(block)
                if progress is not None:
                    progress(done, whole)
    return not whole or done >= whole


def _checked(archive: Archive, packed: Path, mirror: str | Path | None) -> str:
    """The SHA-256 of a download, whose MD5 is the one that is published."""
    md5, sha256 = _sums(packed)
    published = _published_md5(_address(archive.checksum_url, mirror), mirror is not None)
    if published is not None and published != md5:
        raise DataError(f"{archive.name}: the archive has the MD5 {md5}, {published} is published: load it again")
    return sha256


def _try_out(archive: Archive, inner: Path) -> None:
    """Read the unpacked files once: what cannot be read is not to be kept, nor its sum."""
    try:
        archive.read(inner)
    except (DataError, KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        what = str(error).replace(str(inner), archive.name)
        raise DataError(
            f"{archive.name}: the archive cannot be read as this data set, so it is not kept: {what}; "
            "look whether it is the right one"
        ) from error


def _hold_to_first(name: str, sha256: str, records_file: Path) -> None:
    """Record the sum of the first download; refuse a later one that differs."""
    try:
        records: dict[str, Any] = json.loads(records_file.read_text("utf-8")) if records_file.is_file() else {}
    except ValueError as error:
        raise DataError(f"{records_file} needs to be JSON ({error}): mend or remove it") from error
    first = records.get(name)
    if first is not None and first != sha256:
        raise DataError(
            f"{name}: the archive has the SHA-256 {sha256}, the first download had {first}: the source has "
            f"changed; if that is meant, remove the entry from {records_file}"
        )
    if first is None:
        new = records_file.with_suffix(".new")
        new.write_text(json.dumps(records | {name: sha256}, indent=2, sort_keys=True), "utf-8")
        new.replace(records_file)


def _sums(path: Path) -> tuple[str, str]:
    """MD5 and SHA-256 of a file."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            md5.update(block)
            sha256.update(block)
    return md5.hexdigest(), sha256.hexdigest()


def _published_md5(place: str, optional: bool) -> str | None:
    """The sum in a published file; a mirror may lack it."""
    try:
        if "://" in place:
            request = urllib.request.Request(place, headers={"User-Agent": "dataforge"})
            with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
                text = reply.read(4096).decode("ascii", "replace")
        else:
            text = Path(place).read_text("ascii", "replace")
    except urllib.error.HTTPError as error:
        if optional and error.code == HTTPStatus.NOT_FOUND:
            return None
        raise DataError(f"{place}: the archive's checksum cannot be had: {error}") from error
    except FileNotFoundError:
        if optional:
            return None
        raise
    except OSError as error:
        raise DataError(f"{place}: the archive's checksum cannot be had: {error}") from error
    found = re.search(r"\b[0-9a-fA-F]{32}\b", text)
    if found is None:
        raise DataError(f"{place} needs to hold an MD5 of 32 digits, it holds {text[:60]!r}")
    return found.group().lower()


@contextmanager
def _unpacked(packed: Path, folder: Path) -> Iterator[Path]:
    """A folder beside `folder` with what is in an archive, to be moved there; a single folder inside is entered."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True) as place:
        outer = Path(place) / "archive"
        try:
            with zipfile.ZipFile(packed) as archive:
                for member in archive.namelist():
                    if Path(member).is_absolute() or ".." in Path(member).parts:
                        raise DataError(f"{packed.name} holds a path that leads out of its folder: {member!r}")
                archive.extractall(outer)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise DataError(f"{packed.name} is no zip archive that can be unpacked ({error}): load it again") from error
        entries = [entry for entry in outer.iterdir() if entry.name != "__MACOSX"]
        yield entries[0] if len(entries) == 1 and entries[0].is_dir() else outer
