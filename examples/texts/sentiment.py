"""How does the author of a review feel? A task about texts, with its data in this file.

python sentiment.py              opens the task: join by the printed link and answer
python sentiment.py --simulate   lets twelve simulated people answer
"""

from __future__ import annotations

import argparse

import dataforge as df
from dataforge.simulation import simulate


class Feeling(df.Choice):
    POSITIVE = df.option("positive", ru="нравится")
    NEUTRAL = df.option("neutral", ru="всё равно", hint={"en": "or both at once", "ru": "или и то, и другое"})
    NEGATIVE = df.option("negative", ru="не нравится")


@df.task(
    name={"en": "Reviews", "ru": "Отзывы"},
    instruction={
        "en": "How does the author feel about what they bought? Go by the *whole* text, not by single words.",
        "ru": "Как автор относится к покупке? Судите по *всему* тексту, а не по отдельным словам.",
    },
    titles={"review": {"en": "Review", "ru": "Отзыв"}, "answer": {"en": "The author", "ru": "Автору"}},
    duration="8s",
)
def sentiment(review: df.Text) -> Feeling:
    """The instruction is given above, in two languages."""
    ...


REVIEWS = {
    "It has worked every single day for three years now.": "positive",
    "Broke in the first week, and nobody answered my letters.": "negative",
    "A kettle. It boils water.": "neutral",
    "I bought a second one for my parents.": "positive",
    "The picture on the box has little to do with what is inside.": "negative",
    "Fine sound, poor battery, so it evens out.": "neutral",
    "My daughter does not put it down any more.": "positive",
    "Louder than my old vacuum cleaner and half as strong.": "negative",
    "Arrived on Tuesday.": "neutral",
    "Best money I have spent this year.": "positive",
    "I would return it if the shop were not so far away.": "negative",
    "It is a bit larger than the one before.": "neutral",
    "Light, quiet, and the charge lasts for a week.": "positive",
    "The third pair that has come apart at the same seam.": "negative",
    "There is a blue one and a grey one.": "neutral",
}
# Control items: their answers are known, and workers cannot tell them from the others. Each answer as often.
CONTROL = {
    "I could not be happier with these shoes.": "positive",
    "Do not buy this, it is a waste of money.": "negative",
    "The cable is two metres long.": "neutral",
    "A wonderful gift, everybody loved it.": "positive",
    "It smelled of burnt plastic from the first minute.": "negative",
    "I have not opened the box yet.": "neutral",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    simulated = parser.parse_args().simulate
    known = [{"review": review, "answer": feeling} for review, feeling in (REVIEWS | CONTROL).items()]
    policy = df.Policy(overlap=(2, 5), min_confidence=0.9, page=(5, 3), control_ratio=0.6)
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(
        sentiment,
        items=[{"review": review} for review in REVIEWS],
        control=[{"review": review, "answer": feeling} for review, feeling in CONTROL.items()],
        policy=policy,
        name="reviews",
    )
    if simulated:
        simulate(run.name, truth=known, workers=12, seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
