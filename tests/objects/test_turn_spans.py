"""Pieces of the turns of a dialogue: what is read, what is refused, how alike two answers are."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError


class Claim(df.Choice):
    TRUE = "true"
    FALSE = "false"


CHAT = [
    {"role": "user", "text": "Hi 🙂"},
    {"role": "assistant", "text": "Paris 🙂 is in Spain"},
    {"role": "assistant", "text": ""},
    {"role": "user", "text": "No"},
    {"role": "assistant", "text": "In France, then"},
]
KIND = df.TurnSpans(Claim, of="chat")
INPUTS = {"chat": CHAT}
SPAIN = {"turn": 1, "start": 14, "end": 19, "label": "false", "text": "Spain"}
FRANCE = {"turn": 4, "start": 3, "end": 9, "label": "true", "text": "France"}


def test_spans_are_counted_in_the_text_of_their_turn_and_quote_it() -> None:
    assert KIND.check_answer([(4, 3, 9, "true"), (1, 14, 19, "false")], INPUTS) == [SPAIN, FRANCE]
    assert KIND.check_answer([], INPUTS) == []
    assert df.TurnSpans(Claim, of="chat", role=None).check_answer([(0, 0, 2, "true")], INPUTS)[0]["text"] == "Hi"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ([(0, 0, 2, "true")], r"turn 0 is none of 'assistant'; mark in one of \[1, 2, 4\]"),
        ([(1, 14, 40, "true")], "turn 1: .* ends behind the text, which has 19 characters"),
        ([(2, 0, 1, "true")], "turn 2: .* ends behind the text"),
        ([{**SPAIN, "text": "Italy"}], "turn 1: .* quotes 'Italy'"),
        ([(1, 14, 19, "maybe")], "turn 1: .*maybe"),
        ([(1, 14, 19, "true"), (1, 16, 19, "false")], "turn 1: .* overlap; .* allow it by overlapping=True$"),
        ([(99_999, 0, 1, "true")], "turn: expected a whole number"),
        ([(True, 0, 1, "true")], "turn: expected a whole number"),
        ([{"start": 0, "end": 1}], "expected turn, start, end and label"),
        ("Spain", "span"),
    ],
)
def test_what_is_no_piece_of_a_turn_is_refused_with_its_place(answer: Any, error: str) -> None:
    with pytest.raises((AnswerError, DataError), match=error):
        KIND.check_answer(answer, INPUTS)


def test_the_same_letters_of_another_turn_are_another_piece() -> None:
    moved = {**SPAIN, "turn": 4}
    assert KIND.similarity([SPAIN, FRANCE], [SPAIN, FRANCE]) == 1.0
    assert KIND.similarity([SPAIN], [moved]) == 0.0
    assert KIND.similarity([SPAIN, FRANCE], [SPAIN]) == pytest.approx(2 / 3)
    assert KIND.canonical([SPAIN]) != KIND.canonical([moved])


def test_settings_say_the_same_type_again() -> None:
    for kind in (KIND, df.TurnSpans(role=None, overlapping=True), df.TurnSpans(Claim, role="user")):
        assert df.TurnSpans.from_settings(kind.settings()).settings() == kind.settings()
    with pytest.raises(SpecError, match="role must be a text or None"):
        df.TurnSpans(Claim, role=3)  # type: ignore[arg-type]


def test_those_who_err_still_answer_as_the_type_takes_it() -> None:
    chance = Random(1)
    for _ in range(50):
        for given in (KIND.attempt([SPAIN, FRANCE], 0.4, chance, INPUTS), KIND.guess(chance, INPUTS)):
            assert KIND.check_answer(given, INPUTS) == given
        spoilt = KIND.spoil([SPAIN, FRANCE], chance, INPUTS)
        assert KIND.similarity(spoilt, [SPAIN, FRANCE]) < 1
    assert KIND.guess(chance, {"chat": [CHAT[2]]}) == []


def test_what_is_marked_is_drawn_in_its_turn_and_means_nothing_to_a_page() -> None:
    chat = [{"role": "assistant", "text": "<b>Paris</b>"}]
    shown = KIND.drawn([{"turn": 0, "start": 3, "end": 8, "label": "true", "text": "Paris"}], {"chat": chat})
    assert "<b>Paris" not in shown
    assert "Paris" in shown
    assert "nothing to mark" in KIND.drawn([], {"chat": chat})


def test_an_answer_on_turns_that_are_not_there_is_refused_before_its_spans_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[Any] = []
    monkeypatch.setattr(df.Spans, "_read", lambda self, place, span: read.append(span))
    with pytest.raises(AnswerError, match="turn 5 is none of"):
        KIND.check_answer([(5 + number % 1_900, number, number + 1, "true") for number in range(10_000)], INPUTS)
    with pytest.raises(AnswerError, match="at most 10,000 spans"):
        KIND.check_answer([(1, 0, 1, "true")] * 10_001, INPUTS)
    assert not read


class _Counted(dict[str, Any]):
    """A span that counts how often somebody asks for its turn."""

    asked = 0

    def __getitem__(self, name: str) -> Any:
        _Counted.asked += name == "turn"
        return super().__getitem__(name)


def test_however_many_turns_have_spans_each_span_is_looked_through_once() -> None:
    spans = [_Counted(turn=number, start=0, end=1, label="true", text="t") for number in range(200)]
    KIND.drawn(spans, {"chat": [{"role": "assistant", "text": "turn"}] * 200})
    assert len(KIND._by_turn(spans, lambda turn, own: own)) == 200
    assert _Counted.asked == 400


def test_five_hundred_turns_are_read_at_once() -> None:
    chat = [{"role": "assistant", "text": f"turn {number}"} for number in range(500)]
    answer = [(number, 0, 4, "true") for number in range(500)]
    assert len(KIND.check_answer(answer, {"chat": chat})) == 500
