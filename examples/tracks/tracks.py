"""Everybody in films, followed by three people each and merged; compared with known tracks by HOTA and IDF1.

python tracks.py FILMS KNOWN              opens the task: join by the printed link
python tracks.py FILMS KNOWN --simulate   lets simulated people answer

FILMS is a folder of films, KNOWN one of MOTChallenge: KNOWN/<film>/gt/gt.txt.
"""

from __future__ import annotations

import argparse
from typing import Annotated, Any

import dataforge as df
from dataforge.metrics import hota, idf1
from dataforge.simulation import simulate


@df.task(name={"en": "People in films", "ru": "Люди на видео"}, duration="10m")
def people(film: df.Video) -> Annotated[dict[str, Any], df.Track()]:
    """Follow **everybody**, from the first frame on which they are seen to the last."""
    ...


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", help="a folder of films")
    parser.add_argument("known", help="a folder with <film>/gt/gt.txt for each of them")
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    asked = parser.parse_args()
    # People do not move in straight lines: two pixels off the known boxes are as good, with a tenth of the key frames.
    known = df.read_mot(people, asked.known, folder=asked.films, slack=2)
    policy = df.Policy(quality="merge", overlap=3, page=(1, 0), speed=())
    run = df.launch(people, items=known[["film"]], policy=policy, name="people-in-films")
    if asked.simulate:
        simulate(run.name, truth=known, workers=5, mix={"good": 2, "careless": 3}, seed=1)
    run.wait()
    true = dict(zip(known["film"], known["answer"], strict=True))
    print("merged")
    for film, answer in zip(run.labels()["film"], run.labels()["answer"], strict=True):
        compare(film, answer, true[film])
    print("each worker")
    for film, answer in zip(run.solutions()["film"], run.solutions()["answer"], strict=True):
        compare(film, answer, true[film])


def compare(film: str, found: Any, true: Any) -> None:
    keys = sum(len(track["keys"]) for track in found["tracks"])
    whole, same = hota(found, true), idf1(found, true)
    print(f"{film.rsplit('/', 1)[-1]}: HOTA {whole.hota:.3f}, IDF1 {same.idf1:.3f}, {keys} key frames")


if __name__ == "__main__":
    main()
