"""Who and what is named in a sentence, by three people, merged. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


class Entity(df.Choice):
    PERSON = df.option("person", ru="человек")
    PLACE = df.option("place", ru="место")


@df.task(duration="20s", name={"en": "Names", "ru": "Имена"})
def spans(text: df.Text) -> Annotated[list[Any], df.Spans(Entity)]:
    """Mark the names of persons and places."""
    ...


run = df.launch(spans, "items.csv", policy=df.Policy(quality="merge", overlap=3, page=(2, 0)), name="spans")
run.wait()
print(run.labels().to_string())
