"""Does what a voice assistant says serve who asked? People label what a model learns most from; then the model votes.

python relevance.py                             opens the task: join by the printed links and answer
python relevance.py --simulate                  lets simulated people answer
python relevance.py --simulate --pairs pairs.jsonl     your own: lines {"query": "…", "text": "…", "relevance": 0}
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from pairs import known, people  # type: ignore[import-not-found]
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import dataforge as df


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="let simulated people answer")
    parser.add_argument("--pairs", type=Path, help="a file of JSON lines with `query`, `text` and `relevance`")
    given = parser.parse_args()
    truth = known(given.pairs)
    pairs, where = [{"query": one, "text": two} for one, two in truth], people(truth) if given.simulate else None
    few, policy = len(pairs) // 2, df.Policy(overlap=3, page=(6, 0), speed=())
    loop = df.loop(
        pairs, serves, LogisticRegression(C=10), few // 6, df.StopRule(labels=few), holdout=few // 2,
        features=features(pairs), policy=policy, name="relevance", platform=where,
    )  # fmt: skip
    print(loop.wait().curve()[["labels", "accuracy", "low", "high"]].to_string(index=False))
    rest = loop.apply(df.Policy(overlap=(1, 3), min_confidence=0.9, page=(5, 1), speed=()), platform=where)
    rest.wait()
    found = rest.labels()
    right = [truth[query, text] == said for query, text, said in found[["query", "text", "answer"]].to_numpy()]
    print(f"rest: {len(found)} pairs, {found['overlap'].mean():.2f} answers of people each, {np.mean(right):.3f} right")


if __name__ == "__main__":
    main()
