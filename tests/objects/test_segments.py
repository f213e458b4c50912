"""Segments: pieces of a sound, in seconds from its beginning."""

import io
import json
import wave
from inspect import Parameter, Signature
from pathlib import Path
from random import Random
from typing import Annotated, Any

import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.segments import Segments

SHARED = Path(__file__).parents[3] / "shared" / "media" / "speech_en_ru"


class Sound(df.Choice):
    SPEECH = df.option("speech", ru="речь")
    NOISE = df.option("noise", ru="шум")


KIND = Segments(Sound, of="call")
SPOKEN = Segments(Sound, text=True, of="call")
TEN_SECONDS = {"call": {"media": f"{'0' * 64}.wav", "seconds": 10.0}}


def segment(start: float, end: float, label: str = "speech", text: str | None = None) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label} | ({} if text is None else {"text": text})


def check(*segments: Any, kind: Segments = KIND, inputs: Any = TEN_SECONDS) -> Any:
    return kind.check_answer(list(segments), inputs)


def test_segments_are_kept_in_their_order_and_may_touch() -> None:
    assert check(segment(2, 3.5, "noise"), segment(0.25, 2)) == [segment(0.25, 2), segment(2, 3.5, "noise")]
    # What is the same place in another tool's arithmetic is no overlap.
    assert check(segment(0.1 + 0.2, 1), segment(0, 0.3)) == [segment(0, 0.3), segment(0.3, 1)]
    assert check() == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (segment(2, 1), "segment 1: expected an end after its start, got 2 to 1"),
        (segment(1, 1), "an end after its start"),
        (segment(-1, 3), "start: expected seconds from the sound's beginning"),
        (segment(0, float("inf")), "end: expected seconds"),
        (segment(0, True), "end: expected seconds"),
        (segment(0, 5, "Speech"), "one of 'speech', 'noise', got 'Speech'; write 'speech'"),
        ({"start": 0, "end": 5}, "expected a label"),
        (segment(0, 5, text="hello"), "expected no words, got 'hello'; write Segments"),
        (segment(0, 5) | {"note": 1}, "expected start, end, label"),
        ((0, 5), "expected start, end, label, got"),
        (segment(9, 10.2), "9 to 10.2 s 'speech' ends after the sound, which has 10.000 s"),
        (segment(11, 12), "ends after the sound, which has 10.000 s"),
    ],
)
def test_a_segment_that_is_none_is_refused_with_its_place_and_the_reason(wrong: Any, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        check(wrong)


def test_an_end_that_a_browser_hears_a_moment_later_is_the_end_of_the_sound() -> None:
    assert check(segment(9, 10.06)) == [segment(9, 10)]
    # Of a sound that is elsewhere nobody knows how long it is.
    assert check(segment(9, 70), inputs={"call": {"url": "https://host/a.wav"}}) == [segment(9, 70)]


def test_segments_overlap_only_where_that_is_allowed_and_never_say_the_same_twice() -> None:
    both = (segment(0, 2), segment(1.5, 3, "noise"))
    with pytest.raises(AnswerError, match=r"0 to 2 s 'speech' and .* 1.5 to 3 s 'noise' overlap"):
        check(*both)
    free = Segments(Sound, overlapping=True, of="call")
    assert check(*both, kind=free) == list(both)
    with pytest.raises(AnswerError, match="is there twice"):
        check(segment(0, 2), segment(0, 2), kind=free)


def test_words_are_asked_for_each_segment_and_said_to_be_none_on_purpose() -> None:
    said = [segment(0, 1, text="привет"), segment(1, 2, "noise", text="")]
    assert check(*said, kind=SPOKEN) == said
    with pytest.raises(AnswerError, match='segment 1: text: expected the words that are said, "" where there are none'):
        check(segment(0, 1), kind=SPOKEN)
    for wrong in ("  ", "a\0", "\ud83d", "x" * 10_001, 5):
        with pytest.raises(AnswerError, match="segment 1: text: "):
            check(segment(0, 1, text=wrong), kind=SPOKEN)  # type: ignore[arg-type]
    # Words are the same as a text is: however spaced, and however its accents are encoded.
    assert SPOKEN.canonical([segment(0, 1, text="cafe\u0301  au lait")]) == SPOKEN.canonical(
        [segment(0, 1.0004, text="café au lait")]
    )


def test_known_answers_are_json_or_rows_of_times_labels_and_words() -> None:
    assert KIND.to_json([(1, 2, "noise"), (0, 1, Sound.SPEECH)]) == [segment(0, 1), segment(1, 2, "noise")]
    assert SPOKEN.to_json([(0, 1, "speech", "hello")]) == [segment(0, 1, text="hello")]
    assert Segments().to_json([(0, 1)]) == [{"start": 0, "end": 1}]
    assert KIND.to_json(KIND.from_text('[{"start": 0, "end": 1, "label": "speech"}]')) == [segment(0, 1)]
    with pytest.raises(DataError, match=r"expected a list of segments, \[\] for none"):
        KIND.to_json(KIND.from_text("0-1 speech"))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ([], [], 1.0),
        ([segment(0, 5)], [], 0.0),
        ([segment(0, 5)], [segment(0, 5, "noise")], 0.0),
        # 3 s of 5 are shared; each end is 1 s off, of which 50 ms do not count.
        ([segment(0, 4)], [segment(1, 5)], 1 - 2 * 0.95 / 5),
        # Ends that are off by 50 ms are right.
        ([segment(1, 2)], [segment(1.05, 1.96)], 1.0),
        ([segment(0, 5), segment(6, 9)], [segment(6, 9)], 2 / 3),
        # The best pairs are not the first ones: 0–10 goes with 0–9, 0–3 with 0–2.
        ([segment(0, 10), segment(0, 3)], [segment(0, 2), segment(0, 9)], 1 - (0.95 / 10 + 0.95 / 3) / 2),
        ([segment(0, 1, text="a b c d")], [segment(0, 1, text="A b x d")], 0.75),
        ([segment(0, 1, text="")], [segment(0, 1, text="a")], 0.0),
    ],
)
def test_segments_are_as_alike_as_the_time_and_the_words_that_they_share(one: Any, other: Any, alike: float) -> None:
    assert KIND.similarity(one, other) == pytest.approx(alike)
    assert KIND.similarity(other, one) == pytest.approx(alike)


def test_a_spoilt_answer_misses_segments_moves_them_or_has_other_labels_or_words() -> None:
    right = check(segment(0, 1, text="one two three"), segment(4, 7, text="four five six"), kind=SPOKEN)
    spoilt = [SPOKEN.spoil(right, Random(seed), TEN_SECONDS) for seed in range(60)]
    assert {len(answer) for answer in spoilt} == {1, 2}
    # The longest one is wrong; of three one would be, of four two.
    longest = [answer[1] for answer in spoilt if len(answer) == 2]
    assert {one["start"] for one in longest} == {4, 5.5}
    assert {one["label"] for one in longest} == {"speech", "noise"}
    assert next(one["text"] for one in longest if one["start"] == 4 and one["label"] == "speech") != "four five six"
    assert max(SPOKEN.similarity(right, answer) for answer in spoilt) < 0.95
    [invented] = KIND.spoil([], Random(1), TEN_SECONDS)
    assert 0 <= invented["start"] < invented["end"] <= 10
    # Nothing is invented beyond the end of a sound whose length nobody knows.
    assert KIND.spoil([], Random(1), {"call": {"url": "https://host/a.wav"}}) is None


def test_who_errs_misses_segments_and_mishears_words_at_the_rate_of_the_skill() -> None:
    right = check(*(segment(2 * n, 2 * n + 1.5, text="a long and winding road") for n in range(5)), kind=SPOKEN)
    answers = [SPOKEN.attempt(right, 0.8, Random(seed), TEN_SECONDS) for seed in range(100)]
    alike = [SPOKEN.similarity(right, answer) for answer in answers]
    assert 0.5 < sum(alike) / len(alike) < 0.8
    better = [SPOKEN.attempt(right, 0.95, Random(seed), TEN_SECONDS) for seed in range(100)]
    assert sum(SPOKEN.similarity(right, answer) for answer in better) > sum(alike)


def test_ten_thousand_segments_are_taken_and_one_more_is_refused() -> None:
    many = [{"start": 2 * place, "end": 2 * place + 1} for place in range(10_001)]
    kind = Segments(of="call")
    taken = kind.check_answer(many[:-1], {})
    assert kind.similarity(taken, taken[1:]) == pytest.approx(2 * 9_999 / 19_999)
    with pytest.raises(AnswerError, match="at most 10,000 segments, got 10,001"):
        kind.check_answer(many, {})


def test_a_known_answer_that_ends_after_its_sound_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    @df.task
    def calls(call: df.Audio) -> Annotated[list[Any], df.Segments(Sound)]:
        """Mark who speaks when."""
        ...

    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(2 * 16_000 * 3))
    path = tmp_path / "three_seconds.wav"
    path.write_bytes(written.getvalue())
    assert calls.output("answer").type.settings()["of"] == "call"
    assert df.read_items(calls, [{"call": path, "answer": [(0, 3, "speech")]}], control=True).count == 1
    with pytest.raises(DataError, match=r"0 to 4 s 'speech' ends after the sound, which has 3.000 s"):
        df.read_items(calls, [{"call": path, "answer": [(0, 4, "speech")]}], control=True)

    @df.task
    def divided(call: df.Audio, parts: Annotated[Any, df.Segments(Sound)]) -> bool:
        """Is it divided rightly?"""
        ...

    assert df.read_items(divided, [{"call": path, "parts": [(0, 3, "speech")]}]).count == 1
    with pytest.raises(DataError, match=r"row 1.*'parts'.*ends after the sound, which has 3.000 s"):
        df.read_items(divided, [{"call": path, "parts": [(0, 4, "speech")]}])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recordings are not on this machine")
def test_lengths_of_real_recordings_are_those_of_their_list() -> None:
    rows = [json.loads(line) for line in (SHARED / "labels.jsonl").read_text("utf-8").splitlines()]
    for row in rows[:20]:
        inputs = {"call": {"file": str(SHARED / row["file"])}}
        whole = check(segment(0, row["duration"]), inputs=inputs)
        assert whole[0]["end"] == pytest.approx(row["duration"], abs=0.05)
        with pytest.raises(AnswerError, match="ends after the sound"):
            check(segment(0, row["duration"] + 0.5), inputs=inputs)


@pytest.mark.parametrize(
    ("inputs", "segments", "why"),
    [
        ({"call": df.Text}, df.Segments(Sound), "expected one input of the type audio, got none; add one"),
        ({"one": df.Audio, "two": df.Audio}, df.Segments(Sound), "got 2: 'one', 'two'; name one of them, of='one'"),
        ({"one": df.Audio}, df.Segments(Sound, of="two"), "of='two' is no input; inputs are: 'one'"),
        ({"one": df.Video}, df.Segments(of="one"), "of='one' is of the type video, expected one of the type audio"),
    ],
)
def test_a_sound_that_cannot_be_divided_is_refused_where_the_task_is_written(
    inputs: dict[str, Any], segments: Any, why: str
) -> None:
    def asked() -> None:
        """Mark who speaks when."""

    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in inputs.items()]
    asked.__signature__ = Signature(parameters, return_annotation=segments)  # type: ignore[attr-defined]
    with pytest.raises(SpecError, match=why):
        df.task(asked)


@pytest.mark.parametrize("wrong", [{"label": str}, {"label": []}, {"text": 1}, {"overlapping": "no"}, {"of": 5}])
def test_settings_of_segments_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="segments"):
        Segments(**wrong)
