"""One configured example of each object type; a type without one here is tried as its bare class."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataforge.objects.audio import Audio
from dataforge.objects.boxes import Boxes
from dataforge.objects.choice import Choice, ChoiceType, option
from dataforge.objects.cuboids import Cuboids
from dataforge.objects.dialogue import Dialogue
from dataforge.objects.image import Image
from dataforge.objects.integer import Integer
from dataforge.objects.lines import Lines
from dataforge.objects.links import Links
from dataforge.objects.mask import Mask
from dataforge.objects.mos import Mos
from dataforge.objects.number import Number
from dataforge.objects.points import Points
from dataforge.objects.polygons import Polygons
from dataforge.objects.ranking import Ranking
from dataforge.objects.rating import Rating
from dataforge.objects.recording import Recording
from dataforge.objects.segments import Segments
from dataforge.objects.several import Several
from dataforge.objects.side_by_side import SideBySide
from dataforge.objects.spans import Spans
from dataforge.objects.text import Text
from dataforge.objects.track import Track
from dataforge.objects.turn_spans import TurnSpans
from dataforge.objects.turns import Turns
from dataforge.objects.upload import Upload
from dataforge.objects.video import Video
from dataforge.registry import load


class Colour(Choice):
    RED = option("red", "Red", ru="Красный", hint={"en": "like a cherry", "ru": "как вишня"})
    BLUE = option("blue", ru="<b>синий</b>")
    OTHER = "<script>alert(1)</script>"


EXAMPLES: dict[str, list[Any]] = {
    "text": [
        Text(),
        Text(markdown=True, longest=10, pattern=r"\d+", hint={"en": "digits", "ru": "цифры"}),
        Text(shortest=0, lines=1),
    ],
    "audio": [Audio(), Audio(play_to_end=True)],
    "video": [Video(), Video(play_to_end=True)],
    "choice": [ChoiceType.of(Colour), ChoiceType.of(Colour).depending("kind", {"warm": ["red"], "cold": ["blue"]})],
    "integer": [Integer(), Integer(0, 10), Integer(0, 100, 5, {"en": "years", "ru": "лет"})],
    "number": [Number(), Number(0.5, 1.5), Number(0, 1, step=0.1, unit="m")],
    "rating": [
        Rating(1, 5),
        Rating(1, 5, right=4),
        Rating(1, 5, answer_by="mean"),
        Rating(0, 10, points={0: "bad", 10: {"en": "good", "ru": "хорошо"}}),
    ],
    "mos": [Mos(), Mos(0, 100, item="text", reference="original", anchor="noise"), Mos(1, 7, {1: "bad"}, "made_by")],
    "recording": [Recording(), Recording(1, 10)],
    "upload": [Upload(kind) for kind in (Image, Video, Audio)],
    "several": [Several(Colour), Several(Colour, least=1, most=2)],
    "ranking": [Ranking("one", "two", "three"), Ranking()],
    "boxes": [Boxes(Colour), Boxes(of="photo")],
    "polygons": [Polygons(), Polygons(Colour)],
    "lines": [Lines(), Lines(Colour, of="photo")],
    "points": [Points(Colour), Points()],
    "mask": [Mask(Colour), Mask(of="photo", boundary=2)],
    "spans": [Spans(Colour, of="text")],
    "dialogue": [Dialogue(), Dialogue(markdown=False)],
    "turn_spans": [TurnSpans(Colour, of="chat"), TurnSpans(role=None, overlapping=True)],
    "turns": [Turns(Colour, of="chat"), Turns(Rating(1, 5, points={1: "bad"}), role=None)],
    "segments": [Segments(Colour, of="call"), Segments(text=True, overlapping=True)],
    "track": [Track(Colour, of="clip"), Track(shape="point"), Track(Colour, shape="time", of="clip")],
    "cuboids": [Cuboids(Colour, of="cloud"), Cuboids(tracked=True, fronts=False)],
    "links": [
        Links("solid", "found"),
        Links("text", "text", Colour, directed=False),
        Links("solid", "found", Colour, single=True),
    ],
    "side-by-side": [SideBySide(), SideBySide(tie=True, left="one", right="other")],
}


def shapes(*drawn: dict[str, Any]) -> dict[str, Any]:
    """An answer with shapes on a picture of 8 by 6."""
    return {"width": 8, "height": 6, "shapes": list(drawn)}


def tracks(*followed: dict[str, Any]) -> dict[str, Any]:
    """An answer with tracks through ten frames of 8 by 6."""
    numbered = [{"id": place, **track} for place, track in enumerate(followed, 1)]
    return {"width": 8, "height": 6, "frames": 10, "tracks": numbered}


# Answers that the first example of a type without labels takes, none of which means the same as another.
ANSWERS: dict[str, list[Any]] = {
    "text": ["She sells sea shells", "по морю", "🙂", "0"],
    "integer": [0, -7, 2**40],
    "number": [0.0, -0.5, 1e300],
    "recording": [{"media": f"{name * 64}.wav", "seconds": 1.5} for name in "ab"],
    "upload": [{"media": f"{name * 64}.jpg"} for name in "ab"],
    "several": [[], ["red"], ["red", "blue"], ["blue", "<script>alert(1)</script>"]],
    "ranking": [["one", "two", "three"], ["two", "one", "three"], ["three", "two", "one"]],
    "boxes": [
        shapes(),
        shapes({"label": "red", "box": [0, 0, 4, 3]}),
        shapes({"label": "blue", "box": [0, 0, 4.5, 3]}),
    ],
    "polygons": [shapes({"points": [[0, 0], [4, 0], [0, 3]]}), shapes({"points": [[0, 0], [4, 0], [4, 3]]})],
    "lines": [shapes({"points": [[0, 0], [4, 3]]}), shapes({"points": [[0, 0], [4, 2]]})],
    "points": [shapes({"label": "red", "point": [0, 0]}), shapes({"label": "red", "point": [1.5, 0]}), shapes()],
    "mask": [
        {"width": 8, "height": 6, "masks": []},
        {"width": 8, "height": 6, "masks": [{"label": "red", "counts": "72W1"}]},
        {"width": 8, "height": 6, "masks": [{"label": "red", "counts": "72W1"}, {"label": "blue", "counts": ":3S1"}]},
    ],
    "cuboids": [
        [],
        [{"label": "red", "centre": [5, 0, 1], "size": [4, 2, 1.5], "heading": 0}],
        [{"label": "red", "centre": [5, 0, 1], "size": [4, 2, 1.5], "heading": 3.0, "tilt": [0.1, 0]}],
        [
            {"label": "blue", "centre": [-20.5, 3, 0], "size": [0.5, 0.5, 1.5], "heading": -1.5},
            {"label": "red", "centre": [5, 0.5, 1], "size": [4, 2, 1.5], "heading": 0},
        ],
    ],
    "spans": [
        [],
        [{"start": 4, "end": 7, "label": "red", "text": "sea"}],
        [
            {"start": 4, "end": 7, "label": "blue", "text": "sea"},
            {"start": 13, "end": 17, "label": "red", "text": "blue"},
        ],
    ],
    "segments": [
        [],
        [{"start": 0.5, "end": 1.25, "label": "red"}],
        [{"start": 0.5, "end": 2.0, "label": "blue"}, {"start": 2.0, "end": 3.0, "label": "red"}],
    ],
    "links": [
        [],
        [{"from": 0, "to": 1}],
        [{"from": 0, "to": 0}, {"from": 0, "to": 1}, {"from": 1, "to": 2}],
    ],
    "turn_spans": [
        [],
        [{"turn": 1, "start": 4, "end": 7, "label": "red", "text": "sea"}],
        [
            {"turn": 1, "start": 4, "end": 7, "label": "blue", "text": "sea"},
            {"turn": 3, "start": 0, "end": 3, "label": "red", "text": "The"},
        ],
    ],
    "turns": [
        [{"turn": 1, "label": "red"}, {"turn": 3, "label": "red"}],
        [{"turn": 1, "label": "red"}, {"turn": 3, "label": "blue"}],
    ],
    "track": [
        tracks(),
        tracks({"label": "red", "keys": [{"frame": 0, "box": [0, 0, 4, 3]}, {"frame": 9, "box": [4, 3, 8, 6]}]}),
        tracks({"label": "red", "keys": [{"frame": 0, "box": [0, 0, 4, 3]}, {"frame": 4, "gone": True}]}),
        tracks({"label": "blue", "keys": [{"frame": 2, "box": [0, 0, 4, 3], "hidden": True}]}),
    ],
}
# The inputs of the item that was answered so.
INPUTS: dict[str, dict[str, Any]] = {
    "spans": {"text": "The sea is a blue one"},
    "turn_spans": {
        "chat": [{"role": role, "text": "The sea is blue"} for role in ["user", "assistant", "user", "assistant"]]
    },
    "turns": {
        "chat": [
            {"role": role, "text": f"turn {n}"} for n, role in enumerate(["user", "assistant", "user", "assistant"])
        ]
    },
    "links": {
        "solid": [{"label": "red"}, {"label": "blue"}],
        "found": shapes(*({"box": [0, 0, n, n]} for n in (1, 2, 3))),
    },
    "track": {"clip": {"media": f"{'0' * 64}.mp4", "width": 8, "height": 6, "frames": 10}},
    "segments": {"call": {"media": f"{'0' * 64}.wav", "seconds": 4.0}},
}


def examples(name: str) -> list[Any]:
    return EXAMPLES.get(name) or [load("objects", name)()]


@pytest.fixture(scope="session")
def configured() -> Callable[[str], list[Any]]:
    """Examples of an object type by its name."""
    return examples


@pytest.fixture(scope="session")
def answered() -> Callable[[str], list[tuple[Any, Any]]]:
    """Pairs of a configured type and an answer that it takes; none means the same as another of its type."""

    def pairs(name: str) -> list[tuple[Any, Any]]:
        bounded = [(kind, label) for kind in examples(name) for label in kind.labels() or ()]
        return bounded + [(examples(name)[0], answer) for answer in ANSWERS.get(name, ())]

    return pairs


@pytest.fixture(scope="session")
def shown() -> Callable[[str], dict[str, Any]]:
    """The inputs that the answers of `answered` are about."""
    return lambda name: INPUTS.get(name, {})


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """The smallest file that begins like a picture."""
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
    return path
