"""Spans: pieces of a text, counted as Python counts."""

import json
from pathlib import Path
from random import Random
from typing import Annotated, Any

import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._characters import inside_character
from dataforge.objects.spans import Spans

FAMILY = "👩‍❤️‍👨"
PARTS = ["a", "é", "e\u0301", " ", "\r\n", "\t", "<", "&amp;", "🙂", FAMILY, "🇷🇺", "漢", "ก็", "שלום", "\u00a0"]


class Entity(df.Choice):
    PERSON = df.option("person", ru="человек")
    PLACE = df.option("place", ru="место")


TEXT = "Alice met 🙂 Bob in New York"
KIND = Spans(Entity, of="text")


def check(*spans: Any, kind: Spans = KIND, text: str = TEXT) -> Any:
    return kind.check_answer(list(spans), {"text": text})


def span(start: int, end: int, label: str = "person") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


def test_spans_are_sorted_and_quote_what_they_mark_also_behind_an_emoji() -> None:
    assert check(span(19, 27, "place"), span(12, 15), span(0, 5)) == [
        {"start": 0, "end": 5, "label": "person", "text": "Alice"},
        {"start": 12, "end": 15, "label": "person", "text": "Bob"},
        {"start": 19, "end": 27, "label": "place", "text": "New York"},
    ]
    assert check() == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (span(5, 6), "nothing but spaces"),
        (span(3, 3), "an end behind its start, got 3 to 3"),
        (span(20, 28), "ends behind the text, which has 27 characters"),
        (span(-1, 3), "start: expected a whole number"),
        (span(0, True), "end: expected a whole number"),
        (span(0, 5, "Person"), "one of 'person', 'place', got 'Person'; write 'person'"),
        ({"start": 0, "end": 5}, "expected a label"),
        (span(0, 5) | {"text": "alice"}, "quotes 'alice', and the text has 'Alice' there"),
        (span(0, 5) | {"text": "Alic\ud800"}, "span 1: text: the piece that is marked has half a character"),
        (span(0, 5) | {"note": 1}, "expected start, end and label"),
        ("Alice", "expected start, end and label, got 'Alice'"),
    ],
)
def test_a_span_that_is_none_is_refused_with_its_place_and_the_reason(wrong: Any, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        check(wrong)


def test_spans_overlap_only_where_that_is_allowed_and_never_say_the_same_twice() -> None:
    nested = (span(19, 22), span(19, 27, "place"))
    with pytest.raises(AnswerError, match=r"19 to 22 'person' and .* 19 to 27 'place' overlap"):
        check(*nested)
    free = Spans(Entity, of="text", overlapping=True)
    assert [one["text"] for one in check(*nested, kind=free)] == ["New", "New York"]
    assert len(check(span(0, 5), span(0, 5, "place"), kind=free)) == 2
    with pytest.raises(AnswerError, match="is there twice"):
        check(span(0, 5), span(0, 5), kind=free)


def test_a_span_cuts_no_character_in_two() -> None:
    text = f"cafe\u0301 {FAMILY} 🇷🇺🇩🇪"
    for start, end in ((0, 4), (6, 7), (6, 9), (len(text) - 3, len(text))):
        with pytest.raises(AnswerError, match="cuts a character in two"):
            check(span(start, end), text=text)
    whole = check(span(0, 5), span(6, 6 + len(FAMILY)), span(len(text) - 2, len(text)), text=text)
    assert [one["text"] for one in whole] == ["cafe\u0301", FAMILY, "🇩🇪"]


def test_what_a_browser_takes_for_the_edge_of_a_character_is_one() -> None:
    """Random texts with the places between characters that Intl.Segmenter of ICU 74 found in them."""
    for text, edges in json.loads(Path(__file__).parents[1].joinpath("data/characters.json").read_text("utf-8")):
        assert [edge for edge in edges if inside_character(text, edge)] == [], ascii(text)


def test_what_is_quoted_is_the_slice_of_the_text_for_ten_thousand_random_texts() -> None:
    rng, kind = Random(3), Spans(of="text")
    for _ in range(10_000):
        text = "".join(rng.choices(PARTS, k=rng.randint(1, 12)))
        start, end = sorted(rng.sample(range(len(text) + 1), 2))
        try:
            [found] = kind.check_answer([{"start": start, "end": end}], {"text": text})
        except AnswerError:
            cut = inside_character(text, start) or inside_character(text, end)
            assert cut or not text[start:end].strip()
        else:
            assert found == {"start": start, "end": end, "text": text[start:end]}


def test_known_answers_are_written_as_json_or_as_spacy_has_them() -> None:
    assert KIND.to_json([(12, 15, "person"), (0, 5, Entity.PERSON)]) == [span(0, 5), span(12, 15)]
    assert KIND.to_json(KIND.from_text('[{"start": 0, "end": 5, "label": "person"}]')) == [span(0, 5)]
    with pytest.raises(DataError, match=r"expected a list of spans, \[\] for none"):
        KIND.to_json(KIND.from_text("Alice"))
    assert KIND.canonical(check(span(0, 5))) == KIND.canonical([span(0, 5)])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ([], [], 1.0),
        ([span(0, 5)], [], 0.0),
        ([span(0, 5)], [span(0, 5, "place")], 0.0),
        ([span(0, 8)], [span(4, 12)], 1 / 3),
        ([span(0, 5), span(6, 9)], [span(6, 9)], 2 / 3),
        # One piece over two of the other: matched to one of them only.
        ([span(0, 10)], [span(0, 5), span(5, 10)], 2 * 0.5 / 3),
        # The best pairs are not the first ones: 0–10 goes with 0–9, 0–3 with nothing better than 0–2.
        ([span(0, 10), span(0, 3)], [span(0, 2), span(0, 9)], (0.9 + 2 / 3) / 2),
    ],
)
def test_spans_are_as_alike_as_the_pieces_that_they_share(one: Any, other: Any, alike: float) -> None:
    assert KIND.similarity(one, other) == pytest.approx(alike)
    assert KIND.similarity(other[::-1], one[::-1]) == pytest.approx(alike)


def test_a_spoilt_answer_misses_a_span_moves_it_by_a_word_or_has_another_label() -> None:
    right = check(span(0, 5), span(19, 27, "place"))
    spoilt = [KIND.spoil(right, Random(seed), {"text": TEXT}) for seed in range(40)]
    assert {len(answer) for answer in spoilt} == {1, 2}
    assert any({one["label"] for one in answer} == {"place"} and len(answer) == 2 for answer in spoilt)
    assert any("met" in [one["text"] for one in answer] for answer in spoilt)
    assert max(KIND.similarity(right, answer) for answer in spoilt) < 1
    assert len(KIND.spoil([], Random(1), {"text": TEXT})) == 1


def test_ten_thousand_spans_are_taken_and_one_more_is_refused() -> None:
    text = "ab " * 10_001
    many = [{"start": 3 * place, "end": 3 * place + 2} for place in range(10_001)]
    kind = Spans(of="text")
    taken = kind.check_answer(many[:-1], {"text": text})
    assert len(taken) == 10_000
    assert kind.similarity(taken, taken[1:]) == pytest.approx(2 * 9_999 / 19_999)
    with pytest.raises(AnswerError, match="at most 10,000 spans, got 10,001"):
        kind.check_answer(many, {"text": text})


def test_a_task_finds_the_text_that_is_marked() -> None:
    @df.task
    def entities(review: df.Text, photo: df.Image) -> Annotated[list[Any], df.Spans(Entity)]:
        """Mark persons and places."""
        ...

    assert entities.output("answer").type.settings()["of"] == "review"
    [told] = entities.check_answers({"answer": [span(0, 5)]}, {"review": "Alice"})["answer"]
    assert told["text"] == "Alice"


@pytest.mark.parametrize(
    ("inputs", "spans", "why"),
    [
        ({"photo": df.Image}, df.Spans(Entity), "expected one input of the type text, got none; add one"),
        ({"one": df.Text, "two": df.Text}, df.Spans(Entity), "got 2: 'one', 'two'; name one of them, of='one'"),
        ({"one": df.Text}, df.Spans(Entity, of="two"), "of='two' is no input; inputs are: 'one'"),
        ({"one": df.Image}, df.Spans(Entity, of="one"), "of='one' is of the type image, expected one of the type text"),
        ({"one": df.Text(markdown=True)}, df.Spans(Entity), "'one' is formatted; write one: df.Text"),
    ],
)
def test_a_text_that_cannot_be_marked_is_refused_where_the_task_is_written(
    inputs: dict[str, Any], spans: Any, why: str
) -> None:
    def asked() -> None:
        """Mark persons and places."""

    from inspect import Parameter, Signature

    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in inputs.items()]
    asked.__signature__ = Signature(parameters, return_annotation=spans)  # type: ignore[attr-defined]
    with pytest.raises(SpecError, match=why):
        df.task(asked)


@pytest.mark.parametrize("wrong", [{"label": str}, {"label": []}, {"overlapping": 1}, {"of": 5}])
def test_settings_of_spans_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="spans"):
        Spans(**wrong)


def test_who_errs_misses_spans_moves_them_by_a_word_and_takes_other_labels_at_the_rate_of_the_skill() -> None:
    kind, inputs = Spans(Entity, of="text"), {"text": "one two three four " * 20}
    right = [found for place in range(0, 380, 38) for found in check(span(place, place + 3), text=inputs["text"])]
    answers = [kind.attempt(right, 0.8, Random(seed), inputs) for seed in range(60)]
    kept = sum(one in answer for answer in answers for one in right) / (60 * len(right))
    assert kept == pytest.approx(0.8, abs=0.05)
    assert {len(answer) for answer in answers} > {9, 10}
    assert {one["text"] for answer in answers for one in answer} == {"one", "two", "four"}
    [guessed] = kind.guess(Random(1), inputs)
    assert guessed["text"] in inputs["text"].split()


@df.task
def same_names(
    text: df.Text, names: Annotated[Any, df.Spans()]
) -> Annotated[list[Any], df.Links("names", "names", directed=False)]:
    """Which names mean the same person?"""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"start": 50, "end": 60}, "the span 50 to 60 ends behind the text, which has 19 characters"),
        ({"start": 0, "end": 3, "text": "Bob"}, "quotes 'Bob', and the text has 'Ann' there"),
        ({"start": 3, "end": 4}, "nothing but spaces"),
    ],
)
def test_spans_that_are_an_input_are_held_against_their_text(wrong: dict[str, Any], why: str, tmp_path: Path) -> None:
    item = {"text": "Ann and she met Bob", "names": [wrong]}
    with pytest.raises(DataError, match=rf"row 1.*'names'.*{why}"):
        df.read_items(same_names, [item])
    with pytest.raises(DataError, match=rf"input 'names': .*{why}"):
        same_names.check_item(item)
    with pytest.raises(DataError, match=why):
        df.launch(same_names, [item], workspace=tmp_path)
    right = {**item, "names": [{"start": 0, "end": 3}, {"start": 16, "end": 19, "text": "Bob"}]}
    assert df.read_items(same_names, [right, {**right, "names": []}]).count == 2


def test_spans_of_which_no_text_or_no_single_one_is_known_are_taken_as_they_are() -> None:
    @df.task
    def compared(one: df.Text, other: df.Text, names: Annotated[Any, df.Spans()]) -> bool:
        """Are they right?"""
        raise NotImplementedError

    item = {"one": "Ann", "other": "Bob and Ann", "names": [{"start": 8, "end": 11}]}
    assert df.read_items(compared, [item]).count == 1
    assert compared.check_item(item)["names"] == item["names"]
