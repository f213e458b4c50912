"""A box around every ball, from three people, merged into one. Run it in this folder.

python boxes.py              opens the task: join by the printed link and draw
python boxes.py --simulate   lets six simulated people draw
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import dataforge as df
from dataforge.simulation import simulate


class Ball(df.Choice):
    RED = df.option("red", ru="красный")
    BLUE = df.option("blue", ru="синий")


@df.task(duration="30s", name={"en": "Boxes", "ru": "Рамки"})
def boxes(image: df.Image) -> Annotated[dict[str, Any], df.Boxes(Ball)]:
    """Draw a box around every ball."""
    ...


KNOWN = {
    "balls-1.png": [("blue", 119, 131, 210, 222)],
    "balls-2.png": [("red", 323, 156, 402, 235), ("red", 12, 183, 99, 270)],
    "balls-3.png": [("blue", 344, 118, 445, 219), ("blue", 171, 191, 286, 306), ("blue", 301, 204, 388, 291)],
    "balls-4.png": [("red", 18, 190, 123, 295), ("red", 207, 169, 322, 284), ("red", 281, 170, 372, 261),
                    ("red", 340, 202, 437, 299)],
}  # fmt: skip


def truth() -> list[dict[str, Any]]:
    """The pictures, with what simulated people draw if they make no mistake."""
    return [
        {
            "image": f"images/{name}",
            "answer": {"width": 480, "height": 320, "shapes": [{"label": one, "box": box} for one, *box in balls]},
        }
        for name, balls in KNOWN.items()
    ]


def main() -> None:
    simulated = "--simulate" in sys.argv
    policy = df.Policy(quality="merge", overlap=3, page=(2, 0))
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(boxes, "images", policy=policy, name="boxes")
    if simulated:
        simulate("boxes", truth=truth(), workers=6, seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
