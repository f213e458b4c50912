"""Outline every ball; other people judge each answer. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


class Ball(df.Choice):
    RED = df.option("red", ru="красный")
    BLUE = df.option("blue", ru="синий")


@df.task(duration="40s", name={"en": "Outlines", "ru": "Контуры"})
def image_segmentation(image: df.Image) -> Annotated[dict[str, Any], df.Polygons(Ball)]:
    """Outline every ball, also where another one covers it."""
    ...


run = df.launch(image_segmentation, "images", policy=df.Policy(page=(2, 0)), name="image-segmentation")
run.wait()
print(run.labels().to_string())
