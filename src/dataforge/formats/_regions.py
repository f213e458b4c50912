"""Regions of Label Studio: the parts of an answer, one by one, and their words as regions of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dataforge.errors import DataError
from dataforge.formats._brush import counts_in, packed
from dataforge.formats._labels import LabelNames
from dataforge.formats._pictures import box_of, drawn_in, inside, opened
from dataforge.formats._sequences import VIDEO, sequence_of
from dataforge.objects.base import shorten

__all__ = ["KINDS", "Region", "is_of", "label_in", "part_of", "regions_of", "tracks_written", "words_of"]

# What it calls regions of each type; with labels it adds that word, and has them in a list of that name. Pieces of
# texts and sounds are called `labels` with them and without.
KINDS = {
    "boxes": "rectangle",
    "polygons": "polygon",
    "points": "keypoint",
    "mask": "brush",
    "track": VIDEO,
    "spans": "",
    "segments": "",
}
WORDS = "textarea"
# How large it draws a point, in hundredths of the picture's width.
POINT = 0.5
DIGITS = 6

Part = dict[str, Any]
Size = tuple[int, int]


class Region(msgspec.Struct):
    """A region as it is written."""

    type: str
    value: dict[str, Any] = {}
    id: str | int = ""
    original_width: int = 0
    original_height: int = 0
    image_rotation: float = 0

    @property
    def size(self) -> Size:
        """The size of the picture; raises `DataError` if it has none."""
        if min(self.original_width, self.original_height) < 1:
            raise DataError("original_width, original_height: expected the picture's size")
        return self.original_width, self.original_height


# --- written --------------------------------------------------------------------------------------


def regions_of(answer: Any, kind: str, output: str) -> Iterator[dict[str, Any]]:
    """The regions of an answer to the question `output`, without the input that they are about."""
    drawn = isinstance(answer, Mapping)
    size = (answer["width"], answer["height"]) if drawn else None
    for place, part in enumerate(drawn_in(answer) if drawn else answer, 1):
        labelled = "label" in part
        named = f"{KINDS[kind]}labels" if labelled or size is None else KINDS[kind]
        value = _piece(part) if size is None else _in_hundredths(part, size)
        labels = {named: [part["label"]]} if labelled else {}
        told = {} if size is None else {"original_width": size[0], "original_height": size[1], "image_rotation": 0}
        yield {"id": str(place), "from_name": output, "type": named, **told, "value": value | labels}
        if kind == "segments" and "text" in part:
            words = {**value, "text": [part["text"]]}
            yield {"id": str(place), "from_name": f"{output}_text", "type": WORDS, "value": words}


def tracks_written(answer: Mapping[str, Any], output: str) -> Iterator[dict[str, Any]]:
    """The regions of tracks through a film, without the input that they are about."""
    width, height, frames = (answer[name] for name in ("width", "height", "frames"))
    for track in answer["tracks"]:
        labels = {"labels": [track["label"]]} if "label" in track else {}
        value = {"framesCount": frames, "sequence": sequence_of(track["keys"], width, height, frames), **labels}
        yield {"id": str(track["id"]), "from_name": output, "type": VIDEO, "value": value}


def _piece(part: Part) -> dict[str, Any]:
    """A piece of a text with what it quotes, or a piece of a sound."""
    place = {"start": part["start"], "end": part["end"]}
    return place | ({"text": part["text"]} if isinstance(part["start"], int) and "text" in part else {"channel": 0})


def _in_hundredths(shape: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    if "counts" in shape:
        return {"format": "rle", "rle": packed(shape["counts"], *size)}

    def share(point: Sequence[float]) -> list[float]:
        return [100 * place / side for place, side in zip(point, size, strict=True)]

    if "box" in shape:
        left, top, right, bottom = shape["box"]
        (x, y), (width, height) = share([left, top]), share([right - left, bottom - top])
        return {"x": x, "y": y, "width": width, "height": height, "rotation": 0}
    if "point" in shape:
        x, y = share(shape["point"])
        return {"x": x, "y": y, "width": POINT}
    return {"points": [share(point) for point in shape["points"]], "closed": True}


# --- read -----------------------------------------------------------------------------------------


def is_of(region: Region, kind: str) -> bool:
    """Whether a region is one of the type."""
    return region.type in (KINDS[kind] or "labels", f"{KINDS[kind]}labels")


def words_of(regions: Sequence[Region]) -> dict[str | int, str]:
    """The words that are written of regions, by their ids."""
    found = {}
    for region in regions:
        lines = region.value.get("text") if region.type == WORDS else None
        if isinstance(lines, str | list):
            found[region.id] = lines if isinstance(lines, str) else "\n".join(map(str, lines))
    return found


def part_of(region: Region, kind: str, names: LabelNames) -> Part | None:
    """The part of an answer that a region is, None if its label is left out; raises `DataError`."""
    label = label_in(region, names)
    if label is None:
        return None
    value = region.value
    if kind in ("spans", "segments"):
        quote = {"text": value["text"]} if kind == "spans" and "text" in value else {}
        return {"start": value.get("start"), "end": value.get("end"), **label, **quote}
    if region.image_rotation or value.get("rotation"):
        raise DataError("is turned, and shapes are upright here; turn it back")
    size = region.size
    if kind == "mask":
        return {**label, "counts": counts_in(value.get("rle"), *size)}
    if kind == "polygons":
        points = value.get("points")
        if not isinstance(points, list) or not all(isinstance(one, list) and len(one) == 2 for one in points):
            raise DataError(f"points: expected [[x, y], …], got {shorten(points)}")
        return {**label, "points": opened(inside([_in_pixels(one[0], one[1], size) for one in points], *size))}
    x, y = _in_pixels(value.get("x"), value.get("y"), size)
    if kind == "points":
        return {**label, "point": inside([[x, y]], *size)[0]}
    width, height = _in_pixels(value.get("width"), value.get("height"), size)
    return {**label, "box": box_of(x, y, x + width, y + height, *size)}


def label_in(region: Region, names: LabelNames) -> dict[str, str] | None:
    """The label of a region, None if it is left out; raises `DataError`."""
    field = "labels" if region.type == VIDEO else region.type
    given = region.value.get(field, []) if field.endswith("labels") else []
    if not isinstance(given, list) or len(given) > 1:
        raise DataError(f"expected one label, got {shorten(given)}")
    return names(str(given[0]) if given else "")


def _in_pixels(x: Any, y: Any, size: Size) -> list[float]:
    for share in (x, y):
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise DataError(f"expected hundredths of the picture's sides, got {shorten(share)}")
    return [round(share * side / 100, DIGITS) for share, side in zip((x, y), size, strict=True)]
