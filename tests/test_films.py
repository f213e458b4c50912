"""Frame n of a film is the n-th picture that is shown, however the film is packed."""

import sys
from pathlib import Path
from threading import Thread

import pytest
from tests.clips import HEIGHT, WIDTH, made, number_in

import dataforge.media.films
from dataforge.errors import DataError, MissingDependency
from dataforge.media.films import Frames, film_of

# Frames as a phone records them: now and then one takes longer.
UNEVEN = [sum(40 if place % 7 else 90 for place in range(number)) for number in range(60)]
CLIPS = {
    "B-frames": {"codec": "libx264", "options": {"bf": "3"}},
    "open groups": {"codec": "libx264", "options": {"x264-params": "open-gop=1:bframes=3:keyint=12"}},
    "one key frame": {"codec": "libx264", "gop": 1000},
    "MPEG-4": {"codec": "mpeg4"},
    "29.97 a second": {"codec": "libx264", "times": [round(number * 1001 / 30) for number in range(60)]},
    "a rate that varies": {"codec": "libx264", "times": UNEVEN, "options": {"bf": "2"}},
    "a late beginning": {"codec": "libx264", "times": range(2000, 4400, 40)},
}


@pytest.mark.parametrize("clip", CLIPS)
def test_every_frame_shows_its_number(tmp_path: Path, clip: str) -> None:
    path = made(tmp_path / "clip.mp4", 60, **CLIPS[clip])
    film, frames = film_of(path), Frames()
    assert (film.width, film.height, film.count) == (WIDTH, HEIGHT, 60)
    # From the end to the beginning, so that most are sought for.
    for number in (59, 33, 12, *range(60)):
        assert number_in(frames.picture(path, number)) == number


def test_films_of_the_web_are_counted_as_well(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.webm", 40, "libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"})
    assert film_of(path).count == 40
    assert [number_in(Frames().picture(path, number)) for number in (0, 31, 32, 39)] == [0, 31, 32, 39]


def test_times_are_those_of_the_film_and_begin_at_the_first_frame(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 60, times=[2000 + time for time in UNEVEN])
    assert film_of(path).times == pytest.approx([time / 1000 for time in UNEVEN], abs=1e-3)


def test_what_is_known_of_a_film_takes_sixteen_bytes_a_frame(tmp_path: Path) -> None:
    film = film_of(made(tmp_path / "clip.mp4", 60))
    assert memoryview(film.times).nbytes == memoryview(film.stamps).nbytes == 8 * 60


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_film_that_was_held_upright_is_seen_upright(tmp_path: Path, degrees: int) -> None:
    path = made(tmp_path / "clip.mp4", 5, rotation=degrees)
    film = film_of(path)
    assert (film.width, film.height) == (HEIGHT, WIDTH)
    # Shown turned clockwise by so many degrees: turned back, it shows its number.
    assert number_in(Frames().picture(path, 3), turned=degrees) == 3


def test_a_damaged_frame_is_shown_as_the_one_before_and_moves_no_other(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 40, options={"bf": "0"}, gop=10)
    content = bytearray(path.read_bytes())
    at = content.index(b"mdat") + len(content) // 8
    content[at : at + 40] = bytes(40)
    path.write_bytes(bytes(content))
    frames = Frames()
    assert film_of(path).count == 40
    shown = [number_in(frames.picture(path, number)) for number in range(40)]
    assert shown[-10:] == list(range(30, 40))


def test_frames_behind_one_that_cannot_be_decoded_are_shown_as_they_are(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 80, options={"bf": "0"}, gop=10)
    av = pytest.importorskip("av", reason="frames of films need PyAV: pip install av")
    with av.open(str(path)) as container:
        fifth = [packet for packet in container.demux(video=0) if packet.size][5]
    content = bytearray(path.read_bytes())
    content[fifth.pos : fifth.pos + fifth.size] = b"\xff" * fifth.size
    path.write_bytes(bytes(content))
    frames = Frames()
    shown = [number_in(frames.picture(path, number)) for number in range(80)]
    assert shown[:5] == [0, 1, 2, 3, 4]
    assert shown[10:] == list(range(10, 80))


def test_what_two_ask_for_at_once_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, frames, made_of = made(tmp_path / "clip.mp4", 20), Frames(), []
    monkeypatch.setattr("dataforge.media.films._jpeg", lambda frame: made_of.append(frame.pts) or b"picture")
    threads = [Thread(target=frames.picture, args=(path, number)) for number in (3, 7, 11, 19)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made_of) == 20


def test_what_was_not_looked_at_for_long_is_forgotten(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 96)
    frames = Frames(most_bytes=1)
    for number in (0, 40, 80, 0):
        assert number_in(frames.picture(path, number)) == number
    assert len(frames._kept) == 1


def test_a_file_that_is_changed_is_counted_anew(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 10)
    assert film_of(path).count == 10
    assert film_of(made(path, 12)).count == 12


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "cannot be read"), (b"\0" * 4000, "cannot be read"), (b"GIF89a", "cannot be read")]
)
def test_what_is_no_film_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    pytest.importorskip("av", reason="frames of films need PyAV: pip install av")
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(DataError, match=why):
        film_of(path)


def test_a_playlist_opens_no_other_film(tmp_path: Path) -> None:
    made(tmp_path / "other.mp4", 10)
    path = tmp_path / "clip.mp4"
    path.write_text("ffconcat version 1.0\nfile other.mp4\n")
    with pytest.raises(DataError, match="Invalid argument"):
        film_of(path)


def test_of_large_pictures_fewer_are_made_at_a_time_and_of_too_large_ones_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, frames, made_of = made(tmp_path / "clip.mp4", 40), Frames(), []
    monkeypatch.setattr("dataforge.media.films.BLOCK_PIXELS", 5 * WIDTH * HEIGHT)
    kept = dataforge.media.films._jpeg
    monkeypatch.setattr("dataforge.media.films._jpeg", lambda frame: made_of.append(frame.pts) or kept(frame))
    assert number_in(frames.picture(path, 6)) == 6
    assert len(made_of) == 4
    assert [frames.kept(path, number) is not None for number in (3, 4, 7, 8)] == [False, True, True, False]
    assert [number_in(frames.picture(path, number)) for number in range(40)] == list(range(40))
    monkeypatch.setattr("dataforge.media.films.MOST_PIXELS", WIDTH * HEIGHT - 1)
    with pytest.raises(DataError, match=f"{WIDTH} × {HEIGHT}, at most"):
        Frames().picture(path, 0)


def test_a_film_of_which_only_the_beginning_came_is_told(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 30)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"no frames with times|cannot be read"):
        film_of(path)


def test_frames_that_a_film_does_not_have_are_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", 10)
    for number in (-1, 10, 10**9):
        with pytest.raises(DataError, match="expected a frame, 0 to 9"):
            Frames().picture(path, number)


def test_without_pyav_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingDependency, match=r"pip install 'dataforge-labeling\[video\]'"):
        film_of(path)
