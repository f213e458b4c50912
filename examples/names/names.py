"""Who and what is named in a sentence? Pieces of a text with labels, collected from three people each.

python names.py              opens the task: join by the printed link and answer
python names.py --simulate   lets six simulated people answer
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import dataforge as df
from dataforge.simulation import simulate


class Entity(df.Choice):
    PERSON = df.option("person", ru="человек")
    PLACE = df.option("place", ru="место")


@df.task(duration="20s")
def names(text: df.Text) -> Annotated[list[Any], df.Spans(Entity)]:
    """Mark the names of persons and places."""
    ...


KNOWN = {
    "Ada Lovelace met Charles Babbage in London.": [(0, 12, "person"), (17, 32, "person"), (36, 42, "place")],
    "🚂 The train from Vienna to Prague was late.": [(17, 23, "place"), (27, 33, "place")],
    "Nobody was there.": [],
}


def main() -> None:
    simulated = "--simulate" in sys.argv
    policy = df.Policy(quality="collect", overlap=3)
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(names, [{"text": text} for text in KNOWN], policy=policy, name="names")
    if simulated:
        simulate("names", truth=[{"text": text, "answer": spans} for text, spans in KNOWN.items()], workers=6, seed=1)
    run.wait()
    print(run.solutions()[["text", "answer"]].to_string())


if __name__ == "__main__":
    main()
