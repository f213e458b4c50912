"""Read a sentence aloud; other people listen to it. Run it in this folder, and join by the printed link."""

import dataforge as df


@df.task(duration="20s", name={"en": "Read aloud", "ru": "Прочитайте вслух"})
def speech_recording(text: df.Text) -> df.Audio:
    """Read the sentence aloud, without haste."""
    ...


run = df.launch(speech_recording, "sentences.csv", policy=df.Policy(page=(3, 0), attempts=2), name="speech-recording")
run.wait()
print(run.labels().to_string())
