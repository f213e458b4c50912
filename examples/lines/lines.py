"""A line along every road and river, from three people, merged. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


class Way(df.Choice):
    ROAD = df.option("road", ru="дорога")
    RIVER = df.option("river", ru="река")


@df.task(duration="60s", name={"en": "Roads and rivers", "ru": "Дороги и реки"})
def lines(image: df.Image) -> Annotated[dict[str, Any], df.Lines(Way)]:
    """Draw a line along the middle of every road and every river, from edge to edge."""
    ...


run = df.launch(lines, "images", policy=df.Policy(quality="merge", overlap=3, page=(2, 0)), name="lines")
run.wait()
print(run.labels().to_string())
