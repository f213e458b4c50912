"""How many people, which animals, and a title: the answers of several workers are merged into one.

python scenes.py              opens the task: join by the printed link and answer
python scenes.py --simulate   lets eight simulated people answer
"""

from __future__ import annotations

import argparse
from typing import Annotated, NamedTuple

import dataforge as df
from dataforge.simulation import simulate


class Animal(df.Choice):
    DOG = df.option("dog", ru="собака")
    CAT = df.option("cat", ru="кошка")
    BIRD = df.option("bird", ru="птица")


class Scene(NamedTuple):
    people: Annotated[int, df.Number(0, 20)]
    animals: set[Animal]
    title: Annotated[str, df.Text(longest=60, lines=1)]


@df.task(name={"en": "Scenes", "ru": "Сцены"}, duration="30s")
def scene(scene: df.Text) -> Scene:
    """Count the people, choose all animals that are there, and copy the **first three words** as the title."""
    ...


SCENES = [
    ("Two boys with a dog and a parrot wait for the ferry.", 2, ["dog", "bird"], "Two boys with"),
    ("Nobody is at home but the cat.", 0, ["cat"], "Nobody is at"),
    ("Five old friends play chess in the park.", 5, [], "Five old friends"),
    ("A girl feeds the pigeons while her cat looks on.", 1, ["cat", "bird"], "A girl feeds"),
    ("Three dogs pull a sledge with one driver.", 1, ["dog"], "Three dogs pull"),
    ("Twelve players and the referee stand in the rain.", 13, [], "Twelve players and"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    simulated = parser.parse_args().simulate
    known = [dict(zip(("scene", "people", "animals", "title"), row, strict=True)) for row in SCENES]
    policy = df.Policy(quality="merge", overlap=5, page=(3, 0))
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(scene, items=[{"scene": row["scene"]} for row in known], policy=policy, name="scenes")
    if simulated:
        simulate(run.name, truth=known, workers=8, mix="honest", seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
