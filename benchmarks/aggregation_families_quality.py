"""Quality of pairs, texts and metrics on real crowd data beside Crowd-Kit, and how far the results are apart.

    python benchmarks/aggregation_families_quality.py DATA_FOLDER --peer PEER_PYTHON

PEER_PYTHON is the interpreter of an environment with crowd-kit==1.4.2 pandas==2.3.3 scikit-learn==1.5.2 nltk==3.9.1
numpy==2.3.5. DATA_FOLDER holds the folders crowdea_bike, llmfao, crowdspeech_dev_clean, crowdwsa_j1 and those of
categorical answers. Without --peer only our own figures are printed.
"""

from __future__ import annotations

import argparse
import os
import pickle
import re
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Python puts this folder first in the path, where platform.py hides the standard module of that name.
sys.path.pop(0)

import numpy as np
import pandas as pd

CATEGORICAL = ["rte", "weather_cf_amt", "labelme", "dog", "web", "s_rel"]


def trigrams(text: str) -> Any:
    """A vector of hashed trigrams of letters: an encoder that needs no model."""
    vector = np.full(64, 0.01)
    for start in range(max(len(text) - 2, 1)):
        vector[zlib.crc32(text[start : start + 3].encode()) % 64] += 1
    return vector


def edits(one: list[str], two: list[str]) -> int:
    row = list(range(len(two) + 1))
    for i, word in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(two, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def word_errors(found: dict[Any, str], gold: dict[Any, str]) -> float:
    """Word error rate."""
    pairs = [(found[task].split(), text.split()) for task, text in gold.items() if task in found]
    return sum(edits(*pair) for pair in pairs) / sum(len(text) for _, text in pairs)


def rank_correlation(scores: dict[Any, float], gold: dict[Any, float]) -> float:
    return float(pd.Series(scores).rank().corr(pd.Series(gold).rank()))


def plain(text: str) -> str:
    return re.sub(r"[^a-z' ]", "", text.lower()).strip()


def run(package: str, folder: Path) -> dict[str, tuple[Any, float | None]]:
    """Result and quality of each case."""
    import importlib

    methods = importlib.import_module(f"{package}.aggregation")
    metrics = importlib.import_module(f"{package}.metrics.data")
    workers = importlib.import_module(f"{package}.metrics.workers")
    ours = package == "dataforge"
    cases: dict[str, tuple[Any, float | None]] = {}

    def add(name: str, call: Callable[[], Any], quality: Callable[[Any], float] | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = call()
            except Exception as error:
                print(f"{package} {name}: {type(error).__name__} {error}", file=sys.stderr)
                return
        found = found.to_dict() if hasattr(found, "to_dict") else found
        cases[name] = (found, quality(found) if quality else None)

    def gold_of(name: str, column: str = "label", file: str = "gold.csv", key: str = "task") -> dict[Any, Any]:
        return pd.read_csv(folder / name / file).set_index(key)[column].to_dict()

    bike, mean = pd.read_csv(folder / "crowdea_bike" / "labels.csv"), gold_of("crowdea_bike")
    chat = pd.read_csv(folder / "llmfao" / "labels.csv").dropna(subset=["label"])
    machine = pd.read_csv(folder / "llmfao" / "gpt4.csv").dropna(subset=["label"])
    exact = {"tol": 1e-13} if ours else {"tol": 0}
    add(
        "BradleyTerry, bikes",
        lambda: methods.BradleyTerry(n_iter=100).fit_predict(bike),
        lambda s: rank_correlation(s, mean),
    )
    long = methods.BradleyTerry(n_iter=20_000, **exact)
    add("BradleyTerry without early stop, bikes", lambda: long.fit_predict(bike),
        lambda s: rank_correlation(s, mean))  # fmt: skip
    by_machine = long.fit_predict(machine).to_dict()
    add("BradleyTerry, language models", lambda: methods.BradleyTerry(n_iter=100).fit_predict(chat),
        lambda s: rank_correlation(s, by_machine))  # fmt: skip
    few = bike.sample(5000, random_state=0)
    add("NoisyBradleyTerry, bikes, 5,000", lambda: methods.NoisyBradleyTerry(n_iter=50).fit_predict(few),
        lambda s: rank_correlation(s, mean))  # fmt: skip
    if ours:
        whole = pd.read_csv(folder / "llmfao" / "labels.csv")
        add(
            "Davidson, language models",
            lambda: methods.Davidson().fit_predict(whole),
            lambda s: rank_correlation(s, by_machine),
        )
        add(
            "Elo, bikes, in the order of rows",
            lambda: methods.Elo().fit_predict(bike),
            lambda s: rank_correlation(s, mean),
        )
        many = methods.Elo(step=4, n_orders=20)
        add("Elo, bikes, mean of 20 orders", lambda: many.fit_predict(bike), lambda s: rank_correlation(s, mean))
        add(
            "AverageWinRate, bikes",
            lambda: methods.AverageWinRate().fit_predict(bike),
            lambda s: rank_correlation(s, mean),
        )
    speech = pd.read_csv(folder / "crowdspeech_dev_clean" / "labels.csv").dropna()
    speech["text"] = speech["text"].map(plain)
    said = gold_of("crowdspeech_dev_clean")
    rover = methods.ROVER(tokenizer=str.split, detokenizer=" ".join)
    add("ROVER, speech", lambda: rover.fit_predict(speech), lambda texts: word_errors(texts, said))
    known = {} if ours else {"true_objects": None}
    small = speech[speech.task.isin(sorted(set(speech.task))[:400])]
    for data, where, gold in (
        (small, "speech, 400 tasks", said),
        (
            pd.read_csv(folder / "crowdwsa_j1" / "labels.csv").drop_duplicates(["task", "worker"]),
            "translations",
            gold_of("crowdwsa_j1"),
        ),
    ):
        for name in ("TextRASA", "TextHRRASA"):
            made = getattr(methods, name)(trigrams)
            add(f"{name}, {where}", lambda made=made, data=data: made.fit_predict(data, **known),
                lambda texts, gold=gold: word_errors(texts, gold))  # fmt: skip
    for name in CATEGORICAL:
        answers = pd.read_csv(folder / name / "labels.csv").drop_duplicates(["task", "worker"])
        add(f"alpha_krippendorff, {name}", lambda answers=answers: metrics.alpha_krippendorff(answers))
        add(f"consistency, {name}", lambda answers=answers: metrics.consistency(answers, by_task=True))
        add(f"uncertainty, {name}", lambda answers=answers: metrics.uncertainty(answers, aggregate=False))
        add(
            f"accuracy_on_aggregates, {name}",
            lambda answers=answers: workers.accuracy_on_aggregates(answers, by="worker"),
        )
    return cases


def apart(one: Any, two: Any) -> str:
    """The largest difference, or how many texts differ."""
    one, two = (found if isinstance(found, dict) else {0: found} for found in (one, two))
    if set(one) != set(two):
        return "other keys"
    if any(isinstance(value, str) for value in one.values()):
        return f"{sum(one[key] != two[key] for key in one)} of {len(one)} texts"
    return f"{max(abs(one[key] - two[key]) for key in one):.1e}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", help="interpreter with Crowd-Kit")
    parser.add_argument("--run", nargs=2, metavar=("PACKAGE", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        Path(arguments.run[1]).write_bytes(pickle.dumps(run(arguments.run[0], arguments.folder)))
        return
    theirs: dict[str, tuple[Any, float | None]] = {}
    if arguments.peer:
        with tempfile.TemporaryDirectory() as temporary:
            out = Path(temporary) / "peer.pickle"
            command = [arguments.peer, __file__, str(arguments.folder), "--run", "crowdkit", str(out)]
            subprocess.run(command, check=True)
            theirs = pickle.loads(out.read_bytes())
    ours = run("dataforge", arguments.folder)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"\nPairs: rank correlation with the reference. Texts: word error rate. Load average {load}")
    print("| case | DataForge | Crowd-Kit | largest difference |")
    print("|---|--:|--:|--:|")
    for name, (found, quality) in ours.items():
        peer = theirs.get(name)
        cells = [name, "" if quality is None else f"{quality:.4f}"]
        cells += [
            "" if peer is None or peer[1] is None else f"{peer[1]:.4f}",
            "" if peer is None else apart(found, peer[0]),
        ]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
