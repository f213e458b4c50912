"""When each tone is heard, from three people, merged into one. Run it in this folder.

python segments.py              opens the task: join by the printed link and mark
python segments.py --simulate   lets six simulated people mark
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import dataforge as df
from dataforge.simulation import simulate


class Tone(df.Choice):
    HIGH = df.option("high", ru="высокий")
    LOW = df.option("low", ru="низкий")


@df.task(duration="40s", name={"en": "Segments", "ru": "Отрезки"})
def segments(recording: df.Audio) -> Annotated[list[Any], df.Segments(Tone)]:
    """Mark each tone from its beginning to its end."""
    ...


KNOWN = {
    "tones-1.wav": [(0.4, 1.0, "high"), (1.4, 2.2, "low")],
    "tones-2.wav": [(0.3, 1.6, "low"), (1.8, 2.3, "low")],
    "tones-3.wav": [(0.8, 1.2, "high")],
    "tones-4.wav": [],
}


def main() -> None:
    simulated = "--simulate" in sys.argv
    policy = df.Policy(quality="merge", overlap=3, page=(2, 0))
    if simulated:
        # They answer in no time; with people leave the rules about speed on.
        policy = policy.changed(speed=())
    run = df.launch(segments, "recordings", policy=policy, name="segments")
    if simulated:
        known = [{"recording": f"recordings/{name}", "answer": tones} for name, tones in KNOWN.items()]
        simulate("segments", truth=known, workers=6, seed=1)
    run.wait()
    print(run.labels().to_string())


if __name__ == "__main__":
    main()
