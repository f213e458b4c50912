"""A function played by hand: what it asks, under which key, and what it is told when it is played again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import ArgumentError, RunError, SpecError
from dataforge.pipelines.journal import Call, Entry, Outcome
from dataforge.pipelines.player import Player
from dataforge.pipelines.questions import Answered, Asked


@df.task(duration="5s")
def first(text: df.Text) -> bool:
    """First?"""
    raise NotImplementedError


@df.task(duration="5s")
def second(text: df.Text) -> bool:
    """Second?"""
    raise NotImplementedError


def said(value: Any) -> Answered:
    return Answered({"answer": value})


def play(
    function: Any,
    answer: Callable[[Asked], Answered],
    recorded: list[Entry] | None = None,
    known: Mapping[str, Answered] | None = None,
    order: random.Random | None = None,
    items: int = 1,
) -> tuple[dict[int, Outcome], list[Entry], dict[str, Asked]]:
    """Play items `0`, `1`, … whose text is their number; every question is answered, in this order."""
    entries: list[Entry] = []
    asked: dict[str, Asked] = {}

    async def whole() -> dict[int, Outcome]:
        keys = {item: str(item) for item in range(items)}
        player = Player(function.function, keys, recorded or [], lambda _, key, since: (known or {}).get(key))
        playing = asyncio.create_task(player.play((item, {"text": str(item)}) for item in range(items)))
        while not playing.done():
            await asyncio.sleep(0.001)
            new, questions = player.news()
            entries.extend(new)
            if order is not None:
                order.shuffle(questions)
            for question in questions:
                asked[question.key] = question
                player.resolve(question.task.id, question.key, answer(question))
        await playing
        entries.extend(player.news()[0])
        return player.outcomes

    return asyncio.run(whole()), entries, asked


@df.pipeline
async def both(text: df.Text):
    """Ask the first; if so, ask the second of two things side by side, and of each again if it is so."""

    async def twice(name: str) -> bool:
        found = await second(name)
        return found.answer and (await second(f"{name}, sure")).answer

    if not (await first(text)).answer:
        return "no"
    return list(await asyncio.gather(*(twice(f"{text}{side}") for side in "lr")))


def test_a_question_is_known_by_its_place_however_answers_come_in() -> None:
    plays = [play(both, lambda question: said(True), order=random.Random(seed), items=3) for seed in range(20)]
    assert all(outcomes == plays[0][0] for outcomes, _, _ in plays)
    assert {frozenset((key, str(one.inputs)) for key, one in asked.items()) for _, _, asked in plays} == {
        frozenset(
            (f"{item}/{place}", str({"text": text.format(item)}))
            for item in range(3)
            for place, text in {
                "1": "{}", "1-1.1": "{}l", "1-1.2": "{}l, sure", "1-2.1": "{}r", "1-2.2": "{}r, sure"
            }.items()
        )
    }  # fmt: skip


def test_played_again_it_asks_nothing_that_is_known_and_comes_to_the_same() -> None:
    outcomes, entries, asked = play(both, lambda question: said("r" not in question.inputs["text"]))
    calls = [entry for entry in entries if isinstance(entry, Call)]
    known = {key: said("r" not in question.inputs["text"]) for key, question in asked.items()}
    again, new, asked_again = play(both, lambda question: said(None), calls, known)
    assert again == outcomes
    assert not asked_again
    assert not [entry for entry in new if isinstance(entry, Call)]


def test_what_was_asked_and_not_answered_is_asked_again_under_its_key() -> None:
    _, entries, _ = play(both, lambda question: said(True))
    calls = [entry for entry in entries if isinstance(entry, Call)]
    _, new, asked = play(both, lambda question: said(True), calls, {"0/1": said(True)})
    assert set(asked) == {"0/1-1.1", "0/1-1.2", "0/1-2.1", "0/1-2.2"}
    assert not [entry for entry in new if isinstance(entry, Call)]


def test_a_function_that_asks_otherwise_is_stopped_and_both_questions_are_shown() -> None:
    @df.pipeline
    async def other(text: df.Text):
        return (await first(f"{text}?")).answer

    _, entries, _ = play(both, lambda question: said(True))
    with pytest.raises(RunError, match=r"at place 1 it asked first\(text='0'\), now it asks first\(text='0\?'\)"):
        play(other, lambda question: said(True), entries[:1])


def test_an_error_is_that_of_its_item_and_the_others_go_on() -> None:
    @df.pipeline
    async def of_one(text: df.Text):
        found = await first(text)
        return 1 / (1 - int(text)) if found.answer else None

    outcomes, _, _ = play(of_one, lambda question: said(True), items=3)
    assert [outcome.error for _, outcome in sorted(outcomes.items())] == ["", "ZeroDivisionError: division by zero", ""]


def test_what_json_cannot_hold_is_told_of_the_item() -> None:
    @df.pipeline
    async def lock(text: df.Text):
        await first(text)
        return object()

    outcomes, _, _ = play(lock, lambda question: said(True))
    assert "expected a value that JSON can hold, got <object object" in outcomes[0].error


def test_a_function_that_never_ends_asking_is_stopped_at_its_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataforge.pipelines.player.MOST_QUESTIONS", 50)

    @df.pipeline
    async def endless(text: df.Text):
        while True:
            await first(text)

    outcomes, _, asked = play(endless, lambda question: said(True))
    assert len(asked) == 50
    assert "asked 50 questions about one item" in outcomes[0].error


def test_a_step_is_done_once_tried_again_and_given_when_played_again() -> None:
    tried: list[str] = []

    @df.step
    def measure(text: str) -> int:
        tried.append(text)
        if len(tried) < 3:
            raise OSError("not yet")
        return len(text)

    @df.pipeline
    async def measured(text: df.Text):
        size = await measure(text * 4)
        return [size, (await first(text)).answer]

    outcomes, entries, _ = play(measured, lambda question: said(True))
    assert tried == ["0000"] * 3
    assert bytes(outcomes[0].value) == b"[4,true]"
    recorded = [entry for entry in entries if not isinstance(entry, Outcome)]
    again, _, _ = play(measured, lambda question: said(True), recorded)
    assert len(tried) == 3
    assert again == outcomes


def test_what_has_no_order_is_the_same_question_however_it_was_put_together() -> None:
    texts: list[int] = [0, 8]

    @df.step
    def count(numbers: set[int]) -> int:
        return len(numbers)

    @df.pipeline
    async def counted(text: df.Text):
        return await count(set(texts))

    _, entries, _ = play(counted, lambda question: said(True))
    texts.reverse()
    assert list({0, 8}) != list(set(texts)), "or the test shows nothing"
    again, _, _ = play(counted, lambda question: said(True), entries[:1])
    assert bytes(again[0].value) == b"2"


def test_an_item_that_failed_is_played_again_by_who_launches_again() -> None:
    gone = [True]

    @df.pipeline
    async def unreachable(text: df.Text):
        if (await first(text)).answer and gone:
            raise OSError("no network")
        return "fine"

    failed, entries, asked = play(unreachable, lambda question: said(True))
    assert failed[0].error == "OSError: no network"
    gone.clear()
    known = {key: said(True) for key in asked}
    found, new, asked_again = play(unreachable, lambda question: said(True), entries, known)
    assert (found[0].error, bytes(found[0].value)) == ("", b'"fine"')
    assert not asked_again
    # What came out at last stays.
    assert play(unreachable, lambda question: said(True), [*entries, *new])[0] == found


def test_a_step_that_fails_each_time_is_the_item_s_error() -> None:
    @df.step
    def broken(text: str) -> int:
        raise OSError("the disk is full")

    @df.pipeline
    async def stuck(text: df.Text):
        return await broken(text)

    outcomes, _, _ = play(stuck, lambda question: said(True))
    assert outcomes[0].error == "OSError: the disk is full"


def test_tasks_and_steps_outside_of_a_pipeline_say_where_they_belong() -> None:
    with pytest.raises(ArgumentError, match=r"launch it by df\.launch"):
        first("a")

    @df.step
    def one() -> int:
        return 1

    with pytest.raises(SpecError, match="in the function of a pipeline only"):
        asyncio.run(one())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: first(), r"task 'first': expected the input 'text', got none"),
        (lambda: first("a", "b"), r"task 'first': too many positional arguments; its inputs are text"),
        (lambda: first(word="a"), r"unexpected keyword argument 'word'; its inputs are text"),
    ],
)
def test_a_task_called_wrongly_is_told_of_at_its_item(call: Callable[[], Any], message: str) -> None:
    @df.pipeline
    async def wrong(text: df.Text):
        return await call()

    outcomes, _, _ = play(wrong, lambda question: said(True))
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(outcomes[0].error)


def test_a_pipeline_is_an_async_function_of_typed_inputs() -> None:
    with pytest.raises(SpecError, match="expected an async function"):
        df.pipeline(len)
    with pytest.raises(SpecError, match=r"pipeline 'untyped': argument 'text': expected an annotation"):

        @df.pipeline
        async def untyped(text):  # type: ignore[no-untyped-def]
            return None


@df.task(duration="5s")
def look(photo: df.Image) -> bool:
    """Is it sharp?"""
    raise NotImplementedError


@pytest.mark.parametrize("answer", ["/etc/passport.jpg", "~nosuch/x.jpg", "https://example.org/x.png"])
def test_what_a_worker_writes_opens_no_file_and_no_address(answer: str) -> None:
    @df.pipeline
    async def seen(text: df.Text):
        return (await look((await first(text)).answer)).answer

    outcomes, _, asked = play(seen, lambda question: said(answer))
    assert [question.task.id for question in asked.values()] == ["first"]
    assert "expected a file or an address that the item has or a step gave" in outcomes[0].error


def test_files_of_the_item_of_steps_and_of_the_platform_may_be_shown() -> None:
    @df.step
    def cut(text: str) -> dict[str, str]:
        return {"part": f"{text}-part.png"}

    stored = {"media": f"{'0' * 64}.png"}

    @df.pipeline
    async def seen(text: df.Text):
        part = (await cut(text))["part"]
        return [(await look(photo)).answer for photo in (text, part, stored)]

    outcomes, entries, asked = play(seen, lambda question: said(True))
    assert not outcomes[0].error
    assert [question.inputs["photo"] for question in asked.values()] == ["0", "0-part.png", stored]
    # Played again, what steps gave may be shown as well.
    again, _, _ = play(seen, lambda question: said(True), [one for one in entries if not isinstance(one, Outcome)])
    assert again == outcomes
