"""How long an item takes, where its task does not say: by what it holds, and never changed once it was launched."""

import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.data.reading import read_items
from dataforge.errors import DataError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.pricing.price import plan
from dataforge.pricing.timing import timed
from dataforge.runs.core.folder import RunFolder
from dataforge.tasks.task import Task, item_seconds
from dataforge.workspace import Workspace

WORDS = "word " * 2_000


@df.task
def claim(text: df.Text) -> bool:
    """Is it true?"""


@df.task
def loud(sound: df.Audio) -> bool:
    """Is it loud?"""


def seconds_of(task: Task, rows: list[dict[str, Any]]) -> float:
    return timed(task, read_items(task, rows))[0].duration


def sound(path: Path, seconds: int) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(bytes(8_000 * seconds))
    return str(path)


def test_two_thousand_words_take_at_least_twenty_times_as_long_as_two() -> None:
    two, many = seconds_of(claim, [{"text": "two words"}]), seconds_of(claim, [{"text": WORDS}])
    assert two == claim.duration == 7
    assert many >= 20 * two
    # 238 words a minute, and the answer.
    assert item_seconds(claim, {"text": WORDS}) == pytest.approx(2_000 * 5 / 24 + 2)


def test_items_together_take_their_mean() -> None:
    assert seconds_of(claim, [{"text": "two words"}, {"text": WORDS}]) == float(f"{(7 + 2_000 * 5 / 24 + 2) / 2:.3g}")


def test_a_sound_takes_as_long_as_it_plays(tmp_path: Path) -> None:
    assert seconds_of(loud, [{"sound": sound(tmp_path / "long.wav", 60)}]) == 60 + 1 + 2
    # How long one elsewhere plays is not known: then it is as for any.
    assert seconds_of(loud, [{"sound": "https://example.org/a.wav"}]) == loud.duration == 22


def test_many_options_take_longer_than_few() -> None:
    class Many(df.Choice):
        A, B, C, D, E, F, G, H, I = "ABCDEFGHI"  # noqa: E741

    @df.task
    def which(text: df.Text) -> Many:
        """Which?"""

    assert which.duration == claim.duration + 4 * 0.25


def test_a_task_that_says_how_long_it_takes_is_believed() -> None:
    @df.task(duration="9s")
    def said(text: df.Text) -> bool:
        """Is it true?"""

    assert seconds_of(said, [{"text": WORDS}]) == 9


def test_a_function_of_the_item_says_how_long_it_takes() -> None:
    @df.task(duration=lambda text: timedelta(seconds=len(text)))
    def said(text: df.Text, note: df.Text | None) -> bool:
        """Is it true?"""

    assert seconds_of(said, [{"text": "x" * 30, "note": "n"}, {"text": "x" * 50, "note": None}]) == 40


def test_a_function_that_does_not_fit_is_refused_with_the_place() -> None:
    with pytest.raises(SpecError, match="asks for 'beast', which is no input; inputs are: 'text'"):

        @df.task(duration=lambda beast: 1)
        def odd(text: df.Text) -> bool:
            """Is it true?"""

    for function, words in [
        (lambda text: None, "expected a duration"),
        (lambda text: 0, "more than 0"),
        (lambda text: 1 / 0, "failed with ZeroDivisionError"),
    ]:

        @df.task(duration=function)
        def said(text: df.Text) -> bool:
            """Is it true?"""

        with pytest.raises(DataError, match=f"item 1: duration: .*{words}|row 1: duration: .*{words}"):
            seconds_of(said, [{"text": "one"}])


def test_prices_and_pages_follow_from_what_items_hold() -> None:
    short, long = (
        read_items(claim, [{"text": text}] * 1 + [{"text": f"{text} {n}"} for n in range(200)]) for text in ("a", WORDS)
    )
    policy = df.Policy.preset("no-control", price_per_hour=6)
    of_short, of_long = (plan(claim, policy, items) for items in (short, long))
    each = [made.price / made.real_per_page for made in (of_short, of_long)]
    assert each[1] >= 20 * each[0]
    assert of_long.seconds <= 1_200


def test_items_that_take_very_different_times_are_told_of() -> None:
    rows = [{"text": f"short {number}"} for number in range(90)] + [{"text": f"{WORDS} {n}"} for n in range(10)]
    notice = timed(claim, read_items(claim, rows))[1].notices[-1]["en"]
    assert "in the middle 7 s, one in twenty 4" in notice
    assert timed(claim, read_items(claim, rows[:90]))[1].notices == ()


def launched(tmp_path: Path, rows: list[dict[str, str]]) -> df.Run:
    policy, people = df.Policy.preset("no-control"), SimulatedPlatform([])
    return df.launch(claim, rows, None, policy, "run", people, tmp_path, progress=False)


def test_a_run_writes_down_its_duration_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launched(tmp_path, [{"text": WORDS}]).stop()
    folder = RunFolder.of(Workspace.at(tmp_path), "run")
    assert folder.describe().publication.task.duration == 419
    # Another version may reckon otherwise: the run goes on as it was launched.
    monkeypatch.setattr("dataforge.objects.text.CHARACTERS_A_SECOND", 12.0)
    assert launched(tmp_path, [{"text": WORDS}]).name == "run"
    assert folder.describe().publication.task.duration == 419
