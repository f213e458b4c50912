"""What of a task's texts differs, as a worker is shown it."""

import random

from dataforge.records import Field, TaskSpec
from dataforge.tasks.wording import text_changes


def asking(instruction: str) -> TaskSpec:
    return TaskSpec(
        id="animal",
        name={"en": "Animal"},
        instruction={"en": instruction},
        inputs=(),
        outputs=(Field("answer", "bool", {"en": "Answer"}),),
        duration=5.0,
    )


def test_of_an_instruction_the_lines_that_differ_are_shown() -> None:
    [change] = text_changes(asking("Look.\nChoose.\nBe quick."), asking("Look.\nChoose well.\nBe quick."), "en")
    assert change == ("instruction", "Choose.", "Choose well.")


def test_an_instruction_that_was_written_anew_is_shown_whole() -> None:
    source = random.Random(1)
    words = ["look", "at", "the", "item", "and", "choose", "what", "is", "in", "it", "if", "not", "sure", "skip"]
    one, other = ("\n".join(" ".join(source.choices(words, k=12)) for _ in range(400)) for _ in range(2))
    [change] = text_changes(asking(one), asking(other), "en")
    assert (change.was, change.now) == (one, other)
