"""How natural do voices sound? python voices.py FOLDER, whose labels.jsonl names clips, their system and utterance."""

import sys
from typing import Annotated

import dataforge as df


@df.task(duration="12s", name={"en": "How natural is the voice?", "ru": "Насколько естественен голос?"})
def natural(file: Annotated[str, df.Audio(play_to_end=True)]) -> Annotated[int, df.Mos(item="utterance")]:
    """Listen to the end. How **natural** does the voice sound, however well you understand it?"""
    ...


run = df.launch(natural, f"{sys.argv[1]}/labels.jsonl", policy=df.Policy(overlap=8, page=(7, 0)), name="voices")
run.wait()
print(run.mos().systems.round(2).to_string())
run.mos().save("voices.svg", "Naturalness")
