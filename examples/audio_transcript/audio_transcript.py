"""Write down what is heard; other people judge each answer. Run it in this folder, and join by the printed link."""

import dataforge as df


@df.task(duration="15s", name={"en": "Tones", "ru": "Тоны"})
def audio_transcript(recording: df.Audio) -> df.Text:
    """Write down each tone as a word: **high** or **low**."""
    ...


policy = df.Policy(page=(2, 0), check=df.Policy(overlap=(2, 4), page=(3, 1)))
run = df.launch(audio_transcript, "recordings", "known.csv", policy, name="audio-transcript")
run.wait()
print(run.labels().to_string())
