"""How good a result is, and how far two results are apart."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["classes", "intersection", "numbers", "order", "word_errors"]

Quality = dict[str, float]


def classes(found: pd.Series, gold: pd.Series) -> Quality:
    """Share of tasks with the known label, and the mean over the labels of F1."""
    pairs = pd.DataFrame({"found": found.reindex(gold.index), "gold": gold})
    right = pairs["found"] == pairs["gold"]
    scores = []
    for label in sorted(gold.unique()):
        both = int((right & (pairs["gold"] == label)).sum())
        either = int((pairs["found"] == label).sum() + (pairs["gold"] == label).sum())
        scores.append(2 * both / either)
    return {"accuracy": float(right.mean()), "macro F1": float(np.mean(scores))}


def order(scores: pd.Series, left_out: pd.DataFrame, reference: pd.Series) -> Quality:
    """Share of left-out comparisons whose winner has the higher score (equal scores: half), and Kendall's tau-b."""
    decided = left_out.dropna(subset=["label"])
    other = decided["left"].where(decided["right"] == decided["label"], decided["right"])
    gap = scores.reindex(decided["label"]).to_numpy() - scores.reindex(other).to_numpy()
    common = scores.index.intersection(reference.index)
    return {
        "held-out comparisons": float(np.mean((gap > 0) + 0.5 * (gap == 0))),
        "Kendall": float(scores[common].corr(reference[common], method="kendall")),
    }


def word_errors(found: dict[Hashable, str], gold: dict[Hashable, str]) -> Quality:
    """Edits from the found texts to the known ones, over the words of these."""
    pairs = [(found.get(task, "").split(), text.split()) for task, text in gold.items()]
    return {"word error rate": sum(edits(*pair) for pair in pairs) / sum(len(text) for _, text in pairs)}


def edits(one: list[str], two: list[str]) -> int:
    row = list(range(len(two) + 1))
    for i, word in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(two, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def numbers(found: pd.Series, gold: pd.Series) -> Quality:
    """Root of the mean squared error, and Spearman's rank correlation."""
    found = found.reindex(gold.index)
    return {"RMSE": float(np.sqrt(((found - gold) ** 2).mean())), "Spearman": rank_correlation(found, gold)}


def rank_correlation(one: pd.Series, two: pd.Series) -> float:
    return float(one.rank().corr(two.rank()))


def intersection(found: dict[Hashable, Any], true: dict[str, Any]) -> Quality:
    """Mean over the pictures of the masks' intersection over their union."""
    return {
        "mean IoU": float(
            np.mean([(found[key] & mask).sum() / (found[key] | mask).sum() for key, mask in true.items()])
        )
    }
