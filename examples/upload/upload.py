"""A photo of each thing, judged by other people. Run it in this folder, and join by the printed link."""

from typing import Annotated, Any

import dataforge as df


@df.task(duration="60s", name={"en": "Photos of things", "ru": "Фотографии вещей"})
def upload(thing: df.Text) -> Annotated[Any, df.Upload(df.Image)]:
    """Take a photo of this, or of one like it; no faces."""
    ...


run = df.launch(upload, "things.csv", policy=df.Policy(page=(2, 0)), name="upload")
run.wait()
print(run.labels().to_string())
