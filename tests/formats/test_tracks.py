"""Tracks go out as MOT, KITTI and CVAT for video have them, and come back."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from tests.clips import HEIGHT, WIDTH, made
from tests.formats.drawn import Animal, save

import dataforge as df
from dataforge.errors import DataError
from dataforge.geometry.keyframes import path_of
from dataforge.metrics import hota

FRAMES = 30
FORMS = [("mot", df.read_mot), ("cvat-video", df.read_cvat_video), ("kitti-tracking", df.read_kitti_tracking)]
CAT, DOG = (animal.value for animal in Animal)


@df.task
def followed(film: df.Video) -> Annotated[dict[str, Any], df.Track(Animal)]:
    """Follow the animals."""
    ...


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return made(tmp_path / "clip.mp4", FRAMES)


def key(frame: int, left: float, **more: Any) -> dict[str, Any]:
    return {"frame": frame, "box": [left, 10.25, left + 20.5, 40], **more}


TRACKS = [
    {"id": 1, "label": CAT, "keys": [key(0, 0), key(10, 50), key(20, 20.75)]},
    {
        "id": 4,
        "label": DOG,
        "keys": [key(5, 100), key(9, 100, hidden=True), key(12, 120), {"frame": 15, "gone": True}, key(20, 3)],
    },
    {"id": 5, "label": CAT, "keys": [key(29, 7)]},
    {"id": 9, "label": CAT, "keys": [key(2, 7)]},
]
ANSWER = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES, "tracks": TRACKS}


def frames(track: dict[str, Any]) -> list[tuple[int, bool, list[float]]]:
    """A track frame by frame."""
    path = path_of(track["keys"], "box")
    there = np.flatnonzero(path.there).tolist()
    return [(path.start + at, bool(path.hidden[at]), path.places[at].round(3).tolist()) for at in there]


@pytest.mark.parametrize(("form", "read"), FORMS)
def test_every_frame_comes_back_as_it_was(form: str, read: Any, film: Path, tmp_path: Path) -> None:
    saved = save(form, followed, [(str(film), ANSWER)], tmp_path / "saved")
    frame = read(followed, saved, folder=tmp_path)
    assert frame["film"].tolist() == [str(film)]
    [answer] = frame["answer"]
    assert [track["label"] for track in answer["tracks"]] == [CAT, DOG, CAT, CAT]
    assert list(map(frames, answer["tracks"])) == list(map(frames, TRACKS))
    items = df.read_items(followed, frame, control=True)
    assert items.control_count == 1


@pytest.mark.parametrize(("form", "read"), FORMS)
def test_films_of_one_name_in_several_folders_keep_their_tracks(form: str, read: Any, tmp_path: Path) -> None:
    films = []
    for count, part in enumerate(("day", "night"), FRAMES):
        (tmp_path / part).mkdir()
        films.append((str(made(tmp_path / part / "clip.mp4", count)), {**ANSWER, "frames": count}))
    films[1][1]["tracks"] = TRACKS[:1]
    frame = read(followed, save(form, followed, films, tmp_path / "saved"), folder=tmp_path)
    assert frame["film"].tolist() == [film for film, _ in films]
    assert [len(answer["tracks"]) for answer in frame["answer"]] == [4, 1]


def test_mot_counts_frames_and_pixels_from_one(film: Path, tmp_path: Path) -> None:
    saved = save("mot", followed, [(str(film), ANSWER)], tmp_path / "saved") / "clip"
    lines = (saved / "gt/gt.txt").read_text().splitlines()
    assert lines[0] == "1,1,1,11.25,20.5,29.75,1,1,1"
    assert [line for line in lines if line.startswith("10,4,")] == ["10,4,101,11.25,20.5,29.75,1,2,0"]
    assert (saved / "gt/labels.txt").read_text().splitlines() == [CAT, DOG]
    assert f"seqLength={FRAMES}" in (saved / "seqinfo.ini").read_text()


def test_key_frames_of_cvat_stay_the_only_ones_and_a_track_ends_where_it_ended(film: Path, tmp_path: Path) -> None:
    saved = save("cvat-video", followed, [(str(film), ANSWER)], tmp_path / "saved")
    written = (saved / "clip.xml").read_text()
    assert written.count('outside="1"') == 4
    [answer] = df.read_cvat_video(followed, saved, folder=tmp_path)["answer"]
    assert answer["tracks"][0]["keys"] == TRACKS[0]["keys"]
    # One frame is not stretched to the end; at the end of the film nothing has to be said.
    assert answer["tracks"][2]["keys"] == [key(29, 7)]
    assert answer["tracks"][3]["keys"] == [key(2, 7)]


def test_what_cvat_writes_is_read_by_its_rules(film: Path, tmp_path: Path) -> None:
    """Boxes between key frames are left out; without `outside` the last holds on; to one outside it is on its way."""

    def box(frame: int, left: int, keyframe: int = 1, outside: int = 0) -> str:
        edges = f'xtl="{left}.00" ytl="0.00" xbr="{left + 10}.00" ybr="10.00"'
        return f'<box frame="{frame}" keyframe="{keyframe}" outside="{outside}" occluded="0" {edges} z_order="0"></box>'

    head = f"<meta><task><size>{FRAMES}</size></task></meta>"
    one = box(0, 0) + box(1, 99, keyframe=0) + box(10, 100)
    two = box(3, 0) + box(13, 100, outside=1)
    tracks = "".join(f'<track id="{place}" label="{CAT}">{boxes}</track>' for place, boxes in enumerate((one, two)))
    (tmp_path / "clip.xml").write_text(f"<annotations>{head}{tracks}</annotations>")
    [answer] = df.read_cvat_video(followed, tmp_path / "clip.xml")["answer"]
    first, second = (frames(track) for track in answer["tracks"])
    assert (first[1][2][0], first[10][2][0], first[-1][0], first[-1][2][0]) == (10, 100, 29, 100)
    assert (second[0][0], second[-1][0], second[-1][2][0]) == (3, 12, 90)


@pytest.mark.parametrize(
    ("meta", "end"),
    [
        ("<task><size>5</size><start_frame>10</start_frame><stop_frame>14</stop_frame></task>", 14),
        ("<job><size>5</size><start_frame>10</start_frame><stop_frame>14</stop_frame></job>", 14),
        ("", FRAMES - 1),
    ],
)
def test_what_is_not_outside_goes_on_to_the_end_of_its_task(meta: str, end: int, film: Path, tmp_path: Path) -> None:
    box = '<box frame="11" keyframe="1" outside="0" occluded="0" xtl="0" ytl="0" xbr="9" ybr="9" z_order="0"/>'
    track = f'<track id="0" label="{CAT}">{box}</track>'
    (tmp_path / "clip.xml").write_text(f"<annotations><meta>{meta}</meta>{track}</annotations>")
    [answer] = df.read_cvat_video(followed, tmp_path / "clip.xml")["answer"]
    assert [key["frame"] for key in answer["tracks"][0]["keys"]] == [11, end]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0,1,1,1,5,5,1,1,1", "line 1: frame: expected a whole number, 1 to 30, got 0; frames count from 1"),
        ("1,1,1,1,5", "line 1: expected frame, id, left, top, width, height"),
        ("1,1,x,1,5,5", "line 1: a number: expected a number, got 'x'"),
        ("31,1,1,1,5,5", "line 1: frame: expected a whole number, 1 to 30, got 31"),
        # Room for all frames up to that one would be more than memory has.
        ("1,1,1,1,5,5\n9000000000000,1,1,1,5,5", "line 2: frame: expected a whole number, 1 to 30, got 9000000000000"),
    ],
)
def test_a_file_that_is_wrong_says_where(line: str, why: str, film: Path, tmp_path: Path) -> None:
    (tmp_path / "clip/gt").mkdir(parents=True)
    (tmp_path / "clip/gt/gt.txt").write_text(line)
    (tmp_path / "clip/gt/labels.txt").write_text(f"{CAT}\n")
    with pytest.raises(DataError) as refused:
        df.read_mot(followed, tmp_path)
    assert why in str(refused.value)


def test_films_that_are_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "far/gt").mkdir(parents=True)
    (tmp_path / "far/gt/gt.txt").write_text("1,1,1,1,5,5,1,1,1\n")
    with pytest.raises(DataError, match="there is no film 'far' to it"):
        df.read_mot(followed, tmp_path)
    with pytest.raises(DataError, match=r"expected a folder with <film>/gt/gt\.txt"):
        df.read_mot(followed, tmp_path / "far")


PETS = Path(__file__).parents[3] / "shared" / "media" / "video_tracks_pets"


@pytest.mark.skipif(not PETS.exists(), reason="needs films with tracks in ../shared/media/video_tracks_pets")
def test_real_tracks_come_back_by_hota(tmp_path: Path) -> None:
    """As they are, with a key frame wherever the way bends; and with two pixels of slack, with far fewer."""

    @df.task
    def people(film: df.Video) -> Annotated[dict[str, Any], df.Track()]:
        """Follow everybody."""
        ...

    for name in "ab":
        there = tmp_path / f"pets_s2l1_{name}" / "gt"
        there.mkdir(parents=True)
        (there / "gt.txt").write_bytes((PETS / f"pets_s2l1_{name}.gt.txt").read_bytes())
    exact, few = (df.read_mot(people, tmp_path, folder=PETS, slack=slack)["answer"] for slack in (0, 2))
    for one, other in zip(exact, few, strict=True):
        found = hota(other, one)
        assert found.hota > 0.9
        keys, boxes = (sum(len(track["keys"]) for track in answer["tracks"]) for answer in (other, one))
        assert keys < boxes / 3


def test_kitti_counts_frames_and_pixels_from_nought(film: Path, tmp_path: Path) -> None:
    saved = save("kitti-tracking", followed, [(str(film), ANSWER)], tmp_path / "saved")
    lines = (saved / "label_02/clip.txt").read_text().splitlines()
    assert lines[0] == f"0 1 {CAT} -1 0 -10 0 10.25 20.5 40 -1 -1 -1 -1000 -1000 -1000 -10"
    [hidden] = [line.split() for line in lines if line.startswith("9 4 ")]
    assert hidden[4] == "2"
    (tmp_path / "label_02").mkdir()
    told = lines[0].replace("0 1 ", "30 1 ", 1)
    (tmp_path / "label_02/clip.txt").write_text(f"{lines[0].replace(CAT, 'DontCare')}\n{told}\n")
    with pytest.raises(DataError, match=r"clip\.txt, line 2: frame: expected a whole number, 0 to 29, got 30"):
        df.read_kitti_tracking(followed, tmp_path)
