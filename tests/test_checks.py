"""The check of a task: what its workers are shown and asked, which answers share one, and its control items."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from statistics import fmean

import dataforge as df
from dataforge.checks import check_controls, check_key, check_task, control_items, own_check, shown_answer
from dataforge.objects.text import Text


@df.task(duration="60s", name={"en": "Transcript", "ru": "Расшифровка"})
def transcript(recording: df.Audio) -> df.Text:
    """Write down every word."""
    raise NotImplementedError


class Mood(df.Choice):
    GLAD = "glad"
    SAD = "sad"


@dataclass
class Heard:
    words: df.Text
    mood: Mood | None


@df.task
def heard(ok: df.Text) -> Heard:
    """What was said, and how?"""
    raise NotImplementedError


def test_a_check_shows_what_was_asked_and_answered_and_asks_whether_that_is_right() -> None:
    check = check_task(transcript)
    assert [(slot.name, slot.type.name) for slot in check.inputs] == [("recording", "audio"), ("answer", "text")]
    assert [(slot.name, slot.type.labels()) for slot in check.outputs] == [("ok", (True, False))]
    assert (check.name["en"], check.name["ru"]) == ("Check: Transcript", "Проверка: Расшифровка")
    assert check.inputs[1].title["ru"] == "Ответ"
    assert all(text.endswith("Write down every word.") for text in check.instruction.values()), "the task is quoted"
    assert check.kind == "classification"
    assert df.Task.from_spec(check.spec()) == check


def test_a_check_in_own_words_tells_whose_answer_is_whose_unless_its_author_does() -> None:
    def exact(recording: df.Audio, answer: df.Text) -> bool:
        """Is every word there?"""
        raise NotImplementedError

    untitled = own_check(transcript, df.task(exact))
    assert [slot.title["ru"] for slot in (untitled.inputs[1], *untitled.outputs)] == ["Ответ", "Ваш ответ"]
    given = {"answer": {"en": "Words", "ru": "Слова"}, "ok": {"en": "All there?", "ru": "Все на месте?"}}
    titled = own_check(transcript, df.task(titles=given)(exact))
    assert {slot.name: slot.title for slot in (titled.inputs[1], *titled.outputs)} == given


def test_a_check_takes_as_long_as_looking_or_listening_and_a_decision() -> None:
    """To hear and write takes 20 + 30 s by itself, to hear, read and decide 20 + 5 + 2; longer sounds take longer."""
    by_itself = check_task(replace(transcript, duration=50.0))
    assert by_itself.duration == 27.0
    assert check_task(transcript).duration == 1.2 * 25.0 + 2.0
    assert check_task(replace(transcript, duration=10.0)).duration == 0.2 * 25.0 + 2.0


def test_items_of_a_check_tell_their_requester_what_they_are_of() -> None:
    known = [("call 7", {"recording": {"file": "calls/7.wav"}}, {"answer": "seven calls came in"})]
    items = control_items(transcript, check_task(transcript), check_controls(transcript, known, seed=2))
    [row] = items.rows.to_pylist()
    assert row == {"recording": "calls/7.wav", "answer": row["answer"], "item": "call 7"}
    assert items.records()[0].inputs["recording"] == {"file": "calls/7.wav"}, "what workers get is as it was"


def test_names_of_the_task_stay_and_what_may_be_left_out_may_be_absent() -> None:
    check = check_task(heard)
    assert [slot.name for slot in check.inputs] == ["ok", "words", "mood"]
    assert check.inputs[1].title["en"] == "The answer: Words"
    assert not check.inputs[2].required
    assert check.outputs[0].name == "ok_"


def test_an_answer_in_markdown_is_shown_as_it_was_written() -> None:
    @df.task
    def described(photo: df.Image) -> df.Text(markdown=True, longest=99):  # type: ignore[valid-type]
        """What is it?"""

    shown = check_task(described).inputs[1].type
    assert shown == df.Text(longest=99), "no picture of its author's choice is loaded by those who check it"


def test_answers_that_are_the_same_share_a_check_and_no_others() -> None:
    key = check_key(transcript.outputs, "a", {"answer": "two  words "})
    assert key == check_key(transcript.outputs, "a", {"answer": "two words"})
    assert key != check_key(transcript.outputs, "b", {"answer": "two words"}), "of another item"
    assert key != check_key(transcript.outputs, "a", {"answer": "two word"})
    assert check_key(heard.outputs, "a", {"words": "x"}) == check_key(heard.outputs, "a", {"mood": None, "words": "x"})


def test_half_of_the_control_items_of_a_check_are_wrong_and_can_be_seen_to_be() -> None:
    known = [(f"clip{n}", {"recording": {"media": f"{n}.mp3"}}, {"answer": f"this is clip {n}"}) for n in range(10)]
    made = check_controls(transcript, known, seed=1)
    assert sum(one.right for one in made) == 5
    right = {inputs["recording"]["media"]: answers["answer"] for _, inputs, answers in known}
    assert all((one.inputs["answer"] == right[one.inputs["recording"]["media"]]) == one.right for one in made)
    assert made == check_controls(transcript, known, seed=1), "the seed tells all"
    assert {one.key for one in made if one.right}.isdisjoint(one.key for one in made if not one.right)


def test_control_items_are_made_of_whole_answers_alone() -> None:
    known = [("a", {"ok": "x"}, {"mood": "glad"}), ("b", {"ok": "y"}, {"words": "so it goes", "mood": None})]
    assert [one.inputs["ok"] for one in check_controls(heard, known, seed=1)] == ["y"]


def test_known_shapes_are_shown_as_workers_shapes_are_though_the_size_of_their_picture_is_not_told() -> None:
    @df.task
    def animals(photo: df.Image) -> df.Boxes():  # type: ignore[valid-type]
        """Draw a box around each animal."""

    kind = animals.outputs[0].type
    known = kind.to_json([{"box": [10, 20, 30, 40.5]}])
    drawn = {"width": 640, "height": 480, **known}
    items = [(str(number), {"photo": {"url": "https://a/1.jpg"}}, {"answer": known}) for number in range(4)]
    assert all(control.inputs["answer"].keys() == {"shapes"} for control in check_controls(animals, items, seed=1))
    assert shown_answer(animals.outputs, {"answer": drawn}) == {"answer": known}
    # Simulated people have to send a size; a known answer reaches as far as its shapes.
    assert kind.as_given(known) == {"width": 30, "height": 41, **known}
    assert kind.as_given(drawn) == drawn


def sentence(rng: Random) -> str:
    """A sentence of a small grammar, so that which word follows which tells what is none."""
    subject = f"the {rng.choice(('old', 'young', 'tired'))} {rng.choice(('baker', 'sailor', 'teacher', 'driver'))}"
    act = f"{rng.choice(('sold', 'found', 'lost'))} {rng.choice(('two', 'three', 'nine'))}"
    thing = f"{rng.choice(('red', 'broken', 'heavy'))} {rng.choice(('lamps', 'chairs', 'boats', 'clocks'))}"
    where = f"{rng.choice(('near', 'behind', 'above'))} the {rng.choice(('harbour', 'station', 'market'))}"
    when = f"{rng.choice(('before', 'after'))} {rng.choice(('noon', 'dawn', 'dinner', 'school'))}"
    return f"{subject} {act} {thing} {where} {when}"


def told_by_reading(right: list[str], wrong: list[str], others: list[str]) -> float:
    """The share of texts that who knows which words follow each other tells to be right or wrong, at the best bound."""
    pairs = Counter(pair for text in others for pair in pairwise(["", *text.split(), ""]))

    def known(text: str) -> float:
        found = [pairs[pair] > 0 for pair in pairwise(["", *text.split(), ""])]
        return sum(found) / len(found)

    scores = [(known(text), True) for text in right] + [(known(text), False) for text in wrong]
    shares = [fmean((score >= bound) == good for score, good in scores) for bound, _ in scores]
    return max(*shares, *(1 - share for share in shares))


def test_who_only_reads_cannot_tell_spoilt_texts_from_right_ones() -> None:
    rng = Random(5)
    texts = list(dict.fromkeys(sentence(rng) for _ in range(600)))
    known = [(str(n), {"recording": {"media": f"{n}.mp3"}}, {"answer": text}) for n, text in enumerate(texts[:200])]
    made = check_controls(transcript, known, seed=2)
    right = [one.inputs["answer"] for one in made if one.right]
    wrong = [one.inputs["answer"] for one in made if not one.right]
    assert len(wrong) == 100
    assert told_by_reading(right, wrong, texts[200:]) <= 0.6
    assert told_by_reading(right, [Text().spoil(text, rng, {}) for text in wrong], texts[200:]) > 0.8, "others are told"
    alike = [Text().similarity(one.inputs["answer"], texts[int(one.item)]) for one in made if not one.right]
    assert max(alike) < Text.control_similarity, "none would pass for a right one"


def test_no_answer_that_is_shown_as_right_is_shown_in_part_as_wrong() -> None:
    known = [(str(n), {"recording": {"media": f"{n}.mp3"}}, {"answer": f"alpha{n} of beta{n} of"}) for n in range(7)]
    made = check_controls(transcript, known, seed=1)
    words = {one.right: {word for other in made if other.right == one.right for word in other.inputs["answer"].split()}
             for one in made}  # fmt: skip
    assert words[True] & words[False] == {"of"}
