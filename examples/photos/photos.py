"""Label a folder of your own photos.

python photos.py FOLDER              opens the task: join by the printed link and answer
python photos.py FOLDER --simulate   lets forty simulated people answer (needs labels for all photos)

The folder holds images, at any depth. Labels that you know already become control items; they stand in
`labels.jsonl` ({"file": …, "label": …} per line) or `labels.csv` (columns file, label) in the folder, or photos lie in
folders that are named by their label: FOLDER/dress/1.jpg.

To ask about something other than clothes, change the options and the words below.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path

import dataforge as df
from dataforge.simulation import simulate


class Clothing(df.Choice):
    DRESS = df.option("dress", "Dress", ru="Платье")
    HAT = df.option("hat", "Hat", ru="Головной убор")
    LONGSLEEVE = df.option("longsleeve", "Long sleeve", ru="Лонгслив", hint="a T-shirt with long sleeves")
    OUTWEAR = df.option("outwear", "Outerwear", ru="Верхняя одежда")
    PANTS = df.option("pants", "Trousers", ru="Брюки")
    SHIRT = df.option("shirt", "Shirt", ru="Рубашка", hint="with a collar and buttons")
    SHOES = df.option("shoes", "Shoes", ru="Обувь")
    SHORTS = df.option("shorts", "Shorts", ru="Шорты")
    SKIRT = df.option("skirt", "Skirt", ru="Юбка")
    T_SHIRT = df.option("t-shirt", "T-shirt", ru="Футболка")


@df.task(
    name={"en": "Clothes", "ru": "Одежда"},
    instruction={
        "en": "What is in the photo? If there are several things, take the one in the middle.",
        "ru": "Что на фотографии? Если вещей несколько, отвечайте о той, что в середине.",
    },
    titles={"photo": {"en": "Photo", "ru": "Фотография"}, "answer": {"en": "This is", "ru": "Это"}},
    duration="6s",
)
def clothes(photo: df.Image) -> Clothing:
    """The instruction is given above, in two languages."""
    ...


IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the photos are")
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    parser.add_argument("--control", type=float, default=0.1, help="share of labelled photos that become control items")
    parser.add_argument("--limit", type=int, help="take so many photos only")
    parser.add_argument("--tables", type=Path, default=Path("tables"), help="where items.csv and control.csv go")
    arguments = parser.parse_args()
    items, control, truth = tables(arguments.folder, arguments.tables, arguments.control, arguments.limit)
    if arguments.simulate and truth.read_text("utf-8").count("\n") < 2:
        parser.error(f"--simulate: no photo in {arguments.folder} has a known label, by which people would answer")
    policy = df.Policy(overlap=(2, 5), min_confidence=0.9, page=(9, 3), control_ratio=0.6)
    if arguments.simulate:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(
        clothes,
        items=items,
        control=control,
        policy=policy,
        name="clothes",
    )
    if arguments.simulate:
        simulate(run.name, truth=truth, workers=40, seed=1)
    run.wait()
    print(run.labels().to_string(max_rows=20))


def tables(folder: Path, target: Path, share: float, limit: int | None) -> tuple[Path, Path | None, Path]:
    """Write items.csv, control.csv and truth.csv, and return their paths; no control.csv without labels."""
    labels = known_labels(folder)
    photos = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGES)
    random.Random(1).shuffle(photos)
    photos = photos[:limit]
    rows = [(str(path.resolve()), labels.get(path.resolve(), "")) for path in photos]
    chosen = balanced([row for row in rows if row[1]], round(share * len(rows)))
    target.mkdir(parents=True, exist_ok=True)
    write(target / "items.csv", ("photo",), [row[:1] for row in rows if row not in chosen])
    write(target / "truth.csv", ("photo", "answer"), [row for row in rows if row[1]])
    if not chosen:
        return target / "items.csv", None, target / "truth.csv"
    write(target / "control.csv", ("photo", "answer"), chosen)
    return target / "items.csv", target / "control.csv", target / "truth.csv"


def known_labels(folder: Path) -> dict[Path, str]:
    """Labels by the full path of the photo, from a table or from the names of folders."""
    rows = []
    if (folder / "labels.jsonl").exists():
        rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines() if line.strip()]
    elif (folder / "labels.csv").exists():
        with open(folder / "labels.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    if rows:
        return {(folder / row["file"]).resolve(): row["label"] for row in rows}
    options = {option.value for option in Clothing}
    return {path.resolve(): path.parent.name for path in folder.rglob("*") if path.parent.name in options}


def balanced(rows: list[tuple[str, str]], number: int) -> list[tuple[str, str]]:
    """So many rows, with each label as often as can be: else who always gives one answer is found too late."""
    by_label: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        by_label.setdefault(row[1], []).append(row)
    chosen: list[tuple[str, str]] = []
    while len(chosen) < min(number, len(rows)):
        for label in sorted(by_label):
            if by_label[label] and len(chosen) < number:
                chosen.append(by_label[label].pop())
    return chosen


def write(path: Path, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


if __name__ == "__main__":
    main()
