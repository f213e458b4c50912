"""The public sets: answers, known answers, and what stands in for known answers where there are none."""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["CATEGORICAL", "NUMBERS", "PAIRS", "TEXTS", "Sets", "plain", "trigrams"]

CATEGORICAL = (
    "bluebird", "rte", "temp", "dog", "weather_cf_amt", "labelme", "quiz_english", "quiz_science", "zencrowd_us", "web",
    "d_possent", "d_product", "vcc2018_mos", "s_rel", "fact_eval",
)  # fmt: skip
NUMBERS = ("n_emotion", "mushra_codec", "vcc2018_mos", "web")
PAIRS = ("crowdea_bike", "llmfao")
TEXTS = ("crowdspeech_dev_clean", "crowdwsa_j1")
WIDTH = 64


class Sets:
    """Reads the sets of a folder; each is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read = cache(self._read)
        self.heard = cache(self._heard)
        self.embedded = cache(self._embedded)

    def _read(self, name: str, file: str = "labels") -> pd.DataFrame:
        return pd.read_csv(self.folder / name / f"{file}.csv")

    def has_gold(self, name: str) -> bool:
        return (self.folder / name / "gold.csv").exists()

    def gold(self, name: str, column: str = "label") -> pd.Series:
        """The known answer of each task, or else one held-out answer of each task that has others."""
        if not self.has_gold(name):
            return self.held_out(name)[1]
        return self.read(name, "gold").set_index("task")[column]

    def answers(self, name: str) -> pd.DataFrame:
        """Answers to aggregate: columns task, worker, label; without those that are held out for want of gold."""
        data = self.read(name) if self.has_gold(name) else self.held_out(name)[0]
        return data[["task", "worker", "label"]]

    def held_out(self, name: str) -> tuple[pd.DataFrame, pd.Series]:
        """All answers but one of each task, drawn at random, and those; tasks with one answer are left out of these."""
        data = self.read(name)
        drawn = data.sample(frac=1, random_state=0).groupby("task", sort=True).head(1)
        sizes = data["task"].map(data["task"].value_counts())
        drawn = drawn[sizes.loc[drawn.index] > 1]
        return data.drop(drawn.index), drawn.set_index("task")["label"]

    def comparisons(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Four comparisons of five to learn from, drawn at random, and the rest."""
        data = self.read(name)[["worker", "left", "right", "label"]]
        learnt = data.sample(frac=0.8, random_state=0)
        return learnt, data.drop(learnt.index)

    def reference_order(self, name: str) -> pd.Series:
        """A number for each item that other people, or a language model, gave: higher is better."""
        if self.has_gold(name):
            return self.gold(name)
        judged = self.read(name, "gpt4")
        points = pd.concat(
            [
                pd.DataFrame({"item": judged[side], "points": np.where(judged["label"].isna(), 0.5, won)})
                for side in ("left", "right")
                for won in [(judged["label"] == judged[side]).astype(float)]
            ]
        )
        return points.groupby("item")["points"].mean()

    def _heard(self, name: str) -> pd.DataFrame:
        """Texts, one of a worker to a task; of speech without case and punctuation, like the known transcripts."""
        data = self.read(name).dropna().drop_duplicates(["task", "worker"]).reset_index(drop=True)
        if name.startswith("crowdspeech"):
            data["text"] = data["text"].map(plain)
        return data

    def _embedded(self, name: str) -> pd.DataFrame:
        data = self.heard(name).rename(columns={"text": "output"})
        return data.assign(embedding=[trigrams(text) for text in data["output"]])


def plain(text: str) -> str:
    """Lower case, letters and apostrophes only."""
    return re.sub(r"[^a-z' ]", "", text.lower()).strip()


def trigrams(text: str) -> Any:
    """A vector of hashed trigrams of letters: an encoder that needs no model."""
    vector = np.full(WIDTH, 0.01)
    for start in range(max(len(text) - 2, 1)):
        vector[zlib.crc32(text[start : start + 3].encode()) % WIDTH] += 1
    return vector
