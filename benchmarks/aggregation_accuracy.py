"""Accuracy on real crowd data beside Crowd-Kit, and how far the results are apart.

    python benchmarks/aggregation_accuracy.py DATA_FOLDER --peer PEER_PYTHON [--sets rte,dog]

PEER_PYTHON is the interpreter of an environment with crowd-kit==1.4.2 pandas==2.3.3 scikit-learn==1.5.2 nltk==3.9.1
numpy==2.3.5. DATA_FOLDER holds a folder for each set with labels.csv (task, worker, label) and gold.csv (task, label).
Without --peer only our own accuracies are printed.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder: a file of it is named like a module of the standard library

import argparse
import importlib
import os
import pickle
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

METHODS = {
    "MajorityVote": {},
    "Wawa": {},
    "ZeroBasedSkill": {},
    "GoldMajorityVote": {},
    "DawidSkene": {},
    "OneCoinDawidSkene": {},
    "GLAD": {},
    "MACE": {},
    "MMSR": {},
    "KOS": {},
}
# What takes the peer longer than a coffee; the figure printed is then ours alone.
TOO_LONG_FOR_PEER = {("GLAD", 13_000), ("MMSR", 10_000), ("MACE", 30_000)}


def sets_in(folder: Path) -> list[str]:
    names = []
    for path in sorted(folder.iterdir()):
        readme = path / "README.md"
        if (path / "gold.csv").exists() and readme.exists() and "Type: categorical" in readme.read_text("utf-8"):
            names.append(path.name)
    return names


def run(package: str, folder: Path, names: list[str], out: Path, is_peer: bool) -> None:
    import pandas as pd

    module = importlib.import_module(f"{package}.aggregation")
    results: dict[tuple[str, str], dict[str, Any]] = {}
    for name in names:
        data = pd.read_csv(folder / name / "labels.csv")[["task", "worker", "label"]]
        gold = pd.read_csv(folder / name / "gold.csv").set_index("task")["label"]
        for method, parameters in METHODS.items():
            too_long = any(method == slow and len(data) >= size for slow, size in TOO_LONG_FOR_PEER)
            if (method == "KOS" and data["label"].nunique() != 2) or (is_peer and too_long):
                continue
            results[name, method] = result(getattr(module, method)(**parameters), data, gold)
            print(package, name, method, f"{results[name, method]['seconds']:.2f} s", file=sys.stderr)
    out.write_bytes(pickle.dumps(results))


def result(estimator: Any, data: Any, gold: Any) -> dict[str, Any]:
    start = time.process_time()
    extra = (gold,) if type(estimator).__name__ == "GoldMajorityVote" else ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            labels = estimator.fit_predict(data, *extra)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}", "seconds": time.process_time() - start}
    seconds = time.process_time() - start
    probas = getattr(estimator, "probas_", None)
    if probas is None:
        probas = getattr(estimator, "scores_", None)
    return {
        "accuracy": float((labels.reindex(gold.index) == gold).mean()),
        "labels": labels.to_dict(),
        "probas": None if probas is None else (list(probas.index), list(probas.columns), probas.to_numpy()),
        "seconds": seconds,
    }


def apart(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, int]:
    """The greatest difference of two probabilities, and the number of tasks with different labels."""
    import pandas as pd

    different = sum(ours["labels"][task] != label for task, label in theirs["labels"].items())
    if ours["probas"] is None or theirs["probas"] is None:
        return float("nan"), different
    frames = [
        pd.DataFrame(values, index=rows, columns=columns)
        for rows, columns, values in (ours["probas"], theirs["probas"])
    ]
    return float((frames[0].loc[frames[1].index, frames[1].columns] - frames[1]).abs().max().max()), different


def table(ours: dict[Any, Any], theirs: dict[Any, Any]) -> None:
    print(f"load average {os.getloadavg()[0]:.2f}; seconds are CPU time of fit_predict")
    print("| set | method | accuracy | Crowd-Kit | max difference | labels that differ | seconds | Crowd-Kit |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for key, mine in ours.items():
        peer = theirs.get(key)
        cells = [*key, f"{mine['accuracy']:.4f}" if "accuracy" in mine else mine["error"]]
        if peer is None:
            cells += ["not run", "", "", f"{mine['seconds']:.2f}", ""]
        elif "error" in peer:
            cells += [peer["error"][:40], "", "", f"{mine['seconds']:.2f}", f"{peer['seconds']:.2f}"]
        else:
            difference, labels = apart(mine, peer)
            cells += [
                f"{peer['accuracy']:.4f}",
                f"{difference:.1e}",
                str(labels),
                f"{mine['seconds']:.2f}",
                f"{peer['seconds']:.2f}",
            ]
        print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", help="interpreter with Crowd-Kit")
    parser.add_argument("--sets", help="names of sets, with commas")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = arguments.sets.split(",") if arguments.sets else sets_in(arguments.folder)
    if arguments.run:
        run(arguments.run, arguments.folder, names, arguments.out, is_peer=True)
        return
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "peer"
        theirs = {}
        if arguments.peer:
            # A text of the peer's own, such as a progress bar, must not get between the rows of the table.
            command = [arguments.peer, __file__, str(arguments.folder), "--sets", ",".join(names), "--run", "crowdkit"]
            subprocess.run([*command, "--out", str(out)], check=True, stdout=subprocess.DEVNULL)
            theirs = pickle.loads(out.read_bytes())
        mine = Path(temporary) / "ours"
        run("dataforge", arguments.folder, names, mine, is_peer=False)
        table(pickle.loads(mine.read_bytes()), theirs)


if __name__ == "__main__":
    main()
