"""Which of two answers serves a question better? A comparison side by side.

python better_answer.py              opens the task: join by the printed link and answer
python better_answer.py --simulate   lets twelve simulated people answer
"""

from __future__ import annotations

import argparse
from typing import Annotated

import dataforge as df
from dataforge.simulation import simulate


@df.task(
    name={"en": "The better answer", "ru": "Лучший ответ"},
    instruction={
        "en": "Which answer serves the question better? A short and right answer is better than a long and vague one.",
        "ru": "Какой ответ лучше отвечает на вопрос? Короткий и верный лучше, чем длинный и расплывчатый.",
    },
    titles={
        "query": {"en": "Question", "ru": "Вопрос"},
        "left": {"en": "One answer", "ru": "Один ответ"},
        "right": {"en": "Another answer", "ru": "Другой ответ"},
        "answer": {"en": "Better", "ru": "Лучше"},
    },
    duration="20s",
)
def better(query: df.Text, left: df.Text, right: df.Text) -> Annotated[str, df.SideBySide(tie=True)]:
    """The instruction is given above, in two languages."""
    ...


# Question, one answer, another answer, and which is better.
PAIRS = [
    ("How many legs has a spider?", "Eight.", "Quite a few, as most animals of that kind.", "left"),
    ("When is the shop open on Sunday?", "We love to welcome you!", "From 10 to 16.", "right"),
    ("What is the capital of Kazakhstan?", "Astana.", "It is Astana.", "same"),
    ("Can I wash it at 60 degrees?", "It can be washed.", "No, 40 degrees at most.", "right"),
    ("How do I turn it off?", "Hold the button for three seconds.", "With the button or otherwise.", "left"),
    ("Is the museum free on Mondays?", "Yes, on Mondays it is free.", "Yes, it is.", "same"),
    ("Which bus goes to the airport?", "There are many buses in the city.", "Number 92, every 20 minutes.", "right"),
    ("How long does delivery take?", "Two working days.", "Delivery takes some time.", "left"),
    ("Does it fit a bed of 160 cm?", "Measure your bed first.", "Yes, it is made for 160 cm.", "right"),
    ("Who painted it?", "Ilya Repin, in 1891.", "A painter of that time.", "left"),
]
CONTROL = [
    ("What is two and two?", "Four.", "That depends on many things.", "left"),
    ("What colour is it?", "It has a colour.", "Dark green.", "right"),
    ("Do you speak Turkish?", "Yes, I do.", "Yes.", "same"),
    ("Where is the exit?", "Behind you, on the left.", "In the building.", "left"),
    ("How tall is the tower?", "Tall enough.", "324 metres.", "right"),
    ("Is breakfast included?", "Included.", "It is included.", "same"),
]
COLUMNS = ("query", "left", "right", "answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    simulated = parser.parse_args().simulate
    known = [dict(zip(COLUMNS, pair, strict=True)) for pair in PAIRS + CONTROL]
    policy = df.Policy(overlap=(3, 7), min_confidence=0.9, page=(5, 3), control_ratio=0.6)
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(
        better,
        items=[dict(zip(COLUMNS[:3], pair[:3], strict=True)) for pair in PAIRS],
        control=known[len(PAIRS) :],
        policy=policy,
        name="better-answer",
    )
    if simulated:
        simulate(run.name, truth=known, workers=12, seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
