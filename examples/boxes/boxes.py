"""A box around every ball, from three people, merged into one. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


class Ball(df.Choice):
    RED = df.option("red", ru="красный")
    BLUE = df.option("blue", ru="синий")


@df.task(duration="30s", name={"en": "Boxes", "ru": "Рамки"})
def boxes(image: df.Image) -> Annotated[dict[str, Any], df.Boxes(Ball)]:
    """Draw a box around every ball."""
    ...


run = df.launch(boxes, "images", policy=df.Policy(quality="merge", overlap=3, page=(2, 0)), name="boxes")
run.wait()
print(run.labels().to_string())
