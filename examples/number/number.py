"""A number read off a gauge, from three people, merged. Run it in this folder, and join by the printed link."""

from typing import Annotated

import dataforge as df


@df.task(duration="10s", name={"en": "Gauges", "ru": "Приборы"}, titles={"answer": {"en": "bar", "ru": "бар"}})
def number(image: df.Image) -> Annotated[float, df.Number(0, 100, step=1, unit={"en": "bar", "ru": "бар"})]:
    """Read the gauge, to the nearest whole number."""
    ...


run = df.launch(number, "readings.csv", policy=df.Policy(overlap=3, page=(2, 0)), name="number")
run.wait()
print(run.labels().to_string())
