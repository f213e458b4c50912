"""A click on every beetle, from three people, merged. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


class Beetle(df.Choice):
    RED = df.option("red", ru="красный")
    BLACK = df.option("black", ru="чёрный")


@df.task(duration="30s", name={"en": "Beetles", "ru": "Жуки"})
def points(image: df.Image) -> Annotated[dict[str, Any], df.Points(Beetle)]:
    """Click on every beetle."""
    ...


run = df.launch(points, "images", policy=df.Policy(quality="merge", overlap=3, page=(2, 0)), name="points")
run.wait()
print(run.labels().to_string())
