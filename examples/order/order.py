"""Which answer helps most, by three people, merged. Run it in this folder, and join by the printed link."""

from typing import Annotated

import dataforge as df


@df.task(duration="30s", name={"en": "The best answer", "ru": "Лучший ответ"})
def order(
    question: df.Text, one: df.Text, two: df.Text, three: df.Text
) -> Annotated[list[str], df.Ranking("one", "two", "three")]:
    """Put the answers in order: **first** the one that helps most."""
    ...


run = df.launch(order, "items.csv", policy=df.Policy(quality="merge", overlap=3, page=(2, 0)), name="order")
run.wait()
print(run.labels().to_string())
