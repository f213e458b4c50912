"""Segments of sounds: WebVTT, SRT and TextGrid."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.drawn import save, sound

import dataforge as df
from dataforge.formats import Labelled, Labels
from dataforge.registry import load


class Speaker(df.Choice):
    ANN = "Ann <first>"
    BOB = "Bob"


@df.task
def speech(clip: df.Audio) -> df.Segments(Speaker, text=True):  # type: ignore[valid-type]
    """Who says what?"""


@df.task
def speakers(clip: df.Audio) -> df.Segments(Speaker):  # type: ignore[valid-type]
    """Who speaks when?"""


@df.task
def crosstalk(clip: df.Audio) -> df.Segments(Speaker, overlapping=True):  # type: ignore[valid-type]
    """Who speaks when, at the same time too?"""


@df.task
def words(clip: df.Audio) -> df.Segments(text=True):  # type: ignore[valid-type]
    """What is said when?"""


TASKS = {task.id: task for task in (speech, speakers, crosstalk, words)}
READERS: dict[str, Callable[..., Any]] = {"webvtt": df.read_webvtt, "srt": df.read_srt, "textgrid": df.read_textgrid}
MORE = {"label-studio": df.read_label_studio}
ANN, BOB = (speaker.value for speaker in Speaker)
TALK = [
    {"start": 0.25, "end": 1.5, "label": ANN, "text": 'Tea & "cake" --> now?'},
    {"start": 1.5, "end": 2.125, "label": BOB, "text": ""},
    {"start": 3725.5, "end": 3726.0, "label": BOB, "text": "Да: <да>"},
]


def test_a_cue_of_webvtt_has_its_time_and_its_voice(tmp_path: Path) -> None:
    save("webvtt", speech, [("talks/a.wav", TALK)], tmp_path / "vtt")
    assert (tmp_path / "vtt/a.vtt").read_text("utf-8") == (
        "WEBVTT\n\n"
        '00:00:00.250 --> 00:00:01.500\n<v Ann &lt;first&gt;>Tea &amp; "cake" --&gt; now?\n\n'
        "00:00:01.500 --> 00:00:02.125\n<v Bob>\n\n"
        "01:02:05.500 --> 01:02:06.000\n<v Bob>Да: &lt;да&gt;\n"
    )


def test_a_subtitle_of_srt_has_its_number_and_a_comma(tmp_path: Path) -> None:
    save("srt", speech, [("talks/a.wav", TALK)], tmp_path / "srt")
    assert (tmp_path / "srt/a.srt").read_text("utf-8") == (
        '1\n00:00:00,250 --> 00:00:01,500\nAnn <first>: Tea & "cake" --> now?\n\n'
        "2\n00:00:01,500 --> 00:00:02,125\nBob: \n\n"
        "3\n01:02:05,500 --> 01:02:06,000\nBob: Да: <да>\n"
    )


def test_a_textgrid_has_no_gaps_and_doubles_quotes(tmp_path: Path) -> None:
    path = sound(tmp_path, seconds=4.0)
    form = load("formats", "textgrid")
    (tmp_path / "grids").mkdir()
    rows = [Labelled("0", path, TALK[:1], file=Path(path))]
    form.write(Labels("a run", speech.outputs[0], speech.inputs[0], rows), tmp_path / "grids")
    lines = [line.strip() for line in (tmp_path / "grids/a.TextGrid").read_text("utf-8").splitlines()]
    assert lines[:7] == [
        *['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", "xmax = 4.0"],
        *["tiers? <exists>", "size = 2"],
    ]
    assert lines[8:28] == [
        *["item [1]:", 'class = "IntervalTier"', 'name = "Ann <first>"', "xmin = 0", "xmax = 4.0"],
        *["intervals: size = 3", "intervals [1]:", "xmin = 0.0", "xmax = 0.25", 'text = ""'],
        *["intervals [2]:", "xmin = 0.25", "xmax = 1.5", 'text = "Tea & ""cake"" --> now?"'],
        *["intervals [3]:", "xmin = 1.5", "xmax = 4.0", 'text = ""', "item [2]:", 'class = "IntervalTier"'],
    ]


def test_readers_of_others_hear_the_same(tmp_path: Path) -> None:
    webvtt = pytest.importorskip("webvtt")
    praat = pytest.importorskip("praatio.textgrid")
    for form in READERS:
        save(form, speech, [("a.wav", TALK)], tmp_path / form)
    cues = list(webvtt.read(tmp_path / "webvtt/a.vtt"))
    assert [(cue.start, cue.end, cue.voice) for cue in cues][::2] == [
        ("00:00:00.250", "00:00:01.500", "Ann &lt;first&gt;"),
        ("01:02:05.500", "01:02:06.000", "Bob"),
    ]
    assert [(cue.start, cue.end) for cue in webvtt.from_srt(tmp_path / "srt/a.srt")] == [(c.start, c.end) for c in cues]
    grid = praat.openTextgrid(str(tmp_path / "textgrid/a.TextGrid"), includeEmptyIntervals=False)
    assert grid.tierNames == (ANN, BOB)
    assert [tuple(one) for one in grid.getTier(ANN).entries] == [(0.25, 1.5, TALK[0]["text"])]
    assert grid.maxTimestamp == 3726.0


@st.composite
def segments(draw: Any, kind: str) -> list[dict[str, Any]]:
    """Segments of whole milliseconds in their order."""
    edges = sorted(draw(st.sets(st.integers(0, 9_000_000), max_size=6)))
    told = TASKS[kind].outputs[0].type.settings()
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        label = {"label": draw(st.sampled_from([ANN, BOB]))} if "options" in told else {}
        text = {"text": draw(st.text("ab é東👍&<>\"':-[]1", max_size=8)).strip()} if told.get("text") else {}
        found.append({"start": start / 1000, "end": end / 1000, **label, **text})
    return found


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("form", [*READERS, "label-studio"])
@given(data=st.data())
@settings(max_examples=15)
def test_segments_come_back_to_a_millisecond(form: str, kind: str, data: st.DataObject) -> None:
    drawn = data.draw(segments(kind))
    if form == "srt" or "options" not in TASKS[kind].outputs[0].type.settings():
        # It has no signs for these, and a piece without words is told by a label.
        drawn = [one for one in drawn if one.get("text", "a") and "<" not in one.get("text", "")]
    with TemporaryDirectory() as folder:
        clip = sound(Path(folder))
        path = Path(folder) / f"saved{load('formats', form).ending}"
        frame = (READERS | MORE)[form](TASKS[kind], save(form, TASKS[kind], [(clip, drawn)], path), folder=folder)
    assert frame["clip"].tolist() == [clip]
    assert [
        {**one, "start": round(one["start"], 6), "end": round(one["end"], 6)} for one in frame["answer"][0]
    ] == drawn


def test_segments_that_overlap_have_a_tier_for_each_label(tmp_path: Path) -> None:
    talk = [{"start": 0.0, "end": 1.0, "label": ANN}, {"start": 0.5, "end": 1.5, "label": BOB}]
    saved = save("textgrid", crosstalk, [(sound(tmp_path), talk)], tmp_path / "grids")
    assert df.read_textgrid(crosstalk, saved, folder=tmp_path)["answer"].tolist() == [talk]
    with pytest.raises(df.DataError, match=r"item '0': two segments overlap at 0.5 s, for which a tier has no room"):
        save("textgrid", crosstalk, [("a.wav", [talk[0], {**talk[1], "label": ANN}])], tmp_path / "others")


SHORT = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n2\n<exists>\n2\n"TextTier"\n"clicks"\n0\n2\n1\n1\n"x"\n'
)
SHORT += '"IntervalTier"\n"who"\n0\n2\n2\n0\n1.5\n"Bob"\n1.5\n2\n""\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_short_form_of_a_textgrid_is_read_in_each_encoding_of_praat(encoding: str, tmp_path: Path) -> None:
    path = sound(tmp_path)
    (tmp_path / "a.TextGrid").write_text(SHORT, encoding)
    frame = df.read_textgrid(speakers, tmp_path / "a.TextGrid")
    assert frame.to_dict("records") == [{"id": "a", "clip": path, "answer": [{"start": 0, "end": 1.5, "label": "Bob"}]}]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.vtt", "00:01.000 --> 00:02.000\nx\n", "a.vtt: line 1: expected WEBVTT, got '00:01.000 --> 00:02.000'"),
        (
            "a.vtt",
            "WEBVTT\n\nNOTE x\n\n1\n00:01 --> 00:02\nx\n",
            r"a.vtt: line 5: expected 00:00:00.000 -->",
        ),
        (
            "a.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Eve>x\n",
            "line 3: expected a label, one of .*, got 'Eve'",
        ),
        ("a.vtt", "WEBVTT\n\n00:02.000 --> 00:01.000\n<v Bob>x\n", "a.vtt: segment 1: expected an end after its start"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n", "a.srt: line 1: expected a label and its words"),
        ("a.vtt", "", "a.vtt: line 1: expected WEBVTT, got ''"),
        (
            "a.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Bob>x <v Eve>y\n",
            "line 3: expected one voice, got",
        ),
        ("a.srt", "1\nhello\n", "a.srt: line 1: expected 00:00:00,000 --> 00:00:01,000, got '1'"),
        ("a.textgrid", SHORT[:-20], "a.textgrid: ends where a number was expected; it is cut"),
        ("a.textgrid", SHORT.replace('"Bob"', "5"), "a.textgrid: line 22: expected a text in quotes, got '5'"),
        ("a.textgrid", "hello", "ends where a text in quotes was expected"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_line(name: str, text: str, message: str, tmp_path: Path) -> None:
    sound(tmp_path)
    (tmp_path / name).write_text(text)
    reader = {".vtt": df.read_webvtt, ".srt": df.read_srt, ".textgrid": df.read_textgrid}[Path(name).suffix]
    with pytest.raises(df.DataError, match=message):
        reader(speech, tmp_path)


def test_a_file_without_its_sound_says_where_to_put_it(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("")
    with pytest.raises(df.DataError, match=r"a.srt: there is no sound 'a' to it; name their folder as folder="):
        df.read_srt(speech, tmp_path)
