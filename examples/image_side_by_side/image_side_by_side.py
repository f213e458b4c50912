"""Which of two pictures is sharper? Run it in this folder, and join by the printed link."""

import dataforge as df


@df.task(duration="8s", name={"en": "Sharper", "ru": "Что резче"})
def image_side_by_side(left: df.Image, right: df.Image) -> df.SideBySide:
    """Which picture is sharper?"""
    ...


run = df.launch(image_side_by_side, "pairs.csv", policy=df.Policy(overlap=3), name="image-side-by-side")
run.wait()
print(run.labels().to_string())
