"""Does what a voice assistant says serve who asked? People label what a model learns most from; then the model votes.

python relevance.py                             opens the task: join by the printed links and answer
python relevance.py --simulate                  lets simulated people answer
python relevance.py --simulate --pairs pairs.jsonl     your own: lines {"query": "…", "text": "…", "relevance": 0}
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

SAID = {
    "set an alarm for {}": "The alarm is set for {}.",
    "how do I get to {}": "It takes ten minutes to {} from here.",
}
THINGS = ["seven", "noon", "midnight", "dawn", "dinner", "lunch", "school", "home", "work", "church", "market", "town"]


@df.task(duration="12s")
def serves(query: df.Text, text: df.Text) -> bool:
    """Does the **text** serve who asked the **query**?"""
    ...


def features(items: list[dict[str, Any]]) -> Any:
    """How alike the two texts are, by words and by parts of words."""
    alike = []
    for settings in ({"stop_words": "english"}, {"analyzer": "char_wb", "ngram_range": (3, 4)}):
        words = TfidfVectorizer(**settings).fit([item[name] for item in items for name in ("query", "text")])
        query, text = (words.transform([item[name] for item in items]) for name in ("query", "text"))
        alike.append(np.asarray(query.multiply(text).sum(axis=1)).ravel())
    return np.column_stack(alike)


def ours() -> Iterator[dict[str, Any]]:
    """Requests with the answer to them, with one to something else, and with one about something else."""
    for place, thing in enumerate(THINGS):
        for (ask, say), other in zip(SAID.items(), reversed(SAID.values()), strict=True):
            for text, good in ((say, 1), (other, 0), (say, 1), (say.format(THINGS[place - 1]), 0)):
                yield {"query": ask.format(thing), "text": text.format(thing), "relevance": good}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    parser.add_argument("--pairs", type=Path, help="a file of JSON lines with `query`, `text` and `relevance`")
    given = parser.parse_args()
    lines = [] if given.pairs is None else map(json.loads, given.pairs.read_text("utf-8").splitlines())
    truth = {(pair["query"], pair["text"]): pair["relevance"] > 0 for pair in lines or ours()}

    def answer(item: Any, known: Any, chance: Random) -> dict[str, Any]:
        return {"answer": truth[item["query"], item["text"]] == (chance.random() < 0.9)}

    people = (
        SimulatedPlatform([SimulatedWorker(f"w{n}", answer) for n in range(40)], seed=1) if given.simulate else None
    )
    pairs = [{"query": query, "text": text} for query, text in truth]
    few, policy = len(pairs) // 2, df.Policy(overlap=3, page=(6, 0), speed=())
    loop = df.loop(
        pairs, serves, LogisticRegression(C=10), few // 6, df.StopRule(labels=few), holdout=few // 2,
        features=features(pairs), policy=policy, name="relevance", platform=people,
    )  # fmt: skip
    print(loop.wait().curve()[["labels", "accuracy", "low", "high"]].to_string(index=False))
    rest = loop.apply(df.Policy(overlap=(1, 3), min_confidence=0.9, page=(5, 1), speed=()), platform=people)
    rest.wait()
    found = rest.labels()
    right = [
        truth[query, text] == said
        for query, text, said in found[["query", "text", "answer"]].itertuples(index=False, name=None)
    ]
    print(f"rest: {len(found)} pairs, {found['overlap'].mean():.2f} answers of people each, {np.mean(right):.3f} right")


if __name__ == "__main__":
    main()
