"""Which tones are heard, and when? Pieces of a sound with labels, collected from three people each.

python tones.py              opens the task: join by the printed link and answer
python tones.py --simulate   lets six simulated people answer
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from pathlib import Path
from typing import Annotated, Any

import dataforge as df
from dataforge.simulation import simulate


class Tone(df.Choice):
    HIGH = df.option("high", ru="высокий")
    LOW = df.option("low", ru="низкий")


@df.task(duration="30s")
def tones(sound: df.Audio) -> Annotated[list[Any], df.Segments(Tone)]:
    """Mark each tone from its beginning to its end, and say whether it is high or low."""
    ...


KNOWN = {
    "one.wav": [(0.4, 1.2, "high"), (1.8, 2.9, "low")],
    "two.wav": [(0.5, 1.5, "low"), (1.5, 2.0, "high"), (2.2, 2.8, "low")],
    "none.wav": [],
}
PITCH = {"high": 880, "low": 220}
RATE, SECONDS = 16_000, 3


def record(path: Path, heard: list[tuple[float, float, str]]) -> Path:
    """Write a recording in which these tones are heard."""
    samples = array("h", bytes(2 * RATE * SECONDS))
    for start, end, tone in heard:
        for place in range(round(start * RATE), round(end * RATE)):
            samples[place] = round(8_000 * math.sin(2 * math.pi * PITCH[tone] * place / RATE))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def main() -> None:
    simulated = "--simulate" in sys.argv
    policy = df.Policy(quality="collect", overlap=3)
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    known = [{"sound": record(Path(name), heard), "answer": heard} for name, heard in KNOWN.items()]
    run = df.launch(tones, [{"sound": row["sound"]} for row in known], policy=policy, name="tones")
    if simulated:
        simulate("tones", truth=known, workers=6, seed=1)
    run.wait()
    print(run.solutions()[["sound", "answer"]].to_string())


if __name__ == "__main__":
    main()
