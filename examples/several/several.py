"""All kinds that are in a picture, from three people, merged. Run it in this folder, and join by the printed link."""

import dataforge as df


class Fruit(df.Choice):
    APPLE = df.option("apple", ru="яблоко")
    PEAR = df.option("pear", ru="груша")
    PLUM = df.option("plum", ru="слива")


@df.task(duration="8s", name={"en": "Fruit", "ru": "Фрукты"})
def several(image: df.Image) -> set[Fruit]:
    """Which fruits are in the bowl?"""
    ...


run = df.launch(several, "images", policy=df.Policy(overlap=3, page=(2, 0)), name="several")
run.wait()
print(run.labels().to_string())
