"""When each tone is heard, from three people, merged into one. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


class Tone(df.Choice):
    HIGH = df.option("high", ru="высокий")
    LOW = df.option("low", ru="низкий")


@df.task(duration="40s", name={"en": "Segments", "ru": "Отрезки"})
def segments(recording: df.Audio) -> Annotated[list[Any], df.Segments(Tone)]:
    """Mark each tone from its beginning to its end."""
    ...


run = df.launch(segments, "recordings", policy=df.Policy(quality="merge", overlap=3, page=(2, 0)), name="segments")
run.wait()
print(run.labels().to_string())
