"""What `aggregation.py` measures, and what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CASES", "Case", "Passes", "Short"]

Data = tuple[str, dict[str, Any]]
Aim = tuple[str, float]
"""("times", the least number of times that the other side's figure is ours) or ("most", the highest figure)."""


@dataclass(frozen=True)
class Short:
    """A run to take off from a longer one: what is left are iterations, `steps` of them.

    Ours are so short that a difference of few is lost in the noise: `ours_longer` has the parameters of a run with
    more iterations than the case's, and how many they are.
    """

    parameters: dict[str, Any]
    steps: int
    call: str = ""
    what: str = "an iteration"
    ours_longer: tuple[dict[str, Any], int] | None = None


def iterations(knob: str, long: int, ours: int, **others: Any) -> Short:
    """From 1 iteration to `long` on both sides, to `ours` for ours where that is more."""
    longer = ({**others, knob: ours}, ours - 1) if ours > long else None
    return Short({**others, knob: 1}, long - 1, ours_longer=longer)


@dataclass(frozen=True)
class Passes:
    """What an iteration cannot do without: lines of the workers' table, exponentials, bytes of answers."""

    answers: int
    lines: int
    table: int
    exponentials: int
    streamed: int


@dataclass(frozen=True)
class Case:
    """One measurement on both sides."""

    name: str
    data: Data
    call: str
    parameters: dict[str, Any] = field(default_factory=dict)
    short: Short | None = None
    whole: Aim | None = None
    iteration: Aim | None = None
    peak: Aim | None = None
    passes: Passes | None = None
    peer: bool = True
    large: bool = False
    shows_wall: bool = False
    repeats: int | None = None
    warm: bool = True


def answers(n: int, ids: str = "text", labels: int = 5, **others: Any) -> Data:
    """Made-up labels."""
    return "answers", {"n": n, "ids": ids, "labels": labels, **others}


def passes(n: int, labels: int, numbers: int, *, exponentials: bool = True) -> Passes:
    """One pass over n answers whose pairs (worker, label) have so many numbers of 8 bytes each in the table."""
    pairs = max(100, n // 500) * labels
    lines = -(-numbers * 8 // 64)
    return Passes(n, lines, pairs * numbers * 8, n // 5 * labels if exponentials else 0, 4 * n)


M = 1_000_000
TEXT, CODES = answers(M), answers(M, "categorical")
AGGREGATION, METRICS = "aggregation", "metrics.data"
ENDLESS = {"tol": -1e9}


def dawid_skene(name: str, data: Data, n: int, n_iter: int = 10, ours: int = 10, **others: Any) -> Case:
    """A case of Dawid and Skene's EM with a fixed number of iterations."""
    return Case(
        f"DawidSkene, {n_iter} iterations, {name}",
        data,
        "aggregation.DawidSkene",
        {"n_iter": n_iter, **ENDLESS},
        iterations("n_iter", n_iter, ours, **ENDLESS),
        passes=passes(n, 5, 10),
        **others,
    )


def rover(name: str, n: int, **others: Any) -> Case:
    """ROVER over sentences of about twelve words."""
    return Case(
        f"ROVER, {name} texts",
        ("texts", {"n": n}),
        "aggregation.ROVER",
        {"tokenizer": "split", "detokenizer": "join"},
        **others,
    )


def bradley_terry(name: str, n: int, items: int, ids: str = "int", **others: Any) -> Case:
    """Bradley and Terry's strengths; Crowd-Kit's iterations end after two, ours at the optimum."""
    data = ("comparisons", {"n": n, "items": items, "ids": ids})
    return Case(f"BradleyTerry, {name}", data, "aggregation.BradleyTerry", {"n_iter": 100}, **others)


ANSWERS = [
    Case("MajorityVote, 1M text", TEXT, "aggregation.MajorityVote", whole=("times", 10)),
    Case(
        "Wawa, 1M text",
        TEXT,
        "aggregation.Wawa",
        # Its only round: skills by agreement with the majority vote, and the vote that they weigh.
        short=Short({}, 1, "aggregation.MajorityVote", "its round: what it takes above MajorityVote"),
        iteration=("times", 100),
        passes=passes(2 * M, 1, 3, exponentials=False),
    ),
    Case(
        "ZeroBasedSkill, 3 rounds, 1M text",
        TEXT,
        "aggregation.ZeroBasedSkill",
        {"n_iter": 3, "lr_init": 0.5},
        iterations("n_iter", 3, 21, lr_init=0.5),
        iteration=("times", 100),
        passes=passes(M, 1, 3, exponentials=False),
    ),
    dawid_skene("1M text", TEXT, M, ours=41, whole=("times", 30), iteration=("times", 150)),
    Case(
        "OneCoinDawidSkene, 3 iterations, 1M text",
        TEXT,
        "aggregation.OneCoinDawidSkene",
        {"n_iter": 3, **ENDLESS},
        iterations("n_iter", 3, 31, **ENDLESS),
        iteration=("times", 100),
        passes=passes(M, 5, 2),
    ),
    Case(
        "MACE, 1 restart of 3 iterations, 1M text",
        TEXT,
        "aggregation.MACE",
        {"n_restarts": 1, "n_iter": 3},
        iterations("n_iter", 3, 31, n_restarts=1),
        iteration=("times", 100),
        passes=passes(M, 5, 2),
    ),
    Case("alpha_krippendorff, 1M text", TEXT, "metrics.data.alpha_krippendorff", whole=("times", 50)),
    dawid_skene("1M categorical", CODES, M, ours=41, whole=("times", 80), iteration=("times", 150)),
    Case("alpha_krippendorff, 1M categorical", CODES, "metrics.data.alpha_krippendorff", whole=("times", 50)),
    dawid_skene("1M integer", answers(M, "int"), M, ours=41, whole=("times", 80), iteration=("times", 150)),
    Case(
        "KOS, 6 rounds, 1M text, 2 labels",
        answers(M, labels=2),
        "aggregation.KOS",
        {"n_iter": 6},
        iterations("n_iter", 6, 31),
    ),
    Case(
        "GLAD, 2 iterations, 20k text",
        answers(20_000),
        "aggregation.GLAD",
        {"n_iter": 2, **ENDLESS},
        iterations("n_iter", 2, 6, **ENDLESS),
        iteration=("times", 100),
    ),
    Case("consistency, 100k text", answers(M // 10), "metrics.data.consistency", whole=("times", 100)),
    Case("uncertainty, 100k text", answers(M // 10), "metrics.data.uncertainty", whole=("times", 100)),
    Case(
        "MMSR, 2,000 workers, 1M categorical",
        CODES,
        "aggregation.MMSR",
        peak=("most", 1024),
        peer=False,
        repeats=1,
        warm=False,
    ),
    dawid_skene("10M integer", answers(10 * M, "int"), 10 * M, iteration=("most", 0.25), peer=False, repeats=1),
]
FAMILIES = [
    rover("10k", 10_000, whole=("times", 20)),
    bradley_terry("1M of 1,000 items, text", M, 1_000, "text"),
    bradley_terry("1M of 100,000 items, integer", M, 100_000, peer=False, repeats=1, shows_wall=True),
    Case(
        "NoisyBradleyTerry, 10k",
        ("comparisons", {"n": 10_000, "items": 100}),
        "aggregation.NoisyBradleyTerry",
        {"n_iter": 10, "tol": 0},
    ),
    Case("RASA, 5k, width 64", ("embedded", {"n": 5_000}), "aggregation.RASA", {"n_iter": 10, "tol": 0}),
    Case("HRRASA, 5k, width 64", ("embedded", {"n": 5_000}), "aggregation.HRRASA", {"n_iter": 10, "tol": 0}),
    Case("SegmentationMajorityVote, 450 masks", ("masks", {"n": 450}), "aggregation.SegmentationMajorityVote"),
    Case("SegmentationEM, 450 masks", ("masks", {"n": 450}), "aggregation.SegmentationEM"),
    Case("SegmentationRASA, 450 masks", ("masks", {"n": 450}), "aggregation.SegmentationRASA"),
    Case("accuracy_on_aggregates, 100k text", answers(M // 10), "metrics.workers.accuracy_on_aggregates"),
    Case("entropy_threshold, 100k text", answers(M // 10), "postprocessing.entropy_threshold"),
]
LARGE = [
    Case(
        "GLAD, 2 iterations, 100k text",
        answers(M // 10),
        "aggregation.GLAD",
        {"n_iter": 2, **ENDLESS},
        iterations("n_iter", 2, 6, **ENDLESS),
        iteration=("times", 100),
        large=True,
    ),
    dawid_skene("10M text", answers(10 * M), 10 * M, n_iter=3, whole=("times", 30), large=True, repeats=1),
    bradley_terry("10M of 100,000 items, integer", 10 * M, 100_000, peer=False, repeats=1, shows_wall=True, large=True),
    bradley_terry("10M of 100,000 items, text", 10 * M, 100_000, "text", peer=False, repeats=1, large=True),
    Case(
        "NoisyBradleyTerry, 1M",
        ("comparisons", {"n": M, "items": 1_000}),
        "aggregation.NoisyBradleyTerry",
        {"n_iter": 10, "tol": 0},
        peer=False,
        large=True,
    ),
    rover("100k", 100_000, peer=False, large=True),
    dawid_skene(
        "100M integer codes",
        answers(100 * M, "int32"),
        100 * M,
        peak=("most", 3 * 1024),
        peer=False,
        repeats=1,
        warm=False,
        shows_wall=True,
        large=True,
    ),
]
CASES = ANSWERS + FAMILIES + LARGE
