"""How does a customer like it? Run it in this folder, and join by the printed link."""

import dataforge as df


class Mood(df.Choice):
    GOOD = df.option("good", ru="доволен")
    BAD = df.option("bad", ru="недоволен")


@df.task(duration="10s", name={"en": "Reviews", "ru": "Отзывы"})
def text_classification(text: df.Text) -> Mood:
    """How does the writer like it?"""
    ...


run = df.launch(text_classification, "items.csv", "control.csv", name="text-classification")
run.wait()
print(run.labels().to_string())
