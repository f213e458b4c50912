"""Three questions about each letter to a shop; each is aggregated on its own.

python letters.py              opens the task: join by the printed link and answer
python letters.py --simulate   lets twelve simulated people answer
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Annotated

import dataforge as df
from dataforge.simulation import simulate


class Topic(df.Choice):
    DELIVERY = df.option("delivery", ru="доставка")
    MONEY = df.option("money", ru="деньги")
    PRODUCT = df.option("product", ru="товар")


TONES = {1: {"en": "angry", "ru": "сердито"}, 3: {"en": "kind", "ru": "дружелюбно"}}


@dataclass
class Letter:
    topic: Topic
    urgent: bool
    tone: Annotated[int, df.Rating(1, 3, points=TONES)]


@df.task(
    name={"en": "Letters to the shop", "ru": "Письма в магазин"},
    instruction={
        "en": "Read the letter and say what it is about, whether it must be answered *today*, and how it sounds.",
        "ru": "Прочтите письмо и скажите, о чём оно, нужно ли ответить *сегодня* и как оно звучит.",
    },
    titles={
        "letter": {"en": "Letter", "ru": "Письмо"},
        "topic": {"en": "What is it about?", "ru": "О чём письмо?"},
        "urgent": {"en": "Must it be answered today?", "ru": "Нужно ответить сегодня?"},
        "tone": {"en": "How does it sound?", "ru": "Как оно звучит?"},
    },
    duration="20s",
)
def letter(letter: df.Text) -> Letter:
    """The instruction is given above, in two languages."""
    ...


# Letter, topic, urgent, tone.
LETTERS = [
    ("The courier waits at my door and has no change, what now?", "delivery", True, 2),
    ("Thank you for the lamp! Do you have it in red, too?", "product", False, 3),
    ("You took the money twice. I want it back NOW.", "money", True, 1),
    ("When will my parcel come? No hurry.", "delivery", False, 3),
    ("The kettle leaks, the second one already. Shame on you.", "product", False, 1),
    ("Please send the invoice until the end of the month.", "money", False, 2),
    ("My order goes to the old address, please stop it today!", "delivery", True, 2),
    ("The cable sparks. Can I go on using it?", "product", True, 2),
    ("Where is my refund? Three weeks of lies.", "money", False, 1),
    ("The parcel came a day early, wonderful.", "delivery", False, 3),
]
CONTROL = [
    ("I am at the pick-up point and it is closed, which one is open?", "delivery", True, 2),
    ("The price on the site and on the bill differ, could you look?", "money", False, 2),
    ("The shoes are perfect, thank you so much!", "product", False, 3),
    ("The heater smokes, what shall I do?!", "product", True, 2),
    ("My card is charged every minute, stop it, you thieves!", "money", True, 1),
    ("Fourth week without my parcel. A disgrace.", "delivery", False, 1),
    ("Thanks for the refund, it came today!", "money", False, 3),
    ("The courier left my parcel in the rain, come and take it away at once!!!", "delivery", True, 1),
]
COLUMNS = ("letter", "topic", "urgent", "tone")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    simulated = parser.parse_args().simulate
    known = [dict(zip(COLUMNS, row, strict=True)) for row in LETTERS + CONTROL]
    policy = df.Policy(overlap=(3, 6), min_confidence=0.85, page=(4, 4), control_ratio=0.75)
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(
        letter,
        items=[{"letter": text} for text, *_ in LETTERS],
        control=known[len(LETTERS) :],
        policy=policy,
        name="letters",
    )
    if simulated:
        simulate(run.name, truth=known, workers=12, seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
