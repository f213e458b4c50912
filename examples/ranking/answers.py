"""Three answers to a question, the best first. The rankings of several people are merged into one.

python answers.py              opens the task: join by the printed link and answer
python answers.py --simulate   lets eight simulated people answer
"""

from __future__ import annotations

import argparse
from typing import Annotated

import dataforge as df
from dataforge.simulation import simulate

# The question is a text, too, so what is ranked is named.
RANKED = df.Ranking("one", "two", "three")


@df.task(name={"en": "The best answer", "ru": "Лучший ответ"}, duration="30s")
def order(question: df.Text, one: df.Text, two: df.Text, three: df.Text) -> Annotated[list[str], RANKED]:
    """Put the answers in order: **first** the one that helps most."""
    ...


# The question, its answers, and what is best, second, and worst.
QUESTIONS = [
    (
        "How long does an egg boil?",
        "Ten minutes if hard, six if soft.",
        "Long.",
        "Some minutes.",
        ["one", "three", "two"],
    ),
    ("Where is the station?", "There.", "Left at the church, 200 metres.", "In the centre.", ["two", "three", "one"]),
    ("Is the shop open?", "Until eight today.", "Yes.", "Look it up.", ["one", "two", "three"]),
    (
        "What is the time in Oslo?",
        "Why?",
        "Earlier than here.",
        "Two hours earlier than here.",
        ["three", "two", "one"],
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    simulated = parser.parse_args().simulate
    known = [dict(zip(("question", "one", "two", "three", "answer"), row, strict=True)) for row in QUESTIONS]
    policy = df.Policy(overlap=5, page=(2, 0))
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    items = [{name: value for name, value in row.items() if name != "answer"} for row in known]
    run = df.launch(order, items=items, policy=policy, name="best-answers")
    if simulated:
        simulate(run.name, truth=known, workers=8, mix="honest", seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
