"""CVAT for video 1.1: an XML file for each film, with the key frames of its tracks; frames and edges count from 0.

Behind its last key frame a track of CVAT goes on to the end of its task unless it is `outside`, so each ends with that.
https://docs.cvat.ai/docs/manual/advanced/xml_format/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import files_in, number, text_in, xml_of
from dataforge.formats._films import TYPES, films, read_films
from dataforge.formats._labels import LabelNames
from dataforge.formats._pictures import UNNAMED, box_of
from dataforge.formats.base import Labelled, Labels
from dataforge.geometry.keyframes import path_of
from dataforge.media.films import Film
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CvatVideo", "read_cvat_video"]

DIGITS = 6
EDGES = ("xtl", "ytl", "xbr", "ybr")


class CvatVideo:
    """Writes tracks of boxes as CVAT has them."""

    types: ClassVar[Sequence[str]] = TYPES
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`<film>.xml` for each film."""
        for name, row in films(labels, "cvat-video"):
            file = path / f"{name}.xml"
            file.parent.mkdir(parents=True, exist_ok=True)
            ElementTree.ElementTree(_written(row, labels, name)).write(file, "utf-8", xml_declaration=True)


def _written(row: Labelled, labels: Labels, name: str) -> ElementTree.Element:
    root = ElementTree.Element("annotations")
    text_in(root, "version", "1.1")
    task = ElementTree.SubElement(ElementTree.SubElement(root, "meta"), "task")
    frames = row.answer["frames"]
    told = {"name": name, "size": frames, "mode": "interpolation", "start_frame": 0, "stop_frame": frames - 1}
    for tag, value in told.items():
        text_in(task, tag, value)
    named = ElementTree.SubElement(task, "labels")
    for value in labels.values() or [UNNAMED]:
        label = ElementTree.SubElement(named, "label")
        text_in(label, "name", value)
        ElementTree.SubElement(label, "attributes")
    size = ElementTree.SubElement(task, "original_size")
    for side in ("width", "height"):
        text_in(size, side, row.answer[side])
    for track in row.answer["tracks"]:
        attributes = {"id": str(track["id"]), "label": track.get("label", UNNAMED), "source": "manual"}
        element = ElementTree.SubElement(root, "track", attributes)
        for key in _with_end(track["keys"], frames):
            ElementTree.SubElement(element, "box", key)
    ElementTree.indent(root)
    return root


def _with_end(keys: Sequence[Mapping[str, Any]], frames: int) -> list[dict[str, str]]:
    """The key frames as boxes; where nothing is seen the box is where it was last."""
    end = keys[-1]["frame"] + 1
    ended = [] if keys[-1].get("gone") or end >= frames else [{"frame": end, "gone": True}]
    path = path_of(keys, "box")
    found = []
    for key in [*keys, *ended]:
        box = path.places[key["frame"] - path.start - 1].tolist() if key.get("gone") else key["box"]
        told = {"frame": str(key["frame"]), "keyframe": "1", "outside": str(int(key.get("gone", False)))}
        told |= {"occluded": str(int(key.get("hidden", False)))}
        found.append(told | {edge: repr(one) for edge, one in zip(EDGES, box, strict=True)} | {"z_order": "0"})
    return found


@entry
def read_cvat_video(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Tracks of CVAT for video as rows for `launch(task, …)`: the film, and the known answer.

    Args:
        task: has tracks of boxes in a film as one of its outputs.
        path: a file, as CVAT exports it by *CVAT for video 1.1*, or a folder of files, each called as its film is.
        folder: the folder in which the films lie; by default that of the files.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.

    Boxes that are no key frames are left out: they lie on the way between two. Raises `DataError` with the file and the
    track that is wrong: a turned box, a track of points or polygons.
    """
    path = Path(path).expanduser()
    files = dict(files_in(path, ".xml")) if path.is_dir() else {path.stem: path}
    there = path if path.is_dir() else path.parent
    return read_films(task, files, there if folder is None else Path(folder).expanduser(), labels, "CVAT", _read)


def _read(file: Path, names: LabelNames, film: Film) -> list[dict[str, Any]]:
    root = xml_of(file, "annotations")
    # Of a film that is cut into tasks each knows where it ends; how many frames it has says that of none but the first.
    told = root.findtext("meta/task/stop_frame") or root.findtext("meta/job/stop_frame")
    last = film.count - 1 if told is None else min(film.count - 1, int(number(told, "<stop_frame>")))
    tracks: list[dict[str, Any]] = []
    for element in root.iter("track"):
        label = names(element.get("label", ""))
        if label is None:
            continue
        try:
            tracks.append({**label, "keys": _keys(element, film, last)})
        except DataError as error:
            raise DataError(f"track {element.get('id')!r}: {error}") from None
    return tracks


def _keys(track: ElementTree.Element, film: Film, last: int) -> list[dict[str, Any]]:
    """The key frames from the first one that is seen; the last holds on to the task's end, as it does in CVAT."""
    found: list[dict[str, Any]] = []
    for element in track:
        if element.tag != "box":
            raise DataError(f"expected boxes, got <{element.tag}>; convert them to boxes")
        if element.get("keyframe") != "1":
            continue
        frame = int(number(element.get("frame"), "frame"))
        if number(element.get("rotation", "0"), "rotation"):
            raise DataError(f"frame {frame}: expected an upright box, got one that is turned; set its rotation to 0")
        left, top, right, bottom = (number(element.get(edge), edge) for edge in EDGES)
        hidden = {"hidden": True} if element.get("occluded") == "1" else {}
        key = {"frame": frame, "box": box_of(left, top, right, bottom, film.width, film.height), **hidden}
        found += _until(found, key) if element.get("outside") == "1" else [key]
    if not found:
        raise DataError("has no key frame on which it is seen")
    if not found[-1].get("gone") and last > found[-1]["frame"]:
        return [*found, {**found[-1], "frame": last}]
    # Gone on the frame behind its last key frame says no more than that this is the last.
    before = found[-2]["frame"] if len(found) > 1 else -1
    return found[:-1] if found[-1].get("gone") and before + 1 == found[-1]["frame"] else found


def _until(found: Sequence[Mapping[str, Any]], key: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Gone from a key frame on, to which it was still on its way."""
    if not found or found[-1].get("gone"):
        return []
    last, frame = found[-1], key["frame"]
    gone = {"frame": frame, "gone": True}
    if last["box"] == key["box"] or last["frame"] >= frame - 1:
        return [gone]
    way = path_of([last, key], "box")
    return [{**last, "frame": frame - 1, "box": way.places[-2].round(DIGITS).tolist()}, gone]


PLUGIN = CvatVideo()
