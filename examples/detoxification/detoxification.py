"""Rude texts are written anew, judged by others for meaning and tone, and mended: a pipeline of three tasks.

python detoxification.py                        opens the tasks: join by the printed links and answer
python detoxification.py --simulate             lets simulated people answer
python detoxification.py --simulate --texts paradetox.jsonl     other texts: lines {"toxic": "…", "neutral": ["…"]}
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

OURS = {
    "Shut up and delete this stupid page.": ["Please delete this page."],
    "What idiot parked here?": ["Who parked here?"],
    "Your idea is garbage, as always.": ["I do not like your idea."],
    "Move your fat dog out of the way!": ["Please move your dog.", "Could you move your dog?"],
}


@df.task(duration="40s")
def rewrite(text: df.Text, tried: df.Text | None) -> Annotated[str, df.Text(shortest=1)]:
    """Say the same politely. What was **tried** before was not good enough."""
    ...


@df.task(duration="15s")
def same_meaning(before: df.Text, after: df.Text) -> bool:
    """Do both texts say the same, whatever their tone?"""
    ...


@df.task(duration="8s")
def is_polite(said: df.Text) -> bool:
    """Could this be said to anybody without hurting them?"""
    ...


@df.pipeline
async def detoxification(text: df.Text) -> dict[str, Any]:
    """A text said politely, after as many attempts as it takes, three at most."""
    tried = None
    for attempt in (1, 2, 3):
        [tried] = (await rewrite(text, tried)).answer
        same, polite = await asyncio.gather(same_meaning(text, tried), is_polite(tried))
        if same.answer and polite.answer:
            return {"neutral": tried, "attempts": attempt}
    return {"neutral": None, "attempts": attempt}


def simulated(known: dict[str, list[str]]) -> SimulatedPlatform:
    """People who write six texts of ten well; two stay rude, two say something else. They judge nine of ten rightly."""

    def answer(inputs: Mapping[str, Any], truth: Any, chance: Random) -> dict[str, Any]:
        if "text" in inputs:
            well = chance.choice(known[inputs["text"]])
            return {"answer": chance.choice([well] * 6 + [inputs["text"]] * 2 + ["Hello there."] * 2)}
        if "said" in inputs:
            yes = inputs["said"] not in known
        else:
            yes = inputs["after"] in (inputs["before"], *known[inputs["before"]])
        return {"answer": yes if chance.random() < 0.9 else not yes}

    return SimulatedPlatform([SimulatedWorker(f"w{number}", answer) for number in range(12)], seed=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    parser.add_argument("--texts", type=Path, help="a file of JSON lines with `toxic` and `neutral`")
    given = parser.parse_args()
    lines = [] if given.texts is None else map(json.loads, given.texts.read_text("utf-8").splitlines())
    known = {line["toxic"]: line["neutral"] for line in lines} or OURS
    judged = df.Policy(overlap=3, page=(5, 0), speed=())
    written = judged.changed(quality="collect", overlap=1)
    run = df.launch(
        detoxification,
        [{"text": text} for text in known],
        policies={rewrite: written, same_meaning: judged, is_polite: judged},
        platform=simulated(known) if given.simulate else None,
    )
    run.wait()
    labels, paid = run.labels(), run.cost()["paid"].sum()
    done = labels["neutral"].notna()
    print(labels[["text", "neutral", "attempts"]].head(20).to_string())
    right = [
        neutral in known[text] for text, neutral in zip(labels["text"][done], labels["neutral"][done], strict=True)
    ]
    print(f"{done.mean():.0%} pass, {paid / max(1, done.sum()):.3f} USD each", end="")
    print(f"; of these {sum(right) / max(1, len(right)):.0%} are right" if given.simulate else "")
    print(run.flow().to_string(index=False))
    run.close()


if __name__ == "__main__":
    main()
